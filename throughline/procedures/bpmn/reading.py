"""A BPMN file as a process. What is not taken is a finding; nothing of it is ever executed.

Taken are one start, ends, user and manual tasks, exclusive and parallel gateways, and flows with
conditions. What only describes (pools and lanes, notes, data objects, the diagram) is passed over,
and so is what vendors add, unless it would run something elsewhere: then the author is told that it
would not run here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from throughline.procedures.bpmn.steps import OURS, read_step
from throughline.procedures.bpmn.xml import Element, Refused, parse
from throughline.procedures.rules.findings import Finding
from throughline.procedures.rules.process import Flow, Node, NodeKind, Process

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DRAWN = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
    }
)
_NODES = {
    "startEvent": NodeKind.START,
    "endEvent": NodeKind.END,
    "userTask": NodeKind.STEP,
    "manualTask": NodeKind.STEP,
    "exclusiveGateway": NodeKind.CHOICE,
    "parallelGateway": NodeKind.PARALLEL,
}
_DESCRIBES = frozenset({"documentation", "extensionElements"})
_OF_DEFINITIONS = _DESCRIBES | {"process", "collaboration", "category"}
_OF_COLLABORATION = _DESCRIBES | {"participant", "textAnnotation", "association", "group"}
_OF_PROCESS = _DESCRIBES | {
    "laneSet",
    "textAnnotation",
    "association",
    "group",
    "dataObject",
    "dataObjectReference",
}
_OF_NODE = _DESCRIBES | {"incoming", "outgoing"}
_RUNS = frozenset(
    {
        "tasklistener",
        "executionlistener",
        "script",
        "prescript",
        "postscript",
        "connector",
        "servicetaskoperator",
    }
)
_ID = re.compile(r"[^\W\d][\w-]*")
_RESERVED = frozenset({"and", "or", "not", "in"})


@dataclass
class Reading:
    """A file as far as it could be read. The process is there where its parts are."""

    file: str
    process: Process | None = None
    findings: list[Finding] = field(default_factory=list)
    elements: dict[str, Element] = field(default_factory=dict)

    def find(self, kind: str, at: Element, **about: object) -> None:
        """Report what is wrong at an element."""
        element = at.attributes.get("id", "")
        self.findings.append(Finding(kind, self.file, at.line, at.column, element, about=about))


def read(file: str, data: bytes) -> Reading:
    """Read a BPMN file. Never raises for its content."""
    reading = Reading(file)
    try:
        root = parse(data)
    except Refused as refused:
        about = {"found": refused.found}
        reading.findings.append(
            Finding(refused.kind, file, refused.line, refused.column, about=about)
        )
        return reading
    if (root.namespace, root.name) != (BPMN, "definitions"):
        reading.find("not_bpmn", root, found=root.name)
        return reading
    processes = list(_children(reading, root, _OF_DEFINITIONS, "process"))
    for collaboration in root.children:
        if _is(collaboration, "collaboration"):
            list(_children(reading, collaboration, _OF_COLLABORATION, ""))
    if len(processes) != 1:
        reading.find("one_process", processes[1] if processes else root, count=len(processes))
        return reading
    _runs(reading, root)
    reading.process = _process(reading, processes[0])
    return reading


def _is(element: Element, name: str) -> bool:
    return element.namespace == BPMN and element.name == name


def _children(
    reading: Reading, parent: Element, known: frozenset[str], wanted: str
) -> Iterator[Element]:
    """The children of a name; those that are not known are found faulty."""
    for child in parent.children:
        if child.namespace in _DRAWN and parent.name == "definitions":
            continue
        if child.namespace != BPMN or child.name not in known:
            reading.find("not_taken", child, found=child.name)
        elif child.name == wanted:
            yield child


def _runs(reading: Reading, root: Element) -> None:
    """What vendors' extensions would execute elsewhere."""
    for element in root.all():
        if element.namespace not in {BPMN, OURS, *_DRAWN} and element.name.lower() in _RUNS:
            reading.find("would_run", element, found=element.name)


