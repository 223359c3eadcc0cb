"""Every cell against its target at once, against the same rule called for each cell.

Data: targets of every operator drawn from a fixed seed, one for each of some places and
indicators, on ten schedules, with figures of one year of which a tenth is missing; some are
judged at published decimals. The peer is what a page does for a single place.
"""

from __future__ import annotations

import math
import random

import numpy as np

from bench.row import Row, paired
from throughline.figures import rules
from throughline.figures.rules import bulk
from throughline.kernel.period import Period

CELLS = 5_000
YEAR = Period(2023)
NUMBERED = [each for each in rules.Operator if each is not rules.Operator.DIRECTION]


def goal_of(draw: random.Random) -> rules.Goal:
    """A made-up target with a number, of any operator."""
    operator = draw.choice(NUMBERED)
    value = round(draw.uniform(1, 1000), 1)
    return rules.Goal(
        operator=operator,
        value=value,
        by=Period(2025 + draw.randrange(5)),
        baseline=round(draw.uniform(1, 1000), 1),
        baseline_period=Period(2019 + draw.randrange(2)),
        upper=value + 10 if operator is rules.Operator.RANGE else None,
        strict=draw.random() < 0.1,
        decimals=draw.choice([None, 0, 1, 2]),
    )


def run() -> list[Row]:
    """Time both on the same cells; what they say is the same."""
    draw = random.Random(1)
    goals = [goal_of(draw) for _ in range(CELLS)]
    values = [math.nan if draw.random() < 0.1 else draw.uniform(1, 1000) for _ in goals]
    ready, table = bulk.Goals.of(goals), np.array(values)[:, None]

    def at_once() -> bulk.Judgements:
        return bulk.judge_all(ready, table, [YEAR])

    def one_by_one() -> list[rules.Judgement]:
        return [
            rules.judge(goal, None if math.isnan(value) else value, YEAR)
            for goal, value in zip(goals, values, strict=True)
        ]

    codes = at_once().status[:, 0]
    if [bulk.STATUSES[code] for code in codes] != [said.status for said in one_by_one()]:
        raise AssertionError("the two judge differently")
    ours, theirs = paired(at_once, one_by_one, rounds=5)
    name = f"status and gap of {CELLS:,} cells"
    return [Row(name, "the rule cell by cell", ours * 1000, theirs * 1000, "ms", 10.0)]
