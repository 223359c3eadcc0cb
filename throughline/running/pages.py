"""Whether the process lives, and whether it can serve. Open to everybody, telling nothing."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from throughline.running.migrating import missing_migrations


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; else 503 with what is missing."""
    try:
        missing = "migrations" if missing_migrations() else None
    except DatabaseError:
        missing = "database"
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)
