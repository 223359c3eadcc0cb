"""Invented values for the page of examples, in the reader's language. They are no strings of
the product, so they stand here in both languages and not in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.translation import get_language

from throughline.ui import shapes
from throughline.ui.words import MARK_WORDS, STATUS_WORDS
from throughline.ui.writing import is_chinese


@dataclass(frozen=True)
class Fault:
    """A problem of the example form."""

    message: str
    field: str = ""
    remedy: str = ""
    place: str = ""


def either(english: str, chinese: str) -> str:
    """The text for the reader's language."""
    return chinese if is_chinese(get_language() or "en") else english


def _chart() -> shapes.Chart:
    figures = [(2020, 18.5), (2021, 18.0), (2022, 17.5), (2023, 17.9), (2024, 17.6)]
    points = [
        shapes.ChartPoint(
            period=str(year),
            at=date(year, 12, 31),
            value=value,
            text=str(value),
            provisional=year == 2024,
            note=either("preliminary", "初步数") if year == 2024 else "",
            url="#",
            revised_from=17.0 if year == 2022 else None,
            revision=either("17.0 until 30 May 2023", "2023-05-30前为17.0") if year == 2022 else "",
            completeness=shapes.Completeness(
                27 if year == 2024 else 31, 31, 0.93 if year == 2024 else 1.0
            ),
        )
        for year, value in figures
    ]
    return shapes.Chart(
        title=either(
            "Gap between resident and registered urbanization rates, 2020 to 2024, and its target",
            "常住人口与户籍人口城镇化率差距，2020–2024年及目标",
        ),
        unit=either("percentage points; lower is better", "百分点；越低越好"),
        points=points,
        trajectory=[(date(2020, 12, 31), 18.5), (date(2025, 12, 31), 15.5)],
        target=shapes.ChartTarget(
            "2025",
            date(2025, 12, 31),
            15.5,
            either("target ≤ 15.5", "目标 ≤ 15.5"),
            either("end of 2025", "2025年底"),
        ),
        gap=shapes.Gap(16.1, either("1.5 above", "高出 1.5"), either("the trajectory", "应达水平")),
        reported_by=either(
            "Reported: provinces, and share of population they hold", "已报：省份数及其人口占比"
        ),
    )


def _short_chart() -> shapes.Chart:
    return shapes.Chart(
        title=either("Resident urbanization rate, two censuses", "常住人口城镇化率，两次普查"),
        unit=either("per cent; higher is better", "%；越高越好"),
        points=[
            shapes.ChartPoint("2010", date(2010, 12, 31), 49.68, "49.68", url="#"),
            shapes.ChartPoint("2020", date(2020, 12, 31), 63.89, "63.89", url="#", check="63.84"),
            shapes.ChartPoint("2021", date(2021, 12, 31), None),
        ],
        trajectory=[(date(2020, 12, 31), 63.89), (date(2025, 12, 31), 65.0)],
        target=shapes.ChartTarget(
            "2025", date(2025, 12, 31), 65.0, either("target ≥ 65", "目标 ≥ 65")
        ),
    )


# column, row, English, Chinese, short Chinese, short English
_TILES = [
    (7, 0, "Heilongjiang", "黑龙江", "黑", "HL"), (7, 1, "Jilin", "吉林", "吉", "JL"),
    (4, 2, "Inner Mongolia", "内蒙古", "蒙", "NM"), (5, 2, "Beijing", "北京", "京", "BJ"),
    (6, 2, "Tianjin", "天津", "津", "TJ"), (7, 2, "Liaoning", "辽宁", "辽", "LN"),
    (0, 3, "Xinjiang", "新疆", "新", "XJ"), (1, 3, "Gansu", "甘肃", "甘", "GS"),
    (2, 3, "Ningxia", "宁夏", "宁", "NX"), (3, 3, "Shaanxi", "陕西", "陕", "SN"),
    (4, 3, "Shanxi", "山西", "晋", "SX"), (5, 3, "Hebei", "河北", "冀", "HE"),
    (6, 3, "Shandong", "山东", "鲁", "SD"), (0, 4, "Tibet", "西藏", "藏", "XZ"),
    (1, 4, "Qinghai", "青海", "青", "QH"), (2, 4, "Sichuan", "四川", "川", "SC"),
    (3, 4, "Chongqing", "重庆", "渝", "CQ"), (4, 4, "Henan", "河南", "豫", "HA"),
    (5, 4, "Anhui", "安徽", "皖", "AH"), (6, 4, "Jiangsu", "江苏", "苏", "JS"),
    (7, 4, "Shanghai", "上海", "沪", "SH"), (2, 5, "Yunnan", "云南", "滇", "YN"),
    (3, 5, "Guizhou", "贵州", "黔", "GZ"), (4, 5, "Hubei", "湖北", "鄂", "HB"),
    (5, 5, "Jiangxi", "江西", "赣", "JX"), (6, 5, "Zhejiang", "浙江", "浙", "ZJ"),
    (3, 6, "Guangxi", "广西", "桂", "GX"), (4, 6, "Hunan", "湖南", "湘", "HN"),
    (5, 6, "Guangdong", "广东", "粤", "GD"), (6, 6, "Fujian", "福建", "闽", "FJ"),
    (4, 7, "Hainan", "海南", "琼", "HI"),
]  # fmt: skip


