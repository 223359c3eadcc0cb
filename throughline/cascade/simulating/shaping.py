"""What a simulated cascade is made of: plans, elements, links, assignments, as plain records.

Pure and repeatable: the same country, day and seed give the same cascade. Records name each other
by their numbers in the lists here; keys of rows come when they are stored.

Nothing here is at fault in its text: no child is later or weaker than its parent, everybody has a
lead. What is missing is only what people have not done: they are silent, received and did not
take on, took on and did not refine, made no plan of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from throughline.cascade.rules.kinds import Part, Treatment

STRANDS = 5
CORE = 10
"""So many national elements reach every place: their pictures show the whole country."""
STEPS_OF_PLAN = 3
"""The first elements of every local plan have milestones."""
AGE = timedelta(days=300)
"""How long ago the national plan came into force."""
LAG = timedelta(days=45)
"""How much later each tier's plans follow."""
ANSWER = timedelta(days=30)
"""The time to respond."""

PATTERNS = {1: ("AAAAADMSsO", 2), 2: ("AAAADMMSsO", 4), 3: ("AAAADMMSsO", 7)}
"""How plans of a tier refine, over and over: adopt, adapt, merge so many, split in two, own."""
OWED_BESIDE = {1: 15, 2: 3, 3: 1}
"""How many elements are laid on a place of a tier, beyond those that it refines."""
WITHOUT_PLAN = 90
"""One place in so many of the lowest tier has not made its plan."""


class Seat(NamedTuple):
    """A place and who sits there: keys of rows; posts as (responsible leader, handling
    officer) by body. `above` is the number of the seat that it answers to, -1 for the top."""

    place: int
    code: str
    name_en: str
    name_zh: str
    level: int
    above: int
    government: int
    bodies: tuple[int, ...]
    posts: dict[int, tuple[int, int]]


class Made(NamedTuple):
    """An element; `superiors` and `roots` are numbers of elements."""

    plan: int
    position: int
    parent: int
    kind: str
    title_en: str
    title_zh: str
    deadline: date | None
    leads: tuple[int, ...]
    coordinating: int
    supports: tuple[int, ...]
    superiors: tuple[int, ...]
    treatment: Treatment | None
    roots: tuple[int, ...]
    core: bool


class Laid(NamedTuple):
    """An assignment; instants as of its `Stage`-like course."""

    element: int
    body: int
    place: int | None
    part: Part
    due: date | None
    issued_at: datetime
    course: Course


class Course(NamedTuple):
    """How an assignment went so far."""

    received: datetime | None = None
    taken_on: datetime | None = None
    started: datetime | None = None
    closed: datetime | None = None
    ended: datetime | None = None
    claim: str = ""
    """`contest` or `not_applicable`; decided where the assignment ended."""


class Step(NamedTuple):
    """A milestone; `after` is the number of the one before it, -1 for none."""

    laid: int
    number: int
    due: date
    after: int
    done: datetime | None


class Aim(NamedTuple):
    """A target of a plan for one of the simulated indicators at a place."""

    plan: int
    indicator: int
    place: int
    operator: str
    value: float | None
    baseline: float


@dataclass
class Cascade:
    """All of it."""

    seats: Sequence[Seat]
    today: date
    plans: list[tuple[int, int]] = field(default_factory=list)
    """Seat and superior plan (-1 for the national one)."""
    elements: list[Made] = field(default_factory=list)
    laid: list[Laid] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    waits: list[tuple[int, int]] = field(default_factory=list)
    """Elements: the earlier, the later one that depends on it."""

    @property
    def links(self) -> int:
        """How many refinements there are."""
        return sum(len(each.superiors) for each in self.elements)

    @property
    def first_year(self) -> int:
        """Of the plan's five."""
        return (self.today - AGE).year

    def issued(self, level: int) -> datetime:
        """When the plans of a tier came into force."""
        day = self.today - AGE + level * LAG
        return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


def shape(seats: Sequence[Seat], totals: Sequence[int], today: date, seed: int) -> Cascade:
    """A cascade over seats in tree order (a place after the one above it), with so many
    elements in all plans of each tier, from the top."""
    return _Shaping(Cascade(seats, today), Random(seed), totals).shaped()  # noqa: S311


