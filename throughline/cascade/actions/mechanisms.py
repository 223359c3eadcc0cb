"""Putting working mechanisms on record, and that they met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import today
from throughline.cascade.mechanisms import day_of, places_of
from throughline.cascade.models import Mechanism, Meeting
from throughline.cascade.permissions import (
    require_changing,
    require_founding,
    require_keeping,
    require_writing,
)
from throughline.cascade.queries import version_now
from throughline.cascade.rules.mechanism import LONGEST_RHYTHM, MechanismKind
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.places.models import Place
from throughline.plans.models import Plan

LONGEST_DECISIONS = 8000
LONGEST_NAME, LONGEST_HEAD = 300, 200


@dataclass(frozen=True, kw_only=True)
class Charter:
    """What a founding paper says of a mechanism. `members` are bodies of any place; the office
    is one of the mechanism's own. `meets_every` counts months, 0 is as needed."""

    kind: str
    name: str
    founded_by: str
    founded_on: date | None
    head: str
    office: Body | None
    members: Sequence[Body] = ()
    meets_every: int = 0


def charter_of(mechanism: Mechanism) -> Charter:
    """A mechanism as it stands."""
    return Charter(
        kind=mechanism.kind,
        name=mechanism.name,
        founded_by=mechanism.founded_by,
        founded_on=mechanism.founded_on,
        head=mechanism.head,
        office=mechanism.office,
        members=list(mechanism.members.order_by("sort_key", "key")),
        meets_every=mechanism.meets_every,
    )


def state_of(mechanism: Mechanism) -> str:
    """A mark of how a mechanism stands: who changes it says which state was seen."""
    return digest(_on_record(charter_of(mechanism)))[:16]


def _on_record(charter: Charter) -> dict[str, Any]:
    return {
        "kind": charter.kind,
        "name": charter.name.strip(),
        "founded_by": charter.founded_by.strip(),
        "founded_on": charter.founded_on,
        "head": charter.head.strip(),
        "office": charter.office and charter.office.key,
        "members": sorted(body.key for body in charter.members),
        "meets_every": charter.meets_every,
    }


@action("mechanism.register")
def register_mechanism(act: Act, *, plan: Plan, place: Place, charter: Charter) -> Mechanism:
    """Put a working mechanism of a place on record, as its founding paper sets it up."""
    require_founding(act.actor, plan, place)
    if version_now(plan) is None:
        raise Conflict(
            _("A working mechanism is for a plan in force."), remedy=_("Issue the plan first.")
        )
    problems = _faults(plan, place, charter)
    if not places_of(plan).filter(pk=place.pk).exists():
        problems.append(Problem("place", _("The plan does not reach this place."), field="place"))
    if problems:
        raise Invalid(_("The working mechanism was not put on record."), problems=problems)
    # Whoever founds at the same place waits here, so that "already" is said truly.
    Place.objects.select_for_update(no_key=True).get(pk=place.pk)
    _refuse_twice(plan, place, charter.name)
    row = Mechanism(plan=plan, place=place)
    _write(row, charter)
    act.about(row)
    act.record(plan=plan.key, place=place.code, **_on_record(charter))
    return row


def _write(row: Mechanism, charter: Charter) -> None:
    assert charter.founded_on is not None  # noqa: S101 (a fault otherwise)
    assert charter.office is not None  # noqa: S101
    row.kind = charter.kind
    row.name = charter.name.strip()
    row.founded_by = charter.founded_by.strip()
    row.founded_on = charter.founded_on
    row.head = charter.head.strip()
    row.office = charter.office
    row.meets_every = charter.meets_every
    row.save()
    row.members.set(charter.members)


def _refuse_twice(plan: Plan, place: Place, name: str, but: int = 0) -> None:
    same = Mechanism.objects.filter(plan=plan, place=place, name=name.strip(), ended_on=None)
    if same.exclude(pk=but).exists():
        raise Conflict(
            _("A working mechanism of this name is on record already."),
            remedy=_("Change that one, or end it first."),
        )