def _tile(place: tuple[int, int, str, str, str, str], value: str, shade: str) -> shapes.Tile:
    column, row, english, chinese, short, code = place
    label = either(english, chinese)
    return shapes.Tile(
        column, row, label, value, shade, "#", either(code, short), f"{label}: {value}"
    )


def _count_map() -> shapes.TileMap:
    counts = [11, 5, 5, 4, 2, 6, 9, 9, 3, 3, 2, 7, 0, 14, 6, 1, 4, 2, 5, 3, 0, 8, 13, 3, 1, 1]
    counts += [4, 1, 3, 0]
    tiles = [
        _tile(place, str(count), "0" if count < 3 else "1" if count < 8 else "3")
        for place, count in zip(_TILES, counts, strict=False)
    ]
    tiles.append(_tile(_TILES[-1], "–", "none"))
    legend = [
        shapes.Shade("0", either("0 to 2", "0–2项")),
        shapes.Shade("1", either("3 to 7", "3–7项")),
        shapes.Shade("3", either("8 or more", "8项及以上")),
        shapes.Shade("none", either("no report for two quarters", "连续两季未报")),
    ]
    title = either("Tasks off track in the province", "各省滞后任务数")
    return shapes.TileMap(title, tiles, legend)


def _status_map() -> shapes.TileMap:
    statuses = list(STATUS_WORDS)
    tiles = [
        _tile(place, "–" if key == "no_data" else f"{50 + 7 * n % 40}.{n % 10}", key)
        for n, place in enumerate(_TILES)
        for key in [statuses[n % len(statuses)]]
    ]
    legend = [shapes.Shade(key, str(word)) for key, word in STATUS_WORDS.items()]
    title = either("Resident urbanization rate by province", "各省常住人口城镇化率")
    return shapes.TileMap(title, tiles, legend)


def _line() -> list[shapes.LineGroup]:
    """A row of a throughline with every mark; the third group does not answer."""
    marks = list(MARK_WORDS)
    bars = [shapes.LineBar(mark, late=mark == "started") for mark in marks for _two in "12"]
    told = [shapes.LineBar("not_passed_down") for _each in range(7)]
    return [
        shapes.LineGroup(bars[:8], "started"),
        shapes.LineGroup(bars[8:], "refined", late=True),
        shapes.LineGroup(told, "silent", late=True),
        shapes.LineGroup([shapes.LineBar("not_applicable")] * 4, "not_applicable"),
    ]


def _named_line() -> shapes.LineGroup:
    bars = [
        shapes.LineBar(mark, late=mark == "silent", title=str(word), url="#")
        for mark, word in MARK_WORDS.items()
    ]
    return shapes.LineGroup(bars, "refined")


@dataclass(frozen=True)
class Row:
    """A row of the example table."""

    name: str
    value: float | None
    target: float
    bar: shapes.Bar
    line: shapes.Sparkline
    status: str
    reported: shapes.Completeness


def _row(
    name: str,
    target: float,
    values: list[float | None],
    status: str,
    reported: shapes.Completeness,
) -> Row:
    baseline = values[0] or 0.0
    expected = baseline + (target - baseline) * 0.8
    bar = shapes.Bar.between(
        baseline=baseline, target=target, value=values[-1], expected=expected, status=status
    )
    line = shapes.Sparkline(values, target, status)
    return Row(name, values[-1], target, bar, line, status, reported)


