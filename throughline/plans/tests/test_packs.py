"""Packs: every kind of fault is found at its line, and what is read is what was written."""

from __future__ import annotations

import csv
import json
import os
import shutil
from argparse import Namespace
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period
from throughline.plans.packs import (
    Fault,
    Severity,
    check,
    check_command,
    read_mapping,
    read_pack,
)
from throughline.plans.packs.documents import MAX_BYTES, Document, parse
from throughline.plans.packs.faults import errors
from throughline.plans.packs.mapping import Words
from throughline.plans.packs.pack import FormLine, FormRule, Simulation
from throughline.plans.packs.schemas import FOLDER
from throughline.plans.packs.simulation import values
from throughline.plans.packs.tables import parse_table

CHECKOUT = Path(__file__).resolve().parents[3]
SHIPPED = [CHECKOUT / "packs" / name for name in ("cn-new-urbanization-14fyp", "meridia")]

UNLISTED = {"`common.yaml`", "`mapping.yaml`"}

SMALL = {
    "pack.yaml": """\
key: small
version: "1"
title: {en: Small, zh: 小}
scheme: isle
places: places
plan: small-plan
licence: Apache-2.0
languages: [en, zh]
zone: Asia/Shanghai
calendar: {working_days: [monday]}
demo: true
""",
    "sources.yaml": """\
sources:
  - key: paper
    title: {en: A paper, zh: 文件}
  - key: made-up
    title: {en: Made up, zh: 虚构}
""",
    "plan.yaml": """\
plan:
  key: small-plan
  title: {en: Plan, zh: 规划}
  kind: annual_plan
  place: I
  lead_body: office
  period_from: 2021
  period_to: 2025
papers:
  - key: issue
    kind: issue
    title: {en: Issue, zh: 印发}
    issuer: office
    date: 2021-01-31
    source: paper
    support: one
version: {number: 1, in_force_from: 2021-02-01}
""",
    "elements.yaml": """\
elements:
  - key: a
    kind: strand
    title: {en: Strand, zh: 领域}
    text: {en: Text, zh: 文字}
    source: {paper: issue, paragraph: "1", support: one}
  - key: a-task
    kind: task
    parent: a
    title: {en: Task, zh: 任务}
    text: {en: Text, zh: 文字}
    illustrative: true
    deadline: 2025-12-31
    leads: [office]
    supports:
      - {body: helpers, due: 2024-06-30}
  - key: a-share
    kind: indicator
    parent: a
    indicator: share
    title: {en: Share, zh: 比重}
    text: {en: Text, zh: 文字}
    illustrative: true
""",
    "indicators.yaml": """\
indicators:
  - key: some
    title: {en: Some, zh: 若干}
    definition: {en: Some, zh: 若干}
    unit: {en: pieces, zh: 个}
    direction: up
    kind: sum
    decimals: 0
    range: [0, 1000]
    reporting_tier: parish
    span: year
    over_time: sum
    source: paper
  - key: all
    title: {en: All, zh: 全部}
    definition: {en: All, zh: 全部}
    unit: {en: pieces, zh: 个}
    direction: up
    kind: sum
    decimals: 0
    reporting_tier: parish
    span: year
    over_time: sum
    source: paper
  - key: share
    title: {en: Share, zh: 比重}
    definition: {en: Share, zh: 比重}
    unit: {en: per cent, zh: 百分比}
    direction: up
    kind: ratio
    numerator: some
    denominator: all
    scale: 100
    decimals: 1
    span: year
    over_time: last
    source: paper
""",
    "editions.yaml": """\
editions:
  - {key: old, title: {en: Old, zh: 旧}, note: {en: Old, zh: 旧}, rank: 1}
  - {key: new, title: {en: New, zh: 新}, note: {en: New, zh: 新}, rank: 2}
""",
    "series.yaml": """\
series:
  - key: share-new
    indicator: share
    edition: new
    producer: office
    nature: official
    audience: public
    rank: 1
    title: {en: Published, zh: 公布}
    source: paper
  - key: some-new
    indicator: some
    edition: new
    producer: office
    nature: department
    audience: line
    rank: 1
    title: {en: Reported, zh: 报送}
    source: made-up
    simulated: true
  - key: all-new
    indicator: all
    edition: new
    producer: helpers
    nature: department
    audience: line
    rank: 1
    title: {en: Reported, zh: 报送}
    source: paper
""",
    "targets.yaml": """\
targets:
  - indicator: share
    place: I
    operator: ge
    value: 65
    by: 2025
    baseline: {period: 2020, value: 60, edition: new, source: paper, support: one}
    trajectory: linear
    edition: new
    binding: expected
    source: paper
    support: one
""",
    "groupings.yaml": """\
groupings:
  - key: sizes
    title: {en: Sizes, zh: 规模}
    source: paper
    computed: {indicator: some}
    groups:
      - {key: big, title: {en: Big, zh: 大}, at_least: 10}
  - key: coasts
    title: {en: Coasts, zh: 海岸}
    illustrative: true
    groups:
      - key: east
        title: {en: East, zh: 东}
        members:
          - {place: I1, from: 2021-01-01}
""",
    "bodies.yaml": """\
bodies:
  - key: office
    name_en: Office
    name_zh: 办公室
    kind: government
    place: I
    posts:
      - {key: head, title_en: Head, title_zh: 主任, duties: [sign]}
  - key: helpers
    name_en: Helpers
    name_zh: 协助
    kind: department
    relations:
      - {to: office, kind: leads}
templates:
  - for_tier: parish
    key: "{code}-desk"
    name_en: Desk of {place}
    name_zh: "{place}办事处"
    kind: office
    relations:
      - {to: office, kind: leads}
    posts:
      - {key: clerk, title_en: Clerk, title_zh: 经办人, duties: [report]}
""",
    "people.yaml": """\
people:
  - login: head
    name: 甲
    posts:
      - {post: office/head, from: 2021-01-01}
  - login: clerk
    name: 乙
    posts:
      - {post: i1-desk/clerk, from: 2021-01-01, to: 2022-01-01}
""",
    "simulated.yaml": """\
simulated:
  - series: some-new
    seed: 1
    tier: parish
    periods: [2021, 2022]
    rule: {low: 1, high: 9}
    note: {en: Simulated, zh: 模拟}
""",
    "forms.yaml": """\
forms:
  - key: whole
    title: {en: Whole, zh: 总表}
    source: paper
    asked_by: office
    tier: parish
    span: year
    review: [isle]
    sections:
      - title: {en: First, zh: 第一部分}
        lines:
          - {number: "1.1", series: some-new, counts: {en: Each, zh: 逐个}}
          - series: all-new
            required: false
            excludes: {en: Twice, zh: 重复}
    rules:
      - key: some-of-all
        level: hard
        kind: must
        must: "if all-new > 0: some-new <= all-new"
        says: {en: More than all, zh: 多于全部}
      - {key: odd, level: soft, kind: history, series: some-new, factor: 4,
         says: {en: Odd, zh: 异常}}
      - {key: same, level: soft, kind: unchanged, series: all-new, periods: 3,
         says: {en: Same, zh: 未变}}
  - key: part
    title: {en: Part, zh: 分表}
    source: paper
    asked_by: helpers
    tier: parish
    span: year
    note: {en: Some again, zh: 部分重复}
    sections:
      - title: {en: Only, zh: 唯一部分}
        lines:
          - {series: some-new}
    rules:
      - {key: far, level: soft, kind: peers, series: some-new, says: {en: Far, zh: 偏离}}
      - {key: fewer, level: soft, kind: must, must: all-new >= some-new, series: some-new,
         says: {en: Fewer, zh: 偏少}}
""",
    "observations/figures.csv": """\
series,place,period,value,status,released,source,support,note
share-new,I,2021,61.5,final,2022-01-20,paper,one,"a note,
over two lines"
share-new,I1,2021,,final,,paper,one,
""",
    "mappings/return.yaml": """\
key: return
title: {en: Return, zh: 报表}
source: paper
support: one
file: {format: csv}
scheme: isle
valid_on: 2021-06-30
period: 2021
status: accepted
unit: {code: code, names: [name]}
rows:
  - when: {code: {empty: true}, name: {starts: Total}}
    treat: subtotal
    why: {en: A total, zh: 合计}
  - treat: unit
columns:
  number: {series: some-new, missing: not_reported}
checks:
  - {kind: children_sum, tier: isle, columns: [number]}
ignore:
  - {columns: [remark], why: {en: For people, zh: 供阅}}
""",
    "mappings/rows.yaml": """\
key: rows
title: {en: One row a figure, zh: 一行一个数}
source: paper
support: one
file: {format: csv, headings: {place: [Code]}}
period_column: period
status: accepted
unit: {code: place, names: [name]}
rows:
  - treat: unit
figures:
  indicator: what
  of: {Number: some-new}
  value: value
  missing: not_reported
""",
    "places/places.yaml": """\
scheme: {key: isle, name_en: Isle}
tiers:
  - {key: isle, level: 0, name_en: isle}
  - {key: parish, level: 1, name_en: parish}
""",
    "places/places.csv": """\
code,name_en,sort_key,tier,parent,valid_from,valid_to
I,Isle,isle,isle,,2000-01-01,
I1,One,one,parish,I,2000-01-01,
I2,Two,two,parish,I,2000-01-01,2021-06-01
""",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for file, text in SMALL.items():
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(folder: Path, file: str, words: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, start=1) if words in line]
    assert found, f"{words!r} is not in {file}"
    return found[0]


