"""Whether a procedure can be carried out as it is drawn: looked at in every way it can go.

A procedure is sound if from everywhere that a case can come to it can still end; if nothing is
left open when it ends; if every node has its use; if a join never waits for what does not come; and
if exactly one flow of each choice holds, whatever the facts and outcomes are. All standings are
visited, for all points of the facts that its conditions name. What is remembered of outcomes is
what a condition ahead may still ask for: so loops and long procedures stay small.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from throughline.procedures.rules.facts import Facts, Value, points, worlds, written
from throughline.procedures.rules.process import NodeKind, Process
from throughline.procedures.rules.tokens import Marking, Standing, Stuck, begun, done, waiting

MAX_STANDINGS = 20_000
MAX_WORLDS = 2_000


@dataclass(frozen=True)
class Trouble:
    """What is wrong, at which node or flow, and how a case comes there. `kind` is one of those
    of `Stuck`, or: breaks_off, not_reached, waits_forever, never_ends, never_used, too_many,
    starts, no_end, loose_end, several_ways, bypassed."""

    kind: str
    place: str
    others: tuple[str, ...] = ()
    course: tuple[str, ...] = ()
    facts: str = ""


State = tuple[Marking, tuple[tuple[str, Value], ...]]


def troubles(process: Process) -> list[Trouble]:
    """All that keeps a procedure from being carried out; its conditions must be readable.

    The shape comes first: where it is wrong, the game is not played.
    """
    return list(_shape(process)) or _played(process)


def bypassed(process: Process, settles: str, needed: str) -> Trouble | None:
    """How a case of a sound procedure could be settled without an outcome that it needs: without
    review of legality, say, for countersigning never stands for it. None where it cannot."""
    live = _live(process)
    for world in _worlds(process) or ():
        game = _Game(process, world, live, MAX_STANDINGS, without=needed, wanted=settles)
        for _trouble in game.play():
            pass
        if game.settled:
            step, course = game.settled
            return Trouble("bypassed", step, (needed,), course, written(world))
    return None


def _shape(process: Process) -> Iterator[Trouble]:
    """What can be seen without playing: one start, an end, and a way on from each node."""
    starts = [node.key for node in process.nodes.values() if node.kind is NodeKind.START]
    if len(starts) != 1:
        yield Trouble("starts", starts[1] if starts else process.key, tuple(starts))
    if not any(node.kind is NodeKind.END for node in process.nodes.values()):
        yield Trouble("no_end", process.key)
    for key, node in process.nodes.items():
        into, out = process.incoming[key], process.outgoing[key]
        if node.kind is NodeKind.START and into:
            yield Trouble("loose_end", into[0].key)
        if node.kind is NodeKind.END and out:
            yield Trouble("loose_end", out[0].key)
        if node.kind is not NodeKind.END and not out:
            yield Trouble("breaks_off", key)
        if node.kind in {NodeKind.START, NodeKind.STEP} and len(out) > 1:
            yield Trouble("several_ways", key)
    if len(starts) == 1:
        reached = _reached(process, starts[0])
        for key in process.nodes:
            if key not in reached:
                yield Trouble("not_reached", key)


def _reached(process: Process, start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        for flow in process.outgoing[ahead.pop()]:
            if flow.target not in found:
                found.add(flow.target)
                ahead.append(flow.target)
    return found


def _played(process: Process) -> list[Trouble]:
    facts = _worlds(process)
    if facts is None:
        return [Trouble("too_many", process.key)]
    live = _live(process)
    passed: set[str] = set()
    found: dict[tuple[str, str], Trouble] = {}
    visited = 0
    for world in facts:
        game = _Game(process, world, live, MAX_STANDINGS - visited)
        for trouble in game.play():
            found.setdefault((trouble.kind, trouble.place), trouble)
        if game.too_large:
            return [*found.values(), Trouble("too_many", process.key)]
        visited += len(game.ahead)
        passed |= game.passed
    return list(found.values()) or list(_unused(process, passed))


def _worlds(process: Process) -> Iterator[dict[str, Value]] | None:
    named = {
        name: points(process.facts[name], _numbers(process, name)) for name in process.facts_named
    }
    return worlds(named, MAX_WORLDS)


def _numbers(process: Process, name: str) -> set[Decimal]:
    return {n for condition in process.conditions.values() for n in condition.numbers(name)}


def _unused(process: Process, passed: set[str]) -> Iterator[Trouble]:
    """What no case ever passes; of a part that is cut off, where it begins."""
    for key, flow in process.flows.items():
        if key not in passed and flow.source in passed:
            yield Trouble("never_used", key if flow.target in passed else flow.target, (key,))


def _live(process: Process) -> dict[str, frozenset[str]]:
    """For each flow, the steps whose outcomes may still be asked for by who comes along it."""
    steps = set(process.steps())
    found: dict[str, frozenset[str]] = dict.fromkeys(process.flows, frozenset())
    changed = True
    while changed:
        changed = False
        for key, flow in process.flows.items():
            onward: frozenset[str] = frozenset()
            for each in process.outgoing[flow.target]:
                condition = process.conditions.get(each.key)
                asked = steps.intersection(condition.names) if condition else set()
                onward |= found[each.key] | asked
            onward -= {flow.target}
            if onward != found[key]:
                found[key] = onward
                changed = True
    return found


@dataclass
class _Game:
    """One world: the facts stand, the outcomes are whatever people do."""

    process: Process
    facts: Facts
    live: Mapping[str, frozenset[str]]
    limit: int
    without: str = ""
    wanted: str = ""
    settled: tuple[str, tuple[str, ...]] | None = None
    ahead: dict[State, list[State]] = field(default_factory=dict)
    came: dict[State, tuple[State, str] | None] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    ended: set[State] = field(default_factory=set)
    stuck: set[State] = field(default_factory=set)
    too_large: bool = False

    def play(self) -> Iterator[Trouble]:
        try:
            first = self._arrive(begun(self.process, self.facts), {}, None, "")
        except Stuck as stuck:
            yield self._trouble(stuck, None)
            return
        todo = deque([first])
        self.ahead[first] = []
        while todo:
            state = todo.popleft()
            yield from self._forever(state)
            for step, outcome in self._moves(state):
                try:
                    following = self._move(state, step, outcome)
                except Stuck as stuck:
                    self.stuck.add(state)
                    yield self._trouble(stuck, state, f"{step} = {outcome}")
                    continue
                self.ahead[state].append(following)
                if following not in self.ahead:
                    self.ahead[following] = []
                    todo.append(following)
            if len(self.ahead) > self.limit:
                self.too_large = True
                return
        yield from self._endless()

    def _moves(self, state: State) -> Iterator[tuple[str, str]]:
        steps = self.process.steps()
        for step in waiting(self.process, state[0]):
            for outcome in steps[step].outcomes:
                if outcome == self.wanted and not self.settled:
                    self.settled = step, self._course(state)
                if outcome != self.without:
                    yield step, outcome

    def _move(self, state: State, step: str, outcome: str) -> State:
        values = {**dict(state[1]), step: outcome}
        standing = done(self.process, state[0], step, {**self.facts, **values})
        return self._arrive(standing, values, state, f"{step} = {outcome}")

    def _arrive(
        self, standing: Standing, values: dict[str, Value], origin: State | None, how: str
    ) -> State:
        self.passed |= standing.passed
        asked = frozenset[str]().union(*(self.live[flow] for flow in standing.marking))
        kept = tuple(sorted((key, value) for key, value in values.items() if key in asked))
        state = (standing.marking, kept)
        if state not in self.came:
            self.came[state] = (origin, how) if origin is not None else None
        if standing.ended:
            self.ended.add(state)
        return state

    def _forever(self, state: State) -> Iterator[Trouble]:
        """Tokens that lie before joins, where no step waits that could send another."""
        if state in self.ended or any(waiting(self.process, state[0])):
            return
        self.stuck.add(state)
        joins = {self.process.flows[key].target for key in state[0]}
        for join in sorted(joins):
            into = self.process.incoming[join]
            missing = tuple(flow.key for flow in into if flow.key not in state[0])
            yield Trouble("waits_forever", join, missing, self._course(state), self._facts())

    def _endless(self) -> Iterator[Trouble]:
        """Standings from which no way leads to an end, nor to a trouble already told."""
        before: dict[State, list[State]] = {state: [] for state in self.ahead}
        for state, following in self.ahead.items():
            for each in following:
                before[each].append(state)
        good = self.ended | self.stuck
        todo = list(good)
        while todo:
            for state in before[todo.pop()]:
                if state not in good:
                    good.add(state)
                    todo.append(state)
        for state in self.ahead:
            if state not in good:
                steps = tuple(waiting(self.process, state[0]))
                yield Trouble("never_ends", steps[0], steps, self._course(state), self._facts())
                return

    def _trouble(self, stuck: Stuck, state: State | None, last: str = "") -> Trouble:
        course = (*self._course(state), last) if state and last else ()
        return Trouble(stuck.kind, stuck.place, stuck.others, course, self._facts())

    def _course(self, state: State | None) -> tuple[str, ...]:
        """What was done on the shortest way to a standing."""
        found: list[str] = []
        while state is not None and (step := self.came.get(state)):
            state, how = step
            found.append(how)
        return tuple(reversed(found))

    def _facts(self) -> str:
        return written(self.facts)
