"""The workbook of several units by the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, File, Schema, Status
from ninja.files import UploadedFile

from throughline.figures.pages.answers import CSV, XLSX
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS
from throughline.reporting.api.routing import actor_in, router
from throughline.reporting.models import Workbook
from throughline.reporting.queries import (
    cycle_by_key,
)
from throughline.reporting.sheets import write, write_csv
from throughline.reporting.workbooks import (
    filled_in_by,
    receive_workbook,
    template_of_several,
    workbooks_visible_to,
)


class CellFaultOut(Schema):
    """A cell of a workbook, what is wrong with it and what mends it; `about` names the figure that
    belongs there."""

    sheet: str
    cell: str
    text: str
    fault: str
    remedy: str
    about: str = ""


class WorkbookUnitOut(Schema):
    """A unit of a workbook: how many of its cells were filled, and what keeps its report from
    being prepared."""

    place: str
    changed: int
    wrong: int
    odd: int
    missing: int


class WorkbookOut(Schema):
    """What became of a workbook of several units. While it is `reading`, `done` of `units` sheets
    are filled; `rejects` were not taken, `found` were, and have to be corrected or explained.
    Both lists end after the first 500."""

    id: int
    cycle: str
    name: str
    state: Workbook.State
    at: datetime
    units: int
    done: int
    changed: int
    rejected: int
    rejects: list[CellFaultOut]
    faults: int
    found: list[CellFaultOut]
    sheets: list[WorkbookUnitOut]
    notes: list[str]
    message: str = Field(description="why nothing was taken")


def _workbook_out(row: Workbook) -> WorkbookOut:
    said = row.report
    return WorkbookOut(
        id=row.pk, cycle=row.cycle.key, name=row.name, state=Workbook.State(row.state), at=row.at,
        units=row.units, done=row.done, changed=said.get("changed", 0),
        rejected=said.get("rejected", 0), faults=said.get("faults", 0),
        rejects=[CellFaultOut(**each) for each in said.get("rejects", [])],
        found=[CellFaultOut(**each) for each in said.get("found", [])],
        sheets=[
            WorkbookUnitOut(
                place=each["code"], changed=each["changed"], wrong=each["wrong"], odd=each["odd"],
                missing=each["missing"],
            )
            for each in said.get("units", [])
        ],
        notes=said.get("notes", []), message=said.get("message", ""),
    )  # fmt: skip


FILE = {"schema": {"type": "string", "format": "binary"}}


AS_FILE: dict[str, Any] = {
    "responses": {200: {"description": "The file", "content": {XLSX: FILE, CSV: FILE}}}
}


@router.get(
    "/cycles/{cycle}/workbook", response=REFUSALS, url_name="cycle-workbook", openapi_extra=AS_FILE
)
def take_workbook(request: HttpRequest, cycle: str, csv: bool = False) -> HttpResponse:
    """The sheets of all units for which you report, as a workbook, or as CSV."""
    actor = actor_in(request)
    row = cycle_by_key(actor, cycle)
    reports = list(filled_in_by(actor, row))
    found = template_of_several(actor, row, reports, row.zone, get_language() or "en").template
    if csv:
        return HttpResponse(write_csv(found), content_type=CSV)
    return HttpResponse(write(found), content_type=XLSX)


@router.post(
    "/cycles/{cycle}/workbook", response={202: WorkbookOut, **REFUSALS}, url_name="cycle-workbook"
)
def give_workbook(
    request: HttpRequest, cycle: str, file: File[UploadedFile]
) -> Status[WorkbookOut]:
    """Give a filled-in workbook in. A job reads it; ask for the workbook until it is done."""
    actor = actor_in(request)
    row = cycle_by_key(actor, cycle)
    given = receive_workbook(actor, row, file.read(), file.name or "workbook")
    return Status(202, _workbook_out(given))


@router.get("/workbooks/{workbook}", response={200: WorkbookOut, **REFUSALS}, url_name="workbook")
def workbook(request: HttpRequest, workbook: int) -> WorkbookOut:
    """What became of a workbook that you gave in."""
    actor = actor_in(request)
    rows = workbooks_visible_to(actor)
    found = rows.filter(pk=workbook).first() if 0 <= workbook < 2**62 else None
    if found is None:
        raise NotFound(_("There is no such workbook."))
    return _workbook_out(found)
