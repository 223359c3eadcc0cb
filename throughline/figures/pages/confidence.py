"""What bodies judge of a target beside its computed status: every judgement, and a new one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import names_of
from throughline.figures import actions, rules, viewing
from throughline.figures.confidence import history_at
from throughline.figures.judging import Answer
from throughline.figures.models import Confidence
from throughline.figures.pages.asking import Asked, asked
from throughline.figures.permissions import judges, require_judging
from throughline.figures.surveying import survey
from throughline.kernel.errors import NotFound
from throughline.kernel.queries import known_now
from throughline.places.models import Place
from throughline.plans.models import Element, Indicator, Plan
from throughline.plans.queries import whole
from throughline.plans.sections import Section
from throughline.ui.shapes import Crumb
from throughline.ui.writing import day

FORM = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Said:
    """A judgement in the history."""

    row: Confidence
    word: str
    who: str


def confidence_url(indicator: Indicator, place: Place) -> str:
    """Where the judgements of a target stand."""
    url = reverse("confidence", args=[indicator.scheme.key, indicator.key])
    return f"{url}?unit={place.code}"


def judged_beside(question: Asked) -> dict[str, object]:
    """What an indicator's page shows of the judgements of the target there."""
    target = question.target
    if target is None:
        return {"confidence_url": ""}
    plan = target.version.plan
    rows = history_at(plan, question.indicator, question.place, question.known)
    shown = viewing.sure_of(rows[0] if rows else None, _latest(question))
    return {
        "confidence_url": confidence_url(question.indicator, question.place),
        "sure": shown,
        "judged_on": day(rows[0].at.date(), viewing.language()) if rows else "",
        "may_judge": judges(signed_in(question.actor), plan, question.indicator, question.place),
    }


def _latest(question: Asked) -> Answer | None:
    """The last answer that there is, whichever period the page shows."""
    given = [each for each in question.history if each.figure.value is not None]
    return given[-1] if given else None


def _plan_of(question: Asked) -> Plan:
    if question.target is None:
        raise NotFound(_("The plan sets no target for this place."))
    return question.target.version.plan


def _trail(question: Asked, last: str, *, form: bool = False) -> list[Crumb]:
    indicator, place = question.indicator, question.place
    title = viewing.together(indicator.title, place.name)
    crumbs = [
        Crumb(_("Indicators"), reverse("indicators")),
        Crumb(title, viewing.indicator_url(indicator, unit=place.code)),
    ]
    if form:
        crumbs.append(Crumb(_("Confidence"), confidence_url(indicator, place)))
    return [*crumbs, Crumb(last)]


@require_safe
def confidence(request: HttpRequest, scheme: str, key: str) -> HttpResponse:
    """Every judgement of a target at a place, the last one first, beside the computed status."""
    question = asked(request, scheme, key)
    plan = _plan_of(question)
    rows = history_at(plan, question.indicator, question.place, question.known)
    names = names_of(row.person for row in rows)
    latest = _latest(question)
    context = {
        "asked": question,
        "plan": plan,
        "found": latest or question.at(question.period),
        "sure": viewing.sure_of(rows[0] if rows else None, latest),
        "rows": [
            Said(
                row,
                str(viewing.SURE[rules.ConfidenceLevel(row.level)]),
                names.get(row.person, ""),
            )
            for row in rows
        ],
        "may_judge": judges(signed_in(question.actor), plan, question.indicator, question.place),
        "trail": _trail(question, _("Confidence")),
        "record_url": reverse("record-confidence", args=[scheme, key])
        + f"?unit={question.place.code}",
    }
    return render(request, "figures/confidence.html", context)


@require_http_methods(FORM)
def record(request: HttpRequest, scheme: str, key: str) -> HttpResponse:
    """Record a judgement of a target at a place."""
    question = asked(request, scheme, key)
    plan = _plan_of(question)
    require_judging(question.actor, plan, question.indicator, question.place)
    latest = _latest(question)
    back = confidence_url(question.indicator, question.place)

    def act(typed: Typed) -> HttpResponse:
        actions.record_confidence(
            question.actor,
            plan=plan,
            indicator=question.indicator,
            place=question.place,
            level=typed.text("level"),
            reason=typed.text("reason"),
            period=latest.period if latest else None,
            status=str(latest.status) if latest else str(rules.Status.NO_DATA),
        )
        messages.success(request, _("The judgement is on record."))
        return redirect(back)

    choices = [("", _("Choose")), *((str(key), str(word)) for key, word in viewing.SURE.items())]
    form = Question(
        title=_("How sure is it that the target is reached in time?"),
        inputs=[
            Input("level", _("Confidence"), kind="choice", choices=choices),
            Input("reason", _("Reason"), kind="area"),
        ],
        button=_("Record the judgement"),
        back=back,
        trail=_trail(question, _("Record a judgement"), form=True),
        facts=[viewing.sentence(latest)] if latest else [],
        told=[
            _("It stands beside the computed status and changes nothing in it."),
            _("It is never changed: a new judgement stands before it."),
        ],
        draft=f"confidence:{plan.key}:{key}:{question.place.code}",
    )
    return carried(request, form, act)


@dataclass(frozen=True)
class Beside:
    """Where the indicator of an element stands at the plan's own place."""

    line: viewing.Line
    confidence_url: str


def element_status(request: HttpRequest, element: Element) -> Section | None:
    """On the page of an element that has an indicator: its computed status, and beside it what
    was judged."""
    if element.indicator_id is None:
        return None
    place, known = element.version.plan.place, known_now()
    indicators = list(whole([element.indicator_id]).values())
    found = survey(actor_of(request), indicators, place, known=known)
    stand = found.get(element.indicator_id)
    if stand is None:
        return None
    url = confidence_url(stand.indicator, place) if stand.target else ""
    return Section("figures/element_status.html", Beside(viewing.line_of(stand, place, known), url))
