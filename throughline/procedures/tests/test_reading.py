"""BPMN files: what is taken, what is passed over, and what is refused with its line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.procedures.bpmn.reading import Reading, read
from throughline.procedures.rules.kinds import Relation, Verb
from throughline.procedures.rules.process import NodeKind
from throughline.procedures.tests.drawing import FIRST_LINE, file, flow, node, task

START, END = node("startEvent", "s"), node("endEvent", "e")
ALONG = (START, task("a"), END, flow("s", "a"), flow("a", "e"))


def found(reading: Reading) -> list[tuple[str, int]]:
    return [(each.kind, each.line) for each in reading.findings]


def test_a_plain_file_is_read_with_its_places():
    reading = read("x.bpmn", file(*ALONG))
    assert reading.findings == []
    process = reading.process
    assert process is not None
    assert [each.kind for each in process.nodes.values()] == [
        NodeKind.START, NodeKind.STEP, NodeKind.END,
    ]  # fmt: skip
    said = process.nodes["a"].step
    assert said is not None
    assert said.actor.relation is Relation.SUBMITTER
    assert said.verbs == (Verb.SUBMIT, Verb.RETURN)
    assert said.title == {"en": "a", "zh": "办理"}
    assert process.nodes["a"].line == FIRST_LINE + 1


def test_what_a_modeller_adds_is_passed_over():
    data = file(
        '<b:laneSet id="l"><b:lane id="l1"><b:flowNodeRef>a</b:flowNodeRef></b:lane></b:laneSet>',
        '<b:dataObject id="d"/>',
        '<b:textAnnotation id="n"><b:text>note</b:text></b:textAnnotation>',
        START.replace("/>", ' v:color="red"><b:documentation>x</b:documentation></b:startEvent>'),
        task("a", more=' v:assignee="${someone()}" v:formKey="f"',
             inside="<b:incoming>s-a</b:incoming>"),
        END, flow("s", "a"), flow("a", "e"),
        "<b:extensionElements><v:properties name='x'/></b:extensionElements>",
    ).replace(b"</b:definitions>", b"""<d:BPMNDiagram
        xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNPlane bpmnElement="p"/>
        </d:BPMNDiagram>
        </b:definitions>""")  # fmt: skip
    reading = read("x.bpmn", data)
    assert reading.findings == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('<b:scriptTask id="x"><b:script>1</b:script></b:scriptTask>', "not_taken"),
        (node("serviceTask", "x"), "not_taken"),
        (node("sendTask", "x"), "not_taken"),
        (node("receiveTask", "x"), "not_taken"),
        (node("businessRuleTask", "x"), "not_taken"),
        (node("callActivity", "x", calledElement="elsewhere"), "not_taken"),
        (node("subProcess", "x"), "not_taken"),
        (node("inclusiveGateway", "x"), "not_taken"),
        (node("eventBasedGateway", "x"), "not_taken"),
        (node("intermediateCatchEvent", "x"), "not_taken"),
        (node("boundaryEvent", "x", attachedToRef="a"), "not_taken"),
        (node("task", "x"), "not_taken"),
        ('<v:thing id="x"/>', "not_taken"),
        ('<b:startEvent id="x"><b:timerEventDefinition/></b:startEvent>', "not_taken"),
        ('<b:endEvent id="x"><b:terminateEventDefinition/></b:endEvent>', "not_taken"),
        (task("x", inside="<b:standardLoopCharacteristics/>"), "not_taken"),
        (task("x", inside="<b:ioSpecification/>"), "not_taken"),
        (task("x", inside="<b:multiInstanceLoopCharacteristics/>"), "together"),
        (task("x", actor="supporting-bodies"), "together"),
        (task("x", more=' isForCompensation="true"'), "not_taken"),
        (task("x", more=' startQuantity="2"'), "not_taken"),
        (
            task("x", actor="supporting-bodies",
                 inside='<b:multiInstanceLoopCharacteristics isSequential="true"/>'),
            "in_turn",
        ),
        (
            task("x", actor="supporting-bodies",
                 inside="<b:multiInstanceLoopCharacteristics><b:completionCondition>1"
                        "</b:completionCondition></b:multiInstanceLoopCharacteristics>"),
            "not_taken",
        ),
        ('<b:userTask id="x"><b:extensionElements><v:taskListener><v:script>rm</v:script>'
         "</v:taskListener></b:extensionElements></b:userTask>", "would_run"),
        ('<b:userTask id="x"/>', "no_step"),
        (task("x", actor=""), "no_actor"),
        (task("x", actor="mayor"), "unknown_actor"),
        (task("x", actor="body:"), "unknown_actor"),
        (task("x", verbs=""), "no_outcome"),
        (task("x", verbs="transfer"), "no_outcome"),
        (task("x", verbs="submit bless"), "unknown_verb"),
        (task("x", clock="0", escalates_to="body:m/head"), "bad_clock"),
        (task("x", clock="1.5", escalates_to="body:m/head"), "bad_clock"),
        (task("x", clock="5"), "clock_without_end"),
        (task("x", clock="5", escalates_to="body:m"), "no_post"),
        (task("x", clock="5", escalates_to="submitter/head"), "no_post"),
        (task("x", onTimeout="approve"), "unknown_attribute"),
        (node("userTask", "9x"), "bad_id"),
        (node("userTask", "and"), "bad_id"),
        (node("userTask", "a"), "same_id"),
        (flow("a", "nowhere"), "no_node"),
        (flow("a", "a", "a = 1"), "no_choice"),
        (node("exclusiveGateway", "x", default="nowhere"), "no_default"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_a_finding_at_its_line(line: str, kind: str):
    reading = read("x.bpmn", file(*ALONG, line))
    assert (kind, FIRST_LINE + len(ALONG)) in found(reading)
    assert {at for _kind, at in found(reading)} == {FIRST_LINE + len(ALONG)}


def test_a_choice_says_on_what_it_chooses():
    lines = (
        START, task("a"), node("exclusiveGateway", "c", default="c-a"), END,
        flow("s", "a"), flow("a", "c"), flow("c", "a", 'a = "return"'), flow("c", "e"),
    )  # fmt: skip
    assert found(read("x.bpmn", file(*lines))) == [
        ("default_asks", FIRST_LINE + 6), ("no_condition", FIRST_LINE + 7),
    ]  # fmt: skip


def test_a_condition_in_another_language_is_refused():
    line = flow("a", "e").replace(
        "></b:sequenceFlow>",
        '><b:conditionExpression language="javascript">true</b:conditionExpression>'
        "</b:sequenceFlow>",
    )
    assert "other_language" in dict(found(read("x.bpmn", file(*ALONG[:-1], line))))


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {n} "{f"&{o};" * 10}">' for o, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>\n<d>&i;</d>"
)
FETCH = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<d>&x;</d>'
OUTSIDE = '<!DOCTYPE d SYSTEM "http://127.0.0.1/d.dtd">\n<d/>'


@pytest.mark.parametrize(
    ("data", "kind", "line"),
    [
        (BOMB.encode(), "doctype", 1),
        (FETCH.encode(), "doctype", 1),
        (OUTSIDE.encode(), "doctype", 1),
        (b"<a>\n<b></a>", "not_xml", 2),
        (b"", "not_xml", 1),
        (b"<a>\n&nbsp;</a>", "not_xml", 2),
        (b"<a>\n\xff</a>", "encoding", 2),
        ("<a/>".encode("utf-16"), "encoding", 1),
        (b"<a>" * 100 + b"</a>" * 100, "too_large", 1),
        (b"<a>" + b"<b/>\n" * 30_000 + b"</a>", "too_large", 20_000),
        (b"<a>" + b" " * 1_000_001 + b"</a>", "too_large", 1),
        (b"<html/>", "not_bpmn", 1),
    ],
)
def test_a_file_that_would_harm_is_refused_at_once(data: bytes, kind: str, line: int):
    began = time.monotonic()
    assert found(read("x.bpmn", data)) == [(kind, line)]
    assert time.monotonic() - began < 2


def test_one_process_in_a_file():
    data = file(*ALONG).replace(b"</b:definitions>", b'<b:process id="q"/></b:definitions>')
    assert [kind for kind, _line in found(read("x.bpmn", data))] == ["one_process"]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 3000), st.binary(max_size=6), st.integers(0, 20))
def test_no_bytes_make_the_reader_fail(at: int, put: bytes, length: int):
    data = file(*ALONG)
    at %= len(data)
    read("x.bpmn", data[:at] + put + data[at + length :])
