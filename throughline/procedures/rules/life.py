"""The life of a case: what may be done at a step, by whom, and why not.

Two questions are kept apart. `bar` asks who it is: somebody else may do it, or the same person
never. `hindrance` asks how the case stands: what stops an act stops it for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from throughline.procedures.rules.kinds import MEANWHILE, REASONED, SETTLES, Relation, Verb
from throughline.procedures.rules.process import Step


class Deed(StrEnum):
    """What happens in the course of a case."""

    SUBMIT = "submit"
    DECIDE = "decide"
    ASK_SUPPLEMENT = "ask-supplement"
    SUPPLEMENT = "supplement"
    TRANSFER = "transfer"
    ADD_SIGNER = "add-signer"
    SIGN = "sign"
    WITHDRAW = "withdraw"
    URGE = "urge"
    ESCALATE = "escalate"


JUDGING = frozenset(
    {
        Verb.AGREE, Verb.OBJECT, Verb.CONFORM, Verb.NOT_CONFORM, Verb.ADOPT, Verb.REJECT,
        Verb.APPROVE, Verb.VERIFY, Verb.FILE, Verb.REFUSE,
    }
)  # fmt: skip
"""What says yes or no to a submission."""

ENDS_UNANSWERED = REASONED - MEANWHILE
"""How a step may end although a supplement is awaited: what was asked for did not come."""

SIGNS = frozenset({Verb.AGREE, Verb.OBJECT, Verb.OPINION})
"""What an added signer may answer."""

NEEDS_WORDS = REASONED | {Verb.OPINION}
"""What is never done without words."""


class Bar(StrEnum):
    """Why this person may not, though another may."""

    NOT_YOURS = "not_yours"
    NOT_YOUR_POST = "not_your_post"
    NO_DUTY = "no_duty"
    OWN_SUBMISSION = "own_submission"
    ANSWERED_BESIDE = "answered_beside"


@dataclass(frozen=True)
class Doer:
    """Who would act at a step: `acts` in the name of its body, `in_post` in the post that it is
    for (true where it is for none), with a `duty` to act for the body; `submitted` the case at
    any time, `answered` another body's part of the same step."""

    acts: bool
    in_post: bool = True
    duty: bool = True
    submitted: bool = False
    answered: bool = False


def bar(who: Doer, step: Step, verb: Verb) -> Bar | None:
    """Why somebody may not do something at a step; None where he may.

    >>> from throughline.procedures.rules.process import Actor
    >>> review = Step({}, Actor(Relation.LEGAL_OFFICE), (Verb.CONFORM,))
    >>> bar(Doer(acts=True), review, Verb.CONFORM) is None
    True
    >>> bar(Doer(acts=False), review, Verb.CONFORM).value
    'not_yours'

    Nobody decides on what he submitted, in whatever post; and nobody answers twice at one step,
    for two bodies of a countersigning:

    >>> bar(Doer(acts=True, submitted=True), review, Verb.CONFORM).value
    'own_submission'
    >>> bar(Doer(acts=True, answered=True), review, Verb.CONFORM).value
    'answered_beside'

    The lead body may well be the one that submits: it sets out what is contested, and judges
    nothing.

    >>> lead = Step({}, Actor(Relation.LEAD_BODY), (Verb.OPINION, Verb.APPROVE))
    >>> bar(Doer(acts=True, submitted=True), lead, Verb.OPINION) is None
    True
    >>> bar(Doer(acts=True, submitted=True), lead, Verb.APPROVE).value
    'own_submission'
    """
    if not who.acts:
        return Bar.NOT_YOURS
    if not who.in_post:
        return Bar.NOT_YOUR_POST
    if not who.duty:
        return Bar.NO_DUTY
    relation = step.actor.relation
    if relation is Relation.SUBMITTER:
        return None
    spares = relation is Relation.LEAD_BODY and verb not in JUDGING
    if who.submitted and not spares:
        return Bar.OWN_SUBMISSION
    return Bar.ANSWERED_BESIDE if who.answered else None


class Hindrance(StrEnum):
    """Why something cannot be done now, by anybody."""

    CASE_ENDED = "case_ended"
    STEP_ENDED = "step_ended"
    NOT_FORESEEN = "not_foreseen"
    SUPPLEMENT_AWAITED = "supplement_awaited"
    SIGNER_AWAITED = "signer_awaited"


@dataclass(frozen=True)
class Situation:
    """How a step stands."""

    case_open: bool = True
    step_open: bool = True
    supplement_awaited: bool = False
    signers_awaited: int = 0


def hindrance(now: Situation, step: Step, verb: Verb) -> Hindrance | None:
    """Why something cannot be done at a step as it stands; None where it can.

    >>> from throughline.procedures.rules.process import Actor
    >>> decide = Step({}, Actor(), (Verb.APPROVE, Verb.RETURN, Verb.ASK_SUPPLEMENT))
    >>> hindrance(Situation(), decide, Verb.APPROVE) is None
    True
    >>> hindrance(Situation(), decide, Verb.VERIFY).value
    'not_foreseen'
    >>> hindrance(Situation(case_open=False), decide, Verb.APPROVE).value
    'case_ended'

    While a supplement is awaited nothing is approved, and no second one is asked for; that
    what was asked for did not come can be a reason to return.

    >>> hindrance(Situation(supplement_awaited=True), decide, Verb.APPROVE).value
    'supplement_awaited'
    >>> hindrance(Situation(supplement_awaited=True), decide, Verb.RETURN) is None
    True
    >>> hindrance(Situation(signers_awaited=1), decide, Verb.RETURN).value
    'signer_awaited'
    """
    if not now.case_open:
        return Hindrance.CASE_ENDED
    if not now.step_open:
        return Hindrance.STEP_ENDED
    if verb not in step.verbs:
        return Hindrance.NOT_FORESEEN
    waits = now.supplement_awaited and (verb not in MEANWHILE or verb is Verb.ASK_SUPPLEMENT)
    if waits and verb not in ENDS_UNANSWERED:
        return Hindrance.SUPPLEMENT_AWAITED
    if now.signers_awaited and verb not in MEANWHILE:
        return Hindrance.SIGNER_AWAITED
    return None


def settles(step: Step) -> bool:
    """Whether a step decides on a case: it does not leave its body.

    >>> from throughline.procedures.rules.process import Actor
    >>> settles(Step({}, Actor(), (Verb.APPROVE, Verb.TRANSFER)))
    True
    >>> settles(Step({}, Actor(), (Verb.AGREE, Verb.TRANSFER)))
    False
    """
    return any(verb in step.verbs for verb in (*SETTLES.values(), Verb.REFUSE, Verb.ADOPT))


def needs_words(verb: Verb) -> bool:
    """Whether something is never done without words: a reason, or the opinion itself."""
    return verb in NEEDS_WORDS


def encloses(verb: Verb) -> bool:
    """Whether the documents that a step asks for have to be there when it ends so: what sends a
    case back, or stops it, needs none.

    >>> encloses(Verb.OPINION), encloses(Verb.RETURN)
    (True, False)
    """
    return verb not in REASONED
