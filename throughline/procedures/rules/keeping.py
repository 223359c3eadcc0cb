"""A process as plain values, to be kept with a case that runs by it, and read again years later."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from throughline.procedures.rules.facts import FactType, Value, Variable
from throughline.procedures.rules.kinds import Relation, Verb
from throughline.procedures.rules.process import Actor, Basis, Flow, Node, NodeKind, Process, Step

Kept = dict[str, Any]


def kept(process: Process) -> Kept:
    """A process as what JSON can hold."""
    return {
        "key": process.key,
        "name": process.name,
        "nodes": [_node(node) for node in process.nodes.values()],
        "flows": [
            [flow.key, flow.source, flow.target, flow.condition] for flow in process.flows.values()
        ],
        "facts": [kept_variable(variable) for variable in process.facts.values()],
    }


def restored(given: Kept) -> Process:
    """The process that was kept; places in its file are not."""
    nodes = [_restored_node(node) for node in given["nodes"]]
    flows = [Flow(*flow) for flow in given["flows"]]
    facts = [restored_variable(fact) for fact in given["facts"]]
    return Process(
        given["key"],
        given["name"],
        {node.key: node for node in nodes},
        {flow.key: flow for flow in flows},
        {fact.key: fact for fact in facts},
    )


def kept_fact(value: Value) -> bool | str:
    """A fact in JSON: a number as a text, so that none of its digits is lost."""
    return str(value) if isinstance(value, Decimal) else value


def _node(node: Node) -> Kept:
    found: Kept = {"key": node.key, "kind": node.kind.value, "name": node.name}
    if node.default:
        found["default"] = node.default
    if node.step:
        step = node.step
        found["step"] = {
            "title": dict(step.title),
            "actor": _actor(step.actor),
            "verbs": [verb.value for verb in step.verbs],
            "basis": [[dict(basis.words), basis.illustrative] for basis in step.basis],
            "documents": list(step.documents),
            "clock": step.clock,
            "escalates_to": _actor(step.escalates_to) if step.escalates_to else None,
        }
    return found


def _actor(actor: Actor) -> list[str]:
    return [actor.relation.value if actor.relation else "", actor.body, actor.post]


def _restored_actor(given: list[str]) -> Actor:
    relation, body, post = given
    return Actor(Relation(relation) if relation else None, body, post)


def _restored_node(given: Kept) -> Node:
    step = None
    if said := given.get("step"):
        superior = said["escalates_to"]
        step = Step(
            title=said["title"],
            actor=_restored_actor(said["actor"]),
            verbs=tuple(map(Verb, said["verbs"])),
            basis=tuple(Basis(words, illustrative) for words, illustrative in said["basis"]),
            documents=tuple(said["documents"]),
            clock=said["clock"],
            escalates_to=_restored_actor(superior) if superior else None,
        )
    kind = NodeKind(given["kind"])
    return Node(given["key"], kind, given["name"], step=step, default=given.get("default", ""))


def kept_variable(variable: Variable) -> Kept:
    """What a fact can be, as what JSON can hold."""
    return {
        "key": variable.key,
        "type": variable.type.value,
        "values": list(variable.values),
        "units": [[key, str(size)] for key, size in variable.units.items()],
        "range": [None if bound is None else str(bound) for bound in (variable.low, variable.high)],
    }


def restored_variable(given: Kept) -> Variable:
    """The variable that was kept."""
    low, high = (None if bound is None else Decimal(bound) for bound in given["range"])
    units = {key: Decimal(size) for key, size in given["units"]}
    return Variable(given["key"], FactType(given["type"]), tuple(given["values"]), units, low, high)
