"""Whether a submission is complete: every fact on which its course rests, every document that is
asked for; each that is missing is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.kernel.errors import Problem
from throughline.procedures import engine
from throughline.procedures.listing import Listing, in_language
from throughline.procedures.models import ProcedureEdition, ProcedureList
from throughline.procedures.rules.facts import FactError, FactType, Value, Variable, fact
from throughline.procedures.rules.keeping import restored
from throughline.procedures.rules.kinds import Relation, Verb
from throughline.procedures.rules.process import Process


@dataclass(frozen=True)
class Course:
    """The procedure that a submission goes by, with the facts typed; or what is wrong."""

    edition: ProcedureEdition | None
    process: Process | None
    facts: dict[str, Value]
    problems: list[Problem]


def course_of(listed: ProcedureList, stated: Mapping[str, object]) -> Course:
    """Which procedure a case with these facts goes through. `kind` and `tier` are among them."""
    listing = listed.listing
    facts: dict[str, Value] = {}
    problems: list[Problem] = []
    for key, given in stated.items():
        variable = listing.facts.get(key)
        if variable is None:
            text = _("No procedure asks for a fact “%(key)s”.") % {"key": key}
            known = ", ".join(listing.names_of_facts())
            remedy = _("Facts are: %(known)s.") % {"known": known}
            problems.append(Problem(key, text, remedy, field="facts"))
            continue
        try:
            facts[key] = fact(variable, _in_first_unit(variable, given))
        except FactError as error:
            problems.append(_faulty(listing, variable, error))
    if problems:
        return Course(None, None, facts, problems)
    decision = listing.applying(facts)
    if decision.missing:
        missing = [_missing(listing, key) for key in decision.missing]
        return Course(None, None, facts, missing)
    edition = listed.editions.filter(key=decision.procedure).first()
    if edition is None:
        text = _("The plan lists no procedure for this case.")
        return Course(None, None, facts, [Problem("facts", text, field="facts")])
    process = replace(restored(edition.process), facts=dict(listing.facts))
    problems = [_missing(listing, key) for key in process.facts_named if key not in facts]
    return Course(edition, process, facts, problems)


def _in_first_unit(variable: Variable, given: object) -> object:
    """A number that was given with its unit, in the unit in which it is kept."""
    if variable.type is not FactType.NUMBER or not isinstance(given, Mapping):
        return given
    size = variable.units.get(str(given.get("unit", "")))
    try:
        number = Decimal(str(given.get("value", "")))
        return given if size is None or not number.is_finite() else number * size
    except ArithmeticError:  # no number, or one beyond all bounds
        return given


def _title(listing: Listing, key: str) -> str:
    return in_language(listing.fact_titles.get(key, {}), get_language() or "en") or key


def _missing(listing: Listing, key: str) -> Problem:
    text = _("“%(title)s” is not stated.") % {"title": _title(listing, key)}
    return Problem(key, text, _wanted(listing.facts[key]), field="facts", code="missing")


def _faulty(listing: Listing, variable: Variable, error: FactError) -> Problem:
    said = {
        "not_a_number": _("“%(title)s” is a number."),
        "out_of_range": _("“%(title)s” cannot be so."),
        "not_a_choice": _("“%(title)s” is none of what can be chosen."),
        "not_yes_no": _("“%(title)s” is yes or no."),
    }
    text = said[error.kind] % {"title": _title(listing, variable.key)}
    return Problem(variable.key, text, _wanted(variable), field="facts", code=error.kind)


def _wanted(variable: Variable) -> str:
    """What can be stated."""
    if variable.type is FactType.CHOICE:
        return _("State one of: %(values)s.") % {"values": ", ".join(variable.values)}
    if variable.type is FactType.YES_NO:
        return _("State yes or no.")
    low = "…" if variable.low is None else variable.low
    high = "…" if variable.high is None else variable.high
    about = {"low": low, "high": high, "unit": variable.unit}
    return _("State a number from %(low)s to %(high)s %(unit)s.") % about


def asked_at_first(process: Process, state: engine.State) -> engine.Waiting | None:
    """The step by which a case is handed in; none where a procedure begins with another's."""
    waiting = engine.steps(state)
    first = waiting[0] if len(waiting) == 1 else None
    if first is None or first.step.actor.relation is not Relation.SUBMITTER:
        return None
    return first if Verb.SUBMIT in first.step.verbs else None


def documents_missing(
    asked: Collection[str], there: Collection[str], listing: Listing
) -> list[Problem]:
    """Each document that is asked for and not there, by name."""
    return [
        Problem(
            key,
            _("“%(title)s” is not enclosed.")
            % {"title": in_language(listing.documents.get(key, {}), get_language() or "en")},
            _("Enclose it as “%(key)s”.") % {"key": key},
            field="documents",
            code="missing",
        )
        for key in asked
        if key not in there
    ]
