"""Errors that a person is told about, answered once for every page."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from throughline.kernel.errors import (
    Busy,
    Invalid,
    NotFound,
    ThroughlineError,
    TooMany,
    Unauthenticated,
)
from throughline.kernel.text import is_storable
from throughline.running.logs import request_id

AWAY = 3
"""Seconds after which a database that went away is usually back."""

Answer = Callable[[HttpRequest], HttpResponse]


def api_answer(error: ThroughlineError) -> JsonResponse:
    """The error as the API gives it."""
    answer = JsonResponse(error.as_dict(), status=error.http_status)
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(error.retry_after)
    return answer


def page_answer(request: HttpRequest, error: ThroughlineError) -> HttpResponse:
    """The error as a page; nobody is sent to sign in and comes back here."""
    if isinstance(error, Unauthenticated):
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.get_full_path()})}")
    answer = render(request, "ui/error.html", {"error": error}, status=error.http_status)
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(error.retry_after)
    return answer


class ErrorMiddleware:
    """Turns a `ThroughlineError` that a page did not handle into its answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ThroughlineError):
            return page_answer(request, error)
        return None


def _is_for_the_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(reverse("api:api-root"))


def _answer(request: HttpRequest, error: ThroughlineError) -> HttpResponse:
    return api_answer(error) if _is_for_the_api(request) else page_answer(request, error)


class TextMiddleware:
    """Refuses, once for every address, texts that cannot be stored: with a NUL character or
    half of a pair. Bodies in JSON are read, and refused, by the API itself."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = [request.path_info, *request.GET.lists(), *request.POST.lists()]
        if not is_storable(sent):
            return _answer(request, unstorable())
        return self.get_response(request)


def unstorable() -> Invalid:
    """The refusal of a text that cannot be stored."""
    return Invalid(
        _("The request holds a character that cannot be stored."),
        remedy=_("Remove what cannot be seen, and send it again."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that does not exist; at the API in the form of its other refusals."""
    if _is_for_the_api(request):
        return api_answer(NotFound(_("There is no such address.")))
    return page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A defect, or a database that does not answer: the page says so and gives the number under
    which it stands in the log. It is rendered without the request, so that a broken context
    processor cannot break it."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _database_away(request)
    return _broken(
        500,
        _("Something broke on our side"),
        _(
            "What you sent was not recorded. It is noted in the log; if it happens again, tell the"
            " person who looks after this installation when it happened."
        ),
    )


def _database_away(request: HttpRequest) -> HttpResponse:
    """It is started again by itself within seconds; whether an act whose commit was under way is
    on record, nobody knows until then."""
    away = Busy(
        _("The database does not answer at this moment."),
        remedy=_(
            "Try again in a few seconds. If you sent something, look first whether it is on record."
        ),
    )
    answer = (
        api_answer(away)
        if _is_for_the_api(request)
        else _broken(away.http_status, away.message, away.remedy)
    )
    answer["Retry-After"] = str(AWAY)
    return answer


def _broken(status: int, title: str, lead: str | None) -> HttpResponse:
    told = {"title": title, "lead": lead, "request_id": request_id()}
    return HttpResponse(render_to_string("500.html", told), status=status)
