"""Versions coming into force, as the rooms above follow them.

Whoever brings a version into force calls `came_into_force` in the same act; `config/wiring.py`
says which rooms take part, in which order.
"""

from __future__ import annotations

from collections.abc import Callable

from throughline.kernel.action import Act
from throughline.plans.models import PlanVersion

Follower = Callable[[Act, PlanVersion], None]

FOLLOWERS: list[Follower] = []


def declare(follower: Follower) -> None:
    """Let a room follow. Called by `config/wiring.py` when the product starts."""
    if follower not in FOLLOWERS:
        FOLLOWERS.append(follower)


def came_into_force(act: Act, version: PlanVersion) -> None:
    """Tell the rooms above, within the act."""
    for follower in FOLLOWERS:
        follower(act, version)
