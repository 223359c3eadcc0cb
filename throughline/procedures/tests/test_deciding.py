"""The table that says which procedure applies: gaps, overlaps and rows never reached are found."""

from __future__ import annotations

from decimal import Decimal

from throughline.procedures.rules import deciding
from throughline.procedures.rules.conditions import Condition
from throughline.procedures.rules.deciding import Match, Row, Table, faults
from throughline.procedures.rules.facts import FactType, Variable

KNOWN = {
    "kind": Variable("kind", FactType.CHOICE, values=("policy", "project")),
    "tier": Variable("tier", FactType.CHOICE, values=("nation", "province")),
    "cost": Variable("cost", FactType.NUMBER, units={"m": Decimal(1)}, low=Decimal(0)),
}


def table(match: Match, *rows: tuple[str, str] | tuple[str, str, tuple[str, ...]]) -> Table:
    return Table(
        match,
        KNOWN,
        tuple(
            Row(row[0], Condition.parse(row[1], KNOWN) if row[1] else None, *row[2:])
            for row in rows
        ),
    )


def test_thresholds_meet_without_a_gap_or_an_overlap():
    good = table(Match.UNIQUE, ("large", "cost >= 5 m"), ("small", "cost < 5 m"))
    assert faults(good) == []
    assert good.decide({"cost": Decimal(5)}).procedure == "large"
    overlap = table(Match.UNIQUE, ("large", "cost >= 5 m"), ("small", "cost <= 5 m"))
    (fault,) = faults(overlap)
    assert (fault.kind, fault.row, fault.other, fault.facts) == ("overlap", 1, 0, "cost = 5")
    gap = table(Match.UNIQUE, ("large", "cost > 5 m"), ("small", "cost < 5 m"))
    (fault,) = faults(gap)
    assert (fault.kind, fault.row, fault.facts, fault.count) == ("gap", None, "cost = 5", 1)


def test_the_first_row_that_holds_counts_and_one_below_it_may_never_be_reached():
    first = table(Match.FIRST, ("large", "cost >= 5 m"), ("rest", ""), ("never", "cost < 2 m"))
    (fault,) = faults(first)
    assert (fault.kind, fault.row) == ("unreached", 2)
    assert first.decide({"cost": Decimal(7)}).procedure == "large"
    assert first.decide({"cost": Decimal(1)}).procedure == "rest"
    assert first.decide({}).missing == ("cost",)


def test_what_a_table_does_not_need_is_not_asked_for():
    rows = (("policy", 'kind = "policy"'), ("project", 'kind = "project" and cost >= 0 m'))
    found = table(Match.UNIQUE, *rows)
    assert found.decide({"kind": "policy"}).procedure == "policy"
    assert found.decide({"kind": "project"}).missing == ("cost",)


def test_a_procedure_is_not_applied_at_a_tier_at_which_it_does_not_run():
    wrong = table(Match.UNIQUE, ("a", "cost >= 5 m", ("nation",)), ("b", "cost < 5 m"))
    (fault,) = faults(wrong)
    assert (fault.kind, fault.row) == ("wrong_tier", 0)


def test_a_table_that_is_too_large_says_so(monkeypatch):
    monkeypatch.setattr(deciding, "MAX_WORLDS", 3)
    found = faults(table(Match.UNIQUE, ("a", 'cost >= 5 m and kind = "policy"')))
    assert [fault.kind for fault in found] == ["too_large"]
