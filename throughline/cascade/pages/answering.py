"""What a body does with a task that is laid on it, each act by its form or button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body, Post
from throughline.bodies.pages.forms import (
    Input,
    Question,
    Typed,
    carried,
    chosen,
    refused,
    unchosen,
)
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import standing_of
from throughline.cascade import actions
from throughline.cascade.models import Assignment, Claim
from throughline.cascade.permissions import (
    OFFICE,
    require_decider,
    require_leader,
    require_office,
)
from throughline.cascade.queries import (
    assignment_by_id,
    assignments_visible_to,
    bodies_served,
    claim_by_id,
    open_assignments,
    with_rows,
)
from throughline.cascade.rules.kinds import ClaimKind, Part
from throughline.cascade.rules.life import Outcome
from throughline.cascade.words import OUTCOMES, PARTS
from throughline.kernel.actor import Actor
from throughline.kernel.text import is_id
from throughline.plans.models import Plan
from throughline.plans.queries import plan_in_force
from throughline.ui.shapes import Crumb
from throughline.ui.writing import day, listed

FORM = ["GET", "HEAD", "POST"]
BODY = "bodies"
AT_ONCE = 500
"""Up to so many are signed for together; the others come up after that."""


def found(request: HttpRequest, key: int) -> tuple[Actor, Assignment]:
    """The actor and an assignment that it sees."""
    actor = actor_of(request)
    signed_in(actor)
    return actor, assignment_by_id(actor, key)


def url_of(row: Assignment) -> str:
    """The page of an assignment."""
    return reverse("assignment", args=[row.pk])


def trail(row: Assignment, here: str) -> list[Crumb]:
    """The way to a form of an assignment."""
    plan = row.element.version.plan
    return [
        Crumb(plan.title, reverse("plan", args=[plan.key])),
        Crumb(f"{row.element.title} · {row.body.short}", url_of(row)),
        Crumb(here),
    ]


@require_POST
def receive(request: HttpRequest, assignment: int) -> HttpResponse:
    """The office signs for arrival."""
    actor, row = found(request, assignment)
    actions.receive_task(actor, assignment=row)
    messages.success(request, _("Its arrival is on record. The responsible leader takes it on."))
    return redirect(url_of(row))


def _to_receive(actor: Actor, plan: Plan) -> list[Assignment]:
    """What of a plan the reader's office has still to sign for, by the body it is laid on."""
    if not standing_of(actor).duties & OFFICE:
        return []
    rows = open_assignments().filter(
        element__version__plan=plan, body__in=bodies_served(actor), received_at__isnull=True
    )
    order = ("body__sort_key", "body__key", "element__position", "part")
    return list(with_rows(rows).order_by(*order)[:AT_ONCE])


