"""Procedures in packs: faults of BPMN files by line, and those that are shipped."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest
import SpiffWorkflow.bpmn.parser
from lxml import etree

from throughline.plans.packs import check, check_command, read_pack
from throughline.plans.tests.test_packs import SHIPPED, SMALL, change
from throughline.procedures import engine
from throughline.procedures.bpmn.reading import read
from throughline.procedures.catalogue import Catalogue
from throughline.procedures.rules.facts import Value, fact
from throughline.procedures.rules.working_days import Calendar
from throughline.procedures.tests.drawing import file, flow, line_of, node, task

LIST = """\
facts:
  - {key: cost, title: {en: Cost, zh: 费用}, type: number, range: [0, 100],
     units: [{key: m, title: {en: million, zh: 百万}}]}
documents:
  - {key: paper, title: {en: Paper, zh: 材料}}
actors:
  - {relation: government, at: {isle: office, parish: "{code}-desk"}}
procedures:
  - {key: small, file: procedures/small.bpmn, edition: "1", sort: approval,
     title: {en: Small, zh: 小}, tiers: [isle, parish]}
table:
  match: unique
  kinds: [policy]
  tiers: [isle, parish]
  rows:
    - {procedure: small, when: cost >= 5 m}
    - {procedure: small, when: cost < 5 m}
