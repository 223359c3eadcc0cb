"""Reporting cycles: the list, one cycle with its units, opening, locking, reopening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried, refused
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import standing_of
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, Invalid
from throughline.kernel.period import Period
from throughline.places.queries import bearing_words
from throughline.reporting import actions
from throughline.reporting.models import Cycle, Extension, Form, Report
from throughline.reporting.owing import asks_for_tasks, counted, tasks_visible_to
from throughline.reporting.permissions import RUNNING, may_urge, opens, require_running, runs
from throughline.reporting.queries import (
    LATE,
    OVERDUE,
    cycle_by_key,
    cycles_visible_to,
    forms_in_use,
    forms_visible_to,
    in_state,
    reports_visible_to,
)
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.rules.reminding import read_hours, split
from throughline.reporting.telling import span_of
from throughline.reporting.viewing import cycle_lines, reminded, tally, unit_lines
from throughline.reporting.words import STAGES, STEPS, TASKS
from throughline.reporting.workbooks import filled_in_by
from throughline.ui import writing
from throughline.ui.links import page_of
from throughline.ui.shapes import Choice, Crumb, Filter, Paging

PAGE = 50
FORM = ["GET", "HEAD", "POST"]


def forms_to_open(actor: Actor) -> list[Form]:
    """The forms in use with which the actor may open a cycle."""
    standing = standing_of(actor)
    if standing.is_installation:
        return list(forms_in_use())
    if not standing.duties & RUNNING:
        return []  # without looking
    rows = forms_in_use().select_related("plan__lead_body", "tier", "asked_by")
    return [row for row in rows if opens(standing, row)]


@require_safe
def cycles(request: HttpRequest) -> HttpResponse:
    """Every reporting cycle, the latest close first."""
    actor = actor_of(request)
    signed_in(actor)
    rows = cycles_visible_to(actor).select_related("owner")
    number = page_of(request)
    page = list(rows[(number - 1) * PAGE : number * PAGE])
    context = {
        "lines": cycle_lines(page, reports_visible_to(actor)),
        "may_open": bool(forms_to_open(actor)),
        "may_weigh": forms_visible_to(actor).exists(),
        "paging": Paging(number, PAGE, rows.count()),
    }
    return render(request, "reporting/cycles.html", context)


@require_safe
def cycle(request: HttpRequest, cycle: str) -> HttpResponse:
    """One cycle: its times, its forms, and where each unit stands that the reader sees."""
    actor = actor_of(request)
    signed_in(actor)
    row = cycle_by_key(actor, cycle)
    seen = reports_visible_to(actor).filter(cycle=row)
    counts = tally(seen)
    now = clock.now()
    state, words = request.GET.get("state", ""), request.GET.get("words", "").strip()
    rows = in_state(seen, row, state, now)
    if words:
        rows = rows.filter(place__in=bearing_words(words).values("pk"))
    number, total = page_of(request), rows.count()
    listed = reminded(rows).select_related("cycle__owner", "place", "body", "turn")
    shown = list(listed.order_by("place__sort_key", "pk")[(number - 1) * PAGE : number * PAGE])
    stage = row.times.stage(now)
    runs_it = runs(standing_of(actor), row)
    urged = _urged(actor, row, shown) if stage in {Stage.OPEN, Stage.CLOSED} else set()
    owed = counted(tasks_visible_to(actor, row)) if asks_for_tasks(row) else {}
    context = {
        "cycle": row,
        "stage": str(STAGES[stage]),
        "is_locked": stage is Stage.LOCKED,
        "may_lock": runs_it and stage is Stage.CLOSED,
        "may_ask_unlock": runs_it and stage is Stage.LOCKED and not row.unlock_asked_by,
        "may_unlock": runs_it
        and stage is Stage.LOCKED
        and row.unlock_asked_by not in {"", actor.person},
        "forms": list(row.forms.select_related("asked_by", "tier")),
        "fills_several": filled_in_by(actor, row)[:2].count() > 1,
        "period": Period.parse(row.period),
        "counts": counts,
        "given": counts[ReportStep.SIGNED] + counts[ReportStep.ACCEPTED],
        "extensions": _open_requests(row) if runs_it else [],
        "lines": unit_lines(shown, urged),
        "may_urge": bool(urged),
        "narrowing": request.GET.urlencode(),
        "reminders": reminders_in_words(row),
        "tasks": owed,
        "task_states": [
            (each.value, str(word), owed[each.value]) for each, word in TASKS.items() if owed
        ],
        "filters": [_states(request, state, counts)],
        "narrowed": bool(words or state),
        "paging": Paging(number, PAGE, total),
        "trail": [Crumb(_("Reporting"), reverse("cycles")), Crumb(row.title)],
    }
    return render(request, "reporting/cycle.html", context)


def _urged(actor: Actor, row: Cycle, shown: Sequence[Report]) -> set[int]:
    """Those of some reports (their ids) that are missing and that the reader may urge on."""
    missing = [each.pk for each in shown if ReportStep(each.step) in BEFORE_SIGNING]
    if not missing:
        return set()
    return set(may_urge(actor, row).filter(pk__in=missing).values_list("pk", flat=True))


def reminders_in_words(row: Cycle) -> str:
    """When a cycle reminds, in words; nothing where it does not."""
    times = [span_of(hours) for hours in row.remind if hours]
    language = get_language() or "en"
    if not times:
        return _("Whoever has not signed is reminded at the close.") if row.remind else ""
    said = {"times": writing.listed(times, language)}
    if 0 in row.remind:
        return _("Whoever has not signed is reminded %(times)s before the close, and at it.") % said
    return _("Whoever has not signed is reminded %(times)s before the close.") % said


def _states(request: HttpRequest, state: str, counts: dict[str, int]) -> Filter:
    query = request.GET.copy()
    query.pop("page", None)
    words = {"": _("all")} | {step.value: str(word) for step, word in STEPS.items()}
    words |= {LATE: _("signed late"), OVERDUE: _("overdue")}
    choices = []
    for key, word in words.items():
        query["state"] = key
        choices.append(
            Choice(word, f"?{query.urlencode()}", key == state, counts.get(key) if key else None)
        )
    query["state"] = ""
    return Filter(
        pgettext("stage", "Where it stands"), choices, f"?{query.urlencode()}" if state else ""
    )


def _open_requests(row: Cycle) -> list[Extension]:
    return list(
        Extension.objects.filter(report__cycle=row, granted__isnull=True).select_related(
            "report__place"
        )
    )


@require_http_methods(FORM)
def open_new(request: HttpRequest) -> HttpResponse:
    """Open a cycle with some forms for one period."""
    actor = actor_of(request)
    signed_in(actor)
    forms = forms_to_open(actor)
    if not forms:
        raise Forbidden(
            _("A cycle is opened by the body that leads the plan or asks for the form."),
            rule="reporting.open",
            lifted_by=_("an administrator, who appoints people to posts"),
        )
    zone = forms[0].plan.zone
    question = Question(
        title=_("Open a reporting cycle"),
        inputs=[
            Input(
                "forms", _("Forms"), kind="several",
                choices=[(form.key, f"{form.title} · {form.asked_by.short}") for form in forms],
                hint=_("A figure that several forms ask for is asked for once."),
            ),
            Input("period", _("Period"), hint=_("Such as 2025, 2025Q2 or 2025-06.")),
            Input("title", _("Title"), hint=_("Empty: its forms and its period."),
                  required=False),
            Input("opens_at", _("Opens"), hint=_("Empty: at once. In the plan’s zone, %(zone)s.")
                  % {"zone": zone}, required=False),
            Input("closes_at", _("Closes"), hint=_("To the second, such as 2025-07-20 18:00:00.")),
            Input("remind", _("Reminds before the close"),
                  hint=_("Such as “7d, 2d, 4h, close”. Empty: as the forms say; where they say "
                         "nothing, at these times."),
                  required=False),
        ],
        button=_("Open the cycle"),
        back=reverse("cycles"),
        trail=[Crumb(_("Reporting"), reverse("cycles")), Crumb(_("Open a reporting cycle"))],
        told=[
            _("Every unit of the forms’ tiers gets a sheet; its bodies are told when it opens."),
            _("Reports are taken after the close as well, marked late, until you lock the cycle."),
        ],
        draft="reporting:open-cycle",
        template="reporting/open.html",
    )  # fmt: skip

    def act(typed: Typed) -> HttpResponse:
        chosen = [form for form in forms if form.key in typed.several("forms")]
        if not chosen:
            raise refused("forms", _("Choose at least one form."))
        period = _period(typed)
        opened = actions.open_cycle(
            actor, title=typed.text("title"),
            forms=chosen, period=period,
            opens_at=instant_in(typed, "opens_at", zone) or clock.now(),
            closes_at=needed_instant(typed, "closes_at", zone),
            remind=_reminders(typed),
        )  # fmt: skip
        messages.success(
            request,
            _("The cycle is open: %(count)s units have their sheets.")
            % {"count": writing.number(opened.reports.count())},
        )
        return redirect("cycle", opened.key)

    return carried(request, question, act)


def _reminders(typed: Typed) -> list[int] | None:
    """The hours before the close that were typed; None where the forms shall say."""
    written = split(typed.text("remind"))
    hours = [read_hours(each) for each in written]
    for text, read in zip(written, hours, strict=True):
        if read is None:
            raise refused(
                "remind",
                _("“%(text)s” is no time before a close.") % {"text": text},
                _("Write days and hours as 7d, 2d, 4h; “close” for the close itself."),
            )
    return [each for each in hours if each is not None] or None


def _period(typed: Typed) -> Period:
    try:
        return Period.parse(typed.text("period"))
    except Invalid as error:
        raise refused(
            "period", _("This is no period."), _("Write 2025, 2025Q2 or 2025-06.")
        ) from error


def instant_in(typed: Typed, name: str, zone: str) -> datetime | None:
    """The instant in a field, in a zone; None where it is empty."""
    text = typed.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise refused(name, _("Write the instant as 2025-07-20 18:00:00.")) from error
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def needed_instant(typed: Typed, name: str, zone: str) -> datetime:
    """The instant in a field that has to be there."""
    found = instant_in(typed, name, zone)
    if found is None:
        raise refused(name, _("Say when, such as 2025-07-20 18:00:00."))
    return found


@require_POST
def lock(request: HttpRequest, cycle: str) -> HttpResponse:
    """Lock a closed cycle."""
    actor = actor_of(request)
    signed_in(actor)
    actions.lock_cycle(actor, cycle=cycle_by_key(actor, cycle))
    messages.success(request, _("The cycle is locked."))
    return redirect("cycle", cycle)


@require_http_methods(FORM)
def ask_unlock(request: HttpRequest, cycle: str) -> HttpResponse:
    """Ask that a locked cycle is opened again."""
    actor = actor_of(request)
    signed_in(actor)
    row = cycle_by_key(actor, cycle)
    require_running(actor, row)
    question = Question(
        title=_("Ask to open the cycle again"),
        inputs=[Input("reason", _("Reason"), kind="area")],
        button=_("Ask"),
        back=reverse("cycle", args=[cycle]),
        trail=[
            Crumb(_("Reporting"), reverse("cycles")),
            Crumb(row.title, reverse("cycle", args=[cycle])),
            Crumb(_("Ask to open the cycle again")),
        ],
        told=[_("Another person of %(owner)s has to agree.") % {"owner": row.owner.name}],
        draft=f"cycle:{row.pk}:unlock",
    )

    def act(typed: Typed) -> HttpResponse:
        actions.ask_unlock(actor, cycle=row, reason=typed.text("reason"))
        messages.success(request, _("Asked. A colleague has to agree."))
        return redirect("cycle", cycle)

    return carried(request, question, act)


@require_POST
def unlock(request: HttpRequest, cycle: str) -> HttpResponse:
    """Agree that a locked cycle is opened again."""
    actor = actor_of(request)
    signed_in(actor)
    actions.unlock_cycle(actor, cycle=cycle_by_key(actor, cycle))
    messages.success(request, _("The cycle is open again, until it is locked anew."))
    return redirect("cycle", cycle)