def test_a_sound_pack_has_no_faults(small: Path) -> None:
    assert check(small) == []


MEAN = "kind: weighted_mean\n    decimals: 0\n    range"
RATIO = "kind: ratio\n    numerator: some\n    denominator: all\n    scale: 100\n"
BASELINE = (
    "    operator: ge\n    value: 65\n    by: 2025\n"
    "    baseline: {period: 2020, value: 60, edition: new, source: paper, support: one}\n"
)
BRIDGE = """rank: 2}
bridges:
  - {indicator: share, from: old, to: new, kind: shift, amount: 2, source: paper, support: one}
"""

DRAWN = """simulated:
  - {series: some-new, seed: 1, tier: parish, periods: [2023], rule: {low: 1, high: 9},
     note: {en: Simulated, zh: 模拟}}
  - {series: some-new, seed: 2, tier: parish, periods: [2024], rule: {low: 1, high: 9},
     note: {en: Simulated, zh: 模拟}, like: some-new}
"""

# Each row plants one fault: in a file, a text is replaced by another; then that file must
# have a fault of this code at the line that holds the last text.
PLANTED = {
    "broken YAML": ("plan.yaml", "title: {en: Plan, zh: 规划}", "title: {en: Plan", "yaml", "kind"),
    "a key twice": ("pack.yaml", "demo: true", "demo: true\nkey: x", "duplicate-key", "key: x"),
    "an alias": ("pack.yaml", "zone: Asia/Shanghai", "zone: &z Asia/Shanghai", "alias", "zone"),
    "a tag": ("pack.yaml", "demo: true", "demo: !!python/none", "tag", "demo"),
    "an unknown key": ("plan.yaml", "    issuer:", "    isuer:", "unknown-key", "isuer"),
    "a missing key": ("plan.yaml", "    support: one\n", "", "missing", "key: issue"),
    "no such kind": ("elements.yaml", "kind: task", "kind: tusk", "schema", "kind: tusk"),
    "code not quoted": ("targets.yaml", "place: I", "place: 110000", "schema", "place: 110000"),
    "a bad key": ("sources.yaml", "key: paper", "key: Paper One", "schema", "Paper One"),
    "a value with no place": (
        "targets.yaml", "operator: ge", "operator: direction", "schema", "value: 65",
    ),
    "an element twice": (
        "elements.yaml", "key: a-share", "key: a-task # twice", "duplicate-key", "# twice",
    ),
    "a circle": ("elements.yaml", "kind: strand", "parent: a-task\n    kind: strand", "cycle",
                 "parent: a-task"),
    "no such parent": (
        "elements.yaml", "parent: a\n", "parent: b\n", "unknown-reference", "parent: b",
    ),
    "no such paper": (
        "elements.yaml", "paper: issue", "paper: isue", "unknown-reference", "paper: isue",
    ),
    "no such lead": ("elements.yaml", "[office]", "[ofice]", "unknown-reference", "[ofice]"),
    "no such supporter": (
        "elements.yaml", "body: helpers", "body: x", "unknown-reference", "body: x",
    ),
    "coordinates but leads not": (
        "elements.yaml", "leads: [office]", "leads: [office]\n    coordinating: helpers",
        "unknown-reference", "coordinating",
    ),
    "leads and supports": (
        "elements.yaml", "body: helpers", "body: office", "two-roles", "body: office",
    ),
    "an element without source": (
        "elements.yaml", "    illustrative: true\n    deadline", "    deadline", "no-source",
        "key: a-task",
    ),
    "a day that is none": (
        "elements.yaml", "2025-12-31", "2025-02-30", "date", "2025-02-30",
    ),
    "a missing translation": (
        "elements.yaml", "{en: Task, zh: 任务}", "{en: Task}", "translation", "{en: Task}",
    ),
    "a missing name": ("bodies.yaml", "    name_zh: 协助\n", "", "translation", "key: helpers"),
    "a language not declared": (
        "pack.yaml", "languages: [en, zh]", "languages: [en]", "translation", "title",
    ),
    "no such body in the plan": (
        "plan.yaml", "lead_body: office", "lead_body: of", "unknown-reference", "lead_body",
    ),
    "the plan ends before it begins": (
        "plan.yaml", "period_to: 2025", "period_to: 2019", "date", "period_to",
    ),
    "no such period": (
        "plan.yaml", "period_to: 2025", "period_to: 2025Q7", "period", "period_to",
    ),
    "another plan": ("pack.yaml", "small-plan", "other-plan", "unknown-reference", "other-plan"),
    "another scheme": ("pack.yaml", "scheme: isle", "scheme: x", "unknown-reference", "scheme"),
    "no such zone": ("pack.yaml", "Asia/Shanghai", "Asia/Nowhere", "zone", "zone"),
    "no places": ("pack.yaml", "places: places", "places: elsewhere", "places", "places"),
    "simulated, undeclared": ("pack.yaml", "demo: true", "demo: false", "simulated", "demo"),
    "a ratio without numerator": (
        "indicators.yaml", "    numerator: some\n", "", "incomplete-indicator", "key: share",
    ),
    "a ratio of a ratio": (
        "indicators.yaml", "denominator: all", "denominator: share", "incomplete-indicator",
        "denominator: share",
    ),
    "no such tier": (
        "indicators.yaml", "reporting_tier: parish", "reporting_tier: p", "unknown-reference",
        "reporting_tier: p",
    ),
    "nobody reports it": (
        "indicators.yaml", "    reporting_tier: parish\n", "", "reporting-tier", "key: some",
    ),
    "a weighted mean without weight": (
        "indicators.yaml", "kind: sum\n    decimals: 0\n    range", MEAN, "incomplete-indicator",
        "key: some",
    ),
    "a mean weighed by a rate": (
        "indicators.yaml", "kind: sum\n    decimals: 0\n    range",
        "kind: weighted_mean\n    weight: share\n    decimals: 0\n    range",
        "incomplete-indicator", "weight: share",
    ),
    "a band that is not stated": (
        "indicators.yaml", "direction: up", "direction: band", "band", "key: some",
    ),
    "a band without use": (
        "indicators.yaml", "direction: up", "direction: up\n    band: [1, 2]", "band", "[1, 2]",
    ),
    "a band beyond the range": (
        "indicators.yaml", "direction: up", "direction: band\n    band: [1, 2000]", "band", "2000",
    ),
    "a formula that is missing": (
        "indicators.yaml", RATIO, "kind: formula\n", "incomplete-indicator", "key: share",
    ),
    "a formula that is not used": (
        "indicators.yaml", "kind: ratio", "kind: ratio\n    formula: some", "incomplete-indicator",
        "formula: some",
    ),
    "a formula that breaks off": (
        "indicators.yaml", RATIO, "kind: formula\n    formula: some +\n", "formula", "some +",
    ),
    "a formula with a strange sign": (
        "indicators.yaml", RATIO, "kind: formula\n    formula: some ^ 2\n", "formula", "some ^ 2",
    ),
    "a formula of numbers": (
        "indicators.yaml", RATIO, 'kind: formula\n    formula: "1 + 2"\n', "formula", "1 + 2",
    ),
    "a formula that divides by nothing": (
        "indicators.yaml", RATIO, "kind: formula\n    formula: some / 0\n", "formula", "some / 0",
    ),
    "a formula of what does not exist": (
        "indicators.yaml", RATIO, "kind: formula\n    formula: sum / all\n", "unknown-reference",
        "sum / all",
    ),
    "a formula of itself": (
        "indicators.yaml", RATIO, "kind: formula\n    formula: share / all\n", "cycle",
        "share / all",
    ),
    "a formula over other periods": (
        "indicators.yaml", "scale: 100\n    decimals: 1\n    span: year",
        "scale: 100\n    decimals: 1\n    span: quarter", "span", "numerator: some",
    ),
    "similar by what does not exist": (
        "indicators.yaml", "direction: up", "direction: up\n    peers_by: [size]",
        "unknown-reference", "[size]",
    ),
    "an empty range of the target": (
        "targets.yaml", "operator: ge", "operator: range\n    upper: 65", "range", "upper: 65",
    ),
    "a tolerance without use": (
        "targets.yaml", "operator: ge", "operator: ge\n    tolerance: {amount: 1}", "tolerance",
        "amount: 1",
    ),
    "two tolerances": (
        "targets.yaml", "operator: ge", "operator: eq\n    tolerance: {amount: 1, share: 0.1}",
        "schema", "amount: 1",
    ),
    "an increment without baseline": (
        "targets.yaml", BASELINE,
        "    operator: plus\n    value: 5\n    by: 2025\n    no_baseline: {en: None, zh: 无}\n",
        "no-baseline", "indicator: share",
    ),
    "per cent of nothing": (
        "targets.yaml", "operator: ge", "operator: ge\n    percent: true", "increment", "percent",
    ),
    "an increment that falls": (
        "targets.yaml", "operator: ge\n    value: 65", "operator: plus\n    value: -5", "increment",
        "value: -5",
    ),
    "steps before the baseline": (
        "targets.yaml", "trajectory: linear",
        "trajectory: given\n    steps: [{period: 2020, value: 61}]", "date",
        "period: 2020, value: 61",
    ),
    "steps that do not arrive": (
        "targets.yaml", "trajectory: linear",
        "trajectory: steps\n    steps: [{period: 2025, value: 64}]", "step", "value: 64",
    ),
    "steps from nowhere": (
        "targets.yaml", BASELINE + "    trajectory: linear\n",
        "    operator: ge\n    value: 65\n    by: 2025\n    no_baseline: {en: None, zh: 无}\n"
        "    steps: [{period: 2025, value: 65}]\n    trajectory: given\n",
        "no-baseline", "steps:",
    ),
    "a bridge to where it began": (
        "editions.yaml", "rank: 2}\n", BRIDGE.replace("to: new", "to: old"), "bridge", "to: old",
    ),
    "a bridge that does not say how": (
        "editions.yaml", "rank: 2}\n", BRIDGE.replace(", amount: 2", ""), "bridge", "from: old",
    ),
    "a bridge that says too much": (
        "editions.yaml", "rank: 2}\n", BRIDGE.replace("amount: 2", "amount: 2, link: shift"),
        "bridge", "link: shift",
    ),
    "a bridge without source": (
        "editions.yaml", "rank: 2}\n", BRIDGE.replace(", source: paper", ""), "no-source",
        "from: old",
    ),
    "a second bridge": (
        "editions.yaml", "rank: 2}\n", BRIDGE + BRIDGE.splitlines()[-1] + " # again\n",
        "duplicate-key", "# again",
    ),
    "an overlap without figures": (
        "editions.yaml", "rank: 2}\n",
        BRIDGE.replace("kind: shift, amount: 2", "kind: overlap, period: 2020, link: shift"),
        "bridge", "from: old",
    ),
    "a bridge of what does not exist": (
        "editions.yaml", "rank: 2}\n", BRIDGE.replace("indicator: share", "indicator: x"),
        "unknown-reference", "indicator: x",
    ),
    "an empty range": ("indicators.yaml", "[0, 1000]", "[9, 1]", "range", "[9, 1]"),
    "an indicator without source": (
        "indicators.yaml", "    over_time: last\n    source: paper\n", "    over_time: last\n",
        "no-source", "key: share",
    ),
    "no such edition": (
        "series.yaml", "edition: new", "edition: newer", "unknown-reference", "edition: newer",
    ),
    "no such producer": (
        "series.yaml", "producer: office", "producer: x", "unknown-reference", "producer: x",
    ),
    "a target without baseline": (
        "targets.yaml",
        "    baseline: {period: 2020, value: 60, edition: new, source: paper, support: one}\n",
        "", "no-baseline", "indicator: share",
    ),
    "a baseline of another edition": (
        "targets.yaml", "value: 60, edition: new", "value: 60, edition: old", "edition",
        "baseline",
    ),
    "a target in an edition without figures": (
        "targets.yaml", "    edition: new\n", "    edition: old\n", "edition", "    edition: old",
    ),
    "a baseline after the target": (
        "targets.yaml", "{period: 2020,", "{period: 2026,", "date", "2026",
    ),
    "a target for no place": (
        "targets.yaml", "place: I", "place: J", "unknown-place", "place: J",
    ),
    "a target for a place that is gone": (
        "targets.yaml", "place: I", "place: I2", "place-not-valid", "place: I2",
    ),
    "a computed group without bound": (
        "groupings.yaml", ", at_least: 10", "", "grouping", "key: big",
    ),
    "a grouping without source": (
        "groupings.yaml", "    illustrative: true\n", "", "no-source", "key: coasts",
    ),
    "a member that is no place": (
        "groupings.yaml", "place: I1", "place: I9", "unknown-place", "place: I9",
    ),
    "a superior that is no body": (
        "bodies.yaml", "to: office", "to: offices", "unknown-reference", "to: offices",
    ),
    "a body above itself": (
        "bodies.yaml", "- {to: office, kind: leads}", "- {to: helpers, kind: leads}", "cycle",
        "to: helpers",
    ),
    "a supporter twice": (
        "elements.yaml", "due: 2024-06-30}", "due: 2024-06-30}\n      - {body: helpers} # again",
        "duplicate-key", "# again",
    ),
    "a title that is too long": (
        "elements.yaml", "{en: Task,", "{en: " + "long " * 50 + "title,", "schema", "long title",
    ),
    "a day in another form": (
        "elements.yaml", "2025-12-31", "2025/12/31", "schema", "2025/12/31",
    ),
    "a template that makes one body": (
        "bodies.yaml", '"{code}-desk"', "desk", "template", "key: desk",
    ),
    "a template with an unknown blank": (
        "bodies.yaml", "Desk of {place}", "Desk of {town}", "template", "{town}",
    ),
    "a post that does not exist": (
        "people.yaml", "office/head", "office/chief", "unknown-reference", "office/chief",
    ),
    "a post in a body for no place": (
        "people.yaml", "i1-desk", "i7-desk", "unknown-reference", "i7-desk",
    ),
    "a post that ends before it begins": (
        "people.yaml", "to: 2022-01-01", "to: 2020-01-01", "date", "to: 2020-01-01",
    ),
    "simulating a series that is not simulated": (
        "simulated.yaml", "series: some-new", "series: share-new", "simulated", "share-new",
    ),
    "made up below no place": (
        "simulated.yaml", "tier: parish", "tier: parish\n    within: I9", "unknown-place", "I9",
    ),
    "made up like nothing": (
        "simulated.yaml", "seed: 1", "seed: 1\n    like: all-new", "unknown-reference", "all-new",
    ),
    "made up like what is drawn otherwise": (
        "simulated.yaml", "simulated:\n", DRAWN, "seed", "like: some-new",
    ),
    "a form twice": ("forms.yaml", "key: part", "key: whole # twice", "duplicate-key", "# twice"),
    "a form by no paper": (
        "forms.yaml", "source: paper", "source: papers", "unknown-reference", "papers",
    ),
    "a form that nobody asks for": (
        "forms.yaml", "asked_by: office", "asked_by: x", "unknown-reference", "asked_by: x",
    ),
    "a form for no tier": ("forms.yaml", "tier: parish", "tier: p", "unknown-reference", "tier: p"),
    "a review by no tier": (
        "forms.yaml", "review: [isle]", "review: [aisle]", "unknown-reference", "[aisle]",
    ),
    "a review by those who report": (
        "forms.yaml", "review: [isle]", "review: [parish]", "review", "[parish]",
    ),
    "a form without lines": (
        "forms.yaml", "lines:\n          - {series: some-new}", "lines: []", "schema", "lines: []",
    ),
    "a line for no series": (
        "forms.yaml", "- series: all-new", "- series: al-new", "unknown-reference", "al-new",
    ),
    "a line for what is published": (
        "forms.yaml", "- series: all-new", "- series: share-new", "nature", "- series: share-new",
    ),
    "a line twice": (
        "forms.yaml", "- series: all-new", "- series: some-new # twice", "duplicate-line",
        "# twice",
    ),
    "a line with other periods": (
        "forms.yaml", "span: year", "span: quarter", "span", 'number: "1.1"',
    ),
    "a line that others report": (
        "forms.yaml", "tier: parish", "tier: isle", "reporting-tier", 'number: "1.1"',
    ),
    "a number that is no text": (
        "forms.yaml", 'number: "1.1"', "number: 1.1", "schema", "number: 1.1",
    ),
    "a rule twice": ("forms.yaml", "key: odd", "key: some-of-all", "duplicate-key", "of-all, lev"),
    "a rule twice in two forms": ("forms.yaml", "key: far", "key: odd", "duplicate-key", "peers"),
    "a rule by the name of what is built in": (
        "forms.yaml", "key: odd", "key: empty", "duplicate-key", "key: empty",
    ),
    "a number that the kind of rule does not have": (
        "forms.yaml", "says: {en: Far,", 'says: {en: "Far from {medain}",', "unknown-number",
        "medain",
    ),
    "a brace alone in a sentence": (
        "forms.yaml", "says: {en: Far,", 'says: {en: "Far {median",', "unknown-number",
        "Far {median",
    ),
    "a rule of no kind": ("forms.yaml", "kind: peers", "kind: pears", "schema", "kind: pears"),
    "a comparison that is missing": (
        "forms.yaml", '        must: "if all-new > 0: some-new <= all-new"\n', "", "missing",
        "key: some-of-all",
    ),
    "a comparison in a rule of another kind": (
        "forms.yaml", "kind: peers", "kind: peers, must: some-new > 0", "schema", "kind: peers",
    ),
    "a comparison that compares nothing": (
        "forms.yaml", "must: all-new >= some-new", "must: all-new", "comparison", "must: all-new",
    ),
    "a comparison that compares twice": (
        "forms.yaml", "some-new <= all-new", "0 < some-new <= all-new", "comparison", "0 < some",
    ),
    "a comparison without one side": (
        "forms.yaml", "some-new <= all-new", "some-new <= ", "comparison", "some-new <= ",
    ),
    "a comparison that breaks off": (
        "forms.yaml", "some-new <= all-new", "some-new <= all-new + ", "comparison", "all-new + ",
    ),
    "a condition that does not end": (
        "forms.yaml", "> 0: some-new", "> 0, some-new", "comparison", "> 0, some-new",
    ),
    "a condition that is none": (
        "forms.yaml", "if all-new > 0:", "if all-new:", "comparison", "if all-new:",
    ),
    "a comparison with a cell that no form has": (
        "forms.yaml", "some-new <= all-new", "some-new <= share-new", "unknown-cell",
        "<= share-new",
    ),
    "a condition on a cell that no form has": (
        "forms.yaml", "if all-new > 0", "if alls-new > 0", "unknown-cell", "alls-new",
    ),
    "a comparison with a cell that other units report": (
        "forms.yaml", "asked_by: office\n    tier: parish", "asked_by: office\n    tier: isle",
        "unknown-cell", "key: fewer",
    ),
    "a comparison of another form's lines": (
        "forms.yaml", "all-new >= some-new, series: some-new", "all-new >= 0", "comparison",
        "key: fewer",
    ),
    "a comparison said of what it does not compare": (
        "forms.yaml", "must: all-new >= some-new", "must: 0 <= all-new + 0 * all-new", "comparison",
        "key: fewer",
    ),
    "a rule of history without series": (
        "forms.yaml", "series: some-new, factor: 4", "factor: 4", "missing", "key: odd",
    ),
    "a rule of what is unchanged without series": (
        "forms.yaml", "series: all-new, periods: 3", "periods: 3", "missing", "key: same",
    ),
    "a rule of peers without series": (
        "forms.yaml", "kind: peers, series: some-new", "kind: peers", "missing", "key: far",
    ),
    "a rule of a series that is no line of the form": (
        "forms.yaml", "kind: peers, series: some-new", "kind: peers, series: all-new",
        "unknown-reference", "key: far",
    ),
    "a rule of what is unusual that is hard": (
        "forms.yaml", "level: soft, kind: peers", "level: hard, kind: peers", "schema", "key: far",
    ),
    "a factor that makes everything unusual": (
        "forms.yaml", "factor: 4", "factor: 1", "schema", "factor: 1",
    ),
    "periods in a rule that counts none": (
        "forms.yaml", "factor: 4", "periods: 4", "schema", "periods: 4",
    ),
    "a factor in a rule that has none": (
        "forms.yaml", "periods: 3", "factor: 3", "schema", "factor: 3",
    ),
    "a sentence that one language lacks": (
        "forms.yaml", "says: {en: Odd, zh: 异常}", "says: {en: Odd}", "translation", "{en: Odd}",
    ),
    "what a line counts, in one language": (
        "forms.yaml", "counts: {en: Each, zh: 逐个}", "counts: {en: Each}", "translation", "Each",
    ),
    "a mapping to no series": (
        "mappings/return.yaml", "series: some-new", "series: x", "unknown-reference", "series: x",
    ),
    "a mapping of another scheme": (
        "mappings/return.yaml", "scheme: isle", "scheme: x", "unknown-reference", "scheme: x",
    ),
    "a rule that is never asked": (
        "mappings/return.yaml", "  - treat: unit", "  - treat: unit\n  - treat: nation",
        "unreachable", "treat: unit",
    ),
    "a duplicate of nothing": (
        "mappings/return.yaml", "treat: subtotal", "treat: duplicate", "missing", "when",
    ),
    "a check of a column that is not loaded": (
        "mappings/return.yaml", "columns: [number]", "columns: [n]", "unknown-reference", "[n]",
    ),
    "a word for no series": (
        "mappings/rows.yaml", "Number: some-new", "Number: x", "unknown-reference", "Number: x",
    ),
    "a row that is a figure of nothing": (
        "mappings/rows.yaml", "  indicator: what\n  of: {Number: some-new}\n", "", "figures",
        "value: value",
    ),
    "words without the column that holds them": (
        "mappings/rows.yaml", "indicator: what", "series: what", "figures", "of:",
    ),
    "a subtotal among rows of figures": (
        "mappings/rows.yaml", "treat: unit", "treat: subtotal\n    why: {en: Sum, zh: 合计}",
        "figures", "treat: subtotal",
    ),
    "columns beside rows of figures": (
        "mappings/rows.yaml", "figures:\n",
        "columns:\n  n: {series: some-new, missing: zero}\nfigures:\n", "schema", "n: {series",
    ),
    "a code that decides about a zone": (
        "mappings/return.yaml", "treat: subtotal", "treat: note\n    code_decides: true", "schema",
        "treat: note",
    ),
    "a mapping without period": (
        "mappings/return.yaml", "period: 2021\n", "", "period", "key: return",
    ),
    "CSV with an unknown column": (
        "observations/figures.csv", "released", "relaesed", "unknown-column", "relaesed",
    ),
    "CSV without a column": (
        "observations/figures.csv", ",support", "", "missing-column", "series,",
    ),
    "CSV with a short row": (
        "observations/figures.csv", "paper,one,\n", "paper\n", "row-length", "share-new,I1",
    ),
    "CSV with a bad number": (
        "observations/figures.csv", "61.5", "61,5", "row-length", "61,5",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "at"), PLANTED.values(), ids=list(PLANTED))
