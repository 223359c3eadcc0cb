"""Where: places by code and name, on a day; what lies above and below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.kernel.errors import NotFound
from throughline.kernel.memory import remembered
from throughline.kernel.models import JournalEntry
from throughline.kernel.queries import Known
from throughline.kernel.search import holding_words
from throughline.kernel.selecting import in_order, select, the_one
from throughline.places.models import (
    Closure,
    Group,
    Grouping,
    Membership,
    Place,
    PlaceName,
    Scheme,
    Succession,
    Tier,
)


def valid_on(day: date, prefix: str = "") -> Q:
    """Rows whose validity holds a day; `prefix` reaches over a relation."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    )


def scheme_by_key(key: str) -> Scheme:
    """A scheme, or NotFound."""
    found = Scheme.objects.filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no scheme of places “%(key)s”.") % {"key": key})
    return found


def place_by_code(scheme: Scheme, code: str, on: date) -> Place:
    """The place that bore a code on a day.

    Raises NotFound that tells an unknown code from one that ended (and what followed it)
    and from one that only began later.
    """
    rows = list(Place.objects.filter(scheme=scheme, code=code).select_related("tier", "scheme"))
    for row in rows:
        if row.valid_from <= on and (row.valid_to is None or on < row.valid_to):
            return row
    if not rows:
        raise NotFound(
            _("There is no place with the code %(code)s.") % {"code": code},
            remedy=_("Compare it with the code list; codes are text, leading zeros count."),
        )
    raise NotFound(_outside_validity(rows, on), remedy=_followers(rows[-1]))


def _outside_validity(rows: Sequence[Place], on: date) -> str:
    ended = [row for row in rows if row.valid_to is not None and row.valid_to <= on]
    if ended:
        last = ended[-1]
        return _("%(code)s %(name)s ended on %(date)s and does not exist on %(on)s.") % {
            "code": last.code, "name": last.name, "date": last.valid_to, "on": on,
        }  # fmt: skip
    return _("%(code)s %(name)s exists only from %(date)s, not on %(on)s.") % {
        "code": rows[0].code, "name": rows[0].name, "date": rows[0].valid_from, "on": on,
    }  # fmt: skip


def _followers(place: Place) -> str:
    rows = Succession.objects.filter(origin=place, successor__isnull=False)
    named = [
        f"{row.successor.code} {row.successor.name}"
        for row in rows.select_related("successor")
        if row.successor
    ]
    return _("Its successors: %(list)s.") % {"list": ", ".join(named)} if named else ""


def places_by_name(scheme: Scheme, name: str, on: date, within: Place | None = None) -> list[Place]:
    """Places that bear a name on a day, also an alias; inside another place if one is given."""
    rows = Place.objects.filter(
        Q(name_zh=name) | Q(name_en=name) | Q(other_names__name=name), valid_on(on), scheme=scheme
    )
    if within is not None:
        rows = rows.filter(Exists(_pairs(on).filter(descendant=OuterRef("pk"), ancestor=within)))
    return list(rows.distinct())


def _pairs(on: date) -> QuerySet[Closure]:
    return Closure.objects.filter(valid_on(on))


def descendants(place: Place, on: date) -> QuerySet[Place]:
    """What lies in a place on a day, itself included."""
    return Place.objects.filter(
        Exists(_pairs(on).filter(descendant=OuterRef("pk"), ancestor=place))
    )


_ABOVE = """places_closure c
  JOIN places_place p ON p.id = c.ancestor_id
  JOIN places_tier t ON t.id = p.tier_id
  JOIN places_scheme s ON s.id = p.scheme_id
 WHERE c.descendant_id = %s AND c.valid_from <= %s AND (c.valid_to IS NULL OR c.valid_to > %s)
 ORDER BY c.distance DESC"""


def ancestors(place: Place, on: date) -> list[Place]:
    """What a place lies in on a day, from the top, itself last."""
    found = []
    for above, tier, scheme in select(_ABOVE, [place.pk, on, on], p=Place, t=Tier, s=Scheme):
        above.tier, above.scheme = tier, scheme
        found.append(above)
    return found


