"""Working mechanisms as people read them: who of a tier has one, and whether one lives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import own_place
from throughline.cascade.mechanism_subjects import mechanism_subject
from throughline.cascade.mechanisms import (
    STANDING,
    Line,
    Survey,
    day_of,
    mechanism_by_id,
    mechanisms_visible_to,
    places_of,
    pulse_of,
    serving,
    survey,
    tiers_surveyed,
    with_last_meeting,
)
from throughline.cascade.models import Mechanism, Meeting
from throughline.cascade.permissions import require_changing, require_founding, require_keeping
from throughline.cascade.rules.mechanism import (
    AS_NEEDED,
    QUIET_MONTHS,
    Beat,
    MechanismKind,
    Vitality,
    beats,
    months_after,
    next_due,
    vitality,
)
from throughline.files.writing import Table, Value, write_csv, write_xlsx
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound, ThroughlineError
from throughline.kernel.words import reads_chinese
from throughline.places.models import Place, Tier
from throughline.plans.models import Plan
from throughline.plans.queries import plan_in_force
from throughline.subjects.viewing import panel
from throughline.ui.drawing import draw_status_bar
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Crumb, Filter, Paging
from throughline.ui.words import STATUS_WORDS
from throughline.ui.writing import day as written_day
from throughline.ui.writing import number

PAGE = 50
ALL = "all"
NONE = "none"
"""What the filter calls a place without a mechanism."""

KINDS: dict[str, Promise] = {
    # Translators: 领导小组
    MechanismKind.LEADING_GROUP: gettext_lazy("Leading group"),
    # Translators: 联席会议
    MechanismKind.JOINT_CONFERENCE: gettext_lazy("Joint conference"),
    # Translators: 工作专班
    MechanismKind.TASK_FORCE: gettext_lazy("Task force"),
}
STATES: dict[str, Promise] = {
    # Translators: 正常运行
    Vitality.ALIVE: pgettext_lazy("mechanism", "Alive"),
    # Translators: 应开未开
    Vitality.DUE: pgettext_lazy("mechanism", "Due to meet"),
    # Translators: 长期未开会
    Vitality.DORMANT: pgettext_lazy("mechanism", "Dormant"),
    # Translators: 已撤销
    Vitality.ENDED: pgettext_lazy("mechanism", "Ended"),
    # Translators: 未建立
    NONE: pgettext_lazy("mechanism", "None on record"),
}
SHAPES: dict[str, str] = {
    Vitality.ALIVE: "achieved",
    Vitality.DUE: "at_risk",
    Vitality.DORMANT: "off_track",
    Vitality.ENDED: "not_started",
    NONE: "no_data",
}
"""The shapes of the status language that carry a verdict elsewhere, each with its own word."""


def rhythm_words(months: int) -> str:
    """How often one meets."""
    named = {
        AS_NEEDED: _("as needed"),
        1: _("every month"),
        3: _("every quarter"),
        6: _("every half-year"),
        12: _("every year"),
    }
    return named.get(months) or _("every %(months)s months") % {"months": months}


@dataclass(frozen=True)
class State:
    """A state as it is shown: the shape's name, and the word."""

    key: str
    shape: str
    word: str


def state_shown(vitality: Vitality | None) -> State:
    """A state, None for a place without a mechanism."""
    key = vitality or NONE
    return State(key, SHAPES[key], str(STATES[key]))


# -- who has one ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What of the survey is wanted; `tier` None is all of them."""

    tier: Tier | None
    state: str
    words: str
    sort: str

    @classmethod
    def of(cls, request: HttpRequest, tiers: Sequence[tuple[Tier, int]]) -> Asked:
        by_key = {tier.key: tier for tier, _count in tiers}
        # The first tier of several places says most; where there is none, all say little.
        several = next((tier for tier, count in tiers if count > 1 or len(tiers) == 1), None)
        wanted = request.GET.get("tier", "")
        tier = None if wanted == ALL else by_key.get(wanted, several)
        state = request.GET.get("state", "")
        return cls(
            tier,
            state if state in STATES else "",
            request.GET.get("words", "").strip(),
            request.GET.get("sort", ""),
        )


@dataclass(frozen=True)
class Row:
    """A line of the survey as it is shown."""

    line: Line
    state: State
    kind: str
    rhythm: str
    last: date | None
    url: str
    tier: str


def _plan(actor: Actor, key: str) -> Plan:
    signed_in(actor)
    return plan_in_force(actor, key).plan


