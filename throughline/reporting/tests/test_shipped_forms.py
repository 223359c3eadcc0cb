"""The forms of the packs that are shipped: a demo whose made-up figures break the rules of its own
forms would teach people to pass over what is found."""

from __future__ import annotations

import pytest

from throughline.places.folder import read_folder
from throughline.plans.packs import Pack, read_pack
from throughline.plans.packs.pack import Form
from throughline.plans.packs.simulation import values
from throughline.reporting.rules.validating import (
    Cell,
    Level,
    Line,
    Rule,
    RuleKind,
    among_peers,
    findings,
)
from throughline.running.home import CHECKOUT

Figures = dict[str, dict[str, list[float]]]


def made_up(pack: Pack) -> Figures:
    """The figures of each series by place, oldest first, for the units there are today."""
    rows = {row.code: row for row in read_folder(pack.places).places if row.valid_to is None}

    def below(code: str, above: str) -> bool:
        while code in rows and code != above:
            code = rows[code].parent
        return code == above

    found: Figures = {}
    for said in pack.simulations:
        codes = [code for code, row in rows.items() if row.tier == said.tier]
        inside = [code for code in codes if not said.within or below(code, said.within)]
        for code, _period, value in values(said, inside):
            found.setdefault(said.series, {}).setdefault(code, []).append(value)
    return found


def sheet(pack: Pack, forms: list[Form]) -> tuple[list[Line], list[Rule]]:
    """What several forms ask for, each cell once, and what they hold of it."""
    measured = {each.key: each for each in pack.indicators}
    indicator_of = {each.key: measured[each.indicator] for each in pack.series}
    lines: dict[str, Line] = {}
    for form in forms:
        for section in form.sections:
            for said in section.lines:
                of = indicator_of[said.series]
                lines[said.series] = Line(
                    said.series, said.required, of.decimals, of.minimum, of.maximum
                )
    rules = [
        Rule(
            each.key,
            Level(each.level),
            RuleKind(each.kind),
            each.must,
            each.series,
            each.factor,
            each.periods,
        )
        for form in forms
        for each in form.rules
    ]
    return list(lines.values()), rules


@pytest.mark.parametrize("name", ["cn-new-urbanization-14fyp", "meridia"])
def test_what_is_made_up_keeps_the_rules_of_its_forms(name: str) -> None:
    pack = read_pack(CHECKOUT / "packs" / name)
    lines, rules = sheet(pack, list(pack.forms))
    figures = made_up(pack)
    places = set(figures[lines[0].series])
    assert len(places) > 15
    odd = 0
    for place in places:
        own = {line.series: figures[line.series][place] for line in lines}
        usual = {
            line.series: among_peers(
                [figures[line.series][other][-1] for other in places - {place}],
                0.5 / 10**line.decimals,
            )
            for line in lines
        }
        peers = {series: each for series, each in usual.items() if each is not None}
        cells = {series: Cell(before[-1]) for series, before in own.items()}
        history = {series: before[:-1] for series, before in own.items()}
        found = findings(lines, rules, cells, history, peers)
        assert [each for each in found if each.level is Level.HARD] == []
        odd += bool(found)
    assert odd * 20 <= len(places), "nearly all of it is usual"


def test_the_two_forms_of_china_share_lines_and_have_rules_of_each_kind() -> None:
    pack = read_pack(CHECKOUT / "packs" / "cn-new-urbanization-14fyp")
    first, second = pack.forms
    asked = [{line.series for line in sheet(pack, [form])[0]} for form in (first, second)]
    assert len(asked[0] & asked[1]) == 3
    assert len(asked[0] | asked[1]) == 16
    assert first.asked_by != second.asked_by
    lines, rules = sheet(pack, [first, second])
    assert {rule.kind for rule in rules} == set(RuleKind)
    typed = {line.series: Cell(1.0) for line in lines} | {
        "newcomers-in-school-reported": Cell(9.0),
        "compounds-finished-reported": Cell(8.0),
    }
    hard = [each.rule for each in findings(lines, rules, typed) if each.level is Level.HARD]
    assert hard == ["in-school-of-school-age", "households-in-compounds"]
