"""Figures that are made up by a rule, the same each time. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from throughline.kernel.period import Period
from throughline.plans.packs.pack import Simulation


def values(simulation: Simulation, places: Iterable[str]) -> Iterator[tuple[str, Period, float]]:
    """Code, period and value for each place and period, in that order.

    A unit's first value lies between `low` and `high`; each later one adds `step` times the
    first, and each lies off that by up to the share `vary`. The share `silent` of the units has
    no value in the last period. Series that are drawn `like` one another with the same seed are
    high and low in the same places and periods.

    >>> from throughline.plans.packs.mapping import Words
    >>> periods = (Period.parse("2021"), Period.parse("2022"))
    >>> rule = Simulation("s", 1, "county", periods, 10, 20, Words(), step=1)
    >>> [value for _place, _period, value in values(rule, ["110101"])]
    [12.0, 24.0]
    >>> rule = Simulation("s", 1, "county", periods, 10, 20, Words(), step=1, vary=0.5)
    >>> [value for _place, _period, value in values(rule, ["110101"])]
    [8.0, 13.0]
    """
    last = len(simulation.periods) - 1
    for place in places:
        first = simulation.low + _share(simulation, place, "value") * (
            simulation.high - simulation.low
        )
        first = round(first, simulation.decimals)
        silent = _share(simulation, place, "silent") < simulation.silent
        for number, period in enumerate(simulation.periods):
            if not (silent and number == last):
                value = first * (1 + simulation.step * number)
                if simulation.vary:
                    value *= 1 + simulation.vary * (2 * _share(simulation, place, period.code) - 1)
                yield place, period, round(value, simulation.decimals)


def _share(simulation: Simulation, place: str, purpose: str) -> float:
    """A number from 0 up to 1 that depends on nothing but the seed and what it is for."""
    drawn = simulation.like or simulation.series
    text = f"{simulation.seed}/{drawn}/{place}/{purpose}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
