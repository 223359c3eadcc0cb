"""The closure of a tree of places by one recursive INSERT, against a loop over ancestors.

Data: a generated tree of 31 × 11 × 9 units in a scratch table of the installation's database,
gone at the end. The peer is what one writes first: walk up from every unit in Python and insert
the pairs with executemany.
"""

from __future__ import annotations

from django.db import connections, transaction

from bench.row import Row, paired
from throughline.running.database import ensure_database

SHAPE = (31, 11, 9)


def _tree() -> list[tuple[int, int | None]]:
    rows: list[tuple[int, int | None]] = [(0, None)]
    level = [0]
    for width in SHAPE:
        children = []
        for parent in level:
            for _ in range(width):
                rows.append((len(rows), parent))
                children.append(len(rows) - 1)
        level = children
    return rows


def run() -> list[Row]:
    """Time both in one transaction that is rolled back."""
    ensure_database()
    tree = _tree()
    parent = dict(tree)
    # The application's role may not even make temporary tables: the owner's does.
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_unit (id int PRIMARY KEY, parent int)")
        cursor.execute("CREATE TEMP TABLE bench_pair (up int, down int)")
        cursor.executemany("INSERT INTO bench_unit VALUES (%s, %s)", tree)
        cursor.execute("ANALYZE bench_unit")

        def recursive() -> int:
            cursor.execute("TRUNCATE bench_pair")
            cursor.execute(
                "WITH RECURSIVE p (up, down) AS (SELECT id, id FROM bench_unit UNION ALL"
                " SELECT u.parent, p.down FROM p JOIN bench_unit u ON u.id = p.up"
                " WHERE u.parent IS NOT NULL) INSERT INTO bench_pair SELECT * FROM p"
            )
            return int(cursor.rowcount)

        def loop() -> int:
            cursor.execute("TRUNCATE bench_pair")
            pairs = []
            for unit in parent:
                above: int | None = unit
                while above is not None:
                    pairs.append((above, unit))
                    above = parent[above]
            cursor.executemany("INSERT INTO bench_pair VALUES (%s, %s)", pairs)
            return len(pairs)

        if recursive() != loop():
            raise AssertionError("the two closures differ")
        ours, theirs = paired(recursive, loop)
        transaction.set_rollback(True, "owner")
    name = f"closure of {len(tree)} units"
    return [Row(name, "loop with executemany", ours * 1000, theirs * 1000, "ms", 2.0)]
