"""Who has stood in line for too long, and when those who are told to come again shall come."""

from __future__ import annotations

from throughline.running import pressure
from throughline.running.pressure import IDLE, PATIENCE, Turns


def test_a_request_is_pressed_by_its_own_wait_only() -> None:
    assert not pressure.is_high()
    with pressure.served_after(PATIENCE + 0.1):
        assert pressure.is_high()
        with pressure.served_after(PATIENCE):
            assert not pressure.is_high()
        assert pressure.is_high()
    assert not pressure.is_high()


def test_those_who_are_turned_away_are_told_different_times() -> None:
    turns = Turns(longest=60)
    turns.took(2.0)
    assert [turns.next_one(now=10.0) for _ in range(3)] == [2, 4, 6]
    assert max(turns.next_one(now=10.0) for _ in range(99)) == 60


def test_their_pace_is_that_at_which_others_are_attended_to() -> None:
    turns = Turns(longest=60, soonest=2, each=5.0)
    for number in range(50):
        turns.attended(now=100.0 + number * 0.1)
    assert [turns.next_one(now=110.0) for _ in range(40)][-1] == 4


def test_while_nobody_comes_no_pace_is_learnt() -> None:
    turns = Turns(longest=60, each=0.5)
    for number in range(5):
        turns.attended(now=100.0 + number * 2 * IDLE)
    assert [turns.next_one(now=200.0) for _ in range(4)] == [1, 1, 2, 2]
