"""Laying tasks on bodies, and taking them away again, each act by its form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried, chosen
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import today
from throughline.cascade import actions
from throughline.cascade.actions.assigning import last_second
from throughline.cascade.pages.answering import BODY, FORM, found, trail, url_of
from throughline.cascade.pages.local_plans import worded
from throughline.cascade.permissions import require_issuer, require_issuing
from throughline.cascade.queries import (
    governments_below,
    issuing_paper,
    not_taken_on_above,
    paper_of,
    printed_and_not_laid,
    standing_assignments,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.viewing import Standing
from throughline.cascade.words import PARTS
from throughline.kernel.errors import NotFound
from throughline.plans.models import Element, Paper, Plan
from throughline.plans.queries import elements_visible_to, plan_in_force
from throughline.ui.shapes import Crumb

LAYING = "cascade/laying.html"
SHOWN = 20
"""So many of the tasks that wait for the leader are named; the rest is counted."""


@dataclass(frozen=True)
class Untaken:
    """A task from above that the leader of the place has not taken on, and where it stands."""

    title: str
    url: str
    standing: Standing


@dataclass(frozen=True)
class NotTakenOn:
    """What is passed on before the leader of the place has taken it on: allowed, and seen."""

    said: str
    lines: Sequence[Untaken]
    left: int


def _not_taken_on(elements: Iterable[Element]) -> list[NotTakenOn]:
    rows = list(not_taken_on_above(elements))
    if not rows:
        return []
    said = ngettext(
        "Your leader has not taken on %(count)s task from above yet that this answers. It can be "
        "passed on nevertheless.",
        "Your leader has not taken on %(count)s tasks from above yet that this answers. It can be "
        "passed on nevertheless.",
        len(rows),
    ) % {"count": len(rows)}
    lines = [Untaken(row.element.title, url_of(row), Standing.of(row)) for row in rows[:SHOWN]]
    return [NotTakenOn(said, lines, len(rows) - len(lines))]


def element_in_force(request: HttpRequest, plan: str, key: str) -> Element:
    """An element of a plan in force that the reader sees."""
    actor = actor_of(request)
    signed_in(actor)
    version = plan_in_force(actor, plan)
    rows = elements_visible_to(actor).filter(version=version, key=key)
    element = rows.select_related("paper", "version__plan__lead_body", "version__plan__place")
    row = element.first()
    if row is None:
        raise NotFound(_("The plan has no such element."))
    return row


def _way_to(element: Element, here: str) -> list[Crumb]:
    plan = element.version.plan
    return [
        Crumb(plan.title, reverse("plan", args=[plan.key])),
        Crumb(element.title, reverse("element", args=[plan.key, element.key])),
        Crumb(here),
    ]


def _authority(paper: Paper | None) -> Input:
    hint = _("Title and number of the document that gives the order.")
    if paper is not None and paper.number:
        said = {"title": paper.title, "number": paper.number}
        hint = _("“%(title)s” %(number)s, where it is empty.") % said
    elif paper is not None:
        hint = _("“%(title)s”, where it is empty.") % {"title": paper.title}
    return Input("authority", _("Source document"), required=False, hint=hint)


@require_http_methods(FORM)
def assign(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """Lay an element on one body."""
    element = element_in_force(request, plan, key)
    actor = actor_of(request)
    require_issuing(actor, element.version.plan)
    body = Input("body", _("Body"), kind="find", source=BODY)
    paper = paper_of(element)

    def act(typed: Typed) -> HttpResponse:
        answer = typed.day("respond_by")
        row = actions.assign_task(
            actor,
            element=element,
            body=chosen(actor, body, typed),
            part=typed.text("part"),
            deliverable=worded(typed.text("deliverable")),
            due=typed.day("due"),
            authority=typed.text("authority"),
            by_name=typed.text("by_name") == "yes",
            paper=None if typed.text("authority") else paper,
            respond_by=None if answer is None else last_second(element.version.plan, answer),
        )
        said = (
            _("%(body)s has been told.")
            if row.received_at is None
            else _("It is laid on your own body, which has received it with that; its leader takes "
                   "it on.")
        )  # fmt: skip
        messages.success(request, said % {"body": row.body.name})
        return redirect(url_of(row))

    parts = [("", _("choose")), *((part.value, str(word)) for part, word in PARTS.items())]
    yes_no = [("", _("no")), ("yes", _("yes"))]
    question = Question(
        title=_("Assign the task"),
        told=[element.title],
        inputs=[
            body,
            Input("part", _("Part"), kind="choice", choices=parts),
            Input(
                "deliverable", _("What this body owes"), kind="area", required=False,
                hint=_("Its own deliverable, where it is not the whole element."),
            ),
            Input(
                "due", _("Due"), kind="date", required=False,
                hint=_("The element's deadline, where it is empty."),
            ),
            Input(
                "respond_by", _("To be answered by"), kind="date", required=False,
                hint=_("The last second of the day; ten days from now, where it is empty."),
            ),
            _authority(paper),
            Input(
                "by_name", _("The document names the body itself"), kind="choice",
                choices=yes_no, required=False,
                hint=_("Then it cannot be put off or weakened below without the plan's approver."),
            ),
        ],
        button=_("Assign"),
        back=reverse("element", args=[plan, key]),
        trail=_way_to(element, _("Assign the task")),
        draft=f"assign:{plan}/{key}",
        template=LAYING,
        beside=_not_taken_on([element]),
    )  # fmt: skip
    return carried(request, question, act)


@require_http_methods(FORM)
def pass_down(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """Lay an element on governments of the tier below, many at once."""
    element = element_in_force(request, plan, key)
    actor = actor_of(request)
    require_issuing(actor, element.version.plan)
    having = set(
        standing_assignments()
        .filter(thread=element.thread_id, part=Part.LOCALITY)
        .values_list("body_id", flat=True)
    )
    governments = list(governments_below(element.version.plan))
    offered = [body for body in governments if body.pk not in having]
    by_key = {body.key: body for body in offered}
    paper = paper_of(element)

    def act(typed: Typed) -> HttpResponse:
        wanted = [
            actions.Wanted(
                element=element, body=by_key[each], part=Part.LOCALITY, due=typed.day("due"),
                deliverable=worded(typed.text("deliverable")),
                authority=typed.text("authority"), paper=None if typed.text("authority") else paper,
            )
            for each in typed.several("bodies")
            if each in by_key
        ]  # fmt: skip
        count = actions.assign_tasks(actor, wanted=wanted)
        messages.success(
            request,
            ngettext(
                "%(count)s government has been told.", "%(count)s governments have been told.",
                count,
            ) % {"count": count},
        )  # fmt: skip
        return redirect(reverse("plan-work", args=[plan]))

    question = Question(
        title=_("Pass the task down"),
        told=[
            element.title,
            _("Each government answers for its place, and passes the task on from there."),
        ],
        facts=[
            *([ngettext(
                "%(count)s government has it already.", "%(count)s governments have it already.",
                len(having),
            ) % {"count": len(having)}] if having else []),
            *([_("The element was due before today: give a day below, or it is late from the "
                 "first day.")] if _is_past(element) else []),
        ],
        inputs=[
            Input(
                "bodies", _("Governments"), kind="several",
                choices=[(body.key, body.name) for body in offered],
            ),
            Input("deliverable", _("What each owes"), kind="area", required=False),
            Input("due", _("Due"), kind="date", required=False,
                  hint=_("The element's deadline, where it is empty.")),
            _authority(paper),
        ],
        button=_("Pass down"),
        back=reverse("element", args=[plan, key]),
        trail=_way_to(element, _("Pass the task down")),
        initial=Typed.of(bodies=[body.key for body in offered]),
        draft=f"pass-down:{plan}/{key}",
        template=LAYING,
        beside=_not_taken_on([element]),
    )  # fmt: skip
    return carried(request, question, act)


@require_http_methods(FORM)
def assign_as_printed(request: HttpRequest, plan: str) -> HttpResponse:
    """Lay every element on the bodies that the plan prints, all at once."""
    actor = actor_of(request)
    signed_in(actor)
    version = plan_in_force(actor, plan)
    require_issuing(actor, version.plan)
    wanted = as_printed(version.plan)

    def act(typed: Typed) -> HttpResponse:
        count = actions.assign_tasks(actor, wanted=wanted)
        messages.success(
            request,
            ngettext("%(count)s task was assigned.", "%(count)s tasks were assigned.", count)
            % {"count": count},
        )
        return redirect(reverse("plan-work", args=[plan]))

    bodies = {each.body.pk for each in wanted}
    question = Question(
        title=_("Assign as printed"),
        told=[
            ngettext(
                "%(count)s part that the plan prints is not assigned yet",
                "%(count)s parts that the plan prints are not assigned yet",
                len(wanted),
            ) % {"count": len(wanted)}
            + " · "
            + ngettext("%(count)s body", "%(count)s bodies", len(bodies))
            % {"count": len(bodies)},
            _("Each body is told at once, and has ten days to answer."),
            *_own_share(version.plan, wanted),
        ],
        facts=_late_at_birth(wanted),
        inputs=[],
        button=_("Assign all"),
        back=reverse("plan-work", args=[plan]),
        trail=[
            Crumb(version.plan.title, reverse("plan", args=[plan])),
            Crumb(_("Who does what"), reverse("plan-work", args=[plan])),
            Crumb(_("Assign as printed")),
        ],
        template=LAYING,
        beside=_not_taken_on({each.element.pk: each.element for each in wanted}.values()),
    )  # fmt: skip
    return carried(request, question, act)


def _is_past(element: Element) -> bool:
    return element.deadline is not None and element.deadline < today()


def _late_at_birth(wanted: Sequence[actions.Wanted]) -> list[str]:
    """What is to be said before tasks are laid whose day has passed."""
    days = [each.due or each.element.deadline for each in wanted]
    count = sum(1 for each in days if each is not None and each < today())
    if not count:
        return []
    return [
        ngettext(
            "%(count)s of them was due before today: it is late from the first day.",
            "%(count)s of them were due before today: they are late from the first day.",
            count,
        ) % {"count": count}
    ]  # fmt: skip


def _own_share(plan: Plan, wanted: Sequence[actions.Wanted]) -> list[str]:
    """What is to be said before a body lays tasks on itself."""
    count = sum(1 for each in wanted if each.body.pk == plan.lead_body_id)
    if not count:
        return []
    return [
        ngettext(
            "%(count)s of them is laid on %(body)s itself: it counts as received at once, and its "
            "leader takes it on.",
            "%(count)s of them are laid on %(body)s itself: they count as received at once, and "
            "its leader takes them on.",
            count,
        ) % {"count": count, "body": plan.lead_body.name}
    ]  # fmt: skip


def as_printed(plan: Plan) -> list[actions.Wanted]:
    """What the plan prints and nobody was assigned yet."""
    paper = issuing_paper(plan)
    return [
        actions.Wanted(
            element=each.element, body=each.body, part=each.role,
            deliverable=actions.Text.of(each, "duty"), due=each.due,
            paper=each.element.paper or paper, by_name=True,
        )
        for each in printed_and_not_laid(plan)
    ]  # fmt: skip


@require_http_methods(FORM)
def reassign(request: HttpRequest, assignment: int) -> HttpResponse:
    """Lay a task on another body instead."""
    actor, row = found(request, assignment)
    require_issuer(actor, row)
    body = Input("body", _("Body"), kind="find", source=BODY)

    def act(typed: Typed) -> HttpResponse:
        successor = actions.reassign_task(
            actor, assignment=row, body=chosen(actor, body, typed), reason=typed.text("reason")
        )
        said = (
            _("Both bodies have been told.")
            if successor.received_at is None
            else _("The body that had it has been told; yours has received it with that.")
        )
        messages.success(request, said)
        return redirect(url_of(successor))

    question = Question(
        title=_("Reassign the task"),
        told=[_("One ends and the other begins in the same act; both are told.")],
        inputs=[body, Input("reason", _("Why"), kind="area")],
        button=_("Reassign"),
        back=url_of(row),
        trail=trail(row, _("Reassign the task")),
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def withdraw(request: HttpRequest, assignment: int) -> HttpResponse:
    """Take a task from a body."""
    actor, row = found(request, assignment)
    require_issuer(actor, row)

    def act(typed: Typed) -> HttpResponse:
        actions.withdraw_task(actor, assignment=row, reason=typed.text("reason"))
        messages.success(request, _("The assignment is withdrawn, and the body told."))
        return redirect(url_of(row))

    question = Question(
        title=_("Withdraw the assignment"),
        told=[_("The body is told why. What it did stays on record.")],
        inputs=[Input("reason", _("Why"), kind="area")],
        button=_("Withdraw"),
        back=url_of(row),
        trail=trail(row, _("Withdraw the assignment")),
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def urge(request: HttpRequest, assignment: int) -> HttpResponse:
    """Press a body."""
    actor, row = found(request, assignment)
    require_issuer(actor, row)

    def act(typed: Typed) -> HttpResponse:
        actions.urge_tasks(actor, assignments=[row], words=typed.text("words"))
        messages.success(request, _("%(body)s has been urged.") % {"body": row.body.name})
        return redirect(url_of(row))

    question = Question(
        title=_("Urge"),
        told=[_("It is on record, and stands in the inbox of %(body)s.") % {"body": row.body.name}],
        inputs=[Input("words", _("What you want to say"), kind="area", required=False)],
        button=_("Urge"),
        back=url_of(row),
        trail=trail(row, _("Urge")),
    )
    return carried(request, question, act)
