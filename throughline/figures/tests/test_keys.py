"""A figure's series and place are there, and stay: held by triggers, once for each statement."""

from __future__ import annotations

from threading import Event

import pytest
from django.db import IntegrityError, connection, transaction

from tests.racing import race
from tests.world import World, build_world
from throughline.figures.models import Observation, Series
from throughline.kernel import clock

PATIENCE = 10.0


def add(series: int, place: int) -> None:
    """A figure as a fault in the program might write it."""
    Observation.objects.bulk_create(
        [
            Observation(
                series_id=series, place_id=place, period="1990", value=1.0, status="accepted",
                released_at=clock.now(), act=1,
            )
        ]
    )  # fmt: skip


def delete(table: str, key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key])


def test_a_figure_of_no_series_or_no_place_is_refused(world: World) -> None:
    series, place = world.series["jobs-reported"].pk, world.cast.places["N111"].pk
    for given in ((0, place), (series, 0)):
        with pytest.raises(IntegrityError, match="there is no"), transaction.atomic():
            add(*given)
    add(series, place)


def test_what_has_figures_is_not_deleted(world: World) -> None:
    figure = Observation.objects.filter(series__key="jobs-reported").first()
    assert figure is not None
    with pytest.raises(IntegrityError, match="has figures"), transaction.atomic():
        delete("figures_series", figure.series_id)
    with pytest.raises(IntegrityError, match="has figures"), transaction.atomic():
        delete("places_place", figure.place_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["figure", "deletion"])
def test_neither_overtakes_the_other(transactional_db: None, first: str) -> None:
    world = build_world()
    source = world.series["jobs-reported"]
    lonely = Series.objects.create(
        key="lonely", indicator=source.indicator, edition=source.edition,
        producer=source.producer, nature=source.nature, audience=source.audience, rank=99,
        title_en="Nobody has reported it",
    )  # fmt: skip
    place, done = world.cast.places["N111"].pk, Event()
    deeds = {
        "figure": lambda: add(lonely.pk, place),
        "deletion": lambda: delete("figures_series", lonely.pk),
    }
    second = next(name for name in deeds if name != first)

    def one(number: int) -> None:
        if number == 0:
            with transaction.atomic():
                deeds[first]()
                done.set()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.3)")  # the other one waits meanwhile
        else:
            assert done.wait(PATIENCE)
            deeds[second]()

    outcomes = race(one, 2)
    assert [type(each) for each in outcomes] == [type(None), IntegrityError]
    left = Series.objects.filter(pk=lonely.pk), Observation.objects.filter(period="1990")
    assert [each.exists() for each in left] == [first == "figure"] * 2
