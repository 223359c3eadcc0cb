"""What is loaded at run time, seen in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture.tree import CHECKOUT, PACKAGE, module_name

PURE = [
    *(module_name(path) for path in sorted(PACKAGE.glob("*/rules.py"))),
    *(f"throughline.kernel.{name}" for name in ("actor", "clock", "errors", "period", "verify")),
    "throughline.files.untrusted.child",
]

WEB = """
import throughline.config.wsgi
from django.urls import get_resolver
assert get_resolver().reverse_dict
"""


def loaded_by(code: str) -> set[str]:
    """The packages (first part of the name) that a fresh interpreter has after some code."""
    tell = "\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code + tell],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_rules_are_free_of_django_and_of_the_database() -> None:
    loaded = loaded_by("\n".join(f"import {name}" for name in PURE))
    assert "throughline" in loaded
    assert not loaded & {"django", "psycopg", "ninja"}


def test_web_processes_do_not_load_heavy_numerics() -> None:
    loaded = loaded_by(WEB)
    assert {"django", "ninja"} <= loaded
    assert not loaded & {"numba", "scipy", "pandas", "duckdb", "pyspark"}


def test_web_processes_do_not_load_what_reads_and_writes_workbooks() -> None:
    assert not loaded_by(WEB) & {"openpyxl", "python_calamine"}


@pytest.mark.parametrize("package", ["scipy", "django"])
def test_a_package_that_is_loaded_would_be_seen(package: str) -> None:
    assert package in loaded_by(
        f"import sys, types\nsys.modules[{package!r}] = types.ModuleType('x')"
    )
