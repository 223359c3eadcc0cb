"""A process as the engine gets it: written anew from what was read and checked, and nothing else.

So the engine never sees a file from a pack. Instead of a condition stands the key of its flow, and
instead of the number of bodies a word: both are answered by us.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from throughline.procedures.bpmn.reading import BPMN
from throughline.procedures.rules.process import Flow, Node, NodeKind, Process

EACH_BODY = "each supporting body"
NODE = "node-"
"""Before the keys of nodes: the engine has nodes of its own, with names such as Start and End."""

_TAGS = {
    NodeKind.START: "startEvent",
    NodeKind.END: "endEvent",
    NodeKind.STEP: "userTask",
    NodeKind.CHOICE: "exclusiveGateway",
    NodeKind.PARALLEL: "parallelGateway",
}
_SEVERAL = (
    "<multiInstanceLoopCharacteristics>"
    f"<loopCardinality>{EACH_BODY}</loopCardinality>"
    "</multiInstanceLoopCharacteristics>"
)


def write(process: Process) -> str:
    """The process in BPMN without anything that is ours or a vendor's."""
    parts = [f'<definitions xmlns="{BPMN}"><process id={_key(process.key)} isExecutable="true">']
    parts += (_node(process, node) for node in process.nodes.values())
    parts += (_flow(process, flow) for flow in process.flows.values())
    return "".join([*parts, "</process></definitions>"])


def _key(key: str) -> str:
    return quoteattr(key)


def _node(process: Process, node: Node) -> str:
    tag = _TAGS[node.kind]
    default = ""
    if node.kind is NodeKind.CHOICE:
        rest = [flow for flow in process.outgoing[node.key] if not flow.condition]
        default = f" default={_key(rest[0].key)}" if rest else ""
    flows = [f"<incoming>{flow.key}</incoming>" for flow in process.incoming[node.key]]
    flows += [f"<outgoing>{flow.key}</outgoing>" for flow in process.outgoing[node.key]]
    several = _SEVERAL if node.step and node.step.together else ""
    return f"<{tag} id={_key(NODE + node.key)}{default}>{''.join(flows)}{several}</{tag}>"


def _flow(process: Process, flow: Flow) -> str:
    condition = ""
    if flow.condition:
        condition = f"<conditionExpression>{flow.key}</conditionExpression>"
    return (
        f"<sequenceFlow id={_key(flow.key)} sourceRef={_key(NODE + flow.source)}"
        f" targetRef={_key(NODE + flow.target)}>{condition}</sequenceFlow>"
    )
