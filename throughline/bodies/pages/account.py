"""Signing in and out, and one's own account: posts, language, password, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from throughline.bodies import actions
from throughline.bodies.authentication import (
    POST_IN_SESSION,
    actor_of,
    client_address,
    new_secret,
    person_of,
)
from throughline.bodies.loading import known_demo_password
from throughline.bodies.models import SCOPES, Person
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import actor_for, demo_people, holdings_of, tokens_visible_to
from throughline.bodies.rules import Scope
from throughline.bodies.signing_in import encoded_password, person_signing_in
from throughline.kernel import clock
from throughline.kernel.actor import Door
from throughline.kernel.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    ThroughlineError,
    TooMany,
    Unauthenticated,
)
from throughline.running.logs import request_id

TOKEN_LIVES = (30, 90, 365)
"""Days that a token may be asked to last."""


def _problems_of(error: ThroughlineError, field: str) -> list[Problem]:
    """An error's problems for the summary above a form; without any, the error itself."""
    listed = error.problems if isinstance(error, Invalid) else []
    return listed or [Problem("", error.message, field=field)]


def _safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: an address of this site, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


# -- signing in and out --------------------------------------------------------------------


def _sign_in_page(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    context = {
        "problems": problems,
        "login": request.POST.get("login", ""),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "demo_people": demo_people(),
        "demo_password": known_demo_password(),
    }
    return render(request, "bodies/sign_in.html", context, status=status)


def _later(answer: HttpResponse, error: TooMany) -> HttpResponse:
    """An answer that says when to come again."""
    answer["Retry-After"] = str(error.retry_after)
    return answer


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with login and password, and go where one wanted to go."""
    if request.method == "GET":
        return (
            _sign_in_page(request) if actor_of(request).is_nobody else redirect(_safe_next(request))
        )
    login, password = request.POST.get("login", ""), request.POST.get("password", "")
    try:
        person = person_signing_in(login, password, client_address(request))
    except (TooMany, Unauthenticated) as error:
        answer = _sign_in_page(request, _problems_of(error, "login"), error.http_status)
        return _later(answer, error) if isinstance(error, TooMany) else answer
    actions.sign_in(actor_for(person, door=Door.WEB, request_id=request_id()), person=person)
    auth.login(request, person)
    return redirect(_safe_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out of this browser."""
    actor = actor_of(request)
    if not actor.is_nobody:
        actions.sign_out(actor, person=person_of(request))
    auth.logout(request)
    return redirect("sign-in")


# -- one's own account ---------------------------------------------------------------------


def _account_page(
    request: HttpRequest,
    *,
    error: ThroughlineError | None = None,
    field: str = "",
    secret: str = "",
) -> HttpResponse:
    """The account, with what was refused, or with the secret of a token just issued."""
    person = person_of(request)
    actor = actor_of(request)
    context = {
        "problems": _problems_of(error, field) if error else [],
        "account": person,
        "holdings": holdings_of(person),
        "post_id": actor.post,
        "languages": settings.LANGUAGES,
        "tokens": tokens_visible_to(actor).filter(person=person),
        "scopes": [(value, label) for value, label in SCOPES if value != Scope.READ],
        "lives": [(str(days), _("%(days)s days") % {"days": days}) for days in TOKEN_LIVES],
        "now": clock.now(),
        "given": request.POST if error else {},
        "secret": secret,
    }
    return render(
        request, "bodies/account.html", context, status=error.http_status if error else 200
    )


@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """One's posts, language, password and tokens."""
    return _account_page(request)


@require_POST
def switch_post(request: HttpRequest) -> HttpResponse:
    """Go on in another of the posts one holds."""
    person = person_of(request)
    wanted = request.POST.get("post", "")
    holding = next((each for each in holdings_of(person) if str(each.post_id) == wanted), None)
    if holding is None:
        raise NotFound(_("You hold no such post."))
    post = actions.switch_post(actor_of(request), person=person, post=holding.post)
    request.session[POST_IN_SESSION] = post.pk
    messages.success(request, _("You now act as %(post)s.") % {"post": post})
    return redirect("account")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages, here and wherever one signs in."""
    language = request.POST.get("language", "")
    try:
        actions.set_language(actor_of(request), person=person_of(request), language=language)
    except Invalid as error:
        return _account_page(request, error=error, field="language")
    if language:
        translation.activate(language)
    messages.success(request, _("The language was set."))
    answer = redirect("account")
    answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
    return answer


def _checked_password(request: HttpRequest, person: Person) -> str:
    """The new password, encoded, once the old one was given right; raises what is wrong."""
    person_signing_in(person.login, request.POST.get("old", ""), client_address(request))
    return _new_password(request, person)


def _new_password(request: HttpRequest, person: Person) -> str:
    """The new password, encoded; raises what is wrong with it."""
    new = request.POST.get("password", "")
    if new != request.POST.get("again", ""):
        raise Invalid(
            _("The new password was not typed twice alike."),
            problems=[Problem("again", _("Type the same password twice."), field="again")],
        )
    encoded = encoded_password(new, person)
    if person.check_password(new):
        raise Invalid(_("Choose another password than the present one."), place="password")
    return encoded


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """Choose a password of one's own in place of a one-time password."""
    person = person_of(request)
    if person.one_time_until is None:
        return redirect("account")
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            encoded = _new_password(request, person)
            person = actions.change_password(actor_of(request), person=person, encoded=encoded)
        except (Invalid, Forbidden) as error:
            problems = _problems_of(error, "password")
        else:
            auth.update_session_auth_hash(request, person)
            messages.success(request, _("The password is yours alone now."))
            return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"problems": problems, "account": person, "until": person.one_time_until}
    status = 422 if problems else 200
    return render(request, "bodies/first_password.html", context, status=status)