def _by_body(rows: Sequence[Assignment]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Assignments as choices under the name of their body."""
    return [
        (body.name, [(str(row.pk), _with_answer(row)) for row in several])
        for body, several in groupby(rows, key=lambda row: row.body)
    ]


def label_of(row: Assignment, dated: str, end: date | None) -> str:
    """An assignment among others to choose from: its element, its part, and a date that
    `dated` says the meaning of."""
    said = [f"{row.element.number} {row.element.title}".strip(), str(PARTS[Part(row.part)])]
    if end is not None:
        said.append(dated % {"day": day(end, get_language() or "en")})
    return " · ".join(said)


def _with_answer(row: Assignment) -> str:
    zone = ZoneInfo(row.element.version.plan.zone)
    until = row.respond_by.astimezone(zone).date() if row.respond_by else None
    return label_of(row, _("answer by %(day)s"), until)


def _tell_left(request: HttpRequest, left: Sequence[Assignment]) -> None:
    """Say by name which of those chosen were signed for or had ended already."""
    if left:
        named = [f"“{row.element.title}”" for row in left]
        said = _("Signed for by somebody else or ended meanwhile: %(list)s.")
        messages.info(request, said % {"list": listed(named, get_language() or "en")})


@require_http_methods(FORM)
def receive_several(request: HttpRequest, plan: str) -> HttpResponse:
    """The office signs for the arrival of several at once."""
    actor = actor_of(request)
    signed_in(actor)
    version = plan_in_force(actor, plan)
    offered = _to_receive(actor, version.plan)
    back = f"{reverse('plan-work', args=[plan])}?state=unanswered&whose=ours"
    if not offered and request.method != "POST":
        messages.info(request, _("Nothing waits for you to sign for its arrival."))
        return redirect(back)

    def act(typed: Typed) -> HttpResponse:
        ticked = list(filter(is_id, typed.several("assignments")))
        seen = assignments_visible_to(actor).filter(element__version__plan=version.plan)
        chosen = list(seen.filter(pk__in=ticked).select_related("body", "element"))
        if not chosen:
            raise refused("assignments", _("Choose at least one."))
        received = set(actions.receive_tasks(actor, assignments=chosen))
        said = ngettext(
            "The arrival of %(count)s task is on record.",
            "The arrival of %(count)s tasks is on record.",
            len(received),
        )
        messages.success(request, said % {"count": len(received)})
        _tell_left(request, [row for row in chosen if row.pk not in received])
        return redirect(back)

    ticked = request.GET.getlist("assignments") or [str(row.pk) for row in offered]
    question = Question(
        title=_("Sign for arrival"),
        told=[_("It goes on record that these tasks have arrived, and nothing more.")],
        inputs=[
            Input("assignments", _("What has arrived"), kind="several", groups=_by_body(offered))
        ],
        initial=Typed.of(assignments=ticked),
        button=_("Sign for arrival"),
        back=back,
        trail=[
            Crumb(version.plan.title, reverse("plan", args=[plan])),
            Crumb(_("Who does what"), reverse("plan-work", args=[plan])),
            Crumb(_("Sign for arrival")),
        ],
    )
    return carried(request, question, act)


@require_POST
def take_on(request: HttpRequest, assignment: int) -> HttpResponse:
    """The responsible leader takes the task on."""
    actor, row = found(request, assignment)
    actions.take_on_task(actor, assignment=row)
    messages.success(request, _("The task is taken on."))
    return redirect(url_of(row))


@require_POST
def look_again(request: HttpRequest, assignment: int) -> HttpResponse:
    """The body has looked at the changed text."""
    actor, row = found(request, assignment)
    actions.look_again(actor, assignment=row)
    messages.success(request, _("The present text is what is owed now."))
    return redirect(url_of(row))


def _posts_of(row: Assignment) -> list[tuple[str, str]]:
    """Posts of the body itself, and of the bodies at its place."""
    bodies = Body.objects.filter(place=row.place_id) if row.place_id else Body.objects.none()
    posts = Post.objects.filter(body__in=bodies | Body.objects.filter(pk=row.body_id))
    shown = posts.select_related("body").order_by("body__sort_key", "key")
    return [("", _("nobody named")), *((str(each.pk), str(each)) for each in shown[:300])]


@require_http_methods(FORM)
def name_people(request: HttpRequest, assignment: int) -> HttpResponse:
    """Name the responsible leader and the handling officer."""
    actor, row = found(request, assignment)
    require_office(actor, row)
    posts = _posts_of(row)

    def post(typed: Typed, name: str) -> Post | None:
        value = typed.text(name)
        if value not in dict(posts):
            raise refused(name, _("Choose one of those offered."))
        return Post.objects.select_related("body").get(pk=int(value)) if value else None

    def act(typed: Typed) -> HttpResponse:
        actions.name_people(
            actor, assignment=row, leader=post(typed, "leader"), officer=post(typed, "officer")
        )
        messages.success(request, _("Leader and officer are named."))
        return redirect(url_of(row))

    question = Question(
        title=_("Who is in charge"),
        told=[_("The responsible leader takes the task on and signs; the officer handles it.")],
        inputs=[
            Input("leader", _("Responsible leader"), kind="choice", choices=posts, required=False),
            Input("officer", _("Handling officer"), kind="choice", choices=posts, required=False),
        ],
        button=_("Name them"),
        back=url_of(row),
        trail=trail(row, _("Who is in charge")),
        initial=Typed.of(leader=row.leader_id or "", officer=row.officer_id or ""),
    )
    return carried(request, question, act)


def _proposal() -> list[Input]:
    return [
        Input(
            "body", _("Another body"), kind="find", source=BODY, required=False,
            hint=_("Who should do it instead."),
        ),
        Input("due", _("Another date"), kind="date", required=False),
        Input("text", _("Another content"), kind="area", required=False),
    ]  # fmt: skip


def _proposed(actor: Actor, typed: Typed) -> dict[str, Any]:
    body = None
    if typed.text("body"):
        body = chosen(actor, Input("body", kind="find", source=BODY), typed)
    return {"body": body, "due": typed.day("due"), "text": typed.text("text")}


@require_http_methods(FORM)
def contest(request: HttpRequest, assignment: int) -> HttpResponse:
    """Contest a task with a proposal."""
    actor, row = found(request, assignment)
    require_leader(actor, row)

    def act(typed: Typed) -> HttpResponse:
        claim = actions.contest_task(
            actor, assignment=row, reason=typed.text("reason"), **_proposed(actor, typed)
        )
        messages.success(
            request,
            _("The claim is with %(body)s, which decides on it.") % {"body": claim.decider.name},
        )
        return redirect(url_of(row))

    question = Question(
        title=_("Contest the task"),
        told=[
            _("Say why, and propose what should be instead: another body, date or content."),
            _("Until it is decided the task stays as it is."),
        ],
        inputs=[Input("reason", _("Why"), kind="area"), *_proposal()],
        button=_("Contest"),
        back=url_of(row),
        trail=trail(row, _("Contest the task")),
        draft=f"assignment:{row.pk}:contest",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def not_applicable(request: HttpRequest, assignment: int) -> HttpResponse:
    """Declare that a task does not apply here."""
    actor, row = found(request, assignment)
    require_leader(actor, row)

    def act(typed: Typed) -> HttpResponse:
        claim = actions.declare_not_applicable(actor, assignment=row, reason=typed.text("reason"))
        messages.success(
            request,
            _("The reason is with %(body)s, which accepts or rejects it.")
            % {"body": claim.decider.name},
        )
        return redirect(url_of(row))

    question = Question(
        title=_("Not applicable here"),
        told=[_("The reason is accepted or rejected; until then the task stays as it is.")],
        inputs=[Input("reason", _("Why it does not apply here"), kind="area")],
        button=_("Declare"),
        back=url_of(row),
        trail=trail(row, _("Not applicable here")),
        draft=f"assignment:{row.pk}:not-applicable",
    )
    return carried(request, question, act)


def _claim(request: HttpRequest, key: int) -> tuple[Actor, Claim]:
    actor = actor_of(request)
    signed_in(actor)
    return actor, claim_by_id(actor, key)


@require_POST
def withdraw_claim(request: HttpRequest, claim: int) -> HttpResponse:
    """Take a claim back."""
    actor, row = _claim(request, claim)
    actions.withdraw_claim(actor, claim=row)
    messages.success(request, _("The claim is taken back; the task stands as it was."))
    return redirect(url_of(row.assignment))


@require_http_methods(FORM)
def decide(request: HttpRequest, claim: int) -> HttpResponse:
    """Decide on a claim."""
    actor, row = _claim(request, claim)
    require_decider(actor, row)
    # A common superior that is no government decides on an assignment that it does not see.
    sees = assignments_visible_to(actor).filter(pk=row.assignment_id).exists()
    back = url_of(row.assignment) if sees else reverse("my-work")
    outcomes = [Outcome.ACCEPTED, Outcome.CHANGED, Outcome.REJECTED]
    if row.kind == ClaimKind.NOT_APPLICABLE:
        outcomes.remove(Outcome.CHANGED)

    def act(typed: Typed) -> HttpResponse:
        given = _proposed(actor, typed) if typed.text("outcome") == Outcome.CHANGED else {}
        actions.decide_claim(
            actor, claim=row, outcome=typed.text("outcome"), answer=typed.text("answer"), **given
        )
        messages.success(request, _("The decision is on record and in effect."))
        return redirect(back)

    choices = unchosen((each.value, OUTCOMES[each]) for each in outcomes)
    question = Question(
        title=_("Decide on the claim"),
        told=[row.reason],
        facts=_facts_of(row),
        inputs=[
            Input("outcome", _("Decision"), kind="choice", choices=choices),
            Input("answer", _("Answer"), kind="area", hint=_("The body reads it.")),
            *(_proposal() if row.kind == ClaimKind.CONTEST else []),
        ],
        button=_("Decide"),
        back=back,
        trail=trail(row.assignment, _("Decide on the claim")),
        draft=f"claim:{row.pk}",
    )
    return carried(request, question, act)


def _facts_of(claim: Claim) -> list[str]:
    """What a claim proposes, for who decides on it."""
    facts = []
    if claim.proposed_body is not None:
        facts.append(_("Proposed body: %(body)s") % {"body": claim.proposed_body.name})
    if claim.proposed_due is not None:
        facts.append(_("Proposed date: %(date)s") % {"date": claim.proposed_due.isoformat()})
    if claim.proposed_text:
        facts.append(_("Proposed content: %(text)s") % {"text": claim.proposed_text})
    return facts
