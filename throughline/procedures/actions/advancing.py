"""What acts on cases share: a case is held, steps are opened and ended, documents are put on file,
and each act stands in the case's course."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import body_of
from throughline.bodies.rules import Standing
from throughline.files.models import StoredFile
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.kernel.errors import Conflict, Invalid, NotFound, Problem
from throughline.notices.sending import Telling
from throughline.procedures import engine, telling
from throughline.procedures.models import LONGEST, Case, CaseAct, CaseDocument, CaseStep
from throughline.procedures.queries import (
    calendar_of,
    digest_of_file,
    parties_of,
    steps_of,
    suspensions_of,
    with_parties,
)
from throughline.procedures.rules.kinds import Verb
from throughline.procedures.rules.life import Deed, Hindrance, Situation, hindrance, needs_words
from throughline.procedures.rules.process import Words
from throughline.procedures.rules.working_days import due
from throughline.procedures.words import VERBS


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file for a document that is asked for, under the name that it was sent with."""

    key: str
    file: StoredFile
    name: str


def held(case: Case) -> Case:
    """A case, read again under its lock. The lock is a statement of its own: whoever had to wait
    for it reads what the other has written."""
    rows = Case.objects.select_for_update(no_key=True).filter(pk=case.pk)
    if not list(rows.values_list("pk")):
        raise NotFound(_("There is no such case."))
    return with_parties(Case.objects.filter(pk=case.pk)).get()


def held_step(step: CaseStep) -> CaseStep:
    """A step, read again under the lock of its case."""
    case = held(step.case)
    found: CaseStep = next(each for each in steps_of(case) if each.pk == step.pk)
    return found


def require_possible(step: CaseStep, verb: Verb) -> None:
    """Raise Conflict where something cannot be done at a step as it stands."""
    now = Situation(
        case_open=step.case.is_open,
        step_open=step.is_open,
        supplement_awaited=step.supplements.filter(closed_at__isnull=True).exists(),
        signers_awaited=step.signers.filter(answered_at__isnull=True).count(),
    )
    found = hindrance(now, step.step, verb)
    said = {
        Hindrance.CASE_ENDED: (_("The case has ended."), None),
        Hindrance.STEP_ENDED: (
            _("This step was answered in the meantime."),
            _("Look at how the case stands now."),
        ),
        Hindrance.NOT_FORESEEN: (
            _("The procedure does not foresee this here."),
            _("Possible are: %(verbs)s.")
            % {"verbs": ", ".join(str(VERBS[each]) for each in step.step.verbs)},
        ),
        Hindrance.SUPPLEMENT_AWAITED: (
            _("A supplement is awaited at this step."),
            _("Wait for it; or end the step with the reason that it did not come."),
        ),
        Hindrance.SIGNER_AWAITED: (
            _("A signer who was added here has not answered yet."),
            _("Wait for the answer, or urge."),
        ),
    }
    if found is not None:
        message, remedy = said[found]
        raise Conflict(message, remedy=remedy)


def faults_of_words(words: str, *, needed: bool, field: str = "words") -> list[Problem]:
    """What is wrong with a reason or an opinion."""
    said = words.strip()
    if needed and not said:
        return [Problem(field, _("Say why, or what your opinion is."), field=field)]
    if len(said) > LONGEST:
        most = _("At most %(most)s characters are taken.") % {"most": LONGEST}
        return [Problem(field, most, field=field)]
    return []


def faults_of_enclosures(
    enclosed: Sequence[Enclosure], allowed: Collection[str], titles: Mapping[str, Words]
) -> list[Problem]:
    """What is wrong with the files that were given: keys that nobody asked for, or twice."""
    found = []
    keys = [each.key for each in enclosed]
    for key in dict.fromkeys(keys):
        if key not in allowed:
            text = _("Nobody asks for a document “%(key)s” here.") % {"key": key}
            wanted = ", ".join(sorted(allowed)) or _("none")
            remedy = _("Asked for are: %(keys)s.") % {"keys": wanted}
            found.append(Problem(key, text, remedy, field="documents"))
        elif keys.count(key) > 1:
            text = _("Two files were given for one document.")
            found.append(Problem(key, text, field="documents"))
    return found


def require_sound(problems: Sequence[Problem], message: str) -> None:
    """Raise Invalid with all that is wrong, where anything is."""
    if problems:
        raise Invalid(message, problems=problems)


