"""The token game: how a case moves through a procedure.

A token lies on a flow. A step waits until somebody ends it with an outcome; choices and parallel
nodes move at once and by themselves. A *standing* is where a case rests: no node can move by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from throughline.procedures.rules.facts import Facts
from throughline.procedures.rules.process import Flow, NodeKind, Process

Marking = frozenset[str]
"""The flows on which a token lies."""


class Stuck(Exception):
    """A case cannot go on as it is drawn. `kind` is one of: no_flow_holds, several_flows_hold,
    not_known, twice, endless, ends_early; `place` is the node or flow where."""

    def __init__(self, kind: str, place: str, others: tuple[str, ...] = ()) -> None:
        super().__init__(f"{kind} at {place}")
        self.kind = kind
        self.place = place
        self.others = others


@dataclass(frozen=True)
class Standing:
    """Where a case rests, and what it passed on the way there."""

    marking: Marking
    ended: bool
    passed: frozenset[str]


def begun(process: Process, values: Facts) -> Standing:
    """Where a case rests that has just begun."""
    (first,) = process.outgoing[process.start.key]
    passed = frozenset({process.start.key, first.key})
    return _settled(process, frozenset({first.key}), values, passed)


def waiting(process: Process, marking: Marking) -> Iterator[str]:
    """The steps that wait for somebody."""
    for key in sorted(marking):
        target = process.flows[key].target
        if process.nodes[target].kind is NodeKind.STEP:
            yield target


def done(process: Process, marking: Marking, step: str, values: Facts) -> Standing:
    """Where a case rests after a step that waited was ended; the values hold its outcome."""
    flow = next(flow for flow in process.incoming[step] if flow.key in marking)
    (onward,) = process.outgoing[step]
    passed = frozenset({step, onward.key})
    return _settled(process, _moved(marking, [flow], [onward]), values, passed)


def _moved(marking: Marking, taken: list[Flow], given: list[Flow]) -> Marking:
    rest = marking - {flow.key for flow in taken}
    for flow in given:
        if flow.key in rest:
            raise Stuck("twice", flow.key)
    return rest | {flow.key for flow in given}


def _settled(process: Process, marking: Marking, values: Facts, passed: frozenset[str]) -> Standing:
    """Let choices and parallel nodes move until none can."""
    seen = {marking}
    on_the_way = set(passed)
    while True:
        move = _next(process, marking, values)
        if move is None:
            break
        node, taken, given = move
        on_the_way |= {node, *(flow.key for flow in given)}
        marking = _moved(marking, taken, given)
        if process.nodes[node].kind is NodeKind.END:
            if marking:
                raise Stuck("ends_early", node, _open(process, marking))
            return Standing(marking, ended=True, passed=frozenset(on_the_way))
        if marking in seen:
            raise Stuck("endless", node)
        seen.add(marking)
    _once(process, marking)
    return Standing(marking, ended=False, passed=frozenset(on_the_way))


def _next(
    process: Process, marking: Marking, values: Facts
) -> tuple[str, list[Flow], list[Flow]] | None:
    """The next node that moves by itself. An end comes last, so that what is left beside it is
    what cannot go on without somebody."""
    ending: tuple[str, list[Flow], list[Flow]] | None = None
    for key in sorted(marking):
        flow = process.flows[key]
        node = process.nodes[flow.target]
        given = list(process.outgoing[node.key])
        if node.kind is NodeKind.CHOICE:
            return node.key, [flow], [chosen(process, node.key, values)]
        if node.kind is NodeKind.PARALLEL:
            taken = list(process.incoming[node.key])
            if all(each.key in marking for each in taken):
                return node.key, taken, given
        elif node.kind is NodeKind.END and ending is None:
            ending = node.key, [flow], []
    return ending


def chosen(process: Process, node: str, values: Facts) -> Flow:
    """The flow that a choice takes: the one whose condition holds, else the default."""
    holding = []
    for flow in process.outgoing[node]:
        condition = process.conditions.get(flow.key)
        if condition is None:
            continue
        holds = condition.holds(values)
        if holds is None:
            raise Stuck("not_known", flow.key, tuple(n for n in condition.names if n not in values))
        if holds:
            holding.append(flow)
    if len(holding) > 1:
        raise Stuck("several_flows_hold", node, tuple(flow.key for flow in holding))
    if holding:
        return holding[0]
    rest = [flow for flow in process.outgoing[node] if flow.key not in process.conditions]
    if not rest:
        raise Stuck("no_flow_holds", node)
    return rest[0]


def _once(process: Process, marking: Marking) -> None:
    """A step waits once at a time."""
    targets = list(waiting(process, marking))
    for step in targets:
        if targets.count(step) > 1:
            raise Stuck("twice", step)


def _open(process: Process, marking: Marking) -> tuple[str, ...]:
    """The nodes before which tokens lie."""
    return tuple(sorted({process.flows[key].target for key in marking}))
