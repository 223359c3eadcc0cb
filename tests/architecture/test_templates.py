"""Templates show plain values: they ask the database nothing, and name addresses by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE

TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)

PREFETCHED = {"bodies/templates/bodies/sign_in.html"}
"""Templates that walk over rows which their page has fetched before."""

ALONE = {"ui/templates/500.html"}
"""The page for defects: it must not need the table of addresses, which may be what broke."""

FORBIDDEN = {
    "a query": re.compile(r"\.(?:all|exists|filter|exclude|values|order_by|objects|\w+_set)\b"),
    "an address by hand": re.compile(r"""\b(?:href|action|hx-get|hx-post)="/(?!/)"""),
}


def found_in(source: str) -> set[str]:
    expressions = " ".join(EXPRESSION.findall(source))
    found = {"a query"} if FORBIDDEN["a query"].search(expressions) else set()
    if FORBIDDEN["an address by hand"].search(source):
        found.add("an address by hand")
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_asks_nothing_and_names_no_address_by_hand(path: Path) -> None:
    name = str(path.relative_to(PACKAGE))
    allowed = {"a query"} if name in PREFETCHED else set()
    allowed |= {"an address by hand"} if name in ALONE else set()
    assert found_in(path.read_text(encoding="utf-8")) == allowed


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("{% for each in plan.papers.all %}", "a query"),
        ("{{ plan.element_set.count }}", "a query"),
        ('<a href="/plans/">', "an address by hand"),
    ],
)
def test_the_look_at_templates_finds_what_is_forbidden(source: str, what: str) -> None:
    assert found_in(source) == {what}


def test_the_look_at_templates_lets_pass_what_is_allowed() -> None:
    assert found_in('<a href="{% url "plans" %}">all.exists {{ plan.title }}</a>') == set()
