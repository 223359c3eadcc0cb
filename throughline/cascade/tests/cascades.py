"""Small cascades by chance, and cascades as columns or as plain records."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from random import Random
from typing import Any

from throughline.cascade.checking import Finding, Rows
from throughline.cascade.checking.rows import NEVER, Table
from throughline.cascade.tests import plainly
from throughline.figures.rules.bulk import DIRECTIONS, OPERATORS
from throughline.figures.rules.goals import Band, Goal, Operator
from throughline.kernel.period import Period

BEGINS, ENDS = date(2021, 1, 1).toordinal(), date(2025, 12, 31).toordinal()
TODAY = date(2023, 6, 1).toordinal()
NOW = (TODAY - date(1970, 1, 1).toordinal()) * 86_400_000_000
RECORDS = (
    plainly.Plan, plainly.Element, plainly.Link, plainly.Print, plainly.Assignment,
    plainly.Milestone, plainly.Aim, plainly.Wait, plainly.Ending,
)  # fmt: skip


def as_records(rows: Rows) -> plainly.Cascade:
    """Columns as plain records."""
    tables: list[Any] = []
    for each, kind in zip(fields(rows), RECORDS, strict=True):
        table: Table = getattr(rows, each.name)
        columns = [getattr(table, name).tolist() for name in table.columns()]
        if kind is plainly.Aim:
            columns = [*columns[:6], list(zip(*columns[6:], strict=True))]
        tables.append([kind(*row) for row in zip(*columns, strict=True)])
    return plainly.Cascade(*tables)


def as_rows(cascade: plainly.Cascade) -> Rows:
    """Plain records as columns."""
    tables: list[Any] = []
    all_records: tuple[list[Any], ...] = tuple(cascade)
    for each, records in zip(fields(Rows), all_records, strict=True):
        kind = TABLES[each.name]
        flat = [
            (*row[:6], *row.goal) if isinstance(row, plainly.Aim) else tuple(row) for row in records
        ]
        tables.append(kind.of(*zip(*flat, strict=True)) if flat else kind.empty())
    return Rows(*tables)


def _tables() -> dict[str, type[Table]]:
    from throughline.cascade.checking import rows as module

    return {each.name: getattr(module, str(each.type)) for each in fields(Rows)}


TABLES = _tables()


def goal_of(given: tuple[Any, ...]) -> Goal:
    """A target's columns, from the operator on, as a goal."""
    operator, value, upper, strict, percent, tolerance, baseline, decimals, direction, *band = given

    def number(value: float) -> float | None:
        return None if value != value else value

    low, high = map(number, band)
    return Goal(
        operator=OPERATORS[operator],
        value=number(value),
        by=Period(2025),
        baseline=number(baseline),
        strict=strict,
        upper=number(upper),
        percent=percent,
        tolerance=number(tolerance),
        decimals=None if decimals < 0 else decimals,
        direction=DIRECTIONS[direction],
        band=None if low is None or high is None else Band(low, high),
    )


def as_found(findings: list[Finding]) -> list[plainly.Found]:
    """What the checker says, as the plain one says it."""
    return [(str(each.code), *each[1:]) for each in findings]


def any_goal(draw: Random) -> tuple[Any, ...]:
    """A target of any operator, over numbers so few that edges meet."""
    nan = float("nan")
    operator = draw.choice(list(Operator))
    value = nan if operator is Operator.DIRECTION else draw.choice((3.0, 4.0, 4.5, 5.0, 6.0))
    upper = value + draw.choice((0.5, 1.0, 2.0)) if operator is Operator.RANGE else nan
    hits = operator in (Operator.EQ, Operator.ABOUT)
    tolerance = draw.choice((nan, 0.0, 0.5)) if hits else nan
    band = draw.choice(((nan, nan), (4.0, 5.0)))
    return (
        OPERATORS.index(operator), value, upper, draw.random() < 0.3 and not hits,
        operator in (Operator.PLUS, Operator.MINUS) and draw.random() < 0.4, tolerance,
        draw.choice((nan, 2.0, 4.0, 4.04)), draw.choice((-1, 0, 1)),
        draw.randrange(len(DIRECTIONS)), *band,
    )  # fmt: skip