def children(place: Place, on: date) -> QuerySet[Place]:
    """What lies directly in a place on a day, by sort key."""
    inside = _pairs(on).filter(descendant=OuterRef("pk"), ancestor=place, distance=1)
    return (
        Place.objects.filter(Exists(inside))
        .select_related("tier", "scheme")
        .order_by("sort_key", "code")
    )


def parent_of(place: Place, on: date) -> Place | None:
    """The place directly above on a day."""
    pair = _pairs(on).filter(descendant=place, distance=1).select_related("ancestor").first()
    return pair.ancestor if pair else None


def tiers_below(place: Place) -> list[Tier]:
    """The tiers below a place's own, from the top."""
    return list(Tier.objects.filter(scheme=place.scheme_id, level__gt=place.tier.level))


def root(scheme: Scheme, on: date) -> Place:
    """The unit at the top of a scheme on a day."""
    found = the_one(
        Place.objects.filter(valid_on(on), scheme=scheme, tier__level=0).select_related(
            "tier", "scheme"
        )
    )
    if found is None:
        raise NotFound(_("The scheme “%(key)s” has no unit at its top.") % {"key": scheme.key})
    return found


def members(grouping: Grouping, on: date) -> dict[str, list[int]]:
    """The places of each group on a day, by the group's key."""
    rows = Membership.objects.filter(valid_on(on), group__grouping=grouping)
    found: dict[str, list[int]] = {group.key: [] for group in grouping.groups.all()}
    for key, place in rows.values_list("group__key", "place_id"):
        found[key].append(place)
    return found


def bearing_words(words: str) -> QuerySet[Place]:
    """Places of every time whose names, code or pinyin (with spaces or without) hold the
    words: in Chinese anywhere, else from the beginning of a word."""
    own = holding_words("code", "name_en", "name_zh", "sort_key", words=words)
    also = PlaceName.objects.filter(holding_words("name", words=words)).order_by()
    # A union, because no index answers an "or" over two tables.
    found = Place.objects.filter(own).order_by().values("pk").union(also.values("place"))
    return Place.objects.filter(pk__in=found).exclude(
        kind__in=[Place.Kind.HEADING, Place.Kind.OUTSIDE]
    )


def search_places(scheme: Scheme | None, words: str, on: date) -> QuerySet[Place]:
    """The places of a day that bear the words, by tier and name."""
    rows = bearing_words(words).filter(valid_on(on))
    if scheme is not None:
        rows = rows.filter(scheme=scheme)
    return rows.select_related("tier").order_by("tier__level", "sort_key")


@dataclass(frozen=True)
class Tree:
    """The places of a scheme on a day in tree order: a parent before its children.

    `parents` are positions in the same lists, -1 for the top.
    """

    ids: tuple[int, ...]
    codes: tuple[str, ...]
    parents: tuple[int, ...]
    tiers: tuple[str, ...]
    levels: tuple[int, ...]
    tier_levels: tuple[tuple[str, int], ...]

    def level_of(self, tier: str) -> int:
        """The level of a tier; below all levels for a tier that does not exist."""
        return dict(self.tier_levels).get(tier, -1)


def known_places(rows: QuerySet[Place], known: Known | None) -> QuerySet[Place]:
    """Those of some places that were on record in a state of knowledge (now, if None)."""
    if known is None or known.is_now:
        return rows
    acts = JournalEntry.objects.filter(act=OuterRef("act"), position__lte=known.position)
    return rows.filter(Q(act__isnull=True) | Exists(acts))


_TREE = """
SELECT p.id, p.code, t.key, t.level, up.parent_id
  FROM places_place p
  JOIN places_tier t ON t.id = p.tier_id
  LEFT JOIN places_parentage up ON up.place_id = p.id
       AND up.valid_from <= %(on)s AND (up.valid_to IS NULL OR up.valid_to > %(on)s)
 WHERE p.scheme_id = %(scheme)s AND p.kind IN ('regular', 'zone')
   AND p.valid_from <= %(on)s AND (p.valid_to IS NULL OR p.valid_to > %(on)s)
   AND (up.parent_id IS NOT NULL OR t.level = 0)
   AND (%(position)s::bigint IS NULL OR p.act IS NULL OR EXISTS (
        SELECT 1 FROM kernel_journalentry j
         WHERE j.act = p.act AND j.position <= %(position)s::bigint))
 ORDER BY t.level, p.code
"""