def _narrowed(lines: Sequence[Line], asked: Asked) -> list[Line]:
    words = asked.words.casefold()
    found = [
        line
        for line in lines
        if (not asked.state or (line.vitality or NONE) == asked.state)
        and (
            not words
            or words in line.name.casefold()
            or words in line.sort_key.casefold()
            or line.code.startswith(asked.words)
            or (line.mechanism is not None and words in line.mechanism.name.casefold())
        )
    ]
    order = ORDERS.get(asked.sort.removeprefix("-"))
    found.sort(key=lambda line: (line.sort_key, line.code))
    if order is not None:
        found.sort(key=order, reverse=asked.sort.startswith("-"))
    elif asked.sort == "-name":
        found.reverse()
    return found


def _last_of(line: Line) -> date | None:
    return pulse_of(line.mechanism).last if line.mechanism is not None else None


_STATE_ORDER = [NONE, Vitality.DORMANT, Vitality.DUE, Vitality.ALIVE, Vitality.ENDED]
ORDERS: dict[str, Callable[[Line], tuple[int, int]]] = {
    "state": lambda line: (_STATE_ORDER.index(line.vitality or NONE), 0),
    "last": lambda line: _by_day(_last_of(line)),
    "due": lambda line: _by_day(line.due),
}


def _by_day(found: date | None) -> tuple[int, int]:
    """Days in order, what has none behind them."""
    return (1, 0) if found is None else (0, found.toordinal())


def _rows(lines: Sequence[Line], tiers: Sequence[tuple[Tier, int]]) -> list[Row]:
    names = {tier.pk: tier.name for tier, _count in tiers}
    return [
        Row(
            line,
            state_shown(line.vitality),
            str(KINDS[line.mechanism.kind]) if line.mechanism else "",
            rhythm_words(line.mechanism.meets_every) if line.mechanism else "",
            _last_of(line),
            reverse("mechanism", args=[line.mechanism.pk]) if line.mechanism else "",
            names.get(line.tier, ""),
        )
        for line in lines
    ]


@require_safe
def mechanisms(request: HttpRequest, plan: str) -> HttpResponse:
    """The working mechanisms for a plan: who of a tier has one, who has none, which sleep."""
    actor = actor_of(request)
    found = _plan(actor, plan)
    tiers = tiers_surveyed(actor, found)
    asked = Asked.of(request, tiers)
    surveyed = survey(actor, found, asked.tier, day_of(found))
    lines = _narrowed(surveyed.lines, asked)
    paging = Paging(page_of(request), PAGE, len(lines))
    shown = lines[(paging.number - 1) * PAGE : paging.number * PAGE]
    context = {
        "plan": found,
        "sentence": _sentence(surveyed, asked.tier),
        "picture": _picture(surveyed),
        "asked": asked,
        "tiers": _tiers(request, tiers, asked),
        "states": _states(request, surveyed, asked),
        "rows": _rows(shown, tiers),
        "paging": paging,
        "all_tiers": asked.tier is None,
        "narrowed": bool(asked.state or asked.words),
        "own": _own(actor, found),
        "trail": trail(found),
    }
    return render(request, "cascade/mechanisms.html", context)


def trail(plan: Plan, here: str = "", within: Mechanism | None = None) -> list[Crumb]:
    """The way down to a page about the mechanisms of a plan; without `here` to the overview."""
    overview = reverse("mechanisms", args=[plan.key]) if here else ""
    above = [
        Crumb(_("Plans"), reverse("plans")),
        Crumb(plan.title, reverse("plan", args=[plan.key])),
        Crumb(_("Working mechanisms"), overview),
    ]
    if within is not None:
        above.append(Crumb(within.name, reverse("mechanism", args=[within.pk])))
    return [*above, Crumb(here)] if here else above


def _sentence(surveyed: Survey, tier: Tier | None) -> str:
    """What stands first: how many have one, and how many of those do not live."""
    where = tier.plural if tier is not None else _("All tiers")
    counts = {state: surveyed.places.get(state, 0) for state in (*STANDING, None)}
    said = _("%(where)s: %(having)s of %(total)s have a working mechanism.") % {
        "where": where, "having": number(surveyed.having), "total": number(surveyed.total),
    }  # fmt: skip
    parts = []
    if counts[Vitality.DUE]:
        parts.append(
            ngettext(
                "The meeting of %(count)s is overdue.", "The meetings of %(count)s are overdue.",
                counts[Vitality.DUE],
            ) % {"count": number(counts[Vitality.DUE])}
        )  # fmt: skip
    if counts[Vitality.DORMANT]:
        parts.append(
            ngettext(
                "%(count)s is dormant.", "%(count)s are dormant.", counts[Vitality.DORMANT]
            ) % {"count": number(counts[Vitality.DORMANT])}
        )  # fmt: skip
    if counts[None]:
        parts.append(
            ngettext(
                "%(count)s has none on record.", "%(count)s have none on record.", counts[None]
            ) % {"count": number(counts[None])}
        )  # fmt: skip
    return ("" if reads_chinese() else " ").join([said, *parts])


