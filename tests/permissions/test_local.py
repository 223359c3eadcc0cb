"""One who administers a part of the country: what is answered within it and beyond."""

from __future__ import annotations

import pytest

from tests.permissions.local import REACHES, Reach
from tests.world import World


@pytest.mark.parametrize("reach", REACHES, ids=str)
def test_it_reaches_as_far_as_is_listed(reach: Reach, world: World) -> None:
    assert reach.wrong(world) == []
