"""A throw-away installation, used as an administrator would: by its command line."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

from throughline.running.clusters import cluster
from throughline.running.home import CHECKOUT
from throughline.running.programs import SHARED

RECOVERY = 10.0
"""Seconds in which whatever was killed has to be back."""


def interpreter_for(account: pwd.struct_passwd | None) -> str | None:
    """A Python of our version that the account can run; None where there is none."""
    if account is None:
        return sys.executable
    own = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    test = 'for each; do test -x "$each" && echo "$each" && exit; done'
    found = subprocess.run(
        ["/bin/sh", "-c", test, "sh", sys.executable, own],
        user=account.pw_uid, group=account.pw_gid, extra_groups=[],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.stdout.strip() or None


def remove_tree(folder: Path, ignore_errors: bool = False) -> None:
    """Remove a folder that the tests made: whatever a mark says, nothing else is touched."""
    found = folder.resolve()
    ours = (Path(tempfile.gettempdir()).resolve(), SHARED)
    if not any(found != each and found.is_relative_to(each) for each in ours):
        raise ValueError(f"{found} is not the tests' own")
    shutil.rmtree(found, ignore_errors=ignore_errors)


@dataclass(frozen=True)
class Installation:
    """A home, and whom its commands run as (None: as the tests)."""

    home: Path
    account: pwd.struct_passwd | None
    python: str

    @property
    def environment(self) -> dict[str, str]:
        """What its commands see: its own home, no database named, no matter what we see."""
        libraries = Path(psycopg.__file__).parent.parent
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "PYTHONPATH": f"{CHECKOUT}:{libraries}",
            "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
            "THROUGHLINE_HOME": str(self.home),
            "NUMBA_CACHE_DIR": str(_compiled(self.account)),
        }

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start Python with these words and further variables."""
        return subprocess.Popen(
            [self.python, *words],
            env=self.environment | more,
            cwd="/",
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, fails: bool = False) -> str:
        """Run a command of Throughline and give what it printed."""
        process = self.start("-m", "throughline", *words)
        printed, _ = process.communicate(timeout=120)
        assert (process.returncode != 0) == fails, printed
        return printed

    def act(self, times: int = 3) -> None:
        """Have something happen, so that the journal has entries."""
        process = self.start("-c", _ACT, str(times))
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == 0, printed

    @property
    def postmaster(self) -> int:
        """The number of the database server's process."""
        mark = cluster(self.home).data / "postmaster.pid"
        return int(mark.read_text().split("\n", 1)[0])

    @contextmanager
    def serving(self) -> Iterator[Serving]:
        """`throughline serve` on a free port of 127.0.0.1, until the end of the block."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with (self.home / "serve.log").open("w") as log:
            process = subprocess.Popen(
                [self.python, "-m", "throughline", "serve", "--port", str(port)],
                env=self.environment,
                cwd="/",
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
                stdout=log,
                stderr=log,
            )
        serving = Serving(process.pid, port)
        try:
            await_that(serving.is_ready, 30, lambda: (self.home / "serve.log").read_text()[-2000:])
            yield serving
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            finally:
                process.kill()

    def remove(self) -> None:
        """Stop the database and remove everything."""
        here = cluster(self.home)
        self.start("-m", "throughline", "database", "stop").communicate(timeout=60)
        if here.data.parent != here.home:
            remove_tree(here.data.parent, ignore_errors=True)
        remove_tree(self.home)


@dataclass(frozen=True)
class Serving:
    """A `throughline serve` that answers."""

    supervisor: int
    port: int

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            address = f"http://127.0.0.1:{self.port}/readyz"
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def child(self, words: str) -> int:
        """The supervised process whose command has these words; 0 when there is none."""
        return next((p for p in children_of(self.supervisor) if words in command_of(p)), 0)

    def web_workers(self) -> set[int]:
        """The processes that answer requests."""
        return {
            worker
            for worker in children_of(self.child("config.web"))
            if "resource_tracker" not in command_of(worker)
        }


def is_gone(process: int) -> bool:
    """Whether a process has ended."""
    return not command_of(process)


def children_of(process: int) -> list[int]:
    """The living children of a process; those that only wait to be buried do not count. The
    system's first processes are the children of none (0), which is what `child` says of one that
    is not there."""
    found: list[int] = []
    if not process:
        return found
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def command_of(process: int) -> str:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def await_that(
    holds: Callable[[], bool], seconds: float = RECOVERY, explain: Callable[[], str] = str
) -> float:
    """Wait until something holds; the seconds it took."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {explain()}"
        time.sleep(0.1)
    return time.monotonic() - begun


def new_home(account: pwd.struct_passwd | None) -> Path:
    """A home that nobody but the account can look into."""
    home = Path(tempfile.mkdtemp(prefix="throughline-test-"))
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
    return home


@cache
def _compiled(account: pwd.struct_passwd | None) -> Path:
    """Where all installations of an account keep what they compile: once is enough."""
    folder = new_home(account)
    atexit.register(remove_tree, folder, ignore_errors=True)
    return folder


_ACT = """
import sys, django
django.setup()
from django.db import transaction
from throughline.kernel import journal
for number in range(int(sys.argv[1])):
    with transaction.atomic():
        entry = {"act": journal.next_act_number(), "verb": "test.act", "door": "cli",
                 "digest": "", "answer": {"value": number}}
        journal.write([entry], with_commit=True)
"""
