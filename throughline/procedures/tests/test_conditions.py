"""Conditions: what they mean, what they refuse, and that reading them is bounded."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.procedures.rules.conditions import MAX_LENGTH, Condition, ConditionError
from throughline.procedures.rules.facts import FactError, FactType, Variable, fact, points

COST = Variable(
    "cost", FactType.NUMBER, units={"亿元": Decimal(1), "万元": Decimal("0.0001")}, low=Decimal(0)
)
COUNT = Variable("count", FactType.NUMBER)
SECTOR = Variable("sector", FactType.CHOICE, values=("rail", "road", "other"))
LAND = Variable("new-land", FactType.YES_NO)
KNOWN = {each.key: each for each in (COST, COUNT, SECTOR, LAND)}


def holds(text: str, **values: Any) -> bool | None:
    given = {name.replace("_", "-"): value for name, value in values.items()}
    return Condition.parse(text, KNOWN).holds(given)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("cost >= 5000 万元", {"cost": Decimal("0.5")}, True),
        ("cost ≥ 5000万元", {"cost": Decimal("0.49999")}, False),
        ("cost != 1 亿元", {"cost": Decimal("1.0")}, False),
        ("count < 3 or count > 5", {"count": Decimal(4)}, False),
        ('sector in ["rail", "road"]', {"sector": "road"}, True),
        ('sector not in ["rail", "road"]', {"sector": "road"}, False),
        ('not sector = "rail" and new-land', {"sector": "road", "new_land": True}, True),
        ("not (new-land or count = 1)", {"new_land": False, "count": Decimal(2)}, True),
        ("not not new-land", {"new_land": True}, True),
        ('sector = "rail" and cost > 1 亿元', {"sector": "road"}, False),
        ('sector = "rail" or cost > 1 亿元', {"sector": "rail"}, True),
        ('sector = "rail" and cost > 1 亿元', {"sector": "rail"}, None),
        ("new-land", {}, None),
        ('new-land and sector = "rail" or count = 1', {"new_land": False, "count": Decimal(1)},
         True),
    ],
)  # fmt: skip
def test_what_a_condition_means(text: str, values: dict[str, Any], expected: bool | None):
    assert holds(text, **values) is expected


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("", "empty", 0),
        ("  ", "empty", 0),
        ("cost >= 5", "no_unit", 9),
        ("cost >= 5 元", "wrong_unit", 10),
        ("count >= 5 元", "wrong_unit", 11),
        ("cost", "no_comparison", 0),
        ("price > 1", "unknown_name", 0),
        ('cost = "5"', "wrong_type", 7),
        ("sector = 5", "wrong_type", 9),
        ('sector = "sea"', "unknown_value", 9),
        ('sector < "road"', "no_order", 0),
        ("new-land = 1", "wrong_type", 0),
        ("count = 1 and", "unfinished", 13),
        ("count = 1 count = 2", "wrong_unit", 10),
        ("(count = 1", "unfinished", 10),
        ("count = 1)", "unexpected", 9),
        ("count = 1; count = 2", "unknown_sign", 9),
        ("count == 1", "no_comparison", 0),
        ('sector in "rail"', "unexpected", 10),
        ("and", "unexpected", 0),
        ("__import__('os').system('x')", "unknown_sign", 11),
        ("count.__class__", "unknown_sign", 5),
        ("lambda: 1", "unknown_sign", 6),
        ("(" * 30 + "new-land" + ")" * 30, "too_long", 20),
        ("new-land or " * 150 + "new-land", "too_long", MAX_LENGTH),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, kind: str, at: int):
    with pytest.raises(ConditionError) as error:
        Condition.parse(text, KNOWN)
    assert (error.value.kind, error.value.at) == (kind, at)


@given(st.text(max_size=200))
def test_no_text_does_anything_but_be_read_or_refused(text: str):
    try:
        Condition.parse(text, KNOWN)
    except ConditionError as error:
        assert 0 <= error.at <= len(text)


@given(st.lists(st.sampled_from(
    ["cost", "count", "sector", "new-land", "(", ")", "[", "]", ",", "and", "or", "not", "in", "=",
     "<", "5", "亿元", '"rail"']), max_size=60))  # fmt: skip
def test_no_words_do_anything_but_be_read_or_refused(words: list[str]):
    try:
        condition = Condition.parse(" ".join(words), KNOWN)
    except ConditionError:
        return
    values: dict[str, Any] = {
        "cost": Decimal(1),
        "count": Decimal(1),
        "sector": "rail",
        "new-land": True,
    }
    assert condition.holds(values) is not None


def test_the_longest_condition_is_read_and_evaluated_at_once():
    text = " or ".join(["not " * 3 + "new-land"] * 40)
    assert len(text) <= MAX_LENGTH
    began = time.monotonic()
    condition = Condition.parse(text, KNOWN)
    for _ in range(100):
        condition.holds({"new-land": True})
    assert time.monotonic() - began < 1


def test_points_stand_for_all_that_a_number_can_be():
    condition = Condition.parse("cost >= 5 亿元 and cost < 10 亿元", KNOWN)
    seen = {condition.holds({"cost": point}) for point in points(COST, condition.numbers("cost"))}
    assert seen == {True, False}
    assert points(COUNT) == (Decimal(0),)
    assert points(COUNT, [Decimal(3)]) == (Decimal(2), Decimal(3), Decimal(4))


@pytest.mark.parametrize(
    ("variable", "given", "kind"),
    [
        (COST, "five", "not_a_number"),
        (COST, True, "not_a_number"),
        (COST, "NaN", "not_a_number"),
        (COST, float("inf"), "not_a_number"),
        (COST, -1, "out_of_range"),
        (SECTOR, "sea", "not_a_choice"),
        (LAND, 1, "not_yes_no"),
    ],
)
def test_facts_are_typed_and_bounded(variable: Variable, given: object, kind: str):
    with pytest.raises(FactError) as error:
        fact(variable, given)
    assert error.value.kind == kind
