"""The world of `tests/world.py` with the projects of `tests/projects.py`."""

import pytest

from tests.projects import build_projects
from tests.world import World, build_cascade, build_world
from throughline.projects.models import Project


@pytest.fixture
def world(db) -> World:
    found = build_world()
    build_cascade(found)
    build_projects(found)
    return found


@pytest.fixture
def bridge(world: World) -> Project:
    return Project.objects.get(key="bridge")
