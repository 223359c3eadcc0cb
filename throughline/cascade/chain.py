"""The throughline of an element, read: from its thread to every place below its plan's.

One statement reads every assignment that descends from the thread, with what its stage depends
on. Everything else, which place stands where and who was never told, follows by the rules over
today's tree, so that the picture of another day is drawn from the same rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from throughline.bodies.queries import acting_for, standing_of, today
from throughline.cascade.models import Root
from throughline.cascade.queries import leads_a_plan_at
from throughline.cascade.rules.chain import (
    Break,
    Counts,
    Course,
    Stand,
    Unit,
    breaks,
    combined,
    stand_of,
    units_of,
)
from throughline.cascade.rules.kinds import LEADING
from throughline.cascade.rules.life import Ending
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, NotFound
from throughline.kernel.selecting import the_one
from throughline.places.queries import tree_at
from throughline.plans.models import Element
from throughline.plans.queries import IN_FORCE, elements_visible_to

_FROM_THE_TOP = "SELECT thread_id FROM cascade_root WHERE root_id = %(thread)s"
"""Below an element that nothing is above of, what descends from it stands written."""

_FROM_BETWEEN = """
    SELECT %(thread)s::bigint
     UNION
    SELECT element.thread_id
      FROM chain
      JOIN cascade_refinement AS link ON link.superior_id = chain.thread_id
      JOIN plans_element AS element ON element.id = link.element_id
      JOIN plans_planversion AS version
        ON version.id = element.version_id AND version.state = 'in_force'"""
"""Below an element of a plan between, it is followed tier by tier."""

_LAID = """
WITH RECURSIVE chain (thread_id) AS ({descending}),
laid AS MATERIALIZED (
    SELECT each.*
      FROM chain JOIN cascade_assignment AS each ON each.thread_id = chain.thread_id
     WHERE each.part = 'locality' AND each.place_id IS NOT NULL
        OR each.part IN ('lead', 'coordinating') AND each.thread_id = %(thread)s),
links AS (
    SELECT link.superior_id,
           (SELECT element.version_id FROM plans_element AS element
             WHERE element.id = link.element_id) AS version_id
      FROM chain JOIN cascade_refinement AS link ON link.superior_id = chain.thread_id),
refined AS (
    SELECT links.superior_id, plan.place_id, min(version.in_force_from) AS since
      FROM links
      JOIN plans_planversion AS version
        ON version.id = links.version_id AND version.state IN ('in_force', 'superseded')
      JOIN plans_plan AS plan ON plan.id = version.plan_id
     GROUP BY links.superior_id, plan.place_id
    HAVING bool_or(version.state = 'in_force')),
claimed AS (
    SELECT DISTINCT ON (claim.assignment_id) claim.assignment_id, claim.at, claim.decided_at
      FROM laid JOIN cascade_claim AS claim ON claim.assignment_id = laid.id
     ORDER BY claim.assignment_id, claim.id DESC),
proved AS (
    SELECT report.assignment_id, count(*) AS pieces
      FROM laid
      JOIN cascade_progressreport AS report
        ON report.assignment_id = laid.id AND report.step IN ('signed', 'accepted')
      JOIN cascade_evidence AS evidence ON evidence.report_id = report.id
     GROUP BY report.assignment_id)