def test_it_names_the_line_of(
    small: Path, file: str, old: str, new: str, code: str, at: str
) -> None:
    change(small, file, old, new)
    found = [(fault.file, fault.line, fault.code) for fault in errors(check(small))]
    assert (file, line_of(small, file, at), code) in found
    assert all(fault.message and fault.remedy for fault in check(small))


# In a CSV file the field's number stands for the column.
PLANTED_CELLS = {
    "a number with text": ("61.5", "61.5x", "number", 4),
    "a full-width number": ("61.5", "６１", "number", 4),
    "no such series": ("share-new,I1", "share-old,I1", "unknown-reference", 1),
    "no such place": ("share-new,I1", "share-new,I9", "unknown-place", 2),
    "a place that is gone": ("share-new,I1", "share-new,I2", "place-not-valid", 2),
    "a quarter for a yearly indicator": ("I1,2021", "I1,2021Q1", "period", 3),
    "no period": ("I1,2021", "I1,21", "period", 3),
    "no such status": ("I1,2021,,final", "I1,2021,,sure", "status", 5),
    "no such day": ("2022-01-20", "2022-13-20", "date", 6),
    "no source": ("I1,2021,,final,,paper", "I1,2021,,final,,", "no-source", 7),
    "no such source": ("I1,2021,,final,,paper", "I1,2021,,final,,x", "unknown-reference", 7),
    "no such support": ("I1,2021,,final,,paper,one", "I1,2021,,final,,paper,1", "support", 8),
    "the same cell twice": ("share-new,I1,2021,,", "share-new,I,2021,,", "duplicate-row", 1),
    "a simulated series unmarked": ("share-new,I1", "some-new,I1", "simulated", 0),
    "a figure out of range": ("share-new,I1,2021,", "some-new,I1,2021,1001", "range", 4),
}


