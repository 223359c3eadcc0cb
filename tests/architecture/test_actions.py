"""Every action has a verb, a name that follows from it, and a line in `docs/actions.md`."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import DOCS, PACKAGE, import_everything, parsed, sources, table_rows
from throughline.kernel.action import VERBS

import_everything()

ACTIONS = {verb: act for verb, act in VERBS.items() if act.__module__.startswith("throughline.")}
ACTIONS = {verb: act for verb, act in ACTIONS.items() if ".tests." not in act.__module__}
PAGE = {row[0].strip("`"): row[1:] for row in table_rows(DOCS / "actions.md", columns=5)}

PLURALS = {"person": "people", "body": "bodies"}

DOORS = (
    (re.compile(r"^\w+/pages(\.py|/)"), "page"),
    (re.compile(r"^\w+/(\w+_)?api(\.py|/)"), "API"),
    (re.compile(r"^\w+/commands(\.py|/)"), "CLI"),
    (re.compile(r"^config/packs\.py"), "pack"),
    (re.compile(r"^\w+/(actions(\.py|/)|loading\.py)"), "act"),
)
ORDER = [word for _pattern, word in DOORS]


def names_for(verb: str) -> set[str]:
    """The names that an action under a verb may have."""
    noun, _dot, what = verb.partition(".")
    plural = PLURALS.get(noun, f"{noun}s")
    own = {what} if "_" in what else set()
    return {f"{what}_{noun}", f"{what}_{plural}"} | own


def called_in(path: Path) -> set[str]:
    """The names of all that a module calls."""
    calls = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    return {
        call.attr if isinstance(call, ast.Attribute) else call.id
        for call in calls
        if isinstance(call, ast.Attribute | ast.Name)
    }


@cache
def doors() -> dict[str, list[str]]:
    """By an action's name, the doors whose modules call it, in the order of the page."""
    found: dict[str, set[str]] = {act.__name__: set() for act in ACTIONS.values()}
    for path in sources():
        here = str(path.relative_to(PACKAGE))
        door = next((word for pattern, word in DOORS if pattern.match(here)), None)
        for name in called_in(path) & found.keys():
            assert door, f"{here} calls {name} and is no door, no pack and no action"
            found[name].add(door)
    return {name: [word for word in ORDER if word in words] for name, words in found.items()}


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_an_action_is_named_after_its_verb(verb: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", verb)
    assert ACTIONS[verb].__name__ in names_for(verb)


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_an_action_says_what_it_does(verb: str) -> None:
    assert (ACTIONS[verb].__doc__ or "").strip()


def test_every_action_has_its_line_in_the_documentation_and_every_line_its_action() -> None:
    assert sorted(PAGE) == sorted(ACTIONS)


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_the_line_says_what_the_code_does(verb: str) -> None:
    function, does, who, said = PAGE[verb]
    assert function == f"`{ACTIONS[verb].__name__}`"
    assert len(does) > 10
    assert len(who) > 5
    assert said.split(", ") == (doors()[ACTIONS[verb].__name__] or ["none"])


def test_a_name_that_does_not_follow_would_be_found() -> None:
    assert "record_observation" in names_for("observation.record")
    assert not {"save_observation", "record"} & names_for("observation.record")
