"""The closed lists of procedures: who may act, and what may be done at a step."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Sort(StrEnum):
    """What a procedure ends in. The three are different procedures, and none stands for another."""

    APPROVAL = "approval"
    VERIFICATION = "verification"
    FILING = "filing"


class Relation(StrEnum):
    """Who acts, by how he stands to the case."""

    SUBMITTER = "submitter"
    LEAD_BODY = "lead-body"
    SUPPORTING_BODIES = "supporting-bodies"
    PLANNING_AGENCY = "planning-agency"
    SUPERIOR_PLANNING_AGENCY = "superior-planning-agency"
    GOVERNMENT = "government"
    SUPERIOR_GOVERNMENT = "superior-government"
    LEGAL_OFFICE = "legal-office"
    DELIBERATING_BODY = "deliberating-body"


OF_THE_CASE = frozenset({Relation.SUBMITTER, Relation.LEAD_BODY, Relation.SUPPORTING_BODIES})
"""Known from the case itself; the others the pack has to say for each tier."""


class Verb(StrEnum):
    """What may be done at a step."""

    SUBMIT = "submit"
    AGREE = "agree"
    OBJECT = "object"
    OPINION = "opinion"
    CONFORM = "conform"
    NOT_CONFORM = "not-conform"
    ADOPT = "adopt"
    REJECT = "reject"
    APPROVE = "approve"
    VERIFY = "verify"
    FILE = "file"
    REFUSE = "refuse"
    RETURN = "return"
    ASK_SUPPLEMENT = "ask-supplement"
    TRANSFER = "transfer"
    ADD_SIGNER = "add-signer"
    WITHDRAW = "withdraw"


MEANWHILE = frozenset({Verb.ASK_SUPPLEMENT, Verb.TRANSFER, Verb.ADD_SIGNER, Verb.WITHDRAW})
"""What is done while a step waits. All other verbs end the step and are its outcome."""

REASONED = frozenset(
    {
        Verb.OBJECT,
        Verb.NOT_CONFORM,
        Verb.REJECT,
        Verb.REFUSE,
        Verb.RETURN,
        Verb.ASK_SUPPLEMENT,
        Verb.TRANSFER,
    }
)
"""What is never done without saying why."""

SETTLES = {
    Sort.APPROVAL: Verb.APPROVE,
    Sort.VERIFICATION: Verb.VERIFY,
    Sort.FILING: Verb.FILE,
}
"""The verb in which a procedure of each sort ends, where it ends well."""

NOBODY = "nobody"
"""The outcome of a step for all supporting bodies where there are none."""

_GRAVEST_FIRST = (
    Verb.REFUSE,
    Verb.RETURN,
    Verb.NOT_CONFORM,
    Verb.REJECT,
    Verb.OBJECT,
    Verb.OPINION,
    Verb.AGREE,
    Verb.CONFORM,
    Verb.ADOPT,
    Verb.FILE,
    Verb.VERIFY,
    Verb.APPROVE,
    Verb.SUBMIT,
)


def outcomes_of(verbs: Iterable[Verb]) -> tuple[Verb, ...]:
    """Those verbs that end a step, in their order.

    >>> outcomes_of([Verb.AGREE, Verb.TRANSFER, Verb.RETURN])
    (<Verb.AGREE: 'agree'>, <Verb.RETURN: 'return'>)
    """
    return tuple(verb for verb in verbs if verb not in MEANWHILE)


def joint_outcome(outcomes: Iterable[str]) -> str:
    """What several bodies come to at one step: the gravest of what each of them said.

    >>> joint_outcome(["agree", "object", "agree"]), joint_outcome([])
    ('object', 'nobody')
    """
    said = set(outcomes)
    return next((verb.value for verb in _GRAVEST_FIRST if verb.value in said), NOBODY)
