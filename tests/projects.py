"""Projects over the world of `tests/world.py`, for those tests that need them.

The register of `land` counts in thousands of crowns with one decimal, has codes of the form
`9999-AA-99`, and two sectors. `build_projects` adds:

- `bridge` of N1's government, under way in N11, which serves the task of `growth`; with a
  phase, money, a contract, a note of progress and its picture;
- `road` of N2's government, planned, which serves nothing;
- `hub` of the department that has no part, planned for the nation.

The rows are written as acts would have left them, and not by acts: there is nothing of it in
the journal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from tests.world import World
from throughline.files.storage import store
from throughline.plans.models import Thread
from throughline.projects.models import (
    Contract,
    Funding,
    ProgressNote,
    ProgressPicture,
    Project,
    ProjectPhase,
    Register,
    Sector,
)

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f030005fe02fe"
    "a1399d1d0000000049454e44ae426082"
)
"""One pixel."""

STARTED = date(2022, 3, 1)
SPREAD = {"approved": 100, "arrived": 60, "spent": 40}
"""Money of the bridge from the local budget, by stage."""


def add_register(world: World) -> Register:
    """The register of the cast's country."""
    found = Register.objects.create(
        scheme=world.cast.scheme, currency="XTS", unit_en="thousand crowns", unit_zh="千克朗",
        decimals=1, zone="UTC", code_form="9999-AA-99",
    )  # fmt: skip
    for position, key in enumerate(("transport", "water"), start=1):
        Sector.objects.create(
            register=found, key=key, name_en=key.title(), name_zh=f"行业{position}",
            position=position,
        )  # fmt: skip
    return found


def add_project(world: World, member: str, key: str, place: str, **more: Any) -> Project:
    """A project of a member's body, planned unless said otherwise."""
    register = Register.objects.get(scheme=world.cast.scheme)
    given: dict[str, Any] = {
        "title_en": f"The {key}", "title_zh": f"项目{key}", "purpose_en": f"What {key} is for",
        "sector": register.sectors.get(key="transport"), "cost": Decimal("120.5"),
        "start_planned": date(2022, 1, 1), "finish_planned": date(2024, 12, 31),
    }  # fmt: skip
    found = Project.objects.create(
        register=register, key=key, owner=getattr(world.cast, member).body, **given | more
    )
    found.places.add(world.cast.places[place])
    return found


def build_projects(world: World) -> None:
    """The register with its three projects."""
    add_register(world)
    bridge = add_project(
        world, "province", "bridge", "N11", code="2022-BR-01", state="under_way",
        start_actual=STARTED, land=Decimal("2.5"),
    )  # fmt: skip
    bridge.serves.add(Thread.objects.get(plan=world.plans["growth"], key="task"))
    add_project(world, "sibling", "road", "N211")
    add_project(world, "uninvolved", "hub", "N")
    ProjectPhase.objects.create(
        project=bridge, position=1, title="Piers", starts=STARTED, ends=date(2023, 6, 30)
    )
    for month, (stage, amount) in enumerate(SPREAD.items(), start=3):
        Funding.objects.create(
            project=bridge, source="local", stage=stage, on=date(2022, month, 15), amount=amount,
            act=0,
        )  # fmt: skip
    add_contract(world, bridge)
    note = ProgressNote.objects.create(
        project=bridge, on=date(2023, 1, 31), done=Decimal(30), text="Two piers stand", act=0
    )
    ProgressPicture.objects.create(
        note=note, file=store(BytesIO(PICTURE), "piers.png"), name="piers.png"
    )


def add_contract(world: World, project: Project, number: str = "C-1") -> Contract:
    """A contract of a project."""
    return Contract.objects.create(
        project=project, number=number, title="Piers", contractor="Builders", amount=80,
        signed_on=date(2022, 2, 1), act=0,
    )  # fmt: skip
