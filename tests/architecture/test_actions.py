"""Every action has a verb, a name that follows from it, and a line in `docs/actions.md`."""

from __future__ import annotations

import ast
import re
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest
from django.db.models import Model

from tests.architecture.tree import DOCS, PACKAGE, import_everything, parsed, sources, table_rows
from throughline.config.words import ACTS
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
    (re.compile(r"^\w+/jobs\.py"), "job"),
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


def called_in(tree: ast.AST) -> set[str]:
    """The names of all that a module or function calls."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        call.attr if isinstance(call, ast.Attribute) else call.id
        for call in calls
        if isinstance(call, ast.Attribute | ast.Name)
    }


def _defines(path: Path, name: str) -> bool:
    return any(isinstance(p, ast.FunctionDef) and p.name == name for p in parsed(path).body)


def ways_in(names: set[str]) -> dict[str, str]:
    """Functions beside the actions that do what must come before one, outside of its
    transaction, and then call it: whoever calls them calls it."""
    found = {}
    for path in sources():
        if not re.match(r"^\w+/actions", str(path.relative_to(PACKAGE))):
            continue
        for part in parsed(path).body:
            if isinstance(part, ast.FunctionDef) and part.name not in names:
                led_to = called_in(part) & names
                if not part.name.startswith("_") and len(led_to) == 1:
                    found[part.name] = led_to.pop()
    return found


@cache
def doors() -> dict[str, list[str]]:
    """By an action's name, the doors whose modules call it, in the order of the page."""
    found: dict[str, set[str]] = {act.__name__: set() for act in ACTIONS.values()}
    ways = ways_in(set(found))
    for path in sources():
        here = str(path.relative_to(PACKAGE))
        door = next((word for pattern, word in DOORS if pattern.match(here)), None)
        called = called_in(parsed(path))
        own = {ways[way] for way in ways if door == "act" and _defines(path, way)}
        for name in ({ways.get(each, each) for each in called} - own) & found.keys():
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


def test_every_act_has_a_word_for_those_who_read_the_journal() -> None:
    assert sorted(ACTS) == sorted(ACTIONS)


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_what_an_action_gives_can_be_given_again(verb: str) -> None:
    """A call repeated under its key gets the answer from the journal: a row, a plain value, or
    a dataclass of plain values. Nothing else would come back as it went."""
    kind = get_type_hints(ACTIONS[verb])["return"]
    if is_dataclass(kind):
        parts = get_type_hints(kind).values()
        assert set(parts) <= {int, str, bool}
    else:
        plain = kind in (type(None), int, str, bool, list[int], dict[str, int])
        assert plain or issubclass(kind, Model)
