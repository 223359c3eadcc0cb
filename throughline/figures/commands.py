"""`throughline observations load`, `value`, `status`."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path
from types import ModuleType

from throughline.figures.actions import load_file
from throughline.figures.answering import as_dict, group_lines, status_lines
from throughline.figures.loading import mapping_named
from throughline.figures.models import Load
from throughline.figures.queries import answer
from throughline.figures.words import FAULTS
from throughline.files.storage import store
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.command import Command
from throughline.kernel.errors import Invalid, NotFound
from throughline.kernel.period import Period
from throughline.kernel.queries import known_at, known_now
from throughline.places.queries import place_by_code
from throughline.plans.models import Edition, PlanVersion
from throughline.plans.queries import indicator_by_key, plan_in_force
from throughline.running.home import home

FAULTS_PRINTED = 100
UNITS_PRINTED = 10

OPERATOR = Actor(person=SYSTEM.person, door=Door.CLI)
"""Whoever may run commands on the machine acts as the installation."""


def load(arguments: Namespace) -> int:
    """Load a file of figures under a mapping and print the report. The exit code says whether
    all of it was taken: 2 where nothing was stored, 1 where faulty figures were left out."""
    path = Path(arguments.file)
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    mapping = mapping_named(arguments.mapping)
    with path.open("rb") as content:
        stored = store(content, path.name)
    done = load_file(
        Actor(person=SYSTEM.person, door=Door.IMPORT),
        file=stored,
        file_name=path.name,
        mapping=mapping,
        partial=arguments.partial,
    )
    if arguments.json:
        print(json.dumps(_load_as_dict(done), ensure_ascii=False, indent=2))
    else:
        _print_load(done)
    if done.state == Load.State.FAULTY:
        return Invalid.exit_code
    return 1 if done.refused else 0


def _load_as_dict(load: Load) -> dict[str, object]:
    return {
        "load": load.pk,
        "file": load.file_name,
        "mapping": load.mapping,
        "state": load.state,
        "rows": load.rows_read,
        "stored": load.stored,
        "unchanged": load.unchanged,
        "refused": load.refused,
        "report": load.report,
    }


def _print_load(load: Load) -> None:
    report = load.report
    print(f"{load.file_name}: {load.state}")
    print(f"  {load.rows_read} rows read, {report.get('units', 0)} units")
    print(f"  {load.stored} figures stored, {load.unchanged} unchanged, {load.refused} refused")
    if load.refused:
        print(f"  {_consequence(load)}")
    _print_decisions(report.get("decisions", []))
    for column, kinds in report.get("missing", {}).items():
        for kind, missed in kinds.items():
            first = ", ".join(missed["rows"][:3])
            print(f"  {column}: {missed['count']} empty cells, {kind}; the first: {first}")
    for check in report.get("checks", []):
        print(f"  {check['check']}: holds for {check['held']}")
        for difference in check["differences"]:
            print(f"    {difference}")
        for noted in check["noted"]:
            print(f"    only with the units that have no code: {noted}")
        if check["skipped"]:
            print(f"    {len(check['skipped'])} not checked: {_listed(check['skipped'])}")
    for remark in report.get("remarks", []):
        print(f"  {remark}")
    if len(report.get("faults", [])) > 1:
        for each in report["faults"]:
            where = f"{each['column']}: " if each["column"] else ""
            print(f"  {each['count']} × {where}{FAULTS.get(each['kind'], each['kind'])}")
    _print_faults(load)


def _print_faults(load: Load) -> None:
    problems = load.report.get("problems", [])
    for fault in problems[:FAULTS_PRINTED]:
        remedy = f" ({fault['remedy']})" if fault["remedy"] else ""
        print(f"  {load.file_name} {fault['place']}: {fault['message']}{remedy}")
    if load.refused > FAULTS_PRINTED:
        print(f"  … and {load.refused - FAULTS_PRINTED} more; --json lists {len(problems)}")


def _consequence(load: Load) -> str:
    """What the faults of a file led to."""
    if load.state == Load.State.FAULTY:
        return "nothing was stored: mend the file, or take the good figures with --partial"
    return f"NOT ALL was stored: {load.refused} faults were left out, as --partial says"


def _listed(names: list[str]) -> str:
    more = " …" if len(names) > UNITS_PRINTED else ""
    return ", ".join(names[:UNITS_PRINTED]) + more


def _print_decisions(decisions: list[dict[str, str]]) -> None:
    """Rows that are no plain units, gathered by what was done with them and why."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in decisions:
        named = f"{each['row']} {each['name']}" + (f" → {each['code']}" if each["code"] else "")
        groups.setdefault((each["treat"], each["why"]), []).append(named)
    for (treat, why), rows in groups.items():
        print(f"  {treat}: {len(rows)} rows. {why}")
        print(f"    {'; '.join(rows)}")


def value(arguments: Namespace) -> int:
    """Print where an indicator stands at a place in a period."""
    indicator = indicator_by_key(OPERATOR, arguments.indicator, arguments.scheme)
    period = Period.parse(arguments.period)
    place = place_by_code(indicator.scheme, arguments.unit, period.end)
    known = known_now() if arguments.as_known is None else known_at(arguments.as_known)
    edition = None
    if arguments.edition:
        edition = Edition.objects.filter(scheme=indicator.scheme, key=arguments.edition).first()
        if edition is None:
            raise NotFound(f"there is no edition {arguments.edition}")
    found = as_dict(answer(OPERATOR, indicator, place, period, edition=edition, known=known))
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    for name, content in found.items():
        print(f"{name:<20}{content if content is not None else 'no data'}")
    return 0


