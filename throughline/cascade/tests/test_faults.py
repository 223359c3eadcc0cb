"""Faults put into a faultless simulated cascade: all are found, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from throughline.cascade.checking import Code, check
from throughline.cascade.checking.rows import instant
from throughline.cascade.rules.kinds import Part
from throughline.cascade.simulating.shaping import ANSWER, Cascade, Seat, shape
from throughline.cascade.tests import plainly
from throughline.cascade.tests.cascades import as_found, as_rows, goal_of
from throughline.cascade.tests.faults import Faults
from throughline.figures.rules.bulk import DIRECTIONS, OPERATORS
from throughline.figures.rules.goals import Direction, Operator

TODAY = date(2026, 11, 28)
NAN = float("nan")
PARTS = [Part.LEAD, Part.COORDINATING, Part.SUPPORT, Part.LOCALITY]
WAYS = (Direction.UP, Direction.DOWN, Direction.UP)


def country() -> list[Seat]:
    """Two provinces with three prefectures each and forty counties in each of those; with a
    government and two departments."""
    seats: list[Seat] = []

    def sit(level: int, above: int) -> None:
        number = len(seats)
        bodies = (number * 10 + 1, number * 10 + 2)
        seats.append(
            Seat(
                number + 1, str(number), str(number), "", level, above, number * 10 + 3, bodies, {}
            )
        )
        for _ in range((2, 3, 40, 0)[level]):
            sit(level + 1, number)

    sit(0, -1)
    return seats


def as_records(cascade: Cascade) -> plainly.Cascade:
    """What would be stored and read, with numbers from 1 for keys."""
    begins = date(cascade.first_year, 1, 1).toordinal()
    ends = date(cascade.first_year + 4, 12, 31).toordinal()
    seats = cascade.seats
    titles: dict[str, int] = {}
    made = cascade.elements
    return plainly.Cascade(
        [
            plainly.Plan(k + 1, superior + 1, seats[seat].place, begins, ends)
            for k, (seat, superior) in enumerate(cascade.plans)
        ],
        [
            plainly.Element(
                k + 1, k + 1, each.plan + 1, each.kind != "strand",
                each.deadline.toordinal() if each.deadline else 0,
                titles.setdefault(each.title_en, len(titles)),
            )
            for k, each in enumerate(made)
        ],
        [plainly.Link(k + 1, up + 1) for k, each in enumerate(made) for up in each.superiors],
        [
            plainly.Print(k + 1, body, role)
            for k, each in enumerate(made)
            for role, bodies in enumerate((each.leads, (each.coordinating,), each.supports))
            for body in bodies
            if body > 0
        ],
        [
            plainly.Assignment(
                k + 1, each.element + 1, made[each.element].plan + 1, each.body, each.place or 0,
                PARTS.index(each.part), each.due.toordinal() if each.due else 0,
                each.due != made[each.element].deadline,
                instant(each.issued_at + ANSWER), each.course.received is not None,
                each.course.taken_on is not None,
                bool(each.course.claim) and each.course.ended is None,
                each.course.closed is not None, each.course.ended is not None,
            )
            for k, each in enumerate(cascade.laid)
        ],
        [
            plainly.Milestone(k + 1, step.laid + 1, step.due.toordinal(), step.after + 1,
                              step.done is not None)
            for k, step in enumerate(cascade.steps)
        ],
        [
            plainly.Aim(
                k + 1, aim.plan + 1, aim.indicator + 1, aim.place, 1, ends,
                (
                    OPERATORS.index(Operator(aim.operator)),
                    NAN if aim.value is None else aim.value, NAN,
                    False, False, NAN, aim.baseline, 1,
                    DIRECTIONS.index(WAYS[aim.indicator]), NAN, NAN,
                ),
            )
            for k, aim in enumerate(cascade.aims)
        ],
        [plainly.Wait(before + 1, after + 1) for before, after in cascade.waits],
        [],
    )  # fmt: skip


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return shape(country(), (60, 100, 200, 4800), TODAY, seed=14)


def test_the_same_seed_gives_the_same_cascade(cascade: Cascade) -> None:
    again = shape(country(), (60, 100, 200, 4800), TODAY, seed=14)
    assert (again.elements, again.laid, again.steps) == (
        cascade.elements, cascade.laid, cascade.steps,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_all_faults_are_found_and_nothing_else(cascade: Cascade, seed: int) -> None:
    begun = cascade.issued(0).date()
    at = datetime(begun.year, begun.month, begun.day, 12, tzinfo=UTC)
    clean = as_records(cascade)
    assert check(as_rows(clean), today=begun, now=at) == []
    faults = Faults(clean, begun.toordinal(), instant(at), seed, count=2)
    expected = Counter(faults.expected)
    assert {code for code, *_rest in expected} == {str(code) for code in Code}
    assert Counter(as_found(check(as_rows(faults.cascade), today=begun, now=at))) == expected
    plain = plainly.check_plainly(faults.cascade, begun.toordinal(), instant(at), goal_of)
    assert Counter(plain) == expected
