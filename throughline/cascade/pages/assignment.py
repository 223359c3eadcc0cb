"""An assignment: what is owed by whom by when, where it stands, and what can be done now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.cascade.queries import assignment_by_id


@require_safe
def assignment(request: HttpRequest, assignment: int) -> HttpResponse:
    """One assignment."""
    actor = actor_of(request)
    signed_in(actor)
    row = assignment_by_id(actor, assignment)
    return render(request, "cascade/assignment.html", {"assignment": row})
