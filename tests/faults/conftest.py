"""Installations as the account that runs the tests and, from root, as an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.faults.installation import Installation, interpreter_for, new_home


@pytest.fixture(scope="session")
def ordinary_user() -> Iterator[pwd.struct_passwd]:
    """A temporary account; only root can make one."""
    if os.geteuid() != 0 or not shutil.which("useradd"):
        pytest.skip("only root can try it as another user; run the tests as that user too")
    name = f"throughline-{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", "--user-group", name], check=True)
    try:
        yield pwd.getpwnam(name)
    finally:
        subprocess.run(["userdel", "--force", name], check=True)


@pytest.fixture(scope="module", params=["as the caller", "as an ordinary user"])
def account(request: pytest.FixtureRequest) -> pwd.struct_passwd | None:
    """Whom the commands of the installation run as; None is the account of the tests."""
    if request.param == "as the caller":
        return None
    found: pwd.struct_passwd = request.getfixturevalue("ordinary_user")
    return found


@pytest.fixture(scope="module")
def python(account: pwd.struct_passwd | None) -> str:
    """An interpreter that the account can run."""
    found = interpreter_for(account)
    if found is None:
        pytest.skip("an ordinary user of this machine can run no Python of our version")
    return found


@pytest.fixture
def empty(account: pwd.struct_passwd | None, python: str) -> Iterator[Installation]:
    """An installation in which nothing was ever started."""
    made = Installation(new_home(account), account, python)
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def installation(account: pwd.struct_passwd | None, python: str) -> Iterator[Installation]:
    """An installation at this release, with a few acts in its journal, its database stopped."""
    made = Installation(new_home(account), account, python)
    try:
        made.run("migrate")
        made.act()
        made.run("database", "stop")
        yield made
    finally:
        made.remove()
