"""The checks of a cascade, held against plain ones that share no code with them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from throughline.cascade.checking import Code, check
from throughline.cascade.checking.cycles import cycles
from throughline.cascade.checking.rows import Targets
from throughline.cascade.checking.targets import are_weaker, goal_at
from throughline.cascade.rules.weakening import weaker
from throughline.cascade.tests.cascades import (
    NOW,
    TODAY,
    Chance,
    any_goal,
    as_found,
    as_records,
    as_rows,
    goal_of,
)
from throughline.cascade.tests.plainly import Cascade, Found, check_plainly

DAY = date.fromordinal(TODAY)
INSTANT = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)


def found_in(cascade: Cascade) -> list[Found]:
    return as_found(check(as_rows(cascade), today=DAY, now=INSTANT))


@given(st.integers(0, 10**9))
def test_columns_say_what_plain_records_say(seed):
    cascade = Chance(seed).cascade()
    assert Counter(found_in(cascade)) == Counter(check_plainly(cascade, TODAY, NOW, goal_of))


@given(st.integers(0, 10**9))
def test_the_order_of_the_rows_does_not_matter(seed):
    cascade = Chance(seed).cascade()
    tables: list[Any] = [Random(seed).sample(list(table), len(table)) for table in cascade]
    shuffled = Cascade(*tables)
    # Of several plans of one place, that which stands first counts.
    shuffled = shuffled._replace(plans=cascade.plans)
    assert Counter(found_in(shuffled)) == Counter(found_in(cascade))


def test_chance_meets_every_code():
    met = {code for seed in range(300) for code, *_ in found_in(Chance(seed).cascade())}
    assert met == {str(code) for code in Code}


@given(st.integers(0, 10**9))
def test_records_become_columns_and_records_again(seed):
    cascade = Chance(seed).cascade()
    again = as_records(as_rows(cascade))
    assert repr(again) == repr(cascade)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_every_circle_is_found_once(edges):
    reach = np.eye(13, dtype=bool)
    for begin, end in edges:
        reach[begin, end] = True
    for _ in range(13):
        reach = reach | (reach.astype(int) @ reach.astype(int) > 0)
    both = reach & reach.T
    expected = {tuple(np.flatnonzero(row).tolist()) for row in both}
    expected = {part for part in expected if len(part) > 1 or (part[0], part[0]) in edges}
    begins, ends = (
        np.array(side, np.int64) for side in (zip(*edges, strict=True) if edges else ([], []))
    )
    assert sorted(cycles(begins, ends)) == sorted(list(part) for part in expected)


def test_a_long_chain_needs_no_deep_recursion_and_no_square_of_time():
    chain = np.arange(200_000)
    assert cycles(chain[:-1], chain[1:]) == []
    assert cycles(chain, np.roll(chain, 1)) == [chain.tolist()]


@given(st.integers(0, 10**9))
def test_columns_of_targets_are_weaker_where_the_rule_says_so(seed):
    draw = Random(seed)
    goals = [any_goal(draw) for _ in range(12)]
    ones = [1] * len(goals)
    targets = Targets.of(
        ones, ones, ones, ones, ones, [TODAY] * len(goals), *zip(*goals, strict=True)
    )
    children, parents = np.indices((12, 12)).reshape(2, -1)
    said = are_weaker(targets, children, parents).tolist()
    assert said == [weaker(goal_of(one), goal_of(other)) for one in goals for other in goals]
    assert goal_at(targets, 0).wanted == goal_of(goals[0]).wanted


@given(st.integers(0, 10**9))
def test_what_is_not_weaker_lets_nothing_pass_that_the_superior_one_refuses(seed):
    draw = Random(seed)
    decimals = draw.choice((0, 1))
    child, parent = (
        goal_of((*any_goal(draw)[:7], decimals, 0, float("nan"), float("nan"))) for _ in range(2)
    )
    if child.number is None or parent.number is None:
        return
    published = [round(step * 10.0**-decimals, decimals) for step in range(-100, 400)]
    passes = [value for value in published if child.met_by(value) and not parent.met_by(value)]
    assert weaker(child, parent) == bool(passes)
