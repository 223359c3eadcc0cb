"""Odd values, and those of the world among which they are strewn, so that some get far."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("THROUGHLINE_FUZZ_EXAMPLES", "0"))
"""How many examples are tried each; 0 is the short form of `make test`."""


def bounded(short: int) -> settings:
    """Settings of a fuzz test: in the short form always the same few examples, so that a
    build that passed passes again; in the long form others each time."""
    return settings(
        max_examples=EXAMPLES or short,
        derandomize=not EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


KNOWN = (
    "growth", "secret", "land", "jobs", "urban-rate", "people", "N", "N111", "N2", "2020", "2021",
    "census", "rebased", "county", "by:clusters", "clusters", "jobs-reported", "people-official",
    "strand", "task", "1", "2", "3", "name", "value", "-value", "indicator", "xlsx", "csv",
    "person.sign_in", "2020-06-30", "zh-hans", "growth/none",
)  # fmt: skip
"""Keys, codes and words that mean something somewhere."""

ODD = (
    "", " ", "0", "-1", "1e309", "NaN", "inf", "٣", "²", "99999999999999999999", "1.5", "+7", "0x1",
    "9" * 400, "\x00", "a\x00b", "'", '"><b>', "%", "%s", "%(x)s", "{x}", "../..", "a/b", "\ud7ff",
    "全国", "𠮷", "\u202e", "e\u0301", "２０２０", "2020-13", "2020Q5", "2020-00", "0000", "9999",
    "10000", "99999", "2020H3", "2020M13", "-2020", "2020-02-30", "0001-01-01", "9999-12-31",
    "by:", "by:none", "by:\x00", "null", "None", "true", "[]", "{}", "[1]", "//evil.example", "-",
    "name,value", "-9223372036854775809", "9223372036854775808", "2147483648", "1_000",
)  # fmt: skip
"""What no form sends."""

values = st.one_of(
    st.sampled_from(KNOWN),
    st.sampled_from(ODD),
    st.integers(-(2**70), 2**70).map(str),
    st.text(max_size=12),
)
"""One value of a parameter."""

languages = st.sampled_from(
    ["en", "zh-hans", "zh-CN,zh;q=0.9", "xx", "", "*;q=0", "en-" + "x" * 90]
)
"""What a browser may say it speaks."""