def _faults(plan: Plan, place: Place, charter: Charter) -> list[Problem]:
    """Every fault of what was given, by its field."""
    found = [
        Problem(field, message, field=field)
        for field, given, longest, message in (
            ("name", charter.name, LONGEST_NAME, _("Give the name that its paper gives it.")),
            ("founded_by", charter.founded_by, LONGEST_NAME,
             _("Give the founding paper, with its number.")),
            ("head", charter.head, LONGEST_HEAD, _("Name the post that heads it.")),
        )
        if not given.strip()
    ]  # fmt: skip
    found += [
        Problem(field, _("At most %(most)s characters are taken.") % {"most": most}, field=field)
        for field, given, most in (
            ("name", charter.name, LONGEST_NAME),
            ("founded_by", charter.founded_by, LONGEST_NAME),
            ("head", charter.head, LONGEST_HEAD),
        )
        if len(given.strip()) > most
    ]
    if charter.kind not in set(MechanismKind):
        found.append(Problem("kind", _("Choose what it is."), field="kind"))
    if charter.founded_on is None:
        found.append(Problem("founded_on", _("Give the day of the paper."), field="founded_on"))
    elif charter.founded_on > day_of(plan):
        found.append(Problem("founded_on", _("This day has not come yet."), field="founded_on"))
    if charter.office is None:
        found.append(Problem("office", _("Choose the body that is its office."), field="office"))
    elif charter.office.place_id != place.pk:
        found.append(Problem("office", _("Its office is a body of its own place."), field="office"))
    gone = [
        body.name
        for body in [*charter.members, *([charter.office] if charter.office else [])]
        if body.valid_to is not None and body.valid_to <= today()
    ]
    if gone:
        message = _("No longer there: %(names)s.") % {"names": ", ".join(gone)}
        found.append(Problem("members", message, field="members"))
    if not 0 <= charter.meets_every <= LONGEST_RHYTHM:
        found.append(
            Problem(
                "meets_every",
                _("Between 1 and %(most)s months, or 0 for as needed.") % {"most": LONGEST_RHYTHM},
                field="meets_every",
            )
        )
    return found


def _locked(mechanism: Mechanism) -> Mechanism:
    """A mechanism as it stands, held until the act ends; Conflict where it has ended."""
    rows = Mechanism.objects.select_for_update(of=("self",))
    return rows.select_related("plan__lead_body", "place", "office").get(pk=mechanism.pk)


def _require_standing(row: Mechanism) -> None:
    if row.ended_on is not None:
        raise Conflict(_("This working mechanism has ended."))


@action("mechanism.change")
def change_mechanism(
    act: Act, *, mechanism: Mechanism, charter: Charter, seen: str = ""
) -> Mechanism:
    """Change a mechanism's head, office, members, rhythm, name or paper, all at once. `seen` is
    the state on which the change rests (`state_of`); where it is another now, nothing is
    changed."""
    require_writing(act.actor)
    row = _locked(mechanism)
    require_changing(act.actor, row)
    _require_standing(row)
    if seen and seen != state_of(row):
        raise Conflict(
            _("Somebody has changed this working mechanism meanwhile."),
            remedy=_("Look at it as it stands now, and send yours again if it still holds."),
        )
    problems = _faults(row.plan, row.place, charter)
    met = row.meetings.order_by("on").values_list("on", flat=True).first()
    if met is not None and charter.founded_on is not None and charter.founded_on > met:
        problems.append(
            Problem("founded_on", _("It met before this day already."), field="founded_on")
        )
    if problems:
        raise Invalid(_("The working mechanism was not changed."), problems=problems)
    before, after = _on_record(charter_of(row)), _on_record(charter)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        raise Conflict(_("Nothing was changed."))
    if "name" in changed:
        _refuse_twice(row.plan, row.place, charter.name, row.pk)
    _write(row, charter)
    act.about(row)
    act.record(
        before={name: before[name] for name in changed}, **{name: after[name] for name in changed}
    )
    return row