def _rows() -> list[Row]:
    complete = shapes.Completeness
    hubei, hunan = either("Hubei", "湖北"), either("Hunan", "湖南")
    guangdong, jiangsu = either("Guangdong", "广东"), either("Jiangsu", "江苏")
    guizhou = either("Guizhou", "贵州")
    return [
        _row(hubei, 20.5, [24.7, 23.9, 23.0, 22.1, 21.7], "at_risk", complete(103, 103, 1.0)),
        _row(hunan, 14.2, [17.6, 16.9, 16.2, 15.6, 15.0], "on_track", complete(122, 122, 1.0)),
        _row(guangdong, 9.3, [11.9, 11.2, 10.4, 9.8, 9.1], "achieved", complete(122, 122, 1.0)),
        _row(jiangsu, 20.9, [25.9, 26.0, None, 26.4, 26.6], "off_track", complete(83, 95, 0.91)),
        _row(guizhou, 17.2, [20.2, 19.4, 18.8, 18.5, None], "no_data", complete(61, 88, 0.72)),
    ]


def _work() -> list[shapes.WorkItem]:
    return [
        shapes.WorkItem(
            either("Answer", "答复"),
            either("request for guidance 0412", "指导请示0412号"),
            "#",
            either("Housing Department, Anhui · 214 counties wait", "安徽省住建厅 · 214个县等待"),
            either("answer by 16 Jun 2025", "2025-06-16前答复"),
            either("2 days late · 18:00:00 (UTC+8)", "逾期2天 · 18:00:00（UTC+8）"),
            overdue=True,
            acts=[
                shapes.Act(either("Answer", "答复"), "#", primary=True),
                shapes.Act(either("Transfer…", "转办…"), "#"),
            ],
        ),
        shapes.WorkItem(
            either("Correct and send again", "改后重报"),
            either("Report Q1, task 3.4", "一季度报告，任务3.4"),
            "#",
            either(
                "Zhou Min returned it · “Which of the two totals is right?”",
                "周敏退回 · “两个合计哪个对？”",
            ),
            either("returned 2 days ago", "2天前退回"),
            either("16 Jun 2025 09:12:00 (UTC+8)", "2025-06-16 09:12:00（UTC+8）"),
            acts=[shapes.Act(either("Open at the spot", "打开"), "#")],
        ),
    ]


def _events() -> list[shapes.Event]:
    return [
        shapes.Event(
            datetime(2025, 6, 18, 1, 12, 5, tzinfo=UTC),
            either("Returned by Zhou Min", "周敏退回"),
            either("“Annex 2 and the table differ.”", "“附件2与表不一致。”"),
        ),
        shapes.Event(
            datetime(2025, 6, 16, 10, 0, 0, tzinfo=UTC),
            either("Deadline passed, told to the deputy head", "到期，已告知分管领导"),
            by_clock=True,
        ),
        shapes.Event(
            datetime(2025, 6, 12, 2, 40, 31, tzinfo=UTC),
            either("Submitted by Chen Yu, by Excel", "陈宇以Excel报送"),
            url="#",
        ),
    ]


def _beside() -> shapes.BesidePanel:
    everyone = either("everyone who sees this page", "可查看本页者")
    officer = either("Chen Yu, Housing Department of Anhui", "陈宇，安徽省住建厅")
    said = [
        shapes.Said(
            datetime(2025, 6, 18, 2, 3, 4, tzinfo=UTC),
            officer,
            either(
                "Two counties count compounds, the others count buildings.",
                "有两个县按小区统计，其余按楼栋统计。",
            ),
            everyone,
            withdraw_url="#",
        ),
        shapes.Said(
            datetime(2025, 6, 17, 9, 0, 0, tzinfo=UTC), officer, "", everyone,
            withdrawn_at=datetime(2025, 6, 17, 9, 2, 0, tzinfo=UTC),
        ),
    ]  # fmt: skip
    attached = shapes.Attached(
        either("Record of the hand-over", "移交记录"), "handover.docx", 48_213,
        datetime(2025, 6, 18, 2, 0, 0, tzinfo=UTC), officer, everyone, "#",
    )  # fmt: skip
    return shapes.BesidePanel("#", said, 2, [attached], False, "#", "#", may_speak=True)