@pytest.mark.parametrize(
    ("old", "new", "code", "column"), PLANTED_CELLS.values(), ids=list(PLANTED_CELLS)
)
def test_it_names_the_row_and_column_of(
    small: Path, old: str, new: str, code: str, column: int
) -> None:
    file = "observations/figures.csv"
    change(small, file, old, new)
    line = line_of(small, file, new.split(",")[0] if new[0].isdigit() else new)
    found = {(fault.file, fault.line, fault.column, fault.code) for fault in check(small)}
    assert (file, line, column, code) in found


def test_it_counts_lines_not_rows_in_csv(small: Path) -> None:
    change(small, "observations/figures.csv", "share-new,I1,2021,,", "share-new,I1,2021,x,")
    (fault,) = errors(check(small))
    assert fault.line == 4, "the row before it takes two lines"


def test_it_names_a_missing_file(small: Path) -> None:
    (small / "plan.yaml").unlink()
    assert ("plan.yaml", 0, "missing-file") in {(f.file, f.line, f.code) for f in check(small)}


def test_it_names_a_file_that_is_not_read(small: Path) -> None:
    (small / "notes.txt").write_text("x")
    (fault,) = check(small)
    assert (fault.file, fault.code, fault.severity) == ("notes.txt", "unused-file", "notice")


