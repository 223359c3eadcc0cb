"""Issuing a local plan, with what the checks find in its draft."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from throughline.bodies.pages.forms import Input, Question, Typed, carried, refused
from throughline.bodies.queries import today
from throughline.cascade import actions
from throughline.cascade.checking import (
    Code,
    Described,
    Finding,
    Severity,
    described,
    findings_of_draft,
)
from throughline.cascade.pages.answering import FORM
from throughline.cascade.pages.local_plans import kept, local, trail
from throughline.cascade.permissions import require_issuing_local_plan
from throughline.cascade.queries import draft_of
from throughline.cascade.weakening import Hindrance, hindrances
from throughline.kernel.errors import Conflict
from throughline.plans.models import Plan, PlanVersion, Target

SHOWN = 50
"""So many findings of one gravity are shown; the rest is counted."""

GROUPS: dict[Severity, tuple[Promise, Promise]] = {
    Severity.ERROR: (
        gettext_lazy("Errors"),
        gettext_lazy("The draft contradicts itself or the plan above, or nobody is asked. It can "
                     "be issued nevertheless, if that is said below."),
    ),
    Severity.WARNING: (
        gettext_lazy("Warnings"),
        gettext_lazy("Something that is due is missing, or wants correcting. It can be issued "
                     "nevertheless."),
    ),
    Severity.NOTICE: (gettext_lazy("Notices"), gettext_lazy("This may be as it is meant.")),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """Something that is found: in words, with what mends it and where."""

    said: str
    remedy: str
    url: str
    title: str = ""


@dataclass(frozen=True)
class Group:
    """What is found of one gravity, and what it means for issuing."""

    title: str
    meant: str
    lines: Sequence[Line]
    count: int

    @property
    def left(self) -> int:
        """How many are not shown."""
        return self.count - len(self.lines)


@require_http_methods(FORM)
def issue(request: HttpRequest, plan: str) -> HttpResponse:
    """Issue a draft, knowing what the checks find in it."""
    actor, row, superior = local(request, plan)
    require_issuing_local_plan(actor, row)
    draft = draft_of(actor, row)
    if draft is None:
        raise Conflict(_("There is no draft of this plan."))
    hindered = hindrances(draft, superior)
    found = _besides(hindered, findings_of_draft(draft))
    errors = [each for each in found if each.severity is Severity.ERROR]
    mark = _mark(errors)

    def act(typed: Typed) -> HttpResponse:
        known = mark in typed.several("despite_errors")
        if errors and not known and not hindered:
            raise refused("despite_errors", _("Mend the errors, or say that they are known."))
        actions.issue_local_plan(
            actor, version=draft, number=typed.text("number"),
            title=kept(typed.text("title"), row, "title"), on=typed.needed_day("on"),
            despite_errors=known,
        )  # fmt: skip
        messages.success(request, _("The plan is in force. Assign its work now."))
        return redirect("plan-work", plan)

    question = Question(
        title=_("Issue the plan"),
        told=[
            _("It comes into force with the paper that issues it, and supersedes the version "
              "before. A version in force is never edited, only followed."),
            *([] if hindered or found else [_("The checks find nothing in the draft.")]),
        ],
        inputs=[
            Input("title", _("Title of the paper")),
            Input("number", _("Number of the paper"), required=False),
            Input("on", _("In force from"), kind="date"),
            *([_despite(errors, mark)] if errors else []),
        ],
        button=_("Issue"),
        back=reverse("local-plan", args=[plan]),
        trail=trail(row, superior, _("Issue the plan")),
        initial=Typed.of(title=row.title, on=today().isoformat()),
        draft=f"issue:{plan}",
        template="cascade/issue.html",
        beside=_groups(row, draft, hindered, found),
    )  # fmt: skip
    return carried(request, question, act)


def _despite(errors: Sequence[Finding], mark: str) -> Input:
    label = ngettext(
        "The error above is known; the plan is issued nevertheless",
        "The %(count)s errors above are known; the plan is issued nevertheless",
        len(errors),
    ) % {"count": len(errors)}  # fmt: skip
    return Input(
        "despite_errors", _("Errors in the draft"), kind="several", choices=[(mark, label)],
        hint=_("The journal keeps which they are."),
    )  # fmt: skip


def _mark(errors: Iterable[Finding]) -> str:
    """What the tick stands for: these errors and no others, should there be more by then."""
    return hashlib.sha256(repr(sorted(errors)).encode()).hexdigest()[:16]


def _besides(hindered: Sequence[Hindrance], found: Sequence[Finding]) -> list[Finding]:
    """Findings without those that say again why the draft is refused."""
    targets = {each.of.pk for each in hindered if isinstance(each.of, Target)}
    elements = {each.of.pk for each in hindered if not isinstance(each.of, Target)}
    said = {
        Code.WEAKER_TARGET: targets,
        Code.LATER_THAN_SUPERIOR: elements,
        Code.LATER_THAN_ASSIGNED: elements,
        Code.ORPHAN_REFINEMENT: elements,
    }
    return [each for each in found if each.subject not in said.get(each.code, ())]


def _groups(
    plan: Plan, draft: PlanVersion, hindered: Sequence[Hindrance], found: Sequence[Finding]
) -> list[Group]:
    """Why the draft is refused, then what is found in it, the gravest first."""
    groups = []
    if hindered:
        lines = [_refusal(plan, each) for each in hindered[:SHOWN]]
        meant = _("As long as this stands, the plan is not issued.")
        groups.append(Group(_("It stands in the way"), meant, lines, len(hindered)))
    of = {each: [one for one in found if one.severity is each] for each in GROUPS}
    shown = {each.finding: each for each in described(
        [each for several in of.values() for each in several[:SHOWN]], draft
    )}  # fmt: skip
    for severity, several in of.items():
        if several:
            title, means = GROUPS[severity]
            lines = [_line(plan, shown[each]) for each in several[:SHOWN]]
            groups.append(Group(str(title), str(means), lines, len(several)))
    return groups


def _refusal(plan: Plan, hindrance: Hindrance) -> Line:
    of = hindrance.of
    if isinstance(of, Target):
        return Line(hindrance.message, _("Tighten the target."), _target_form(plan, of))
    return Line(
        hindrance.message, hindrance.remedy or _("Set an earlier deadline."),
        reverse("local-element", args=[plan.key, of.key]),
    )  # fmt: skip


def _line(plan: Plan, found: Described) -> Line:
    return Line(found.explanation, found.remedy, _mended_at(plan, found), found.title)


def _mended_at(plan: Plan, found: Described) -> str:
    """The form that mends it; of a circle, where what waits for what is said."""
    if found.target is not None:
        return _target_form(plan, found.target)
    workspace = reverse("local-plan", args=[plan.key])
    if found.element is None or found.code == Code.DEPENDENCY_CYCLE:
        return f"{workspace}#elements"
    if found.code == Code.NOT_REFINED:
        form = reverse("new-local-element", args=[plan.key])
        return f"{form}?{urlencode({'answers': found.element.key})}"
    return reverse("local-element", args=[plan.key, found.element.key])


def _target_form(plan: Plan, target: Target) -> str:
    asked = urlencode({"indicator": target.indicator.key, "by": target.by})
    return f"{reverse('set-local-target', args=[plan.key])}?{asked}"
