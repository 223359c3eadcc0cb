"""The whole check: each planted fault is found at its place, and has words in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from throughline.procedures import checking, words
from throughline.procedures.catalogue import Setting
from throughline.procedures.checking import check
from throughline.procedures.rules.facts import Value
from throughline.procedures.rules.findings import Finding
from throughline.procedures.rules.kinds import Relation
from throughline.procedures.tests.drawing import file, flow, line_of, node, task

SETTING = Setting(
    languages=("en", "zh"),
    tiers=("nation", "province", "county"),
    kinds=("policy", "major_project"),
    bodies={"ministry": frozenset({"head"}), "court": frozenset()},
    templates={("province", "{code}-gov"): frozenset({"leader"})},
)
GOOD = (
    node("startEvent", "s"),
    task("draft", documents="paper"),
    task("review", actor="planning-agency", verbs="approve return", clock="5",
         escalates_to="government/leader"),
    node("exclusiveGateway", "c", default="c-e"),
    node("endEvent", "e"),
    flow("s", "draft"), flow("draft", "review"), flow("review", "c"),
    flow("c", "draft", 'review = "return"'), flow("c", "e"),
)  # fmt: skip


def value(**changed: Any) -> dict[str, Any]:
    """procedures.yaml as it is read."""
    words = {"en": "x", "zh": "某"}
    return {
        "facts": [
            {"key": "cost", "title": words, "type": "number", "range": [0, 100],
             "units": [{"key": "m", "title": words}]},
        ],
        "documents": [{"key": "paper", "title": words}],
        "actors": [
            {"relation": "planning-agency", "at": {"nation": "ministry", "province": "{code}-gov"}},
            {"relation": "government", "at": {"province": "{code}-gov"}},
        ],
        "procedures": [
            {"key": "one", "file": "procedures/one.bpmn", "edition": "1", "sort": "approval",
             "title": words, "tiers": ["province"]},
        ],
        "table": {
            "match": "unique", "kinds": ["policy"], "tiers": ["province"],
            "rows": [{"procedure": "one"}],
        },
        **changed,
    }  # fmt: skip


def run(data: bytes = file(*GOOD), **changed: Any) -> list[Finding]:
    return check(value(**changed), {"procedures/one.bpmn": data}, SETTING)[1]


def changed(old: str, new: str) -> bytes:
    text = file(*GOOD).decode()
    assert old in text
    return text.replace(old, new).encode()


def test_a_sound_catalogue_comes_back():
    catalogue, findings = check(value(), {"procedures/one.bpmn": file(*GOOD)}, SETTING)
    assert findings == []
    assert catalogue is not None
    facts: dict[str, Value] = {"kind": "policy", "tier": "province"}
    assert catalogue.applying(facts).procedure == "one"
    assert catalogue.body(Relation.PLANNING_AGENCY, "province") == "{code}-gov"
    assert list(catalogue.procedures["one"].process.steps()) == ["draft", "review"]


def with_lines(*lines: str, without: str) -> bytes:
    """The good file with other lines in place of one."""
    return file(*(line for line in GOOD if f'id="{without}"' not in line), *lines)


GAP = with_lines(flow("c", "e", 'review = "approve" and cost > 5 m'), without="c-e").replace(
    b' default="c-e"', b""
)
DEADLOCK = with_lines(
    node("exclusiveGateway", "x", default="x-y"),
    task("y"),
    node("parallelGateway", "j"),
    flow("draft", "x"),
    flow("x", "j", 'draft = "return"'),
    flow("x", "y"),
    flow("y", "j"),
    flow("j", "review"),
    without="draft-review",
)
DEAD = with_lines(
    node("exclusiveGateway", "x", default="x-review"),
    task("spare"),
    flow("draft", "x"),
    flow("x", "spare", 'draft = "return" and draft = "submit"'),
    flow("x", "review"),
    flow("spare", "review"),
    without="draft-review",
)
TRAP = with_lines(
    task("again"),
    flow("c", "again", 'review = "return"'),
    flow("again", "again"),
    without="c-draft",
)
SPINNING = with_lines(flow("c", "c", 'review = "return"'), without="c-draft")


@pytest.mark.parametrize(
    ("kind", "element", "data"),
    [
        ("no_actor", "draft", changed('actor="submitter"', 'actor=""')),
        ("nobody_acts", "draft", changed('actor="submitter"', 'actor="legal-office"')),
        ("no_such_body", "draft", changed('actor="submitter"', 'actor="body:nowhere"')),
        ("no_such_post", "draft", changed('actor="submitter"', 'actor="body:court/judge"')),
        ("no_such_post", "review", changed("government/leader", "government/clerk")),
        ("no_document", "draft", changed('documents="paper"', 'documents="papyrus"')),
        ("asked_twice", "review", changed('clock="5"', 'clock="5" documents="paper"')),
        ("other_sort", "draft", changed('verbs="submit return"', 'verbs="submit verify"')),
        ("settles_nothing", "p", changed('verbs="approve return"', 'verbs="agree return"')),
        ("condition_unknown_value", "c-draft", changed('review = "return"', 'review = "withdraw"')),
        ("condition_unknown_name", "c-draft", changed('review = "return"', 'reviewed = "return"')),
        ("condition_no_unit", "c-draft", changed('review = "return"', "cost > 5")),
        ("no_flow_holds", "c", GAP),
        ("waits_forever", "j", DEADLOCK),
        ("never_used", "spare", DEAD),
        ("never_ends", "again", TRAP),
        ("endless", "c", SPINNING),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found_at_its_line(kind: str, element: str, data: bytes):
    findings = run(data)
    finding = next(each for each in findings if each.kind == kind)
    assert finding.file == "procedures/one.bpmn"
    assert finding.line == line_of(data, element)


def test_no_way_leads_round_what_a_procedure_needs():
    needs = [{**value()["procedures"][0], "needs": [{"verb": "conform", "clock": [5, 15]}]}]
    assert [(each.kind, each.element) for each in run(procedures=needs)] == [("bypassed", "review")]
    lines = [line for line in GOOD if 'id="draft-review"' not in line]
    legal = task("legal", actor="planning-agency", verbs="conform not-conform", clock="20",
                 escalates_to="government/leader")  # fmt: skip
    on = flow("draft", "legal")
    back = [
        node("exclusiveGateway", "x", default="x-review"),
        flow("legal", "x"),
        flow("x", "draft", 'legal = "not-conform"'),
        flow("x", "review"),
    ]
    through = file(*lines, legal, on, *back)
    assert [each.kind for each in run(through, procedures=needs)] == ["clock_bounds"]
    assert run(through.replace(b'clock="20"', b'clock="15"'), procedures=needs) == []
    around = file(*lines, legal, node("exclusiveGateway", "y", default="y-legal"),
                  flow("draft", "y"), flow("y", "legal"), flow("y", "review", 'draft = "submit"'),
                  *back)  # fmt: skip
    found = run(around.replace(b'clock="20"', b'clock="15"'), procedures=needs)
    assert [(each.kind, each.about["course"]) for each in found] == [("bypassed", "draft = submit")]


def test_the_actor_is_looked_for_at_every_tier():
    procedures = [{**value()["procedures"][0], "tiers": ["nation", "province", "county"]}]
    found = [
        (each.element, each.about["tier"])
        for each in run(procedures=procedures)
        if each.kind == "nobody_acts"
    ]
    assert found == [("review", "county"), ("review", "nation"), ("review", "county")]


PATHS: list[tuple[str, tuple[str | int, ...], dict[str, Any]]] = [
    ("no_file", ("procedures", 0, "file"),
     {"procedures": [{**value()["procedures"][0], "file": "procedures/two.bpmn"}]}),
    ("no_tier", ("procedures", 0, "tiers", 0),
     {"procedures": [{**value()["procedures"][0], "tiers": ["moon"]}]}),
    ("twice_defined", ("documents", 1, "key"), {"documents": value()["documents"] * 2}),
    ("no_body", ("actors", 0, "at", "county"),
     {"actors": [{"relation": "government", "at": {"county": "{parent}-office"}}]}),
    ("no_procedure", ("table", "rows", 0, "procedure"),
     {"table": {**value()["table"], "rows": [{"procedure": "two"}]}}),
    ("condition_no_unit", ("table", "rows", 0, "when"),
     {"table": {**value()["table"], "rows": [{"procedure": "one", "when": "cost < 5"}]}}),
    ("table_gap", ("table", "rows"),
     {"table": {**value()["table"], "rows": [{"procedure": "one", "when": "cost < 5 m"}]}}),
    ("table_overlap", ("table", "rows", 1),
     {"table": {**value()["table"], "rows": [{"procedure": "one"},
                                             {"procedure": "one", "when": "cost < 5 m"}]}}),
    ("table_unreached", ("table", "rows", 1),
     {"table": {**value()["table"], "match": "first",
                "rows": [{"procedure": "one"}, {"procedure": "one", "when": "cost < 5 m"}]}}),
    ("table_wrong_tier", ("table", "rows", 0),
     {"table": {**value()["table"], "tiers": ["nation", "province"]}}),
    ("no_kind", ("table", "kinds", 0), {"table": {**value()["table"], "kinds": ["song"]}}),
    ("unit_size", ("facts", 0, "units", 0),
     {"facts": [{"key": "cost", "type": "number", "title": {"en": "x", "zh": "某"},
                 "units": [{"key": "m", "title": {}, "is": 2}]}]}),
    ("bad_range", ("facts", 0, "range"),
     {"facts": [{**value()["facts"][0], "range": [5, 5]}]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "path", "given"), PATHS, ids=[each[0] for each in PATHS])
def test_a_fault_of_the_list_is_found_at_its_part(kind: str, path: Any, given: dict[str, Any]):
    assert (kind, path) in [(each.kind, each.path) for each in run(**given)]


def test_a_file_that_nothing_names_is_told():
    files = {"procedures/one.bpmn": file(*GOOD), "procedures/two.bpmn": b""}
    findings = check(value(), files, SETTING)[1]
    assert [(each.kind, each.file) for each in findings] == [("spare_file", "procedures/two.bpmn")]


def kinds_in_the_code() -> set[str]:
    """Every kind of finding that a module of the room names."""
    room = Path(checking.__file__).parent
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in room.rglob("*.py")
        if "tests" not in path.parts and path.name != "words.py"
    )
    calls = re.findall(r'(?:find|Trouble|Stuck|Refused)\(\s*"([a-z_]+)"', text)
    at = re.findall(r'\.at\(reading, "([a-z_]+)"', text)
    conditions = re.findall(r'ConditionError\(\s*"([a-z_]+)"', text)
    tables = re.findall(r'(?:Fault\(|yield )"([a-z_]+)"', text)
    found = {*calls, *at}
    found |= {f"condition_{kind}" for kind in conditions} | {f"table_{kind}" for kind in tables}
    return {kind for kind in found if not kind.endswith("_")}


def test_every_kind_of_finding_has_its_words_in_both_languages():
    kinds = kinds_in_the_code()
    assert len(kinds) > 60
    assert kinds <= set(words._SENTENCES)
    about = {
        name: 1
        for pair in words._SENTENCES.values()
        for text in pair
        for name in re.findall(r"%\((\w+)\)", str(text))
    }
    for kind in words._SENTENCES:
        for language in ("en", "zh-hans"):
            with translation.override(language):
                message, remedy = words.sentences(Finding(kind, "x", about=about))
            assert message and remedy
            assert language == "en" or re.search("[\u4e00-\u9fff]", message + remedy)