def test_it_notices_a_source_that_nothing_names(small: Path) -> None:
    change(small, "targets.yaml", "source: paper, support", "source: made-up, support")
    assert check(small) == []
    change(small, "series.yaml", "source: made-up", "source: paper")
    change(small, "targets.yaml", "source: made-up, support", "source: paper, support")
    (fault,) = check(small)
    assert (fault.code, fault.severity) == ("unused", Severity.NOTICE)
    assert fault.line == line_of(small, "sources.yaml", "made-up")


def test_several_leads_are_a_notice(small: Path) -> None:
    change(small, "elements.yaml", "leads: [office]", "leads: [office, helpers]")
    change(small, "elements.yaml", "    supports:\n      - {body: helpers, due: 2024-06-30}\n", "")
    (fault,) = check(small)
    assert (fault.code, fault.severity) == ("several-leads", Severity.NOTICE)
    change(
        small, "elements.yaml", "[office, helpers]", "[office, helpers]\n    coordinating: office"
    )
    assert check(small) == []


def test_an_about_without_tolerance_is_a_notice(small: Path) -> None:
    change(small, "targets.yaml", "operator: ge", "operator: about")
    (fault,) = check(small)
    assert (fault.severity, fault.code) == (Severity.NOTICE, "tolerance")
    change(small, "targets.yaml", "value: 65", "value: 65\n    tolerance: {share: 0.02}")
    assert check(small) == []


