"""The roll-up once more, as one relational expression on DuckDB: the independent oracle.

It shares no code with the cube, and no idea either: no tree order, no lanes, only joins with
the closure and aggregates; formulas are read by Python's own parser. Needs the extra `scale`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr.types import Table
from ibis.util import gen_name

UNITS = pa.schema(
    [
        ("tree", pa.int64()), ("unit", pa.int64()), ("tier", pa.string()), ("level", pa.int64()),
        ("lowest", pa.bool_()), ("top", pa.bool_()),
    ]
)  # fmt: skip
CLOSURE = pa.schema([("tree", pa.int64()), ("above", pa.int64()), ("unit", pa.int64())])
STRIPS = pa.schema([("strip", pa.int64()), ("tree", pa.int64())])
FIGURES = pa.schema(
    [
        ("strip", pa.int64()), ("part", pa.int64()), ("place", pa.int64()), ("rank", pa.int64()),
        ("series", pa.int64()), ("value", pa.float64()), ("provisional", pa.bool_()),
        ("observation", pa.int64()),
    ]
)  # fmt: skip
MEASURES = pa.schema(
    [
        ("strip", pa.int64()), ("measure", pa.int64()), ("kind", pa.string()),
        ("part", pa.int64()), ("under", pa.int64()), ("weight", pa.int64()),
        ("owing", pa.string()), ("owing_level", pa.int64()), ("itself", pa.bool_()),
        ("scale", pa.float64()), ("direction", pa.string()), ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)  # fmt: skip
MEMBERS = pa.schema([("strip", pa.int64()), ("group", pa.int64()), ("place", pa.int64())])


@dataclass(frozen=True)
class Formula:
    """A figure of a strip that is computed from others at each target: its own number, the
    formula, and by the names in it the measures that they mean. It names no other formula."""

    strip: int
    measure: int
    text: str
    names: Mapping[str, int]


@dataclass
class Relations:
    """What is to be rolled up, as rows: see the schemas. A part, denominator or weight that
    there is not is 0; a group's number must not be that of a unit."""

    units: list[tuple[Any, ...]] = field(default_factory=list)
    closure: list[tuple[Any, ...]] = field(default_factory=list)
    strips: list[tuple[Any, ...]] = field(default_factory=list)
    figures: list[tuple[Any, ...]] = field(default_factory=list)
    measures: list[tuple[Any, ...]] = field(default_factory=list)
    members: list[tuple[Any, ...]] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)

    def add_tree(
        self,
        tree: int,
        units: Sequence[int],
        parents: Sequence[int | None],
        tiers: Sequence[tuple[str, int]],
    ) -> None:
        """A tree by its units, the parent of each (None at the top), and tier and level."""
        above = dict(zip(units, parents, strict=True))
        inner = set(above.values())
        for unit, (tier, level) in zip(units, tiers, strict=True):
            self.units.append((tree, unit, tier, level, unit not in inner, above[unit] is None))
            here: int | None = unit
            while here is not None:
                self.closure.append((tree, here, unit))
                here = above[here]


@dataclass(frozen=True)
class Told:
    """What the oracle says of a measure at a unit (or of a group). Of a formula it says the
    values alone."""

    value: float | None
    accepted: float | None
    reported: int | None
    weight: float | None


def _table(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(each, kind) for each, kind in zip(columns, schema.types, strict=True)]
    return ibis.memtable(pa.table(arrays, schema=schema))


def _standing(figures: Table) -> Table:
    """Of several figures of a place, the one that goes before."""
    window = ibis.window(group_by=["strip", "part", "place"], order_by=["rank", "series"])
    return figures.mutate(order=ibis.row_number().over(window)).filter(_.order == 0)