@dataclass(frozen=True)
class Counted:
    """A state with how many places are in it."""

    state: State
    count: int


def _picture(surveyed: Survey) -> dict[str, object]:
    """The places by the state of their mechanism, as one bar with its legend."""
    counts = [
        Counted(state_shown(state), surveyed.places[state])
        for state in (*STANDING, None)
        if surveyed.places.get(state)
    ]
    width = 480
    by_shape = {each.state.shape: each.count for each in counts}
    return {
        "parts": draw_status_bar(by_shape, list(STATUS_WORDS), width),
        "width": width,
        "label": ", ".join(f"{each.state.word} {each.count}" for each in counts),
        "counts": counts,
    }


def _tiers(request: HttpRequest, tiers: Sequence[tuple[Tier, int]], asked: Asked) -> list[Choice]:
    choices = [
        Choice(
            f"{tier.name} {number(count)}",
            query_with(request.GET, tier=tier.key, page=None),
            asked.tier is not None and tier.pk == asked.tier.pk,
        )
        for tier, count in tiers
    ]
    if len(choices) < 2:
        return []
    every = Choice(_("all"), query_with(request.GET, tier=ALL, page=None), asked.tier is None)
    return [*choices, every]


def _states(request: HttpRequest, surveyed: Survey, asked: Asked) -> Filter:
    counts = dict.fromkeys(STATES, 0)
    for line in surveyed.lines:
        counts[line.vitality or NONE] += 1
    choices = [Choice(_("all"), query_with(request.GET, state=None, page=None), not asked.state)]
    choices += [
        Choice(str(word), query_with(request.GET, state=key, page=None), key == asked.state,
               counts[key])
        for key, word in STATES.items()
        if counts[key] or key == asked.state
    ]  # fmt: skip
    clear = query_with(request.GET, state=None, page=None) if asked.state else ""
    return Filter(_("State"), choices, clear)


@dataclass(frozen=True)
class Own:
    """What the reader's own place has, and whether the reader may put one on record."""

    place: Place
    mechanisms: Sequence[tuple[Mechanism, State]]
    may_register: bool


def _own(actor: Actor, plan: Plan) -> Own | None:
    """The reader's own place, where the plan reaches it."""
    place = own_place(actor)
    if place is None or not places_of(plan).filter(pk=place.pk).exists():
        return None
    rows = mechanisms_visible_to(actor).filter(serving(plan), place=place, ended_on=None)
    today = day_of(plan)
    there = [
        (each, state_shown(vitality(pulse_of(each), today)))
        for each in with_last_meeting(rows).order_by("founded_on", "pk")
    ]
    return Own(place, there, _may(lambda: require_founding(actor, plan, place)))


def _may(require: Callable[[], object]) -> bool:
    """Whether what an act requires is there."""
    try:
        require()
    except ThroughlineError:
        return False
    return True


@require_safe
def mechanisms_export(request: HttpRequest, plan: str, form: str) -> HttpResponse:
    """The table of the overview as a file: everything that the filters leave, in their order."""
    actor = actor_of(request)
    found = _plan(actor, plan)
    tiers = tiers_surveyed(actor, found)
    asked = Asked.of(request, tiers)
    today = day_of(found)
    surveyed = survey(actor, found, asked.tier, today)
    rows = _rows(_narrowed(surveyed.lines, asked), tiers)
    columns = [
        _("Code"), _("Place"), _("Tier"), _("State"), _("Working mechanism"), _("Kind"),
        _("Founding paper"), _("Founded"), _("Head"), _("Office"), _("Meets"), _("Last met"),
        _("Next due"),
    ]  # fmt: skip
    table = Table(_("Working mechanisms"), columns, [_exported(row) for row in rows])
    notes = [
        found.title,
        _sentence(surveyed, asked.tier),
        _("As of %(day)s.") % {"day": today.isoformat()},
        _how_told(),
    ]
    return _as_file(table, f"{found.key}-mechanisms", form, notes)


def _exported(row: Row) -> list[Value]:
    line, it = row.line, row.line.mechanism
    told: list[Value] = [line.code, line.name, row.tier, row.state.word]
    if it is None:
        return [*told, *[None] * 9]
    return [
        *told, it.name, row.kind, it.founded_by, it.founded_on, it.head, it.office.name,
        row.rhythm, row.last, line.due,
    ]  # fmt: skip