SELECT laid.id, laid.place_id, laid.part, laid.issuer_id, coalesce(proved.pieces, 0),
       laid.due, refined.since, laid.ended_as,
       {instants}
  FROM laid
  LEFT JOIN refined
    ON refined.superior_id = laid.thread_id AND refined.place_id = laid.place_id
  LEFT JOIN claimed ON claimed.assignment_id = laid.id
  LEFT JOIN proved ON proved.assignment_id = laid.id
 ORDER BY laid.id"""

_INSTANTS = (
    "laid.issued_at", "laid.respond_by", "laid.received_at", "laid.taken_on_at",
    "laid.started_at", "laid.closed_at", "laid.ended_at", "claimed.at", "claimed.decided_at",
)  # fmt: skip
"""Read as seconds: nine instants of three thousand rows are told in a third of the time."""

_HAS_PART_AT_THE_TOP = """
SELECT EXISTS (
    SELECT FROM plans_element AS top
      JOIN plans_planversion AS version
        ON version.id = top.version_id AND version.state = 'in_force'
      JOIN plans_plan AS plan ON plan.id = version.plan_id
      LEFT JOIN plans_responsibility AS part ON part.element_id = top.id
     WHERE top.thread_id = ANY(%(tops)s)
       AND (part.body_id = ANY(%(mine)s) OR plan.lead_body_id = ANY(%(mine)s)))"""

_HAS_PART_BELOW = """
SELECT DISTINCT plan.place_id
  FROM cascade_root AS root
  JOIN cascade_assignment AS each
    ON each.thread_id = root.thread_id AND each.body_id = ANY(%(mine)s)
   AND each.part <> 'locality'
  JOIN plans_thread AS thread ON thread.id = each.thread_id
  JOIN plans_plan AS plan ON plan.id = thread.plan_id
 WHERE root.root_id = ANY(%(roots)s)"""


@dataclass(frozen=True)
class Laid:
    """One assignment of the chain. `place` is None for who leads the element itself."""

    key: int
    place: int | None
    issuer: int
    evidence: int
    course: Course


@dataclass(frozen=True)
class Sight:
    """Whose stages a reader may see: all; or all below some places, and single others."""

    everything: bool = False
    tops: frozenset[int] = frozenset()
    above: bool = False
    """Whether what lies above the tops is seen too, as a government sees its line."""
    single: frozenset[int] = frozenset()


def _element_in_force(actor: Actor, plan: str, key: str) -> Element:
    """An element of a plan's version in force, or NotFound."""
    found = the_one(
        elements_visible_to(actor)
        .filter(version__plan__key=plan, version__state=IN_FORCE, key=key)
        .select_related(
            "thread", "paper", "parent__parent__parent", "version__plan__lead_body",
            "version__plan__place__tier", "version__plan__scheme",
        )
    )  # fmt: skip
    if found is None:
        raise NotFound(_("The plan has no such element."))
    return found


def roots_of(element: Element) -> list[int]:
    """The threads of the uppermost plan from which an element descends; its own where nothing
    is above it."""
    rows = Root.objects.filter(thread=element.thread_id).order_by("root")
    return list(rows.values_list("root_id", flat=True)) or [element.thread_id]


def _sight_of(actor: Actor, element: Element, roots: Sequence[int]) -> Sight:
    """Whose stages of an element an actor may see. Who has a part in it or in what it descends
    from, or leads such a plan, sees all; who has a part in it at a place between, what lies
    below that place; a government its line; a body that leads a plan of its place, what lies
    below it; any other its own place alone. That others work on the same element opens
    nothing: a county does not see how its neighbours stand."""
    standing = standing_of(actor)
    if standing.audits:
        return Sight(everything=True)
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Sight()
    mine = list(acting_for(standing.body))
    if _has_part_at_the_top({*roots, element.thread_id}, mine):
        return Sight(everything=True)
    tops = _places_of_part(roots, mine)
    if standing.place is None:
        return Sight(tops=tops)
    if standing.governs:
        return Sight(tops=tops | {standing.place}, above=True)
    if leads_a_plan_at(standing.body, standing.place):
        return Sight(tops=tops | {standing.place})
    return Sight(tops=tops, single=frozenset({standing.place}))


def _has_part_at_the_top(tops: Iterable[int], mine: Sequence[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_HAS_PART_AT_THE_TOP, {"tops": sorted(tops), "mine": list(mine)})
        row = cursor.fetchone()
    return bool(row and row[0])


def _places_of_part(roots: Sequence[int], mine: Sequence[int]) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(_HAS_PART_BELOW, {"roots": list(roots), "mine": list(mine)})
        return frozenset(row[0] for row in cursor.fetchall())


def laid_from(thread: int, *, from_the_top: bool) -> list[Laid]:
    """Every assignment that was ever laid on a place by an element or what descends from it,
    by the links in force, and those by which somebody leads the element itself."""
    statement = _LAID.format(
        descending=_FROM_THE_TOP if from_the_top else _FROM_BETWEEN,
        instants=", ".join(f"extract(epoch FROM {each})::float8" for each in _INSTANTS),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"thread": thread})
        rows = cursor.fetchall()
    return [_laid(*row) for row in rows]


