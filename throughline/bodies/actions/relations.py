"""Relations between bodies, from a day on and up to another."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from throughline.bodies.models import Body, Relation
from throughline.bodies.permissions import require_administrator_of
from throughline.bodies.rules import RelationKind
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.memory import forget_all


@action("body.relate")
def relate_bodies(
    act: Act,
    *,
    superior: Body,
    subordinate: Body,
    kind: RelationKind,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Relation:
    """Put one body under another by a kind of relation, from a day on (always) and up to
    another (for good). The same once more changes nothing."""
    require_administrator_of(act.actor, subordinate.place)
    if superior.pk == subordinate.pk:
        raise Invalid(_("A body is not its own superior."), place="superior")
    if valid_from and valid_to and valid_to <= valid_from:
        raise Invalid(_("A relation holds for a day at least."), place="valid_to")
    # In the order of their keys, so that two who relate the same pair wait for each other.
    pair = Body.objects.filter(pk__in=[superior.pk, subordinate.pk]).order_by("pk")
    list(pair.select_for_update())
    given = {"superior": superior, "subordinate": subordinate, "kind": kind}
    same = Relation.objects.filter(**given, valid_from=valid_from, valid_to=valid_to).first()
    if same is None:
        _require_free(superior, subordinate, kind, valid_from, valid_to)
        same = Relation.objects.create(**given, valid_from=valid_from, valid_to=valid_to)
        forget_all()  # lines of departments, and the parts that hang on them
    act.about(same)
    act.record(
        superior=superior.key,
        subordinate=subordinate.key,
        kind=kind,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return same


def _require_free(
    superior: Body, subordinate: Body, kind: RelationKind, start: date | None, end: date | None
) -> None:
    """Raise Conflict where the two stand so already on any of the days, one way or the other."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lt=end) if end else Q()
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=start) if start else Q()
    meanwhile = Relation.objects.filter(begun, lasting, kind=kind)
    if meanwhile.filter(superior=superior, subordinate=subordinate).exists():
        raise Conflict(_("They stand in this relation in that time already."), place="valid_from")
    if meanwhile.filter(superior=subordinate, subordinate=superior).exists():
        raise Conflict(_("They stand in this relation the other way round."), place="superior")


@action("relation.end")
def end_relation(
    act: Act, *, relation: Relation, valid_to: date, seen: date | None = None
) -> Relation:
    """End a relation; `valid_to` is the first day without it, `seen` the end that was seen
    standing (none)."""
    require_administrator_of(act.actor, relation.subordinate.place)
    relation = Relation.objects.select_for_update().get(pk=relation.pk)
    if relation.valid_to != seen:
        raise Conflict(
            _("Somebody ended this relation meanwhile: it ends on %(day)s.")
            % {"day": relation.valid_to},
            place="valid_to",
        )
    if relation.valid_from and valid_to < relation.valid_from:
        raise Invalid(_("A relation cannot end before it began."), place="valid_to")
    with act.changing(relation, "valid_to"):
        relation.valid_to = valid_to
        relation.save(update_fields=["valid_to"])
    forget_all()
    return relation