def answered_words(verb: Verb, words: str) -> list[Problem]:
    """What is wrong with the words of an answer."""
    return faults_of_words(words, needed=needs_words(verb))


def enclose(
    act: Act, step: CaseStep, enclosed: Sequence[Enclosure], body: Body
) -> list[CaseDocument]:
    """Put files on record in a case."""
    at = clock.now()
    return CaseDocument.objects.bulk_create(
        CaseDocument(
            case=step.case, step=step, key=each.key, file=each.file, name=each.name[-255:],
            body=body, person=act.actor.person, at=at, act=act.number,
        )
        for each in enclosed
    )  # fmt: skip


def note(
    act: Act,
    case: Case,
    deed: Deed,
    *,
    step: CaseStep | None = None,
    by: Body | None = None,
    to: Body | None = None,
    outcome: str = "",
    words: str = "",
    freezes: bool = False,
) -> CaseAct:
    """Put an act into the course of a case, and on record."""
    digest = digest_of_file(case) if freezes else ""
    act.about(case)
    act.record(
        number=case.number, deed=deed, step=step.pk if step else None,
        node=step.node if step else "", to=to.key if to else "", outcome=outcome, words=words,
        file=digest,
    )  # fmt: skip
    return CaseAct.objects.create(
        case=case, step=step, deed=deed.value, outcome=outcome, words=words, body=by, to=to,
        person=act.actor.person, digest=digest, at=clock.now(), act=act.number,
    )  # fmt: skip


def acting_body(standing: Standing, own: Body) -> Body:
    """The body for which somebody acts; for the installation the one whose turn it is."""
    return body_of(standing) or own


def open_steps(case: Case, at: datetime) -> list[CaseStep]:
    """Open the steps that wait since the case moved, each with its clock."""
    known = set(case.steps.values_list("task", flat=True))
    parties = parties_of(case)
    opened = []
    for waiting in engine.steps(case.standing):
        if waiting.key in known:
            continue
        body, post = parties.of(waiting.step.actor, waiting.body)
        superior = waiting.step.escalates_to
        earlier = case.steps.filter(node=waiting.node, asked=body).count()
        opened.append(
            CaseStep.objects.create(
                case=case, task=waiting.key, node=waiting.node,
                relation=waiting.step.actor.relation or "", round=earlier + 1, asked=body,
                body=body, post=post, opened_at=at,
                superior=parties.of(superior, waiting.body)[1] if superior else None,
                due_at=due(at, waiting.step.clock, calendar_of(case))
                if waiting.step.clock
                else None,
            )
        )  # fmt: skip
    return opened


def end_step(act: Act, step: CaseStep, verb: Verb, words: str) -> list[CaseStep]:
    """End a step, move the case on, and open what comes next."""
    case, at = step.case, clock.now()
    case.stand(engine.finish(case.standing, step.task, verb.value, act.actor.person))
    close_supplements(step, at)
    step.ended_at, step.outcome, step.words = at, verb.value, words.strip()
    step.person, step.act = act.actor.person, act.number
    step.save()
    if case.standing.has_ended:
        case.ended_at, case.outcome = at, verb.value
    case.save(update_fields=["state", "ended_at", "outcome"])
    return open_steps(case, at)


def close_supplements(step: CaseStep, at: datetime) -> None:
    """Await nothing any more at a step that ends."""
    step.supplements.filter(closed_at__isnull=True).update(closed_at=at)


def set_clock(step: CaseStep) -> None:
    """Reckon anew when a step is due, after its clock was stopped or let run again. A clock that
    has run out stays so."""
    days = step.step.clock
    if days:
        calendar = calendar_of(step.case)
        step.due_at = due(step.opened_at, days, calendar, suspensions_of(step))
        step.save(update_fields=["due_at"])


def tell_opened(steps: Sequence[CaseStep], by: Body) -> list[Telling]:
    """What the bodies are told to which a case has come."""
    return [
        telling.tell(
            telling.CAME, each.case, each.body, by=by, step=each, post=each.post, due=each.due_at
        )
        for each in steps
    ]


def tell_ended(case: Case, by: Body, words: str = "") -> list[Telling]:
    """What the submitter is told where a case has come to its end."""
    if case.is_open:
        return []
    return [
        telling.tell(telling.ENDED, case, case.submitter, by=by, words=words, outcome=case.outcome)
    ]
