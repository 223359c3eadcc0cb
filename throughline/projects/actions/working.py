"""The work on a project: phases, start, progress with its pictures, the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from throughline.files.carrying import Carried
from throughline.files.pictures import is_picture
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Invalid, Problem
from throughline.projects.actions.checking import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    amount_faults,
    day_faults,
    locked,
    text_faults,
)
from throughline.projects.models import ProgressNote, ProgressPicture, Project, ProjectPhase
from throughline.projects.permissions import require_keeping, require_state
from throughline.projects.queries import day_of
from throughline.projects.rules.life import ProjectDeed, ProjectState

MOST_PHASES, MOST_PICTURES = 40, 12
WHOLE = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A phase of a project, both days included."""

    title: str
    starts: date
    ends: date


@action("project.set_phases")
def set_phases(act: Act, *, project: Project, phases: Sequence[Phase]) -> Project:
    """Set the phases of a project anew, in the order in which they are given."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.AMEND)
    problems = list(_phase_faults(phases))
    if problems:
        raise Invalid(_("The phases were not set."), problems=problems)
    standing = ProjectPhase.objects.filter(project=row).order_by("position")
    before = [_phase(each.title, each.starts, each.ends) for each in standing]
    standing.delete()
    ProjectPhase.objects.bulk_create(
        ProjectPhase(
            project=row, position=number, title=each.title.strip(), starts=each.starts,
            ends=each.ends,
        )
        for number, each in enumerate(phases, start=1)
    )  # fmt: skip
    act.about(row)
    act.record(
        before={"phases": before},
        phases=[_phase(each.title.strip(), each.starts, each.ends) for each in phases],
    )
    return row


def _phase(title: str, starts: date, ends: date) -> dict[str, object]:
    return {"title": title, "starts": starts, "ends": ends}


def _phase_faults(phases: Sequence[Phase]) -> Iterable[Problem]:
    if len(phases) > MOST_PHASES:
        said = _("At most %(most)s phases are taken.") % {"most": MOST_PHASES}
        yield Problem("phases", said, field="phases")
    for number, each in enumerate(phases, start=1):
        where = _("phase %(number)s") % {"number": number}
        for fault in text_faults("phases", each.title, LONGEST_TITLE, _("Give the phase a name.")):
            yield Problem(where, fault.message, field="phases")
        if each.ends < each.starts:
            yield Problem(where, _("It ends before it starts."), field="phases")


@action("project.start")
def start_project(act: Act, *, project: Project, on: date | None) -> Project:
    """Put on record that work on a project started on a day."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.START)
    problems = list(day_faults("on", on, day_of(row.register)))
    if problems:
        raise Invalid(_("The start was not recorded."), problems=problems)
    with act.changing(row, "state", "start_actual"):
        row.state, row.start_actual = ProjectState.UNDER_WAY.value, on
        row.save(update_fields=["state", "start_actual"])
    return row


@action("project.note_progress")
def note_progress(
    act: Act, *, project: Project, on: date | None, done: Decimal | None, text: str,
    pictures: Sequence[Carried] = (),
) -> ProgressNote:  # fmt: skip
    """Note how far a project has come: the share done, in words, and by pictures."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.NOTE)
    problems = [
        *_since_start(row, "on", on),
        *_share_faults(done),
        *text_faults("text", text, LONGEST_TEXT, _("Say what was done.")),
        *_picture_faults(pictures),
    ]
    if problems:
        raise Invalid(_("The progress was not noted."), problems=problems)
    assert on is not None and done is not None  # noqa: S101 (a fault otherwise)
    note = ProgressNote.objects.create(
        project=row, on=on, done=done, text=text.strip(), act=act.number
    )
    once = {file.pk: (file, name) for file, name in pictures}
    ProgressPicture.objects.bulk_create(
        ProgressPicture(note=note, file=file, name=name[:255]) for file, name in once.values()
    )
    act.about(row)
    act.record(
        note=note.pk, on=on, done=done, text=note.text,
        pictures=[file.sha256 for file, _name in once.values()],
    )  # fmt: skip
    return note


def _since_start(project: Project, name: str, on: date | None) -> Iterable[Problem]:
    """A day from the start of the work on, and not after today."""
    yield from day_faults(name, on, day_of(project.register))
    if on is not None and project.start_actual is not None and on < project.start_actual:
        yield Problem(name, _("Work started after this day."), field=name)


def _share_faults(done: Decimal | None) -> Iterable[Problem]:
    if done is None or not done.is_finite() or not 0 <= done <= WHOLE:
        yield Problem("done", _("Give a share between 0 and 100 per cent."), field="done")
    else:
        yield from amount_faults("done", done, 1)


def _picture_faults(pictures: Sequence[Carried]) -> Iterable[Problem]:
    if len(pictures) > MOST_PICTURES:
        said = _("At most %(most)s pictures are taken.") % {"most": MOST_PICTURES}
        yield Problem("pictures", said, field="files")
    for file, name in pictures:
        if not is_picture(file):
            yield Problem(
                name, _("This is no picture."), _("JPEG, PNG and WebP are taken."), field="files"
            )


@action("project.finish")
def finish_project(act: Act, *, project: Project, on: date | None) -> Project:
    """Put on record that a project was finished on a day."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.FINISH)
    problems = [*_since_start(row, "on", on), *_after_notes(row, on)]
    if problems:
        raise Invalid(_("The finish was not recorded."), problems=problems)
    with act.changing(row, "state", "finish_actual"):
        row.state, row.finish_actual = ProjectState.FINISHED.value, on
        row.save(update_fields=["state", "finish_actual"])
    return row


def _after_notes(project: Project, on: date | None) -> Iterable[Problem]:
    if on is not None and ProgressNote.objects.filter(project=project, on__gt=on).exists():
        yield Problem("on", _("Progress was noted after this day."), field="on")


@action("project.cease")
def cease_project(act: Act, *, project: Project, on: date | None, reason: str) -> Project:
    """Give a project up on a day, by a paper or for a reason; what is on record stays."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.CEASE)
    missing = _("Give the paper by which it ends, or why.")
    problems = [
        *_since_start(row, "on", on),
        *_after_notes(row, on),
        *text_faults("reason", reason, LONGEST_TITLE, missing),
    ]
    if problems:
        raise Invalid(_("The project was not given up."), problems=problems)
    with act.changing(row, "state", "finish_actual", "ceased_because"):
        row.state, row.finish_actual = ProjectState.CEASED.value, on
        row.ceased_because = reason.strip()
        row.save(update_fields=["state", "finish_actual", "ceased_because"])
    return row
