"""Two of one body spend the same money, record the same contract, or end a project at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import QuerySet

from tests.projects import build_projects
from tests.racing import errors, meeting, race
from tests.world import World, build_world
from throughline.cascade.actions import Text
from throughline.kernel.action import Act
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.models import JournalEntry
from throughline.projects import actions
from throughline.projects.actions import Payment, Terms, particulars_of, state_of
from throughline.projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2023, 2, 1)
SEEN: dict[str, str] = {}
"""The state that both saw."""


@pytest.fixture
def world(transactional_db: None) -> World:
    found = build_world()
    build_projects(found)
    SEEN["bridge"] = state_of(Project.objects.get(key="bridge"))
    return found


def bridge() -> Project:
    return Project.objects.select_related("owner").get(key="bridge")


def spend(_number: int) -> object:
    """All that has arrived and is not spent."""
    payment = Payment(source="local", stage="spent", on=DAY, amount=Decimal(20))
    return actions.record_funding(SYSTEM, project=bridge(), payments=[payment])


def contract(_number: int) -> object:
    terms = Terms(
        number="C-2", title="Deck", contractor="Builders", amount=Decimal(1), signed_on=DAY
    )
    return actions.sign_contract(SYSTEM, project=bridge(), terms=terms)


def amend(number: int) -> object:
    changed = replace(particulars_of(bridge()), title=Text(en=f"Bridge {number}"))
    return actions.amend_project(SYSTEM, project=bridge(), particulars=changed, seen=SEEN["bridge"])


def cease(_number: int) -> object:
    return actions.cease_project(SYSTEM, project=bridge(), on=DAY, reason="Paper No. 9")


Deed = Callable[[int], object]
DEEDS: dict[str, tuple[Deed, type[Exception]]] = {
    "project.record_funding": (spend, Invalid),
    "project.sign_contract": (contract, Conflict),
    "project.amend": (amend, Conflict),
    "project.cease": (cease, Conflict),
}
deeds = pytest.mark.parametrize("verb", DEEDS)


@deeds
def test_it_is_done_once_and_the_other_is_told(
    world: World, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deed, refusal = DEEDS[verb]
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    assert [type(error) for error in errors(race(deed))] == [refusal]
    assert JournalEntry.objects.filter(verb=verb).count() == 1


@deeds
def test_without_the_lock_it_is_done_twice(
    world: World, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deed, _refusal = DEEDS[verb]
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    monkeypatch.setattr(Act, "about", meeting(Act.about))
    assert errors(race(deed)) == []
    assert JournalEntry.objects.filter(verb=verb).count() == 2