REVISION = "revision of a scheme"
"""Under which a request remembers a scheme's revision; whoever raises it forgets it."""


def remember_revision(scheme: Scheme) -> None:
    """Let the request remember the revision of a scheme that was just read by the way."""
    remembered((REVISION, scheme.pk), lambda: scheme.revision)


def tree_at(scheme: Scheme, on: date) -> Tree:
    """The tree of a day, cached until the scheme's next change."""
    return trees_at(scheme, [on])[on]


def trees_at(scheme: Scheme, days: Iterable[date], known: Known | None = None) -> dict[date, Tree]:
    """The trees of several days, as known at a position (now); whether the scheme has changed
    is asked once. A unit that was put on record later is not in the tree as known before: it
    owed nobody anything."""
    revision = remembered(
        (REVISION, scheme.pk),
        lambda: Scheme.objects.values_list("revision", flat=True).get(pk=scheme.pk),
    )
    position = None if known is None or known.is_now else known.position
    return {on: _tree(scheme.pk, revision, on, position) for on in days}


@lru_cache(maxsize=64)
def _tree(scheme: int, revision: int, on: date, position: int | None) -> Tree:
    with connection.cursor() as cursor:
        cursor.execute(_TREE, {"scheme": scheme, "on": on, "position": position})
        rows = cursor.fetchall()
        cursor.execute("SELECT key, level FROM places_tier WHERE scheme_id = %s", [scheme])
        levels = tuple(cursor.fetchall())
    inside: dict[int | None, list[tuple[int, str, str, int]]] = {}
    for ident, code, tier, level, parent in rows:
        inside.setdefault(parent, []).append((ident, code, tier, level))
    order: list[tuple[int, str, str, int]] = []
    parents: list[int] = []
    waiting = [(row, -1) for row in reversed(inside.get(None, []))]
    while waiting:
        row, above = waiting.pop()
        here = len(order)
        order.append(row)
        parents.append(above)
        waiting.extend((child, here) for child in reversed(inside.get(row[0], [])))
    return Tree(
        ids=tuple(row[0] for row in order),
        codes=tuple(row[1] for row in order),
        parents=tuple(parents),
        tiers=tuple(row[2] for row in order),
        levels=tuple(row[3] for row in order),
        tier_levels=levels,
    )


def schemes() -> list[Scheme]:
    """Every scheme that holds places, by name."""
    return list(Scheme.objects.filter(places__isnull=False).distinct().order_by("name_en"))


def place_ever(scheme: Scheme, code: str, on: date) -> Place:
    """The place that bears a code on a day, else the one that bore it last; NotFound only
    for a code that was never used."""
    named = Place.objects.filter(scheme=scheme, code=code).select_related("tier", "scheme")
    rows = in_order(named, "valid_from")
    for row in rows:
        if row.valid_from <= on and (row.valid_to is None or on < row.valid_to):
            return row
    if not rows:
        raise NotFound(_("There is no place with the code %(code)s.") % {"code": code})
    return rows[-1]


def groups_of(place: Place, on: date) -> list[Membership]:
    """The groups with members that a place belongs to on a day."""
    rows = Membership.objects.filter(valid_on(on), place=place)
    return list(rows.select_related("group__grouping"))


def division_of(tier: Tier, on: date) -> tuple[Grouping, dict[int, Group]] | None:
    """The grouping that divides a tier, with the group of each unit (by its id) on a day; none
    where none divides it. Of several, which packs of one scheme may bring, the first."""
    rows = (
        Membership.objects.filter(
            valid_on(on), group__grouping__scheme=tier.scheme_id,
            group__grouping__divides=tier.key, place__tier=tier,
        )
        .select_related("group__grouping")
        .order_by("group__grouping__key")
    )  # fmt: skip
    found: dict[int, Group] = {}
    grouping = None
    for row in rows:
        grouping = grouping or row.group.grouping
        if row.group.grouping_id == grouping.pk:
            found[row.place_id] = row.group
    return None if grouping is None else (grouping, found)


def successions_of(place: Place) -> dict[str, list[Succession]]:
    """What a place came from and what it became."""
    return {
        "came_from": list(
            Succession.objects.filter(successor=place).select_related("origin__scheme")
        ),
        "became": list(Succession.objects.filter(origin=place).select_related("successor__scheme")),
    }
