"""A cycle that is open over the world of `tests/world.py`."""

import pytest

from tests.world import World, build_world
from throughline.reporting.tests.country import Reported, open_for_counties


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def reported(world: World) -> Reported:
    return open_for_counties(world)
