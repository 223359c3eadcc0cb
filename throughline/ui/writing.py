"""How numbers, shares, dates and instants are written, in English and in Chinese. The language
is an argument (`en`, `zh-hans`), the words around a number are the caller's; only
`point_in_time` asks something of the page being made: its zone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

MINUS = "−"
NARROW = "\u202f"  # keeps a number and its unit on one line, with half a space between
NO_BREAK = "\u00a0"

Number = int | float | Decimal

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH = "一二三四五六日"


def is_chinese(language: str) -> bool:
    """Whether texts of this language follow Chinese typography."""
    return language.startswith("zh")


def is_number(value: Number | None) -> bool:
    """False for nothing, for NaN and for infinity: a ratio over zero has no value."""
    return value is not None and math.isfinite(value)


def number(value: Number, decimals: int | None = None, *, signed: bool = False) -> str:
    """A finite number as it is printed: grouped by thousands, rounded half away from zero,
    with a real minus sign; zero has no sign. Without `decimals` a number keeps its own.

    >>> number(1409778724), number(63.84, 2), number(0.25, 1), number(-0.3, 1)
    ('1,409,778,724', '63.84', '0.3', '−0.3')
    >>> number(1.5, 1, signed=True), number(-0.04, 1), number(0.0, 1, signed=True)
    ('+1.5', '0.0', '0.0')
    >>> number(12.5), number(7.0)
    ('12.5', '7')
    """
    exact = Decimal(str(value))
    if decimals is None:
        exact = exact.normalize()
        decimals = max(0, -int(exact.as_tuple().exponent))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,f}"


def with_unit(text: str, unit: str, language: str) -> str:
    """A printed number and its unit, which never part at the end of a line.

    >>> with_unit("63.84", "%", "en"), with_unit("63.84", "%", "zh-hans")
    ('63.84\\u202f%', '63.84%')
    >>> with_unit("7.25", "km", "en"), with_unit("17.6", "个百分点", "zh-hans")
    ('7.25\\xa0km', '17.6个百分点')
    """
    if not unit:
        return text
    sign = unit in {"%", "‰"}
    if is_chinese(language):
        return f"{text}{unit}" if sign or not unit[0].isascii() else f"{text}{NARROW}{unit}"
    return f"{text}{NARROW if sign else NO_BREAK}{unit}"


def share(fraction: float, language: str) -> str:
    """A fraction 0..1 as whole per cent; neither "none" nor "all" is said of a part.

    >>> share(0.93, "zh-hans"), share(0.999, "zh-hans"), share(0.001, "zh-hans")
    ('93%', '99%', '1%')
    >>> share(1.0, "zh-hans"), share(0.0, "zh-hans")
    ('100%', '0%')
    """
    rounded = int(Decimal(str(fraction * 100)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if 0 < fraction < 1:
        rounded = min(99, max(1, rounded))
    return with_unit(number(rounded), "%", language)


def day(value: date, language: str) -> str:
    """A calendar day.

    >>> day(date(2025, 6, 18), "en"), day(date(2025, 6, 18), "zh-hans")
    ('18\\xa0Jun\\xa02025', '2025-06-18')
    """
    if is_chinese(language):
        return f"{value:%Y-%m-%d}"
    return NO_BREAK.join((str(value.day), _MONTHS[value.month - 1], str(value.year)))


_PERIOD = re.compile(r"(\d{4})(?:([HQ])(\d)|-(\d{2}))?")
_HALVES_ZH = "上下"
_QUARTERS_ZH = "一二三四"


def period(code: str, language: str) -> str:
    """A reporting period as people write it, from its code; another text stays as it is.

    >>> period("2024", "en"), period("2024Q3", "en"), period("2024-07", "en")
    ('2024', 'Q3\\xa02024', 'Jul\\xa02024')
    >>> [period(code, "zh-hans") for code in ("2024", "2024H1", "2024Q3", "2024-07")]
    ['2024年', '2024年上半年', '2024年三季度', '2024年7月']
    """
    found = _PERIOD.fullmatch(code)
    if found is None:
        return code
    year, letter, part, month = found.groups()
    if is_chinese(language):
        return f"{year}年{_part_zh(letter, part, month)}"
    if month:
        return f"{_MONTHS[int(month) - 1]}{NO_BREAK}{year}"
    return f"{letter}{part}{NO_BREAK}{year}" if letter else year


def _part_zh(letter: str | None, part: str | None, month: str | None) -> str:
    if month:
        return f"{int(month)}月"
    if letter is None or part is None:
        return ""
    if letter == "H":
        return f"{_HALVES_ZH[int(part) - 1]}半年"
    return f"{_QUARTERS_ZH[int(part) - 1]}季度"


def periods(first: str, last: str, language: str) -> str:
    """From one reporting period to another, by their codes.

    >>> periods("2021", "2025", "en"), periods("2021", "2025", "zh-hans")
    ('2021–2025', '2021—2025年')
    """
    if is_chinese(language):
        return f"{period(first, language).removesuffix('年')}—{period(last, language)}"
    return f"{period(first, language)}–{period(last, language)}"


def in_a_row(parts: Iterable[str], language: str) -> str:
    """Parts of one statement behind one another: a place and a period, a post and its body.

    >>> in_a_row(["Gansu", "2024"], "en"), in_a_row(["甘肃省", "2024年"], "zh-hans")
    ('Gansu, 2024', '甘肃省，2024年')
    """
    return ("，" if is_chinese(language) else ", ").join(part for part in parts if part)


def listed(names: Iterable[str], language: str) -> str:
    """Names of equal standing.

    >>> listed(["a", "b"], "en"), listed(["财政部", "公安部"], "zh-hans")
    ('a, b', '财政部、公安部')
    """
    return ("、" if is_chinese(language) else ", ").join(names)


def noted(text: str, note: str, language: str) -> str:
    """A text and a note on it in brackets.

    >>> noted("63.84", "2020", "en"), noted("63.84", "2020年", "zh-hans")
    ('63.84 (2020)', '63.84（2020年）')
    """
    return f"{text}（{note}）" if is_chinese(language) else f"{text} ({note})"


def weekday(value: date, language: str) -> str:
    """The short name of a day of the week.

    >>> weekday(date(2025, 6, 20), "en"), weekday(date(2025, 6, 20), "zh-hans")
    ('Fri', '周五')
    """
    if is_chinese(language):
        return f"周{_WEEKDAYS_ZH[value.weekday()]}"
    return _WEEKDAYS[value.weekday()]


def zone_name(value: datetime) -> str:
    """The offset an aware instant is written in.

    >>> from datetime import UTC, timedelta, timezone
    >>> zone_name(datetime(2025, 6, 18, tzinfo=UTC))
    'UTC'
    >>> zone_name(datetime(2025, 6, 18, tzinfo=timezone(timedelta(hours=5, minutes=30))))
    'UTC+5:30'
    >>> zone_name(datetime(2025, 6, 18, tzinfo=timezone(timedelta(hours=-3))))
    'UTC−3'
    """
    offset = value.utcoffset()
    if not offset:
        return "UTC"
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else MINUS
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def instant(value: datetime, zone: tzinfo, language: str) -> str:
    """A point in time to the second, in the given zone and naming its offset. The value must
    be aware.

    >>> from zoneinfo import ZoneInfo
    >>> from datetime import UTC
    >>> noted = datetime(2025, 6, 18, 8, 42, 7, tzinfo=UTC)
    >>> instant(noted, ZoneInfo("Asia/Shanghai"), "zh-hans")
    '2025-06-18 16:42:07（UTC+8）'
    >>> instant(noted, UTC, "en")
    '18\\xa0Jun\\xa02025 08:42:07\\xa0(UTC)'
    """
    local = value.astimezone(zone)
    return f"{day(local.date(), language)} {clock_time(local, language)}"


def clock_time(value: datetime, language: str) -> str:
    """The time of day of an aware instant to the second, in the zone it is written in, which
    it names.

    >>> from datetime import UTC
    >>> noted = datetime(2025, 6, 18, 8, 42, 7, tzinfo=UTC)
    >>> clock_time(noted, "en"), clock_time(noted, "zh-hans")
    ('08:42:07\\xa0(UTC)', '08:42:07（UTC）')
    """
    name = zone_name(value)
    named = f"（{name}）" if is_chinese(language) else f"{NO_BREAK}({name})"
    return f"{value:%H:%M:%S}{named}"


def point_in_time(value: datetime | None, language: str) -> str:
    """A point in time to the second in the zone of the page; nothing for nothing."""
    return "" if value is None else instant(value, timezone.get_current_timezone(), language)
