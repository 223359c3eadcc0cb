"""What a pack says of procedures as plain values, to be kept with the cases that rest on it.

A list that was loaded is read again as it was, and never checked anew: a later release may be
stricter, and the cases of today have to end all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughline.procedures.catalogue import Catalogue
from throughline.procedures.rules.conditions import Condition
from throughline.procedures.rules.deciding import Decision, Match, Row, Table
from throughline.procedures.rules.facts import Facts, Variable
from throughline.procedures.rules.keeping import kept_variable, restored_variable
from throughline.procedures.rules.kinds import Relation
from throughline.procedures.rules.process import Words
from throughline.procedures.rules.working_days import Calendar

Kept = dict[str, Any]


def in_language(words: Words, language: str) -> str:
    """A text of a pack in a language, else in the first that it has.

    >>> in_language({"en": "Decide", "zh": "审批"}, "zh-hans"), in_language({"en": "Decide"}, "zh")
    ('审批', 'Decide')
    """
    return words.get(language[:2]) or next(iter(words.values()), "")


@dataclass(frozen=True)
class Listing:
    """All that counts for cases: the calendar of their clocks, what they state and enclose, who
    acts, and the table by which a procedure is chosen."""

    calendar: Calendar
    facts: Mapping[str, Variable]
    documents: Mapping[str, Words]
    fact_titles: Mapping[str, Words]
    actors: Mapping[Relation, Mapping[str, str]]
    table: Table

    def applying(self, facts: Facts) -> Decision:
        """Which procedure applies to a case."""
        return self.table.decide(facts)

    def names_of_facts(self) -> list[str]:
        """The facts that a case states itself: not its kind, and not its tier."""
        return [key for key in self.facts if key not in {"kind", "tier"}]

    @staticmethod
    def restored(given: Kept) -> Listing:
        """What was kept."""
        facts = {each["key"]: restored_variable(each) for each in given["facts"]}
        rows = tuple(
            Row(
                each["procedure"],
                Condition.parse(each["when"], facts) if each["when"] else None,
                tuple(each["tiers"]),
            )
            for each in given["table"]["rows"]
        )
        days = given["calendar"]
        return Listing(
            calendar=Calendar(
                days["zone"], frozenset(days["weekdays"]), _days(days["holidays"]),
                _days(days["worked"]),
            ),
            facts=facts,
            documents=given["documents"],
            fact_titles=given["fact_titles"],
            actors={Relation(key): at for key, at in given["actors"].items()},
            table=Table(Match(given["table"]["match"]), facts, rows),
        )  # fmt: skip


def kept_listing(catalogue: Catalogue, calendar: Calendar) -> Kept:
    """What a pack says of procedures as what JSON can hold, beside their editions."""
    return {
        "calendar": {
            "zone": calendar.zone,
            "weekdays": sorted(calendar.weekdays),
            "holidays": sorted(str(day) for day in calendar.holidays),
            "worked": sorted(str(day) for day in calendar.worked),
        },
        "facts": [kept_variable(each) for each in catalogue.facts.values()],
        "documents": {key: dict(words) for key, words in catalogue.documents.items()},
        "fact_titles": {key: dict(words) for key, words in catalogue.fact_titles.items()},
        "value_titles": _nested(catalogue.value_titles),
        "unit_titles": _nested(catalogue.unit_titles),
        "actors": {each.value: dict(at) for each, at in catalogue.actors.items()},
        "table": {
            "match": catalogue.table.match.value,
            "rows": [
                {
                    "procedure": row.procedure,
                    "when": row.when.text if row.when else "",
                    "tiers": list(row.tiers),
                    "basis": dict(basis.words),
                    "illustrative": basis.illustrative,
                }
                for row, basis in zip(catalogue.table.rows, catalogue.bases, strict=True)
            ],
        },
    }


def _nested(given: Mapping[str, Mapping[str, Words]]) -> Kept:
    return {
        key: {each: dict(words) for each, words in several.items()}
        for key, several in given.items()
    }


def _days(given: Collection[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(each) for each in given)
