"""The world that is fuzzed: the one that permissions are tested on."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.permissions.conftest import _plain_settings, whole_world


@pytest.fixture(autouse=True)
def _connections_stay() -> Iterator[None]:
    """A server closes old connections around a request; here all requests share the one whose
    transaction is rolled back in the end. For each test anew: Django's client connects it again."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


__all__ = ["_plain_settings", "whole_world"]
