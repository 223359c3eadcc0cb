"""Two of one office record the same meeting, or change the same mechanism, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.db.models import QuerySet

from tests.racing import errors, meeting, race
from tests.world import World, build_world
from throughline.cascade import actions
from throughline.cascade.models import Mechanism
from throughline.kernel.action import Act
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict
from throughline.kernel.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def record(world: World, _number: int) -> object:
    return actions.record_meeting(
        SYSTEM, mechanism=world.mechanisms["province"], on=date(2021, 6, 1), title="Second"
    )


def change(world: World, number: int) -> object:
    """Both saw the mechanism as it stands."""
    row = Mechanism.objects.get(pk=world.mechanisms["province"].pk)
    seen = actions.state_of(world.mechanisms["province"])
    charter = replace(actions.charter_of(row), head=f"Head {number}")
    return actions.change_mechanism(SYSTEM, mechanism=row, charter=charter, seen=seen)


def end(world: World, _number: int) -> object:
    return actions.end_mechanism(
        SYSTEM, mechanism=world.mechanisms["province"], on=date(2022, 1, 1), reason="Done"
    )


Deed = Callable[[World, int], object]
DEEDS: dict[str, Deed] = {
    "mechanism.record_meeting": record,
    "mechanism.change": change,
    "mechanism.end": end,
}
deeds = pytest.mark.parametrize(("verb", "deed"), DEEDS.items(), ids=DEEDS)


def together(world: World, deed: Deed, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What two get who do the same, both having checked all before either is on record."""
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    return race(lambda number: deed(world, number))


@deeds
def test_it_is_done_once_and_the_other_is_told(
    world: World, verb: str, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = together(world, deed, monkeypatch)
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert JournalEntry.objects.filter(verb=verb).count() == 1


@deeds
def test_without_the_lock_it_is_done_twice(
    world: World, verb: str, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert errors(together(world, deed, monkeypatch)) == []
    assert JournalEntry.objects.filter(verb=verb).count() == 2
