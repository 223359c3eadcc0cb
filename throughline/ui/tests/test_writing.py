"""Numbers and dates as they are printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from throughline.ui import writing
from throughline.ui.templatetags.ui import written_figure

DECIMALS = st.integers(min_value=0, max_value=6)
FIGURES = st.floats(min_value=-1e12, max_value=1e12)


def read_back(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(writing.MINUS, "-"))


@given(FIGURES, DECIMALS)
def test_a_printed_number_is_the_nearest_with_so_many_decimals(value, decimals):
    printed = read_back(writing.number(value, decimals))
    assert abs(printed - Decimal(str(value))) <= Decimal("0.5").scaleb(-decimals)


@given(FIGURES)
def test_a_number_without_decimals_given_loses_nothing(value):
    assert float(read_back(writing.number(value))) == value


@given(FIGURES, DECIMALS)
def test_a_hyphen_is_never_printed_and_zero_has_no_sign(value, decimals):
    printed = writing.number(value, decimals, signed=True)
    assert "-" not in printed
    if read_back(printed.lstrip("+")) == 0:
        assert printed[0] not in "+−"


@given(st.floats(min_value=0, max_value=1))
def test_a_share_says_none_or_all_only_when_it_is(fraction):
    printed = writing.share(fraction, "zh-hans")
    assert (printed == "100%") == (fraction == 1)
    assert (printed == "0%") == (fraction == 0)


def test_halves_are_rounded_away_from_zero():
    assert [writing.number(value, 1) for value in (0.25, 0.35, -0.25)] == ["0.3", "0.4", "−0.3"]


@pytest.mark.parametrize(("language", "expected"), [("en", "63.84\u202f%"), ("zh-hans", "63.84%")])
def test_the_space_before_per_cent_follows_the_language(language, expected):
    with translation.override(language):
        assert written_figure(63.84, 2, "%") == expected


def test_what_is_missing_is_a_word_and_never_zero_or_blank():
    with translation.override("en"):
        assert "not reported" in written_figure(None)
        assert "not applicable" in written_figure(None, missing="not applicable")
        for nonsense in (float("nan"), float("inf")):
            assert "no value" in written_figure(nonsense)
