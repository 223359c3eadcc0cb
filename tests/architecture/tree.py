"""What the architecture tests look at: the rooms, their modules and templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import throughline

PACKAGE = Path(throughline.__file__).parent
CHECKOUT = PACKAGE.parent
DOCS = CHECKOUT / "docs"

ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def sources() -> Iterator[Path]:
    """Every Python file of the product, without tests and migrations."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(PACKAGE).parts):
            yield path


def module_name(path: Path) -> str:
    """The dotted name of a file of the product."""
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_everything() -> None:
    """Import every module, so that whatever registers itself has done so."""
    for path in sources():
        if path.name not in {"__main__.py", "web.py", "wsgi.py"}:  # they begin to run
            import_module(module_name(path))


def parsed(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def table_rows(page: Path, columns: int) -> list[list[str]]:
    """The rows of a page's tables with so many columns, without heads and rules."""
    rows = []
    lines = page.read_text(encoding="utf-8").splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        is_head = set(following) <= set("|-: ") and following.startswith("|")
        is_rule = set(line) <= set("|-: ")
        if line.startswith("|") and len(cells) == columns and not is_head and not is_rule:
            rows.append(cells)
    return rows
