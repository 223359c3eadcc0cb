"""`throughline serve`, `migrate`, `doctor`, `backup`, `restore`, `database …`, `version`."""

from __future__ import annotations

import json
import os
import platform
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from throughline import __version__
from throughline.kernel.command import Command
from throughline.kernel.commands import export_lines
from throughline.kernel.errors import Invalid
from throughline.kernel.verify import Verdict, verify_export
from throughline.running import embedded
from throughline.running.archives import backup
from throughline.running.checks import Verdict as Finding
from throughline.running.checks import diagnose
from throughline.running.clusters import cluster
from throughline.running.database import ensure_database, uses_embedded
from throughline.running.migrating import bring_up_to_date, compiling
from throughline.running.programs import MAJOR
from throughline.running.restoring import restore
from throughline.running.serving import Address, serve
from throughline.running.upgrading import upgrade


def _tell(arguments: Namespace, facts: dict[str, object], sentence: str) -> None:
    """Print the facts as JSON when that was asked for, else the sentence."""
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else sentence)


def _result(verdict: Verdict) -> str:
    if verdict.holds:
        return f"the journal holds: {verdict.entries} entries, head {verdict.head}"
    return f"the journal is BROKEN: {verdict.fault}"


def _serve(arguments: Namespace) -> int:
    serve(Address(arguments.host, arguments.port, arguments.workers, arguments.threads))
    return 0


def _migrate(arguments: Namespace) -> int:
    with compiling():
        bring_up_to_date(verbosity=1)
    return 0


def _doctor(arguments: Namespace) -> int:
    findings = list(diagnose())
    faults = [finding for finding in findings if finding.verdict == Finding.FAULT]
    if arguments.json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            remedy = f" -> {finding.remedy}" if finding.remedy else ""
            print(f"{finding.verdict:<6}{finding.name}: {finding.message}{remedy}")
        print(f"{len(faults)} faults" if faults else "nothing is wrong")
    return 1 if faults else 0


def _backup(arguments: Namespace) -> int:
    made = backup(Path(arguments.file).absolute())
    facts: dict[str, object] = asdict(made)
    _tell(
        arguments,
        facts,
        f"{arguments.file}: {len(made.members)} members, journal at {made.journal_position},"
        f" head {made.journal_hash}",
    )
    return 0


def _restore(arguments: Namespace) -> int:
    done = restore(Path(arguments.file), replace=arguments.replace)
    facts: dict[str, object] = {
        "made_at": done.manifest.made_at,
        "files": done.files,
        "settings": done.other_settings,
        "journal": {"holds": done.verdict.holds, **asdict(done.verdict)},
    }
    lines = [f"restored the backup of {done.manifest.made_at}, {done.files} files"]
    lines += [f"it was set differently: {name}={v}" for name, v in done.other_settings.items()]
    if arguments.replace and not done.verdict.holds:
        lines = ["the backup was not put in place"]
    _tell(arguments, facts, "\n".join([*lines, _result(done.verdict)]))
    return 0 if done.verdict.holds else 1


def _need_embedded() -> None:
    if not uses_embedded():
        raise Invalid(
            "this installation uses a database server of its own (DATABASE_URL)",
            remedy="use that server's means",
        )


def _start_database(arguments: Namespace) -> int:
    _need_embedded()
    started = embedded.ensure_running()
    _tell(arguments, {"started": started}, "started" if started else "was running")
    return 0


def _stop_database(arguments: Namespace) -> int:
    _need_embedded()
    stopped = embedded.stop()
    _tell(arguments, {"stopped": stopped}, "stopped" if stopped else "was not running")
    return 0


def _database_status(arguments: Namespace) -> int:
    _need_embedded()
    here, running = cluster(), embedded.is_running()
    facts: dict[str, object] = {
        "running": running,
        "data": str(here.data),
        "socket": str(here.socket),
        "log": str(here.log),
        "account": here.account.pw_name if here.account else None,
    }
    state = "running" if running else "not running"
    _tell(arguments, facts, "\n".join([state, *(f"{k}: {v}" for k, v in facts.items() if v)]))
    return 0 if running else 1


def _upgrade_database(arguments: Namespace) -> int:
    _need_embedded()
    done = upgrade()
    ensure_database()
    bring_up_to_date()
    verdict = verify_export(export_lines())
    facts: dict[str, object] = {"before": done.before, "now": done.now, "kept": str(done.kept)}
    _tell(
        arguments,
        facts | {"journal": asdict(verdict)},
        f"from PostgreSQL {done.before} to {done.now}; {_result(verdict)}\n"
        f"remove {done.kept} when you need it no more",
    )
    return 0 if verdict.holds else 1


def _version(arguments: Namespace) -> int:
    facts: dict[str, object] = {
        "throughline": __version__,
        "python": platform.python_version(),
        "postgresql": MAJOR if uses_embedded() else "your own",
    }
    _tell(arguments, facts, ", ".join(f"{name} {value}" for name, value in facts.items()))
    return 0


def _json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _serve_arguments(parser: ArgumentParser) -> None:
    variables = {
        "host": ("THROUGHLINE_HOST", "127.0.0.1"),
        "port": ("THROUGHLINE_PORT", "8000"),
        "workers": ("THROUGHLINE_WORKERS", str(Address.workers)),
        "threads": ("THROUGHLINE_THREADS", str(Address.threads)),
    }
    for name, (variable, default) in variables.items():
        kind = str if name == "host" else int
        given = kind(os.environ.get(variable, default))
        help_text = f"{variable}, else {default}"
        parser.add_argument(f"--{name}", type=kind, default=given, help=help_text)


def _backup_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="where to write it; must not exist yet")
    _json(parser)


def _restore_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="a backup")
    parser.add_argument("--replace", action="store_true", help="replace what is there")
    _json(parser)


COMMANDS = [
    Command("serve", "serve until told to end", _serve, _serve_arguments, needs_database=False),
    Command("migrate", "bring the installation to this release", _migrate),
    Command("doctor", "say what is wrong, and what mends it", _doctor, _json, needs_database=False),
    Command("backup", "write a backup to one file", _backup, _backup_arguments),
    Command("restore", "restore a backup", _restore, _restore_arguments),
    Command("database start", "start it", _start_database, _json, needs_database=False),
    Command("database stop", "stop it", _stop_database, _json, needs_database=False),
    Command("database status", "say how it is", _database_status, _json, needs_database=False),
    Command("database upgrade", "to this release's PostgreSQL", _upgrade_database, _json,
            needs_database=False),
    Command("version", "print the versions", _version, _json, needs_database=False),
]  # fmt: skip
