"""Progress with evidence: prepared, reviewed and signed inside the body, then accepted or
returned by the one that laid the task on it. Nothing is accepted by the passing of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from throughline.bodies.rules import Standing
from throughline.cascade import telling
from throughline.cascade.actions.assigning import LONGEST, locked
from throughline.cascade.ending import overtake
from throughline.cascade.models import Assignment, Evidence, Milestone, ProgressReport
from throughline.cascade.permissions import (
    require_issuer,
    require_leader,
    require_office,
    require_returning,
    require_reviewing,
    require_state,
)
from throughline.cascade.queries import life_of, milestones_of
from throughline.cascade.rules.kinds import EvidenceKind, ReportKind
from throughline.cascade.rules.life import Deed, Step, may_report
from throughline.files.models import StoredFile
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Forbidden, Invalid, Problem
from throughline.kernel.period import Period
from throughline.notices.sending import notify_all
from throughline.places.models import Place
from throughline.plans.models import Element, Indicator

MOST_MILESTONES = 60


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One piece of evidence: a file, a figure on record, or a link."""

    title: str
    file: StoredFile | None = None
    indicator: Indicator | None = None
    place: Place | None = None
    period: str = ""
    url: str = ""

    @property
    def kind(self) -> EvidenceKind:
        """What it is."""
        if self.file is not None:
            return EvidenceKind.FILE
        return EvidenceKind.LINK if self.indicator is None else EvidenceKind.FIGURE


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step of an assignment as it is wanted; `after` is the number (from 0) of the step
    before it in the same list."""

    title: str
    due: date
    after: int | None = None


@action("milestone.set")
def set_milestones(act: Act, *, assignment: Assignment, nodes: Sequence[Node]) -> Assignment:
    """Set the steps 节点 of an assignment anew. Those that are done stay as they are; those
    that are no longer wanted are dropped, and the journal keeps them."""
    row = locked(assignment)
    require_office(act.actor, row)
    require_state(Deed.SET_MILESTONES, life_of(row))
    _require_sound_nodes(nodes)
    standing = list(milestones_of(row).filter(done_at__isnull=True))
    before = [{"title": each.title, "due": each.due} for each in standing]
    Milestone.objects.filter(pk__in=[each.pk for each in standing]).update(dropped_at=clock.now())
    made: list[Milestone] = []
    for node in nodes:
        after = None if node.after is None else made[node.after]
        made.append(
            Milestone.objects.create(
                assignment=row, title=node.title.strip(), due=node.due, after=after
            )
        )
    act.about(row)
    act.record(before={"milestones": before}, milestones=list(nodes))
    return row


def _require_sound_nodes(nodes: Sequence[Node]) -> None:
    problems = []
    for number, node in enumerate(nodes):
        where = _("step %(number)s") % {"number": number + 1}
        if not node.title.strip() or len(node.title) > 300:
            problems.append(
                Problem(where, _("A step has a title of at most 300 characters."), field="title")
            )
        if node.after is not None and not 0 <= node.after < number:
            problems.append(
                Problem(where, _("A step comes after one that stands before it."), field="after")
            )
    if len(nodes) > MOST_MILESTONES:
        problems.append(
            Problem("nodes", _("At most %(most)s steps are taken.") % {"most": MOST_MILESTONES})
        )
    if problems:
        raise Invalid(_("The steps were not set."), problems=problems)


@action("progress.prepare_report")
def prepare_report(
    act: Act,
    *,
    assignment: Assignment,
    kind: str,
    text: str,
    evidence: Sequence[Proof] = (),
    done: Sequence[Milestone] = (),
) -> ProgressReport:
    """Prepare a report, or prepare again the one that is a draft or was returned. A report
    that claims completion needs evidence."""
    row = locked(assignment)
    require_office(act.actor, row)
    report = _prepared(act, row, kind, text, evidence, done)
    act.about(report)
    _record(act, report, evidence, done)
    return report


@action("progress.prepare_and_sign")
def prepare_and_sign(
    act: Act,
    *,
    assignment: Assignment,
    kind: str,
    text: str,
    evidence: Sequence[Proof] = (),
    done: Sequence[Milestone] = (),
) -> ProgressReport:
    """Prepare a report and sign it in one step, where the body has set so: one person who works
    in its office and is the responsible leader too. The report goes up."""
    row = locked(assignment)
    require_office(act.actor, row)
    require_leader(act.actor, row)
    if not row.body.one_step:
        raise Conflict(
            _("“%(body)s” has not set one-step sign-off.") % {"body": row.body.name},
            remedy=_("Keep the draft; a colleague reviews it. A small body may set it."),
        )
    report = _prepared(act, row, kind, text, evidence, done)
    _sign(act, report, row)
    act.about(report)
    _record(act, report, evidence, done)
    return report


def _record(
    act: Act, report: ProgressReport, evidence: Sequence[Proof], done: Sequence[Milestone]
) -> None:
    act.record(
        assignment=report.assignment_id, kind=report.kind, text=report.text,
        evidence=list(evidence), done=[each.pk for each in done], step=report.step,
    )  # fmt: skip


def _prepared(
    act: Act,
    row: Assignment,
    kind: str,
    text: str,
    evidence: Sequence[Proof],
    done: Sequence[Milestone],
) -> ProgressReport:
    """The report as a draft, on a locked assignment."""
    require_state(Deed.REPORT, life_of(row))
    standing = ProgressReport.objects.filter(
        assignment=row, step__in=[Step.DRAFT, Step.REVIEWED, Step.SIGNED, Step.RETURNED]
    ).first()
    if standing is not None and standing.step in {Step.REVIEWED, Step.SIGNED}:
        raise Conflict(
            _("A report on this task is under way already."),
            remedy=_("Wait until it is accepted or returned."),
        )
    _require_sound_report(row, kind, text, evidence, done)
    report = standing or ProgressReport(assignment=row)
    report.kind, report.text, report.step = kind, text.strip(), Step.DRAFT
    report.prepared_by, report.prepared_at = act.actor.person, clock.now()
    report.reviewed_by, report.reviewed_at = "", None
    report.signed_by, report.signed_at = "", None
    report.save()
    report.evidence.all().delete()
    Evidence.objects.bulk_create(
        Evidence(
            report=report, kind=each.kind, title=each.title.strip(), file=each.file,
            indicator=each.indicator, place=each.place, period=each.period, url=each.url,
        )
        for each in evidence
    )  # fmt: skip
    report.milestones.set(done)
    return report


def _require_sound_report(
    row: Assignment, kind: str, text: str, evidence: Sequence[Proof], done: Sequence[Milestone]
) -> None:
    problems = []
    accepted = ProgressReport.objects.filter(assignment=row, step=Step.ACCEPTED).order_by("id")
    steps = [ReportKind(each) for each in accepted.values_list("kind", flat=True)]
    if kind not in set(ReportKind):
        problems.append(Problem("kind", _("Choose what is reported."), field="kind"))
    else:
        is_reform = row.element.kind == Element.Kind.REFORM_MEASURE
        if not may_report(ReportKind(kind), is_reform=is_reform, accepted=steps):
            problems.append(
                Problem(
                    "kind",
                    _("This step does not come next."),
                    _("A reform measure is piloted, evaluated, then extended or given up."),
                    field="kind",
                )
            )
    if not text.strip():
        problems.append(Problem("text", _("Write what was done."), field="text"))
    if len(text) > 4 * LONGEST:
        problems.append(
            Problem(
                "text", _("At most %(most)s characters are taken.") % {"most": 4 * LONGEST},
                _("Attach a document instead."), field="text",
            )
        )  # fmt: skip
    if kind == ReportKind.COMPLETION and not evidence:
        problems.append(
            Problem(
                "evidence", _("A task is closed on evidence only."),
                _("Add a file, a figure or a link."), field="evidence",
            )
        )  # fmt: skip
    for number, each in enumerate(evidence, start=1):
        where = _("evidence %(number)s") % {"number": number}
        problems += [Problem(where, message, field="evidence") for message in _proof_faults(each)]
    own = set(milestones_of(row).values_list("pk", flat=True))
    if any(each.pk not in own for each in done):
        problems.append(Problem("done", _("This step is of another task."), field="done"))
    if problems:
        raise Invalid(_("The report was not taken."), problems=problems)


def _proof_faults(each: Proof) -> list[str]:
    faults = []
    if not each.title.strip() or len(each.title) > 300:
        faults.append(_("Evidence has a title of at most 300 characters."))
    given = [each.file is not None, each.indicator is not None, bool(each.url)]
    if sum(given) != 1:
        faults.append(_("Give a file, a figure or a link."))
    if each.indicator is not None:
        if each.place is None:
            faults.append(_("A figure is of a place."))
        try:
            Period.parse(each.period)
        except Invalid:
            faults.append(_("A figure is of a period, such as 2024 or 2024Q3."))
    if each.url and not each.url.startswith(("https://", "http://")):
        faults.append(_("A link begins with https:// or http://."))
    return faults


def _report(act: Act, report: ProgressReport) -> tuple[ProgressReport, Assignment]:
    """A report and its assignment, read again under the assignment's lock."""
    row = locked(report.assignment)
    found = ProgressReport.objects.select_related("assignment__body").get(pk=report.pk)
    act.about(found)
    return found, row


