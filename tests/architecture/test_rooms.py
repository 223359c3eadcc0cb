"""The rooms: which files they hold, and who may import whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import CHECKOUT, PACKAGE, ROOMS, sources

EVERY_ROOM = {
    "__init__.py", "apps.py", "models.py", "rules.py", "rules", "queries.py", "permissions.py",
    "actions.py", "actions", "pages.py", "pages", "urls.py", "api.py", "api", "commands.py",
    "commands", "jobs.py", "search.py", "work.py", "words.py", "subjects.py", "notices.py",
    "templates", "migrations", "tests",
}  # fmt: skip

# What a room holds beyond the files of every room: its deep parts, each with a small face.
OWN = {
    "kernel": {
        "action.py", "actor.py", "canonical.py", "clock.py", "command.py", "conditions.py",
        "errors.py",
        "journal.py", "memory.py", "period.py", "pipelining.py", "refusals.py", "selecting.py",
        "tables.py", "text.py", "verify.py",
    },
    "ui": {
        "charts.py", "drawing.py", "examples.py", "links.py", "shapes.py", "vendor.py",
        "writing.py", "static", "templatetags",
    },
    "running": {
        "archives.py", "checks.py", "clients.py", "clusters.py", "counter.py", "database.py",
        "embedded.py", "home.py", "logs.py", "migrating.py", "postgresql", "pressure.py",
        "programs.py", "restoring.py", "serving.py", "supervising.py", "upgrading.py",
        "warming.py", "granian-logging.json",
    },
    "places": {"folder.py"},
    "bodies": {
        "authentication.py", "directory.py", "hashing.py", "loading.py", "middleware.py",
        "sessions.py", "signing_in.py",
    },
    "files": {
        "carrying.py", "formulas.py", "numbers.py", "pictures.py", "sheets", "slots.py",
        "storage.py", "untrusted", "writing.py",
    },
    "notices": {"kinds.py", "sending.py"},
    "subjects": {"kinds.py", "viewing.py"},
    "procedures": {
        "acting.py", "bpmn", "case_subjects.py", "catalogue.py", "checking.py", "completing.py",
        "engine.py", "listing.py", "telling.py",
    },
    "plans": {"coming.py", "packs", "sections.py"},
    "figures": {
        "alerting.py", "answering.py", "checks.py", "comparing.py", "confidence.py", "cube",
        "everywhere.py", "following", "judging.py", "loading", "marking.py", "oracle.py",
        "peering.py", "rollup", "surveying.py", "telling.py", "viewing.py",
    },
    "cascade": {
        "chain.py", "checking", "coming.py", "convening.py", "dependencies.py", "drafting.py",
        "ending.py", "finding.py",
        "mechanism_subjects.py", "mechanisms.py", "simulating", "telling.py", "viewing.py",
        "waiting.py", "weakening.py",
    },
    "projects": {"reading.py", "viewing.py"},
    "reporting": {
        "asking.py", "comparing.py", "contesting.py", "drafting.py", "laying", "owing.py",
        "reminding.py", "sheets", "telling.py", "tickets.py", "tracking", "validation.py",
        "viewing.py", "weighing.py", "workbooks.py",
    },
    "config": {
        "addresses.py", "cli.py", "errors.py", "journal_api.py", "messages.py", "navigation.py",
        "packs.py", "search_api.py", "settings.py", "web.py", "wiring.py", "wsgi.py", "zones.py",
    },
}  # fmt: skip

VAGUE = {"utils", "helpers", "services", "managers", "common", "misc", "base", "mixins"}


def test_every_room_is_known() -> None:
    assert set(ROOMS) == set(OWN)


@pytest.mark.parametrize("room", sorted(OWN))
def test_a_room_holds_only_files_that_one_can_guess(room: str) -> None:
    found = {path.name for path in (PACKAGE / room).iterdir() if path.name != "__pycache__"}
    assert found <= EVERY_ROOM | OWN[room]


@pytest.mark.parametrize("room", sorted(OWN))
def test_what_is_said_of_a_room_is_there(room: str) -> None:
    gone = {name for name in OWN[room] if not (PACKAGE / room / name).exists()}
    assert gone == set(), "take it out of OWN"


def test_no_module_has_a_vague_name() -> None:
    found = [path for path in sources() if path.stem in VAGUE]
    assert found == [PACKAGE / "running" / "postgresql" / "base.py"]  # Django asks for the name


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    tool, *arguments = command
    path = Path(sys.executable).parent / tool
    return subprocess.run([path, *arguments], cwd=CHECKOUT, capture_output=True, text=True)


def test_imports_go_down_only() -> None:
    done = _run("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_nothing_is_imported_inside_a_function_and_nothing_is_signalled() -> None:
    done = _run("ruff", "check", "--no-cache", "--select", "PLC0415,TID251", "throughline")
    assert done.returncode == 0, done.stdout


def test_the_ban_on_signals_finds_one(tmp_path: Path) -> None:
    culprit = tmp_path / "culprit.py"
    culprit.write_text(
        "from django.db.models.signals import post_save\n\n__all__ = ['post_save']\n"
    )
    config = str(CHECKOUT / "pyproject.toml")
    done = _run(
        "ruff", "check", "--no-cache", "--config", config, "--select", "TID251", str(culprit)
    )
    assert done.returncode == 1
    assert "no signals" in done.stdout
