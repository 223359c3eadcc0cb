"""Laying tasks on bodies, and taking them away again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.rules import GOVERNING, Standing
from throughline.cascade import telling
from throughline.cascade.actions.texts import NO_TEXT, Text
from throughline.cascade.ending import overtake
from throughline.cascade.models import Assignment, Root
from throughline.cascade.permissions import (
    is_leading,
    require_authority,
    require_issuer,
    require_issuing,
    require_state,
)
from throughline.cascade.queries import (
    governments_below,
    leads_of,
    life_of,
    standing_assignments,
    with_rows,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.life import Deed, Ending
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import Telling, notify_all
from throughline.plans.models import Element, Paper, Plan, PlanVersion, Thread
from throughline.plans.queries import IN_FORCE

DAYS_TO_RESPOND = 10
LONGEST = 2000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One assignment that is to be laid on a body."""

    element: Element
    body: Body
    part: str
    deliverable: Text = NO_TEXT
    due: date | None = None
    paper: Paper | None = None
    authority: str = ""
    by_name: bool = False


@action("task.assign")
def assign_task(
    act: Act,
    *,
    element: Element,
    body: Body,
    part: str,
    deliverable: Text = NO_TEXT,
    due: date | None = None,
    paper: Paper | None = None,
    authority: str = "",
    respond_by: datetime | None = None,
    by_name: bool = False,
) -> Assignment:
    """Lay an element of a plan in force on a body, on the authority of a document."""
    wanted = Wanted(
        element=element, body=body, part=part, deliverable=deliverable, due=due, paper=paper,
        authority=authority, by_name=by_name,
    )  # fmt: skip
    row = _issue(act, [wanted], respond_by)[0]
    act.about(row)
    act.record(**_on_record(row), respond_by=row.respond_by)
    return row


@action("tasks.assign")
def assign_tasks(act: Act, *, wanted: Sequence[Wanted], respond_by: datetime | None = None) -> int:
    """Lay several elements on several bodies in one act: all of them or none. Returns how
    many assignments there are new."""
    if not wanted:
        raise Invalid(_("Nothing was chosen."), remedy=_("Choose elements and bodies."))
    rows = _issue(act, wanted, respond_by)
    act.about(rows[0].element.version)
    act.record(assignments=[_on_record(row) for row in rows], respond_by=rows[0].respond_by)
    return len(rows)


def _on_record(row: Assignment) -> dict[str, Any]:
    return {
        "assignment": row.pk,
        "element": str(row.thread),
        "body": row.body.key,
        "part": row.part,
        "deliverable_en": row.deliverable_en,
        "deliverable_zh": row.deliverable_zh,
        "due": row.due,
        "received_at": row.received_at,
        "authority": row.paper.title if row.paper else row.authority,
    }


def _issue(act: Act, wanted: Sequence[Wanted], respond_by: datetime | None) -> list[Assignment]:
    versions = {each.element.version_id: each.element.version for each in wanted}
    if len(versions) != 1:
        raise Invalid(_("Tasks of one plan are assigned at a time."))
    version = next(iter(versions.values()))
    plan = version.plan
    standing = require_issuing(act.actor, plan)
    now = clock.now()
    _require_in_force(version)
    _require_sound(plan, wanted, respond_by, now)
    threads = sorted({each.element.thread_id for each in wanted})
    # Whoever lays the same element on anybody waits here, so that "already" is said truly.
    locked = {row.pk: row for row in Thread.objects.select_for_update().filter(pk__in=threads)}
    _refuse_twice(wanted)
    rows = [
        Assignment(
            thread=locked[each.element.thread_id],
            element=each.element,
            body=each.body,
            place_id=each.body.place_id,
            part=each.part,
            **each.deliverable.fields("deliverable"),
            due=each.due or (each.element.deadline if each.part != Part.SUPPORT else None),
            by_name=each.by_name,
            issuer=plan.lead_body,
            paper=each.paper or (None if each.authority else each.element.paper),
            authority=each.authority.strip(),
            issued_at=now,
            received_at=now if is_in_hand(standing, plan.lead_body_id, each.body) else None,
            respond_by=respond_by or end_of_day(plan, now, DAYS_TO_RESPOND),
            act=act.number,
        )
        for each in wanted
    ]
    Assignment.objects.bulk_create(rows, batch_size=1000)
    Root.objects.bulk_create(
        [Root(thread_id=thread, root_id=thread) for thread in _without_root(threads)],
        ignore_conflicts=True,
    )
    notify_all(act, tell_issued(rows))
    return rows


def is_in_hand(standing: Standing, by: int, body: Body) -> bool:
    """Whether a task arrives as it is laid out: at the body in whose name (its id) that is done,
    whose people have it in hand. What the installation lays out, nobody there has seen."""
    return body.pk == by and not standing.is_installation