def test_every_kind_of_indicator_and_target_is_taken(small: Path) -> None:
    change(small, "indicators.yaml", RATIO, "kind: formula\n    formula: 100 * some / all\n")
    change(small, "indicators.yaml", "direction: up", "direction: band\n    band: [10, 20]")
    change(small, "indicators.yaml", "kind: sum", "kind: worst_of\n    peers_by: [all]")
    change(small, "targets.yaml", "operator: ge\n    value: 65", "operator: plus\n    value: 5")
    change(
        small,
        "targets.yaml",
        "trajectory: linear",
        "trajectory: given\n    percent: true\n    steps: [{period: 2022, value: 61}]",
    )
    change(small, "editions.yaml", "rank: 2}\n", BRIDGE)
    assert check(small) == []
    pack = read_pack(small)
    assert (pack.indicators[0].band, pack.indicators[0].peers_by) == ((10, 20), ("all",))
    assert pack.indicators[2].formula == "100 * some / all"
    assert pack.targets[0].percent and pack.targets[0].steps == ((Period.parse("2022"), 61.0),)
    bridge = pack.bridges[0]
    assert (bridge.origin, bridge.onto, bridge.amount, bridge.source) == ("old", "new", 2, "paper")


def test_a_circle_of_formulas_is_named(small: Path) -> None:
    change(small, "indicators.yaml", RATIO, "kind: formula\n    formula: all + 1\n")
    change(
        small,
        "indicators.yaml",
        "kind: sum\n    decimals: 0\n    reporting_tier: parish",
        "kind: formula\n    formula: share - 1\n    decimals: 0",
    )
    messages = [fault.message for fault in errors(check(small)) if fault.code == "cycle"]
    assert messages == ["the formula is made of itself: all → share → all"]


def test_a_template_makes_bodies_for_its_tier_alone(small: Path) -> None:
    change(small, "people.yaml", "i1-desk", "i-desk")
    (fault,) = check(small)
    assert fault.code == "unknown-reference"


DIVISION = """\
    divides: parish
    groups:
      - key: east
        title: {en: East, zh: 东}
        members:
          - {place: I1, from: 2021-01-01}
          - {place: I2, from: 2021-01-01, to: 2021-03-01} # moved
      - key: west
        title: {en: West, zh: 西}
        members:
          - {place: I2, from: 2021-03-01} # to here
"""


def divisions(folder: Path) -> list[tuple[int, str]]:
    """Faults of divisions: line and message."""
    return [(each.line, each.message) for each in check(folder) if each.code == "division"]


@pytest.fixture
def divided(small: Path) -> Path:
    text = SMALL["groupings.yaml"]
    (small / "groupings.yaml").write_text(
        text[: text.rindex("    groups:")] + DIVISION, encoding="utf-8"
    )
    return small


def test_a_grouping_may_divide_a_tier(divided: Path) -> None:
    assert check(divided) == []
    assert read_pack(divided).groupings[1].divides == "parish"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "          - {place: I1, from: 2021-01-01}\n", "", "divides: parish",
            '"I1" One is in no group on 2021-01-01',
        ),
        (
            "to: 2021-03-01} # moved", "to: 2021-02-01} # moved", "divides: parish",
            '"I2" Two is in no group on 2021-02-01',
        ),
        (
            "to: 2021-03-01} # moved", "to: 2021-05-01} # moved", "# to here",
            '"I2" Two is named twice on 2021-03-01',
        ),
        (
            "# to here", "# to here\n          - {place: I, from: 2021-01-01} # whole", "# whole",
            '"I" is no unit of the tier "parish"',
        ),
    ],
)  # fmt: skip
def test_each_unit_of_a_divided_tier_is_in_exactly_one_group(
    divided: Path, old: str, new: str, line: str, message: str
) -> None:
    change(divided, "groupings.yaml", old, new)
    assert divisions(divided) == [(line_of(divided, "groupings.yaml", line), message)]


