"""The check before use: the files of a pack's procedures, and what is wrong with them, by place.

`check` takes what `procedures.yaml` holds (it has passed its schema) and the bytes of the files
that it names; it never raises for their content. A catalogue comes back where nothing was found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from throughline.procedures.bpmn.reading import Reading, read
from throughline.procedures.bpmn.steps import LONGEST_CLOCK
from throughline.procedures.catalogue import Catalogue, Procedure, Setting
from throughline.procedures.rules.conditions import Condition, ConditionError
from throughline.procedures.rules.deciding import Match, Row, Table, faults
from throughline.procedures.rules.facts import FactType, Variable
from throughline.procedures.rules.findings import Finding, PathInFile
from throughline.procedures.rules.kinds import OF_THE_CASE, SETTLES, Relation, Sort
from throughline.procedures.rules.process import Actor, Basis, Flow, Node, Process, Step
from throughline.procedures.rules.soundness import Trouble, bypassed, troubles

FILE = "procedures.yaml"
_TOLD_AT_MOST = 20

Value = dict[str, Any]


@dataclass
class _Check:
    value: Value
    files: Mapping[str, bytes]
    setting: Setting
    findings: list[Finding] = field(default_factory=list)

    def find(self, kind: str, path: PathInFile, **about: object) -> None:
        """Report a part of procedures.yaml."""
        self.findings.append(Finding(kind, FILE, path=path, about=about))

    def at(self, reading: Reading, kind: str, key: str, **about: object) -> None:
        """Report a node or flow of a BPMN file."""
        element = reading.elements.get(key)
        line, column = (element.line, element.column) if element else (1, 1)
        self.findings.append(Finding(kind, reading.file, line, column, key, about=about))


def check(
    value: Value, files: Mapping[str, bytes], setting: Setting
) -> tuple[Catalogue | None, list[Finding]]:
    """The catalogue, and what is wrong with it; no catalogue where anything is."""
    checked = _Check(value, files, setting)
    facts = _facts(checked)
    documents = _titles(checked, "documents")
    actors = _actors(checked)
    procedures: dict[str, Procedure] = {}
    tiers: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(value["procedures"]):
        path = ("procedures", number)
        if entry["key"] in tiers:
            checked.find("twice_defined", (*path, "key"), found=entry["key"])
        tiers[entry["key"]] = tuple(entry["tiers"])
        for place, tier in enumerate(entry["tiers"]):
            if tier not in setting.tiers:
                checked.find("no_tier", (*path, "tiers", place), found=tier, known=setting.tiers)
        procedure = _procedure(checked, path, entry, facts, documents, actors)
        if procedure:
            procedures[procedure.key] = procedure
    table = _table(checked, facts, tiers)
    _spare_files(checked)
    if checked.findings or table is None:
        return None, checked.findings
    return _catalogue(value, facts, documents, actors, procedures, table), []


def _catalogue(
    value: Value,
    facts: dict[str, Variable],
    documents: dict[str, dict[str, str]],
    actors: dict[Relation, dict[str, str]],
    procedures: dict[str, Procedure],
    table: Table,
) -> Catalogue:
    given = value.get("facts", [])
    return Catalogue(
        facts=facts,
        fact_titles={fact["key"]: fact["title"] for fact in given},
        value_titles={
            fact["key"]: {each["key"]: each["title"] for each in fact.get("values", [])}
            for fact in given
        },
        unit_titles={
            fact["key"]: {each["key"]: each["title"] for each in fact.get("units", [])}
            for fact in given
        },
        documents=documents,
        actors=actors,
        procedures=procedures,
        table=table,
        bases=tuple(
            Basis(row.get("basis", {}), row.get("illustrative", False))
            for row in value["table"]["rows"]
        ),
    )


def _titles(checked: _Check, name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for number, entry in enumerate(checked.value.get(name, [])):
        if entry["key"] in found:
            checked.find("twice_defined", (name, number, "key"), found=entry["key"])
        found[entry["key"]] = entry["title"]
    return found


def _facts(checked: _Check) -> dict[str, Variable]:
    """The facts that cases state. What kind of thing a case is about, and at which tier, every
    case states."""
    found: dict[str, Variable] = {}
    for number, entry in enumerate(checked.value.get("facts", [])):
        path: PathInFile = ("facts", number)
        key = entry["key"]
        if key in found or key in {"kind", "tier"}:
            checked.find("twice_defined", (*path, "key"), found=key)
            continue
        found[key] = _fact(checked, path, entry)
    table = checked.value["table"]
    for name, known in (("kinds", checked.setting.kinds), ("tiers", checked.setting.tiers)):
        for number, each in enumerate(table[name]):
            if each not in known:
                kind = "no_tier" if name == "tiers" else "no_kind"
                checked.find(kind, ("table", name, number), found=each, known=known)
    found["kind"] = Variable("kind", FactType.CHOICE, tuple(table["kinds"]))
    found["tier"] = Variable("tier", FactType.CHOICE, tuple(table["tiers"]))
    return found


def _fact(checked: _Check, path: PathInFile, entry: Value) -> Variable:
    units: dict[str, Decimal] = {}
    for number, unit in enumerate(entry.get("units", [])):
        is_first = number == 0
        size = Decimal(str(unit.get("is", 1)))
        if unit["key"] in units:
            checked.find("twice_defined", (*path, "units", number), found=unit["key"])
        if is_first == ("is" in unit) or size <= 0:
            checked.find("unit_size", (*path, "units", number), found=unit["key"])
        units[unit["key"]] = size
    low, high = (
        None if bound is None else Decimal(str(bound)) for bound in entry.get("range", (None, None))
    )
    if low is not None and high is not None and low >= high:
        checked.find("bad_range", (*path, "range"), low=low, high=high)
    values = tuple(each["key"] for each in entry.get("values", []))
    for number, each in enumerate(values):
        if each in values[:number]:
            checked.find("twice_defined", (*path, "values", number), found=each)
    return Variable(entry["key"], FactType(entry["type"]), values, units, low, high)


def _actors(checked: _Check) -> dict[Relation, dict[str, str]]:
    found: dict[Relation, dict[str, str]] = {}
    for number, entry in enumerate(checked.value.get("actors", [])):
        path: PathInFile = ("actors", number)
        relation = Relation(entry["relation"])
        if relation in found:
            checked.find("twice_defined", (*path, "relation"), found=relation.value)
        if relation in OF_THE_CASE:
            checked.find("of_the_case", (*path, "relation"), found=relation.value)
        for tier, body in entry["at"].items():
            where = (*path, "at", tier)
            if tier not in checked.setting.tiers:
                checked.find("no_tier", where, found=tier, known=checked.setting.tiers)
            elif checked.setting.posts(tier, body) is None:
                known = (*checked.setting.bodies, *(key for _t, key in checked.setting.templates))
                checked.find("no_body", where, found=body, tier=tier, known=known)
        found[relation] = dict(entry["at"])
    return found


def _procedure(
    checked: _Check,
    path: PathInFile,
    entry: Value,
    facts: dict[str, Variable],
    documents: dict[str, dict[str, str]],
    actors: dict[Relation, dict[str, str]],
) -> Procedure | None:
    source = checked.files.get(entry["file"])
    if source is None:
        known = tuple(checked.files)
        checked.find("no_file", (*path, "file"), found=entry["file"], known=known)
        return None
    reading = read(entry["file"], source)
    checked.findings += reading.findings
    if reading.process is None:
        return None
    process = replace(reading.process, facts=facts)
    for key in process.steps():
        if key in facts:
            checked.at(reading, "same_name", key, found=key)
    sort = Sort(entry["sort"])
    for node in process.nodes.values():
        if node.step:
            _step(checked, reading, node.key, node.step, sort)
            _documents(checked, reading, node.key, node.step, documents)
            _acting(checked, reading, node, entry["tiers"], actors)
    _once(checked, reading, process)
    _settles(checked, reading, process, sort)
    if not any(finding.file == reading.file for finding in checked.findings):
        _conditions(checked, reading, process)
    if any(finding.file == reading.file for finding in checked.findings):
        return None
    found = troubles(process)
    for trouble in found[:_TOLD_AT_MOST]:
        _trouble(checked, reading, process, trouble)
    if not found:
        _needed(checked, reading, process, entry)
    return Procedure(
        entry["key"],
        entry["edition"],
        entry["title"],
        sort,
        tuple(entry["tiers"]),
        process,
        source,
        hashlib.sha256(source).hexdigest(),
    )


def _step(checked: _Check, reading: Reading, key: str, step: Step, sort: Sort) -> None:
    """Words in every language of the pack, a rule, and no verb of another procedure."""
    languages = checked.setting.languages
    for words in (step.title, *(basis.words for basis in step.basis)):
        missing = [language for language in languages if language not in words]
        more = [language for language in words if language not in languages]
        if missing or more:
            kind = "no_language" if missing else "other_words"
            checked.at(reading, kind, key, found=", ".join(missing or more))
    if not step.basis:
        checked.at(reading, "no_basis", key)
    others = {verb for other, verb in SETTLES.items() if other is not sort}
    for verb in step.verbs:
        if verb in others:
            checked.at(reading, "other_sort", key, verb=verb.value, sort=sort.value)


def _documents(
    checked: _Check, reading: Reading, key: str, step: Step, documents: dict[str, dict[str, str]]
) -> None:
    for document in step.documents:
        if document not in documents:
            checked.at(reading, "no_document", key, found=document, known=tuple(documents))
        if step.documents.count(document) > 1:
            checked.at(reading, "asked_twice", key, found=document, other=key)
            return


def _once(checked: _Check, reading: Reading, process: Process) -> None:
    """A document is asked for once; who comes later finds it with the case."""
    first: dict[str, str] = {}
    for key, step in process.steps().items():
        for document in dict.fromkeys(step.documents):
            other = first.setdefault(document, key)
            if other != key:
                line = process.nodes[other].line
                checked.at(reading, "asked_twice", key, found=document, other=other, line=line)


def _acting(
    checked: _Check,
    reading: Reading,
    node: Node,
    tiers: list[str],
    actors: dict[Relation, dict[str, str]],
) -> None:
    """There is somebody at every tier at which the procedure can run, and whom to escalate to."""
    step = node.step
    assert step is not None  # noqa: S101
    for actor in filter(None, (step.actor, step.escalates_to)):
        for tier in tiers:
            kind = _missing(checked.setting, actor, tier, actors)
            if kind:
                about = {"actor": actor.key, "tier": tier, "post": actor.post}
                checked.at(reading, kind, node.key, **about)


def _missing(
    setting: Setting, actor: Actor, tier: str, actors: dict[Relation, dict[str, str]]
) -> str:
    """Who is not there: the body, or its post."""
    if actor.relation in OF_THE_CASE:
        return ""
    body = actor.body
    if actor.relation:
        body = actors.get(actor.relation, {}).get(tier, "")
    if not body:
        return "nobody_acts"
    posts = setting.posts(tier, body)
    if posts is None:
        return "no_such_body" if actor.body else ""
    return "no_such_post" if actor.post and actor.post not in posts else ""


def _settles(checked: _Check, reading: Reading, process: Process, sort: Sort) -> None:
    verb = SETTLES[sort]
    if not any(verb in step.verbs for step in process.steps().values()):
        checked.at(reading, "settles_nothing", process.key, verb=verb.value, sort=sort.value)


def _needed(checked: _Check, reading: Reading, process: Process, entry: Value) -> None:
    """No way leads round what the procedure needs, and its clock is within what the rule says."""
    settles = SETTLES[Sort(entry["sort"])].value
    for need in entry.get("needs", []):
        trouble = bypassed(process, settles, need["verb"])
        if trouble:
            _trouble(checked, reading, process, trouble)
        shortest, longest = need.get("clock", (0, LONGEST_CLOCK))
        for key, step in process.steps().items():
            if need["verb"] in step.outcomes and not shortest <= (step.clock or 0) <= longest:
                about = {"verb": need["verb"], "shortest": shortest, "longest": longest}
                checked.at(reading, "clock_bounds", key, **about)


def _conditions(checked: _Check, reading: Reading, process: Process) -> None:
    for key, flow in process.flows.items():
        if not flow.condition:
            continue
        try:
            Condition.parse(flow.condition, process.variables)
        except ConditionError as error:
            line = flow.line + flow.condition.count("\n", 0, error.at)
            about = _unreadable(error)
            checked.findings.append(
                Finding("condition_" + error.kind, reading.file, line, 1, key, about=about)
            )


def _unreadable(error: ConditionError) -> dict[str, object]:
    return {"at": error.at + 1, "found": error.found, "known": error.known}


def _trouble(checked: _Check, reading: Reading, process: Process, trouble: Trouble) -> None:
    lines: dict[str, Node | Flow] = {**process.nodes, **process.flows}
    others = ", ".join(
        f"{key} ({lines[key].line})" if key in lines else key for key in trouble.others
    )
    about = {"others": others, "course": " → ".join(trouble.course), "facts": trouble.facts}
    checked.at(reading, trouble.kind, trouble.place, place=trouble.place, **about)


def _table(
    checked: _Check, facts: dict[str, Variable], tiers: dict[str, tuple[str, ...]]
) -> Table | None:
    given = checked.value["table"]
    rows: list[Row] = []
    readable = True
    for number, entry in enumerate(given["rows"]):
        path: PathInFile = ("table", "rows", number)
        if entry["procedure"] not in tiers:
            found = entry["procedure"]
            checked.find("no_procedure", (*path, "procedure"), found=found, known=tuple(tiers))
            readable = False
        when = None
        if "when" in entry:
            try:
                when = Condition.parse(entry["when"], facts)
            except ConditionError as error:
                checked.find("condition_" + error.kind, (*path, "when"), **_unreadable(error))
                readable = False
        rows.append(Row(entry["procedure"], when, tiers.get(entry["procedure"], ())))
    if not readable:
        return None
    table = Table(Match(given["match"]), facts, tuple(rows))
    for fault in faults(table):
        path = ("table", "rows") if fault.row is None else ("table", "rows", fault.row)
        other = None if fault.other is None else fault.other + 1
        about = {"facts": fault.facts, "count": fault.count, "other": other}
        checked.find("table_" + fault.kind, path, procedure=_named(rows, fault.row), **about)
    for number, key in enumerate(tiers):
        if all(row.procedure != key for row in rows):
            checked.find("never_applies", ("procedures", number), found=key)
    return table


def _named(rows: list[Row], number: int | None) -> str:
    return "" if number is None else rows[number].procedure


def _spare_files(checked: _Check) -> None:
    named = {entry["file"] for entry in checked.value["procedures"]}
    for file in sorted(set(checked.files) - named):
        checked.findings.append(Finding("spare_file", file))
