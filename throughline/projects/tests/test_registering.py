"""Projects on the register: put there, amended, and who sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.projects import add_project
from tests.world import World
from throughline.cascade.actions import Text
from throughline.cascade.models import Root
from throughline.kernel.errors import Conflict, Forbidden, Invalid, ThroughlineError
from throughline.kernel.journal import content_of
from throughline.kernel.models import JournalEntry
from throughline.plans.models import Responsibility, Thread
from throughline.projects import actions
from throughline.projects.actions import Particulars, particulars_of, state_of
from throughline.projects.models import Project, Register
from throughline.projects.queries import projects_visible_to, serving


def given(world: World, **more: Any) -> Particulars:
    register = Register.objects.get(scheme=world.cast.scheme)
    said: dict[str, Any] = {
        "title": Text(en="A dam", zh="水坝"),
        "sector": register.sectors.get(key="water"),
        "places": [world.cast.places["N11"]],
        "code": "2023-DA-02",
        "cost": Decimal("12.5"),
    }
    return Particulars(**said | more)


def register(world: World, member: str = "province", key: str = "", **more: Any) -> Project:
    by = getattr(world.cast, member)
    return actions.register_project(
        by.actor, register=Register.objects.get(), owner=by.body, key=key,
        particulars=given(world, **more),
    )  # fmt: skip


def fields_of(error: ThroughlineError) -> list[str]:
    assert isinstance(error, Invalid)
    return [problem.field for problem in error.problems]


def last(verb: str) -> dict[str, Any]:
    return content_of(JournalEntry.objects.filter(verb=verb).latest("position").body)


def test_a_body_puts_its_project_on_the_register(world: World) -> None:
    row = register(world)
    assert (row.key, row.state, row.owner.key) == ("2023-da-02", "planned", "n1-government")
    assert (
        last("project.register")["after"] | {"places": ["N11"], "cost": "12.5"}
        == last("project.register")["after"]
    )


def test_without_a_code_it_is_known_by_a_number(world: World) -> None:
    row = register(world, code="")
    assert row.key.startswith("p")
    assert row.key[1:].isdigit()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": Text()}, "title_en"),
        ({"title": Text(zh="长" * 301)}, "title_zh"),
        ({"code": "23-DA-02"}, "code"),
        ({"sector": None}, "sector"),
        ({"places": []}, "places"),
        ({"cost": Decimal("0.05")}, "cost"),
        ({"cost": Decimal("-1")}, "cost"),
        ({"cost": Decimal("NaN")}, "cost"),
        ({"cost": Decimal(10) ** 13}, "cost"),
        ({"land": Decimal("-1")}, "land"),
        (
            {"start_planned": date(2024, 1, 1), "finish_planned": date(2023, 1, 1)},
            "finish_planned",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world: World, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as told:
        register(world, **more)
    assert fields_of(told.value) == [field]
    assert not Project.objects.filter(code="2023-DA-02").exists()


def test_every_fault_is_told_at_once(world: World) -> None:
    with pytest.raises(Invalid) as told:
        register(world, title=Text(), code="x", cost=Decimal(0), key="No Key")
    assert fields_of(told.value) == ["title_en", "code", "cost", "key"]


def test_it_lies_in_the_place_of_its_owner(world: World) -> None:
    with pytest.raises(Invalid) as told:
        register(world, places=[world.cast.places["N111"], world.cast.places["N211"]])
    assert [(each.place, each.field) for each in told.value.problems] == [("N211", "places")]


def test_it_serves_elements_in_force_alone(world: World) -> None:
    gone = Thread.objects.create(plan=world.plans["growth"], key="gone")
    with pytest.raises(Invalid) as told:
        register(world, serves=[gone])
    assert [each.place for each in told.value.problems] == ["growth/gone"]


def test_a_code_stands_once(world: World) -> None:
    with pytest.raises(Conflict) as told:
        register(world, code="2022-BR-01")
    assert told.value.place == "code"


def test_a_key_stands_once(world: World) -> None:
    with pytest.raises(Conflict) as told:
        register(world, key="bridge")
    assert told.value.place == "key"


def test_only_its_owner_keeps_it(world: World, bridge: Project) -> None:
    with pytest.raises(Forbidden) as told:
        actions.amend_project(
            world.cast.top.actor, project=bridge, particulars=particulars_of(bridge)
        )
    assert told.value.rule == "projects.office"
    with pytest.raises(Forbidden) as told:
        actions.amend_project(
            world.cast.coordinator.actor, project=bridge, particulars=particulars_of(bridge)
        )
    assert (told.value.rule, told.value.lifted_by) == ("projects.owner", bridge.owner.name)


def test_amending_says_what_stood_before(world: World, bridge: Project) -> None:
    changed = replace(particulars_of(bridge), cost=Decimal(130), places=[world.cast.places["N1"]])
    actions.amend_project(world.cast.province.actor, project=bridge, particulars=changed)
    entry = last("project.amend")
    assert entry["before"] == {"cost": "120.5", "places": ["N11"]}
    assert entry["after"] == {"cost": "130", "places": ["N1"]}


def test_it_is_not_amended_on_what_stands_no_longer(world: World, bridge: Project) -> None:
    seen = state_of(bridge)
    by = world.cast.province.actor
    changed = replace(particulars_of(bridge), cost=Decimal(130))
    actions.amend_project(by, project=bridge, particulars=changed, seen=seen)
    with pytest.raises(Conflict):
        actions.amend_project(by, project=bridge, particulars=changed, seen=seen)


def test_how_an_amount_is_written_does_not_change_the_state(world: World, bridge: Project) -> None:
    assert state_of(bridge) == state_of(Project.objects.get(pk=bridge.pk))
    bridge.cost = Decimal("120.5000")
    assert state_of(bridge) == state_of(Project.objects.get(pk=bridge.pk))


def sees(world: World, member: str, key: str) -> bool:
    actor = getattr(world.cast, member).actor
    return projects_visible_to(actor).filter(key=key).exists()


def test_a_part_in_the_element_above_opens_what_serves_one_below(world: World) -> None:
    local = Thread.objects.get(plan=world.plans["growth-n1"], key="task")
    Responsibility.objects.filter(element__thread=local).delete()
    Root.objects.filter(thread=local).delete()
    hidden = add_project(world, "sibling", "hidden", "N211")
    assert not sees(world, "supports", "hidden")
    hidden.serves.add(local)
    assert not sees(world, "supports", "hidden")
    above = Thread.objects.get(plan=world.plans["growth"], key="task")
    Root.objects.create(thread=local, root=above)
    assert sees(world, "supports", "hidden")
    assert sees(world, "coordinator", "hidden")
    assert not sees(world, "uninvolved", "hidden")
    assert set(Project.objects.filter(serving(above.pk)).values_list("key", flat=True)) == {
        "bridge", "hidden",
    }  # fmt: skip
