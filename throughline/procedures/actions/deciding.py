"""A step is answered: 同意、不同意、退回 and whatever else ends it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.notices.sending import notify_all
from throughline.procedures.actions.advancing import (
    Enclosure,
    acting_body,
    answered_words,
    enclose,
    end_step,
    faults_of_enclosures,
    held_step,
    note,
    require_possible,
    require_sound,
    tell_ended,
    tell_opened,
)
from throughline.procedures.completing import documents_missing
from throughline.procedures.models import CaseStep
from throughline.procedures.permissions import require_answering
from throughline.procedures.queries import documents_standing
from throughline.procedures.rules.kinds import MEANWHILE, Relation, Verb
from throughline.procedures.rules.life import Deed, encloses


@action("case.decide")
def decide_case(
    act: Act, *, step: CaseStep, verb: str, words: str = "", enclosed: Sequence[Enclosure] = ()
) -> CaseStep:
    """Answer a step that waits, in one of the ways that the procedure foresees; who disagrees,
    refuses or returns says why. The answer stands for one's own body alone."""
    row = held_step(step)
    ending = _ending(verb)
    standing = require_answering(act.actor, row, ending)
    if row.step.actor.relation is Relation.SUBMITTER:
        raise Conflict(
            _("This step waits for what the submitter hands in."), remedy=_("Hand it in.")
        )
    require_possible(row, ending)
    listing = row.case.listing.listing
    wanted = row.step.documents
    problems = answered_words(ending, words)
    problems += faults_of_enclosures(enclosed, wanted, listing.documents)
    if encloses(ending):
        there = {each.key for each in enclosed} | set(documents_standing(row.case))
        problems += documents_missing(wanted, there, listing)
    require_sound(problems, _("The step was not answered."))
    by = acting_body(standing, row.body)
    enclose(act, row, enclosed, by)
    opened = end_step(act, row, ending, words)
    note(
        act, row.case, Deed.DECIDE, step=row, by=by, outcome=ending.value, words=row.words,
        freezes=bool(enclosed),
    )  # fmt: skip
    notify_all(act, [*tell_opened(opened, by), *tell_ended(row.case, by, row.words)])
    return row


def _ending(verb: str) -> Verb:
    """A verb that ends a step, or Invalid."""
    if verb not in set(Verb) - MEANWHILE:
        text = _("Choose how you answer.")
        raise Invalid(
            _("The step was not answered."), problems=[Problem("verb", text, field="verb")]
        )
    return Verb(verb)


@action("case.resubmit")
def resubmit_case(
    act: Act, *, step: CaseStep, enclosed: Sequence[Enclosure] = (), words: str = ""
) -> CaseStep:
    """Hand in again after a return, or what the procedure asks of the submitter later. What was
    given before stays on file where nothing new is given; it is frozen anew."""
    row = held_step(step)
    standing = require_answering(act.actor, row, Verb.SUBMIT)
    if row.step.actor.relation is not Relation.SUBMITTER:
        raise Conflict(_("This step waits for another body’s answer."))
    require_possible(row, Verb.SUBMIT)
    listing = row.case.listing.listing
    there = set(documents_standing(row.case))
    problems = answered_words(Verb.SUBMIT, words)
    problems += faults_of_enclosures(enclosed, {*row.step.documents, *there}, listing.documents)
    problems += documents_missing(
        row.step.documents, {each.key for each in enclosed} | there, listing
    )
    require_sound(problems, _("The case was not handed in."))
    by = acting_body(standing, row.body)
    enclose(act, row, enclosed, by)
    opened = end_step(act, row, Verb.SUBMIT, words)
    note(act, row.case, Deed.SUBMIT, step=row, by=by, words=row.words, freezes=True)
    notify_all(act, [*tell_opened(opened, by), *tell_ended(row.case, by)])
    return row
