"""`throughline serve`: the database and every process of an installation, kept alive."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections

from throughline.kernel.errors import Busy, Conflict, ThroughlineError
from throughline.running import embedded
from throughline.running.database import ensure_database, uses_embedded
from throughline.running.home import CHECKOUT, home
from throughline.running.migrating import build_static_files, missing_migrations
from throughline.running.supervising import Child, Supervisor, logger

LOGGING = Path(__file__).with_name("granian-logging.json")


@dataclass(frozen=True)
class Address:
    """Where the web process listens, and how much it does at once."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = max(2, len(os.sched_getaffinity(0)))
    threads: int = 4

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        return f"http://{self.host_here}:{self.port}"

    @property
    def host_here(self) -> str:
        """The host by which this machine reaches it."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104


def web(address: Address) -> list[str]:
    """The command of the web process."""
    return [
        sys.executable, "-m", "throughline.config.web",
        "--interface", "wsgi", "--no-ws",
        "--host", address.host, "--port", str(address.port),
        "--workers", str(address.workers), "--desks", str(address.threads),
        # Without this granian ends when one of its workers is killed.
        "--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "10",
        "--log-level", "warning", "--log-config", str(LOGGING),
        "throughline.config.wsgi:application",
    ]  # fmt: skip


def jobs() -> list[str]:
    """The command of the worker that does jobs: queued ones and those that come by the clock."""
    return [
        sys.executable, "-m", "django", "procrastinate", "worker", "--name", "throughline",
        "--shutdown-graceful-timeout", "10", "--delete-jobs", "successful",
    ]  # fmt: skip


def rollup() -> list[str]:
    """The command of the process that keeps the cube at the journal's head."""
    return [sys.executable, "-m", "throughline", "rollup", "follow"]


def children(address: Address) -> list[Child]:
    """Every process of an installation besides PostgreSQL."""
    environment = {
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "THROUGHLINE_HOME": str(home()),
    }
    commands = {"web": web(address), "jobs": jobs(), "rollup": rollup()}
    return [Child(name, command, CHECKOUT, environment) for name, command in commands.items()]


def is_ready(address: Address) -> bool:
    """Whether `/readyz` says so."""
    named = settings.ALLOWED_HOSTS[0].lstrip(".")
    asked = http.client.HTTPConnection(address.host_here, address.port, timeout=2)
    try:
        asked.request("GET", "/readyz", headers={"Host": "localhost" if named == "*" else named})
        return asked.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


class Watch:
    """What `serve` looks after each second: the database, and whether it answers at last."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._announced = False
        self.started_database = False

    def __call__(self) -> None:
        try:
            self.keep_database()
        except ThroughlineError as error:
            logger.error("%s", error.message, extra={"remedy": error.remedy})
        if not self._announced and is_ready(self._address):
            self._announced = True
            sys.stdout.write(f"Throughline answers at {self._address.url}\n")
            sys.stdout.flush()

    def keep_database(self) -> None:
        """Start the embedded database when it is not up, remembering that it was us."""
        if uses_embedded() and not embedded.is_running() and embedded.ensure_running():
            self.started_database = True


@contextmanager
def _alone() -> Iterator[None]:
    """One `serve` for a home: a second one would compete for its port and its jobs."""
    with (home() / "serve.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"{home()} is being served already") from error
        yield


def _leave(number: int, _frame: object) -> None:
    """Told to end before there is anything to supervise."""
    raise SystemExit(128 + number)


def serve(address: Address) -> None:
    """Serve until told to end. A database that was found running is left running."""
    signal.signal(signal.SIGTERM, _leave)
    watch = Watch(address)
    with _alone():
        try:
            _serve(address, watch)
        finally:
            if watch.started_database:
                embedded.stop()


def _serve(address: Address, watch: Watch) -> None:
    watch.keep_database()
    ensure_database()
    if missing_migrations():
        raise Busy("the database is not at this release", remedy="run `throughline migrate` first")
    build_static_files()
    connections.close_all()  # `serve` itself needs none from here on
    Supervisor(children(address)).run(each_second=watch)
