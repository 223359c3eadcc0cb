"""Where the embedded server lives and whom it runs as; its life is tried in tests/faults."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from throughline.kernel.errors import Busy
from throughline.running import embedded, programs
from throughline.running.clusters import ELSEWHERE, Cluster, cluster, mark_elsewhere
from throughline.running.programs import MAJOR, can_reach, majors, own_folder, server_account

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another account")
NOBODY = pwd.getpwnam("nobody")


def test_an_ordinary_user_runs_it_himself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert server_account(tmp_path) is None
    assert cluster(tmp_path).data == tmp_path / "postgres"


@AS_ROOT
def test_root_runs_it_as_the_owner_of_the_home(tmp_path: Path) -> None:
    found = server_account(tmp_path)
    assert found is not None
    assert found.pw_uid != 0
    os.chown(tmp_path, NOBODY.pw_uid, NOBODY.pw_gid)
    assert server_account(tmp_path) == NOBODY


@AS_ROOT
def test_a_home_closed_to_the_account_keeps_its_data_elsewhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    here = cluster(tmp_path)
    assert here.data.is_relative_to(programs.SHARED)
    assert here.data != cluster(tmp_path.parent).data
    assert oct(tmp_path.stat().st_mode & 0o777) == "0o700"


@AS_ROOT
def test_data_stay_where_they_were_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "postgres").mkdir()
    assert cluster(tmp_path).data == tmp_path / "postgres"
    (tmp_path / "postgres.is-at").write_text(f"{tmp_path}/elsewhere/postgres\n")
    assert cluster(tmp_path).data == tmp_path / "elsewhere" / "postgres"


@pytest.mark.parametrize("said", ["", "\n", ".", "postgres", "/", "/var/lib"])
def test_a_mark_that_names_no_data_folder_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / ELSEWHERE).write_text(said)
    with pytest.raises(Busy, match=r"postgres\.is-at"):
        cluster(tmp_path)


def test_a_mark_is_written_whole(tmp_path: Path) -> None:
    here = Cluster(tmp_path, tmp_path / "elsewhere" / "postgres", tmp_path / "run", None)
    mark_elsewhere(here)
    assert cluster(tmp_path).data == here.data
    assert [path.name for path in tmp_path.iterdir()] == [ELSEWHERE]


@AS_ROOT
def test_a_home_of_an_account_without_a_name_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)
    with pytest.raises(Busy, match="without a name"):
        cluster(tmp_path)


def test_reach_is_judged_by_owner_group_and_others(tmp_path: Path) -> None:
    myself = pwd.getpwuid(os.geteuid())
    tmp_path.chmod(0o700)
    assert can_reach(myself, tmp_path)
    assert not can_reach(NOBODY, tmp_path)
    tmp_path.chmod(0o077)
    assert not can_reach(myself, tmp_path)
    tmp_path.chmod(0o700)


def test_a_long_home_has_its_socket_in_a_short_folder(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    socket = cluster(long).socket
    assert len(f"{socket}/.s.PGSQL.5432".encode()) < 107
    assert socket != cluster(tmp_path).socket
    assert socket == cluster(long).socket


def test_a_link_put_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Busy, match="put there"):
        own_folder(tmp_path / "run", None)


@AS_ROOT
def test_a_folder_of_another_account_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY.pw_uid, NOBODY.pw_gid)
    with pytest.raises(Busy, match="put there"):
        own_folder(tmp_path, pwd.getpwnam("daemon"))


def test_programs_out_of_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SHARED", tmp_path)
    monkeypatch.setattr(programs, "can_reach", lambda account, path: False)
    copied = programs.programs(NOBODY)
    assert copied.is_relative_to(tmp_path)
    version = subprocess.run(
        [copied / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    assert f" {MAJOR}." in version.stdout
    made = copied.stat().st_mtime_ns
    assert programs.programs(NOBODY) == copied
    assert copied.stat().st_mtime_ns == made


def test_the_newest_major_is_ours() -> None:
    assert max(majors()) == MAJOR


def test_another_major_is_named_with_its_remedy(tmp_path: Path) -> None:
    here = cluster(tmp_path)
    older = Cluster(tmp_path, tmp_path / "postgres", here.socket, None)
    older.data.mkdir()
    (older.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(Busy, match="PostgreSQL 14") as refused:
        embedded._check_major(older)
    assert "database upgrade" in str(refused.value.remedy)
