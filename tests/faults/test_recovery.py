"""What is killed comes back; what was found running is left running."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.faults.installation import (
    RECOVERY,
    Installation,
    Serving,
    await_that,
    children_of,
    is_gone,
)
from throughline.running import embedded
from throughline.running.clusters import APPLICATION, OWNER, SUPERUSER, cluster

pytestmark = pytest.mark.faults

ENSURE = "from throughline.running import embedded; print(embedded.ensure_running())"


@pytest.fixture(scope="module")
def serving(installation: Installation) -> Iterator[Serving]:
    with installation.serving() as serving:
        yield serving


def test_a_killed_web_worker_is_replaced(serving: Serving) -> None:
    before = serving.web_workers()
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: len(serving.web_workers() - {victim}) == len(before) and serving.is_ready())


def test_a_killed_web_server_comes_back_without_its_old_workers(serving: Serving) -> None:
    victim, orphans = serving.child("config.web"), serving.web_workers()
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: serving.child("config.web") not in {0, victim})
    await_that(serving.is_ready)
    assert all(map(is_gone, orphans))
    # All of them start at once, and the tests beside this one have the processors too.
    await_that(lambda: len(serving.web_workers()) == len(orphans), 3 * RECOVERY)


def test_a_killed_jobs_worker_comes_back(serving: Serving) -> None:
    victim = serving.child("procrastinate")
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: serving.child("procrastinate") not in {0, victim})


@contextmanager
def asking_nothing(port: int, connections: int) -> Iterator[None]:
    """So many browsers that are connected and silent."""
    with ExitStack() as opened:
        for _ in range(connections):
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        yield


def test_connections_that_ask_nothing_keep_nobody_out(serving: Serving) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("this account may not open so many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    with asking_nothing(serving.port, 1500):
        await_that(serving.is_ready, 5)


def test_a_killed_database_comes_back(serving: Serving, installation: Installation) -> None:
    victim = installation.postmaster
    os.kill(victim, signal.SIGKILL)
    await_that(lambda: not serving.is_ready())
    await_that(serving.is_ready)
    assert installation.postmaster != victim


def test_a_second_serve_of_a_home_is_refused(serving: Serving, installation: Installation) -> None:
    assert "already" in installation.run("serve", "--port", "1", fails=True)
    assert serving.is_ready()


def test_lost_passwords_of_the_roles_are_made_anew(empty: Installation) -> None:
    empty.run("migrate")
    for role in (APPLICATION, OWNER):
        (empty.home / "secrets" / f"database-{role}").unlink()
    empty.run("doctor")
    (empty.home / "secrets" / f"database-{SUPERUSER}").write_text("lost")
    (empty.home / "secrets" / f"database-{APPLICATION}").unlink()
    assert "put back the passwords" in empty.run("doctor", fails=True)


def test_serve_stops_the_database_that_it_started(empty: Installation) -> None:
    empty.run("migrate")
    empty.run("database", "stop")
    with empty.serving():
        assert embedded.is_running(empty.home)
    assert not embedded.is_running(empty.home)


def test_a_killed_supervisor_takes_its_processes_along(empty: Installation) -> None:
    empty.run("migrate")
    with empty.serving() as serving:
        left = children_of(serving.supervisor)
        assert len(left) >= 2
        os.kill(serving.supervisor, signal.SIGKILL)
        await_that(lambda: all(map(is_gone, left)))


def test_eight_at_once_start_exactly_one(empty: Installation) -> None:
    processes = [empty.start("-c", ENSURE) for _ in range(8)]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in processes)
    assert said == ["False"] * 7 + ["True"]


def test_no_command_stops_a_server_that_it_found(empty: Installation) -> None:
    empty.run("migrate")
    found = empty.postmaster
    with empty.serving():
        pass
    empty.run("doctor")
    empty.run("version")
    empty.run("database", "start")
    empty.run("backup", str(empty.home / "backup.tar"))
    assert json.loads(empty.run("database", "status", "--json"))["running"]
    assert empty.postmaster == found


def test_a_server_killed_with_its_number_taken_by_another_starts_again(empty: Installation) -> None:
    empty.run("database", "start")
    victim = empty.postmaster
    os.kill(victim, signal.SIGKILL)
    mark = cluster(empty.home).data / "postmaster.pid"
    bystander = empty.start("-c", "import time; time.sleep(60)")
    try:
        mark.write_text(mark.read_text().replace(str(victim), str(bystander.pid), 1))
        empty.run("database", "start")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.communicate()
