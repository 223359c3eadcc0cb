"""Two people do the same at once: one effect, and the other is told.

Each race is forced: all checks are done before anything is written (`meeting`). With the lock
in place only one gets so far at a time. The negative control takes the lock away and sees the
race happen, or the database's own constraint stop it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from tests.cast import Cast
from tests.racing import errors, meeting, race
from tests.world import World, add_load, build_world
from throughline.bodies.actions import appoint_person, issue_token, revoke_token
from throughline.bodies.models import Holding, Token
from throughline.bodies.rules import Scope
from throughline.figures.actions import dismiss_load, record_observation, recording
from throughline.figures.actions.writing import Before, Cell, Entry, write
from throughline.figures.models import Load, Observation, Series
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.places import rules as place_rules
from throughline.places.actions import register_place
from throughline.places.models import Place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def verbs(verb: str) -> int:
    """How many acts under a verb are on record."""
    return JournalEntry.objects.filter(verb=verb).count()


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `select_for_update` lock nothing."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)


# -- a figure --------------------------------------------------------------------------------


def record(world: World, number: int, supersedes: int | None, period: str = "2020") -> Observation:
    """The county and the prefecture both give a figure for the county."""
    member = (world.cast.county, world.cast.prefecture)[number]
    return record_observation(
        member.actor,
        series=world.series["jobs-reported"],
        place=world.cast.places["N111"],
        period=Period.parse(period),
        value=100.0 + number,
        status="unreviewed",
        note="counted again",
        supersedes=supersedes,
    )


def figures(period: str = "2020") -> int:
    return Observation.objects.filter(
        series__key="jobs-reported", place__code="N111", period=period
    ).count()


def without_cell_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(cells: Sequence[Cell]) -> dict[Cell, Before]:
        (series, place, period) = cells[0]
        rows = Observation.objects.filter(series=series, place=place, period=period)
        found = rows.values_list("id", "value", "status", "note")
        return {cells[0]: Before(*found.latest("id"))} if rows else {}

    monkeypatch.setattr(recording, "lock_cells", look)


@pytest.mark.parametrize("period", ["2020", "2022"], ids=["superseding", "the first figure"])
def test_of_two_who_record_the_same_figure_one_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, period: str
) -> None:
    before = figures(period)
    seen = world.standing("jobs-reported", "N111", "2020").pk if before else None
    monkeypatch.setattr(Observation.objects, "create", meeting(Observation.objects.create))
    outcomes = race(lambda number: record(world, number, seen, period))
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert figures(period) == before + 1
    assert verbs("observation.record") == 1


@pytest.mark.parametrize("period", ["2020", "2022"], ids=["superseding", "the first figure"])
def test_without_the_lock_only_the_constraint_stops_the_second_figure(
    world: World, monkeypatch: pytest.MonkeyPatch, period: str
) -> None:
    before = figures(period)
    seen = world.standing("jobs-reported", "N111", "2020").pk if before else None
    without_cell_locks(monkeypatch)
    monkeypatch.setattr(Observation.objects, "create", meeting(Observation.objects.create))
    outcomes = race(lambda number: record(world, number, seen, period))
    assert [isinstance(error, IntegrityError) for error in errors(outcomes)] == [True]
    assert figures(period) == before + 1
    assert verbs("observation.record") == 1


@action("race.write")
def write_race(act: Act, *, series: Series, place: Place) -> list[int]:
    """What an import does with one figure."""
    period, accepted = Period.parse("2022"), Observation.Status.ACCEPTED
    outcome = write(act, [Entry(series, place, period, 5.0, accepted)])
    act.about(place)
    return [outcome.stored, outcome.unchanged]


def test_two_files_with_the_same_figure_store_it_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Observation.objects.bulk_create
    monkeypatch.setattr(Observation.objects, "bulk_create", meeting(store))
    series, place = world.series["jobs-reported"], world.cast.places["N111"]
    outcomes = race(lambda number: write_race(SYSTEM, series=series, place=place))
    assert sorted(outcomes) == [[0, 1], [1, 0]]
    assert figures("2022") == 1


# -- an import -------------------------------------------------------------------------------


def dismiss_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    load = add_load(world, "county", "faulty.csv")
    monkeypatch.setattr(Act, "changing", meeting(Act.changing))
    return race(lambda number: dismiss_load(world.cast.county.actor, load=load))


def test_an_import_is_put_away_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = dismiss_twice(world, monkeypatch)
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert verbs("load.dismiss") == 1
    assert Load.objects.get(file_name="faulty.csv").state == Load.State.DISMISSED


def test_without_the_lock_an_import_is_put_away_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_row_locks(monkeypatch)
    assert errors(dismiss_twice(world, monkeypatch)) == []
    assert verbs("load.dismiss") == 2


# -- a place without a code ------------------------------------------------------------------


def register(cast: Cast, name: str) -> Place:
    return register_place(
        SYSTEM,
        name=name,
        parent=cast.places["N11"],
        tier=cast.places["N111"].tier,
        valid_from=date(2020, 1, 1),
        valid_to=None,
        reason="it stands in the file",
    )


def test_two_new_units_of_one_parent_get_two_codes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_rules, "zone_code", meeting(place_rules.zone_code))
    outcomes = race(lambda number: register(cast, f"zone {number}"))
    assert sorted(place.code for place in outcomes) == ["N11-01", "N11-02"]


def test_one_unit_is_registered_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_rules, "zone_code", meeting(place_rules.zone_code))
    outcomes = race(lambda number: register(cast, "the same zone"))
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert Place.objects.filter(kind=Place.Kind.ZONE).count() == 1


def test_without_the_lock_two_units_get_one_code_and_the_constraint_stops_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_row_locks(monkeypatch)
    monkeypatch.setattr(place_rules, "zone_code", meeting(place_rules.zone_code))
    outcomes = race(lambda number: register(cast, f"zone {number}"))
    assert [isinstance(error, IntegrityError) for error in errors(outcomes)] == [True]
    assert verbs("place.register") == 1


# -- a post ----------------------------------------------------------------------------------


def appoint_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The same person for the same post, for times that overlap."""
    monkeypatch.setattr(Holding.objects, "create", meeting(Holding.objects.create))
    return race(
        lambda number: appoint_person(
            SYSTEM,
            person=cast.county.person,
            post=cast.prefecture.post,
            valid_from=date(2022, 1, 1 + number),
            valid_to=date(2023, 1, 1),
        )
    )


