"""Contested figures: the list, one of them, and the three acts by their forms."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.pages.forms import (
    Input,
    Question,
    Typed,
    carried,
    problems_of,
    refused,
    unchosen,
)
from throughline.bodies.permissions import signed_in
from throughline.figures.models import Observation
from throughline.figures.queries import sees_figures
from throughline.figures.viewing import figure_url, written
from throughline.files.carrying import Carried, files_in, tokens_of
from throughline.files.numbers import read_in_unit
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.kernel.models import Draft
from throughline.kernel.period import Period
from throughline.kernel.queries import known_now
from throughline.kernel.text import is_id
from throughline.places.queries import bearing_words
from throughline.plans.models import Indicator
from throughline.reporting import actions
from throughline.reporting.contesting import contest_subject, title_of, url_of
from throughline.reporting.models import Contest
from throughline.reporting.pages.cycles import FORM
from throughline.reporting.permissions import (
    require_answering,
    require_contesting,
    require_withdrawing,
)
from throughline.reporting.queries import (
    contest_by_id,
    contests_visible_to,
    last_of,
    observation_by_id,
    with_figures,
)
from throughline.reporting.rules.contesting import (
    ContestKind,
    ContestState,
    Verdict,
    kind_of,
)
from throughline.reporting.viewing import contest_lines, contest_story, lets
from throughline.reporting.words import CONTEST_KINDS, CONTEST_STATES, VERDICTS
from throughline.subjects.viewing import panel
from throughline.ui.links import page_of
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
SORTS = {
    "at": ("at", "pk"),
    "place": ("place__sort_key", "pk"),
    "indicator": ("series__indicator__key", "pk"),
    "producer": ("series__producer__key", "pk"),
    "state": ("state", "pk"),
}
"""By what the list is sorted; as it is, by who has waited longest."""


# -- the list ------------------------------------------------------------------------------


@require_safe
def contests(request: HttpRequest) -> HttpResponse:
    """The contested figures that the reader sees; those that wait for their answer, unless others
    are asked for."""
    actor = actor_of(request)
    signed_in(actor)
    seen = contests_visible_to(actor)
    state = request.GET.get("state", ContestState.OPEN.value)
    producer, words = request.GET.get("producer", ""), request.GET.get("words", "").strip()[:100]
    found = _of_producer(seen, producer)
    if words:
        found = found.filter(place__in=bearing_words(words).values("pk"))
    rows = found.filter(state=state) if state in set(ContestState) else found
    number, total = page_of(request), rows.count()
    shown = _sorted(rows, request.GET.get("sort", ""))[(number - 1) * PAGE : number * PAGE]
    context = {
        "lines": contest_lines(list(with_figures(shown))),
        "filters": [_states(request, found, state), _producers(request, seen, producer)],
        "narrowed": bool(words or producer) or state != ContestState.OPEN,
        "paging": Paging(number, PAGE, total),
        "trail": [Crumb(_("Reporting"), reverse("cycles")), Crumb(_("Contested figures"))],
    }
    return render(request, "reporting/contests.html", context)


def _sorted(rows: QuerySet[Contest], asked: str) -> QuerySet[Contest]:
    key, downwards = asked.removeprefix("-"), asked.startswith("-")
    names = SORTS.get(key, SORTS["at"])
    return rows.order_by(*(f"-{name}" if downwards else name for name in names))


def _of_producer(rows: QuerySet[Contest], key: str) -> QuerySet[Contest]:
    return rows.filter(series__producer__key=key) if key else rows


def _states(request: HttpRequest, rows: QuerySet[Contest], state: str) -> Filter:
    counts = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    words = [(key.value, str(word), counts.get(key, 0)) for key, word in CONTEST_STATES.items()]
    words.append(("all", _("all"), sum(counts.values())))
    choices = [
        Choice(word, _asking(request, state=key), key == state, count) for key, word, count in words
    ]
    return Filter(pgettext("stage", "Where it stands"), choices)


def _producers(request: HttpRequest, rows: QuerySet[Contest], chosen: str) -> Filter:
    keys = rows.order_by().values("series__producer")
    choices = [
        Choice(each.name, _asking(request, producer=each.key), each.key == chosen)
        for each in Body.objects.filter(pk__in=keys).order_by("key")
    ]
    everything = _asking(request, producer=None)
    choices = [Choice(_("all"), everything, not chosen), *choices]
    return Filter(_("Producer"), choices, everything if chosen else "")


def _asking(request: HttpRequest, **changed: str | None) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


# -- one of them ---------------------------------------------------------------------------


def _found(request: HttpRequest, contest: int) -> tuple[Actor, Contest]:
    actor = actor_of(request)
    signed_in(actor)
    return actor, contest_by_id(actor, contest)


def _trail(row: Contest, here: str = "") -> list[Crumb]:
    steps = [
        Crumb(_("Reporting"), reverse("cycles")),
        Crumb(_("Contested figures"), reverse("contests")),
        Crumb(title_of(row), url_of(row) if here else ""),
    ]
    return [*steps, Crumb(here)] if here else steps


def _figure_url(row: Contest | Observation) -> str:
    indicator = row.series.indicator
    period = Period.parse(row.period)
    return f"{figure_url(indicator, row.place, period, known_now(), row.series.edition)}#history"


@require_safe
def contest(request: HttpRequest, contest: int) -> HttpResponse:
    """One contested figure: both values, the grounds, the evidence, the answer, what happened."""
    actor, row = _found(request, contest)
    is_open, indicator = row.state == ContestState.OPEN, row.series.indicator
    present = last_of(row, released=True) if is_open else row.against
    changed = present is not None and present.pk != row.observation_id
    context = {
        "contest": row,
        "title": title_of(row),
        "by": row.body.name if row.body else _("the installation"),
        "indicator": indicator,
        "kind": CONTEST_KINDS[ContestKind(row.kind)],
        "is_enquiry": row.kind == ContestKind.ENQUIRY,
        "is_open": is_open,
        "state": CONTEST_STATES[ContestState(row.state)],
        "verdict": VERDICTS[Verdict(row.verdict)] if row.verdict else "",
        "value": written(row.value, indicator),
        "proposed": written(row.proposed, indicator) if row.proposed is not None else "",
        "result": written(row.result.value, indicator) if row.result else "",
        "present": _present(present, row) if changed and present is not None else "",
        "figure_url": _figure_url(row) if sees_figures(actor, indicator, row.place) else "",
        "story": contest_story(row),
        "beside": panel(actor, contest_subject(row)),
        "may_answer": is_open and lets(lambda: require_answering(actor, row)),
        "may_withdraw": is_open and lets(lambda: require_withdrawing(actor, row)),
        "trail": _trail(row),
    }
    return render(request, "reporting/contest.html", context)


def _present(present: Observation, row: Contest) -> str:
    """What stands in place of the contested figure by now."""
    if present.value is None:
        return _("none: it was withdrawn")
    return written(present.value, row.series.indicator)


# -- contesting ----------------------------------------------------------------------------


@dataclass
class _Sent:
    """What stands in the form: typed, and the files that came with it so far."""

    proposed: str = ""
    grounds: str = ""
    files: list[Carried] = field(default_factory=list)

    @property
    def tokens(self) -> list[tuple[str, str]]:
        """The files, so that a form that comes back still has them."""
        return tokens_of(self.files)


@require_http_methods(FORM)
def contest_figure(request: HttpRequest, observation: int) -> HttpResponse:
    """Contest a figure, or enquire about one that is its producer's alone."""
    actor = actor_of(request)
    signed_in(actor)
    figure = observation_by_id(actor, observation)
    require_contesting(actor, figure)
    indicator, kind = figure.series.indicator, kind_of(figure.series.nature)
    key = f"figure:{figure.pk}:contest"
    draft = Draft.objects.filter(person=actor.person, form=key).first()
    problems: list[Problem] = []
    status = 200
    if request.method == "POST":
        sent = _sent(request)
        try:
            done = actions.contest_value(
                actor,
                observation=figure,
                proposed=_number(sent.proposed, indicator, "proposed"),
                grounds=sent.grounds,
                evidence=[actions.Exhibit(file=stored, name=name) for stored, name in sent.files],
            )
        except (Invalid, Conflict) as error:
            problems, status = problems_of(error, "grounds"), error.http_status
        else:
            if draft is not None:
                draft.delete()
            messages.success(
                request,
                _("%(producer)s is told, and answers.") % {"producer": figure.series.producer.name},
            )
            return redirect(url_of(done))
    else:
        sent = _drafted(draft)
    enquiry = kind is ContestKind.ENQUIRY
    title = _("Enquire about a figure") if enquiry else _("Contest a figure")
    context = {
        "figure": figure,
        "indicator": indicator,
        "enquiry": enquiry,
        "title": title,
        "value": written(figure.value, indicator),
        "period": Period.parse(figure.period),
        "sent": sent,
        "problems": problems,
        "from_draft": draft if request.method != "POST" else None,
        "draft_key": key,
        "back": _figure_url(figure),
        "trail": [
            Crumb(
                indicator.title, reverse("indicator", args=[indicator.scheme.key, indicator.key])
            ),
            Crumb(figure.place.name, _figure_url(figure)),
            Crumb(title),
        ],
    }
    return render(request, "reporting/contest_figure.html", context, status=status)


