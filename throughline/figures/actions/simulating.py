"""Figures made up for a demo by the rule that its pack declares, labelled as simulated."""

from __future__ import annotations

from throughline.figures.actions.writing import Entry, Outcome, write
from throughline.figures.models import Observation, Series
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict
from throughline.kernel.period import Period
from throughline.kernel.permissions import require_installation
from throughline.places.models import Place, Scheme
from throughline.places.queries import Tree, tree_at
from throughline.plans.packs.pack import Pack, Simulation
from throughline.plans.packs.simulation import values


@action("figures.simulate")
def simulate_figures(act: Act, *, pack: Pack) -> int:
    """Write the made-up figures of a demo pack; figures that people changed stay as they are.

    Only series that are declared simulated take them, and never in a pack that is no demo.
    """
    require_installation(act.actor)
    if not pack.demo:
        raise Conflict("only a demo pack holds simulated figures")
    stored = sum(_simulate(act, pack, each).stored for each in pack.simulations)
    act.about(f"pack:{pack.key}")
    act.record(stored=stored, series=[each.series for each in pack.simulations])
    return stored


def _simulate(act: Act, pack: Pack, said: Simulation) -> Outcome:
    series = Series.objects.get(key=said.series, simulated=True)
    scheme = Scheme.objects.get(key=pack.scheme)
    by_period: dict[Period, dict[str, int]] = {}
    for period in said.periods:
        by_period[period] = _units(tree_at(scheme, period.end), said)
    codes = sorted({code for places in by_period.values() for code in places})
    places = Place.objects.in_bulk(
        {place for each in by_period.values() for place in each.values()}
    )
    taken = set(Observation.objects.filter(series=series).values_list("place__code", "period"))
    entries = [
        Entry(
            series=series,
            place=places[by_period[period][code]],
            period=period,
            value=value,
            status=Observation.Status.ACCEPTED,
            note=said.note.en or said.note.zh,
            note_zh=said.note.zh,
            simulated=True,
        )
        for code, period, value in values(said, codes)
        if code in by_period[period] and (code, period.code) not in taken
    ]
    return write(act, entries)


def _units(tree: Tree, said: Simulation) -> dict[str, int]:
    """The places by code that a figure is made up for: of its tier, and below the place that it
    is kept to."""
    inside: list[bool] = []
    for code, above in zip(tree.codes, tree.parents, strict=True):
        inside.append(code == said.within or (inside[above] if above >= 0 else not said.within))
    return {
        code: place
        for code, place, tier, here in zip(tree.codes, tree.ids, tree.tiers, inside, strict=True)
        if here and tier == said.tier
    }
