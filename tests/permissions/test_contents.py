"""Not only whether one gets an answer, but what stands in it: a row that one may not see
changes no list, count, search, export or autocomplete; and those who may see it do."""

from __future__ import annotations

import pytest

from tests.permissions.comparing import answers, changed, time_stands_still
from tests.permissions.matrix import MEMBERS
from tests.permissions.secrets import SECRETS, Secret
from tests.world import World


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    time_stands_still(monkeypatch)


@pytest.mark.parametrize("member", MEMBERS)
def test_what_one_may_not_see_changes_nothing(member: str, world: World) -> None:
    hidden = [each for each in SECRETS if member not in each.seen_by and each.at is None]
    before = answers(world, member)
    for secret in hidden:
        secret.add(world)
    assert changed(before, answers(world, member)) == {}


@pytest.mark.parametrize("secret", [each for each in SECRETS if each.at], ids=str)
def test_what_moves_a_total_changes_nothing_else(secret: Secret, world: World) -> None:
    hidden = set(MEMBERS) - secret.seen_by
    before = {member: answers(world, member, at=secret.at) for member in hidden}
    secret.add(world)
    found = {
        member: changed(before[member], answers(world, member, at=secret.at)) for member in hidden
    }
    assert {member: lines for member, lines in found.items() if lines} == {}


@pytest.mark.parametrize("secret", [each for each in SECRETS if each.seen_by], ids=str)
def test_those_who_may_see_it_do(secret: Secret, world: World) -> None:
    before = {
        member: answers(world, member, secret.seen_at, secret.at) for member in secret.seen_by
    }
    secret.add(world)
    blind = {
        member: sorted(secret.seen_at - _endpoints(changed(before[member], now)))
        for member in secret.seen_by
        if (now := answers(world, member, secret.seen_at, secret.at))
    }
    assert {member: missing for member, missing in blind.items() if missing} == {}


def _endpoints(found: dict[str, str]) -> set[str]:
    """The endpoints of requests that are named `METHOD endpoint …`."""
    return {name.split(" ")[1] for name in found}
