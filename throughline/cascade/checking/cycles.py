"""Circles in a directed graph: what waits for itself. Free of Django."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Nodes = NDArray[np.int64]
WORTH = 8
"""Trimming goes on while it takes away more than one edge in so many."""


def cycles(begins: Nodes, ends: Nodes) -> list[list[int]]:
    """The strongly connected components with more than one node, or with an edge to itself:
    each sorted, in the order of their first nodes. Edge k leads from begins[k] to ends[k];
    nodes are numbers from 0.

    >>> cycles(np.array([0, 1, 2, 3, 5]), np.array([1, 2, 1, 0, 5]))
    [[1, 2], [5]]
    """
    begins, ends = _trimmed(begins, ends)
    if not len(begins):
        return []
    nodes, named = np.unique(np.concatenate([begins, ends]), return_inverse=True)
    fronts, backs = np.split(named, 2)
    order = np.argsort(fronts, kind="stable")
    firsts = np.searchsorted(fronts[order], np.arange(len(nodes) + 1)).tolist()
    loops = set(fronts[fronts == backs].tolist())
    parts = _components(firsts, backs[order].tolist())
    names = nodes.tolist()
    kept = [part for part in parts if len(part) > 1 or part[0] in loops]
    return sorted(sorted(names[node] for node in part) for part in kept)


def _trimmed(begins: Nodes, ends: Nodes) -> tuple[Nodes, Nodes]:
    """The edges without those of nodes that nothing leads to or from, as long as that takes
    many away at a time: a long chain is left to the walk, so that time grows with the edges."""
    if not len(begins):
        return begins, ends
    count = int(max(begins.max(), ends.max())) + 1
    while len(begins):
        leads, led = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        leads[begins] = True
        led[ends] = True
        kept = led[begins] & leads[ends]
        before = len(begins)
        begins, ends = begins[kept], ends[kept]
        if (before - len(begins)) * WORTH <= before:
            break
    return begins, ends


def _components(firsts: Sequence[int], targets: Sequence[int]) -> list[list[int]]:
    """Tarjan's walk without recursion: chains may be as long as there are nodes. The edges of
    node n lead to targets[firsts[n]:firsts[n + 1]]."""
    count = len(firsts) - 1
    number, low = [0] * count, [0] * count
    at = list(firsts[:-1])
    is_open = [False] * count
    found: list[list[int]] = []
    stack: list[int] = []
    counter = 0
    for start in range(count):
        if number[start]:
            continue
        path = [start]
        while path:
            node = path[-1]
            if not number[node]:
                counter += 1
                number[node] = low[node] = counter
                stack.append(node)
                is_open[node] = True
            if at[node] < firsts[node + 1]:
                to = targets[at[node]]
                at[node] += 1
                if not number[to]:
                    path.append(to)
                elif is_open[to]:
                    low[node] = min(low[node], number[to])
                continue
            path.pop()
            if path:
                low[path[-1]] = min(low[path[-1]], low[node])
            if low[node] == number[node]:
                part: list[int] = []
                while not part or part[-1] != node:
                    part.append(stack.pop())
                    is_open[part[-1]] = False
                found.append(part)
    return found