def _require_step(report: ProgressReport, *steps: Step) -> None:
    if report.step not in steps:
        raise Conflict(
            _("The report does not stand at this step (any more)."),
            remedy=_("Open it again to see where it stands."),
        )


@action("progress.review_report")
def review_report(act: Act, *, report: ProgressReport) -> ProgressReport:
    """Review a draft inside the body: another than who prepared it, unless the body has set
    one-step sign-off."""
    found, row = _report(act, report)
    standing = require_reviewing(act.actor, row)
    _require_step(found, Step.DRAFT)
    _require_another(act, row, found.prepared_by, standing)
    with act.changing(found, "step", "reviewed_at"):
        found.step, found.reviewed_at = Step.REVIEWED, clock.now()
        found.reviewed_by = act.actor.person
        found.save(update_fields=["step", "reviewed_at", "reviewed_by"])
    return found


@action("progress.sign_report")
def sign_report(act: Act, *, report: ProgressReport) -> ProgressReport:
    """签发: the leader signs, and the report goes to the body that laid out the task."""
    found, row = _report(act, report)
    require_leader(act.actor, row)
    require_state(Deed.REPORT, life_of(row))
    steps = (Step.REVIEWED, Step.DRAFT) if row.body.one_step else (Step.REVIEWED,)
    if found.step == Step.DRAFT and Step.DRAFT not in steps:
        raise Conflict(
            _("The report has not been reviewed yet."),
            remedy=_("Review it first; a small body may set one-step sign-off."),
        )
    _require_step(found, *steps)
    with act.changing(found, "step", "signed_at"):
        _sign(act, found, row)
    return found


