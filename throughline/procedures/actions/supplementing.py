"""补正: what is missing is asked for while a step waits, and its clock stands until it comes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Problem
from throughline.notices.sending import notify_all
from throughline.procedures import telling
from throughline.procedures.actions.advancing import (
    Enclosure,
    acting_body,
    answered_words,
    enclose,
    faults_of_enclosures,
    faults_of_words,
    held_step,
    note,
    require_possible,
    require_sound,
    set_clock,
)
from throughline.procedures.models import CaseStep, Supplement
from throughline.procedures.permissions import require_answering, require_handing_in
from throughline.procedures.rules.kinds import Verb
from throughline.procedures.rules.life import Deed


@action("case.ask_supplement")
def ask_supplement(act: Act, *, step: CaseStep, words: str) -> Supplement:
    """Ask the submitter for what is missing 补正, with the reason; the step's clock stands until it
    comes."""
    row = held_step(step)
    standing = require_answering(act.actor, row, Verb.ASK_SUPPLEMENT)
    require_possible(row, Verb.ASK_SUPPLEMENT)
    problems = answered_words(Verb.ASK_SUPPLEMENT, words)
    require_sound(problems, _("The supplement was not asked for."))
    by = acting_body(standing, row.body)
    asked = Supplement.objects.create(
        step=row, question=words.strip(), body=by, person=act.actor.person, asked_at=clock.now()
    )
    set_clock(row)
    note(act, row.case, Deed.ASK_SUPPLEMENT, step=row, by=by, words=asked.question)
    told = telling.tell(
        telling.SUPPLEMENT_ASKED, row.case, row.case.submitter, by=by, step=row,
        words=asked.question,
    )  # fmt: skip
    notify_all(act, [told])
    return asked


@action("case.supplement")
def supplement_case(
    act: Act, *, step: CaseStep, words: str = "", enclosed: Sequence[Enclosure] = ()
) -> Supplement:
    """Give what a step asked for: documents, words, or both. Its clock runs again, and the file is
    frozen anew."""
    row = held_step(step)
    standing = require_handing_in(act.actor, row.case)
    asked = row.supplements.filter(closed_at__isnull=True).first()
    if not row.case.is_open or not row.is_open or asked is None:
        raise Conflict(
            _("No supplement is awaited at this step."),
            remedy=_("Look at how the case stands now."),
        )
    documents = row.case.listing.listing.documents
    problems = faults_of_words(words, needed=False)
    problems += faults_of_enclosures(enclosed, documents, documents)
    if not words.strip() and not enclosed:
        text = _("Give a document, or say what there is to say.")
        problems.append(Problem("words", text, field="words"))
    require_sound(problems, _("The case was not supplemented."))
    by = acting_body(standing, row.case.submitter)
    enclose(act, row, enclosed, by)
    asked.closed_at, asked.answer, asked.answered_by = clock.now(), words.strip(), act.actor.person
    asked.save(update_fields=["closed_at", "answer", "answered_by"])
    set_clock(row)
    note(act, row.case, Deed.SUPPLEMENT, step=row, by=by, words=asked.answer, freezes=True)
    told = telling.tell(
        telling.SUPPLEMENT_GIVEN, row.case, row.body, by=by, step=row, post=row.post,
        words=asked.answer, due=row.due_at,
    )  # fmt: skip
    notify_all(act, [told])
    return asked
