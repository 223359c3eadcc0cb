"""What is done to people, each act by its form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from throughline.bodies import actions
from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import holdings_seen
from throughline.bodies.models import Holding, Person
from throughline.bodies.pages.forms import Input, Question, Typed, carried, chosen
from throughline.bodies.pages.people import found_person
from throughline.bodies.permissions import (
    require_administrator,
    require_administrator_of_person,
)
from throughline.bodies.queries import people_administered, today, tokens_visible_to
from throughline.bodies.signing_in import OneTimePassword, new_one_time_password
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, NotFound
from throughline.ui.shapes import Crumb

FORM = ["GET", "HEAD", "POST"]


def _url(person: Person) -> str:
    return reverse("person", args=[person.opaque])


def _trail(person: Person, here: str) -> list[Crumb]:
    return [
        Crumb(_("People"), reverse("people")),
        Crumb(str(person.details), _url(person)),
        Crumb(here),
    ]


def _in_reach(actor: Actor, opaque: str) -> Person:
    """A person whom the actor may change, or the refusal that says why not."""
    person = found_person(actor, opaque)
    require_administrator_of_person(actor, person)
    return person


def _shown_once(request: HttpRequest, person: Person, password: OneTimePassword) -> HttpResponse:
    """The one-time password, on the only page that will ever show it."""
    context = {
        "found": person,
        "password": password,
        "url": _url(person),
        "trail": _trail(person, _("One-time password")),
    }
    return render(request, "bodies/one_time_password.html", context)


# -- who it is -----------------------------------------------------------------------------


def _identity_inputs() -> list[Input]:
    return [
        Input("name", _("Name in Chinese characters"), required=False),
        Input("name_en", _("Name in Latin letters"), required=False),
        Input("email", _("E-mail"), kind="email", required=False),
        Input("phone", _("Telephone"), required=False),
    ]


def _identity(login: str, typed: Typed) -> actions.Identity:
    given = {name: typed.text(name) for name in ("name", "name_en", "email", "phone")}
    return actions.Identity(login, **given)


@never_cache
@require_http_methods(FORM)
def create_person(request: HttpRequest) -> HttpResponse:
    """Create a person with a one-time password, shown this once."""
    actor = actor_of(request)
    require_administrator(actor)

    def act(typed: Typed) -> HttpResponse:
        password = new_one_time_password()
        person = actions.create_person(
            actor,
            identity=_identity(typed.text("login"), typed),
            encoded=password.encoded,
            language=typed.text("language"),
            one_time_until=password.expires_at,
        )
        return _shown_once(request, person, password)

    login_hint = _("Small Latin letters, digits, and . _ @ - after the first. It stays.")
    languages = [("", _("what the browser asks for")), ("zh-hans", "简体中文"), ("en", "English")]
    question = Question(
        title=_("New person"),
        told=[_("A one-time password is made, and shown on the next page only.")],
        inputs=[
            Input("login", _("Login"), hint=login_hint),
            *_identity_inputs(),
            Input("language", _("Language of the pages"), kind="choice", choices=languages),
        ],
        button=_("Create the person"),
        back=reverse("people"),
        trail=[Crumb(_("People"), reverse("people")), Crumb(_("New person"))],
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def correct_person(request: HttpRequest, person: str) -> HttpResponse:
    """Correct name and contacts."""
    actor = actor_of(request)
    found = _in_reach(actor, person)
    details = found.details

    def act(typed: Typed) -> HttpResponse:
        identity = _identity(found.login, typed)
        actions.correct_person(actor, person=found, identity=identity, seen=typed.text("seen"))
        messages.success(request, _("Name and contacts were corrected."))
        return redirect(_url(found))

    question = Question(
        title=_("Correct name and contacts"),
        inputs=[*_identity_inputs(), Input("seen", kind="hidden")],
        button=_("Correct"),
        back=_url(found),
        trail=_trail(found, _("Correct name and contacts")),
        initial=Typed.of(
            name=details.name,
            name_en=details.name_en,
            email=details.email,
            phone=details.phone,
            seen=actions.identity_of(found, details).code,
        ),
    )
    return carried(request, question, act)


@never_cache
@require_http_methods(FORM)
def reset_password(request: HttpRequest, person: str) -> HttpResponse:
    """Give a one-time password, shown this once."""
    actor = actor_of(request)
    found = _in_reach(actor, person)

    def act(typed: Typed) -> HttpResponse:
        password = new_one_time_password()
        actions.reset_password(
            actor, person=found, encoded=password.encoded, one_time_until=password.expires_at
        )
        return _shown_once(request, found, password)

    question = Question(
        title=_("Give a one-time password"),
        told=[
            _("The present password stops to count, and all sessions of this person end."),
            _("The new one is shown on the next page only. Hand it over in person."),
        ],
        inputs=[],
        button=_("Give a one-time password"),
        back=_url(found),
        trail=_trail(found, _("One-time password")),
    )
    return carried(request, question, act)


# -- whether he can sign in ------------------------------------------------------------------


@require_POST
def deactivate_person(request: HttpRequest, person: str) -> HttpResponse:
    """Let a person sign in no more. It can be undone."""
    found = found_person(actor_of(request), person)
    actions.deactivate_person(actor_of(request), person=found)
    messages.success(request, _("This person can sign in no more, and no token counts."))
    return redirect(_url(found))


@require_POST
def reactivate_person(request: HttpRequest, person: str) -> HttpResponse:
    """Undo a deactivation."""
    found = found_person(actor_of(request), person)
    actions.reactivate_person(actor_of(request), person=found)
    messages.success(request, _("This person can sign in again."))
    return redirect(_url(found))


@require_http_methods(FORM)
def blank_person(request: HttpRequest, person: str) -> HttpResponse:
    """Forget who a person was, once the login was typed as a confirmation."""
    actor = actor_of(request)
    found = _in_reach(actor, person)

    def act(typed: Typed) -> HttpResponse:
        if typed.text("login") != found.login:
            raise Conflict(_("This is not the login of this person."), place="login")
        actions.blank_person(actor, person=found)
        messages.success(request, _("This person was forgotten."))
        return redirect(_url(found))

    question = Question(
        title=_("Forget %(name)s") % {"name": found.details},
        told=[_("This cannot be undone.")],
        facts=_what_is_forgotten(actor, found),
        inputs=[
            Input(
                "login",
                _("Login, typed once more"),
                hint=_("To confirm: %(login)s") % {"login": found.login},
            )
        ],
        button=_("Forget for good"),
        back=_url(found),
        trail=_trail(found, _("Forget")),
    )
    return carried(request, question, act)


def _what_is_forgotten(actor: Actor, found: Person) -> list[str]:
    """What forgetting a person does, in sentences."""
    lasting = [each for each in holdings_seen(actor).filter(person=found) if _lasts(each)]
    counting = [each for each in tokens_visible_to(actor).filter(person=found) if each.counts]
    return [
        _("Name, e-mail, telephone and login are erased; nobody can sign in by them."),
        ngettext("%(count)s post held ends today.", "%(count)s posts held end today.", len(lasting))
        % {"count": len(lasting)},
        ngettext("%(count)s token is revoked.", "%(count)s tokens are revoked.", len(counting))
        % {"count": len(counting)},
        _("What this person did stays on record, under a number that says nothing of who it was."),
        _("Backups made before still hold the name; they are kept as long as you keep backups."),
    ]


def _lasts(holding: Holding) -> bool:
    return holding.valid_to is None or holding.valid_to > today()


# -- posts held ------------------------------------------------------------------------------


@require_http_methods(FORM)
def appoint_person(request: HttpRequest) -> HttpResponse:
    """Give a person a post from a day on."""
    actor = actor_of(request)
    require_administrator(actor)
    person_input = Input("person", _("Person"), kind="find", source="people")
    post_input = Input("post", _("Post"), kind="find", source="posts")

    def act(typed: Typed) -> HttpResponse:
        person = chosen(actor, person_input, typed)
        holding = actions.appoint_person(
            actor,
            person=person,
            post=chosen(actor, post_input, typed),
            valid_from=typed.needed_day("valid_from"),
            valid_to=typed.day("valid_to"),
        )
        messages.success(request, _("Appointed: %(post)s.") % {"post": holding.post})
        return redirect(_url(person))

    initial = {name: request.GET.get(name) for name in ("person", "post")}
    known = people_administered(actor).filter(opaque=initial["person"] or "").first()
    question = Question(
        title=_("Appoint to a post"),
        inputs=[
            person_input,
            post_input,
            Input("valid_from", _("From"), kind="date", hint=_("The first day in the post.")),
            Input(
                "valid_to",
                _("Until"),
                kind="date",
                required=False,
                hint=_("The first day without the post; open where it is empty."),
            ),
        ],
        button=_("Appoint"),
        back=_url(known) if known else reverse("people"),
        trail=[Crumb(_("People"), reverse("people")), Crumb(_("Appoint to a post"))],
        initial=Typed.of(**initial, valid_from=today()),
    )
    return carried(request, question, act)


def _found_holding(actor: Actor, holding: int) -> Holding:
    require_administrator(actor)
    found = holdings_seen(actor).filter(pk=holding).first()
    if found is None:
        raise NotFound(_("There is no such time in a post."))
    return found


@require_http_methods(FORM)
def end_holding(request: HttpRequest, holding: int) -> HttpResponse:
    """End a person's time in a post, or move its end."""
    actor = actor_of(request)
    found = _found_holding(actor, holding)

    def act(typed: Typed) -> HttpResponse:
        ended = actions.end_holding(
            actor,
            holding=found,
            valid_to=typed.needed_day("valid_to"),
            seen=typed.day("seen"),
        )
        told = _("The time in the post ends on %(day)s.") % {"day": ended.valid_to}
        messages.success(request, told)
        return redirect(_url(found.person))

    question = Question(
        title=_("End the time in a post"),
        told=[_("%(person)s, %(post)s") % {"person": found.person.details, "post": found.post}],
        inputs=[
            Input(
                "valid_to",
                _("Ends on"),
                kind="date",
                hint=_("The first day without the post. Tokens for the post end with it."),
            ),
            Input("seen", kind="hidden"),
        ],
        button=_("End it"),
        back=_url(found.person),
        trail=_trail(found.person, _("End the time in a post")),
        initial=Typed.of(valid_to=found.valid_to or today(), seen=found.valid_to or ""),
    )
    return carried(request, question, act)


@require_POST
def reopen_holding(request: HttpRequest, holding: int) -> HttpResponse:
    """Undo the end of a person's time in a post."""
    actor = actor_of(request)
    found = _found_holding(actor, holding)
    seen = Typed(dict(request.POST.lists())).needed_day("seen")
    actions.reopen_holding(actor, holding=found, seen=seen)
    messages.success(request, _("The time in the post goes on."))
    return redirect(_url(found.person))