class Chance:
    """A cascade in which everything can be wrong, over keys that lie apart."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.spread = self.draw.choice((1, 7, 1_000_003))
        self.last = 0

    def key(self) -> int:
        self.last += self.draw.randint(1, self.spread)
        return self.last

    def day(self) -> int:
        """None, or a day within the plans' period, now and then outside."""
        return self.draw.choice((0, BEGINS - 9, ENDS + 9, *(TODAY + k for k in range(-4, 5))))

    def cascade(self) -> plainly.Cascade:
        draw = self.draw
        plans = [plainly.Plan(self.key(), 0, 1, BEGINS, ENDS)]
        for _ in range(draw.randint(0, 6)):
            superior = draw.choice(plans[-3:]).id
            place = draw.choice((self.key(), plans[-1].place))
            plans.append(plainly.Plan(self.key(), superior, place, BEGINS, ENDS))
        elements = [
            plainly.Element(self.key(), self.key(), draw.choice(plans).id, draw.random() < 0.8,
                            self.day(), draw.randint(1, 3))
            for _ in range(draw.randint(0, 14))
        ]  # fmt: skip
        bodies = [self.key() for _ in range(4)]
        gone = [self.key() for _ in range(2)]  # threads that stand in force no longer
        threads = [each.thread for each in elements] + gone
        assignments = self.assignments(plans, elements, bodies, gone)
        milestones = self.milestones(assignments)
        draw.shuffle(plans)
        return plainly.Cascade(
            plans, elements, self.links(elements, threads), self.printed(elements, bodies),
            assignments, milestones, self.targets(plans),
            self.waits(threads),
            [plainly.Ending(body, TODAY + draw.randint(-1, 1)) for body in bodies[:2]],
        )  # fmt: skip

    def links(self, elements: list[plainly.Element], threads: list[int]) -> list[plainly.Link]:
        pairs = {
            (self.draw.choice(elements).id, self.draw.choice(threads))
            for _ in range(self.draw.randint(0, 20))
            if elements
        }
        return [plainly.Link(*pair) for pair in sorted(pairs)]

    def printed(self, elements: list[plainly.Element], bodies: list[int]) -> list[plainly.Print]:
        rows = {
            (self.draw.choice(elements).id, self.draw.choice(bodies), self.draw.randint(0, 2))
            for _ in range(self.draw.randint(0, 12))
            if elements
        }
        return [plainly.Print(*row) for row in sorted(rows)]

    def assignments(
        self, plans: list[plainly.Plan], elements: list[plainly.Element], bodies: list[int],
        gone: list[int],
    ) -> list[plainly.Assignment]:  # fmt: skip
        draw = self.draw
        made = []
        for _ in range(draw.randint(0, 25)):
            where = [(each.thread, each.plan) for each in elements]
            thread, plan = draw.choice([*where, (gone[0], plans[0].id)])
            part = draw.randint(0, 3)
            places = [each.place for each in plans] + [self.key()]
            received = draw.random() < 0.7
            made.append(
                plainly.Assignment(
                    self.key(), thread, plan, draw.choice(bodies),
                    draw.choice(places) if part == 3 else 0, part, self.day(),
                    draw.random() < 0.6, draw.choice((NEVER, NOW - 1, NOW, NOW + 1)), received,
                    received and draw.random() < 0.7, draw.random() < 0.2, draw.random() < 0.2,
                    draw.random() < 0.2,
                )
            )  # fmt: skip
        return made

    def milestones(self, assignments: list[plainly.Assignment]) -> list[plainly.Milestone]:
        made: list[plainly.Milestone] = []
        for _ in range(self.draw.randint(0, 10) if assignments else 0):
            after = self.draw.choice([0, *(each.id for each in made)])
            made.append(
                plainly.Milestone(
                    self.key(), self.draw.choice(assignments).id, self.day() or TODAY, after,
                    self.draw.random() < 0.2,
                )
            )  # fmt: skip
        return made

    def targets(self, plans: list[plainly.Plan]) -> list[plainly.Aim]:
        draw = self.draw
        keys = {
            (draw.choice(plans).id, draw.randint(1, 2), draw.randint(1, 2),
             draw.choice((ENDS, ENDS, ENDS + 365)))
            for _ in range(draw.randint(0, 16))
        }  # fmt: skip
        return [
            plainly.Aim(self.key(), plan, indicator, place, draw.choice((1, 1, 1, 2)), by,
                        any_goal(draw))
            for plan, indicator, place, by in sorted(keys)
        ]  # fmt: skip

    def waits(self, threads: list[int]) -> list[plainly.Wait]:
        pairs = {
            (self.draw.choice(threads), self.draw.choice(threads))
            for _ in range(self.draw.randint(0, len(threads) * 3 // 2))
        }
        return [plainly.Wait(*pair) for pair in sorted(pairs) if pair[0] != pair[1]]
