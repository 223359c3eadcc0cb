"""Addresses found by their first part.

Django tries its patterns one after the other, which at some hundred of them costs a request a
millisecond. Grouped by what stands before the first slash, a request is held against its group.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

Address = URLPattern | URLResolver


def grouped(addresses: Sequence[Address]) -> list[Address]:
    """The same addresses in their order, those with a literal first part in common under one
    resolver, where the first of them stood.

    Only what lies side by side is put together, so that no address is found sooner or later than
    before.
    """
    found: list[Address] = []
    group: list[URLPattern] = []
    for each in [*_flat(addresses), None]:
        if group and (each is None or _first_part(each) != _first_part(group[0])):
            found.append(_under(group) if len(group) > 1 else group[0])
            group = []
        if isinstance(each, URLPattern) and _first_part(each):
            group.append(each)
        elif each is not None:
            found.append(each)
    return found


def _flat(addresses: Sequence[Address]) -> list[Address]:
    """Addresses without the rooms' own lists, in one order: those of a first part together where
    none of them is open (`<key>/`) at its beginning."""
    flat: list[Address] = []
    for each in addresses:
        if isinstance(each, URLResolver) and not (each.namespace or str(each.pattern)):
            flat += _flat(list(each.url_patterns))
        else:
            flat.append(each)
    if any(str(each.pattern).startswith("<") for each in flat):
        return flat
    firsts = {part: at for at, part in reversed(list(enumerate(map(_first_part, flat))))}
    return sorted(flat, key=lambda each: firsts[_first_part(each)])


def _first_part(each: Address) -> str:
    """What stands before the first slash; nothing where there is none."""
    first, slash, _rest = str(each.pattern).partition("/")
    return first + slash if slash and "<" not in first else ""


def _under(group: Sequence[URLPattern]) -> URLResolver:
    first = _first_part(group[0])
    inside = [
        URLPattern(
            RoutePattern(str(each.pattern)[len(first) :], name=each.name, is_endpoint=True),
            each.callback,
            each.default_args,
            each.name,
        )
        for each in group
    ]
    return path(first, include(inside))
