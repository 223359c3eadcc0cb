"""Forms, reporting cycles and reports over the counties of `tests/world.py`.

`build_reporting` adds, for those tests that need it, a cycle for each step at which the report
of N111 may stand, named after it, and three whose time is over:

- `open`, `prepared`, `reviewed`, `signed` (N11 checks next), `accepted` (by N11 and N1);
- `closed`; `locked`; and `asked`, which is locked, and a colleague asks to open it again;
- `tasks`, in which the bodies of the nation report on the tasks of `growth` that they have taken
  on, and nobody gives figures.

A colleague in N111 prepared what is prepared, and asks for more time in `prepared`. Of the figures
for 2021, N111 contests its jobs and enquires about its people. The rows are
written as acts would have left them, and not by acts: there is nothing of it in the journal.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.world import COLLEAGUE, COUNTIES, World
from throughline.files.storage import store
from throughline.kernel import clock
from throughline.places.models import Tier
from throughline.reporting.models import (
    Check,
    Contest,
    Cycle,
    Extension,
    Form,
    FormLine,
    FormRule,
    Report,
    Workbook,
)
from throughline.reporting.rules.contesting import kind_of
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep

PERIOD = "2022"
GOOD: dict[str, dict[str, Any]] = {
    "jobs-reported": {"value": 12.0, "absent": False, "note": ""},
    "roads-reported": {"value": 2.0, "absent": False, "note": ""},
}
"""What the county says, and no rule minds."""

SIGNATORY = "d" * 32
"""The opaque id of one who signed, and has no other hand in it."""

BY_STEP = [
    ReportStep.OPEN,
    ReportStep.PREPARED,
    ReportStep.REVIEWED,
    ReportStep.SIGNED,
    ReportStep.ACCEPTED,
]
OVER = ("closed", "locked", "asked")


def add_forms(world: World) -> list[Form]:
    """`people` asks for jobs and roads, `works` for roads alone; both of every county, checked
    by prefecture and province."""
    tiers = {tier.key: tier for tier in Tier.objects.filter(scheme=world.cast.scheme)}
    forms = []
    asked = {"people": ("jobs-reported", "roads-reported"), "works": ("roads-reported",)}
    by = {"people": "lead-agency", "works": "leading-department"}
    for key, lines in asked.items():
        form = Form.objects.create(
            key=key, digest="0" * 64, plan=world.plans["growth"],
            asked_by=world.cast.bodies[by[key]], tier=tiers["county"], span="year",
            title_en=f"Form {key}", source_en=f"Paper of {key}",
        )  # fmt: skip
        form.review.set([tiers["prefecture"], tiers["province"]])
        for at, series in enumerate(lines, 1):
            FormLine.objects.create(
                form=form, series=world.series[series], position=at, number=f"1.{at}",
                section_en="Work",
            )  # fmt: skip
        forms.append(form)
    FormRule.objects.create(
        form=forms[0], key="roads-within-jobs", position=1, level="hard", kind="must",
        must="roads-reported <= jobs-reported", says_en="More roads than jobs.",
    )  # fmt: skip
    FormRule.objects.create(
        form=forms[0], key="few-jobs", position=2, level="soft", kind="must",
        must="jobs-reported >= 5", says_en="Very few jobs. Why?",
    )  # fmt: skip
    return forms


def build_reporting(world: World) -> None:
    """A cycle for each step, beside the rest of the world."""
    world.forms = {form.key: form for form in add_forms(world)}
    now = clock.now()
    for step in BY_STEP:
        _add_cycle(world, step.value, now + timedelta(days=7), step)
    for key in OVER:
        _add_cycle(world, key, now - timedelta(days=1), ReportStep.OPEN)
    Cycle.objects.filter(key__in=["locked", "asked"]).update(locked_at=now)
    Cycle.objects.filter(key="asked").update(unlock_asked_by=COLLEAGUE, unlock_reason="So it is")
    for key in world.cycles:
        world.cycles[key].refresh_from_db()
    _add_tasks(world, now + timedelta(days=7))
    world.extensions["county"] = add_extension(world.unit_reports["prepared"])
    world.contests["jobs"] = add_contest(world, "jobs-reported", "N111", "n111-government")
    world.contests["people"] = add_contest(world, "people-official", "N111", "n111-government")
    add_workbook(world)


def add_extension(report: Report) -> Extension:
    """More time that a colleague asks for, and nobody has decided on."""
    return Extension.objects.create(
        report=report, until=report.cycle.closes_at + timedelta(days=30), reason="Floods came",
        asked_by=COLLEAGUE, asked_at=clock.now(),
    )  # fmt: skip


def add_contest(world: World, series: str, place: str, body: str) -> Contest:
    """A figure for 2021 that a colleague in a body contests, and nobody has answered."""
    figure = world.standing(series, place, "2021")
    assert figure.value is not None
    return Contest.objects.create(
        observation=figure, series=figure.series, place=figure.place, period=figure.period,
        value=figure.value, kind=kind_of(figure.series.nature), proposed=figure.value + 2,
        grounds="We counted anew", body=world.cast.bodies[body], person=COLLEAGUE,
        at=clock.now(), act=0,
    )  # fmt: skip


def add_workbook(world: World) -> Workbook:
    """A workbook of several units that the prefecture gave in, with a cell that was not taken."""
    actor = world.cast.prefecture.actor
    fault = {
        "sheet": "Figures", "cell": "C7", "text": "many", "fault": "no number", "remedy": "Mend it."
    }  # fmt: skip
    kept = store(b"as it was given in", "counties.xlsx")
    return Workbook.objects.create(
        cycle=world.cycles["open"], file=kept, marked=kept, name="counties.xlsx", units=1, done=1,
        state=Workbook.State.DONE, person=actor.person, body_id=actor.body, at=clock.now(),
        report={
            "changed": 1, "rejected": 1, "rejects": [fault], "faults": 1, "found": [fault],
            "notes": ["A note."],
            "units": [
                {"code": "N111", "name_en": "N111", "name_zh": "N111", "changed": 1, "wrong": 1,
                 "odd": 1, "missing": 0},
            ],
        },
    )  # fmt: skip


def _add_cycle(world: World, key: str, closes_at: datetime, step: ReportStep) -> None:
    cycle = Cycle.objects.create(
        key=key, title_en=f"Cycle {key}", title_zh=f"Cycle {key}", period=PERIOD,
        owner=world.cast.bodies["lead-agency"],
        zone="UTC", opens_at=closes_at - timedelta(days=8), closes_at=closes_at, act=0,
    )  # fmt: skip
    cycle.forms.set(world.forms.values())
    world.cycles[key] = cycle
    rows = {
        code: Report.objects.create(cycle=cycle, place=world.cast.places[code]) for code in COUNTIES
    }
    world.unit_reports[key] = rows["N111"]
    if step != ReportStep.OPEN:
        _bring_to(world, rows["N111"], step)


def _add_tasks(world: World, closes_at: datetime) -> None:
    form = Form.objects.create(
        key="tasks", digest="0" * 64, plan=world.plans["growth"], tasks=True, span="year",
        asked_by=world.cast.bodies["lead-agency"], title_en="Form tasks",
        tier=Tier.objects.get(scheme=world.cast.scheme, key="nation"), source_en="Paper of tasks",
    )  # fmt: skip
    cycle = Cycle.objects.create(
        key="tasks", title_en="Cycle tasks", title_zh="Cycle tasks", period=PERIOD,
        owner=world.cast.bodies["lead-agency"], zone="UTC", closes_at=closes_at, act=0,
        opens_at=closes_at - timedelta(days=8), counts_from=closes_at - timedelta(days=900),
    )  # fmt: skip
    cycle.forms.set([form])
    world.cycles["tasks"] = cycle


def _bring_to(world: World, row: Report, step: ReportStep) -> None:
    """Let the report of N111 stand at a step, as its people would have brought it there."""
    now = clock.now()
    row.step, row.body, row.values = step, world.cast.bodies["n111-government"], GOOD
    row.prepared_by, row.prepared_at = COLLEAGUE, now
    if step != ReportStep.PREPARED:
        row.reviewed_by, row.reviewed_at = SIGNATORY, now
    if step not in BEFORE_SIGNING:
        row.signed_by, row.signed_at, row.first_signed_at = SIGNATORY, now, now
        row.signed_act, row.round = 0, 1
        row.turn = world.cast.places["N11"] if step == ReportStep.SIGNED else None
    if step == ReportStep.ACCEPTED:
        row.decided_by, row.decided_at = world.cast.province.actor.person, now
        for code in ("N11", "N1"):
            Check.objects.create(
                report=row, round=1, place=world.cast.places[code], person=SIGNATORY, at=now,
                body=world.cast.bodies[f"{code.lower()}-government"],
            )  # fmt: skip
    row.save()
