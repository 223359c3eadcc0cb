"""Money of projects: no stage beyond the one before, nothing changed, what was wrong taken back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tests.world import World
from throughline.kernel import clock
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.models import JournalEntry
from throughline.projects import actions
from throughline.projects.actions import Payment, Terms
from throughline.projects.models import Contract, Funding, Project
from throughline.projects.queries import as_entries, contracts_of, entries_of
from throughline.projects.rules.money import Entry, FundingStage, Source, first_excess, totals

DAY = date(2023, 1, 10)


def pay(world: World, project: Project, *entries: dict[str, Any]) -> Project:
    plain: dict[str, Any] = {
        "source": "local", "stage": "approved", "on": DAY, "amount": Decimal(1),
    }  # fmt: skip
    said = [Payment(**plain | each) for each in entries]
    return actions.record_funding(world.cast.province.actor, project=project, payments=said)


def refused(world: World, project: Project, *entries: dict[str, Any]) -> list[tuple[str, str]]:
    before = Funding.objects.count()
    with pytest.raises(Invalid) as told:
        pay(world, project, *entries)
    assert Funding.objects.count() == before
    return [(each.place, each.field) for each in told.value.problems]


def test_money_is_added_up_by_source_and_stage(world: World, bridge: Project) -> None:
    pay(world, bridge, {"amount": Decimal(50)}, {"source": "bonds", "amount": Decimal("2.5")})
    found = totals(as_entries(entries_of(bridge)))
    assert (found["local", "approved"], found["bonds", "approved"]) == (
        Decimal(150),
        Decimal("2.5"),
    )
    assert JournalEntry.objects.filter(verb="project.record_funding").count() == 1


@pytest.mark.parametrize(
    ("stage", "amount", "said"),
    [("arrived", "40.1", "would have arrived"), ("spent", "20.1", "would be spent")],
)
def test_no_stage_goes_beyond_the_one_before(
    world: World, bridge: Project, stage: str, amount: str, said: str
) -> None:
    with pytest.raises(Invalid) as told:
        pay(world, bridge, {"stage": stage, "amount": Decimal(amount)})
    (problem,) = told.value.problems
    assert said in problem.message
    assert problem.place.startswith("Local budget")
    pay(world, bridge, {"stage": stage, "amount": Decimal(amount) - Decimal("0.1")})


def test_one_source_does_not_pay_for_another(world: World, bridge: Project) -> None:
    assert refused(world, bridge, {"source": "private", "stage": "arrived"})


def test_money_does_not_arrive_before_it_is_approved(world: World, bridge: Project) -> None:
    before = {"source": "bonds", "stage": "arrived", "on": DAY}
    after = {"source": "bonds", "stage": "approved", "on": DAY + timedelta(days=1)}
    assert refused(world, bridge, before, after)
    pay(world, bridge, before, after | {"on": DAY})


def test_what_was_said_too_much_is_taken_back_with_a_reason(world: World, bridge: Project) -> None:
    back = {"stage": "spent", "amount": Decimal(-10)}
    assert refused(world, bridge, back) == [("note", "note")]
    pay(world, bridge, back | {"note": "Booked twice"})
    assert totals(as_entries(entries_of(bridge)))["local", "spent"] == 30
    assert refused(world, bridge, back | {"amount": Decimal(-31), "note": "No"})


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"source": "lottery"}, "source"),
        ({"stage": "hoped"}, "stage"),
        ({"on": None}, "on"),
        ({"on": clock.now().date() + timedelta(days=2)}, "on"),
        ({"amount": None}, "amount"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("0.05")}, "amount"),
        ({"amount": Decimal("Infinity")}, "amount"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    world: World, bridge: Project, entry: dict[str, Any], field: str
) -> None:
    assert refused(world, bridge, entry) == [(field, field)]
    assert refused(world, bridge, {}, entry) == [("entry 2", field)]


amounts = st.integers(min_value=-5, max_value=20).map(Decimal)
some_entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from([each.value for each in Source][:2]),
        st.sampled_from([each.value for each in FundingStage]),
        st.integers(0, 3).map(lambda days: DAY + timedelta(days=days)),
        amounts,
    ),
    max_size=8,
)


@drawn(some_entries)
def test_an_excess_is_found_exactly_where_some_day_ends_in_one(entries: list[Entry]) -> None:
    def is_sound(upto: date) -> bool:
        found = totals([each for each in entries if each.on <= upto])
        return all(
            found[source, "approved"] >= found[source, "arrived"] >= found[source, "spent"] >= 0
            for source in Source
        )

    days = sorted({each.on for each in entries})
    wrong = [day for day in days if not is_sound(day)]
    excess = first_excess(entries)
    assert (excess.on if excess else None) == (wrong[0] if wrong else None)


# -- contracts -----------------------------------------------------------------------------


def terms(**more: Any) -> Terms:
    said: dict[str, Any] = {
        "number": "C-2", "title": "Deck", "contractor": "Builders", "amount": Decimal(5),
        "signed_on": DAY,
    }  # fmt: skip
    return Terms(**said | more)


def test_a_correction_takes_the_place_of_what_it_corrects(world: World, bridge: Project) -> None:
    by = world.cast.province.actor
    first = actions.sign_contract(by, project=bridge, terms=terms())
    second = actions.correct_contract(
        by, contract=first, terms=terms(amount=Decimal(6)), reason="Misread"
    )
    assert [each.pk for each in contracts_of(bridge)][-1] == second.pk
    assert Contract.objects.get(pk=first.pk).amount == 5
    with pytest.raises(Conflict):
        actions.correct_contract(by, contract=first, terms=terms(), reason="Again")


def test_a_contract_stands_once_by_its_number(world: World, bridge: Project) -> None:
    by = world.cast.province.actor
    with pytest.raises(Conflict):
        actions.sign_contract(by, project=bridge, terms=terms(number="C-1"))


def test_every_fault_of_a_contract_is_told_at_once(world: World, bridge: Project) -> None:
    with pytest.raises(Invalid) as told:
        actions.sign_contract(
            world.cast.province.actor, project=bridge,
            terms=Terms(number="", title=" ", contractor="", amount=None, signed_on=None),
        )  # fmt: skip
    fields = [each.field for each in told.value.problems]
    assert fields == ["number", "title", "contractor", "amount", "signed_on"]
