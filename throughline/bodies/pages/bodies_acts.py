"""What is done to bodies, each act by its form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from throughline.bodies import actions
from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import relations_of
from throughline.bodies.models import BODY_KINDS, DUTIES, RELATION_KINDS, Body, Holding, Relation
from throughline.bodies.pages.bodies import found_body, lasts
from throughline.bodies.pages.forms import (
    Input,
    Question,
    Typed,
    carried,
    chosen,
    refused,
    unchosen,
)
from throughline.bodies.permissions import require_administrator, require_administrator_of
from throughline.bodies.queries import today
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.ui.shapes import Crumb

ONE_STEP = "one_step"
FORM = ["GET", "HEAD", "POST"]


class Names(TypedDict):
    """What a body is called."""

    name_en: str
    name_zh: str
    short_en: str
    short_zh: str
    aliases: list[str]


def _url(body: Body) -> str:
    return reverse("body", args=[body.key])


def body_trail(body: Body, here: str) -> list[Crumb]:
    """The way to a form of a body."""
    return [Crumb(_("Bodies"), reverse("bodies")), Crumb(body.name, _url(body)), Crumb(here)]


def _in_reach(actor: Actor, key: str) -> Body:
    """A body that the actor administers, or the refusal that says why not."""
    body = found_body(actor, key)
    require_administrator_of(actor, body.place)
    return body


def _names() -> list[Input]:
    return [
        Input("name_zh", _("Name in Chinese"), required=False),
        Input("name_en", _("Name in English"), required=False),
        Input("short_zh", _("Short name in Chinese"), required=False),
        Input("short_en", _("Short name in English"), required=False),
        Input(
            "aliases",
            _("Other names"),
            kind="area",
            required=False,
            hint=_("By which documents call it; one on each line."),
        ),
    ]


def _names_typed(typed: Typed) -> Names:
    return {
        "name_en": typed.text("name_en"),
        "name_zh": typed.text("name_zh"),
        "short_en": typed.text("short_en"),
        "short_zh": typed.text("short_zh"),
        "aliases": typed.lines("aliases"),
    }


def _one_of(typed: Typed, name: str, choices: Sequence[tuple[str, object]]) -> str:
    """The choice made in a field; raises Invalid where it is none of those offered."""
    value = typed.text(name)
    if value not in dict(choices):
        raise refused(name, _("Choose one of those offered."))
    return value


@require_http_methods(FORM)
def create_body(request: HttpRequest) -> HttpResponse:
    """Create a body at a place."""
    actor = actor_of(request)
    require_administrator(actor)
    place = Input("place", _("Place"), kind="find", source="places")

    def act(typed: Typed) -> HttpResponse:
        body = actions.create_body(
            actor,
            key=typed.text("key"),
            kind=BodyKind(_one_of(typed, "kind", BODY_KINDS)),
            place=chosen(actor, place, typed),
            valid_from=typed.day("valid_from"),
            **_names_typed(typed),
        )
        messages.success(request, _("The body was created. Give it relations and posts."))
        return redirect(_url(body))

    question = Question(
        title=_("New body"),
        inputs=[
            *_names(),
            Input("kind", _("Kind"), kind="choice", choices=unchosen(BODY_KINDS)),
            place,
            Input(
                "key",
                _("Key"),
                hint=_(
                    "Its name for machines, in files and on record; it stays. For example %(key)s."
                )
                % {"key": "110000-drc"},
            ),
            Input("valid_from", _("From"), kind="date", required=False, hint=_since_always()),
        ],
        button=_("Create the body"),
        back=reverse("bodies"),
        trail=[Crumb(_("Bodies"), reverse("bodies")), Crumb(_("New body"))],
        draft="body:new",
    )
    return carried(request, question, act)


def _since_always() -> str:
    return _("Since always where it is empty.")


@require_http_methods(FORM)
def correct_body(request: HttpRequest, key: str) -> HttpResponse:
    """Correct what a body is called, and how its reports are signed."""
    actor = actor_of(request)
    body = _in_reach(actor, key)
    signing = [
        ("", _("one prepares, another reviews, the leader signs")),
        (ONE_STEP, _("small body: one person may prepare and sign")),
    ]

    def act(typed: Typed) -> HttpResponse:
        one_step = typed.text("signing") == ONE_STEP
        actions.correct_body(actor, body=body, **_names_typed(typed), one_step=one_step)
        messages.success(request, _("The entry was corrected."))
        return redirect(_url(body))

    question = Question(
        title=_("Correct the entry"),
        told=[_("Loading its plan pack again brings the pack’s names back.")],
        inputs=[
            *_names(),
            Input("signing", _("Reports"), kind="choice", choices=signing, required=False),
        ],
        button=_("Correct"),
        back=_url(body),
        trail=body_trail(body, _("Correct the entry")),
        initial=Typed.of(
            name_zh=body.name_zh,
            name_en=body.name_en,
            short_zh=body.short_zh,
            short_en=body.short_en,
            signing=ONE_STEP if body.one_step else "",
            aliases="\n".join(body.aliases.order_by("alias").values_list("alias", flat=True)),
        ),
        draft=f"body:{body.key}:names",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def create_post(request: HttpRequest, key: str) -> HttpResponse:
    """Create a post in a body."""
    actor = actor_of(request)
    body = _in_reach(actor, key)

    def act(typed: Typed) -> HttpResponse:
        duties = typed.several("duties")
        if not set(duties) <= set(Duty):
            raise refused("duties", _("Choose one of those offered."))
        post = actions.create_post(
            actor,
            body=body,
            key=typed.text("key"),
            title_en=typed.text("title_en"),
            title_zh=typed.text("title_zh"),
            duties=[Duty(duty) for duty in duties],
        )
        messages.success(request, _("The post was created: %(post)s.") % {"post": post.title})
        return redirect(_url(body))

    duties = [(value, str(word)) for value, word in DUTIES if value != Duty.AUDIT]
    question = Question(
        title=_("New post"),
        told=[body.name],
        inputs=[
            Input("title_zh", _("Title in Chinese"), required=False),
            Input("title_en", _("Title in English"), required=False),
            Input("key", _("Key"), hint=_("Its name for machines inside the body; it stays.")),
            Input(
                "duties",
                _("What it is there for"),
                kind="several",
                choices=duties,
                hint=_(
                    "Whoever holds it may do this. Posts that audit are made with the installation."
                ),
            ),
        ],
        button=_("Create the post"),
        back=_url(body),
        trail=body_trail(body, _("New post")),
        draft=f"body:{body.key}:post",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def relate_bodies(request: HttpRequest, key: str) -> HttpResponse:
    """Put a body under another."""
    actor = actor_of(request)
    body = _in_reach(actor, key)
    superior = Input("superior", _("Body above"), kind="find", source="bodies")

    def act(typed: Typed) -> HttpResponse:
        actions.relate_bodies(
            actor,
            superior=chosen(actor, superior, typed),
            subordinate=body,
            kind=RelationKind(_one_of(typed, "kind", RELATION_KINDS)),
            valid_from=typed.day("valid_from"),
            valid_to=typed.day("valid_to"),
        )
        messages.success(request, _("The relation was added."))
        return redirect(_url(body))

    question = Question(
        title=_("New relation to a body above"),
        told=[body.name],
        inputs=[
            superior,
            Input(
                "kind",
                _("Kind"),
                kind="choice",
                choices=unchosen(RELATION_KINDS),
                hint=_("Who leads gives orders; who guides asks and sends on."),
            ),
            Input("valid_from", _("From"), kind="date", required=False, hint=_since_always()),
            Input(
                "valid_to",
                _("Until"),
                kind="date",
                required=False,
                hint=_("The first day without it; open where it is empty."),
            ),
        ],
        button=_("Add the relation"),
        back=_url(body),
        trail=body_trail(body, _("New relation to a body above")),
        draft=f"body:{body.key}:relation",
    )
    return carried(request, question, act)


def _found_relation(actor: Actor, relation: int) -> Relation:
    require_administrator(actor)
    rows = Relation.objects.select_related("superior", "subordinate__place")
    found = rows.filter(pk=relation).first()
    if found is None:
        raise NotFound(_("There is no such relation."))
    require_administrator_of(actor, found.subordinate.place)
    return found


@require_http_methods(FORM)
def end_relation(request: HttpRequest, relation: int) -> HttpResponse:
    """End a relation between two bodies."""
    actor = actor_of(request)
    found = _found_relation(actor, relation)
    body = found.subordinate

    def act(typed: Typed) -> HttpResponse:
        ended = actions.end_relation(
            actor,
            relation=found,
            valid_to=typed.needed_day("valid_to"),
            seen=typed.day("seen"),
        )
        messages.success(request, _("The relation ends on %(day)s.") % {"day": ended.valid_to})
        return redirect(_url(body))

    sentence = _("%(superior)s – %(kind)s – %(subordinate)s") % {
        "superior": found.superior.name,
        "kind": found.get_kind_display(),
        "subordinate": body.name,
    }
    question = Question(
        title=_("End a relation"),
        told=[sentence],
        inputs=[
            Input("valid_to", _("Ends on"), kind="date", hint=_("The first day without it.")),
            Input("seen", kind="hidden"),
        ],
        button=_("End it"),
        back=_url(body),
        trail=body_trail(body, _("End a relation")),
        initial=Typed.of(valid_to=found.valid_to or today(), seen=found.valid_to or ""),
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def end_body(request: HttpRequest, key: str) -> HttpResponse:
    """End a body with its relations and the time of everybody in its posts."""
    actor = actor_of(request)
    body = _in_reach(actor, key)

    def act(typed: Typed) -> HttpResponse:
        if typed.text("key") != body.key:
            raise refused("key", _("This is not the key of this body."))
        ended = actions.end_body(actor, body=body, valid_to=typed.needed_day("valid_to"))
        messages.success(request, _("The body ends on %(day)s.") % {"day": ended.valid_to})
        return redirect(_url(body))

    question = Question(
        title=_("End %(body)s") % {"body": body.name},
        told=[_("This cannot be undone in one step.")],
        facts=_what_ends(body),
        inputs=[
            Input("valid_to", _("Ends on"), kind="date", hint=_("The first day without it.")),
            Input(
                "key", _("Key, typed once more"), hint=_("To confirm: %(key)s") % {"key": body.key}
            ),
        ],
        button=_("End the body"),
        back=_url(body),
        trail=body_trail(body, _("End")),
        initial=Typed.of(valid_to=today()),
    )
    return carried(request, question, act)


def _what_ends(body: Body) -> list[str]:
    """What the end of a body does, in sentences."""
    above, below = relations_of(body)
    ties = sum(1 for each in [*above, *below] if lasts(each.valid_to))
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    held = Holding.objects.filter(lasting, post__body=body).count()
    return [
        ngettext("%(count)s relation ends.", "%(count)s relations end.", ties) % {"count": ties},
        ngettext(
            "%(count)s person’s time in a post ends, and with it the tokens for it.",
            "%(count)s people’s time in posts ends, and with it the tokens for them.",
            held,
        )
        % {"count": held},
        _("Plans, figures and the journal go on naming the body as it was."),
    ]