def test_a_post_is_given_to_a_person_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = appoint_twice(cast, monkeypatch)
    assert [type(error) for error in errors(outcomes)] == [Conflict]
    assert cast.county.person.holdings.filter(post=cast.prefecture.post).count() == 1


def test_without_the_lock_a_post_is_given_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_row_locks(monkeypatch)
    assert errors(appoint_twice(cast, monkeypatch)) == []
    assert cast.county.person.holdings.filter(post=cast.prefecture.post).count() == 2


# -- a token ---------------------------------------------------------------------------------


def issue(cast: Cast, digest: str, key: str) -> Token:
    return issue_token(
        cast.county.actor.keyed(key),
        person=cast.county.person,
        post=cast.county.post,
        name="of the county",
        prefix="tl_race",
        digest=digest,
        scopes=[Scope.READ],
        expires_at=clock.now().replace(microsecond=0, second=0) + timedelta(days=1),
    )


def test_one_request_sent_twice_at_once_issues_one_token(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(Token.objects, "create", meeting(Token.objects.create))
    outcomes = race(lambda number: issue(cast, "d" * 64, "one key"))
    assert [each.pk for each in outcomes] == [Token.objects.get().pk] * 2
    assert verbs("token.issue") == 1


def test_without_a_key_in_common_two_requests_issue_two_tokens(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Token.objects, "create", meeting(Token.objects.create))
    race(lambda number: issue(cast, str(number) * 64, f"key {number}"))
    assert Token.objects.count() == verbs("token.issue") == 2


def revoke_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Both revoke; the subjects of the changes that are on record."""
    token = issue(cast, "e" * 64, "")
    monkeypatch.setattr(Act, "changing", meeting(Act.changing))
    assert errors(race(lambda number: revoke_token(cast.county.actor, token=token))) == []
    bodies = JournalEntry.objects.filter(verb="token.revoke").values_list("body", flat=True)
    return [body for body in bodies if '"after":{"revoked_at"' in body]


def test_a_token_is_revoked_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(revoke_twice(cast, monkeypatch)) == 1


def test_without_the_lock_a_token_is_revoked_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_row_locks(monkeypatch)
    assert len(revoke_twice(cast, monkeypatch)) == 2
