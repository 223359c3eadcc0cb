"""How numbers, shares, dates and instants are written, in English and in Chinese. The language
is an argument (`en`, `zh-hans`), the words around a number are the caller's; only
`point_in_time` asks something of the page being made: its zone."""

from __future__ import annotations

import math
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
    name = zone_name(local)
    named = f"（{name}）" if is_chinese(language) else f"{NO_BREAK}({name})"
    return f"{day(local.date(), language)} {local:%H:%M:%S}{named}"


def point_in_time(value: datetime | None, language: str) -> str:
    """A point in time to the second in the zone of the page; nothing for nothing."""
    return "" if value is None else instant(value, timezone.get_current_timezone(), language)
