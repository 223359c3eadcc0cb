"""Reading a figure as people write it, exactly or not at all.

A figure that could mean two things is refused with the reason; nothing is guessed. Whole
numbers are exact up to 2**53, beyond which a double skips numbers: what is longer is a code
and no figure.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.kernel.errors import Invalid

LARGEST_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as read. `value` is None where nothing was given.

    `percent` says that a % sign stood there (or that the cell was formatted so): 63.84% is
    the value 63.84 with this flag. `scale` is what 万 or 亿 in the cell multiplied it by.
    `remarks` are sentences on what was taken to mean what.
    """

    value: float | None
    remarks: tuple[str, ...] = ()
    percent: bool = False
    scale: int = 1


_DASHES = ("-", "--", "–", "—", "——", "―", "－", "−")
_DOTS = ("…", "……", "...", "..")
_WORDS = ("/", "n/a", "na", "n.a.", "#n/a", "null", "缺", "缺失", "暂缺", "不详")
_MARKERS = frozenset((*_DASHES, *_DOTS, *_WORDS))

_PLAIN = str.maketrans("０１２３４５６７８９．，％＋－−–﹣‐‑（）", "0123456789.,%+------()")

_GROUP = ",\N{NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"

_SHAPE = re.compile(
    rf"""(?P<open>\()?
    (?P<sign>[+-])?
    (?P<digits>(?:\d+|[1-9]\d{{0,2}}(?P<group>[{_GROUP}])\d{{3}}(?:(?P=group)\d{{3}})*)(?:\.\d*)?
      |\.\d+)
    (?P<exponent>[eE][+-]?\d{{1,2}})?
    \s?(?P<scale>万亿|萬億|万|萬|亿|億)?
    (?P<percent>\s?%)?
    (?P<close>\))?""",
    re.VERBOSE | re.ASCII,
)

_SCALES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "万亿": 10**12, "萬億": 10**12}

_LONGEST = 60

_PLAINLY = gettext_lazy("Write plain digits with at most one decimal point.")
_IN_SPREADSHEET = gettext_lazy("Open the spreadsheet, mend the formula, save and upload again.")
_REASONS = (
    (r"#.*", gettext_lazy("the spreadsheet shows an error here"), _IN_SPREADSHEET),
    (
        r"=.*",
        gettext_lazy("the spreadsheet stored a formula without its result"),
        _IN_SPREADSHEET,
    ),
    (r"[+-]?(nan|inf|infinity)", gettext_lazy("this is not a finite number"), _PLAINLY),
    (
        r"\d{4}\s?[-/.年]\s?\d{1,2}(\s?[-/.月]\s?\d{1,2}.*|\s?月)?|\d{1,2}/\d{1,2}/\d{2,4}",
        gettext_lazy("this looks like a date"),
        _PLAINLY,
    ),
    (
        r"[+-]?\d{1,3}(\.\d{3}){2,}(,\d*)?|[+-]?\d{1,3}(\.\d{3})+,\d*",
        gettext_lazy("points may separate thousands or decimals here"),
        _PLAINLY,
    ),
    (r"[^.]*\.[^.]*\..*", gettext_lazy("there is more than one decimal point"), _PLAINLY),
    (
        r"[+-]?\d*,[\d,]*(\.\d*)?",
        gettext_lazy("the commas do not separate groups of three digits"),
        _PLAINLY,
    ),
    (
        r"[+-]?\d[\d.,]*(\s+\d[\d.,]*)+",
        gettext_lazy("there may be two numbers in this cell"),
        _PLAINLY,
    ),
)


def read_number(value: object, *, percent: bool = False) -> Number:
    """The figure a cell holds; `percent` if the cell is formatted as a percentage.

    Takes thousands separators, full-width digits, 万 and 亿, a % sign, accountants'
    parentheses and the usual minus signs. Raises `Invalid` with the reason for all else.

    >>> read_number("１，２３４，５６７．８").value
    1234567.8
    >>> read_number("3.5万").value, read_number(" 1.2亿\u3000").value
    (35000.0, 120000000.0)
    >>> read_number("63.84%")
    Number(value=63.84, remarks=(), percent=True, scale=1)
    >>> read_number(0.6384, percent=True).value
    63.84
    >>> read_number("−5").value, read_number("").value, read_number("—").value
    (-5.0, None, None)
    >>> read_number("12,34")
    Traceback (most recent call last):
    throughline.kernel.errors.Invalid: “12,34”: the commas do not separate groups of three digits
    """
    if value is None:
        return Number(None)
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool):
        raise Invalid(
            _("a truth value stands where a number is expected"), remedy=str(_IN_SPREADSHEET)
        )
    if isinstance(value, date):
        raise Invalid(
            _("a date stands where a number is expected"),
            remedy=_("Format the cell as a number."),
        )
    if isinstance(value, int | float):
        return _from_stored(value, percent)
    raise Invalid(_("this is not a number"))


