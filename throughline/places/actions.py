"""Loading places, registering units without a code, grouping."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from throughline.kernel.action import Act, action
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.memory import forget
from throughline.kernel.permissions import require_installation
from throughline.kernel.tables import renew_statistics
from throughline.places import rules
from throughline.places.folder import Folder, PlaceRow
from throughline.places.models import (
    Closure,
    Group,
    Grouping,
    Membership,
    Parentage,
    Place,
    PlaceName,
    Scheme,
    Succession,
    Tier,
)
from throughline.places.queries import REVISION

_CLOSURE = """
WITH RECURSIVE pairs (ancestor, descendant, distance, valid_from, valid_to) AS (
    SELECT p.id, p.id, 0, p.valid_from, p.valid_to
      FROM places_place p
     WHERE p.scheme_id = %(scheme)s AND (%(place)s::bigint IS NULL OR p.id = %(place)s)
    UNION ALL
    SELECT up.parent_id, pairs.descendant, pairs.distance + 1,
           greatest(pairs.valid_from, up.valid_from), least(pairs.valid_to, up.valid_to)
      FROM pairs
      JOIN places_parentage up ON up.place_id = pairs.ancestor
     WHERE greatest(pairs.valid_from, up.valid_from)
           < coalesce(least(pairs.valid_to, up.valid_to), 'infinity')
)
INSERT INTO places_closure (ancestor_id, descendant_id, distance, valid_from, valid_to)
SELECT ancestor, descendant, distance, valid_from, valid_to FROM pairs
"""


def _build_closure(scheme: Scheme, place: Place | None = None) -> None:
    """Build a scheme's closure anew, or the part above one new place. `least` passes over
    an open end, as it should."""
    with connection.cursor() as cursor:
        if place is None:
            cursor.execute(
                "DELETE FROM places_closure c USING places_place p"
                " WHERE p.id = c.descendant_id AND p.scheme_id = %s",
                [scheme.pk],
            )
        cursor.execute(_CLOSURE, {"scheme": scheme.pk, "place": place.pk if place else None})
    Scheme.objects.filter(pk=scheme.pk).update(revision=F("revision") + 1)
    forget((REVISION, scheme.pk))


@action("places.load")
def load_places(act: Act, *, folder: Folder) -> int:
    """Bring a scheme to what a folder says and return the number of rows that changed.

    What the folder no longer names is left as it is: places end by `valid_to`, they are
    not removed. An unchanged folder changes nothing.
    """
    require_installation(act.actor)
    scheme, _new = Scheme.objects.update_or_create(
        key=folder.scheme["key"],
        defaults={
            "name_en": folder.scheme["name_en"],
            "name_zh": folder.scheme.get("name_zh", ""),
        },
    )
    tiers = _load_tiers(scheme, folder)
    changed = _load_rows(scheme, folder.places, tiers, act.number)
    at = _by_code(scheme)
    changed += _load_parentages(folder.places, at)
    changed += _load_attributes(folder, at)
    if changed:
        _build_closure(scheme)
        act.after_commit(partial(renew_statistics, Place, Parentage, Closure))
    act.about(scheme)
    act.record(places=len(folder.places), changed=changed, digest=digest(folder))
    return changed


def _load_tiers(scheme: Scheme, folder: Folder) -> dict[str, Tier]:
    return {
        tier["key"]: Tier.objects.update_or_create(
            scheme=scheme,
            key=tier["key"],
            defaults={
                "level": tier["level"],
                "name_en": tier["name_en"],
                "name_zh": tier.get("name_zh", ""),
                "plural_en": tier.get("plural_en", ""),
            },
        )[0]
        for tier in folder.tiers
    }


_FIELDS = ("name_en", "name_zh", "sort_key", "tier_id", "kind", "valid_to", "note")


def _load_rows(scheme: Scheme, rows: Sequence[PlaceRow], tiers: dict[str, Tier], act: int) -> int:
    known = {(p.code, p.valid_from): p for p in Place.objects.filter(scheme=scheme)}
    new, changed = [], []
    for row in rows:
        wanted = Place(
            scheme=scheme,
            code=row.code,
            name_en=row.name_en,
            name_zh=row.name_zh,
            sort_key=row.sort_key or row.name_en.lower(),
            tier=tiers[row.tier],
            kind=row.kind,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            note=row.note,
            act=act,
        )
        place = known.get((row.code, row.valid_from))
        if place is None:
            new.append(wanted)
        elif any(getattr(place, name) != getattr(wanted, name) for name in _FIELDS):
            for name in _FIELDS:
                setattr(place, name, getattr(wanted, name))
            changed.append(place)
    Place.objects.bulk_create(new, batch_size=2000)
    Place.objects.bulk_update(changed, list(_FIELDS), batch_size=500)
    return len(new) + len(changed)


def _by_code(scheme: Scheme) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in Place.objects.filter(scheme=scheme).order_by("valid_from"):
        found.setdefault(place.code, []).append(place)
    return found


def _on(places: Iterable[Place], day: date) -> Place | None:
    for place in places:
        if place.valid_from <= day and (place.valid_to is None or day < place.valid_to):
            return place
    return None


def _before(places: Sequence[Place], day: date) -> Place:
    """The unit of a code that a change on a day brought to its end: a code can recur."""
    begun = [place for place in places if place.valid_from < day]
    return begun[-1] if begun else places[0]


def _after(places: Sequence[Place], day: date) -> Place:
    """The unit of a code that stands from a day on."""
    return _on(places, day) or places[-1]


def _load_parentages(rows: Sequence[PlaceRow], at: dict[str, list[Place]]) -> int:
    """Place every row in its parent for the days that both exist; a parent code that was
    used by several units one after the other gives several parentages."""
    known = set(Parentage.objects.values_list("place_id", "parent_id", "valid_from", "valid_to"))
    new, orphans = [], []
    for number, row in enumerate(rows, 2):
        if not row.parent or row.kind in (Place.Kind.HEADING, Place.Kind.OUTSIDE):
            continue
        place = _on(at[row.code], row.valid_from)
        covered = False
        for parent in at[row.parent]:
            shared = rules.overlap(
                (row.valid_from, row.valid_to), (parent.valid_from, parent.valid_to)
            )
            if place is None or shared is None:
                continue
            covered = True
            if (place.pk, parent.pk, *shared) not in known:
                new.append(
                    Parentage(place=place, parent=parent, valid_from=shared[0], valid_to=shared[1])
                )
        if not covered:
            orphans.append(number)
    if orphans:
        raise Invalid(
            _("Rows %(rows)s of places.csv name a parent that does not exist at their time.")
            % {"rows": ", ".join(map(str, orphans[:20]))}
        )
    Parentage.objects.filter(place__in=[each.place for each in new]).delete()
    Parentage.objects.bulk_create(new, batch_size=2000)
    return len(new)


def _load_attributes(folder: Folder, at: dict[str, list[Place]]) -> int:
    """Other names, tiles and successions; returns how many of them are new."""
    names = [
        PlaceName(place=place, name=alias)
        for code, alias in folder.aliases
        for place in at.get(code, ())
    ]
    before = PlaceName.objects.count() + Succession.objects.count()
    PlaceName.objects.bulk_create(names, ignore_conflicts=True)
    tiled = []
    for code, column, row in folder.tiles:
        for place in at.get(code, ()):
            if (place.column, place.row) != (column, row):
                place.column, place.row = column, row
                tiled.append(place)
    Place.objects.bulk_update(tiled, ["column", "row"])
    Succession.objects.bulk_create(
        [
            Succession(
                origin=_before(at[row.origin], row.date),
                successor=_after(at[row.successor], row.date) if row.successor else None,
                date=row.date,
                kind=row.kind,
                weight=row.weight,
                doubtful=row.doubtful,
                reason=row.reason,
            )
            for row in folder.successions
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return PlaceName.objects.count() + Succession.objects.count() - before + len(tiled)


@action("place.register")
def register_place(
    act: Act,
    *,
    name: str,
    parent: Place,
    tier: Tier,
    valid_from: date,
    valid_to: date | None,
    reason: str,
) -> Place:
    """Register a unit that has people but no official code, under a code of our own."""
    # Two imports at once must not give one code twice: the parent is locked first.
    Place.objects.select_for_update().get(pk=parent.pk)
    taken = Place.objects.filter(
        scheme=parent.scheme, code__startswith=f"{parent.code}-"
    ).values_list("code", flat=True)
    same = Place.objects.filter(
        scheme=parent.scheme, name_zh=name, code__startswith=f"{parent.code}-",
        valid_from=valid_from,
    ).first()  # fmt: skip
    if same is not None:
        raise Conflict(
            _("%(name)s is registered already as %(code)s.") % {"name": name, "code": same.code}
        )
    place = Place.objects.create(
        scheme=parent.scheme,
        code=rules.zone_code(parent.code, taken),
        name_zh=name,
        sort_key=name,
        tier=tier,
        kind=Place.Kind.ZONE,
        official=False,
        valid_from=valid_from,
        valid_to=valid_to,
        note=reason,
        act=act.number,
    )
    Parentage.objects.create(place=place, parent=parent, valid_from=valid_from, valid_to=valid_to)
    _build_closure(parent.scheme, place)
    act.about(place)
    act.record(code=place.code, name=name, parent=parent.code, reason=reason)
    return place


@dataclass(frozen=True)
class GroupDefinition:
    """A group as it shall be; `at_least` is the lower bound of a computed class."""

    key: str
    name_en: str
    name_zh: str = ""
    at_least: float | None = None


@action("grouping.define")
def define_grouping(
    act: Act,
    *,
    scheme: Scheme,
    key: str,
    name_en: str,
    name_zh: str,
    computed_from: str,
    note_en: str,
    note_zh: str,
    groups: Sequence[GroupDefinition],
    divides: str = "",
) -> Grouping:
    """Define a grouping and its groups, or bring an existing one to this definition; `divides`
    is the tier of which each unit is in exactly one of its groups.

    Groups that are no longer named are removed only when nothing belongs to them.
    """
    require_installation(act.actor)
    grouping, _new = Grouping.objects.update_or_create(
        scheme=scheme,
        key=key,
        defaults={
            "name_en": name_en,
            "name_zh": name_zh,
            "computed_from": computed_from,
            "divides": divides,
            "note_en": note_en,
            "note_zh": note_zh,
        },
    )
    for position, group in enumerate(groups):
        Group.objects.update_or_create(
            grouping=grouping,
            key=group.key,
            defaults={
                "name_en": group.name_en,
                "name_zh": group.name_zh,
                "at_least": group.at_least,
                "position": position,
            },
        )
    named = [group.key for group in groups]
    grouping.groups.exclude(key__in=named).filter(memberships__isnull=True).delete()
    act.about(grouping)
    act.record(groups=named)
    return grouping


@action("grouping.set_members")
def set_members(act: Act, *, group: Group, places: Sequence[Place], valid_from: date) -> int:
    """Make the places the group's members from a day on, whatever was said of that day and of
    later ones; earlier memberships stay history. Saying all days again, in order, changes
    nothing."""
    require_installation(act.actor)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    wanted = {place.pk for place in places}
    kept = set()
    for membership in Membership.objects.select_for_update().filter(lasting, group=group):
        begun = membership.valid_from <= valid_from
        if begun and membership.place_id in wanted:
            kept.add(membership.place_id)
            membership.valid_to = None
            membership.save(update_fields=["valid_to"])
        elif membership.valid_from >= valid_from:
            membership.delete()
        else:
            membership.valid_to = valid_from
            membership.save(update_fields=["valid_to"])
    new = [
        Membership(group=group, place=place, valid_from=valid_from)
        for place in places
        if place.pk not in kept
    ]
    Membership.objects.bulk_create(new)
    act.about(group)
    act.record(members=sorted(place.code for place in places), valid_from=valid_from)
    return len(new)
