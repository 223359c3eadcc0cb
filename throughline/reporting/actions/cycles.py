"""Opening, locking and reopening a reporting cycle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import partial
from itertools import chain, count
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Forbidden, Invalid, Problem
from throughline.kernel.period import Period
from throughline.kernel.tables import renew_statistics
from throughline.reporting.actions.reminding import tell_opening
from throughline.reporting.models import LONGEST, Cycle, Form, FormLine, Report, Ticket
from throughline.reporting.permissions import require_opening, require_running
from throughline.reporting.queries import units_of
from throughline.reporting.rules.life import Stage
from throughline.reporting.rules.reminding import FIRST, MOST, USUAL, in_order
from throughline.ui import writing

MANY = 1000
"""From so many units at once the planner is told."""


@action("cycle.open")
def open_cycle(
    act: Act,
    *,
    forms: Sequence[Form],
    period: Period,
    opens_at: datetime,
    closes_at: datetime,
    title: str = "",
    key: str = "",
    remind: Sequence[int] | None = None,
) -> Cycle:
    """Open a cycle: every unit of the forms' tiers gets its report, and its bodies are told: now,
    or where its hour to open lies ahead, at that hour. Without a title and a key it goes by its
    forms and its period. It reminds so many hours (`remind`) before its close, else as its forms
    say. Before `opens_at` a sheet can be looked at and not filled in."""
    owner = require_opening(act.actor, forms)
    key = key or _free_key(forms, period)
    _require_sound(key, title, forms, period, opens_at, closes_at)
    hours = _hours(forms, remind)
    plan = forms[0].plan
    cycle = Cycle(
        key=key,
        title_en=title.strip() or named_after(forms, period, "en"),
        title_zh=title.strip() or named_after(forms, period, "zh"),
        owner=owner or plan.lead_body,
        period=period.code,
        zone=plan.zone,
        opens_at=opens_at,
        closes_at=closes_at,
        counts_from=min(opens_at, _end_of(period, plan.zone)),
        remind=hours,
        simulated=plan.demo,
        act=act.number,
    )
    _store(cycle)
    cycle.forms.set(forms)
    with_lines = set(FormLine.objects.filter(form__in=forms).values_list("form", flat=True))
    asked = [form for form in forms if form.pk in with_lines]
    units = sorted({place for form in asked for place in units_of(form, period)})
    Report.objects.bulk_create(Report(cycle=cycle, place_id=place) for place in units)
    if len(units) > MANY:
        act.after_commit(partial(renew_statistics, Report))
    act.about(cycle)
    act.record(
        key=key, title=title.strip(), forms=[str(form) for form in forms], period=period.code,
        opens_at=opens_at, closes_at=closes_at, units=len(units), remind=hours,
    )  # fmt: skip
    if opens_at <= clock.now():
        tell_opening(act, cycle)
    return cycle


def _end_of(period: Period, zone: str) -> datetime:
    """The first instant after a period, in a zone."""
    return datetime.combine(period.end + timedelta(days=1), time.min, ZoneInfo(zone))


def _hours(forms: Sequence[Form], remind: Sequence[int] | None) -> list[int]:
    """At how many hours before its close a cycle reminds: as is said, else as each of its forms
    says, else as is usual."""
    if remind is None:
        said = [USUAL if form.remind is None else form.remind for form in forms]
        return in_order(hours for each in said for hours in each)[:MOST]
    if len(remind) > MOST or any(not 0 <= hours <= FIRST for hours in remind):
        raise Invalid(
            _("The cycle was not opened."),
            problems=[
                Problem(
                    "remind",
                    _("At most %(most)s reminders are sent, at most %(days)s days before.")
                    % {"most": MOST, "days": FIRST // 24},
                    field="remind",
                )
            ],
        )
    return in_order(remind)


LONGEST_TITLE = 300


def named_after(forms: Sequence[Form], period: Period, language: str) -> str:
    """The title of a cycle that nobody has given one: its forms and its period."""
    titles = [getattr(form, f"title_{language}") or form.title_en for form in forms]
    # The dot never begins a line; in Chinese a comma of its own stands between things of a row.
    between = "、" if writing.is_chinese(language) else f"{writing.NO_BREAK}· "
    when = writing.period(period.code, language).replace(writing.NO_BREAK, " ")
    named = writing.noted(between.join(titles), when, language)
    return named[:LONGEST_TITLE]


def _free_key(forms: Sequence[Form], period: Period) -> str:
    """A key after the first form and the period that no cycle has."""
    wanted = slugify(f"{forms[0].key}-{period.code}" if forms else period.code)[:70]
    taken = set(Cycle.objects.filter(key__startswith=wanted).values_list("key", flat=True))
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(each for each in chain([wanted], numbered) if each not in taken)


def _store(cycle: Cycle) -> None:
    """Store a cycle, unless a colleague stores one under its key at the same moment."""
    try:
        with transaction.atomic():
            cycle.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(_("The cycle was not opened."), problems=[_key_is_taken()]) from error


def _key_is_taken() -> Problem:
    return Problem("key", _("There is a cycle under this key."), field="key")


def _require_sound(
    key: str,
    title: str,
    forms: Sequence[Form],
    period: Period,
    opens_at: datetime,
    closes_at: datetime,
) -> None:
    problems = []
    if not forms:
        problems.append(Problem("forms", _("Choose at least one form."), field="forms"))
    if len(title) > LONGEST_TITLE:
        problems.append(
            Problem(
                "title",
                _("A title has at most %(most)s characters.") % {"most": LONGEST_TITLE},
                field="title",
            )
        )
    if not key or slugify(key) != key:
        problems.append(
            Problem(
                "key", _("A key is made of small letters, digits and hyphens."),
                _("Such as 2025q2-counties."), field="key",
            )
        )  # fmt: skip
    elif Cycle.objects.filter(key=key).exists():
        problems.append(_key_is_taken())
    for form in forms:
        if form.span != period.span.value:
            problems.append(
                Problem(
                    "period",
                    _("“%(form)s” is filled in by %(span)s; %(period)s is none.")
                    % {"form": form.title, "span": form.span, "period": period},
                    field="period",
                )
            )
        if form.withdrawn:
            problems.append(
                Problem(
                    "forms",
                    _("“%(form)s” is no longer in use.") % {"form": form.title},
                    field="forms",
                )
            )
    if len({form.tier.scheme_id for form in forms}) > 1:
        problems.append(Problem("forms", _("The forms are of different countries."), field="forms"))
    if closes_at <= opens_at:
        problems.append(
            Problem("closes_at", _("A cycle closes after it opens."), field="closes_at")
        )
    if closes_at <= clock.now():
        problems.append(Problem("closes_at", _("The close lies in the past."), field="closes_at"))
    if problems:
        raise Invalid(_("The cycle was not opened."), problems=problems)


def locked_row(cycle: Cycle) -> Cycle:
    """A cycle, read again under its lock."""
    return Cycle.objects.select_for_update(of=("self",)).select_related("owner").get(pk=cycle.pk)


@action("cycle.lock")
def lock_cycle(act: Act, *, cycle: Cycle) -> Cycle:
    """Lock a closed cycle: from now on nothing in it is filled in, signed or checked."""
    row = locked_row(cycle)
    require_running(act.actor, row)
    stage = row.times.stage(clock.now())
    if stage is Stage.LOCKED:
        raise Conflict(_("The cycle is locked already."))
    if stage is not Stage.CLOSED:
        raise Conflict(
            _("The cycle is still open."),
            remedy=_("It can be locked after its close; who is late may report until then."),
        )
    held = Ticket.objects.filter(report__cycle=row, until__gt=clock.now())
    last = held.aggregate(last=Max("until"))["last"]
    if last is not None:
        raise Conflict(
            _("Units that were asked to come again at the close still hold a ticket."),
            remedy=_("It can be locked from %(when)s on.") % {"when": timezone.localtime(last)},
        )
    with act.changing(row, "locked_at"):
        row.locked_at = clock.now()
        row.unlock_asked_by, row.unlock_reason = "", ""
        row.save(update_fields=["locked_at", "unlock_asked_by", "unlock_reason"])
    return row


@action("cycle.ask_unlock")
def ask_unlock(act: Act, *, cycle: Cycle, reason: str) -> Cycle:
    """Ask that a locked cycle is opened again; another person of its owner has to agree."""
    row = locked_row(cycle)
    require_running(act.actor, row)
    if row.locked_at is None:
        raise Conflict(_("The cycle is not locked."))
    if row.unlock_asked_by:
        raise Conflict(_("Somebody has asked for it already; another person may agree."))
    require_reason(reason)
    with act.changing(row, "unlock_reason"):
        row.unlock_asked_by, row.unlock_reason = act.actor.person, reason.strip()
        row.save(update_fields=["unlock_asked_by", "unlock_reason"])
    return row


@action("cycle.unlock")
def unlock_cycle(act: Act, *, cycle: Cycle) -> Cycle:
    """Open a locked cycle again, at another person's request: two people, on record."""
    row = locked_row(cycle)
    standing = require_running(act.actor, row)
    if row.locked_at is None:
        raise Conflict(_("The cycle is not locked."))
    if not row.unlock_asked_by:
        raise Conflict(
            _("Nobody has asked for it yet."), remedy=_("Ask, with the reason; a colleague agrees.")
        )
    if row.unlock_asked_by == act.actor.person and not standing.is_installation:
        raise Forbidden(
            _("Another person than who asked has to agree."),
            rule="reporting.two-people",
            lifted_by=row.owner.name,
        )
    act.record(asked_by=row.unlock_asked_by, reason=row.unlock_reason)
    with act.changing(row, "locked_at"):
        row.locked_at = None
        row.unlock_asked_by, row.unlock_reason = "", ""
        row.save(update_fields=["locked_at", "unlock_asked_by", "unlock_reason"])
    return row


def require_reason(reason: str, field: str = "reason") -> None:
    """Raise unless a reason is given, and not too long."""
    if reason.strip() and len(reason) <= LONGEST:
        return
    raise Invalid(
        _("Say why."),
        problems=[
            Problem(
                field,
                _("A reason of at most %(most)s characters is needed.") % {"most": LONGEST},
                field=field,
            )
        ],
    )
