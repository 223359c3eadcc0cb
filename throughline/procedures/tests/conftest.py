"""The world of `tests/world.py`, with a procedure."""

import pytest

from tests.cases import load_procedure
from tests.world import World, build_world


@pytest.fixture
def world(db) -> World:
    found = build_world()
    load_procedure()
    return found
