"""转办 and 加签: a step goes to another body, or another body's opinion is asked for at it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.models import Body, Post
from throughline.bodies.queries import acting_for
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all
from throughline.procedures import telling
from throughline.procedures.actions.advancing import (
    acting_body,
    answered_words,
    faults_of_words,
    held_step,
    note,
    require_possible,
    require_sound,
)
from throughline.procedures.models import AddedSigner, CaseStep
from throughline.procedures.permissions import require_answering, require_signing
from throughline.procedures.rules.kinds import Verb
from throughline.procedures.rules.life import SIGNS, Deed, needs_words, settles

MOST_SIGNERS = 20


@action("case.transfer")
def transfer_case(
    act: Act, *, step: CaseStep, to: Body, post: Post | None = None, words: str
) -> CaseStep:
    """Transfer a step to another body, or to another post of one's own 转办, with the reason. Its
    clock goes on. A step that decides on the case stays in its body and the offices of it."""
    row = held_step(step)
    standing = require_answering(act.actor, row, Verb.TRANSFER)
    require_possible(row, Verb.TRANSFER)
    problems = answered_words(Verb.TRANSFER, words)
    problems += _faults_of_target(row, to, post)
    require_sound(problems, _("The step was not transferred."))
    by = acting_body(standing, row.body)
    row.body, row.post = to, post
    row.save(update_fields=["body", "post"])
    note(act, row.case, Deed.TRANSFER, step=row, by=by, to=to, words=words.strip())
    told = telling.tell(
        telling.TRANSFERRED, row.case, to, by=by, step=row, post=post, words=words.strip(),
        due=row.due_at,
    )  # fmt: skip
    notify_all(act, [told])
    return row


def _faults_of_target(row: CaseStep, to: Body, post: Post | None) -> list[Problem]:
    """Why a step cannot go there."""
    beside = CaseStep.objects.filter(case=row.case, node=row.node, round=row.round, body=to)
    text = ""
    if post is not None and post.body_id != to.pk:
        text = _("This body has no such post.")
    elif to.pk == row.body_id and (post is None or post.pk == row.post_id):
        text = _("The step is there already.")
    elif to.pk == row.case.submitter_id:
        text = _("The case was submitted by this body: it does not decide on it.")
    elif beside.exclude(pk=row.pk).exists():
        text = _("This body answers at this step for itself already.")
    elif settles(row.step) and row.asked_id not in acting_for(to.pk):
        text = _("A decision on the case stays in its body.")
    return [Problem("to", text, field="to")] if text else []


@action("case.add_signer")
def add_signer(act: Act, *, step: CaseStep, body: Body, words: str = "") -> AddedSigner:
    """Ask another body for its opinion at a step 加签: the step is not answered before it has
    given it."""
    row = held_step(step)
    standing = require_answering(act.actor, row, Verb.ADD_SIGNER)
    require_possible(row, Verb.ADD_SIGNER)
    problems = faults_of_words(words, needed=False)
    text = _not_to_sign(row, body)
    if text:
        problems.append(Problem("body", text, field="body"))
    require_sound(problems, _("The signer was not added."))
    by = acting_body(standing, row.body)
    signer = AddedSigner.objects.create(
        step=row, body=body, question=words.strip(), by=by, person=act.actor.person,
        asked_at=clock.now(),
    )  # fmt: skip
    note(act, row.case, Deed.ADD_SIGNER, step=row, by=by, to=body, words=signer.question)
    told = telling.tell(
        telling.SIGNER_ASKED, row.case, body, by=by, step=row, words=signer.question,
        due=row.due_at,
    )  # fmt: skip
    notify_all(act, [told])
    return signer


def _not_to_sign(row: CaseStep, body: Body) -> str:
    """Why a body is not added as a signer."""
    beside = CaseStep.objects.filter(case=row.case, node=row.node, round=row.round, body=body)
    if body.pk == row.case.submitter_id:
        return _("The case was submitted by this body.")
    if beside.exists():
        return _("This body answers at this step for itself already.")
    if row.signers.filter(body=body).exists():
        return _("This body was added already.")
    if row.signers.count() >= MOST_SIGNERS:
        return _("At most %(most)s signers are added.") % {"most": MOST_SIGNERS}
    return ""


@action("case.sign")
def sign_case(act: Act, *, signer: AddedSigner, verb: str, words: str = "") -> AddedSigner:
    """Give one's opinion as an added signer: agree, disagree with reasons, or remark."""
    step = held_step(signer.step)
    row = AddedSigner.objects.select_related("body", "by").get(pk=signer.pk)
    row.step = step
    standing = require_signing(act.actor, row)
    if not step.case.is_open or not step.is_open:
        raise Conflict(_("This step was answered in the meantime."))
    if row.answered_at is not None:
        raise Conflict(_("Your body has given its opinion already."))
    if verb not in SIGNS:
        text = _("Choose how you answer.")
        problems = [Problem("verb", text, field="verb")]
        raise Invalid(_("The opinion was not given."), problems=problems)
    problems = faults_of_words(words, needed=needs_words(Verb(verb)))
    require_sound(problems, _("The opinion was not given."))
    row.answer, row.words = verb, words.strip()
    row.answered_by, row.answered_at = act.actor.person, clock.now()
    row.save(update_fields=["answer", "words", "answered_by", "answered_at"])
    by = acting_body(standing, row.body)
    note(act, step.case, Deed.SIGN, step=step, by=by, outcome=verb, words=row.words)
    told = telling.tell(
        telling.SIGNER_ANSWERED, step.case, step.body, by=by, step=step, post=step.post,
        words=row.words,
    )  # fmt: skip
    notify_all(act, [told])
    return row