@never_cache
@sensitive_post_parameters("old", "password", "again")
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; all other sessions end."""
    person = person_of(request)
    try:
        encoded = _checked_password(request, person)
    except Unauthenticated:
        told = Invalid(_("The present password is not right."))
        return _account_page(request, error=told, field="old")
    except Invalid as error:
        return _account_page(request, error=error, field="password")
    except TooMany as error:
        return _later(_account_page(request, error=error, field="old"), error)
    person = actions.change_password(actor_of(request), person=person, encoded=encoded)
    auth.update_session_auth_hash(request, person)
    messages.success(request, _("The password was changed. Other sessions have ended."))
    return redirect("account")


@never_cache
@require_POST
def issue_token(request: HttpRequest) -> HttpResponse:
    """Issue a token for the post one acts in, and show its secret this once."""
    person, actor = person_of(request), actor_of(request)
    holding = holdings_of(person).filter(post=actor.post).first()
    if holding is None:
        raise NotFound(_("You hold no post for which a token could act."))
    days = request.POST.get("days", "")
    life = timedelta(days=int(days) if days in map(str, TOKEN_LIVES) else TOKEN_LIVES[0])
    secret = new_secret()
    try:
        actions.issue_token(
            actor,
            person=person,
            post=holding.post,
            name=request.POST.get("name", ""),
            prefix=secret.prefix,
            digest=secret.digest,
            scopes=request.POST.getlist("scopes"),
            expires_at=clock.now() + life,
        )
    except Invalid as error:
        return _account_page(request, error=error, field=error.place or "name")
    return _account_page(request, secret=secret.text)


@require_POST
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    """End one of the tokens in sight for good."""
    signed_in(actor_of(request))
    found = tokens_visible_to(actor_of(request)).select_related("person").filter(pk=token).first()
    if found is None:
        raise NotFound(_("There is no such token."))
    actions.revoke_token(actor_of(request), token=found)
    messages.success(request, _("The token %(name)s counts no more.") % {"name": found.name})
    mine = found.person.opaque == actor_of(request).person
    return redirect("account") if mine else redirect("person", person=found.person.opaque)