def status(arguments: Namespace) -> int:
    """Print where every indicator of a plan stands at a place, or at how many places how."""
    version = plan_in_force(OPERATOR, arguments.plan)
    if arguments.everywhere:
        return _status_everywhere(version, arguments.json)
    lines = status_lines(OPERATOR, version, arguments.unit)
    if arguments.json:
        print(json.dumps(lines, ensure_ascii=False, indent=2))
        return 0
    for line in lines:
        shown = "no data" if line["value"] is None else f"{line['value']} {line['unit']}"
        target = line["target"] or "no target"
        print(f"{line['status']:<12} {line['title']}: {shown} ({line['period'] or '-'}); {target}")
    return 0


def _status_everywhere(version: PlanVersion, as_json: bool) -> int:
    found = list(_with_kernels("everywhere").standings(version))
    if as_json:
        lines = [
            {"indicator": each.indicator.key, "period": each.period.code, "places": each.places}
            | {str(status): count for status, count in each.counts.items()}
            for each in found
        ]
        print(json.dumps(lines, ensure_ascii=False, indent=2))
        return 0
    for each in found:
        counts = ", ".join(f"{status} {count}" for status, count in each.counts.items() if count)
        print(f"{each.indicator.key} {each.period.code}: {counts}")
    return 0


def groups(arguments: Namespace) -> int:
    """Print an indicator's figures by the groups of a grouping."""
    indicator = indicator_by_key(OPERATOR, arguments.indicator, arguments.scheme)
    lines = group_lines(OPERATOR, indicator, arguments.grouping, Period.parse(arguments.period))
    if arguments.json:
        print(json.dumps(lines, ensure_ascii=False, indent=2))
        return 0
    for line in lines:
        print(f"{line['group']:<20}{line['places']:>6}  {line['value']}")
    return 0


def _with_kernels(module: str) -> ModuleType:
    """A module that loads the compiler, which no other command needs. What is compiled is
    kept in the home, where the account that runs us can write."""
    os.environ["NUMBA_CACHE_DIR"] = str(_compiled())
    return import_module(f"throughline.figures.{module}")


def _compiled() -> Path:
    """Where compiled kernels are kept, unless the environment says otherwise."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or home() / "compiled")


def follow(arguments: Namespace) -> int:
    """Keep the cube at the journal's head, or bring it there once."""
    process = _with_kernels("following.process")
    if not arguments.once:
        process.follow()
        return 0
    standing = process.catch_up(again=arguments.again)
    facts = {"position": standing.position}
    print(json.dumps(facts) if arguments.json else f"the cube is at position {standing.position}")
    return 0


def compile_kernels(_arguments: Namespace) -> int:
    """Compile what the roll-up process needs, before it needs it, unless that is done."""
    done = _compiled() / "done"
    sources = Path(__file__).with_name("cube").glob("*.py")
    if done.exists() and all(each.stat().st_mtime <= done.stat().st_mtime for each in sources):
        return 0
    _with_kernels("cube.rolling").compile_kernels()
    done.touch()
    return 0


def compare(arguments: Namespace) -> int:
    """Print totals by the cube, by the independent engine, or both with every difference."""
    found = _with_kernels("comparing").compare(arguments.engine)
    if arguments.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        for line in found.lines():
            print(line)
    return 1 if found.differences else 0


def _follow_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="bring it to the head and end")
    parser.add_argument("--again", action="store_true", help="with --once: make it anew")
    parser.add_argument("--json", action="store_true")


def _compare_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--engine", choices=["cube", "duckdb", "both"], default="both")
    parser.add_argument("--json", action="store_true")


def _load_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="CSV, XLSX, XLS or ODS")
    parser.add_argument("--mapping", required=True, help="name of a mapping, or its YAML file")
    parser.add_argument("--partial", action="store_true", help="store the good rows of a bad file")
    parser.add_argument("--json", action="store_true")


def _value_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("indicator", help="key of the indicator")
    parser.add_argument("--unit", required=True, help="code of the place; the nation is CN")
    parser.add_argument("--period", required=True, help="2020, 2020H1, 2020Q3, 2020-07")
    parser.add_argument("--edition", help="key of the edition; else the target's, or the latest")
    parser.add_argument("--scheme", default="", help="where two schemes share a key")
    parser.add_argument("--as-known", type=int, metavar="POSITION", help="journal position")
    parser.add_argument("--json", action="store_true")


def _status_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", help="key of the plan")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--unit", default="", help="code of the place; else the plan's own")
    which.add_argument(
        "--everywhere", action="store_true", help="in every period, at how many places which status"
    )
    parser.add_argument("--json", action="store_true")


def _groups_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("indicator", help="key of the indicator")
    parser.add_argument("--by", dest="grouping", required=True, help="key of the grouping")
    parser.add_argument("--period", required=True)
    parser.add_argument("--scheme", default="")
    parser.add_argument("--json", action="store_true")


COMMANDS = [
    Command("groups", "an indicator by the groups of a grouping", groups, _groups_arguments),
    Command("observations load", "load a file of figures", load, _load_arguments),
    Command("rollup", "the roll-up by one engine or both", compare, _compare_arguments),
    Command(
        "rollup compile",
        "compile the kernels for this machine",
        compile_kernels,
        needs_database=False,
    ),
    Command("rollup follow", "keep the cube at the journal's head", follow, _follow_arguments),
    Command("value", "where an indicator stands", value, _value_arguments),
    Command("status", "where a plan's indicators stand", status, _status_arguments),
]
