"""No template of any room holds what the content policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import throughline

PACKAGE = Path(throughline.__file__).parent
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))

FORBIDDEN = {
    "a style attribute": re.compile(r"""<[^>]*\sstyle\s*=""", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"""<[^>]*\son[a-z]+\s*=""", re.IGNORECASE),
    "an htmx handler": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "a foreign address": re.compile(r"""\b(?:src|href|action)\s*=\s*["'](?:https?:)?//"""),
    "text marked as safe": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}


def found_in(source: str) -> list[str]:
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(source)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_holds_nothing_that_the_content_policy_forbids(path):
    assert found_in(path.read_text()) == []


def test_the_base_page_is_among_the_templates_looked_at():
    assert PACKAGE / "ui/templates/ui/base.html" in TEMPLATES


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ('<p\n style="color:red">', "a style attribute"),
        ("<style>p{}</style>", "a style element"),
        ("<script>go()</script>", "an inline script"),
        ('<button class="x" onclick="go()">', "an event handler"),
        ('<a hx-on:click="go()">', "an htmx handler"),
        ('<a href="javascript:go()">', "a script address"),
        ('<script src="//cdn.example/x.js"></script>', "a foreign address"),
        ("{{ text|safe }}", "text marked as safe"),
    ],
)
def test_the_look_at_templates_finds_what_is_forbidden(source, what):
    assert what in found_in(source)


def test_the_look_at_templates_lets_pass_what_is_allowed():
    allowed = (
        '<script src="{% static "ui/page.js" %}" defer></script><a href="/x" class="on">on = 1</a>'
    )
    assert found_in(allowed) == []
