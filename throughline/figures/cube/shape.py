"""The tree of a period's end in the order in which it is rolled up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shape:
    """Units of a tree, breadth first: the children of a unit are neighbours and stand behind
    it, so that the units of one lowest parent are read in one run.

    `parents` are positions, -1 at the top; `tiers` are indexes of `names`; `levels` say how
    deep each of `names` lies (0 is the top). A unit that has children is an *upper* one;
    `upper` gives each unit's number among them (-1 for the others), `first` and `last` the
    positions of its children.
    """

    places: Longs
    parents: Ints
    tiers: Ints
    names: tuple[str, ...]
    levels: tuple[int, ...]

    @classmethod
    def of(
        cls,
        places: Sequence[int],
        parents: Sequence[int],
        tiers: Sequence[str],
        levels: Mapping[str, int],
    ) -> Shape:
        """From a tree in which every parent stands before its children; siblings keep their
        order.

        >>> shape = Shape.of([10, 11, 12, 13], [-1, 0, 1, 0], "abcb", {"a": 0, "b": 1, "c": 2})
        >>> shape.places.tolist(), shape.parents.tolist()
        ([10, 11, 13, 12], [-1, 0, 0, 1])
        """
        depth = np.zeros(len(parents), np.int32)
        above = np.asarray(parents, np.int32).reshape(-1)
        for here, parent in enumerate(parents):
            depth[here] = depth[parent] + 1 if parent >= 0 else 0
        rank = np.full(len(parents) + 1, -1, np.int64)  # the last is the parent of the top
        order: list[int] = []
        for level in range(int(depth.max(initial=-1)) + 1):
            here_now = np.flatnonzero(depth == level)
            found = here_now[np.argsort(rank[above[here_now]], kind="stable")]
            rank[found] = np.arange(len(order), len(order) + len(found))
            order += found.tolist()
        names = tuple(sorted(levels, key=lambda name: levels[name]))
        number = {name: index for index, name in enumerate(names)}
        return cls(
            places=np.asarray(places, np.int64).reshape(-1)[order],
            parents=rank[above[order]].astype(np.int32),
            tiers=np.asarray([number[tiers[here]] for here in order], np.int32),
            names=names,
            levels=tuple(levels[name] for name in names),
        )

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def digest(self) -> str:
        """What tells this tree from another."""
        content = hashlib.sha256(repr((self.names, self.levels)).encode())
        for each in (self.places, self.parents, self.tiers):
            content.update(each.tobytes())
        return content.hexdigest()

    @cached_property
    def units(self) -> Ints:
        """The positions of the upper units."""
        return np.unique(self.parents[self.parents >= 0]).astype(np.int32)

    @cached_property
    def upper(self) -> Ints:
        """Each unit's number among the upper ones, -1 for a unit without children."""
        found = np.full(len(self), -1, np.int32)
        found[self.units] = np.arange(len(self.units), dtype=np.int32)
        return found

    @cached_property
    def first(self) -> Ints:
        """By upper unit, the position of its first child."""
        return np.searchsorted(self.parents, self.units, side="left").astype(np.int32)

    @cached_property
    def last(self) -> Ints:
        """By upper unit, the position behind its last child."""
        return np.searchsorted(self.parents, self.units, side="right").astype(np.int32)

    @cached_property
    def depths(self) -> Ints:
        """How many units stand above each."""
        found = np.zeros(len(self), np.int32)
        for here, parent in enumerate(self.parents):
            found[here] = found[parent] + 1 if parent >= 0 else 0
        return found

    @cached_property
    def order(self) -> Ints:
        """The numbers of the upper units in the order in which they are rolled up: the deepest
        first, and of one depth as they stand, so that what is below them is read in a run."""
        return np.argsort(-self.depths[self.units], kind="stable").astype(np.int32)

    @cached_property
    def steps(self) -> tuple[Ints, ...]:
        """The positions below the top by depth, deepest first: the order in which children are
        added to their parents."""
        deepest = int(self.depths.max(initial=0))
        return tuple(
            np.flatnonzero(self.depths == depth).astype(np.int32) for depth in range(deepest, 0, -1)
        )

    @cached_property
    def positions(self) -> dict[int, int]:
        """By place, its position."""
        return {int(place): here for here, place in enumerate(self.places)}

    @cached_property
    def places_sorted(self) -> Longs:
        """The positions in the order of the places' numbers."""
        return np.argsort(self.places, kind="stable")

    @cached_property
    def _owing(self) -> dict[str, Flags]:
        return {}

    @cached_property
    def _expected(self) -> dict[str, Floats]:
        return {}

    def owing(self, tier: str) -> Flags:
        """Which units owe a figure: those of the reporting tier, and a unit above it that
        has nothing below it (the lowest existing unit reports itself).

        >>> tiers = ["nation", "city", "county", "city"]
        >>> levels = {"nation": 0, "city": 1, "county": 2}
        >>> shape = Shape.of([1, 2, 3, 4], [-1, 0, 1, 0], tiers, levels)
        >>> dict(zip(shape.places.tolist(), shape.owing("county").tolist()))
        {1: False, 2: False, 4: True, 3: True}
        """
        if tier not in self._owing:
            self._owing[tier] = self._find_owing(tier)
        return self._owing[tier]

    def _find_owing(self, tier: str) -> Flags:
        if tier not in self.names:
            return np.zeros(len(self), np.bool_)
        wanted = self.names.index(tier)
        levels = np.asarray(self.levels, np.int32)[self.tiers]
        above = (self.upper < 0) & (levels < self.levels[wanted])
        found: Flags = (self.tiers == wanted) | above
        return found

    def expected(self, tier: str) -> Floats:
        """How many units at or below each owe a figure."""
        if tier not in self._expected:
            found = self.owing(tier).astype(np.float64)
            for step in self.steps:
                np.add.at(found, self.parents[step], found[step])
            self._expected[tier] = found
        return self._expected[tier]

    def within(self, inside: Sequence[int], *, below: bool) -> Longs:
        """Some positions in order, with those below them if that is asked."""
        found = np.zeros(len(self), np.bool_)
        found[list(inside)] = True
        if below:
            for step in reversed(self.steps):
                found[step] |= found[self.parents[step]]
        return np.flatnonzero(found)

    def outermost(self, places: Iterable[int]) -> list[int]:
        """Positions of places, without those that lie in another of them: a county-level
        city is in its prefecture's total already."""
        inside = {self.positions[place] for place in places if place in self.positions}

        def lies_in_another(here: int) -> bool:
            above = int(self.parents[here])
            while above >= 0:
                if above in inside:
                    return True
                above = int(self.parents[above])
            return False

        return sorted(here for here in inside if not lies_in_another(here))
