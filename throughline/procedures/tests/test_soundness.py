"""The check on the token game: what is sound passes, and what a slow game finds is found."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from throughline.procedures.rules.process import Flow, Node, NodeKind, Process
from throughline.procedures.rules.soundness import troubles
from throughline.procedures.tests.drawing import (
    LAND,
    Sketch,
    mutated,
    process,
    sound,
    step,
)

S, E, C, P, T = NodeKind.START, NodeKind.END, NodeKind.CHOICE, NodeKind.PARALLEL, NodeKind.STEP


def drawn(nodes: dict[str, NodeKind], *flows: tuple[str, ...], **verbs: str) -> Process:
    """A small process: steps end in submit unless it is said otherwise."""
    return process(
        [
            Node(key, kind, step=step(*verbs.get(key, "submit").split()) if kind is T else None)
            for key, kind in nodes.items()
        ],
        [Flow("-".join(flow[:2]), flow[0], flow[1], "".join(flow[2:])) for flow in flows],
    )


def found(process: Process) -> list[tuple[str, str]]:
    return [(trouble.kind, trouble.place) for trouble in troubles(process)]


def test_a_procedure_that_comes_back_and_goes_on_is_sound():
    looped = drawn(
        {"s": S, "a": T, "b": T, "c": C, "e": E},
        ("s", "a"), ("a", "b"), ("b", "c"), ("c", "a", 'b = "return"'), ("c", "e"),
        b="approve return",
    )  # fmt: skip
    assert troubles(looped) == []


def test_a_join_that_waits_forever_is_found_with_how_one_comes_there():
    deadlock = drawn(
        {"s": S, "a": T, "c": C, "b": T, "j": P, "e": E},
        ("s", "a"), ("a", "c"), ("c", "j", 'a = "return"'), ("c", "b"), ("b", "j"), ("j", "e"),
        a="submit return",
    )  # fmt: skip
    (trouble, *_rest) = troubles(deadlock)
    assert (trouble.kind, trouble.place, trouble.others) == ("waits_forever", "j", ("b-j",))
    assert trouble.course == ("a = return",)


def test_steps_without_a_way_to_the_end_are_found():
    trap = drawn(
        {"s": S, "a": T, "c": C, "b": T, "d": T, "e": E},
        ("s", "a"), ("a", "c"), ("c", "b", 'a = "return"'), ("c", "e"), ("b", "d"), ("d", "b"),
        a="submit return",
    )  # fmt: skip
    assert found(trap) == [("never_ends", "b")]


def test_a_loop_in_which_nobody_does_anything_is_found():
    spinning = drawn(
        {"s": S, "a": T, "c": C, "d": C, "e": E},
        ("s", "a"), ("a", "c"), ("c", "d"), ("d", "c", 'a = "return"'), ("d", "e"),
        a="submit return",
    )  # fmt: skip
    assert [kind for kind, _place in found(spinning)] == ["endless"]


def test_a_step_that_no_case_reaches_is_found():
    dead = drawn(
        {"s": S, "a": T, "c": C, "d": C, "b": T, "e": E},
        ("s", "a"), ("a", "c"), ("c", "d", 'a = "return"'), ("c", "e"),
        ("d", "b", 'a = "submit"'), ("d", "e"), ("b", "e"),
        a="submit return",
    )  # fmt: skip
    assert found(dead) == [("never_used", "b")]


def test_conditions_that_can_all_be_false_and_such_as_overlap_are_found():
    gap = drawn(
        {"s": S, "a": T, "c": C, "e": E, "f": E},
        ("s", "a"), ("a", "c"), ("c", "e", 'a = "return"'), ("c", "f", 'a = "refuse"'),
        a="submit return refuse",
    )  # fmt: skip
    assert found(gap) == [("no_flow_holds", "c")]
    overlap = drawn(
        {"s": S, "a": T, "c": C, "e": E, "f": E},
        ("s", "a"), ("a", "c"),
        ("c", "e", 'a != "return"'), ("c", "f", 'a in ["return", "submit"]'),
        a="submit return refuse",
    )  # fmt: skip
    assert found(overlap) == [("several_flows_hold", "c")]


def test_facts_are_looked_at_too_and_their_case_is_told():
    gap = drawn(
        {"s": S, "a": T, "c": C, "e": E},
        ("s", "a"), ("a", "c"), ("c", "e", LAND.key),
    )  # fmt: skip
    (trouble,) = troubles(gap)
    assert (trouble.kind, trouble.facts) == ("no_flow_holds", "new-land = no")


def test_an_end_that_leaves_something_open_and_two_tokens_on_one_way_are_found():
    early = drawn(
        {"s": S, "p": P, "a": T, "b": T, "e": E, "f": E},
        ("s", "p"), ("p", "a"), ("p", "b"), ("a", "e"), ("b", "f"),
    )  # fmt: skip
    assert {kind for kind, _place in found(early)} == {"ends_early"}
    twice = drawn(
        {"s": S, "p": P, "a": T, "b": T, "c": C, "d": T, "e": E},
        ("s", "p"), ("p", "a"), ("p", "b"), ("a", "c"), ("b", "c"), ("c", "d"), ("d", "e"),
    )  # fmt: skip
    assert "twice" in {kind for kind, _place in found(twice)}


def test_a_condition_on_what_was_not_done_is_found():
    unknown = drawn(
        {"s": S, "c": C, "a": T, "b": T, "e": E},
        ("s", "c"), ("c", "a", 'b = "submit"'), ("c", "b"), ("a", "e"), ("b", "e"),
    )  # fmt: skip
    assert found(unknown) == [("not_known", "c-a")]


@pytest.mark.parametrize(
    ("kind", "place", "process"),
    [
        ("starts", "p", drawn({"a": T, "e": E}, ("a", "e"))),
        ("no_end", "p", drawn({"s": S, "a": T}, ("s", "a"), ("a", "a"))),
        ("breaks_off", "a", drawn({"s": S, "a": T, "e": E}, ("s", "a"))),
        ("not_reached", "b", drawn({"s": S, "b": T, "e": E}, ("s", "e"), ("b", "e"))),
        ("several_ways", "a",
         drawn({"s": S, "a": T, "e": E, "f": E}, ("s", "a"), ("a", "e"), ("a", "f"))),
        ("loose_end", "e-a", drawn({"s": S, "a": T, "e": E}, ("s", "a"), ("a", "e"), ("e", "a"))),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_shape_is_found(kind: str, place: str, process: Process):
    assert (kind, place) in found(process)


def test_what_is_too_large_to_check_says_so_and_soon():
    sketch = Sketch()
    start, end = sketch.add(S), sketch.add(E)
    split, join = sketch.add(P), sketch.add(P)
    for _ in range(24):
        one = sketch.add(T, step("submit"))
        sketch.join(split, one)
        sketch.join(one, join)
    sketch.join(start, split)
    sketch.join(join, end)
    began = time.monotonic()
    assert [trouble.kind for trouble in troubles(sketch.process())] == ["too_many"]
    assert time.monotonic() - began < 60


def test_what_is_remembered_is_what_may_still_be_asked_for():
    """Forty decisions in a row, each asked for at once: the standings stay as many as steps."""
    sketch = Sketch()
    last = sketch.add(S)
    end = sketch.add(E)
    for _ in range(40):
        asked, split, merge = sketch.add(T, step("approve", "return")), sketch.add(C), sketch.add(C)
        extra = sketch.add(T, step("submit"))
        sketch.join(last, asked)
        sketch.join(asked, split)
        sketch.join(split, extra, f'{asked} = "return"')
        sketch.join(split, merge)
        sketch.join(extra, merge)
        last = merge
    sketch.join(last, end)
    assert troubles(sketch.process()) == []


SLOW = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(sound())
def test_what_is_made_of_blocks_is_sound(process: Process):
    assert troubles(process) == []


@SLOW
@given(mutated())
def test_the_verdict_is_that_of_the_slow_game(process: Process):
    assert bool(troubles(process)) == is_unsound(process)


def test_the_slow_game_finds_both():
    """The comparison above would be empty if the mutations never, or always, broke something."""
    verdicts: Counter[bool] = Counter()

    @settings(
        deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), database=None
    )
    @given(mutated())
    def look(process: Process) -> None:
        verdicts[is_unsound(process)] += 1

    look()
    assert verdicts[True] > 20
    assert verdicts[False] > 5


# The slow game: tokens are counted, every order of the nodes that move by themselves is tried,
# every outcome is remembered forever, and conditions are read by other means.

Slow = tuple[tuple[tuple[str, int], ...], tuple[tuple[str, str], ...]]


class Unsound(Exception):
    """Found in the slow game."""


def is_unsound(process: Process) -> bool:
    try:
        used: set[str] = set()
        for land in (False, True):
            used |= played_out(process, land)
    except Unsound:
        return True
    return not {*process.nodes, *process.flows} <= used


def played_out(process: Process, land: bool) -> set[str]:
    starts = [key for key, node in process.nodes.items() if node.kind is S]
    if len(starts) != 1 or process.incoming[starts[0]]:
        raise Unsound
    for key, node in process.nodes.items():
        out = len(process.outgoing[key])
        if (node.kind is E) == bool(out) or (node.kind in {S, T} and out > 1):
            raise Unsound
    used = set(starts)
    first: Slow = (((process.outgoing[starts[0]][0].key, 1),), ())
    used.add(first[0][0][0])
    onward: dict[Slow, list[Slow]] = {}
    todo = [first]
    while todo:
        state = todo.pop()
        if state in onward:
            continue
        onward[state] = list(moves(process, state, land, used))
        todo += onward[state]
    ending = {state for state in onward if not state[0]}
    while True:
        more = {s for s, following in onward.items() if set(following) & ending} - ending
        if not more:
            break
        ending |= more
    if set(onward) != ending:
        raise Unsound
    return used


def moves(process: Process, state: Slow, land: bool, used: set[str]) -> Iterator[Slow]:
    tokens, said = Counter(dict(state[0])), dict(state[1])
    if any(count > 1 for count in tokens.values()):
        raise Unsound
    by_itself, by_people = [], []
    for key, node in process.nodes.items():
        into = [flow.key for flow in process.incoming[key] if tokens[flow.key]]
        out = [flow.key for flow in process.outgoing[key]]
        if not into:
            continue
        if node.kind is T:
            by_people.append((key, into, out))
        elif node.kind is P:
            if len(into) == len(process.incoming[key]):
                by_itself.append((key, into, out))
        else:
            by_itself += [
                (key, [one], [picked(process, key, said, land)] if node.kind is C else [])
                for one in into
            ]
    if not by_itself and any(len(into) > 1 for _key, into, _out in by_people):
        raise Unsound
    for key, into, out in by_itself or by_people:
        node = process.nodes[key]
        left = tokens.copy()
        left.subtract(into)
        left.update(out)
        rest = tuple(sorted((flow, count) for flow, count in left.items() if count))
        if node.kind is E and rest:
            raise Unsound
        used |= {key, *out}
        for outcome in node.step.outcomes if node.step else ("",):
            now = {**said, key: outcome} if outcome else said
            yield rest, tuple(sorted(now.items()))


def picked(process: Process, key: str, said: dict[str, str], land: bool) -> str:
    holding, rest = [], []
    for flow in process.outgoing[key]:
        compared = re.fullmatch(r'(\w+) = "(\w+)"', flow.condition)
        if not flow.condition:
            rest.append(flow.key)
        elif compared:
            if compared[1] not in said:
                raise Unsound
            holding += [flow.key] if said[compared[1]] == compared[2] else []
        else:
            holding += [flow.key] if land != flow.condition.startswith("not") else []
    if len(holding) > 1 or len(holding or rest) != 1:
        raise Unsound
    return (holding or rest)[0]
