"""A locality that disagrees with a figure about itself: what it may do, and what comes of it.

Official statistics are their producer's alone. Nobody else reports or edits them; to question one
is an *enquiry* that carries no power. A department's own figures can be *contested*: with another
value, and with evidence. Either way the series' producer answers, and nobody but it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ContestKind(StrEnum):
    """异议 or 询问: whether another figure is proposed, or the producer is only asked."""

    CONTEST = "contest"
    ENQUIRY = "enquiry"


class ContestState(StrEnum):
    """Where it stands. Nothing but an act ends it: time answers nothing."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What the producer answers."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REFUSED = "refused"


_KINDS: Mapping[str, ContestKind] = {
    "official": ContestKind.ENQUIRY,
    "check": ContestKind.ENQUIRY,
    "department": ContestKind.CONTEST,
}


def kind_of(nature: str) -> ContestKind:
    """What questioning a figure is, by the nature of its series. A compiled table, which stands
    beside the figures as a check, is its producer's as official statistics are.

    >>> kind_of("official").value, kind_of("check").value, kind_of("department").value
    ('enquiry', 'enquiry', 'contest')
    """
    return _KINDS[nature]


class Hindrance(StrEnum):
    """Why somebody may not contest a figure."""

    PRODUCES = "produces"
    GAVE = "gave"
    NOT_OURS = "not_ours"


@dataclass(frozen=True)
class Claimant:
    """Who would contest a figure, as far as it matters.

    `at_place`: its body is one of the place that the figure is about; `governs`: its body answers
    for a whole place; `acts`: the post reports, signs or decides; `fills`: the post fills in for
    the place, at it or above it; `asked`: a form asks the place for this figure; `nobody_there`:
    the place has no body that reports; `produces` and `gave`: its body is the series' producer, or
    the one that gave the figure.
    """

    at_place: bool = False
    governs: bool = False
    acts: bool = False
    fills: bool = False
    asked: bool = False
    nobody_there: bool = False
    produces: bool = False
    gave: bool = False


def hindrance(who: Claimant) -> Hindrance | None:
    """Why somebody may not contest a figure; None where he may.

    The government of the place speaks for it; any other body of it where a form lets it report
    the figure; for a place that has nobody, the government above that fills in for it.

    >>> county = Claimant(at_place=True, governs=True, acts=True)
    >>> hindrance(county) is None
    True
    >>> hindrance(Claimant(at_place=True, acts=True, fills=True)).value
    'not_ours'
    >>> hindrance(Claimant(at_place=True, acts=True, fills=True, asked=True)) is None
    True
    >>> hindrance(Claimant(governs=True, acts=True, fills=True, asked=True)).value
    'not_ours'
    >>> hindrance(Claimant(governs=True, fills=True, asked=True, nobody_there=True)) is None
    True

    Whoever gave a figure corrects it, and contests nothing:

    >>> hindrance(Claimant(at_place=True, governs=True, acts=True, gave=True)).value
    'gave'
    >>> hindrance(Claimant(at_place=True, governs=True, acts=True, produces=True)).value
    'produces'
    """
    reports = who.fills and who.asked
    own = who.at_place and ((who.governs and who.acts) or reports)
    above = who.governs and reports and who.nobody_there and not who.at_place
    if not (own or above):
        return Hindrance.NOT_OURS
    if who.produces:
        return Hindrance.PRODUCES
    return Hindrance.GAVE if who.gave else None


class Answering(StrEnum):
    """Why somebody may not answer."""

    NOT_THE_PRODUCER = "not_the_producer"
    OWN = "own"


def bar_to_answer(*, produces: bool, reports: bool, asked_himself: bool) -> Answering | None:
    """Why somebody may not answer; None where he may: he reports for the series' producer, and
    is another than who asked, in whatever post.

    >>> bar_to_answer(produces=True, reports=True, asked_himself=False) is None
    True
    >>> bar_to_answer(produces=True, reports=True, asked_himself=True).value
    'own'
    >>> bar_to_answer(produces=True, reports=False, asked_himself=False).value
    'not_the_producer'
    """
    if not (produces and reports):
        return Answering.NOT_THE_PRODUCER
    return Answering.OWN if asked_himself else None


class Fault(StrEnum):
    """What is wrong with an answer."""

    NO_VALUE = "no_value"
    NEEDLESS = "needless"
    AS_PROPOSED = "as_proposed"
    AS_IT_STANDS = "as_it_stands"


@dataclass(frozen=True)
class Outcome:
    """What an answer comes to: the figure that is to stand, None where the one that stands
    stays; or what is wrong with it."""

    value: float | None = None
    fault: Fault | None = None


def outcome_of(
    verdict: Verdict, *, proposed: float | None, value: float | None, standing: float | None
) -> Outcome:
    """What an answer comes to: `proposed` by who asks, `value` given by the producer, `standing`
    the figure that stands now.

    Accepted: what was proposed is the figure. Of an enquiry that proposed nothing the producer
    names the correction that it releases.

    >>> outcome_of(Verdict.ACCEPTED, proposed=12.0, value=None, standing=10.0).value
    12.0
    >>> outcome_of(Verdict.ACCEPTED, proposed=None, value=None, standing=10.0).fault.value
    'no_value'
    >>> outcome_of(Verdict.ACCEPTED, proposed=None, value=11.0, standing=10.0).value
    11.0

    With change: the producer's own figure, which is neither the one proposed nor the one that
    stands. Refused: nothing changes, and no figure is given.

    >>> outcome_of(Verdict.CHANGED, proposed=12.0, value=11.0, standing=10.0).value
    11.0
    >>> outcome_of(Verdict.CHANGED, proposed=12.0, value=12.0, standing=10.0).fault.value
    'as_proposed'
    >>> outcome_of(Verdict.CHANGED, proposed=12.0, value=10.0, standing=10.0).fault.value
    'as_it_stands'
    >>> outcome_of(Verdict.REFUSED, proposed=12.0, value=None, standing=10.0)
    Outcome(value=None, fault=None)
    >>> outcome_of(Verdict.REFUSED, proposed=12.0, value=11.0, standing=10.0).fault.value
    'needless'

    What was proposed stands already, because the figure has changed meanwhile: accepted, and
    there is nothing to write.

    >>> outcome_of(Verdict.ACCEPTED, proposed=12.0, value=None, standing=12.0)
    Outcome(value=None, fault=None)
    """
    if verdict is Verdict.REFUSED:
        return Outcome(fault=Fault.NEEDLESS if value is not None else None)
    if verdict is Verdict.ACCEPTED and proposed is not None:
        if value is not None and value != proposed:
            return Outcome(fault=Fault.NEEDLESS)
        return Outcome(None if proposed == standing else proposed)
    if value is None:
        return Outcome(fault=Fault.NO_VALUE)
    if verdict is Verdict.CHANGED and value == proposed:
        return Outcome(fault=Fault.AS_PROPOSED)
    if value == standing:
        return Outcome(fault=Fault.AS_IT_STANDS)
    return Outcome(value)