def _drafted(draft: Draft | None) -> _Sent:
    """What was typed and not sent; files cannot be kept unsent."""
    if draft is None:
        return _Sent()
    typed = Typed(draft.content)
    return _Sent(typed.text("proposed"), typed.text("grounds"))


def _sent(request: HttpRequest) -> _Sent:
    typed = Typed(dict(request.POST.lists()))
    return _Sent(typed.text("proposed"), typed.text("grounds"), files_in(request))


def _number(text: str, indicator: Indicator, name: str) -> float | None:
    """The number typed, in the indicator's unit; None where nothing was."""
    try:
        return read_in_unit(text, indicator.symbol, indicator.unit).value
    except Invalid as error:
        raise refused(name, error.message, error.remedy or "") from error


# -- answering and taking back -------------------------------------------------------------


@require_http_methods(FORM)
def answer(request: HttpRequest, contest: int) -> HttpResponse:
    """Answer as the figure's producer: the figure, and why."""
    actor, row = _found(request, contest)
    require_answering(actor, row)
    if row.state != ContestState.OPEN and request.method != "POST":
        return redirect(url_of(row))
    title, indicator = _("Answer"), row.series.indicator
    present, choices = last_of(row), unchosen(_verdicts(row))
    question = Question(
        title=title_of(row),
        inputs=[
            Input("against", kind="hidden"),
            Input("verdict", _("Answer"), kind="choice", choices=choices),
            Input(
                "value", _("The figure that is to stand"), required=False, hint=_hint(row)
            ),
            Input("reason", _("Reason"), kind="area",
                  hint=_("It stands beside the figure, and who asked is told.")),
        ],
        button=_("Answer"),
        back=url_of(row),
        trail=_trail(row, title),
        told=_told(row),
        facts=_facts(row, present, indicator),
        initial=Typed.of(against=present.pk if present else ""),
        draft=f"contest:{row.pk}:answer",
    )  # fmt: skip

    def act(typed: Typed) -> HttpResponse:
        against = typed.text("against")
        actions.answer_contest(
            actor,
            contest=row,
            verdict=typed.one_of("verdict", choices),
            value=_number(typed.text("value"), indicator, "value"),
            reason=typed.text("reason"),
            against=int(against) if is_id(against) else -1,
        )
        messages.success(request, _("Answered; who asked is told."))
        return redirect(url_of(row))

    return carried(request, question, act)


