"""The sheet of a unit: all that is asked of it in a cycle, filled in on one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from throughline.reporting.asking import asked_of
from throughline.reporting.pages.acts import found, trail


@require_safe
def sheet(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """The sheet of a unit."""
    _actor, row = found(request, cycle, place)
    context = {"report": row, "asked": asked_of(row), "trail": trail(row)}
    return render(request, "reporting/sheet.html", context)


@require_POST
def save(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Keep what was typed."""
    return JsonResponse({})


@require_POST
def prepare(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Prepare the report."""
    return redirect("cycles")