@action("mechanism.record_meeting")
def record_meeting(
    act: Act, *, mechanism: Mechanism, on: date, title: str, decisions: str = ""
) -> Meeting:
    """Put on record that a mechanism met, and what it decided, one decision a line."""
    require_writing(act.actor)
    row = _locked(mechanism)
    require_keeping(act.actor, row)
    _require_standing(row)
    _require_sound_meeting(row, on, title, decisions)
    meeting = Meeting.objects.create(
        mechanism=row, on=on, title=title.strip(), decisions=decisions.strip(), act=act.number
    )
    act.about(row)
    act.record(meeting=meeting.pk, on=on, title=meeting.title, decisions=meeting.decisions)
    return meeting


@action("mechanism.correct_meeting")
def correct_meeting(
    act: Act, *, meeting: Meeting, on: date, title: str, decisions: str = ""
) -> Meeting:
    """Correct what was recorded of a meeting; the journal keeps what stood there before."""
    require_writing(act.actor)
    row = _locked(meeting.mechanism)
    require_keeping(act.actor, row)
    _require_sound_meeting(row, on, title, decisions, but=meeting.pk)
    found = Meeting.objects.get(pk=meeting.pk)
    given = {"on": on, "title": title.strip(), "decisions": decisions.strip()}
    if all(getattr(found, name) == value for name, value in given.items()):
        raise Conflict(_("Nothing was changed."))
    with act.changing(found, *given):
        for name, value in given.items():
            setattr(found, name, value)
        found.save(update_fields=list(given))
    act.about(row)
    act.record(meeting=found.pk)
    return found


def _require_sound_meeting(
    row: Mechanism, on: date, title: str, decisions: str, but: int = 0
) -> None:
    problems = []
    if on > day_of(row.plan):
        problems.append(Problem("on", _("This day has not come yet."), field="on"))
    if on < row.founded_on:
        problems.append(Problem("on", _("It was founded after this day."), field="on"))
    if row.ended_on is not None and on > row.ended_on:
        problems.append(Problem("on", _("It had ended before this day."), field="on"))
    if not title.strip():
        problems.append(Problem("title", _("Say which meeting it was."), field="title"))
    problems += [
        Problem(field, _("At most %(most)s characters are taken.") % {"most": most}, field=field)
        for field, given, most in (
            ("title", title, LONGEST_NAME), ("decisions", decisions, LONGEST_DECISIONS)
        )
        if len(given.strip()) > most
    ]  # fmt: skip
    if problems:
        raise Invalid(_("The meeting was not recorded."), problems=problems)
    same = Meeting.objects.filter(mechanism=row, on=on, title=title.strip()).exclude(pk=but)
    if same.exists():
        raise Conflict(
            _("This meeting is on record already."),
            remedy=_("Correct that record, or say how the two differ in the title."),
        )


@action("mechanism.end")
def end_mechanism(act: Act, *, mechanism: Mechanism, on: date, reason: str) -> Mechanism:
    """End a mechanism 撤销 on a day, by a paper or for a reason; its meetings stay on record."""
    require_writing(act.actor)
    row = _locked(mechanism)
    require_changing(act.actor, row)
    _require_standing(row)
    problems = []
    if on > day_of(row.plan):
        problems.append(Problem("on", _("This day has not come yet."), field="on"))
    if on < row.founded_on:
        problems.append(Problem("on", _("It was founded after this day."), field="on"))
    if row.meetings.filter(on__gt=on).exists():
        problems.append(Problem("on", _("It met after this day."), field="on"))
    if not reason.strip():
        problems.append(
            Problem("reason", _("Give the paper by which it ends, or why."), field="reason")
        )
    if len(reason) > LONGEST_NAME:
        said = _("At most %(most)s characters are taken.") % {"most": LONGEST_NAME}
        problems.append(Problem("reason", said, field="reason"))
    if problems:
        raise Invalid(_("The working mechanism was not ended."), problems=problems)
    with act.changing(row, "ended_on"):
        row.ended_on = on
        row.save(update_fields=["ended_on"])
    act.record(reason=reason.strip())
    return row
