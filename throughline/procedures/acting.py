"""Who acts in a case: the bodies and posts for which the relations of a procedure stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from throughline.bodies.models import Body, Post
from throughline.bodies.queries import today
from throughline.places.models import Place
from throughline.places.queries import ancestors
from throughline.procedures.listing import Listing
from throughline.procedures.rules import process
from throughline.procedures.rules.kinds import Relation


class NobodyActs(Exception):
    """There is no such body here, or it has no such post: its key is the argument."""


@dataclass(frozen=True)
class Parties:
    """A case's own bodies, and where it stands: by these the others are found."""

    listing: Listing
    submitter: Body
    lead: Body
    place: Place
    tier: str
    supporting: dict[str, Body] = field(default_factory=dict)

    def of(self, acting: process.Actor, supporting: str = "") -> tuple[Body, Post | None]:
        """The body that acts, of several the one of a key, and its post where one is named."""
        body = self._body(acting, supporting)
        if not acting.post:
            return body, None
        post = Post.objects.filter(body=body, key=acting.post).first()
        if post is None:
            raise NobodyActs(f"{body.key}/{acting.post}")
        return body, post

    def _body(self, acting: process.Actor, supporting: str) -> Body:
        match acting.relation:
            case Relation.SUBMITTER:
                return self.submitter
            case Relation.LEAD_BODY:
                return self.lead
            case Relation.SUPPORTING_BODIES:
                return self.supporting[supporting]
            case None:
                return self._of_key(acting.body)
        return self._of_key(self.listing.actors.get(acting.relation, {}).get(self.tier, ""))

    def _of_key(self, template: str) -> Body:
        keys = self._keys(template)
        there = Body.objects.select_related("place").in_bulk(keys, field_name="key")
        found = next((there[key] for key in keys if key in there), None)
        if found is None:
            raise NobodyActs(keys[0] if keys else template)
        return found

    def _keys(self, template: str) -> list[str]:
        """The keys that a template can stand for, the nearest first; keys are in lower case."""
        if "{parent}" in template:
            above = [each.code for each in reversed(ancestors(self.place, today())[:-1])]
            return [template.replace("{parent}", code).lower() for code in above]
        return [template.replace("{code}", self.place.code).lower()]

    def missing(self, drawn: process.Process) -> list[tuple[str, str]]:
        """The steps at which nobody would act, each with the key of who is not there: a case is
        not to find that out half-way."""
        found = []
        for node, step in drawn.steps().items():
            several = list(self.supporting) if step.together else [""]
            for said in filter(None, (step.actor, step.escalates_to)):
                for each in several if said.relation is Relation.SUPPORTING_BODIES else [""]:
                    try:
                        self.of(said, each)
                    except NobodyActs as nobody:
                        found.append((node, str(nobody)))
        return list(dict.fromkeys(found))
