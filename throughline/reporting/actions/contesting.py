"""Contested values: a locality that disagrees with a figure about itself says so, and the figure's
producer answers. Until it does the figure stands, marked; no time answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override

from throughline.bodies.models import Body
from throughline.bodies.queries import body_of
from throughline.figures.actions.recording import require_possible
from throughline.figures.actions.writing import Before, Entry, lock_cells, write
from throughline.figures.models import Observation
from throughline.figures.telling import written
from throughline.files.models import StoredFile
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, NotFound, Problem
from throughline.kernel.period import Period
from throughline.notices.sending import notify_all
from throughline.reporting import telling
from throughline.reporting.actions.cycles import require_reason
from throughline.reporting.contesting import contest_subject
from throughline.reporting.models import LONGEST, Contest
from throughline.reporting.permissions import (
    require_answering,
    require_contesting,
    require_withdrawing,
)
from throughline.reporting.queries import with_figures
from throughline.reporting.rules.contesting import (
    ContestKind,
    ContestState,
    Fault,
    Verdict,
    kind_of,
    outcome_of,
)
from throughline.subjects.actions import add_attachment
from throughline.subjects.rules import Audience

MOST_FILES = 10


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A file of evidence, under the name that it was sent with."""

    file: StoredFile
    name: str


@action("value.contest")
def contest_value(
    act: Act,
    *,
    observation: Observation,
    grounds: str,
    proposed: float | None = None,
    evidence: Sequence[Exhibit] = (),
) -> Contest:
    """Contest the figure that stands, or enquire about one that is its producer's alone. A contest
    proposes another value and rests on evidence. The figure stands meanwhile, with a mark."""
    standing = require_contesting(act.actor, observation)
    series, place = observation.series, observation.place
    kind = kind_of(series.nature)
    before = _standing_at(observation)
    if before is None or before.id != observation.pk:
        raise Conflict(
            _("Another figure was recorded here in the meantime."),
            remedy=_("Look at it, and contest that one if it is wrong too."),
        )
    if observation.value is None:
        raise Conflict(_("This figure was withdrawn: there is nothing to contest."))
    _require_no_other(observation)
    _require_sound(kind, observation, grounds, proposed, evidence)
    contest = Contest.objects.create(
        observation=observation, series=series, place=place, period=observation.period,
        value=observation.value, kind=kind, proposed=proposed, grounds=grounds.strip(),
        body=body_of(standing), person=act.actor.person, at=clock.now(), act=act.number,
    )  # fmt: skip
    act.about(contest)
    act.record(
        series=series.key, place=place.code, period=contest.period, kind=kind,
        value=contest.value, proposed=proposed, grounds=contest.grounds,
    )  # fmt: skip
    for each in evidence:
        # The key of a repeated call is this act's alone.
        add_attachment(
            act.actor.keyed(""), subject=contest_subject(contest), file=each.file, name=each.name,
            audience=Audience.LINE.value,
        )  # fmt: skip
    word = telling.CONTESTED if kind is ContestKind.CONTEST else telling.ASKED_ABOUT
    by = contest.body or series.producer
    notify_all(
        act,
        [telling.tell_contest(word, contest, series.producer, by=by, words=contest.grounds)],
    )
    return contest


@action("value.answer_contest")
def answer_contest(
    act: Act,
    *,
    contest: Contest,
    verdict: str,
    reason: str,
    against: int,
    value: float | None = None,
) -> Contest:
    """Answer a contest as the figure's producer, with the reason: accept it, accept it with a
    change, or refuse it. What is accepted is recorded in place of the figure that stands, and
    names the contest.

    `against` is the id of the figure that stood when the producer looked. If another one stands
    by now, nothing is answered unseen: Conflict.
    """
    row = _locked(contest)
    standing = require_answering(act.actor, row)
    _require_open(row)
    before = _standing_at(row)
    if before is None or before.id != against:
        raise Conflict(
            _("What you saw has changed: the figure that stands is %(value)s now.")
            % {"value": _present(before, row)},
            remedy=_("Look at it, then answer again if your answer still holds."),
        )
    if verdict not in set(Verdict):
        raise Invalid(
            _("The contest was not answered."),
            problems=[Problem("verdict", _("Choose an answer."), field="verdict")],
        )
    require_reason(reason)
    correction = _correction(row, Verdict(verdict), value, before)
    with act.changing(row, "state", "verdict", "reason", "result_id"):
        row.state, row.verdict, row.reason = ContestState.ANSWERED, verdict, reason.strip()
        row.closed_by, row.closed_at = act.actor.person, clock.now()
        row.closed_act, row.against_id = act.number, before.id
        if correction is not None:
            row.result = _correct(act, row, correction, before)
        row.save()
    act.record(
        before={"value": before.value},
        value=before.value if correction is None else correction,
        series=row.series.key, place=row.place.code, period=row.period,
    )  # fmt: skip
    if row.body is not None:
        by = body_of(standing) or row.series.producer
        told = telling.tell_contest(
            telling.CONTEST_ANSWERED, row, row.body, by=by, words=row.reason
        )
        notify_all(act, [told])
    return row


@action("value.withdraw_contest")
def withdraw_contest(act: Act, *, contest: Contest, reason: str = "") -> Contest:
    """Take a contest back before it is answered. It stays on record."""
    row = _locked(contest)
    standing = require_withdrawing(act.actor, row)
    _require_open(row)
    if len(reason.strip()) > LONGEST:
        require_reason(reason)
    with act.changing(row, "state", "reason"):
        row.state, row.reason = ContestState.WITHDRAWN, reason.strip()
        row.closed_by, row.closed_at, row.closed_act = act.actor.person, clock.now(), act.number
        row.save()
    by = row.body or body_of(standing) or row.series.producer
    told = telling.tell_contest(
        telling.CONTEST_WITHDRAWN, row, row.series.producer, by=by, words=row.reason,
        reading_only=True,
    )  # fmt: skip
    notify_all(act, [told])
    return row