def _given(relations: Relations) -> Table:
    """A row for each unit that owes a figure of a measure, with what stands there."""
    units, strips = _table(relations.units, UNITS), _table(relations.strips, STRIPS)
    measures = _table(relations.measures, MEASURES)
    standing = _standing(_table(relations.figures, FIGURES))

    def figure(name: str) -> Table:
        return standing.select(
            "strip", "part", "place",
            **{name: _.value, f"{name}_firm": ~_.provisional, f"{name}_observation": _.observation},
        ).rename({f"{name}_part": "part", f"{name}_place": "place"})  # fmt: skip

    rows = measures.join(strips, "strip").join(units, "tree")
    for name, part in (("a", "part"), ("b", "under"), ("w", "weight")):
        side = figure(name)
        rows = rows.left_join(
            side,
            [
                rows.strip == side.strip,
                rows[part] == side[f"{name}_part"],
                rows.unit == side[f"{name}_place"],
            ],
        ).drop("strip_right", f"{name}_part", f"{name}_place")
    reports = (_.tier == _.owing) | (_.lowest & (_.level < _.owing_level))
    return rows.filter(ibis.ifelse(_.itself, _.a.notnull() & ~_.top, reports))


def _spans(relations: Relations) -> Table:
    """Which units stand behind which: those at or below a unit, those of a group and, unless
    they report themselves, those below them."""
    closure, strips = _table(relations.closure, CLOSURE), _table(relations.strips, STRIPS)
    members = _table(relations.members, MEMBERS)
    below = closure.join(strips, "tree").select("strip", "unit", target=_.above, alone=False)
    inside = (
        members.join(strips, "strip")
        .join(closure, [("tree", "tree"), ("place", "above")])
        .select("strip", "unit", target=_.group, alone=False)
        .distinct()
    )
    alone = members.select("strip", unit=_.place, target=_.group, alone=True)
    whole = below.mutate(alone=True)
    return below.union(inside, alone, whole)


def _value(kind: str, firm: bool) -> Any:
    """The aggregate of one kind; `firm` leaves provisional figures out."""
    a = ibis.ifelse(_.a_firm, _.a, ibis.null("float64")) if firm else _.a
    b = ibis.ifelse(_.b_firm, _.b, ibis.null("float64")) if firm else _.b
    w = ibis.ifelse(_.w_firm & (_.w > 0), _.w, ibis.null("float64"))
    w = w if firm else ibis.ifelse(_.w > 0, _.w, ibis.null("float64"))
    if kind == "ratio":
        under = b.sum()
        return ibis.ifelse(under != 0, a.sum() / under * _.scale.max(), ibis.null("float64"))
    if kind == "weighted_mean":
        return (a * w).sum() / ibis.ifelse(a.notnull(), w, ibis.null("float64")).sum()
    if kind == "max":
        return a.max()
    if kind == "min":
        return a.min()
    if kind == "band":
        return a.argmax(ibis.greatest(_.low - a, a - _.high))
    if kind == "last":
        return a.argmax(ibis.ifelse(a.notnull(), _.a_observation, ibis.null("int64")))
    return a.sum()


KINDS = ("sum", "ratio", "weighted_mean", "max", "min", "band", "last")


def expression(relations: Relations) -> Table:
    """The whole roll-up: a row for each strip, measure and target."""
    worst = {"up": "min", "down": "max", "band": "band"}
    kind = ibis.cases(
        (_.kind != "worst_of", _.kind),
        *((_.direction == way, what) for way, what in worst.items()),
    )
    rows = _given(relations).mutate(how=kind)
    spans = _spans(relations)
    rows = rows.join(
        spans,
        [
            rows.strip == spans.strip,
            rows.unit == spans.unit,
            # A group of units that report themselves is made of their own figures alone.
            (rows.itself & spans.alone) | (~rows.itself & ~spans.alone),
        ],
    ).drop("strip_right", "unit_right")
    both = _.a.notnull() & ((_.under == 0) | _.b.notnull())
    heavy = ibis.ifelse((_.w > 0) & both, _.w, 0.0).sum()
    whole = ibis.ifelse(_.w > 0, _.w, 0.0).sum()
    found = rows.group_by("strip", "measure", "how", "target").agg(
        reported=both.sum(),
        weight=ibis.ifelse(whole > 0, heavy / whole, ibis.null("float64")),
        **{f"{each}_value": _value(each, False) for each in KINDS},
        **{f"{each}_accepted": _value(each, True) for each in KINDS},
    )
    return found.select(
        "strip", "measure", "target", "reported", "weight",
        value=ibis.cases(*((_.how == each, _[f"{each}_value"]) for each in KINDS)),
        accepted=ibis.cases(*((_.how == each, _[f"{each}_accepted"]) for each in KINDS)),
    )  # fmt: skip


