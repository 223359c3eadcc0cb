"""`python -m bench [NAME …]`: run benchmarks, print a table, write `var/bench/NAME.json`.

Every row is {name, peer, ours, theirs, unit, ratio, expected, ok}: medians of one run, theirs
over ours, and the ratio that is expected of us.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import django

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "var" / "bench"


def names() -> list[str]:
    """Every benchmark: the modules of this folder that define `run`."""
    return sorted(
        path.stem
        for path in HERE.glob("*.py")
        if path.stem not in {"__init__", "__main__", "graphs", "making", "national", "row"}
    )


def main(asked: list[str]) -> int:
    """Run the benchmarks asked for, or all; 1 if any misses what is expected of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    django.setup()
    asked = [name.replace("-", "_") for name in asked]  # as `make bench-signing-in` says it
    unknown = sorted(set(asked) - set(names()))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    missed = 0
    for name in asked or names():
        rows = import_module(f"bench.{name}").run()
        print(f"\n{name}")
        print(f"  {'':<44}{'peer':<28}{'ours':>10}{'theirs':>10}{'':>5}{'ratio':>8}{'≥':>6}")
        for row in rows:
            missed += not row.ok
            verdict = "ok" if row.ok else "MISSED"
            print(
                f"  {row.name:<44}{row.peer:<28}{row.ours:>10.4g}{row.theirs:>10.4g}"
                f"{row.unit:>5}{row.ratio:>8.3g}{row.expected:>6.3g}  {verdict}"
            )
        found = [asdict(row) | {"ratio": row.ratio, "ok": row.ok} for row in rows]
        (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
