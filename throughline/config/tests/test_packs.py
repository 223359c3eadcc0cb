"""Loading a pack whole: what it says is there, and saying it again changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from throughline.config.packs import load_pack
from throughline.figures.actions import simulate_figures
from throughline.figures.models import Observation
from throughline.kernel.actor import SYSTEM
from throughline.kernel.period import Period
from throughline.places.models import Membership
from throughline.plans.models import PlanVersion
from throughline.running.home import CHECKOUT

pytestmark = pytest.mark.django_db

Stay = tuple[str, str, str, str]


def stays() -> list[Stay]:
    """Who is in which group, from when to when."""
    rows = Membership.objects.order_by("group__key", "place__code", "valid_from")
    return [
        (row.group.key, row.place.code, str(row.valid_from), str(row.valid_to or ""))
        for row in rows.select_related("group", "place")
    ]


def test_a_pack_loaded_again_changes_nothing() -> None:
    folder = CHECKOUT / "packs" / "meridia"
    load_pack(SYSTEM, folder, lambda _part: None)
    before, figures = stays(), Observation.objects.count()
    assert ("upper", "1002", "2023-01-01", "2024-01-01") in before
    assert ("lower", "1002", "2024-01-01", "") in before
    load_pack(SYSTEM, folder, lambda _part: None)
    assert stays() == before
    assert Observation.objects.count() == figures
    assert PlanVersion.objects.count() == 1


def test_figures_are_made_up_for_the_units_below_a_place_only() -> None:
    pack = load_pack(SYSTEM, CHECKOUT / "packs" / "meridia", lambda _part: None).pack
    works = next(each for each in pack.simulations if each.series == "water-works-reported")
    periods = (Period.parse("2019"),)
    narrow = replace(works, within="10", periods=periods)
    simulate_figures(SYSTEM, pack=replace(pack, simulations=(narrow,)))
    made_up = Observation.objects.filter(series__key=works.series, period="2019")
    codes = sorted(made_up.values_list("place__code", flat=True))
    assert codes == [f"100{number}" for number in range(1, 8)]
    simulate_figures(SYSTEM, pack=replace(pack, simulations=(replace(narrow, within=""),)))
    assert len(made_up.all()) > len(codes) + 7, "without a place, in every district"
