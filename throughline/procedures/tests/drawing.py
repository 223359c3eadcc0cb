"""Procedures for tests: drawn at random in blocks, or as the text of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from throughline.procedures.rules.facts import FactType, Variable
from throughline.procedures.rules.kinds import Relation, Verb
from throughline.procedures.rules.process import Actor, Flow, Node, NodeKind, Process, Step

LAND = Variable("new-land", FactType.YES_NO)
OUTCOMES = ("approve", "refuse", "return")

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:t="urn:throughline:procedure:1" xmlns:v="urn:vendor">
<b:process id="p">
"""
TAIL = "</b:process>\n</b:definitions>\n"


def task(key: str, *, more: str = "", inside: str = "", **said: str) -> str:
    """A user task on one line. Attributes of ours with an underscore stand for a hyphen."""
    given = {"actor": "submitter", "verbs": "submit return", **said}
    ours = " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in given.items() if value)
    return (
        f'<b:userTask id="{key}"{more}><b:extensionElements><t:step {ours}>'
        f'<t:title en="{key}" zh="办理"/><t:basis en="a rule" zh="规定"/></t:step>'
        f"</b:extensionElements>{inside}</b:userTask>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    """A sequence flow on one line."""
    said = condition.replace("&", "&amp;").replace("<", "&lt;")
    asks = f"<b:conditionExpression>{said}</b:conditionExpression>" if said else ""
    return (
        f'<b:sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">'
        f"{asks}</b:sequenceFlow>"
    )


def node(tag: str, key: str, **attributes: str) -> str:
    """Any other element on one line."""
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<b:{tag} id="{key}"{said}/>'


def file(*lines: str) -> bytes:
    """A whole file; the first of the lines is line 5."""
    return (HEAD + "\n".join(lines) + "\n" + TAIL).encode()


FIRST_LINE = 5


def line_of(data: bytes, key: str) -> int:
    """The line on which an element with an id begins."""
    lines = data.decode().splitlines()
    return next(n for n, line in enumerate(lines, 1) if f'id="{key}"' in line)


def step(*verbs: str, relation: Relation = Relation.SUBMITTER) -> Step:
    """A step that ends in these verbs."""
    return Step({}, Actor(relation), tuple(map(Verb, verbs)))


@dataclass
class Sketch:
    """A process that is being drawn."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    asks_land: bool = False

    def add(self, kind: NodeKind, said: Step | None = None) -> str:
        """A node; its key."""
        key = f"{kind.value[0]}{len(self.nodes)}"
        self.nodes[key] = Node(key, kind, step=said)
        return key

    def join(self, source: str, target: str, condition: str = "") -> None:
        """A flow."""
        self.flows.append(Flow(f"f{len(self.flows)}", source, target, condition))

    def process(self) -> Process:
        """What was drawn."""
        return process(list(self.nodes.values()), self.flows)


def process(nodes: Sequence[Node], flows: Sequence[Flow]) -> Process:
    """A process with one fact."""
    return Process(
        "p",
        "p",
        {each.key: each for each in nodes},
        {each.key: each for each in flows},
        {LAND.key: LAND},
    )


def block(draw: Any, sketch: Sketch, depth: int, together: bool) -> tuple[str, str]:
    """A block with one way in and one way out."""
    kinds = ["step", "sequence", "choice", "parallel", "loop", "fact"] if depth else ["step"]
    kind = draw(st.sampled_from(kinds))
    if kind == "fact":
        # Once only: inside a choice by a fact, another by the same fact has a dead branch.
        kind, sketch.asks_land = "choice" if sketch.asks_land else "fact", True
    if kind == "sequence":
        first, second = (block(draw, sketch, depth - 1, together) for _ in range(2))
        sketch.join(first[1], second[0])
        return first[0], second[1]
    if kind == "parallel":
        return _parallel(draw, sketch, depth, together)
    if kind == "loop":
        return _loop(draw, sketch, depth, together)
    if kind in {"choice", "fact"}:
        return _choice(draw, sketch, depth, together, asks=kind == "choice")
    several = together and draw(st.booleans())
    relation = Relation.SUPPORTING_BODIES if several else Relation.SUBMITTER
    key = sketch.add(NodeKind.STEP, step("agree", "object", relation=relation))
    return key, key


def _parallel(draw: Any, sketch: Sketch, depth: int, together: bool) -> tuple[str, str]:
    split, join = sketch.add(NodeKind.PARALLEL), sketch.add(NodeKind.PARALLEL)
    for _ in range(draw(st.integers(2, 3))):
        first, last = block(draw, sketch, depth - 1, together)
        sketch.join(split, first)
        sketch.join(last, join)
    return split, join


def _loop(draw: Any, sketch: Sketch, depth: int, together: bool) -> tuple[str, str]:
    merge = sketch.add(NodeKind.CHOICE)
    first, last = block(draw, sketch, depth - 1, together)
    asked = sketch.add(NodeKind.STEP, step("approve", "return"))
    split = sketch.add(NodeKind.CHOICE)
    out = sketch.add(NodeKind.CHOICE)
    sketch.join(merge, first)
    sketch.join(last, asked)
    sketch.join(asked, split)
    sketch.join(split, merge, f'{asked} = "return"')
    sketch.join(split, out)
    return merge, out


def _choice(draw: Any, sketch: Sketch, depth: int, together: bool, asks: bool) -> tuple[str, str]:
    split, join = sketch.add(NodeKind.CHOICE), sketch.add(NodeKind.CHOICE)
    if asks:
        asked = sketch.add(NodeKind.STEP, step(*OUTCOMES))
        sketch.join(asked, split)
        conditions = [f'{asked} = "{outcome}"' for outcome in OUTCOMES]
    else:
        conditions = [LAND.key, f"not {LAND.key}"]
    if draw(st.booleans()):
        conditions[-1] = ""
    for condition in conditions:
        first, last = block(draw, sketch, depth - 1, together)
        sketch.join(split, first, condition)
        sketch.join(last, join)
    return asked if asks else split, join


@st.composite
def sound(draw: Any, depth: int = 2, together: bool = False) -> Process:
    """A process made of blocks: sound, because each of them is."""
    sketch = Sketch()
    start, end = sketch.add(NodeKind.START), sketch.add(NodeKind.END)
    first, last = block(draw, sketch, depth, together)
    sketch.join(start, first)
    sketch.join(last, end)
    return sketch.process()


@st.composite
def mutated(draw: Any) -> Process:
    """A process of blocks with something changed, which may or may not have broken it."""
    found: Process = draw(sound())
    for _ in range(draw(st.integers(1, 2))):
        nodes, flows = list(found.nodes.values()), list(found.flows.values())
        at = draw(st.integers(0, len(flows) - 1))
        match draw(st.sampled_from(["lead", "leave", "kind", "cut", "outcome"])):
            case "lead":
                target = draw(
                    st.sampled_from([n.key for n in nodes if n.kind is not NodeKind.START])
                )
                flows[at] = replace(flows[at], target=target)
            case "leave":
                gates = [n.key for n in nodes if n.kind is NodeKind.PARALLEL]
                if gates and not flows[at].condition:
                    flows[at] = replace(flows[at], source=draw(st.sampled_from(gates)))
            case "kind":
                number = draw(st.integers(0, len(nodes) - 1))
                nodes[number] = _turned(nodes[number], flows)
            case "cut":
                del flows[at]
            case "outcome":
                number = draw(st.integers(0, len(nodes) - 1))
                if nodes[number].step:
                    nodes[number] = replace(nodes[number], step=step(*OUTCOMES))
        found = process(nodes, flows)
    return found


def _turned(node: Node, flows: list[Flow]) -> Node:
    """A gateway of the other kind, where no condition hinders it."""
    out = [flow for flow in flows if flow.source == node.key]
    if node.kind is NodeKind.PARALLEL and len(out) == 1:
        return replace(node, kind=NodeKind.CHOICE)
    if node.kind is NodeKind.CHOICE and not any(flow.condition for flow in out):
        return replace(node, kind=NodeKind.PARALLEL)
    return node
