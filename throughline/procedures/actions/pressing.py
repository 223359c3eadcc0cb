"""撤回 and 催办, and what the clock does: a case is withdrawn, a step is pressed for, and one whose
time has run out is counted and told. Time decides nothing."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from throughline.bodies.permissions import require_installation
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict
from throughline.notices.sending import notify_all
from throughline.procedures import telling
from throughline.procedures.actions.advancing import (
    acting_body,
    close_supplements,
    faults_of_words,
    held,
    held_step,
    note,
    require_sound,
)
from throughline.procedures.models import Case, CaseAct, CaseStep
from throughline.procedures.permissions import require_handing_in, require_urging
from throughline.procedures.queries import steps_of, steps_run_out
from throughline.procedures.rules.kinds import Relation, Verb
from throughline.procedures.rules.life import Deed

AGAIN = timedelta(minutes=5)
"""Within so long a step is not urged a second time."""


@action("case.withdraw")
def withdraw_case(act: Act, *, case: Case, words: str = "") -> Case:
    """Take a case back 撤回, where a step that waits allows it. It ends, and stays on record; the
    subject may be submitted anew."""
    row = held(case)
    standing = require_handing_in(act.actor, row)
    if not row.is_open:
        raise Conflict(_("The case has ended."))
    waiting = [each for each in steps_of(row) if each.is_open]
    if not any(Verb.WITHDRAW in each.step.verbs for each in waiting):
        raise Conflict(
            _("The procedure does not foresee that a case is withdrawn as it stands now."),
            remedy=_("Ask the body whose turn it is to return it."),
        )
    require_sound(faults_of_words(words, needed=False), _("The case was not withdrawn."))
    at = clock.now()
    for each in waiting:
        close_supplements(each, at)
        each.ended_at, each.outcome, each.words = at, Verb.WITHDRAW.value, words.strip()
        each.person, each.act = act.actor.person, act.number
        each.save()
    row.ended_at, row.outcome = at, Verb.WITHDRAW.value
    row.save(update_fields=["ended_at", "outcome"])
    by = acting_body(standing, row.submitter)
    note(act, row, Deed.WITHDRAW, by=by, outcome=row.outcome, words=words.strip())
    told = {each.body.pk: each.body for each in waiting if each.body_id != row.submitter_id}
    notify_all(
        act,
        [
            telling.tell(
                telling.WITHDRAWN, row, body, by=by, words=words.strip(), reading_only=True
            )
            for body in told.values()
        ],
    )
    return row


@action("case.urge")
def urge_case(act: Act, *, step: CaseStep, words: str = "") -> CaseStep:
    """Press for a step that waits 催办; on record, and told to who has it. A step that somebody
    urged a moment ago is not urged again."""
    row = held_step(step)
    standing = require_urging(act.actor, row)
    own = row.step.actor.relation is Relation.SUBMITTER
    if not row.case.is_open or not row.is_open or own:
        raise Conflict(_("Nobody else’s answer is awaited at this step."))
    just_now = CaseAct.objects.filter(step=row, deed=Deed.URGE.value, at__gte=clock.now() - AGAIN)
    if just_now.exists():
        raise Conflict(_("The step was urged a moment ago."), remedy=_("Give them time to answer."))
    require_sound(faults_of_words(words, needed=False), _("The step was not urged."))
    by = acting_body(standing, row.case.submitter)
    note(act, row.case, Deed.URGE, step=row, by=by, to=row.body, words=words.strip())
    asked = {row.body.pk: (row.body, row.post)}
    asked |= {
        each.body.pk: (each.body, None)
        for each in row.signers.filter(answered_at__isnull=True).select_related("body")
    }
    told = [
        telling.tell(
            telling.URGED, row.case, body, by=by, step=row, post=post, words=words.strip(),
            due=row.due_at,
        )
        for body, post in asked.values()
    ]  # fmt: skip
    notify_all(act, told)
    return row


@action("case.escalate")
def escalate_case(act: Act, *, case: Case) -> int:
    """Count the steps of a case whose time has run out, and tell the posts that the procedure
    names. Each step once; nothing is decided by it. Returns how many steps."""
    require_installation(act.actor)
    row = held(case)
    due = set(steps_run_out().filter(case=row).values_list("pk", flat=True))
    steps = [each for each in steps_of(row) if each.pk in due]
    if not steps:
        raise Conflict(_("No time has run out in this case."))
    told = []
    for each in steps:
        each.ran_out_at = clock.now()
        each.save(update_fields=["ran_out_at"])
        superior = each.superior
        to = superior.body if superior else each.body
        note(act, row, Deed.ESCALATE, step=each, to=to)
        told.append(
            telling.tell(
                telling.RAN_OUT, row, to, by=each.body, step=each, post=superior, due=each.due_at
            )
        )
    act.record(steps=sorted(due))
    notify_all(act, told)
    return len(steps)
