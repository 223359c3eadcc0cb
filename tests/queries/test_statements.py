"""How many statements each page and operation sends: the baseline is data, and it holds both
ways. More is a failure; fewer asks to renew it, lest what was won be lost again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.queries.counting import (
    ASKING,
    BASELINE,
    Asked,
    Count,
    Counts,
    asked,
    baseline,
    differences,
    names,
    renew,
    renewing,
)
from tests.world import World
from throughline.bodies.queries import standing_of
from throughline.kernel.actor import Actor
from throughline.kernel.memory import remembering
from throughline.reporting import asking

COUNTED = Count(10, 1)
STANDS: Counts = {("status", "county"): COUNTED}


@pytest.fixture
def counts(world: World, monkeypatch: pytest.MonkeyPatch) -> Counts:
    """What every request sends now; what a process keeps for a while does not run out meanwhile."""
    monkeypatch.setattr(asking, "KEPT", 10**9)
    return {
        (name, member): asked(world, case, member).count
        for name, case in names(world).items()
        for member in ASKING
    }


def test_no_request_sends_other_statements_than_before(counts: Counts) -> None:
    if renewing():
        renew(counts)
    found = list(differences(counts, baseline()))
    assert not found, "\n".join(found)


def test_the_baseline_is_in_order() -> None:
    lines = BASELINE.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines)) > 100


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Count(11, 1), "find out why"),
        (Count(9, 2), "find out why"),
        (Count(9, 1), "well done"),
        (Count(9, 0), "well done"),
    ],
    ids=str,
)
def test_it_holds_both_ways(now: Count, said: str) -> None:
    [line] = differences({("status", "county"): now}, STANDS)
    assert said in line


def test_what_is_new_or_gone_asks_for_renewal() -> None:
    both = differences({("new", "county"): COUNTED}, STANDS)
    assert [line.split("; ")[1] for line in both] == ["run make statements"] * 2


def test_a_statement_sent_twice_is_counted() -> None:
    assert Asked(("a", "b", "a", "a")).count == Count(4, 2)


def _twice(actor: Actor) -> None:
    standing_of(actor)
    standing_of(actor)


def test_without_its_memory_a_request_would_ask_again(world: World) -> None:
    actor = world.cast.county.actor
    for block, sent in ((remembering(), 1), (None, 2)):
        with CaptureQueriesContext(connection) as captured:
            if block is None:
                _twice(actor)
            else:
                with block:
                    _twice(actor)
        assert len(captured) == sent
