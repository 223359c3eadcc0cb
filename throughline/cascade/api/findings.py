"""The checks of a plan by the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Schema

from throughline.cascade.api.routing import actor_signed_in, router
from throughline.cascade.checking import described
from throughline.cascade.finding import findings_of
from throughline.cascade.permissions import require_checking
from throughline.kernel.refusals import REFUSALS
from throughline.plans.queries import plan_in_force

Size = Annotated[int, Field(ge=1, le=500)]


class FindingsOut(Schema):
    """Some of what was found, the gravest first; `found` counts all of it."""

    found: int
    findings: list[dict[str, Any]]


@router.get("/plans/{plan}/findings", response={200: FindingsOut} | REFUSALS)
def list_findings(
    request: HttpRequest, plan: str, code: str = "", skip: int = 0, limit: Size = 100
) -> FindingsOut:
    """What the checks find in a plan and the local plans below it; see `docs/guide/checks.md`."""
    actor = actor_signed_in(request)
    version = plan_in_force(actor, plan)
    require_checking(actor, version.plan)
    found = [each for each in findings_of(version.plan) if code in ("", each.code)]
    start = max(0, min(skip, len(found)))
    shown = described(found[start : start + limit])
    return FindingsOut(found=len(found), findings=[each.as_dict() for each in shown])