def _facts() -> list[shapes.Fact]:
    return [
        shapes.Fact(
            either("Target", "目标"),
            either("≤ 15.5 by 31 Dec 2025, expected", "2025-12-31前 ≤ 15.5，预期性"),
            either("The plan says “narrows markedly”.", "方案原文为“明显缩小”。"),
        ),
        shapes.Fact(either("Baseline", "基期"), either("18.5 in 2020", "2020年 18.5")),
        shapes.Fact(
            either("Revisions", "修订"),
            either("2022: 17.0 → 17.5, reason and who", "2022年：17.0 → 17.5，原因与经办"),
            url="#",
        ),
    ]


def examples_context() -> dict[str, object]:
    """Everything that `ui/examples.html` shows."""
    counts = dict(zip(STATUS_WORDS, (14, 8, 58, 21, 10, 4, 3), strict=True))
    few = dict(zip(STATUS_WORDS, (3, 2, 11, 6, 3, 0, 1), strict=True))
    ways = [(1.0, "achieved"), (0.92, "ahead"), (0.79, "on_track"), (0.55, "at_risk")]
    ways += [(0.22, "off_track"), (-0.13, "off_track"), (-0.8, "off_track"), (1.4, "achieved")]
    bars = [shapes.Bar(done, 0.8, status) for done, status in ways]
    level = [either("Provinces", "省级"), either("Classes", "城市规模"), either("Counties", "县级")]
    return {
        "trail": [
            shapes.Crumb(either("New urbanization", "新型城镇化"), "#"),
            shapes.Crumb(either("Strand A", "一、农业转移人口市民化"), "#"),
            shapes.Crumb(either("Components", "组件")),
        ],
        "statuses": list(STATUS_WORDS),
        "bars": [*bars, shapes.Bar(None, 0.8)],
        "reports": [
            shapes.Completeness(31, 31, 1.0),
            shapes.Completeness(27, 31, 0.95, either("population", "人口")),
            shapes.Completeness(61, 88),
            shapes.Completeness(0, 74, 0.0),
        ],
        "counts": counts,
        "few": few,
        "chart": _chart(),
        "short_chart": _short_chart(),
        "count_map": _count_map(),
        "status_map": _status_map(),
        "line": _line(),
        "line_label": either(
            "Four prefectures: 17 counties have answered, 2 are silent, 9 were never told",
            "4个地级：17个县已回应，2个未回应，9个未下达",
        ),
        "named_line": _named_line(),
        "marks": list(MARK_WORDS),
        "tier": dict(zip(MARK_WORDS, (22, 181, 85, 8, 31, 4, 14, 6, 12), strict=True)),
        "rows": _rows(),
        "work": _work(),
        "events": _events(),
        "facts": _facts(),
        "beside": _beside(),
        "tabs": [
            shapes.Choice(either("Work", "工作"), "#", current=True),
            shapes.Choice(either("Counties", "县级"), "#", count=2843),
            shapes.Choice(either("History", "沿革"), "#"),
        ],
        "levels": [shapes.Choice(name, "#", n == 0) for n, name in enumerate(level)],
        "status_filter": shapes.Filter(
            either("Status", "状态"),
            [
                shapes.Choice(str(word), "#", key == "off_track", counts[key])
                for key, word in STATUS_WORDS.items()
            ],
            clear_url="#",
        ),
        "known_filter": shapes.Filter(
            either("As known", "截至"),
            [
                shapes.Choice(either("now", "现况"), "#", current=True),
                shapes.Choice(either("31 Mar 2025", "2025-03-31"), "#"),
            ],
        ),
        "paging": shapes.Paging(3, 50, 2843),
        "faults": [
            Fault(either("Enter a length in kilometres, like 7.25", "请填公里数，如7.25"), "pipes"),
            Fault(
                either("The period is closed", "该报告期已截止"),
                remedy=either("Ask the lead agency to open it", "请牵头单位开放"),
                place=either("Report Q2", "二季度报告"),
            ),
        ],
        "units": {
            "compounds": either("compounds", "个"),
            "length": either("km", "公里"),
        },
        "clause": either(
            "Cities with fewer than three million residents in the urban area lift all limits on "
            "settling; people who moved from farming settle on equal terms.",
            "城区常住人口300万以下城市落实全面取消落户限制政策，农业转移人口与本地居民同等落户。",
        ),
        "noted": datetime(2025, 6, 18, 8, 42, 7, tzinfo=UTC),
        "issued": date(2022, 6, 21),
    }
