"""报批: a subject is submitted; what is missing is named, and what was given is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all
from throughline.procedures import engine
from throughline.procedures.acting import Parties
from throughline.procedures.actions.advancing import (
    Enclosure,
    enclose,
    end_step,
    faults_of_enclosures,
    note,
    open_steps,
    require_sound,
    tell_ended,
    tell_opened,
)
from throughline.procedures.case_subjects import CaseSubject
from throughline.procedures.completing import asked_at_first, course_of, documents_missing
from throughline.procedures.listing import in_language
from throughline.procedures.models import Case, CaseNumbering, ProcedureList
from throughline.procedures.permissions import require_submitting
from throughline.procedures.queries import list_in_use
from throughline.procedures.rules.keeping import kept_fact
from throughline.procedures.rules.kinds import Verb
from throughline.procedures.rules.life import Deed
from throughline.procedures.rules.process import Process

LONGEST_TITLE = 300
MOST_SUPPORTING = 60


@action("case.submit")
def submit_case(
    act: Act,
    *,
    about: CaseSubject,
    facts: Mapping[str, object],
    enclosed: Sequence[Enclosure] = (),
    supporting: Sequence[Body] = (),
    title: str = "",
    outside_system: str = "",
    outside_code: str = "",
) -> Case:
    """Submit a subject by the procedure that its plan prescribes for it 报批. Every fact and every
    document that is missing is named, and then nothing is written. What was given is frozen.
    `supporting` are asked beside those who support the subject as printed."""
    body = require_submitting(act.actor)
    assert body.place is not None  # noqa: S101 (whoever submits has a place)
    listed = list_in_use(about.plan)
    if listed is None:
        raise Conflict(
            _("The plan prescribes no procedure."),
            remedy=_("Load a pack that has procedures.yaml."),
        )
    stated = {**facts, "kind": about.kind, "tier": body.place.tier.key}
    course = course_of(listed, stated)
    problems = course.problems + _faults_of_form(
        title, supporting, (outside_system.strip(), outside_code.strip())
    )
    if course.edition is None or course.process is None or problems:
        raise Invalid(_("The case was not submitted."), problems=problems)
    asked = _asked(about, supporting, body)
    parties = Parties(
        listing=listed.listing, submitter=body, lead=about.lead or body, place=body.place,
        tier=body.place.tier.key, supporting=asked,
    )  # fmt: skip
    _require_somebody(parties, course.process)
    state = engine.begin(course.process, course.facts, list(asked))
    first = asked_at_first(course.process, state)
    wanted = first.step.documents if first else ()
    problems = faults_of_enclosures(enclosed, wanted, listed.listing.documents)
    problems += documents_missing(wanted, {each.key for each in enclosed}, listed.listing)
    require_sound(problems, _("The case was not submitted."))
    number = _number(about.plan, listed)
    _require_no_other(about, body)
    case = Case.objects.create(
        plan=about.plan, procedure=course.edition, listing=listed, number=number,
        subject_kind=about.subject.kind, subject_key=about.subject.key,
        title=(title.strip() or about.subject.title)[:LONGEST_TITLE],
        submitter=body, lead=parties.lead, place=body.place, tier=parties.tier,
        facts={key: kept_fact(value) for key, value in course.facts.items()},
        state=state.text, outside_system=outside_system.strip(),
        outside_code=outside_code.strip(), submitted_at=clock.now(), act=act.number,
    )  # fmt: skip
    steps = open_steps(case, case.submitted_at)
    handed = steps[0] if first else None
    if handed is not None:
        handed.case = case
        enclose(act, handed, enclosed, body)
        steps = end_step(act, handed, Verb.SUBMIT, "")
    note(act, case, Deed.SUBMIT, step=handed, by=body, freezes=True)
    act.record(
        subject=about.subject.name, procedure=str(course.edition), facts=case.facts,
        supporting=list(asked), outside=[case.outside_system, case.outside_code],
    )  # fmt: skip
    notify_all(act, [*tell_opened(steps, body), *tell_ended(case, body)])
    return case


def _faults_of_form(
    title: str, supporting: Sequence[Body], outside: tuple[str, str]
) -> list[Problem]:
    found = []
    if len(title.strip()) > LONGEST_TITLE:
        text = _("At most %(most)s characters are taken.") % {"most": LONGEST_TITLE}
        found.append(Problem("title", text, field="title"))
    if len(supporting) > MOST_SUPPORTING:
        text = _("At most %(most)s bodies are asked.") % {"most": MOST_SUPPORTING}
        found.append(Problem("supporting", text, field="supporting"))
    system, code = outside
    if bool(system) != bool(code):
        text = _("The system in which a case runs and its code there go together.")
        found.append(Problem("outside_code", text, field="outside_code"))
    if len(system) > 80 or len(code) > 120:
        text = _("The name of a system has at most 80 characters, a code at most 120.")
        found.append(Problem("outside_code", text, field="outside_code"))
    taken = code and Case.objects.filter(outside_system=system, outside_code=code).exists()
    if taken:
        text = _("Another case bears this code of that system.")
        found.append(Problem("outside_code", text, field="outside_code"))
    return found


def _asked(about: CaseSubject, supporting: Sequence[Body], submitter: Body) -> dict[str, Body]:
    """The bodies that countersign: those who support it as printed, and those named; the one that
    submits does not countersign for itself."""
    several = [*about.supporting, *supporting]
    return {each.key: each for each in several if each.pk != submitter.pk}


def _require_somebody(parties: Parties, process: Process) -> None:
    """Raise where nobody would act at a step, before anything has begun."""
    found = [
        Problem(
            node,
            _("Nobody acts at “%(step)s”: there is no %(key)s.")
            % {
                "step": in_language(process.steps()[node].title, get_language() or "en"),
                "key": key,
            },
        )
        for node, key in parties.missing(process)
    ]
    if found:
        raise Invalid(
            _("The procedure cannot be carried through here."),
            problems=found,
            remedy=_("An administrator sets the bodies and posts up."),
        )


def _number(plan: str, listed: ProcedureList) -> str:
    """The next number of the year in the plan's zone. Whoever submits at the same time waits
    here, so that there is no gap, and "already" is said truly."""
    zone = ZoneInfo(listed.listing.calendar.zone)
    year = clock.now().astimezone(zone).year
    CaseNumbering.objects.get_or_create(plan=plan, year=year)
    row = CaseNumbering.objects.select_for_update(no_key=True).get(plan=plan, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{year}-{row.last:04}"


def _require_no_other(about: CaseSubject, body: Body) -> None:
    running = Case.objects.filter(
        subject_kind=about.subject.kind, subject_key=about.subject.key, submitter=body,
        ended_at__isnull=True,
    ).first()  # fmt: skip
    if running is not None:
        raise Conflict(
            _("Your body has submitted this already: case %(number)s runs.")
            % {"number": running.number},
            remedy=_("Wait for its end, or withdraw it."),
        )
