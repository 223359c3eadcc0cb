"""Links that change one thing about the page they stand on."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme


def query_with(query: QueryDict, **changes: str | int | None) -> str:
    """The query string with some parameters set, or removed where the value is None; the
    others stay. Begins with "?", so that it is a link to the same page.

    >>> query_with(QueryDict("status=off_track&page=3"), page=None, sort="name")
    '?status=off_track&sort=name'
    """
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


def page_of(request: HttpRequest) -> int:
    """The number of the page of a list, from 1; what is no number is the first."""
    text = request.GET.get("page", "1")
    digits = text.isascii() and text.isdigit() and len(text) < 7
    return max(1, int(text)) if digits else 1


def way_back(request: HttpRequest, fallback: str) -> str:
    """The page of ours from which a form was sent, as its field `next` says; else the fallback."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe and wanted.startswith("/") else fallback