def tell_issued(rows: Iterable[Assignment]) -> list[Telling]:
    """The notices on tasks that are laid out: to the bodies that have still to sign for them."""
    return [
        telling.tell(telling.ISSUED, row, row.body, due=row.respond_by)
        for row in rows
        if row.received_at is None
    ]


def _without_root(threads: Sequence[int]) -> set[int]:
    """Threads of which nobody said yet where they come from: of a plan with none above it."""
    known = Root.objects.filter(thread__in=threads).values_list("thread_id", flat=True)
    return set(threads) - set(known)


def last_second(plan: Plan, day: date) -> datetime:
    """The last second of a day in the plan's zone."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(plan.zone))


def end_of_day(plan: Plan, now: datetime, days: int) -> datetime:
    """The last second of a day so many days from now, in the plan's zone."""
    return last_second(plan, now.astimezone(ZoneInfo(plan.zone)).date() + timedelta(days=days))


def _require_in_force(version: PlanVersion) -> None:
    if version.state != IN_FORCE:
        raise Conflict(
            _("Tasks are assigned from the version in force."),
            remedy=_("Open the element in the plan's present version."),
        )


def _require_sound(
    plan: Plan, wanted: Sequence[Wanted], respond_by: datetime | None, now: datetime
) -> None:
    """Every fault of what is wanted, named by element and body."""
    problems: list[Problem] = []
    governments = {body.pk for body in governments_below(plan)}
    for each in wanted:
        where = f"{each.element.key} · {each.body.key}"
        problems += [
            Problem(where, message, remedy, field=field)
            for field, message, remedy in _faults(each, governments, now.date())
        ]
        documented = bool(each.paper or each.authority.strip() or each.element.paper_id)
        require_authority(plan, each.body, documented=documented)
    if respond_by is not None and respond_by <= now:
        problems.append(
            Problem("respond_by", _("The time to answer has passed."), field="respond_by")
        )
    if problems:
        raise Invalid(_("Nothing was assigned."), problems=problems)


def _faults(each: Wanted, governments: set[int], today: date) -> list[tuple[str, str, str]]:
    """Field, what is wrong with it, and what mends it."""
    found = []
    if each.part not in set(Part):
        found.append(("part", _("Choose the part of the body."), ""))
    if each.part == Part.LOCALITY and each.body.pk not in governments:
        found.append((
            "body",
            _("%(body)s does not answer for a place directly below the plan's.")
            % {"body": each.body.name},
            _("Choose a government of the next tier; it passes the task on."),
        ))  # fmt: skip
    if each.part != Part.LOCALITY and each.body.pk in governments and each.body.kind in GOVERNING:
        found.append((
            "part", _("A government below answers for its place, not for a part."),
            _("Choose the part “locality”."),
        ))  # fmt: skip
    if each.body.valid_to is not None and each.body.valid_to <= today:
        found.append(("body", _("%(body)s exists no longer.") % {"body": each.body.name}, ""))
    if max(len(each.deliverable.en), len(each.deliverable.zh)) > LONGEST:
        found.append((
            "deliverable",
            _("At most %(most)s characters are taken.") % {"most": LONGEST},
            _("Attach a document instead."),
        ))  # fmt: skip
    # What a document prints is laid out as it is printed, and is late from the first day.
    if each.due is not None and each.due < today and not each.by_name:
        found.append(("due", _("This day has passed."), ""))
    return found


def _refuse_twice(wanted: Sequence[Wanted]) -> None:
    threads = {each.element.thread_id for each in wanted}
    standing = set(
        standing_assignments()
        .filter(thread__in=threads)
        .values_list("thread_id", "body_id", "part")
    )
    coordinated = {thread for thread, _body, part in standing if part == Part.COORDINATING}
    twice = [
        each
        for each in wanted
        if (each.element.thread_id, each.body.pk, each.part) in standing
        or (each.part == Part.COORDINATING and each.element.thread_id in coordinated)
    ]
    if twice:
        first = twice[0]
        raise Conflict(
            _("“%(element)s” is assigned to %(body)s in this part already.")
            % {"element": first.element.title, "body": first.body.name}
            if first.part != Part.COORDINATING
            else _("“%(element)s” has a coordinating lead already.")
            % {"element": first.element.title},
            remedy=_("Reassign the one that stands, or withdraw it."),
        )


def locked(assignment: Assignment) -> Assignment:
    """An assignment read again under its lock: what is decided on is what stands. The lock is
    taken first and by itself: a statement that waited for it would still see the claims and
    the text as they were when it began."""
    Assignment.objects.select_for_update().get(pk=assignment.pk)
    return (
        with_rows(Assignment.objects.filter(pk=assignment.pk))
        .select_related("thread__plan__lead_body", "leader__body")
        .get()
    )


