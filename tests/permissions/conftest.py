"""The world that these tests look at, built once a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.cases import build_cases
from tests.cycles import build_reporting
from tests.permissions.endpoints import session_of
from tests.projects import build_projects
from tests.world import World, build_cascade, build_world


@pytest.fixture(scope="session", autouse=True)
def _plain_settings() -> Iterator[None]:
    """Nothing has gathered the static files; whitenoise looks for each as it is asked. And a
    password costs nothing: who guesses it is not the question here."""
    cheap = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(WHITENOISE_AUTOREFRESH=True, PASSWORD_HASHERS=cheap):
        yield


@pytest.fixture(scope="module")
def whole_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, in a transaction that is rolled back after the module's last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = build_world()
        build_cascade(world)
        build_reporting(world)
        build_cases(world)
        build_projects(world)
        for name, member in world.cast:
            if not member.actor.is_nobody:
                session_of(world, name)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(whole_world: World) -> Iterator[World]:
    """The same world for each test: what a test changes is undone after it."""
    with transaction.atomic():
        yield whole_world
        transaction.set_rollback(True)
