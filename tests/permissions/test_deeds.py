"""Every action by every member of the cast, called directly."""

from __future__ import annotations

import pytest

from tests.permissions.deeds import DEEDS, DOERS, Deed
from tests.world import World
from throughline.kernel.action import VERBS


def differences(world: World, deed: Deed) -> dict[str, str]:
    """Where what comes of it differs from the list, by who does it."""
    found = {doer: deed.outcome(world, doer) for doer in DOERS}
    return {
        doer: f"{outcome}, not {deed.who[doer]}"
        for doer, outcome in found.items()
        if outcome != deed.who[doer]
    }


def test_every_action_is_listed() -> None:
    here = {verb for verb, act in VERBS.items() if act.__module__.startswith("throughline.")}
    tests = {verb for verb in here if ".tests." in VERBS[verb].__module__}
    assert {deed.verb for deed in DEEDS} == here - tests


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_everybody_may_do_what_is_listed(deed: Deed, world: World) -> None:
    assert differences(world, deed) == {}