def test_what_divides_is_a_tier_and_not_computed_and_one(divided: Path) -> None:
    by_size = "    divides: parish # by size\n"
    change(divided, "groupings.yaml", "    computed:", f"{by_size}    computed:")
    first = line_of(divided, "groupings.yaml", "# by size")
    assert divisions(divided)[0] == (first, "a grouping that is computed divides no tier")
    change(divided, "groupings.yaml", by_size, "")
    text = (divided / "groupings.yaml").read_text(encoding="utf-8")
    again = text[text.index("  - key: coasts") :].replace("coasts", "shores")
    (divided / "groupings.yaml").write_text(text + again, encoding="utf-8")
    ((_line, message),) = divisions(divided)
    assert message == 'another grouping divides the tier "parish" already'
    change(divided, "groupings.yaml", "divides: parish", "divides: parishes")
    assert "unknown-reference" in {each.code for each in check(divided)}


def test_a_fault_in_one_file_hides_none_in_another(small: Path) -> None:
    change(small, "indicators.yaml", "direction: up", "direction: sideways")
    change(small, "series.yaml", "producer: office", "producer: x")
    assert {fault.file for fault in check(small)} == {"indicators.yaml", "series.yaml"}


def test_it_refuses_a_file_that_is_too_large(small: Path) -> None:
    (small / "sources.yaml").write_text("#" * (MAX_BYTES + 1))
    assert "too-large" in {fault.code for fault in check(small)}


