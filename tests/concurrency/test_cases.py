"""Two do the same in a case at once: it is submitted, answered and supplemented once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, ProgrammingError
from django.db.models import QuerySet

from tests.cases import GIVEN, about, at, build_cases, enclosures
from tests.racing import errors, meeting, race
from tests.world import World, build_world
from throughline.kernel.action import Act
from throughline.kernel.errors import Conflict
from throughline.kernel.models import JournalEntry
from throughline.procedures import actions
from throughline.procedures.models import Case, CaseNumbering, CaseStep, Supplement

pytestmark = pytest.mark.django_db(transaction=True)


REVIEWS: dict[str, CaseStep] = {}
"""The review of each case as both saw it, before either acted."""


@pytest.fixture
def seen(transactional_db: None) -> World:
    found = build_world()
    build_cases(found)
    REVIEWS.update({name: at(found.cases[name], "review") for name in ("running", "asked")})
    return found


def submit(world: World, number: int, key: str = "growth/free") -> Case:
    """Two of one body submit, each with another draft."""
    return actions.submit_case(
        world.cast.leads.actor, about=about(world, key=key), facts=GIVEN,
        enclosed=enclosures("request", "draft", text=str(number)),
    )  # fmt: skip


def decide(world: World, number: int) -> object:
    """One says yes and the other no."""
    verb, words = (("conform", ""), ("not-conform", "It does not."))[number]
    step = REVIEWS["running"]
    return actions.decide_case(world.cast.coordinator.actor, step=step, verb=verb, words=words)


def supplement(world: World, number: int) -> object:
    step = REVIEWS["asked"]
    return actions.supplement_case(world.cast.leads.actor, step=step, words=f"Answer {number}")


Deed = Callable[[World, int], object]
DEEDS: dict[str, Deed] = {
    "case.submit": submit,
    "case.decide": decide,
    "case.supplement": supplement,
}
deeds = pytest.mark.parametrize(("verb", "deed"), DEEDS.items(), ids=DEEDS)


def together(world: World, deed: Deed, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What two get who do the same, both having checked all before either is on record."""
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    return race(lambda number: deed(world, number))


@deeds
def test_it_is_done_once_and_the_other_is_told(
    seen: World, verb: str, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = JournalEntry.objects.filter(verb=verb).count()
    outcomes = together(seen, deed, monkeypatch)
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert JournalEntry.objects.filter(verb=verb).count() == before + 1


def test_two_who_answer_at_one_step_both_count(
    seen: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two bodies countersign at the same moment: neither answer is lost, and the case goes on."""
    case, cast = seen.cases["running"], seen.cast
    steps = [at(case, "countersigning", each.body.key) for each in (cast.supports, cast.uninvolved)]
    actors = [cast.supports.actor, cast.uninvolved.actor]
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    outcomes = race(
        lambda number: actions.decide_case(actors[number], step=steps[number], verb="agree")
    )
    assert errors(outcomes) == []
    state = Case.objects.get(pk=case.pk).standing
    assert sorted(each.body for each in state.done if each.node == "countersigning") == sorted(
        each.body.key for each in steps
    )


# -- without the lock ----------------------------------------------------------------------


@pytest.fixture
def unlocked(seen: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    return seen


def test_two_who_submit_get_numbers_that_follow(seen: World) -> None:
    outcomes = race(lambda number: submit(seen, number, key=f"growth/free-{number}"))
    assert errors(outcomes) == []
    assert sorted(each.number[-4:] for each in outcomes) == ["0004", "0005"]


def test_without_the_lock_they_get_the_same_number_but_for_the_database(
    unlocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CaseNumbering, "save", meeting(CaseNumbering.save))
    outcomes = race(lambda number: submit(unlocked, number, key=f"growth/free-{number}"))
    (error,) = errors(outcomes)
    assert isinstance(error, IntegrityError)
    assert "case_number_in_plan" in str(error)


def test_without_the_lock_an_answer_is_lost_in_the_state(
    unlocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, cast = unlocked.cases["running"], unlocked.cast
    members = (cast.supports, cast.uninvolved)
    steps = [at(case, "countersigning", each.body.key) for each in members]
    monkeypatch.setattr(CaseStep, "save", meeting(CaseStep.save))
    outcomes = race(
        lambda number: actions.decide_case(members[number].actor, step=steps[number], verb="agree")
    )
    assert errors(outcomes) == []
    state = Case.objects.get(pk=case.pk).standing
    assert len([each for each in state.done if each.node == "countersigning"]) == 1


def test_without_the_lock_a_step_would_be_answered_twice_but_for_the_database(
    unlocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CaseStep, "save", meeting(CaseStep.save))
    outcomes = race(lambda number: decide(unlocked, number))
    (error,) = errors(outcomes)
    assert isinstance(error, ProgrammingError)
    assert "append-only" in str(error)


def test_without_the_lock_a_supplement_would_be_given_twice_but_for_the_database(
    unlocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Supplement, "save", meeting(Supplement.save))
    outcomes = race(lambda number: supplement(unlocked, number))
    (error,) = errors(outcomes)
    assert isinstance(error, ProgrammingError)
