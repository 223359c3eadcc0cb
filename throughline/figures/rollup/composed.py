"""The numbers of a formula of other indicators, from the numbers of those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from throughline.figures.cube.numbers import Joined
from throughline.figures.cube.shape import Flags, Floats, Shape
from throughline.figures.rules.bulk import formula_of
from throughline.plans.rules import Formula


class Rolled(Protocol):
    """Numbers of an indicator at every unit of a tree, by position; NaN is "no value"."""

    @property
    def shape(self) -> Shape: ...
    @property
    def total(self) -> Floats: ...
    @property
    def accepted(self) -> Floats: ...
    @property
    def owing(self) -> Flags: ...
    @property
    def own(self) -> Floats: ...
    @property
    def reported(self) -> Floats: ...
    @property
    def expected(self) -> Floats: ...
    @property
    def weight(self) -> Floats: ...
    @property
    def provisional(self) -> Flags: ...
    @property
    def simulated(self) -> Flags: ...
    def joined(self, inside: Sequence[int]) -> Joined: ...


class Composed:
    """A formula over the values of its parts at each unit: no value where one of them has
    none or is divided by zero. It is as complete as its least complete part, and provisional
    or simulated where one of them is."""

    def __init__(self, shape: Shape, formula: Formula, parts: Mapping[str, Rolled]) -> None:
        self.shape = shape
        self._formula = formula
        self._parts = parts

    def _of(self, values: Mapping[str, Floats], size: int) -> Floats:
        return np.array(np.broadcast_to(formula_of(self._formula, values), size))

    @cached_property
    def total(self) -> Floats:
        """From accepted and provisional figures."""
        return self._of({key: each.total for key, each in self._parts.items()}, len(self.shape))

    @cached_property
    def accepted(self) -> Floats:
        """From accepted figures alone."""
        return self._of({key: each.accepted for key, each in self._parts.items()}, len(self.shape))

    @cached_property
    def owing(self) -> Flags:
        """No unit owes a figure of a formula."""
        return np.zeros(len(self.shape), np.bool_)

    @cached_property
    def own(self) -> Floats:
        """No unit gives one."""
        return np.full(len(self.shape), np.nan)

    @cached_property
    def _least(self) -> tuple[Floats, Floats, Floats]:
        """Units that reported, units that owe a figure, and weight, of the least complete
        part at each unit."""
        parts = list(self._parts.values())
        if not parts:
            nothing = np.zeros(len(self.shape))
            return nothing, nothing, np.full(len(self.shape), np.nan)
        expected = np.stack([each.expected for each in parts])
        reported = np.stack([each.reported for each in parts])
        with np.errstate(all="ignore"):
            shares = np.where(expected > 0, reported / expected, np.inf)
        least = shares.argmin(axis=0)[np.newaxis]
        weights = np.stack([each.weight for each in parts])
        with np.errstate(all="ignore"):
            weight = np.fmin.reduce(weights, axis=0)
        return (
            np.take_along_axis(reported, least, 0)[0],
            np.take_along_axis(expected, least, 0)[0],
            weight,
        )

    @property
    def reported(self) -> Floats:
        """Of the least complete part."""
        return self._least[0]

    @property
    def expected(self) -> Floats:
        """Of the least complete part."""
        return self._least[1]

    @property
    def weight(self) -> Floats:
        """The least share of weight of a part."""
        return self._least[2]

    @cached_property
    def provisional(self) -> Flags:
        """Whether a part is."""
        return self._any([each.provisional for each in self._parts.values()])

    @cached_property
    def simulated(self) -> Flags:
        """Whether a part is."""
        return self._any([each.simulated for each in self._parts.values()])

    def _any(self, flags: Sequence[Flags]) -> Flags:
        found = np.zeros(len(self.shape), np.bool_)
        for each in flags:
            found |= each
        return found

    def joined(self, inside: Sequence[int]) -> Joined:
        """The formula over its parts' values of a group of units."""
        parts = {key: each.joined(inside) for key, each in self._parts.items()}
        values = {
            key: np.array([np.nan if each.total is None else each.total])
            for key, each in parts.items()
        }
        total = float(self._of(values, 1)[0])
        least = min(
            parts.values(),
            key=lambda each: each.reported / each.expected if each.expected else np.inf,
            default=Joined(None, 0, 0, False, False),
        )
        return Joined(
            total=None if np.isnan(total) else total,
            reported=least.reported,
            expected=least.expected,
            provisional=any(each.provisional for each in parts.values()),
            simulated=any(each.simulated for each in parts.values()),
        )
