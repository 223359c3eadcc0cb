"""What the address asks of a throughline, and the words that all its parts share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import today
from throughline.cascade.chain import Line, Picture, Throughline, throughline_of
from throughline.cascade.rules.chain import Counts, Mark, Unit
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid
from throughline.places.models import Group, Grouping, Place, Tier
from throughline.places.queries import division_of, tiers_below
from throughline.plans.models import Element, Plan
from throughline.ui.links import query_with
from throughline.ui.words import LATE, MARK_WORDS
from throughline.ui.writing import day, instant, is_chinese, listed, number

BY_STAGE = list(Mark)
ORDER = {mark: number for number, mark in enumerate(BY_STAGE)}
"""Where a mark stands in the order of the picture."""


def language() -> str:
    """The reader's language."""
    return get_language() or "en"


@dataclass(frozen=True)
class Asked:
    """The throughline as the address asks for it. `at` is the position that is opened, 0 for
    none; `places` are those of which the name was asked already, by position."""

    request: HttpRequest
    actor: Actor
    found: Throughline
    at: int
    tiers: Mapping[int, Tier]
    places: dict[int, Place] = field(default_factory=dict)

    @property
    def line(self) -> Line:
        """Where the places lie."""
        return self.found.line

    @property
    def picture(self) -> Picture:
        """Where they stand."""
        return self.found.picture

    @property
    def element(self) -> Element:
        """What is passed down."""
        return self.found.element

    @property
    def plan(self) -> Plan:
        """The plan that it stands in."""
        return self.element.version.plan

    def link(self, **changes: str | int | None) -> str:
        """A link to this page with other parameters; the page of the list begins anew."""
        return query_with(self.request.GET, **{"page": None, **changes})

    def named(self, positions: Iterable[int]) -> Mapping[int, Place]:
        """The places at some positions, and all that were asked for before; those that are not
        known yet are read at once."""
        line = self.line
        wanted = {line.ids[each]: each for each in positions if each not in self.places}
        if wanted:
            found = Place.objects.filter(pk__in=wanted)
            self.places.update((wanted[place.pk], place) for place in found)
        return self.places

    @cached_property
    def division(self) -> tuple[Grouping, Mapping[int, Group]] | None:
        """The grouping that divides the tier right below the plan's place, with the group of
        each unit by position; by today's tree, like the line."""
        below = self.tiers.get(min(self.tiers)) if self.tiers else None
        found = division_of(below, today()) if below else None
        if found is None:
            return None
        grouping, groups = found
        ids = self.line.ids
        return grouping, {at: groups[each] for at, each in enumerate(ids) if each in groups}

    def given(self, name: str) -> str:
        """A parameter of the address."""
        return self.request.GET.get(name, "").strip()[:100]


def day_asked(text: str) -> date | None:
    """A day as it stands in the address; None where none is given."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(_("Write the day as 2020-11-01.")) from error


def asked(request: HttpRequest, plan: str, key: str) -> Asked:
    """What the address asks for."""
    actor = actor_of(request)
    signed_in(actor)
    on, than = (day_asked(request.GET.get(name, "").strip()) for name in ("on", "than"))
    found = throughline_of(actor, plan, key, on=on, than=than)
    code = request.GET.get("at", "").strip()
    tiers = {each.level: each for each in tiers_below(found.element.version.plan.place)}
    return Asked(request, actor, found, found.line.at(code) if code else 0, tiers)


# -- words ---------------------------------------------------------------------------------


def since_text(asked_for: Asked, unit: Unit) -> str:
    """Since when a unit stands where it does; a silence to the second."""
    since = unit.stand.since
    if since is None:
        return ""
    if not isinstance(since, datetime):
        return day(since, language())
    zone = asked_for.picture.zone
    if unit.stand.silent:
        return instant(since, zone, language())
    return day(since.astimezone(zone).date(), language())


def in_words(counts: Counts) -> str:
    """How many units stand where, for who does not see the drawing."""
    said = [f"{MARK_WORDS[mark]} {number(counts.at(mark))}" for mark in BY_STAGE if counts.at(mark)]
    if counts.late:
        said.append(f"{LATE} {number(counts.late)}")
    return listed(said, language())


def many(tier: Tier | None, count: int = 2) -> str:
    """The units of a tier, so many of them, within a sentence."""
    if tier is None:
        return _("places")
    name = tier.name if count == 1 else tier.plural
    return name if is_chinese(language()) else name.lower()


def lowest(here: Asked, count: int = 2) -> str:
    """The units of the lowest tier, so many of them, within a sentence."""
    return many(here.tiers.get(max(here.line.levels)), count)


def evidence_text(unit: Unit) -> str:
    pieces = unit.stand.evidence
    return ngettext(
        "%(count)s piece of evidence", "%(count)s pieces of evidence", pieces
    ) % {"count": number(pieces)}  # fmt: skip


def unit_url(here: Asked, position: int) -> str:
    """Where more is said of a unit: at its assignment, else at its place."""
    keys = here.picture.units[position].stand.assignments
    if keys:
        return reverse("assignment", args=[keys[0]])
    return reverse("place", args=[here.plan.scheme.key, here.line.codes[position]])