def _laid(
    key: int, place: int | None, part: str, issuer: int, evidence: int, due: date | None,
    refined: date | None, ended_as: str, issued: float, *seconds: float | None,
) -> Laid:  # fmt: skip
    respond_by, received, taken_on, started, closed, ended, claimed, decided = [
        None if each is None else datetime.fromtimestamp(each, UTC) for each in seconds
    ]
    course = Course(
        datetime.fromtimestamp(issued, UTC), respond_by, due, received, taken_on, refined,
        started, closed, ended, Ending(ended_as) if ended_as else None, claimed, decided,
    )  # fmt: skip
    return Laid(key, None if part in LEADING else place, issuer, evidence, course)


@dataclass(frozen=True)
class Line:
    """The places below a plan's place in tree order, that place first: ids, codes, positions
    of the one above, levels; and which of them a reader may see."""

    ids: Sequence[int]
    codes: Sequence[str]
    parents: Sequence[int]
    levels: Sequence[int]
    seen: Sequence[bool]

    @cached_property
    def children(self) -> Sequence[Sequence[int]]:
        """The positions directly below each, in order of their codes."""
        below: list[list[int]] = [[] for _id in self.ids]
        for position, parent in enumerate(self.parents):
            if parent >= 0:
                below[parent].append(position)
        return below

    @cached_property
    def after(self) -> Sequence[int]:
        """For each position the first one behind it that does not lie below it."""
        ends = [len(self.ids)] * len(self.ids)
        waiting: list[int] = []
        for position, level in enumerate(self.levels):
            while waiting and self.levels[waiting[-1]] >= level:
                ends[waiting.pop()] = position
            waiting.append(position)
        return ends

    def below(self, position: int) -> range:
        """The positions that lie below one."""
        return range(position + 1, self.after[position])

    @cached_property
    def _ends(self) -> Sequence[int]:
        return [
            position
            for position, inside in enumerate(self.children)
            if position and not inside and self.seen[position]
        ]

    def ends(self, position: int = 0) -> Sequence[int]:
        """The seen positions below one (or itself) at which the line ends: nothing lies in
        them."""
        first = bisect_left(self._ends, position)
        return self._ends[first : bisect_left(self._ends, self.after[position], first)]

    @cached_property
    def hidden(self) -> int:
        """How many places are left out, because the reader may not see how they stand."""
        return sum(1 for seen in self.seen[1:] if not seen)

    def at(self, code: str) -> int:
        """The position of a code, or NotFound, also for one that is not to be seen."""
        for position, each in enumerate(self.codes):
            if each == code and position and self.seen[position]:
                return position
        raise NotFound(_("This place does not stand on the line, or not where you may see it."))

    def path(self, position: int) -> list[int]:
        """The positions from below the plan's place down to one."""
        found = []
        while position > 0:
            found.append(position)
            position = self.parents[position]
        return found[::-1]


def line_below(element: Element, sight: Sight) -> Line:
    """The places below an element's plan's, by today's tree."""
    plan = element.version.plan
    tree = tree_at(plan.scheme, today())
    first = tree.ids.index(plan.place_id) if plan.place_id in tree.ids else None
    if first is None:
        return Line([plan.place_id], [plan.place.code], [-1], [plan.place.tier.level], [True])
    last = next(
        (
            at for at in range(first + 1, len(tree.ids))
            if tree.levels[at] <= tree.levels[first]
        ),
        len(tree.ids),
    )  # fmt: skip
    parents = [-1, *(parent - first for parent in tree.parents[first + 1 : last])]
    # What lies above the plan's own place counts for whether all below it is seen.
    above, here = set(), first
    while here >= 0:
        above.add(tree.ids[here])
        here = tree.parents[here]
    ids = tree.ids[first:last]
    seen = _seen(ids, parents, sight, bool(above & sight.tops))
    return Line(ids, tree.codes[first:last], parents, tree.levels[first:last], seen)


