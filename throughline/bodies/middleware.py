"""Finds out once, for every request, who acts and in which language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from throughline.bodies.authentication import actor_from_session, actor_from_token, bearer_secret
from throughline.bodies.models import Person
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, Unauthenticated
from throughline.kernel.memory import remembering


def _actor_and_person(request: HttpRequest) -> tuple[Actor, Person | None]:
    """A bearer token, where one is sent, counts alone: the session is not looked at."""
    secret = bearer_secret(request)
    if secret is None:
        return actor_from_session(request)
    return actor_from_token(secret), None


def _speak_the_language_of(person: Person | None, request: HttpRequest) -> None:
    """The person's language, unless another was chosen in this browser."""
    chosen_here = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if person and person.language and not chosen_here:
        translation.activate(person.language)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


CHOOSING = ("first-password", "sign-out", "set_language")
"""The addresses that are open to whoever has a one-time password."""


def _choose_a_password_first(request: HttpRequest) -> HttpResponse | None:
    """Where a person with a one-time password is sent from any other address; the API says
    so instead."""
    if request.path_info in {reverse(name) for name in CHOOSING}:
        return None
    if request.path_info.startswith(reverse("api:api-root")):
        error = Forbidden(
            _("Choose a password of your own first."), rule="people.one-time-password"
        )
        return JsonResponse(error.as_dict(), status=error.http_status)
    return redirect("first-password")


class ActorMiddleware:
    """Sets `request.actor`; a token that does not count is refused here, for any address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with remembering():
            try:
                actor, person = _actor_and_person(request)
            except Unauthenticated as error:
                return JsonResponse(
                    error.as_dict(),
                    status=error.http_status,
                    headers={"WWW-Authenticate": "Bearer"},
                )
            request.actor = actor  # type: ignore[attr-defined]
            _speak_the_language_of(person, request)
            sent = _choose_a_password_first(request) if person and person.one_time_until else None
            return sent or self.get_response(request)
