"""Loading a pack whole: what it says is there, and saying it again changes nothing."""

from __future__ import annotations

import pytest

from throughline.config.packs import load_pack
from throughline.figures.models import Observation
from throughline.kernel.actor import SYSTEM
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