"""
DRAWING = file(
    node("startEvent", "s"),
    task("submission", documents="paper"),
    task("decision", actor="government", verbs="approve return", clock="5",
         escalates_to="body:office/head"),
    node("exclusiveGateway", "c", default="c-e"),
    node("endEvent", "e"),
    flow("s", "submission"), flow("submission", "decision"), flow("decision", "c"),
    flow("c", "submission", 'decision = "return"'), flow("c", "e"),
)  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Path:
    texts = {**SMALL, "procedures.yaml": LIST, "procedures/small.bpmn": DRAWING.decode()}
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def at(folder: Path) -> set[tuple[str, int, str]]:
    return {(fault.file, fault.line, fault.code) for fault in check(folder)}


def line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_pack_with_procedures_is_read(small: Path):
    assert check(small) == []
    catalogue = read_pack(small).procedures
    assert catalogue is not None
    assert list(catalogue.procedures) == ["small"]
    assert catalogue.procedures["small"].source == DRAWING


def test_faults_are_named_at_their_line_in_both_files(small: Path):
    change(small, "procedures/small.bpmn", 'actor="government"', 'actor="legal-office"')
    change(small, "procedures/small.bpmn", 'documents="paper"', 'documents="papyrus"')
    change(small, "procedures.yaml", "cost >= 5 m", "cost > 5 m")
    assert at(small) == {
        ("procedures/small.bpmn", line_of(DRAWING, "decision"), "nobody-acts"),
        ("procedures/small.bpmn", line_of(DRAWING, "submission"), "no-document"),
        ("procedures.yaml", line(LIST, "- {procedure: small, when"), "table-gap"),
    }


@pytest.mark.parametrize(
    ("old", "new", "part", "code"),
    [
        ("match: unique", "match: any", "match:", "schema"),
        ("sort: approval", "sort: blessing", "sort:", "schema"),
        ("type: number", "type: choice", "{key: cost", "missing"),
        ("relation: government", "relation: submitter", "{relation:", "schema"),
        ("file: procedures/small.bpmn", "file: ../small.bpmn", "file:", "schema"),
        ('parish: "{code}-desk"', 'parish: "{code}-office"', "{relation:", "no-body"),
        ("when: cost < 5 m", "when: cost <= 5 m", "when: cost < 5", "table-overlap"),
        ("when: cost < 5 m", "when: price < 5 m", "when: cost < 5", "condition-unknown-name"),
    ],
)
def test_faults_of_the_list(small: Path, old: str, new: str, part: str, code: str):
    change(small, "procedures.yaml", old, new)
    assert ("procedures.yaml", line(LIST, part), code) in at(small)


def test_the_command_names_file_line_and_remedy(small: Path, capsys: pytest.CaptureFixture[str]):
    change(small, "procedures/small.bpmn", "<b:userTask", '<b:scriptTask id="x"/><b:userTask')
    assert check_command(Namespace(folder=str(small), json=True)) == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["file"] == "procedures/small.bpmn"
    assert fault["line"] == line_of(DRAWING, "submission")
    assert fault["code"] == "not-taken"
    assert "scriptTask" in fault["message"]
    assert fault["remedy"]


def test_drawings_without_a_list_are_told(small: Path):
    (small / "procedures.yaml").unlink()
    assert at(small) == {("procedures/small.bpmn", 0, "spare-file")}


def test_days_that_are_worked_to_make_up_for_a_holiday_are_read(small: Path):
    text = "calendar: {working_days: [monday], holidays: [2022-10-03], worked: [2022-10-08]}"
    change(small, "pack.yaml", "calendar: {working_days: [monday]}", text)
    pack = read_pack(small)
    calendar = Calendar(
        pack.zone, frozenset(pack.working_days), frozenset(pack.holidays), frozenset(pack.worked)
    )
    assert [calendar.works(day) for day in (*pack.holidays, *pack.worked)] == [False, True]
    change(small, "pack.yaml", "worked: [2022-10-08]", "worked: [2022-10-03]")
    assert [code for _file, _line, code in at(small)] == ["calendar"]


DRAWN = [path for folder in SHIPPED for path in sorted(folder.glob("procedures/*.bpmn"))]
SCHEMA = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema" / "BPMN20.xsd"
NAMES = {"di": "http://www.omg.org/spec/BPMN/20100524/DI"}


def test_each_pack_has_procedures():
    assert len(DRAWN) >= 7


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_what_is_shipped_is_bpmn_and_drawn_for_a_modeller(path: Path):
    """By the schema of BPMN 2.0 that comes with SpiffWorkflow, and with a place for each part."""
    tree = etree.parse(path)
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    assert schema.validate(tree), schema.error_log.last_error
    drawn = {
        shape.get("bpmnElement")
        for tag in ("BPMNShape", "BPMNEdge")
        for shape in tree.iterfind(f".//di:{tag}", NAMES)
    }
    process = read(path.name, path.read_bytes()).process
    assert process is not None
    assert drawn == {*process.nodes, *process.flows}


@pytest.fixture(scope="module")
def chinese() -> Catalogue:
    catalogue = read_pack(SHIPPED[0]).procedures
    assert catalogue is not None
    return catalogue


@pytest.mark.parametrize(
    ("facts", "procedure"),
    [
        ({"kind": "policy", "tier": "nation"}, "policy"),
        ({"kind": "policy", "tier": "province"}, "policy"),
        ({"kind": "major_project", "tier": "province", "funding": "government",
          "investment": 50, "sector": "municipal"}, "project-approval-above"),
        ({"kind": "major_project", "tier": "nation", "funding": "government",
          "investment": 50, "sector": "municipal"}, "project-approval"),
        ({"kind": "major_project", "tier": "province", "funding": "government",
          "investment": 12, "sector": "rail"}, "project-approval-above"),
        ({"kind": "key_project", "tier": "province", "funding": "government",
          "investment": "0.3", "new-land": False, "sector": "housing"}, "key-project"),
        ({"kind": "key_project", "tier": "province", "funding": "government",
          "investment": "0.3", "new-land": True, "sector": "housing"}, "project-approval"),
        ({"kind": "key_project", "tier": "nation", "funding": "enterprise-listed"},
         "project-verification"),
        ({"kind": "major_project", "tier": "province", "funding": "enterprise-other"},
         "project-filing"),
    ],
)  # fmt: skip
def test_which_procedure_applies_in_the_chinese_pack(
    chinese: Catalogue, facts: dict[str, object], procedure: str
):
    typed: dict[str, Value] = {key: fact(chinese.facts[key], value) for key, value in facts.items()}
    assert chinese.applying(typed).procedure == procedure


def test_legality_review_takes_five_to_fifteen_days_and_lies_on_every_way(chinese: Catalogue):
    process = chinese.procedures["policy"].process
    review = process.steps()["legality-review"]
    assert 5 <= (review.clock or 0) <= 15
    facts = {"kind": "policy", "tier": "nation"}
    for objection in ("agree", "object"):
        state = engine.begin(process, facts, ["mof", "mnr"])
        for outcome in ("submit", "agree", objection, "agree"):
            state = engine.finish(state, engine.steps(state)[0].key, outcome, "someone")
        if objection == "object":
            state = engine.finish(state, engine.steps(state)[0].key, "opinion", "someone")
        assert [each.node for each in engine.steps(state)] == ["legality-review"]


def test_a_province_sends_a_large_project_to_the_nation(chinese: Catalogue):
    procedure = chinese.procedures["project-approval-above"]
    decides = procedure.process.steps()["decision"].actor
    assert decides.relation is not None
    assert chinese.body(decides.relation, "province") == "ndrc"
    land = {"new-land": True, "investment": "60"}
    state = engine.begin(procedure.process, land, ["mnr"])
    seen = set()
    while not state.has_ended:
        step = engine.steps(state)[0]
        seen.add(step.node)
        state = engine.finish(state, step.key, step.step.outcomes[0], "someone")
    assert {"land-opinion", "deliberation", "countersigning", "assessment"} <= seen
