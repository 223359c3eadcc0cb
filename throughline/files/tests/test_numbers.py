"""Figures as people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.files.numbers import LARGEST_EXACT, read_number
from throughline.kernel.errors import Invalid

FULL_WIDTH = str.maketrans("0123456789.,-%", "０１２３４５６７８９．，－％")

exact_integers = st.integers(-LARGEST_EXACT, LARGEST_EXACT)
sizes = st.decimals(-(10**9), 10**9, places=4, allow_nan=False, allow_infinity=False)


@given(exact_integers)
def test_whole_numbers_come_back_exactly_however_they_are_grouped(number):
    for written in (f"{number}", f"{number:,}", f"{number:,}".replace(",", "\u2009")):
        assert read_number(written).value == number
        assert read_number(f"\u3000{written} ".translate(FULL_WIDTH)).value == number


@given(sizes)
def test_decimals_come_back_as_the_nearest_double(size):
    for written in (f"{size:f}", f"{size:,f}", f"{size:,f}".replace("-", "−")):
        assert read_number(written).value == float(size)


@given(sizes, st.sampled_from([("万", 10**4), ("亿", 10**8)]))
def test_scales_are_multiplied_without_rounding(size, scale):
    sign, factor = scale
    exact = size * factor
    if abs(exact) > LARGEST_EXACT:
        with pytest.raises(Invalid):
            read_number(f"{size:f}{sign}")
    else:
        assert read_number(f"{size:f}{sign}").value == float(exact)


@given(st.floats(-1e9, 1e9))
def test_percentages_are_those_that_the_reader_of_the_cell_sees(fraction):
    seen = read_number(fraction, percent=True)
    assert seen.percent
    assert seen.value == float(Decimal(repr(fraction)) * 100)


@given(st.text())
def test_any_text_is_a_number_or_missing_or_refused(text):
    try:
        number = read_number(text)
    except Invalid as refusal:
        assert refusal.message
        assert refusal.remedy
    else:
        assert number.value is None or any(character.isdigit() for character in text)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234,567.8", 1234567.8),
        ("1，234，567．8", 1234567.8),
        ("3.5万", 35_000),
        ("1.2亿", 120_000_000),
        ("126万亿", 126e12),
        ("0.29万", 2900),
        ("(1,234)", -1234),
        ("（５）", -5),
        ("+7", 7),
        ("-0.5%", -0.5),
        ("1e5", 100_000),
        ("007", 7),
        ("\ufeff12", 12),
        (126012510, 126012510),
        (126012510.0, 126012510),
        (LARGEST_EXACT - 1, LARGEST_EXACT - 1),
    ],
)
def test_it_reads(written, value):
    assert read_number(written).value == value


@pytest.mark.parametrize("written", ["(5)", "1e5", "007"])
def test_it_remarks_on_what_may_have_been_meant_otherwise(written):
    assert read_number(written).remarks


@pytest.mark.parametrize("marker", ["—", "…", "n/a", "N/A", "缺", "-", "－", "#N/A"])
def test_a_mark_for_missing_is_missing_and_remarked(marker):
    number = read_number(marker)
    assert number.value is None
    assert marker in number.remarks[0]


@pytest.mark.parametrize("nothing", [None, "", " ", "\u3000"])
def test_nothing_is_missing_without_a_remark(nothing):
    assert read_number(nothing) == read_number(None)
    assert read_number(nothing).remarks == ()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1.234.567", "points may separate"),
        ("1.234,5", "points may separate"),
        ("12,34", "groups of three"),
        ("0,123", "groups of three"),
        ("1,234,56", "groups of three"),
        ("1.2.3", "more than one decimal point"),
        ("1 234", "two numbers"),
        ("2020-11-01", "date"),
        ("2020年11月1日", "date"),
        ("1/11/2020", "date"),
        ("NaN", "finite"),
        ("-Infinity", "finite"),
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        ("#DIV/0!", "error"),
        ("=A1+A2", "formula"),
        ("many", "text"),
        ("3.5万人", "text"),
        ("三万", "text"),
        ("²", "text"),
        ("٣", "text"),
        ("5%%", "text"),
        ("(-5)", "text"),
        ("(5", "text"),
        ("--5", "text"),
        (True, "truth"),
        (date(2020, 11, 1), "date"),
        ("110101199001011234", "more digits"),
        ("9007199254740993", "more digits"),
        ("9" * 70, "more digits"),
        (110101199001011234.0, "more digits"),
        (float(LARGEST_EXACT), "more digits"),
    ],
)
def test_it_refuses_with_the_reason(written, reason):
    with pytest.raises(Invalid, match=reason):
        read_number(written)