def _locked(contest: Contest) -> Contest:
    """A contest, read again under its lock. The lock is a statement of its own: whoever had to
    wait for it reads what the other has written."""
    if not list(Contest.objects.select_for_update().filter(pk=contest.pk).values_list("pk")):
        raise NotFound(_("There is no such contested figure."))
    return with_figures(Contest.objects.filter(pk=contest.pk)).get()


def _standing_at(cell: Observation | Contest) -> Before | None:
    """What stands in a cell, under its lock."""
    where = (cell.series_id, cell.place_id, cell.period)
    return lock_cells([where]).get(where)


def _present(before: Before | None, row: Contest) -> str:
    if before is None or before.value is None:
        return _("none: it was withdrawn")
    return written(before.value, row.series.indicator)


def _require_open(row: Contest) -> None:
    if row.state == ContestState.ANSWERED:
        raise Conflict(_("The producer has answered already."))
    if row.state == ContestState.WITHDRAWN:
        raise Conflict(_("The contest was withdrawn."))


def _require_no_other(figure: Observation) -> None:
    standing = Contest.objects.filter(
        series=figure.series_id, place=figure.place_id, period=figure.period,
        state=ContestState.OPEN,
    )  # fmt: skip
    if standing.exists():
        raise Conflict(
            _("This figure is contested already, and waits for its producer’s answer."),
            remedy=_("Add what you have to say beside that contest."),
        )


def _require_sound(
    kind: ContestKind,
    figure: Observation,
    grounds: str,
    proposed: float | None,
    evidence: Sequence[Exhibit],
) -> None:
    problems = []
    if kind is ContestKind.CONTEST and proposed is None:
        problems.append(
            Problem("proposed", _("Propose the figure that is right."), field="proposed")
        )
    if proposed is not None:
        problems += _faults_of_value(figure, proposed, "proposed")
        if proposed == figure.value:
            problems.append(
                Problem("proposed", _("This is the figure that stands."), field="proposed")
            )
    if not grounds.strip() or len(grounds.strip()) > LONGEST:
        problems.append(
            Problem(
                "grounds",
                _("Grounds of at most %(most)s characters are needed.") % {"most": LONGEST},
                field="grounds",
            )
        )
    if kind is ContestKind.CONTEST and not evidence:
        problems.append(
            Problem("evidence", _("A figure is contested on evidence: add a file."), field="files")
        )
    if len(evidence) > MOST_FILES:
        problems.append(
            Problem(
                "evidence", _("At most %(most)s files are taken.") % {"most": MOST_FILES},
                field="files",
            )
        )  # fmt: skip
    twice = len({each.file.pk for each in evidence}) < len(evidence)
    if twice:
        problems.append(Problem("evidence", _("The same file stands here twice."), field="files"))
    if problems:
        raise Invalid(_("The figure was not contested."), problems=problems)


def _faults_of_value(cell: Observation | Contest, value: float, field: str) -> list[Problem]:
    """What is wrong with a figure that somebody gives for a cell."""
    try:
        require_possible(cell.series.indicator, value)
    except Invalid as error:
        return [Problem(field, each.message, each.remedy, field=field) for each in error.problems]
    return []


def _correction(
    row: Contest, verdict: Verdict, value: float | None, before: Before
) -> float | None:
    """The figure that an answer puts in place of the one that stands; None where that stays.
    Raises Invalid where the answer does not fit."""
    found = outcome_of(verdict, proposed=row.proposed, value=value, standing=before.value)
    said = {
        Fault.NO_VALUE: _("Give the figure that is to stand."),
        Fault.NEEDLESS: _("Only an answer with change gives another figure than the proposed one."),
        Fault.AS_PROPOSED: _("This is what was proposed: accept it without change."),
        Fault.AS_IT_STANDS: _("This figure stands already: refuse the contest, with the reason."),
    }
    problems = []
    if found.fault is not None:
        problems = [Problem("value", said[found.fault], field="value")]
    elif found.value is not None:
        problems = _faults_of_value(row, found.value, "value")
    if problems:
        raise Invalid(_("The contest was not answered."), problems=problems)
    return found.value


def _correct(act: Act, row: Contest, value: float, before: Before) -> Observation:
    """Record the producer's figure over the one that stands, as settled as that one was: an answer
    says what the figure is, and not how far it has been checked."""
    entry = Entry(
        series=row.series, place=row.place, period=Period.parse(row.period), value=value,
        status=before.status, note=_note(row, "en"), note_zh=_note(row, "zh-hans"),
        simulated=row.series.simulated,
    )  # fmt: skip
    write(act, [entry], standing={entry.cell: before})
    return Observation.objects.get(act=act.number, series=row.series, place=row.place)


def _note(row: Contest, language: str) -> str:
    """What the new figure says of itself: which contest it comes from, and the producer's
    reason."""
    with override(language):
        said = {
            ContestKind.CONTEST: _("Contested by %(body)s (no. %(number)s): %(reason)s"),
            ContestKind.ENQUIRY: _(
                "Corrected on an enquiry by %(body)s (no. %(number)s): %(reason)s"
            ),
        }
        by: Body | None = row.body
        return said[ContestKind(row.kind)] % {
            "body": by.name if by else _("the installation"),
            "number": row.pk,
            "reason": row.reason,
        }