def _seen(
    ids: Sequence[int], parents: Sequence[int], sight: Sight, all_below: bool
) -> Sequence[bool]:
    if sight.everything or all_below:
        return [True] * len(ids)
    under = [False] * len(ids)
    for position, place in enumerate(ids):
        above = parents[position]
        under[position] = place in sight.tops or (above >= 0 and under[above])
    seen = [under[at] or place in sight.single for at, place in enumerate(ids)]
    if sight.above:
        for position in range(len(ids) - 1, 0, -1):
            if seen[position]:
                seen[parents[position]] = True
    return seen


@dataclass(frozen=True)
class Picture:
    """Where everything on a line stands at an instant; `today` is its day in the plan's zone.
    `leads` are those who lead the element itself, for who sees the plan's own place."""

    line: Line
    units: Sequence[Unit]
    leads: Sequence[Stand]
    at: datetime
    today: date
    zone: ZoneInfo

    def counts(self, positions: Iterable[int]) -> Counts:
        """How many of some positions stand where; those that are not seen are left out."""
        return Counts.of(self.units[each] for each in positions if self.line.seen[each])

    def of_level(self, level: int, position: int = 0) -> Counts:
        """How many of a tier below a place stand where."""
        return self.counts(
            each for each in self.line.below(position) if self.line.levels[each] == level
        )

    def breaks(self, position: int = 0) -> list[Break]:
        """Where the line breaks below a place, the worst first."""
        return breaks(self.units, self.line.ends(position))

    @cached_property
    def is_laid(self) -> bool:
        """Whether anything was laid on any place that is seen."""
        return any(
            seen and unit.stand.assignments
            for seen, unit in zip(self.line.seen[1:], self.units[1:], strict=True)
        )


def picture_at(element: Element, line: Line, laid: Sequence[Laid], at: datetime) -> Picture:
    """Where everything stands at an instant, from what was ever laid."""
    zone = ZoneInfo(element.version.plan.zone)
    day = at.astimezone(zone).date()
    position = {place: number for number, place in enumerate(line.ids)}
    stands: dict[int, list[Stand]] = defaultdict(list)
    leads: list[Stand] = []
    for each in laid:
        if not each.course.counts(at):
            continue
        stand = stand_of(each.course, each.key, each.evidence, at, day)
        if each.place is None:
            if line.seen[0]:
                leads.append(stand)
        elif (number := position.get(each.place)) is not None:
            stands[number].append(stand)
    found = {number: combined(several) for number, several in stands.items() if number}
    return Picture(line, units_of(line.parents, found), leads, at, day, zone)


# -- the whole, as it is asked for ---------------------------------------------------------


@dataclass(frozen=True)
class Throughline:
    """贯彻图: an element with where every place below its plan's stands; `before` is the same
    on an earlier day, to compare with. `laid` are the assignments by their keys."""

    element: Element
    line: Line
    picture: Picture
    before: Picture | None
    laid: dict[int, Laid]
    is_now: bool


def throughline_of(
    actor: Actor, plan: str, key: str, *, on: date | None = None, than: date | None = None
) -> Throughline:
    """The throughline of an element of a plan in force, as far as the actor may see how places
    stand; at the end of a day `on` (now), compared with the end of a day `than`.

    Raises NotFound where there is no such element, Invalid for a day to come.
    """
    element = _element_in_force(actor, plan, key)
    roots = roots_of(element)
    line = line_below(element, _sight_of(actor, element, roots))
    laid = laid_from(element.thread_id, from_the_top=roots == [element.thread_id])
    now = clock.now()
    at = _end_of(element, on, now)
    return Throughline(
        element=element,
        line=line,
        picture=picture_at(element, line, laid, at),
        before=picture_at(element, line, laid, _end_of(element, than, now)) if than else None,
        laid={each.key: each for each in laid},
        is_now=at == now,
    )


def _end_of(element: Element, day: date | None, now: datetime) -> datetime:
    """The last second of a day in the plan's zone; now, for today and where no day is asked."""
    zone = ZoneInfo(element.version.plan.zone)
    here = now.astimezone(zone).date()
    if day is None or day == here:
        return now
    if day > here:
        raise Invalid(_("The picture of a day to come cannot be drawn."))
    return datetime.combine(day, time(23, 59, 59, 999999), zone)
