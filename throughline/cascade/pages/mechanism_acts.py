"""What is done to working mechanisms, each act by its form."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.pages.forms import Input, Question, Typed, carried, refused
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import bodies_visible_to, own_place, today
from throughline.cascade import actions
from throughline.cascade.actions import Charter
from throughline.cascade.mechanisms import day_of, mechanism_by_id, meeting_by_id
from throughline.cascade.models import Mechanism
from throughline.cascade.pages.mechanisms import KINDS, rhythm_words, trail
from throughline.cascade.permissions import (
    require_changing,
    require_founding,
    require_keeping,
    require_writing,
)
from throughline.cascade.rules.mechanism import AS_NEEDED
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, Invalid, Problem
from throughline.places.models import Place
from throughline.plans.queries import plan_in_force

FORM = ["GET", "HEAD", "POST"]
RHYTHMS = (AS_NEEDED, 1, 2, 3, 6, 12)
"""The rhythms that a form offers; the API takes any number of months."""


def _bodies_at(place: Place) -> list[Body]:
    """The bodies of a place that there are today."""
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    return list(Body.objects.filter(lasting, place=place).order_by("sort_key", "key"))


def _inputs(bodies: Sequence[Body], rhythm: int = AS_NEEDED) -> list[Input]:
    """The fields of a charter; `rhythm` is offered whatever it is."""
    named = [(body.key, body.name) for body in bodies]
    rhythms = sorted({*RHYTHMS, rhythm})
    return [
        Input("name", _("Name"), hint=_("As its founding paper gives it.")),
        Input("kind", _("Kind"), kind="choice",
              choices=[("", _("choose")), *((key, str(word)) for key, word in KINDS.items())]),
        Input("founded_by", _("Founding paper"),
              hint=_("Title and number of the paper that set it up.")),
        Input("founded_on", _("Day of the paper"), kind="date"),
        Input("head", _("Head"), hint=_("The post that heads it, not the person.")),
        Input("office", _("Office"), kind="choice", choices=[("", _("choose")), *named],
              hint=_("The body that convenes it and records its meetings.")),
        Input("meets_every", _("Meets"), kind="choice",
              choices=[(str(months), rhythm_words(months)) for months in rhythms]),
        Input("members", _("Members of this place"), kind="several", choices=named,
              required=False),
        Input("others", _("Other members"), kind="area", required=False,
              hint=_("Bodies of other places, one on each line, by name or key.")),
    ]  # fmt: skip


def _charter(actor: Actor, bodies: Sequence[Body], typed: Typed) -> Charter:
    by_key = {body.key: body for body in bodies}
    here = [by_key[key] for key in typed.several("members") if key in by_key]
    more = [each for each in _others(actor, typed) if each.pk not in {body.pk for body in here}]
    rhythm = typed.text("meets_every")
    if not (rhythm.isascii() and rhythm.isdigit() and len(rhythm) < 4):
        raise refused("meets_every", _("Choose one of those offered."))
    return Charter(
        kind=typed.text("kind"),
        name=typed.text("name"),
        founded_by=typed.text("founded_by"),
        founded_on=typed.day("founded_on"),
        head=typed.text("head"),
        office=by_key.get(typed.text("office")),
        members=[*here, *more],
        meets_every=int(rhythm),
    )


def _others(actor: Actor, typed: Typed) -> list[Body]:
    """The bodies that were named line by line; every line that names none is told."""
    found: dict[int, Body] = {}
    problems = []
    for line in typed.lines("others"):
        called = (
            Q(key=line) | Q(name_en=line) | Q(name_zh=line) | Q(short_en=line) | Q(short_zh=line)
            | Q(aliases__alias=line)
        )  # fmt: skip
        rows = list(bodies_visible_to(actor).filter(called).distinct()[:2])
        if len(rows) == 1:
            found[rows[0].pk] = rows[0]
            continue
        message = (
            _("Several bodies are called “%(key)s”: write the key of one.")
            if rows
            else _("There is no body “%(key)s”.")
        )
        problems.append(
            Problem(
                "others", message % {"key": line}, _("The directory of bodies finds it."),
                field="others",
            )
        )  # fmt: skip
    if problems:
        raise Invalid(_("Not every member was found."), problems=problems)
    return list(found.values())


def _url(mechanism: Mechanism) -> str:
    return reverse("mechanism", args=[mechanism.pk])


@require_http_methods(FORM)
def register_mechanism(request: HttpRequest, plan: str) -> HttpResponse:
    """Put a working mechanism of one's own place on record."""
    actor = actor_of(request)
    signed_in(actor)
    found = plan_in_force(actor, plan).plan
    require_writing(actor)
    place = own_place(actor)
    if place is None:
        raise Forbidden(
            _("A working mechanism belongs to a place, and your body is of none."),
            rule="cascade.mechanism",
        )
    require_founding(actor, found, place)
    bodies = _bodies_at(place)

    def act(typed: Typed) -> HttpResponse:
        row = actions.register_mechanism(
            actor, plan=found, place=place, charter=_charter(actor, bodies, typed)
        )
        messages.success(request, _("It is on record. Its office records its meetings here."))
        return redirect(_url(row))

    title = _("New working mechanism")
    question = Question(
        title=title,
        told=[
            _("For %(place)s, to carry out “%(plan)s”.")
            % {"place": place.name, "plan": found.title}
        ],
        inputs=_inputs(bodies),
        button=_("Put it on record"),
        back=reverse("mechanisms", args=[found.key]),
        trail=trail(found, title),
        draft=f"mechanism:{found.key}:{place.pk}:new",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def change_mechanism(request: HttpRequest, mechanism: int) -> HttpResponse:
    """Change what a mechanism's paper says of it."""
    actor = actor_of(request)
    signed_in(actor)
    row = mechanism_by_id(actor, mechanism)
    require_changing(actor, row)
    now = actions.charter_of(row)
    bodies = _bodies_at(row.place)
    if row.office not in bodies:
        bodies = [row.office, *bodies]

    def act(typed: Typed) -> HttpResponse:
        actions.change_mechanism(
            actor, mechanism=row, charter=_charter(actor, bodies, typed), seen=typed.text("seen")
        )
        messages.success(request, _("It was changed; the journal keeps what stood there before."))
        return redirect(_url(row))

    question = Question(
        title=_("Change the working mechanism"),
        told=[row.name],
        inputs=[*_inputs(bodies, row.meets_every), Input("seen", kind="hidden")],
        button=_("Change it"),
        back=_url(row),
        trail=trail(row.plan, _("Change the working mechanism"), row),
        initial=Typed.of(
            name=now.name,
            kind=now.kind,
            founded_by=now.founded_by,
            founded_on=now.founded_on,
            head=now.head,
            office=row.office.key,
            meets_every=now.meets_every,
            members=[body.key for body in now.members if body in bodies],
            others="\n".join(body.name for body in now.members if body not in bodies),
            seen=actions.state_of(row),
        ),
        draft=f"mechanism:{row.pk}:change",
    )
    return carried(request, question, act)


def _meeting_inputs() -> list[Input]:
    return [
        Input("on", _("Day"), kind="date"),
        Input("title", _("Meeting"), hint=_("For example: third plenary meeting.")),
        Input("decisions", _("Decisions"), kind="area", required=False,
              hint=_("One on each line, in the words of the minutes.")),
    ]  # fmt: skip


@require_http_methods(FORM)
def record_meeting(request: HttpRequest, mechanism: int) -> HttpResponse:
    """Put on record that a mechanism met."""
    actor = actor_of(request)
    signed_in(actor)
    row = mechanism_by_id(actor, mechanism)
    require_keeping(actor, row)

    def act(typed: Typed) -> HttpResponse:
        actions.record_meeting(
            actor,
            mechanism=row,
            on=typed.needed_day("on"),
            title=typed.text("title"),
            decisions=typed.text("decisions"),
        )
        messages.success(request, _("The meeting is on record."))
        return redirect(_url(row))

    question = Question(
        title=_("Record a meeting"),
        told=[row.name],
        inputs=_meeting_inputs(),
        button=_("Record"),
        back=_url(row),
        trail=trail(row.plan, _("Record a meeting"), row),
        draft=f"mechanism:{row.pk}:meeting",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def correct_meeting(request: HttpRequest, meeting: int) -> HttpResponse:
    """Correct what was recorded of a meeting."""
    actor = actor_of(request)
    signed_in(actor)
    found = meeting_by_id(actor, meeting)
    row = found.mechanism
    require_keeping(actor, row)

    def act(typed: Typed) -> HttpResponse:
        actions.correct_meeting(
            actor,
            meeting=found,
            on=typed.needed_day("on"),
            title=typed.text("title"),
            decisions=typed.text("decisions"),
        )
        messages.success(
            request, _("The record was corrected; the journal keeps what stood there before.")
        )
        return redirect(_url(row))

    question = Question(
        title=_("Correct the record of a meeting"),
        told=[row.name],
        inputs=_meeting_inputs(),
        button=_("Correct"),
        back=_url(row),
        trail=trail(row.plan, _("Correct the record of a meeting"), row),
        initial=Typed.of(
            on=found.on, title=found.title, decisions=found.decisions,
        ),
        draft=f"meeting:{found.pk}:correct",
    )  # fmt: skip
    return carried(request, question, act)


@require_http_methods(FORM)
def end_mechanism(request: HttpRequest, mechanism: int) -> HttpResponse:
    """End a mechanism."""
    actor = actor_of(request)
    signed_in(actor)
    row = mechanism_by_id(actor, mechanism)
    require_changing(actor, row)

    def act(typed: Typed) -> HttpResponse:
        actions.end_mechanism(
            actor, mechanism=row, on=typed.needed_day("on"), reason=typed.text("reason")
        )
        messages.success(request, _("It has ended; its meetings stay on record."))
        return redirect(_url(row))

    question = Question(
        title=_("End the working mechanism"),
        told=[row.name],
        facts=[
            _("Nobody is asked to convene it any more."),
            _("Its page and its meetings stay; no meeting is added."),
        ],
        inputs=[
            Input("on", _("Day"), kind="date", hint=_("On which it ended.")),
            Input("reason", _("By which paper, or why"), hint=_("Kept in the journal.")),
        ],
        button=_("End it"),
        back=_url(row),
        trail=trail(row.plan, _("End the working mechanism"), row),
        initial=Typed.of(on=day_of(row.plan)),
        draft=f"mechanism:{row.pk}:end",
    )
    return carried(request, question, act)
