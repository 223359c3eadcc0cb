"""What a single cell says under a mapping: a figure, a period, a code. Asks no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from throughline.figures.loading.faults import Fault, Kind
from throughline.figures.words import SPANS
from throughline.files.numbers import LARGEST_EXACT, Number, read_number
from throughline.files.sheets import Cell
from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period, Span
from throughline.plans.models import Indicator

_PERCENT = {"%", "％", "per cent", "percent", "百分比"}
_ORDINALS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_HALF = re.compile(r"(\d{4})年?(上|下)半年")
_QUARTER = re.compile(r"(\d{4})年?第?([1-4一二三四])季度?")
_MONTH = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})月?份?")
_YEAR = re.compile(r"(\d{4})年度?")
_LOST = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}")
_FORMULA = re.compile(r"[=#].*")


@dataclass(frozen=True)
class Read:
    """A figure in the indicator's unit, none where the cell says that it is missing; and
    what was taken to mean what."""

    value: float | None
    remarks: tuple[str, ...] = ()


def read_figure(cell: Cell, indicator: Indicator, factor: Decimal, *, percent: bool) -> Read:
    """The figure of a cell, exact in decimals; `percent` if the cell is shown with a % sign.

    Raises Fault for what is no figure, states another unit, or lies outside the range.
    """
    try:
        number = read_number(cell, percent=percent)
    except Invalid as error:
        raise Fault(Kind.NUMBER, error.message, error.remedy or "") from error
    if number.value is None:
        return Read(None, number.remarks)
    remarks = list(number.remarks)
    if number.percent:
        _check_percent(number, indicator)
        if factor != 1:
            remarks.append(_("the cell is a percentage itself and was not multiplied"))
        exact = Decimal(repr(number.value))
    else:
        exact = _multiplied(number, factor)
    if abs(exact) > LARGEST_EXACT:
        raise Fault(
            Kind.NUMBER,
            _("“%(text)s” has more digits than a figure can hold exactly") % {"text": cell},
            _("Check the figure, and the factor of its column in the mapping."),
        )
    value = float(exact)
    _check_range(value, indicator)
    if indicator.decimals == 0 and exact % 1:
        # No fault: rounded and estimated counts come so, and what stands must stay importable.
        remarks.append(
            _("%(value)s has a fraction where whole numbers are usual") % {"value": written(value)}
        )
    return Read(value, tuple(remarks))


def is_percentage(indicator: Indicator) -> bool:
    """Whether an indicator is given in per cent."""
    return indicator.symbol.strip() in _PERCENT or indicator.unit_en.strip().lower() in _PERCENT


def _check_percent(number: Number, indicator: Indicator) -> None:
    if is_percentage(indicator):
        return
    raise Fault(
        Kind.PERCENT,
        _("%(value)s %% stands where a figure in “%(unit)s” is expected")
        % {"value": written(number.value or 0.0), "unit": indicator.unit},
        _("Give the figure itself, and format the cell as a number."),
    )


def _multiplied(number: Number, factor: Decimal) -> Decimal:
    """The figure times the column's factor, in decimals: 0.1 times 10000 is 1000."""
    if number.scale != 1 and factor != 1:
        raise Fault(
            Kind.NUMBER,
            _("the cell names its magnitude, and the mapping multiplies its column by %(factor)s")
            % {"factor": written(float(factor))},
            _("Write plain digits in the unit of the column."),
        )
    return Decimal(repr(number.value)) * factor


def _check_range(value: float, indicator: Indicator) -> None:
    low, high = indicator.minimum, indicator.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return
    raise Fault(
        Kind.RANGE,
        _("%(value)s is impossible here: %(range)s")
        % {
            "value": written(value),
            "range": range_words(low, high, indicator.symbol or indicator.unit),
        },
        _("Correct the figure, or its unit."),
    )


def range_words(low: float | None, high: float | None, unit: str) -> str:
    """The range of an indicator as a phrase."""
    said = {"low": written(low or 0.0), "high": written(high or 0.0), "unit": unit}
    if low is None:
        return _("at most %(high)s %(unit)s") % said
    if high is None:
        return _("at least %(low)s %(unit)s") % said
    return _("%(low)s to %(high)s %(unit)s") % said


