"""The world that these tests look at: the one that permissions are tested on."""

from tests.permissions.conftest import _plain_settings, whole_world, world

__all__ = ["_plain_settings", "whole_world", "world"]