_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _as_file(table: Table, name: str, form: str, notes: Sequence[str]) -> HttpResponse:
    if form not in _TYPES:
        raise NotFound(_("Tables come as CSV or XLSX."))
    if form == "csv":
        content = write_csv(table.rows, table.columns)
    else:
        content = write_xlsx([table], notes=notes)
    answer = HttpResponse(content, content_type=_TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _how_told() -> str:
    """How the states are told, for whoever reads the table alone."""
    return _(
        "A mechanism lives while it meets in its rhythm; its meeting is overdue after that, and it "
        "is dormant once a whole meeting was left out. One that meets as needed is dormant after "
        "%(months)s months without a meeting."
    ) % {"months": QUIET_MONTHS}


# -- one mechanism -------------------------------------------------------------------------


@dataclass(frozen=True)
class Met:
    """A meeting as it is shown, its decisions line by line; with an address where the reader
    may correct it."""

    meeting: Meeting
    decisions: Sequence[str]
    url: str


@dataclass(frozen=True)
class Span:
    """A span of the rhythm as it is shown."""

    beat: Beat
    shape: str
    word: str


@require_safe
def mechanism(request: HttpRequest, mechanism: int) -> HttpResponse:
    """A working mechanism: whether it lives, its meetings and what they decided, who is in it."""
    actor = actor_of(request)
    signed_in(actor)
    row = mechanism_by_id(actor, mechanism)
    today = day_of(row.plan)
    pulse = pulse_of(row)
    state = vitality(pulse, today)
    keeps = _may(lambda: require_keeping(actor, row))
    changes = _may(lambda: require_changing(actor, row))
    meetings = list(row.meetings.order_by("-on", "-pk"))
    spans = [_span(beat) for beat in beats(pulse, [each.on for each in meetings], today)]
    lasts = row.ended_on is None
    context = {
        "mechanism": row,
        "kind": KINDS[row.kind],
        "state": state_shown(state),
        "sentence": _told(row, state, today),
        "how": _how_told(),
        "spans": spans,
        "span_counts": _counted(spans),
        "until": spans[-1].beat.last if spans else None,
        "rhythm": rhythm_words(row.meets_every),
        "last": pulse.last,
        "due": next_due(pulse),
        "late": state in {Vitality.DUE, Vitality.DORMANT},
        "members": list(row.members.select_related("place").order_by("sort_key", "key")),
        "meetings": [
            Met(
                each,
                [line.strip() for line in each.decisions.splitlines() if line.strip()],
                reverse("correct-meeting", args=[each.pk]) if keeps else "",
            )
            for each in meetings
        ],
        "may_record": lasts and keeps,
        "may_change": lasts and changes,
        "trail": trail(row.plan, row.name),
        "beside": panel(actor, mechanism_subject(row)),
    }
    return render(request, "cascade/mechanism.html", context)


@dataclass(frozen=True)
class SpanCount:
    """How many spans of the rhythm came out as one did."""

    span: Span
    count: int


def _counted(spans: Sequence[Span]) -> list[SpanCount]:
    """The legend of the rhythm: each outcome once, in the order of its coming."""
    by_shape = {span.shape: span for span in spans}
    return [
        SpanCount(span, sum(1 for each in spans if each.shape == shape))
        for shape, span in by_shape.items()
    ]


def _told(row: Mechanism, state: Vitality, today: date) -> str:
    """Whether it lives, in a sentence."""
    pulse = pulse_of(row)
    due = next_due(pulse)
    last = _written(pulse.last) if pulse.last else ""
    if state is Vitality.ENDED:
        return _("It ended on %(day)s.") % {"day": _written(row.ended_on or today)}
    met = _("It met last on %(day)s") % {"day": last} if last else _("It has not met yet")
    if due is None:
        quiet = months_after(pulse.last or pulse.founded, QUIET_MONTHS)
        if state is Vitality.ALIVE:
            return _("%(met)s; it meets as needed.") % {"met": met}
        return _("%(met)s, and should have been heard of by %(day)s.") % {
            "met": met, "day": _written(quiet),
        }  # fmt: skip
    if state is Vitality.ALIVE:
        return _("%(met)s; the next meeting is due by %(day)s.") % {
            "met": met, "day": _written(due),
        }  # fmt: skip
    late = (today - due).days
    return ngettext(
        "%(met)s; it should have met by %(day)s, %(late)s day ago.",
        "%(met)s; it should have met by %(day)s, %(late)s days ago.",
        late,
    ) % {"met": met, "day": _written(due), "late": number(late)}


def _written(day: date) -> str:
    return written_day(day, get_language() or "en")


def _span(beat: Beat) -> Span:
    if beat.met:
        return Span(beat, SHAPES[Vitality.ALIVE], _("met"))
    if beat.running:
        return Span(beat, SHAPES[Vitality.ENDED], _("still open"))
    return Span(beat, SHAPES[Vitality.DORMANT], _("no meeting"))