def test_it_follows_no_links(small: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "people.yaml"
    shutil.move(small / "people.yaml", outside)
    (small / "people.yaml").symlink_to(outside)
    assert ("people.yaml", "missing-file") in {(f.file, f.code) for f in check(small)}


def test_it_refuses_bytes_that_are_not_utf8(small: Path) -> None:
    path = small / "plan.yaml"
    path.write_bytes(path.read_bytes().replace("规划".encode(), "规划".encode("gbk")))
    found = {(fault.file, fault.line, fault.code) for fault in check(small)}
    assert ("plan.yaml", 3, "encoding") in found


def test_nothing_expands() -> None:
    layers = ["a: &a [x, x]"] + [
        f"{c}: &{c} [*{p}, *{p}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    bomb = parse("x.yaml", "\n".join(layers))
    assert isinstance(bomb, Fault)
    assert bomb.code == "alias"
    deep = parse("x.yaml", "[" * 5000)
    assert isinstance(deep, Fault)
    assert deep.code == "too-large"


def test_words_are_read_as_written() -> None:
    document = parse("x.yaml", "a: no\nb: 010101\nc: 2022-06-21\nd: 1_000\ne: 12:30\non: 1")
    assert isinstance(document, Document)
    assert document.value == {
        "a": "no", "b": "010101", "c": "2022-06-21", "d": "1_000", "e": "12:30", "on": 1,
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_random_bytes_give_values_or_faults(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert isinstance(parse("x.yaml", text), Document | Fault)
    table, faults = parse_table("x.csv", text)
    assert table is not None or faults


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.sampled_from(["key", "title", "en", "place", "by", "x"]), parts)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(file=st.sampled_from([f for f in SMALL if not f.startswith("places")]), data=st.data())
def test_a_file_of_anything_gives_faults_and_never_raises(
    tmp_path_factory: pytest.TempPathFactory, file: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    for name, text in SMALL.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    junk = data.draw(JUNK | st.binary(max_size=80))
    content = junk if isinstance(junk, bytes) else json.dumps(junk).encode()
    (folder / file).write_bytes(content)
    for fault in check(folder):
        assert isinstance(fault, Fault)
    shutil.rmtree(folder)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_value_anywhere_never_raises(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Line by line: whatever stands behind a colon or comma is put out and something else in."""
    folder = tmp_path_factory.mktemp("pack")
    file = data.draw(st.sampled_from([f for f in SMALL if not f.startswith("places")]))
    for name, text in SMALL.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    lines = SMALL[file].splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    before, mark, _rest = lines[number].partition(data.draw(st.sampled_from([":", ","])))
    junk = data.draw(
        st.sampled_from(["", " x", " []", " {}", " 7", " [1, {a: b}]", " -1.5", " ''"])
    )
    lines[number] = f"{before}{mark}{junk}"
    (folder / file).write_text("\n".join(lines), encoding="utf-8")
    for fault in check(folder):
        assert fault.message
    shutil.rmtree(folder)


# -- reading ----------------------------------------------------------------------------------


def test_it_reads_what_is_written(small: Path) -> None:
    pack = read_pack(small)
    assert (pack.key, pack.languages, pack.working_days) == ("small", ("en", "zh"), (0,))
    assert pack.plan.period_to == Period.parse("2025")
    task = pack.elements[1]
    assert (task.key, task.position, task.parent, task.leads) == ("a-task", 2, "a", ("office",))
    assert task.supports[0].due == date(2024, 6, 30)
    assert task.deadline == date(2025, 12, 31)
    share = pack.indicators[2]
    assert (share.numerator, share.denominator, share.scale) == ("some", "all", 100)
    assert pack.indicators[0].maximum == 1000
    target = pack.targets[0]
    assert target.baseline is not None
    assert (target.value, target.baseline.value, target.baseline.edition) == (65, 60, "new")
    first, second = pack.observations
    assert (first.value, first.row, first.released) == (61.5, 2, date(2022, 1, 20))
    assert second.value is None, "an empty cell is no zero"
    assert pack.groupings[0].computed_from == "some"
    assert pack.people[1].holdings[0].to == date(2022, 1, 1)
    assert pack.templates[0].for_tier == "parish"
    assert pack.source_words("paper") == Words("A paper", "文件")


def test_it_reads_forms(small: Path) -> None:
    whole, part = read_pack(small).forms
    assert (whole.key, whole.title, whole.source) == ("whole", Words("Whole", "总表"), "paper")
    assert (whole.asked_by, whole.tier, whole.span) == ("office", "parish", "year")
    assert (whole.review, part.review, part.note.en) == (("isle",), (), "Some again")
    (section,) = whole.sections
    assert section.title.en == "First"
    assert section.lines == (
        FormLine("some-new", "1.1", counts=Words("Each", "逐个")),
        FormLine("all-new", required=False, excludes=Words("Twice", "重复")),
    )
    must, odd, same = whole.rules
    assert (must.level, must.kind, must.series) == ("hard", "must", "")
    assert must.must == "if all-new > 0: some-new <= all-new"
    assert odd == FormRule("odd", "soft", "history", Words("Odd", "异常"), "", "some-new", 4)
    assert (same.periods, same.factor) == (3, None)


def test_a_pack_without_forms_has_none(small: Path) -> None:
    (small / "forms.yaml").unlink()
    assert check(small) == []
    assert read_pack(small).forms == ()


def test_a_comparison_says_where_it_cannot_be_read(small: Path) -> None:
    change(small, "forms.yaml", "some-new <= all-new", "some-new <= all-new ^ 2")
    (fault,) = check(small)
    assert '"^" (character 37)' in fault.message
    change(small, "forms.yaml", "some-new <= all-new ^ 2", "some-new is all-new")
    (fault,) = check(small)
    assert "<=, <, >=, >, =, !=" in fault.remedy


def test_it_refuses_to_read_a_pack_with_faults(small: Path) -> None:
    change(small, "series.yaml", "producer: office", "producer: x")
    with pytest.raises(Invalid) as raised:
        read_pack(small)
    (problem,) = raised.value.problems
    assert problem.place == f"series.yaml:{line_of(small, 'series.yaml', 'producer: x')}"


def test_the_digest_follows_the_files(small: Path) -> None:
    before = read_pack(small).digest
    assert read_pack(small).digest == before
    change(small, "sources.yaml", "A paper", "Another paper")
    assert read_pack(small).digest != before


def test_the_first_rule_that_fits_takes_a_row(small: Path) -> None:
    mapping = read_mapping(small / "mappings" / "return.yaml")
    total = mapping.rule_for({"code": " ", "name": "Total of the isle"})
    unit = mapping.rule_for({"code": "I1", "name": "Total recall"})
    assert total is not None
    assert unit is not None
    assert (total.treat, total.number, total.why.en) == ("subtotal", 1, "A total")
    assert (unit.treat, unit.number) == ("unit", 2)
    assert mapping.columns_used() == {"code", "name", "number", "remark"}


def test_a_mapping_of_rows_of_figures_says_what_it_needs(small: Path) -> None:
    mapping = read_mapping(small / "mappings" / "rows.yaml")
    assert mapping.figures is not None
    assert mapping.figures.of == (("Number", "some-new"),)
    assert mapping.headings == (("Code", "place"),)
    assert (mapping.scheme, mapping.valid_on, mapping.columns) == ("", None, ())
    assert mapping.columns_needed() == {"place", "period", "what", "value"}


def test_a_row_that_no_rule_takes_is_not_taken(small: Path) -> None:
    change(small, "mappings/return.yaml", "  - treat: unit\n", "")
    mapping = read_mapping(small / "mappings" / "return.yaml")
    assert mapping.rule_for({"code": "I1", "name": "One"}) is None


def test_a_mapping_by_itself_is_refused_with_its_line(small: Path) -> None:
    change(small, "mappings/return.yaml", "treat: unit", "treat: unite")
    with pytest.raises(Invalid) as raised:
        read_mapping(small / "mappings" / "return.yaml")
    line = line_of(small, "mappings/return.yaml", "unite")
    assert raised.value.problems[0].place == f"return.yaml:{line}"


def test_made_up_figures_repeat_and_stay_in_their_bounds(small: Path) -> None:
    (rule,) = read_pack(small).simulations
    codes = [str(number) for number in range(500)]
    once = list(values(rule, codes))
    assert once == list(values(rule, codes))
    assert {value for _place, _period, value in once} == set(map(float, range(1, 10)))


def test_made_up_figures_vary_within_their_share(small: Path) -> None:
    (rule,) = read_pack(small).simulations
    still = replace(rule, low=100, high=100, periods=(*map(Period.parse, ("2023Q1", "2023Q2")),))
    assert {value for *_where, value in values(still, ["1", "2"])} == {100.0}
    moving = [value for *_where, value in values(replace(still, vary=0.2), map(str, range(200)))]
    assert len(set(moving)) > 30
    assert 80 <= min(moving) < 85 < 115 < max(moving) <= 120


def test_figures_made_up_like_others_are_high_where_those_are(small: Path) -> None:
    (rule,) = read_pack(small).simulations
    whole = replace(rule, low=100, high=9000, vary=0.3)
    part = replace(whole, series="part", low=90, high=8000)
    codes = [str(number) for number in range(200)]

    def within(one: Simulation) -> list[bool]:
        both = zip(values(one, codes), values(whole, codes), strict=True)
        return [mine[2] <= theirs[2] for mine, theirs in both]

    assert not all(within(part))
    assert all(within(replace(part, like=whole.series)))


# -- the command ------------------------------------------------------------------------------


def test_the_command_prints_faults_and_fails(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(small, "series.yaml", "edition: new", "edition: x")
    assert check_command(Namespace(folder=str(small), json=False)) == 2
    line = line_of(small, "series.yaml", "edition: x")
    assert f"error: series.yaml:{line}: there is no edition" in capsys.readouterr().out
    assert check_command(Namespace(folder=str(small), json=True)) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["faults"][0]["line"]) == (False, line)


def test_notices_do_not_fail_the_command(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "notes.txt").write_text("x")
    assert check_command(Namespace(folder=str(small), json=False)) == 0
    assert "notice: notes.txt" in capsys.readouterr().out


# -- the packs that are shipped ---------------------------------------------------------------


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_the_shipped_packs_are_clean(folder: Path) -> None:
    assert [str(fault) for fault in errors(check(folder))] == []
    unexpected = {fault.code for fault in check(folder)} - {"several-leads"}
    assert unexpected == set(), "leads are listed as printed; anything else is an oversight"


def test_the_guide_names_every_file_and_word_of_the_mapping_language() -> None:
    guide = (CHECKOUT / "docs" / "guide" / "packs.md").read_text(encoding="utf-8")
    mapping = json.loads((FOLDER / "mapping.json").read_text(encoding="utf-8"))
    rule = mapping["$defs"]["rule"]["properties"]
    words = {f"`{treat}`" for treat in rule["treat"]["enum"]}
    words |= {f"kind: {kind}" for kind in mapping["$defs"]["check"]["properties"]["kind"]["enum"]}
    words |= {f"`{path.stem}.yaml`" for path in FOLDER.glob("*.json")} - UNLISTED
    words |= set(mapping["properties"]) - {"title", "key"}
    assert {word for word in words if word not in guide} == set()


# -- the real census files --------------------------------------------------------------------

REAL_DATA = os.environ.get("THROUGHLINE_REAL_DATA")

ROWS = {
    "2020": {"nation": 1, "duplicate": 3, "subtotal": 5, "named_unit": 3, "zone": 39, "unit": 3307},
    "2010": {"note": 31, "subtotal": 16, "named_unit": 3, "zone": 8, "unit": 3221},
}


@pytest.mark.real_data
@pytest.mark.skipif(not REAL_DATA, reason="THROUGHLINE_REAL_DATA is not set")
@pytest.mark.parametrize("year", ROWS)
def test_the_census_mappings_place_every_row_and_column(year: str) -> None:
    assert REAL_DATA
    mapping = read_mapping(SHIPPED[0] / "mappings" / f"census-{year}.yaml")
    path = Path(REAL_DATA) / "census" / f"census_{year}.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rules = [mapping.rule_for(row) for row in rows]
    assert None not in rules, "a row that no rule takes would be refused"
    assert Counter(rule.treat.value for rule in rules if rule) == ROWS[year]
    assert set(rows[0]) == mapping.columns_used()