def read_in_unit(text: str, symbol: str, unit: str) -> Number:
    """A figure that is given in a unit, which goes by a symbol and in words; one in per cent
    where the unit is another is refused.

    >>> read_in_unit("63.84%", "%", "per cent").value
    63.84
    >>> read_in_unit("63.84%", "km", "kilometres")
    Traceback (most recent call last):
    throughline.kernel.errors.Invalid: The figure is not in per cent.
    """
    number = read_number(text)
    if number.percent and symbol != "%":
        raise Invalid(
            _("The figure is not in per cent."),
            remedy=_("Give it in “%(unit)s”.") % {"unit": unit},
        )
    return number


def _from_stored(value: int | float, percent: bool) -> Number:
    if not math.isfinite(value):
        raise Invalid(_("this is not a finite number"))
    if abs(value) >= LARGEST_EXACT:
        raise _too_long(f"{value:.0f}")
    if percent:
        return Number(float(Decimal(repr(value)) * 100), percent=True)
    return Number(float(value))


def _from_text(written: str) -> Number:
    text = written.strip().strip("\ufeff\u200b")
    if not text:
        return Number(None)
    if text.casefold() in _MARKERS:
        return Number(None, (_("“%(text)s” was read as missing") % {"text": text},))
    plain = text.translate(_PLAIN)
    found = _SHAPE.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None or not _parentheses_fit(found) or not _is_one_unit(found):
        raise _refusal(text, plain)
    exact = _exact(found)
    if abs(exact) > LARGEST_EXACT:
        raise _too_long(text)
    return Number(
        float(exact),
        tuple(_remarks(text, found)),
        percent=bool(found["percent"]),
        scale=_SCALES.get(found["scale"] or "", 1),
    )


def _parentheses_fit(found: re.Match[str]) -> bool:
    if bool(found["open"]) != bool(found["close"]):
        return False
    return not (found["open"] and found["sign"])


def _is_one_unit(found: re.Match[str]) -> bool:
    """A share of ten thousand people (3万%) is no figure that anybody means."""
    return not (found["scale"] and found["percent"])


def _exact(found: re.Match[str]) -> Decimal:
    digits = re.sub(f"[{_GROUP}]", "", found["digits"]) + (found["exponent"] or "")
    size = Decimal(digits) * _SCALES.get(found["scale"] or "", 1)
    return -size if found["sign"] == "-" or found["open"] else size


def _remarks(text: str, found: re.Match[str]) -> list[str]:
    remarks = []
    if found["open"]:
        remarks.append(_("“%(text)s”: the parentheses were read as a minus") % {"text": text})
    if found["exponent"]:
        remarks.append(
            _("“%(text)s” is in scientific notation; digits may have been lost before")
            % {"text": text}
        )
    if re.match(r"0\d", found["digits"]):
        remarks.append(_("“%(text)s” begins with a zero, as codes do") % {"text": text})
    return remarks


def _too_long(text: str) -> Invalid:
    return Invalid(
        _("“%(text)s” has more digits than a figure can hold exactly") % {"text": text},
        remedy=_("If it is a code, map the column as a code and format it as text."),
    )


def _refusal(text: str, plain: str) -> Invalid:
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if re.fullmatch(r"[+-]?[\d,]{20,}(\.\d*)?", plain, re.ASCII):
        return _too_long(short)
    for pattern, reason, remedy in _REASONS:
        if re.fullmatch(pattern, plain[:_LONGEST], re.IGNORECASE | re.DOTALL | re.ASCII):
            return Invalid(
                _("“%(text)s”: %(reason)s") % {"text": short, "reason": reason},
                remedy=str(remedy),
            )
    return Invalid(
        _("“%(text)s” is text where a number is expected") % {"text": short},
        remedy=_("Write the number alone; put words into a column of their own."),
    )