def end(row: Assignment, how: Ending, successor: Assignment | None = None) -> None:
    """Mark an assignment as ended, with what was under way in it; the caller says so in its
    act."""
    row.ended_at, row.ended_as, row.successor = clock.now(), how, successor
    row.save(update_fields=["ended_at", "ended_as", "successor"])
    overtake(row)


def passed_to(row: Assignment, body: Body, act: Act, **changed: object) -> Assignment:
    """The same assignment for another body, which has it to receive anew."""
    plan = row.thread.plan
    if standing_assignments().filter(thread=row.thread, body=body, part=row.part).exists():
        raise Conflict(
            _("%(body)s has this part of the task already.") % {"body": body.name},
            remedy=_("Withdraw this assignment instead."),
        )
    given = {
        "deliverable_en": row.deliverable_en, "deliverable_zh": row.deliverable_zh,
        "due": row.due, "paper": row.paper, "authority": row.authority,
        "by_name": row.by_name, "issuer": row.issuer,
    }  # fmt: skip
    return Assignment(
        thread=row.thread, element=row.element, body=body, place_id=body.place_id, part=row.part,
        issued_at=clock.now(), respond_by=end_of_day(plan, clock.now(), DAYS_TO_RESPOND),
        act=act.number, **given | changed,
    )  # fmt: skip


@action("task.reassign")
def reassign_task(act: Act, *, assignment: Assignment, body: Body, reason: str) -> Assignment:
    """Lay a task on another body instead: one ends and the other begins in the same act, so
    that at no instant nobody has it."""
    standing = require_issuer(act.actor, assignment)
    row = locked(assignment)
    require_state(Deed.REASSIGN, life_of(row))
    _require_reason(reason)
    if body.pk == row.body_id:
        raise Invalid(
            _("It is assigned to %(body)s already.") % {"body": body.name},
            problems=[Problem("body", _("Choose another body."), field="body")],
        )
    _require_fit(row, body)
    documented = bool(row.paper_id or row.authority)
    require_authority(row.thread.plan, body, documented=documented)
    arrived = clock.now() if is_in_hand(standing, row.issuer_id, body) else None
    new = passed_to(row, body, act, received_at=arrived)
    successor = replace_by(act, row, new, Ending.REASSIGNED)
    act.about(row)
    act.record(
        before={"body": row.body.key}, body=body.key, successor=successor.pk, reason=reason,
        received_at=arrived,
    )  # fmt: skip
    notify_all(
        act,
        [
            telling.tell(telling.WITHDRAWN, row, row.body, words=reason),
            *tell_issued([successor]),
        ],
    )
    return successor


def _require_fit(row: Assignment, body: Body) -> None:
    """Raise where a body cannot have this part."""
    plan = row.thread.plan
    governments = {each.pk for each in governments_below(plan)}
    wanted = Wanted(element=row.element, body=body, part=row.part)
    faults = _faults(wanted, governments, clock.now().date())
    if faults:
        raise Invalid(
            _("The task was not passed on."),
            problems=[Problem(body.key, text, fix, field=field) for field, text, fix in faults],
        )


def replace_by(act: Act, row: Assignment, successor: Assignment, how: Ending) -> Assignment:
    """End one assignment in favour of another. The old one ends first, for a task has one
    coordinating lead, and both within the act."""
    end(row, how)
    successor.save()
    row.successor = successor
    row.save(update_fields=["successor"])
    return successor


@action("task.withdraw")
def withdraw_task(act: Act, *, assignment: Assignment, reason: str) -> Assignment:
    """Take a task from a body. Of an element that stands in the plan the last lead is not
    taken away: it is reassigned."""
    require_issuer(act.actor, assignment)
    Thread.objects.select_for_update().get(pk=assignment.thread_id)
    row = locked(assignment)
    require_state(Deed.WITHDRAW, life_of(row))
    _require_reason(reason)
    require_another_lead(row)
    end(row, Ending.WITHDRAWN)
    act.about(row)
    act.record(before={"body": row.body.key, "part": row.part}, reason=reason)
    notify_all(act, [telling.tell(telling.WITHDRAWN, row, row.body, words=reason)])
    return row


def require_another_lead(row: Assignment) -> None:
    """Raise where nobody would lead a standing element any more. The caller holds the lock of
    the thread."""
    stands = Element.objects.filter(thread=row.thread, version__state=IN_FORCE).exists()
    if is_leading(row) and stands and not leads_of(row.thread).exclude(pk=row.pk).exists():
        raise Conflict(
            _("Nobody would lead “%(element)s” any more.") % {"element": row.element.title},
            remedy=_("Reassign it to another body."),
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(
            _("Say why."),
            problems=[Problem("reason", _("A reason is needed."), field="reason")],
        )
