"""Two administrators do the same at once: one effect, and the other is told.

Races are forced as in `test_races.py`, and each lock has its negative control.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import QuerySet

from tests.cast import Cast, build_cast
from tests.racing import errors, meeting, race
from throughline.bodies import actions
from throughline.bodies.models import Holding, Person, Relation
from throughline.kernel.action import Act
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict
from throughline.kernel.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)

Deed = Callable[[Cast, int], object]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


def end_holding(cast: Cast, number: int) -> object:
    """Both saw the time in the post open."""
    holding = Holding.objects.get(person=cast.county.person)
    return actions.end_holding(SYSTEM, holding=holding, valid_to=date(2030, 1, 1 + number))


def reopen_holding(cast: Cast, number: int) -> object:
    holding = Holding.objects.get(person=cast.former.person)
    return actions.reopen_holding(SYSTEM, holding=holding, seen=date(2022, 1, 1))


def end_relation(cast: Cast, number: int) -> object:
    relation = Relation.objects.get(subordinate=cast.bodies["n111-government"])
    return actions.end_relation(SYSTEM, relation=relation, valid_to=date(2030, 1, 1 + number))


def end_body(cast: Cast, number: int) -> object:
    body = cast.bodies["n111-government"]
    return actions.end_body(SYSTEM, body=body, valid_to=date(2030, 1, 1 + number))


def deactivate_person(cast: Cast, number: int) -> object:
    return actions.deactivate_person(SYSTEM, person=cast.county.person)


DEEDS = {
    "holding.end": end_holding,
    "holding.reopen": reopen_holding,
    "relation.end": end_relation,
    "body.end": end_body,
    "person.deactivate": deactivate_person,
}
deeds = pytest.mark.parametrize(("verb", "deed"), DEEDS.items(), ids=DEEDS)


def together(cast: Cast, deed: Deed, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What two get who do the same, both having checked all before either writes."""
    monkeypatch.setattr(Act, "changing", meeting(Act.changing))
    return race(lambda number: deed(cast, number))


def on_record(verb: str) -> int:
    return JournalEntry.objects.filter(verb=verb).count()


@deeds
def test_it_is_done_once_and_the_other_is_told(
    cast: Cast, verb: str, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = together(cast, deed, monkeypatch)
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert on_record(verb) == 1


@deeds
def test_without_the_lock_it_is_done_twice(
    cast: Cast, verb: str, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert errors(together(cast, deed, monkeypatch)) == []
    assert on_record(verb) == 2


def test_of_two_people_with_one_login_one_is_created(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No lock here: the constraint decides, and who looked before would be told nothing."""
    monkeypatch.setattr(Person.objects, "create", meeting(Person.objects.create))
    outcomes = race(
        lambda number: actions.create_person(
            SYSTEM, identity=actions.Identity("li.si", name=f"李四 {number}"), encoded="!"
        )
    )
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert Person.objects.filter(login="li.si").count() == 1


def end_and_appoint(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One ends a body while the other appoints somebody to a post in it."""
    body, post = cast.bodies["n111-government"], cast.county.post
    together = meeting(lambda write, *given, **more: write(*given, **more))
    create, changing = Holding.objects.create, Act.changing
    monkeypatch.setattr(Holding.objects, "create", lambda **given: together(create, **given))
    monkeypatch.setattr(Act, "changing", lambda act, *given: together(changing, act, *given))

    def one(number: int) -> object:
        if number:
            return actions.end_body(SYSTEM, body=body, valid_to=date(2020, 1, 1))
        return actions.appoint_person(
            SYSTEM, person=cast.sibling.person, post=post, valid_from=date(2021, 1, 1)
        )

    return race(one)


def left_over(cast: Cast) -> bool:
    """Whether somebody holds a post in a body that ended."""
    return Holding.objects.filter(
        post__body__key="n111-government", person=cast.sibling.person, valid_to__isnull=True
    ).exists()


def test_nobody_is_left_in_a_body_that_ends(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    end_and_appoint(cast, monkeypatch)
    assert not left_over(cast)


def test_without_the_lock_somebody_is_left_in_a_body_that_ends(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert errors(end_and_appoint(cast, monkeypatch)) == []
    assert left_over(cast)
