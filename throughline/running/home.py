"""Where an installation keeps everything that is not code. Django-free."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent

_SETTLING_SECONDS = 2.0


def home() -> Path:
    """`THROUGHLINE_HOME`, else `var/` in the checkout; made when it is not there."""
    place = Path(os.environ.get("THROUGHLINE_HOME") or CHECKOUT / "var").resolve()
    place.mkdir(parents=True, exist_ok=True)
    return place


def secret(name: str, at: Path | None = None) -> str:
    """A secret of this installation, generated once and readable by its owner alone."""
    folder = (at or home()) / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    try:
        # Two first starts at once: only one creates the file, both read it.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _settled(path)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(32))
    return _settled(path)


def _settled(path: Path) -> str:
    """The content of a secret that another process may be writing this very moment."""
    deadline = time.monotonic() + _SETTLING_SECONDS
    while not (text := path.read_text()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path} is empty; remove it to have a new one made")
        time.sleep(0.01)
    return text
