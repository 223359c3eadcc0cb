"""A procedure as it is drawn: steps, choices, parallel parts, and the flows between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from throughline.procedures.rules.conditions import Condition
from throughline.procedures.rules.facts import FactType, Variable
from throughline.procedures.rules.kinds import NOBODY, Relation, Verb, outcomes_of

Words = Mapping[str, str]
"""A text by language."""


class NodeKind(StrEnum):
    """What a node does to a case that reaches it."""

    START = "start"
    END = "end"
    STEP = "step"
    CHOICE = "choice"
    PARALLEL = "parallel"


@dataclass(frozen=True)
class Actor:
    """Who acts: by relation, or a named body; and, where it is said, which post of it."""

    relation: Relation | None = None
    body: str = ""
    post: str = ""

    @property
    def key(self) -> str:
        """As packs write it."""
        whose = self.relation.value if self.relation else f"body:{self.body}"
        return f"{whose}/{self.post}" if self.post else whose


@dataclass(frozen=True)
class Basis:
    """The rule on which a step rests; illustrative where it is not a rule in force."""

    words: Words
    illustrative: bool = False


@dataclass(frozen=True)
class Step:
    """What happens at a step: who acts, on which basis, with which documents, within how many
    working days, who is told when they run out, and what may be done."""

    title: Words
    actor: Actor
    verbs: tuple[Verb, ...]
    basis: tuple[Basis, ...] = ()
    documents: tuple[str, ...] = ()
    clock: int | None = None
    escalates_to: Actor | None = None

    @property
    def together(self) -> bool:
        """Whether it is for all supporting bodies, each on its own and at the same time."""
        return self.actor.relation is Relation.SUPPORTING_BODIES

    @property
    def outcomes(self) -> tuple[str, ...]:
        """How it can end."""
        ends = tuple(verb.value for verb in outcomes_of(self.verbs))
        return (*ends, NOBODY) if self.together else ends


@dataclass(frozen=True)
class Node:
    """A node with its place in the file. `default` is the flow of a choice that is taken where
    no condition holds."""

    key: str
    kind: NodeKind
    name: str = ""
    line: int = 0
    column: int = 0
    step: Step | None = None
    default: str = ""


@dataclass(frozen=True)
class Flow:
    """The way from one node to another, and the condition on which a choice takes it."""

    key: str
    source: str
    target: str
    condition: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Process:
    """A procedure: its nodes and flows in the order of the file."""

    key: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    facts: Mapping[str, Variable] = field(default_factory=dict)

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """What its conditions may name: the facts of the case, and how each step ended."""
        ends = {
            key: Variable(key, FactType.CHOICE, node.step.outcomes)
            for key, node in self.nodes.items()
            if node.step
        }
        return {**self.facts, **ends}

    @cached_property
    def outgoing(self) -> dict[str, tuple[Flow, ...]]:
        """The flows that leave each node."""
        return {
            key: tuple(flow for flow in self.flows.values() if flow.source == key)
            for key in self.nodes
        }

    @cached_property
    def incoming(self) -> dict[str, tuple[Flow, ...]]:
        """The flows that lead to each node."""
        return {
            key: tuple(flow for flow in self.flows.values() if flow.target == key)
            for key in self.nodes
        }

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """The conditions of its flows; raises ConditionError where one cannot be read."""
        return {
            key: Condition.parse(flow.condition, self.variables)
            for key, flow in self.flows.items()
            if flow.condition
        }

    @cached_property
    def facts_named(self) -> tuple[str, ...]:
        """The facts on which its course depends: a case has to state them."""
        named = (name for condition in self.conditions.values() for name in condition.names)
        return tuple(dict.fromkeys(name for name in named if name in self.facts))

    @property
    def start(self) -> Node:
        """Where a case begins."""
        return next(node for node in self.nodes.values() if node.kind is NodeKind.START)

    def steps(self) -> dict[str, Step]:
        """Its steps, in the order of the file."""
        return {key: node.step for key, node in self.nodes.items() if node.step}
