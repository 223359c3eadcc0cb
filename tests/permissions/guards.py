"""The guards of the product, found by introspection: whatever decides by who asks.

A guard is a public function that is handed the actor, whatever room it stands in, a thing
that a standing opens, or one of the few that decide for others without being told who asks.
Private functions get their actor from one of these.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from types import ModuleType
from typing import Any

import pytest

import throughline
from throughline.bodies import queries as bodies
from throughline.bodies.rules import Standing
from throughline.figures import queries as figures
from throughline.kernel.action import VERBS
from throughline.plans import queries as plans

NO_GUARDS = {
    "throughline.bodies.queries.introduction_of": "the actor's own name and post",
    "throughline.bodies.queries.own_place": "where the actor's own figures are to be looked for; "
    "whether there are any to see is asked there",
    "throughline.config.zones.zone_of": "the time zone in which the actor reads",
    "throughline.config.packs.load_pack": "calls actions, each of which asks for itself",
    "throughline.config.packs.load_groupings": "calls actions, each of which asks for itself",
    "throughline.config.packs.open_demo_cycle": "calls an action, which asks for itself",
}
"""Functions that are handed an actor and decide nothing by it, each with why."""

WITHOUT_ACTOR: tuple[Callable[..., Any], ...] = (
    bodies.acting_for,
    plans.parts_in,
    figures.as_known,
    bodies.guiding,
    plans.parts_above,
)
"""Those that decide for guards what a body may see, or what anybody may."""


def _rooms() -> Iterator[ModuleType]:
    """Every module of the product but tests, migrations and what runs on import."""
    for found in pkgutil.walk_packages(throughline.__path__, "throughline."):
        parts = set(found.name.split("."))
        if not parts & {"tests", "migrations", "__main__", "wsgi"}:
            yield importlib.import_module(found.name)


def _takes_actor(function: Callable[..., Any]) -> bool:
    return any(
        parameter.annotation == "Actor"
        for parameter in inspect.signature(function).parameters.values()
    )


def functions(modules: Iterator[ModuleType] | None = None) -> dict[str, Callable[..., Any]]:
    """Every public function that is handed an actor, by its full name. Actions are none:
    they are guarded by what they ask, and `deeds.py` asks who may do each."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules or _rooms()
        for name, value in sorted(vars(module).items())
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
        and value not in VERBS.values()
        and _takes_actor(value)
    }


def openings() -> dict[str, str]:
    """What a standing opens: its public properties and methods, by full name."""
    stored = {field.name for field in fields(Standing)}
    return {
        f"throughline.bodies.rules.Standing.{name}": name
        for name in vars(Standing)
        if not name.startswith("_") and name not in stored
    }


def guards() -> set[str]:
    """The full names of all guards."""
    others = {f"{each.__module__}.{each.__name__}" for each in WITHOUT_ACTOR}
    return (set(functions()) | set(openings()) | others) - set(NO_GUARDS)


def switch_off(
    monkeypatch: pytest.MonkeyPatch, guard: str, instead: Callable[..., Any] | property
) -> None:
    """Put something else in a guard's place, wherever it is imported, also in tuples of
    functions that are called in turn."""
    room, name = guard.rsplit(".", 1)
    if room.endswith(".Standing"):
        monkeypatch.setattr(Standing, name, instead)
        return
    original = getattr(sys.modules[room], name)
    for module in [each for key, each in sys.modules.items() if key.startswith("throughline.")]:
        for here, value in list(vars(module).items()):
            if value is original:
                monkeypatch.setattr(module, here, instead)
            elif isinstance(value, tuple) and any(each is original for each in value):
                several = tuple(instead if each is original else each for each in value)
                monkeypatch.setattr(module, here, several)