def _process(reading: Reading, process: Element) -> Process:
    key = _key(reading, process)
    nodes: dict[str, Node] = {}
    flows: dict[str, Flow] = {}
    for child in process.children:
        known = child.namespace == BPMN
        if known and child.name in _OF_PROCESS:
            continue
        if not known or child.name not in {*_NODES, "sequenceFlow"}:
            reading.find("not_taken", child, found=child.name)
            continue
        part = _key(reading, child)
        if part and child.name == "sequenceFlow":
            flows[part] = _flow(reading, part, child)
        elif part:
            nodes[part] = _node(reading, part, child)
    _joined(reading, nodes, flows)
    return Process(key, process.attributes.get("name", key), nodes, flows)


def _key(reading: Reading, element: Element) -> str:
    """The id of an element, by which conditions and cases name it."""
    key = element.attributes.get("id", "")
    if not _ID.fullmatch(key) or key in _RESERVED or len(key) > 80:
        reading.find("bad_id", element, found=key)
        return ""
    if key in reading.elements:
        reading.find("same_id", element, found=key, line=reading.elements[key].line)
        return ""
    reading.elements[key] = element
    return key


def _node(reading: Reading, key: str, element: Element) -> Node:
    kind = _NODES[element.name]
    known = _OF_NODE | {"multiInstanceLoopCharacteristics"} if kind is NodeKind.STEP else _OF_NODE
    several = list(_children(reading, element, known, "multiInstanceLoopCharacteristics"))
    for each in several:
        _together(reading, each)
    if element.attributes.get("isForCompensation") == "true":
        reading.find("not_taken", element, found="isForCompensation")
    for quantity in ("startQuantity", "completionQuantity"):
        if element.attributes.get(quantity, "1") != "1":
            reading.find("not_taken", element, found=quantity)
    step = None
    if kind is NodeKind.STEP:
        step = read_step(reading.find, element)
        if step and step.together != bool(several):
            reading.find("together", element, actor=step.actor.key)
    return Node(
        key,
        kind,
        element.attributes.get("name", ""),
        element.line,
        element.column,
        step,
        element.attributes.get("default", ""),
    )


def _together(reading: Reading, element: Element) -> None:
    """Of a step for several: at the same time, and until each has answered."""
    if element.attributes.get("isSequential") == "true":
        reading.find("in_turn", element)
    list(_children(reading, element, _DESCRIBES, ""))


def _flow(reading: Reading, key: str, element: Element) -> Flow:
    conditions = list(
        _children(reading, element, _DESCRIBES | {"conditionExpression"}, "conditionExpression")
    )
    condition, line = "", element.line
    for each in conditions:
        condition = each.text.strip()
        blank = each.text[: len(each.text) - len(each.text.lstrip())]
        line = (each.text_line or each.line) + blank.count("\n")
        if each.attributes.get("language", OURS) != OURS:
            reading.find("other_language", each, found=each.attributes["language"])
    source = element.attributes.get("sourceRef", "")
    target = element.attributes.get("targetRef", "")
    return Flow(key, source, target, condition, line, element.column)


def _joined(reading: Reading, nodes: dict[str, Node], flows: dict[str, Flow]) -> None:
    """Flows lead from node to node, and conditions stand where something chooses."""
    for key, flow in list(flows.items()):
        element = reading.elements[key]
        lost = [end for end in (flow.source, flow.target) if end not in nodes]
        for end in lost:
            reading.find("no_node", element, found=end)
        if lost:
            del flows[key]
    for key, flow in flows.items():
        node = nodes[flow.source]
        chooses = node.kind is NodeKind.CHOICE
        several = sum(each.source == node.key for each in flows.values()) > 1
        element = reading.elements[key]
        if flow.condition and not chooses:
            reading.find("no_choice", element, found=node.key)
        if chooses and flow.condition and node.default == key:
            reading.find("default_asks", element, found=node.key)
        if chooses and several and not flow.condition and node.default != key:
            reading.find("no_condition", element, found=node.key)
    for node in nodes.values():
        if node.default and (node.default not in flows or flows[node.default].source != node.key):
            reading.find("no_default", reading.elements[node.key], found=node.default)