def connect() -> Any:
    """DuckDB in memory; it loads no extension by itself."""
    return ibis.duckdb.connect(autoinstall_known_extensions=False, threads=2)


def roll_up(
    relations: Relations, database: Any | None = None
) -> Mapping[tuple[int, int, int], Told]:
    """By strip, measure and target, what the oracle says; nothing of what has no unit that
    owes a figure."""
    database = database or connect()
    if not relations.formulas:
        return _told(database.to_pyarrow(expression(relations)))
    found = database.create_table(gen_name("found"), expression(relations), temp=True)
    formulas = ibis.union(*(_computed(each, found) for each in relations.formulas))
    return _told(database.to_pyarrow(found)) | _told(database.to_pyarrow(formulas))


def _told(rows: pa.Table) -> dict[tuple[int, int, int], Told]:
    return {
        (row["strip"], row["measure"], row["target"]): Told(
            row["value"], row["accepted"], row["reported"], row["weight"]
        )
        for row in rows.to_pylist()
    }


_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-"})


def _computed(formula: Formula, found: Table) -> Table:
    """A row for each target at which every measure of a formula has one."""
    names = sorted(formula.names, key=len, reverse=True)
    stands_for = {name: f"_{number}" for number, name in enumerate(names)}
    pattern = "|".join(rf"(?<!\w){re.escape(name)}(?![\w-])" for name in names)
    text = re.sub(pattern, lambda match: stands_for[match[0]], formula.text.translate(_SIGNS))
    tree = ast.parse(text.strip(), mode="eval").body
    rows: Table | None = None
    for name, short in stands_for.items():
        side = found.filter((_.strip == formula.strip) & (_.measure == formula.names[name]))
        side = side.select("target", **{short: _.value, f"{short}_firm": _.accepted})
        rows = side if rows is None else rows.join(side, "target")
    if rows is None:
        raise ValueError(f"a formula of nothing: {formula.text}")
    return rows.select(
        "target",
        strip=ibis.literal(formula.strip, "int64"),
        measure=ibis.literal(formula.measure, "int64"),
        reported=ibis.null("int64"),
        weight=ibis.null("float64"),
        value=_said(tree, lambda short: rows[short]),
        accepted=_said(tree, lambda short: rows[f"{short}_firm"]),
    )


def _said(node: ast.expr, column: Callable[[str], Any]) -> Any:
    """A part of a formula as an expression; NULL where a part is, and for a division by 0."""
    match node:
        case ast.Constant(value=number):
            return ibis.literal(float(str(number)))
        case ast.Name(id=short):
            return column(short)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_said(inner, column)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _said(left, column) / _said(right, column).nullif(0.0)
        case ast.BinOp(left=left, op=sign, right=right):
            one, other = _said(left, column), _said(right, column)
            if isinstance(sign, ast.Add):
                return one + other
            return one - other if isinstance(sign, ast.Sub) else one * other
        case ast.Call(func=ast.Name(id=name), args=several):
            parts = [_said(each, column) for each in several]
            chosen = ibis.least(*parts) if name == "min" else ibis.greatest(*parts)
            missing = ibis.or_(*(each.isnull() for each in parts))
            return ibis.ifelse(missing, ibis.null("float64"), chosen)
    raise ValueError(f"no formula: {ast.unparse(node)}")
