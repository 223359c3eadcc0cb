"""Every check over a cascade as columns. Free of Django; NumPy alone, for web processes ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from throughline.cascade.checking.codes import Code, Finding
from throughline.cascade.checking.cycles import cycles
from throughline.cascade.checking.positions import (
    NOWHERE,
    Positioned,
    Positions,
    joined,
    ranks,
)
from throughline.cascade.checking.rows import (
    COORDINATING,
    LEAD,
    LOCALITY,
    NO_DAY,
    SUPPORT,
    Flags,
    Rows,
    instant,
)
from throughline.cascade.checking.targets import are_weaker

_FIELDS = [(name, Finding._field_defaults.get(name, 0)) for name in Finding._fields[1:]]


def check(rows: Rows, *, today: date, now: datetime) -> list[Finding]:
    """All findings in a cascade, by code in the order of `Code`; `today` is the day in the
    plan's zone, `now` the instant that clocks are held against."""
    return list(_Checking(rows, today.toordinal(), instant(now)).findings())


class _Checking:
    """The columns with keys turned into positions. Names: e elements, s the superior one of a
    link, c plans below, a assignments; a position of `NOWHERE` is none."""

    def __init__(self, rows: Rows, today: int, now: int) -> None:
        self.rows, self.today, self.now = rows, today, now
        plans, elements = rows.plans, rows.elements
        self.plan_at = Positioned(plans.id)
        self.up = self.plan_at.find(plans.superior)
        self.up_or_none = np.append(self.up, NOWHERE - 1)  # nothing stands above nowhere
        self.e_plan = self.plan_at.find(elements.plan)
        self.sizes, self.rank = ranks(self.e_plan, len(plans))
        self.thread_at = Positioned(elements.thread)
        element_at = Positioned(elements.id)
        # Every pair of a local plan and an element of the plan right above it has a number.
        wide = np.where(self.up >= 0, self.sizes[self.up], 0)
        self.base = np.cumsum(wide) - wide
        self.pairs = int(wide.sum())
        self._encode_links(element_at)
        self._encode_assignments()
        self.p_element = element_at.find(rows.printed.element)

    def _encode_links(self, element_at: Positioned) -> None:
        links = self.rows.links
        self.l_e = element_at.find(links.element)
        self.l_s = self.thread_at.find(links.superior)
        child = self.e_plan.take(self.l_e)
        # Of a superior thread that stands nowhere, position and plan are the last one's.
        self.l_direct = self.up.take(child) == self.e_plan.take(self.l_s)
        self.l_direct &= self.l_s >= 0
        self.l_sound = self.l_direct
        # The last slot of a table over pairs stands for none of them.
        self.l_pair = self.base.take(child) + self.rank.take(self.l_s)
        if not self.l_direct.all():
            self.l_pair = np.where(self.l_direct, self.l_pair, NOWHERE)
            self.l_sound = self.l_direct.copy()
            rest = np.flatnonzero(~self.l_direct & (self.l_s >= 0))
            self.l_sound[rest] = self._is_above(self.e_plan[self.l_s[rest]], child[rest])
        # Links that pass over a tier are few; they have keys of their own.
        far = np.flatnonzero(self.l_sound & ~self.l_direct)
        self.far_keys = np.sort(self._far_key(child[far], self.l_s[far]))

    def _encode_assignments(self) -> None:
        given = self.rows.assignments
        self.a_e = self.thread_at.find(given.thread)
        self.standing = ~given.ended
        self.open = self.standing & ~given.closed
        self.expired = self.open & (given.respond_by <= self.now) & ~given.claimed
        self.is_local = (given.part == LOCALITY) & self.standing & (self.a_e >= 0)

    def _far_key(self, child: Positions, superior: Positions) -> Positions:
        return child * len(self.rows.elements) + superior

    def _is_above(self, plan: Positions, child: Positions) -> Flags:
        """Whether a plan stands anywhere above another one."""
        found = np.zeros(len(plan), np.bool_)
        above = self.up[child]
        for _tier in range(len(self.up)):  # plans above each other in a ring end here
            found |= (above == plan) & (above >= 0)
            going = ~found & (above >= 0)
            if not going.any():
                break
            above = np.where(going, self.up[above], NOWHERE)
        return found

    def _plans_at(self, place: NDArray[np.int64], plan: Positions) -> Positions:
        """The local plan at each place that stands below a plan; of several the first."""
        places, named = np.unique(self.rows.plans.place, return_inverse=True)
        if len(places) == len(named):
            return self._if_below(Positioned(self.rows.plans.place).find(place), plan)
        counts, rank = ranks(named, len(places))
        at, found = Positioned(places).find(place), np.full(len(place), NOWHERE, np.int64)
        for layer in range(int(counts.max())):
            here = np.full(len(places) + 1, NOWHERE, np.int64)  # the last one stands for nowhere
            rows = np.flatnonzero(rank == layer)
            here[named[rows]] = rows
            found = np.where(found < 0, self._if_below(here[at], plan), found)
        return found

    def _if_below(self, child: Positions, plan: Positions) -> Positions:
        """Plans where they stand below others, and nowhere else."""
        right = self.up_or_none.take(child) == plan
        rest = np.flatnonzero(~right)
        if len(rest):
            rest = rest[child[rest] >= 0]
            right[rest] = self._is_above(plan[rest], child[rest])
            return np.where(right, child, NOWHERE)
        return child

    # -- the checks ------------------------------------------------------------------------

    def findings(self) -> Iterator[Finding]:
        with np.errstate(invalid="ignore"):
            yield from self._leads()
            yield from self._answers()
            yield from self._dates_of_links()
            yield from self._targets()
            yield from self._owed()
            yield from self._orphans()
            yield from self._cycles()
            yield from self._ended_bodies()
            yield from self._outside()
            yield from self._same_duties()
            yield from self._lead_and_support()
            yield from self._milestones()

    def _tell(self, code: Code, **columns: NDArray[np.int64] | Sequence[Any]) -> Iterator[Finding]:
        """Findings from columns by the names of their fields."""
        lists: list[Iterable[Any]] = [
            each.tolist() if isinstance(each, np.ndarray) else each
            for each in (columns.get(name, repeat(nothing)) for name, nothing in _FIELDS)
        ]
        return map(Finding._make, zip(repeat(code), *lists))

    def _elements(self, code: Code, at: Positions, **more: Any) -> Iterator[Finding]:
        given, plans = self.rows.elements, self.rows.plans
        return self._tell(
            code, plan=given.plan[at], thread=given.thread[at],
            place=plans.place[self.e_plan[at]], subject=given.id[at], **more,
        )  # fmt: skip

    def _assignments(self, code: Code, at: Positions, **more: Any) -> Iterator[Finding]:
        given, plans = self.rows.assignments, self.rows.plans
        own = plans.place[self.plan_at.find(given.plan[at])]
        place = np.where(given.place[at] > 0, given.place[at], own)
        return self._tell(
            code, plan=given.plan[at], thread=given.thread[at], body=given.body[at],
            place=place, subject=given.id[at], **more,
        )  # fmt: skip

    def _leads(self) -> Iterator[Finding]:
        """Who leads: the standing assignments, and where there is none the print."""
        given, printed, count = self.rows.assignments, self.rows.printed, len(self.e_plan)
        there = self.standing & (self.a_e >= 0)
        leading = self.a_e[there & (given.part == LEAD)]
        assigned = np.bincount(leading, minlength=count)
        said = np.bincount(self.p_element[printed.role == LEAD], minlength=count)
        coordinated = np.zeros(count, np.bool_)
        coordinated[self.a_e[there & (given.part == COORDINATING)]] = True
        coordinated[self.p_element[printed.role == COORDINATING]] = True
        leads = np.where(assigned > 0, assigned, said)
        missing = self.rows.elements.is_duty & (leads == 0) & ~coordinated
        yield from self._elements(Code.NO_LEAD, np.flatnonzero(missing))
        joint = np.flatnonzero((leads > 1) & ~coordinated)
        yield from self._elements(Code.JOINT_LEADS, joint)

    def _answers(self) -> Iterator[Finding]:
        given = self.rows.assignments
        silent = np.flatnonzero(self.expired & ~given.received)
        yield from self._assignments(Code.NOT_RECEIVED, silent)
        waiting = np.flatnonzero(self.expired & given.received & ~given.taken_on)
        yield from self._assignments(Code.NOT_TAKEN_ON, waiting)

    def _dates_of_links(self) -> Iterator[Finding]:
        deadline, threads = self.rows.elements.deadline, self.rows.elements.thread
        child, superior = deadline.take(self.l_e), deadline.take(self.l_s)
        dated = self.l_sound & (child != NO_DAY)
        due = self._due_of_links(dated)
        later = dated & (superior != NO_DAY) & (child > superior)
        if due is not None:  # a later day that was laid on the place itself is its day
            later &= due <= superior
        at = np.flatnonzero(later)
        yield from self._elements(
            Code.LATER_THAN_SUPERIOR, self.l_e[at],
            related=_tuples(threads[self.l_s[at]]), days=_tuples(child[at], superior[at]),
        )  # fmt: skip
        # What is later than the superior element is said; only another day of the assignment
        # to the place adds to it.
        if due is None:
            return
        at = np.flatnonzero(dated & ~later & (due != NO_DAY) & (child > due))
        yield from self._elements(
            Code.LATER_THAN_ASSIGNED, self.l_e[at],
            related=_tuples(threads[self.l_s[at]]), days=_tuples(child[at], due[at]),
        )  # fmt: skip

    def _due_of_links(self, asked: Flags) -> NDArray[np.int32] | None:
        """For each link asked for, when its place owes the superior element, the earliest of
        several, which is later than that element's own day only where it was laid on the place
        so; None where every place has the day of the superior element itself."""
        given, deadline = self.rows.assignments, self.rows.elements.deadline
        local = np.flatnonzero(self.is_local)
        local = local[given.due.take(local) != NO_DAY]
        superior = self.a_e.take(local)
        due, limit = given.due.take(local), deadline.take(superior)
        beyond = (due > limit) & (limit != NO_DAY)
        put_off = beyond & given.own_day.take(local)
        other = ~beyond & (due != limit)
        if not other.any() and not put_off.any():
            return None
        if put_off.any():  # held against every other day of the same element
            held = np.zeros(len(deadline), np.bool_)
            held[superior[put_off]] = True
            other |= held.take(superior)
        due = np.where(beyond & ~put_off, limit, due)[other]
        mine = local[other]
        child = self._plans_at(given.place[mine], self.e_plan[self.a_e[mine]])
        mine, due, child = mine[child >= 0], due[child >= 0], child[child >= 0]
        superior = self.a_e[mine]
        direct = self.up[child] == self.e_plan[superior]
        earliest = np.full(self.pairs + 1, np.iinfo(np.int32).max, np.int32)
        pair = self.base[child[direct]] + self.rank[superior[direct]]
        earliest[pair] = due[direct]
        if (earliest[pair] > due[direct]).any():
            np.minimum.at(earliest, pair, due[direct])
        found = earliest[self.l_pair]
        far = np.flatnonzero(asked & ~self.l_direct)
        if len(far):
            known: dict[int, int] = {}
            keys = self._far_key(child[~direct], superior[~direct]).tolist()
            for key, day in zip(keys, due[~direct].tolist(), strict=True):
                known[key] = min(day, known.get(key, day))
            wanted = self._far_key(self.e_plan[self.l_e[far]], self.l_s[far]).tolist()
            found[far] = [known.get(key, NO_DAY) for key in wanted]
        found[found == np.iinfo(np.int32).max] = NO_DAY
        return found

    def _targets(self) -> Iterator[Finding]:
        """Each target against the nearest one above for the same indicator, place and day."""
        given = self.rows.targets
        if not len(given):
            return
        plan = self.plan_at.find(given.plan)
        same = joined(given.indicator, given.place, given.by)
        if int(same.max()) >= 2**62 // len(self.up):
            same = np.unique(same, return_inverse=True)[1]
        key = same * len(self.up) + plan
        order = np.argsort(key)
        keys = key[order]
        parent = np.full(len(given), NOWHERE, np.int64)
        above = self.up[plan]
        for _tier in range(len(self.up)):
            going = np.flatnonzero((above >= 0) & (parent < 0))
            if not len(going):
                break
            wanted = same[going] * len(self.up) + above[going]
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            parent[going] = np.where(keys[at] == wanted, order[at], NOWHERE)
            above[going] = self.up[above[going]]
        child = np.flatnonzero(parent >= 0)
        child = child[given.edition[child] == given.edition[parent[child]]]
        child = child[are_weaker(given, child, parent[child])]
        yield from self._tell(
            Code.WEAKER_TARGET, plan=given.plan[child], place=given.place[child],
            subject=given.id[child], related=_tuples(given.id[parent[child]]),
        )  # fmt: skip

    def _owed(self) -> Iterator[Finding]:
        given = self.rows.assignments
        mine = np.flatnonzero(self.is_local & self.expired)
        superior = self.a_e.take(mine)
        above = self.e_plan.take(superior)
        child = self._plans_at(given.place.take(mine), above)
        planned = child >= 0
        direct = self.up_or_none.take(child) == above
        refined = np.zeros(self.pairs + 1, np.bool_)
        refined[self.l_pair] = True
        refined[NOWHERE] = False
        pair = self.base.take(child) + self.rank.take(superior)
        if not direct.all():
            pair[~direct] = NOWHERE
        done = refined.take(pair)
        far = np.flatnonzero(planned & ~direct)
        done[far] = np.isin(self._far_key(child[far], superior[far]), self.far_keys)
        at = np.flatnonzero(planned & ~done)
        yield from self._assignments(
            Code.NOT_REFINED, mine[at], related=_tuples(self.rows.plans.id[child[at]])
        )
        at = mine[~planned]
        owing: dict[tuple[int, int, int], list[int]] = {}
        columns = (given.plan[at], given.place[at], given.body[at], given.thread[at])
        for plan, place, body, thread in zip(*(each.tolist() for each in columns), strict=True):
            owing.setdefault((plan, place, body), []).append(thread)
        for (plan, place, body), threads in owing.items():
            yield Finding(
                Code.NO_LOCAL_PLAN, plan, body=body, place=place, related=tuple(sorted(threads))
            )

    def _orphans(self) -> Iterator[Finding]:
        at = np.flatnonzero(~self.l_sound)
        superior = self.rows.links.superior[at]
        yield from self._elements(Code.ORPHAN_REFINEMENT, self.l_e[at], related=_tuples(superior))

    def _cycles(self) -> Iterator[Finding]:
        waits, given = self.rows.waits, self.rows.elements
        before, after = self.thread_at.find(waits.before), self.thread_at.find(waits.after)
        there = (before >= 0) & (after >= 0)
        for ring in cycles(before[there], after[there]):
            threads = tuple(sorted(given.thread[ring].tolist()))
            first = int(self.thread_at.find(np.array(threads[:1]))[0])
            place = int(self.rows.plans.place[self.e_plan[first]])
            yield Finding(
                Code.DEPENDENCY_CYCLE, int(given.plan[first]), threads[0], place=place,
                subject=threads[0], related=threads,
            )  # fmt: skip

    def _ended_bodies(self) -> Iterator[Finding]:
        endings, given, printed = self.rows.endings, self.rows.assignments, self.rows.printed
        gone = endings.ends <= self.today
        bodies, ends = Positioned(endings.body[gone]), endings.ends[gone]
        held = bodies.find(given.body)
        at = np.flatnonzero(self.open & (held >= 0))
        yield from self._assignments(Code.ENDED_BODY, at, days=_tuples(ends[held[at]]))
        named = bodies.find(printed.body)
        at = np.flatnonzero(named >= 0)
        yield from self._elements(
            Code.ENDED_BODY_PRINTED, self.p_element[at], body=printed.body[at],
            days=_tuples(ends[named[at]]),
        )  # fmt: skip

    def _outside(self) -> Iterator[Finding]:
        elements, given, targets = self.rows.elements, self.rows.assignments, self.rows.targets
        deadline = elements.deadline
        at, days = self._beyond(deadline, elements.plan, np.ones(len(elements), np.bool_))
        yield from self._elements(Code.DEADLINE_OUTSIDE_PLAN, at, days=days)
        at, days = self._beyond(given.due, given.plan, self.open)
        yield from self._assignments(Code.DUE_OUTSIDE_PLAN, at, days=days)
        at, days = self._beyond(targets.by, targets.plan, np.ones(len(targets), np.bool_))
        yield from self._tell(
            Code.TARGET_OUTSIDE_PLAN, plan=targets.plan[at], place=targets.place[at],
            subject=targets.id[at], days=days,
        )  # fmt: skip

    def _beyond(
        self, day: NDArray[np.int32], plan: NDArray[np.int64], asked: Flags
    ) -> tuple[Positions, list[tuple[int, ...]]]:
        """Which days lie before or after the period of their plan, and what bounds them."""
        begins, ends = self.rows.plans.begins, self.rows.plans.ends
        if not len(begins):
            return np.zeros(0, np.int64), []
        # Most days lie in what is common to all periods: only the others need their plan.
        at = np.flatnonzero(asked & (day != NO_DAY) & ((day < begins.max()) | (day > ends.min())))
        of = self.plan_at.find(plan[at])
        found = (day[at] < begins[of]) | (day[at] > ends[of])
        at, of = at[found], of[found]
        return at, _tuples(day[at], np.where(day[at] < begins[of], begins[of], ends[of]))

    def _same_duties(self) -> Iterator[Finding]:
        """Two elements of a plan under one title that refine the same element, led by one
        body: the duty is there twice."""
        rows, given = self.rows, self.rows.elements
        many = np.bincount(self.l_pair[self.l_direct], minlength=self.pairs + 1)
        many[NOWHERE] = 0
        at = np.flatnonzero(many.take(self.l_pair) > 1)
        far = np.flatnonzero(self.l_sound & ~self.l_direct)
        child = np.concatenate([self.l_e[at], self.l_e[far]])
        # Those that pass over a tier follow the pairs with numbers of their own.
        beyond = np.searchsorted(
            self.far_keys, self._far_key(self.e_plan[self.l_e[far]], self.l_s[far])
        )
        pair = np.concatenate([self.l_pair[at], self.pairs + beyond])
        title = given.title[child]
        order = np.lexsort((title, pair))
        child, pair, title = child[order], pair[order], title[order]
        equal = (pair[1:] == pair[:-1]) & (title[1:] == title[:-1])
        if not equal.any():
            return
        starts = np.flatnonzero(np.concatenate([[True], ~equal]))
        sizes = np.diff(starts, append=len(child))
        some = np.flatnonzero(sizes > 1)
        groups = [
            child[start : start + size].tolist()
            for start, size in zip(starts[some].tolist(), sizes[some].tolist(), strict=True)
        ]
        lead = self._leads_of({element for group in groups for element in group})
        seen: set[tuple[int, tuple[int, ...]]] = set()
        for group in groups:
            by_body: dict[int, list[int]] = {}
            for element in group:
                for body in lead[element]:
                    by_body.setdefault(body, []).append(element)
            for body, elements in sorted(by_body.items()):
                threads = tuple(sorted(given.thread[elements].tolist()))
                if len(threads) < 2 or (body, threads) in seen:
                    continue
                seen.add((body, threads))
                plan = self.e_plan[elements[0]]
                yield Finding(
                    Code.SAME_DUTY_TWICE, int(rows.plans.id[plan]), threads[0], body,
                    int(rows.plans.place[plan]), threads[0], threads,
                )  # fmt: skip

    def _leads_of(self, elements: set[int]) -> dict[int, set[int]]:
        """The bodies that lead some elements: by standing assignments, else as printed."""
        given, printed = self.rows.assignments, self.rows.printed
        chosen = np.zeros(len(self.e_plan) + 1, np.bool_)  # the last one stands for nowhere
        chosen[list(elements)] = True
        found: dict[int, set[int]] = {element: set() for element in elements}
        at = np.flatnonzero(chosen[self.a_e] & self.standing & (given.part <= COORDINATING))
        for element, body in zip(self.a_e[at].tolist(), given.body[at].tolist(), strict=True):
            found[element].add(body)
        at = np.flatnonzero(chosen[self.p_element] & (printed.role <= COORDINATING))
        bare = {element for element, bodies in found.items() if not bodies}
        for element, body in zip(
            self.p_element[at].tolist(), printed.body[at].tolist(), strict=True
        ):
            if element in bare:
                found[element].add(body)
        return found

    def _lead_and_support(self) -> Iterator[Finding]:
        """A body that leads an element and supports it as well, by assignment or in print."""
        given, printed = self.rows.assignments, self.rows.printed
        twice = self._both(self.a_e, given.body, given.part, self.standing & (self.a_e >= 0))
        twice |= self._both(
            self.p_element, printed.body, printed.role, np.ones(len(printed), np.bool_)
        )
        pairs = sorted(twice)
        at = np.array([element for element, _body in pairs], np.int64)
        bodies = [body for _element, body in pairs]
        yield from self._elements(Code.LEAD_AND_SUPPORT, at, body=bodies)

    def _both(
        self, element: Positions, body: NDArray[np.int64], part: NDArray[np.int8], there: Flags
    ) -> set[tuple[int, int]]:
        """Elements and bodies that have a leading part and a supporting one."""
        supports = np.flatnonzero(there & (part == SUPPORT))
        count = np.bincount(element[supports], minlength=len(self.e_plan))
        supporter = np.zeros(len(self.e_plan), np.int64)
        supporter[element[supports]] = body[supports]
        leads = np.flatnonzero(there & (part <= COORDINATING))
        led = element.take(leads)
        found = leads[(count.take(led) == 1) & (supporter.take(led) == body.take(leads))]
        twice = set(zip(element[found].tolist(), body[found].tolist(), strict=True))
        # Several supporters of one element are few enough to be compared one by one.
        many = supports[count[element[supports]] > 1]
        both = set(zip(element[many].tolist(), body[many].tolist(), strict=True))
        if both:
            found = leads[count[led] > 1]
            twice |= both & set(zip(element[found].tolist(), body[found].tolist(), strict=True))
        return twice

    def _milestones(self) -> Iterator[Finding]:
        steps, given = self.rows.milestones, self.rows.assignments
        at = Positioned(given.id).find(steps.assignment)
        due = given.due[at]
        owed = (at >= 0) & ~steps.done & self.open[at]
        late = np.flatnonzero(owed & (due != NO_DAY) & (steps.due > due))
        yield from self._steps(Code.MILESTONE_AFTER_DUE, late, at, due[late])
        before = Positioned(steps.id).find(steps.after)
        early = np.flatnonzero(owed & (before >= 0) & (steps.due < steps.due[before]))
        yield from self._steps(
            Code.MILESTONE_BEFORE_PREDECESSOR, early, at, steps.due[before[early]],
            steps.id[before[early]],
        )  # fmt: skip

    def _steps(
        self, code: Code, at: Positions, assignment: Positions, bound: NDArray[np.int32],
        related: NDArray[np.int64] | None = None,
    ) -> Iterator[Finding]:  # fmt: skip
        steps, given = self.rows.milestones, self.rows.assignments
        held = assignment[at]
        own = self.rows.plans.place[self.plan_at.find(given.plan[held])]
        place = np.where(given.place[held] > 0, given.place[held], own)
        more = {} if related is None else {"related": _tuples(related)}
        return self._tell(
            code, plan=given.plan[held], thread=given.thread[held],
            body=given.body[held], place=place, subject=steps.id[at],
            days=_tuples(steps.due[at], bound), **more,
        )  # fmt: skip


def _tuples(*columns: NDArray[Any]) -> list[tuple[int, ...]]:
    """Columns side by side, a tuple for each row."""
    return list(zip(*(each.tolist() for each in columns), strict=True))