@dataclass
class _Shaping:
    made: Cascade
    draw: Random
    totals: Sequence[int]
    plan_of: dict[int, int] = field(default_factory=dict)
    of_plan: list[range] = field(default_factory=list)
    values: dict[tuple[int, int], float] = field(default_factory=dict)
    """What the plan above asks of an indicator at a seat."""

    def shaped(self) -> Cascade:
        seats, made = self.made.seats, self.made
        sizes = self._sizes()
        for number, seat in enumerate(seats):
            if seat.level == 0:
                self._plan(number, -1)
                self._national(number, sizes[number])
            elif seat.above in self.plan_of:
                self._local(number, sizes.get(number, 0))
        for plan, (number, _superior) in enumerate(made.plans):
            self._aims(plan, number)
        return made

    def _sizes(self) -> dict[int, int]:
        """How many elements the plan of each seat has."""
        found = {}
        for level, total in enumerate(self.totals):
            here = [n for n, seat in enumerate(self.made.seats) if seat.level == level]
            if level == len(self.totals) - 1:
                here = [n for n in here if n % WITHOUT_PLAN != WITHOUT_PLAN - 1]
            for rank, number in enumerate(here):
                found[number] = total // len(here) + (rank < total % len(here))
        return found

    def _plan(self, seat: int, superior: int) -> int:
        self.plan_of[seat] = len(self.made.plans)
        self.made.plans.append((seat, superior))
        return self.plan_of[seat]

    # -- the national plan -----------------------------------------------------------------

    def _national(self, number: int, size: int) -> None:
        seat, made = self.made.seats[number], self.made
        strands = min(STRANDS, max(1, size // 4))
        for position in range(strands):
            made.elements.append(
                Made(0, position, -1, "strand", f"Simulated strand {position + 1}",
                     f"模拟重点领域{position + 1}", None, (), -1, (), (), None, (position,), False)
            )  # fmt: skip
        kinds = ("task",) * 6 + ("reform_measure", "policy", "major_project", "key_project")
        for position in range(strands, size):
            rank = position - strands
            leads = self._bodies(seat, 2 if rank % 8 == 7 else 1, rank)
            others = [body for body in seat.bodies if body not in leads]
            supports = tuple(others[rank % len(others)] for _ in (0,)) if others else ()
            made.elements.append(
                Made(
                    0, position, rank * strands // (size - strands), kinds[rank % len(kinds)],
                    f"Simulated task {rank + 1}", f"模拟任务{rank + 1}", self._deadline(), leads,
                    leads[0] if len(leads) > 1 else -1, supports, (), None, (position,),
                    rank < CORE,
                )
            )  # fmt: skip
        self.of_plan.append(range(size))
        self._wait(range(strands, size))
        for element in range(strands, size):
            self._lay_inside(element, 0, milestones=4 if element % 3 == 0 else 0)

    def _bodies(self, seat: Seat, count: int, rank: int) -> tuple[int, ...]:
        count = min(count, len(seat.bodies))
        return tuple(seat.bodies[(rank + k) % len(seat.bodies)] for k in range(count))

    def _deadline(self) -> date:
        year = self.made.first_year + self.draw.choice((2, 3, 4, 4))
        return self.draw.choice((date(year, 6, 30), date(year, 12, 31)))

    def _wait(self, elements: range) -> None:
        """A third of a plan's elements wait for the one before."""
        self.made.waits += [(k - 1, k) for k in elements if k % 3 == 0 and k - 1 in elements]

    # -- local plans -----------------------------------------------------------------------

    def _local(self, number: int, size: int) -> None:
        seat, made = self.made.seats[number], self.made
        superior = self.plan_of[seat.above]
        owed = self._owed(number, superior)
        if not size:  # it owes, and has made no plan
            for each in owed[:CORE]:
                self._lay_on_place(each, seat, self._course_of_doer(seat.level - 1))
            return
        plan, first = self._plan(number, superior), len(made.elements)
        answered: set[int] = set()
        for position, (treatment, above) in enumerate(self._treatments(seat.level, owed, size)):
            answered.update(above)
            made.elements.append(
                self._element(plan, seat, position, treatment, above, treatment is None)
            )
        elements = range(first, len(made.elements))
        self.of_plan.append(elements)
        self._wait(elements)
        taken = len(answered)
        for each in owed[:taken]:
            self._lay_on_place(each, seat, self._course_of_doer(seat.level - 1))
        for each in owed[taken : taken + OWED_BESIDE.get(seat.level, 1)]:
            self._lay_on_place(each, seat, self._course_of_one_behind(seat.level - 1))
        for position, element in enumerate(elements):
            self._lay_inside(element, seat.level, milestones=3 if position < STEPS_OF_PLAN else 0)

    def _owed(self, number: int, superior: int) -> list[int]:
        """The superior plan's elements in the order in which this place takes them: what
        reaches everybody first, then from a place of its own round the plan."""
        above = [k for k in self.of_plan[superior] if self.made.elements[k].kind != "strand"]
        core = [k for k in above if self.made.elements[k].core]
        rest = [k for k in above if not self.made.elements[k].core]
        turn = number * 7 % len(rest) if rest else 0
        return core + rest[turn:] + rest[:turn]

    def _treatments(
        self, level: int, owed: Sequence[int], size: int
    ) -> Iterator[tuple[Treatment | None, tuple[int, ...]]]:
        """For each element of a plan, how it answers which superior ones; None for its own."""
        pattern, merged = PATTERNS.get(level, PATTERNS[3])
        core = sum(self.made.elements[k].core for k in owed)
        at = 0
        for position in range(size):
            letter = "A" if position < core else pattern[(position - core) % len(pattern)]
            if letter == "s" and at:
                yield Treatment.SPLIT, (owed[at - 1],)
                continue
            count = {"M": merged + (level > 2 and position % 2), "O": 0}.get(letter, 1)
            above = tuple(owed[at : at + count])
            at += len(above)
            if not above:
                yield None, ()
            elif len(above) > 1:
                yield Treatment.MERGE, above
            else:
                kinds = {"D": Treatment.ADAPT, "S": Treatment.SPLIT, "M": Treatment.ADAPT}
                yield kinds.get(letter, Treatment.ADOPT), above

    def _element(
        self, plan: int, seat: Seat, position: int, treatment: Treatment | None,
        above: tuple[int, ...], own: bool,
    ) -> Made:  # fmt: skip
        here, made = len(self.made.elements), self.made.elements
        if own:
            deadline = self._deadline()
            roots: tuple[int, ...] = (here,)
        else:
            deadline = min(made[k].deadline or date.max for k in above)
            deadline -= timedelta(days=self.draw.choice((0, 0, 0, 30, 60)))
            roots = tuple(sorted({root for k in above for root in made[k].roots}))
        what_en = "Own simulated measure" if own else "Simulated measure"
        what_zh = "自有模拟举措" if own else "模拟举措"
        lead = self._bodies(seat, 1, position)
        others = tuple(body for body in seat.bodies if body not in lead)
        return Made(
            plan, position, -1, made[above[0]].kind if above else "task",
            f"{what_en} {position + 1} of {seat.name_en or seat.code}",
            f"{seat.name_zh or seat.code}{what_zh}{position + 1}", deadline, lead, -1,
            others[:1] if position % 5 == 0 else (), above, treatment, roots,
            bool(above) and treatment is Treatment.ADOPT and made[above[0]].core,
        )  # fmt: skip

    # -- assignments -----------------------------------------------------------------------

    def _lay_inside(self, element: int, level: int, milestones: int) -> None:
        """The parts of a place's own bodies."""
        said, issued = self.made.elements[element], self.made.issued(level)
        for body in said.leads:
            course = self._course_inside(level)
            due = said.deadline
            if course.started and not course.closed and self.draw.random() < 0.015:
                due = self.made.today - timedelta(days=20)  # late: its day has passed
            self.made.laid.append(Laid(element, body, None, Part.LEAD, due, issued, course))
            if milestones and due == said.deadline:
                self._milestones(len(self.made.laid) - 1, milestones, level)
        if said.coordinating >= 0:
            self.made.laid.append(
                Laid(element, said.coordinating, None, Part.COORDINATING, said.deadline, issued,
                     self._course_of_doer(level))
            )  # fmt: skip
        for body in said.supports:
            course = self._course_inside(level)
            self.made.laid.append(
                Laid(element, body, None, Part.SUPPORT, said.deadline, issued, course)
            )

    def _lay_on_place(self, element: int, seat: Seat, course: Course) -> None:
        said = self.made.elements[element]
        issued = self.made.issued(seat.level - 1)
        self.made.laid.append(
            Laid(element, seat.government, seat.place, Part.LOCALITY, said.deadline, issued, course)
        )

    def _course(self, level: int, steps: int) -> Course:
        """The first so many of: received, taken on, started, closed."""
        at = self.made.issued(level) + timedelta(
            days=self.draw.randint(0, 9), minutes=self.draw.randint(0, 480)
        )
        instants: list[datetime] = []
        for _step in range(4):
            instants.append(at)
            at += timedelta(days=self.draw.randint(2, 15), minutes=self.draw.randint(0, 480))
        received, taken_on, started, closed = (
            at if step < steps else None for step, at in enumerate(instants)
        )
        return Course(received, taken_on, started, closed)

    def _course_inside(self, level: int) -> Course:
        chance = self.draw.random()
        if chance < 0.01:
            return Course()
        bounds = ((0.02, 1), (0.35, 2), (0.94, 3))
        return self._course(level, next((steps for below, steps in bounds if chance < below), 4))

    def _course_of_doer(self, level: int) -> Course:
        """Of a place that has refined what it owes."""
        chance = self.draw.random()
        if chance < 0.005:
            return Course()
        bounds = ((0.01, 1), (0.45, 2), (0.95, 3))
        return self._course(level, next((steps for below, steps in bounds if chance < below), 4))

    def _course_of_one_behind(self, level: int) -> Course:
        """Of a place that has not refined what it owes."""
        chance = self.draw.random()
        if chance < 0.25:
            return Course()
        if chance < 0.45:
            return self._course(level, 1)
        if chance < 0.6:
            return self._course(level, 2)
        claim = "contest" if chance < 0.75 else "not_applicable"
        course = self._course(level, 1)._replace(claim=claim)
        if claim == "not_applicable" and chance < 0.9:
            return course._replace(ended=self.made.issued(level) + timedelta(days=40))
        return course

    def _milestones(self, laid: int, count: int, level: int) -> None:
        said = self.made.laid[laid]
        begun = self.made.issued(level).date()
        span = ((said.due or begun) - begun) // (count + 1)
        after = -1
        for number in range(count):
            due = begun + span * (number + 1)
            is_past = due < self.made.today and said.course.started
            done = said.course.started if is_past else None
            if done and done.date() < due:
                done = datetime(due.year, due.month, due.day, tzinfo=UTC)
            self.made.steps.append(Step(laid, number + 1, due, after, done))
            after = len(self.made.steps) - 1

    # -- targets ---------------------------------------------------------------------------

    def _aims(self, plan: int, number: int) -> None:
        """A plan's own targets, as strong as or stronger than those that the plan above has for
        the place, and those that it has for the places below."""
        here = self.made.seats[number]
        below = self._below.get(number, ())
        for indicator, operator in enumerate(("ge", "le", "direction")):
            if operator == "direction" and here.level > 1:
                continue
            own = self.values.get((number, indicator), 1000.0)
            if number % 2:
                own *= 1.02 if operator == "ge" else 0.98
            self._aim(plan, indicator, here.place, operator, own)
            for other in below:
                share = own * (0.8 + 0.4 * ((other * 7 + indicator) % 11) / 10)
                self.values[other, indicator] = round(share, 1)
                self._aim(plan, indicator, self.made.seats[other].place, operator, round(share, 1))

    def _aim(self, plan: int, indicator: int, place: int, operator: str, value: float) -> None:
        asked = None if operator == "direction" else round(value, 1)
        self.made.aims.append(Aim(plan, indicator, place, operator, asked, 500.0))

    @property
    def _below(self) -> dict[int, list[int]]:
        if not self._children:
            for number, seat in enumerate(self.made.seats):
                self._children.setdefault(seat.above, []).append(number)
        return self._children

    _children: dict[int, list[int]] = field(default_factory=dict)