def written(value: float) -> str:
    """A figure as a report writes it: every digit, groups of three.

    >>> written(1234567.5), written(0.1), written(60.0)
    ('1,234,567.5', '0.1', '60')
    """
    return f"{Decimal(repr(value)):,f}".removesuffix(".0")


def read_period(cell: Cell, text: str, spans: Sequence[Span]) -> tuple[Period, str]:
    """The period that a cell names, and a remark where a date was taken for a month.

    `spans` are the lengths that the row's indicators are given by. A spreadsheet turns
    2020-07 into the first of July: where months are expected it is the month.
    """
    wanted = Span(spans[0]) if len(set(spans)) == 1 else None
    remark = ""
    if isinstance(cell, date):
        if wanted is not Span.MONTH or cell.day != 1:
            raise Fault(
                Kind.PERIOD,
                _("a date stands where a period is expected: %(date)s") % {"date": text[:10]},
                _("Format the cell as text and write %(example)s.") % {"example": _example(wanted)},
            )
        period = Period(cell.year, Span.MONTH, cell.month)
        remark = _("the date %(date)s was read as the month %(month)s") % {
            "date": text[:10], "month": period,
        }  # fmt: skip
    else:
        period = _parsed(text, wanted)
    for span in spans:
        if period.span.value != span:
            raise Fault(
                Kind.PERIOD,
                _("%(period)s is a %(found)s; this indicator is given by the %(span)s")
                % {
                    "period": period,
                    "found": SPANS[period.span.value],
                    "span": SPANS[Span(span).value],
                },
                _("Write %(example)s.") % {"example": _example(Span(span))},
            )
    return period, remark


def _example(span: Span | None) -> str:
    return {
        Span.YEAR: "2020", Span.HALF: "2020H1", Span.QUARTER: "2020Q3", Span.MONTH: "2020-07",
        None: "2020, 2020H1, 2020Q3, 2020-07",
    }[span]  # fmt: skip


def _parsed(text: str, wanted: Span | None) -> Period:
    """A period by its code or as Chinese writes it (2020年, 2020年三季度, 2020年7月)."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    try:
        if found := _YEAR.fullmatch(plain):
            return Period(int(found[1]))
        if found := _HALF.fullmatch(plain):
            return Period(int(found[1]), Span.HALF, _ORDINALS[found[2]])
        if found := _QUARTER.fullmatch(plain):
            number = _ORDINALS.get(found[2]) or int(found[2])
            return Period(int(found[1]), Span.QUARTER, number)
        if found := _MONTH.fullmatch(plain):
            return Period(int(found[1]), Span.MONTH, int(found[2]))
        return Period.parse(plain)
    except Invalid as error:
        message = _("“%(text)s” is not a period") % {"text": text[:40]}
        if not text:
            message = _("the period is missing")
        raise Fault(
            Kind.PERIOD, message, _("Write %(example)s.") % {"example": _example(wanted)}
        ) from error


def read_code(text: str) -> str:
    """A code as the code list writes it: full-width digits and the spreadsheet's mark for
    text do not count. Raises Fault where digits were lost.

    >>> read_code("３４０１００"), read_code("'340100")
    ('340100', '340100')
    """
    code = unicodedata.normalize("NFKC", text).strip().lstrip("'’").strip()
    if _LOST.fullmatch(code):
        raise Fault(
            Kind.CODE_LOST,
            _("“%(code)s” is a code that a spreadsheet turned into a number; digits are lost")
            % {"code": text},
            _("Format the column as text and type or paste the codes again."),
        )
    if _FORMULA.fullmatch(code):
        raise Fault(
            Kind.CODE,
            _("“%(code)s”: the spreadsheet shows a formula or an error where a code is expected")
            % {"code": text[:40]},
            _("Open the spreadsheet, put the codes themselves there, save and upload again."),
        )
    return code


def plain_name(text: str) -> str:
    """A name for comparing: without white space, full-width letters made plain.

    >>> plain_name("东　城区 "), plain_name("人口（人）")
    ('东城区', '人口(人)')
    """
    return "".join(unicodedata.normalize("NFKC", text).split())
