"""Who has a part in an indicator: read from the elements, as the indicators say it."""

from __future__ import annotations

import pytest
from django.db.models import Q

from tests.world import World, build_world
from throughline.bodies.models import Body
from throughline.plans.models import Element, Indicator, PlanVersion, Responsibility
from throughline.plans.queries import parts_above, parts_held, parts_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The world, where a ratio is measured too, and a body supports what it measures."""
    built = build_world()
    rate = Element.objects.get(version__plan__key="growth", version__state="in_force", key="task")
    rate.indicator = built.indicators["urban-rate"]
    rate.save()
    body = built.cast.bodies["uninvolved-department"]
    Responsibility.objects.create(element=rate, body=body, role="support")
    return built


def by_the_indicators(bodies: set[int]) -> set[str]:
    """Keys of the indicators that one of some bodies has a part in, each asked for its elements."""
    parts = Q()
    for path in ("", "numerator_of__", "denominator_of__"):
        elements = f"{path}elements__"
        parts |= Q(**{f"{elements}version__state": PlanVersion.State.IN_FORCE}) & (
            Q(**{f"{elements}responsibilities__body__in": bodies})
            | Q(**{f"{elements}version__plan__lead_body__in": bodies})
        )
    return set(Indicator.objects.filter(parts).values_list("key", flat=True))


def by_the_elements(bodies: set[int]) -> set[str]:
    rows = Indicator.objects.filter(pk__in=parts_held(frozenset(bodies)))
    return set(rows.values_list("key", flat=True))


def test_each_body_has_its_part(world: World) -> None:
    bodies = set(Body.objects.values_list("pk", flat=True))
    found = {body: by_the_elements({body}) for body in bodies}
    assert found == {body: by_the_indicators({body}) for body in bodies}
    assert len({frozenset(keys) for keys in found.values()}) > 2, "all the same proves nothing"
    assert by_the_elements(bodies) == by_the_indicators(bodies)
    assert by_the_elements(set()) == set()


def test_both_parts_of_a_ratio_are_held_with_it(world: World) -> None:
    body = world.cast.bodies["uninvolved-department"].pk
    rate = world.indicators["urban-rate"]
    assert rate.numerator and rate.denominator
    assert by_the_elements({body}) == {rate.key, rate.numerator.key, rate.denominator.key}


@pytest.mark.parametrize("state", ["draft", "superseded"])
def test_only_a_version_in_force_gives_a_part(world: World, state: str) -> None:
    PlanVersion.objects.filter(plan__key="growth", state="in_force").update(state=state)
    bodies = set(Body.objects.values_list("pk", flat=True))
    assert by_the_elements(bodies) == by_the_indicators(bodies)
    assert "jobs" not in by_the_elements(bodies)


def test_a_body_that_nobody_guides_has_no_part_above(world: World) -> None:
    leads = world.cast.bodies["leading-department"].pk
    assert world.indicators["jobs"].pk in parts_in(leads)
    assert not parts_above(leads)
