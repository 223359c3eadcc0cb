"""The work on projects: phases, start, progress, the end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from tests.projects import PICTURE, STARTED
from tests.world import World
from throughline.files.storage import store
from throughline.kernel import clock
from throughline.kernel.errors import Conflict, Invalid
from throughline.projects import actions
from throughline.projects.actions import Payment, Phase
from throughline.projects.models import ProgressNote, Project
from throughline.projects.queries import notes_of

DAY = date(2023, 2, 1)


def note(world: World, project: Project, **more: Any) -> ProgressNote:
    said: dict[str, Any] = {"on": DAY, "done": Decimal(45), "text": "Half the deck"}
    return actions.note_progress(world.cast.province.actor, project=project, **said | more)


def test_progress_is_noted_with_its_pictures(world: World, bridge: Project) -> None:
    picture = store(BytesIO(PICTURE + b"2"), "deck.png")
    found = note(world, bridge, pictures=[(picture, "deck.png"), (picture, "deck.png")])
    assert [each.name for each in found.pictures.all()] == ["deck.png"]
    assert [each.done for each in notes_of(bridge)] == [45, 30]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"on": None}, "on"),
        ({"on": STARTED - timedelta(days=1)}, "on"),
        ({"on": clock.now().date() + timedelta(days=2)}, "on"),
        ({"done": None}, "done"),
        ({"done": Decimal(101)}, "done"),
        ({"done": Decimal("1.25")}, "done"),
        ({"done": Decimal("NaN")}, "done"),
        ({"text": " "}, "text"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    world: World, bridge: Project, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as told:
        note(world, bridge, **more)
    assert [each.field for each in told.value.problems] == [field]


def test_what_is_no_picture_is_refused_by_its_content(world: World, bridge: Project) -> None:
    drawing = store(BytesIO(b"<svg onload='x'/>"), "plan.png")
    with pytest.raises(Invalid) as told:
        note(world, bridge, pictures=[(drawing, "plan.png")])
    assert [(each.place, each.field) for each in told.value.problems] == [("plan.png", "files")]


def test_a_project_goes_from_planned_to_finished(world: World) -> None:
    row, by = Project.objects.get(key="road"), world.cast.sibling.actor
    with pytest.raises(Conflict):
        actions.finish_project(by, project=row, on=DAY)
    actions.start_project(by, project=row, on=STARTED)
    with pytest.raises(Conflict):
        actions.start_project(by, project=row, on=STARTED)
    with pytest.raises(Invalid):
        actions.finish_project(by, project=row, on=STARTED - timedelta(days=1))
    found = actions.finish_project(by, project=row, on=DAY)
    assert (found.state, found.finish_actual) == ("finished", DAY)
    with pytest.raises(Conflict):
        actions.cease_project(by, project=row, on=DAY, reason="Late")


def test_it_does_not_end_before_what_was_noted(world: World, bridge: Project) -> None:
    by = world.cast.province.actor
    with pytest.raises(Invalid):
        actions.finish_project(by, project=bridge, on=date(2023, 1, 1))


def test_one_that_was_given_up_says_why_and_takes_only_money_back(
    world: World, bridge: Project
) -> None:
    by = world.cast.province.actor
    with pytest.raises(Invalid) as told:
        actions.cease_project(by, project=bridge, on=DAY, reason=" ")
    assert [each.field for each in told.value.problems] == ["reason"]
    found = actions.cease_project(by, project=bridge, on=DAY, reason="Paper No. 9")
    assert (found.state, found.ceased_because) == ("ceased", "Paper No. 9")
    with pytest.raises(Conflict):
        note(world, bridge)
    back = Payment(source="local", stage="spent", on=DAY, amount=Decimal(-1), note="Refund")
    actions.record_funding(by, project=bridge, payments=[back])


def test_phases_are_set_as_a_whole(world: World, bridge: Project) -> None:
    by = world.cast.province.actor
    phases = [
        Phase(title="Piers", starts=STARTED, ends=DAY),
        Phase(title="Deck", starts=DAY, ends=DAY),
    ]
    actions.set_phases(by, project=bridge, phases=phases)
    assert [each.title for each in bridge.phases.order_by("position")] == ["Piers", "Deck"]
    with pytest.raises(Invalid) as told:
        actions.set_phases(by, project=bridge, phases=[Phase(title="", starts=DAY, ends=STARTED)])
    assert [each.place for each in told.value.problems] == ["phase 1", "phase 1"]
    assert bridge.phases.count() == 2
