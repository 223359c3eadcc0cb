"""As known before: units that were put on record later are not in the tree, and owe nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.world import World
from throughline.figures.answering import as_dict
from throughline.figures.queries import answer, places_below
from throughline.kernel.actor import SYSTEM
from throughline.kernel.journal import head
from throughline.kernel.period import Period
from throughline.kernel.queries import Known, known_at, known_now
from throughline.places.actions import register_place
from throughline.places.models import Place
from throughline.places.queries import trees_at

YEAR = Period(2020)


def register(world: World) -> Place:
    """A development zone that nobody knew of, registered for the year of the figures."""
    return register_place(
        SYSTEM,
        name="开发区",
        parent=world.cast.places["N11"],
        tier=world.cast.places["N111"].tier,
        valid_from=date(2020, 1, 1),
        valid_to=date(2021, 1, 1),
        reason="it reports, and has no code",
    )


def completeness(world: World, known: Known) -> tuple[int, int]:
    measured, place = world.indicators["jobs"], world.cast.places["N11"]
    found = answer(world.cast.top.actor, measured, place, YEAR, known=known)
    return found.figure.reported, found.figure.expected


def test_a_unit_registered_later_is_not_missed_before(world):
    before = head()[0]
    assert completeness(world, known_now()) == (2, 2)
    register(world)
    assert completeness(world, known_now()) == (2, 3)
    assert completeness(world, known_at(before)) == (2, 2)
    assert completeness(world, known_at(head()[0])) == (2, 3)


def test_without_its_position_the_tree_would_hold_it(world):
    before = head()[0]
    zone = register(world)
    scheme = world.cast.scheme
    known = known_at(before)
    assert zone.pk not in trees_at(scheme, [YEAR.end], known)[YEAR.end].ids
    assert zone.pk in trees_at(scheme, [YEAR.end], replace(known, is_now=True))[YEAR.end].ids


def test_an_answer_as_known_repeats_word_for_word(world):
    before = head()[0]
    actor, measured = world.cast.top.actor, world.indicators["jobs"]

    def said() -> dict[str, object]:
        place = world.cast.places["N"]
        return as_dict(answer(actor, measured, place, YEAR, known=known_at(before)))

    once = said()
    register(world)
    assert said() == once


@pytest.mark.parametrize("tier", ["", "county"])
def test_the_places_below_are_those_of_then(world, tier):
    before = head()[0]
    zone = register(world)

    def below(known: Known | None) -> set[int]:
        rows = places_below(
            world.cast.leads.actor, world.indicators["jobs"], world.cast.places["N11"], YEAR.end,
            tier, known,
        )  # fmt: skip
        return {row.pk for row in rows}

    assert below(None) - below(known_at(before)) == {zone.pk}