def _sign(act: Act, report: ProgressReport, row: Assignment) -> None:
    report.step, report.signed_at = Step.SIGNED, clock.now()
    report.signed_by = act.actor.person
    report.save(update_fields=["step", "signed_at", "signed_by"])
    notify_all(act, [telling.tell(telling.REPORTED, row, row.issuer, by=row.body)])


@action("progress.return_report")
def return_report(act: Act, *, report: ProgressReport, reason: str) -> ProgressReport:
    """Return a report with the reason: inside the body before it is signed, and by the body
    that laid out the task after that. The body hears of it either way."""
    found, row = _report(act, report)
    _require_step(found, Step.DRAFT, Step.REVIEWED, Step.SIGNED)
    require_returning(act.actor, found, row)
    if not reason.strip():
        raise Invalid(
            _("Say why."),
            problems=[Problem("reason", _("A reason is needed."), field="reason")],
        )
    by = row.issuer if found.step == Step.SIGNED else row.body
    with act.changing(found, "step", "returned"):
        found.step, found.returned = Step.RETURNED, reason.strip()
        found.decided_by, found.decided_at = act.actor.person, clock.now()
        found.save(update_fields=["step", "returned", "decided_by", "decided_at"])
    notify_all(act, [telling.tell(telling.RETURNED, row, row.body, by=by, words=found.returned)])
    return found


@action("progress.accept_report")
def accept_report(act: Act, *, report: ProgressReport) -> ProgressReport:
    """Accept a signed report. The first one starts the task; its steps are done; one that
    claims completion closes the task 办结."""
    found, row = _report(act, report)
    require_issuer(act.actor, row)
    _require_step(found, Step.SIGNED)
    require_state(Deed.REPORT, life_of(row))
    completes = found.kind == ReportKind.COMPLETION
    if completes and not found.evidence.exists():
        raise Conflict(_("A task is closed on evidence only."))
    now = clock.now()
    with act.changing(found, "step", "decided_at"):
        found.step, found.decided_at, found.decided_by = Step.ACCEPTED, now, act.actor.person
        found.returned = ""
        found.save(update_fields=["step", "decided_at", "decided_by", "returned"])
    found.milestones.filter(done_at__isnull=True).update(done_at=now)
    row.started_at = row.started_at or now
    if completes:
        row.closed_at = now
    row.save(update_fields=["started_at", "closed_at"])
    if completes:
        overtake(row)
    act.record(assignment=row.pk, closes=completes)
    notify_all(
        act, [telling.tell(telling.ACCEPTED, row, row.body, by=row.issuer, reading_only=True)]
    )
    return found


def _require_another(act: Act, row: Assignment, person: str, standing: Standing) -> None:
    """Raise where somebody would pass on his own work, in a body that has not set so."""
    if row.body.one_step or standing.is_installation or act.actor.person != person:
        return
    raise Forbidden(
        _("Nobody reviews what he prepared himself."),
        rule="cascade.another",
        lifted_by=row.body.name,
        remedy=_("Ask a colleague; a small body may set one-step sign-off."),
    )