def _verdicts(row: Contest) -> list[tuple[str, str]]:
    if row.kind == ContestKind.CONTEST:
        return [(key.value, str(word)) for key, word in VERDICTS.items()]
    said = {
        Verdict.ACCEPTED: _("release a correction"),
        Verdict.CHANGED: _("release another correction than the one proposed"),
        Verdict.REFUSED: _("the figure stands"),
    }
    if row.proposed is None:
        del said[Verdict.CHANGED]
    return [(key.value, word) for key, word in said.items()]


def _hint(row: Contest) -> str:
    unit = row.series.indicator.unit
    if row.proposed is None:
        return _("Where a correction is released, in “%(unit)s”.") % {"unit": unit}
    return _("Where it is another than the one proposed, in “%(unit)s”.") % {"unit": unit}


def _told(row: Contest) -> list[str]:
    by = row.body.name if row.body else _("the installation")
    asked = (
        _("%(body)s enquires about this figure. It is yours: you answer, and correct it or do not.")
        if row.kind == ContestKind.ENQUIRY
        else _("%(body)s contests this figure.")
    )
    return [asked % {"body": by}]


def _facts(row: Contest, present: Observation | None, indicator: Indicator) -> list[str]:
    said = [_("Contested: %(value)s") % {"value": written(row.value, indicator)}]
    if row.kind == ContestKind.ENQUIRY:
        said = [_("Asked about: %(value)s") % {"value": written(row.value, indicator)}]
    if row.proposed is not None:
        said.append(_("Proposed: %(value)s") % {"value": written(row.proposed, indicator)})
    if present is not None and present.pk != row.observation_id:
        said.append(
            _("The figure has changed since: now it is %(value)s. You answer on that one.")
            % {"value": _present(present, row)}
        )
    return [*said, _("Grounds: %(grounds)s") % {"grounds": row.grounds}]


@require_http_methods(FORM)
def withdraw(request: HttpRequest, contest: int) -> HttpResponse:
    """Take a contest back."""
    actor, row = _found(request, contest)
    require_withdrawing(actor, row)
    title = _("Withdraw")
    question = Question(
        title=title_of(row),
        inputs=[Input("reason", _("Reason"), kind="area", required=False)],
        button=_("Withdraw it"),
        back=url_of(row),
        trail=_trail(row, title),
        told=[_("It stays on record, and the producer is told that no answer is awaited.")],
        draft=f"contest:{row.pk}:withdraw",
    )

    def act(typed: Typed) -> HttpResponse:
        actions.withdraw_contest(actor, contest=row, reason=typed.text("reason"))
        messages.success(request, _("Withdrawn."))
        return redirect(url_of(row))

    return carried(request, question, act)
