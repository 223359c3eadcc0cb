"""The procedures of a plan: which there are, which applies, and who acts in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from throughline.procedures.rules.deciding import Decision, Table
from throughline.procedures.rules.facts import Facts, Variable
from throughline.procedures.rules.kinds import Relation, Sort
from throughline.procedures.rules.process import Basis, Process, Words


@dataclass(frozen=True)
class Setting:
    """What a catalogue may name: the pack's languages, its tiers from the top, kinds of elements,
    its bodies with their posts, and its templates of bodies by tier and key."""

    languages: tuple[str, ...]
    tiers: tuple[str, ...]
    kinds: tuple[str, ...]
    bodies: Mapping[str, frozenset[str]]
    templates: Mapping[tuple[str, str], frozenset[str]]

    def posts(self, tier: str, body: str) -> frozenset[str] | None:
        """The posts of a body that is named for cases of a tier; None where there is none.

        `{code}` in its key stands for the place of the case, `{parent}` for the nearest above for
        which such a body is.
        """
        if "{parent}" in body:
            above = self.tiers[: self.tiers.index(tier)] if tier in self.tiers else ()
            key = body.replace("{parent}", "{code}")
            found = [self.templates[each, key] for each in above if (each, key) in self.templates]
            return frozenset.intersection(*found) if found else None
        if "{code}" in body:
            return self.templates.get((tier, body))
        return self.bodies.get(body)


@dataclass(frozen=True)
class Procedure:
    """One edition of a procedure. `source` is its file as it was given: a modeller shows it."""

    key: str
    edition: str
    title: Words
    sort: Sort
    tiers: tuple[str, ...]
    process: Process
    source: bytes
    digest: str


@dataclass(frozen=True)
class Catalogue:
    """All that a pack says of procedures."""

    facts: Mapping[str, Variable]
    fact_titles: Mapping[str, Words]
    value_titles: Mapping[str, Mapping[str, Words]]
    unit_titles: Mapping[str, Mapping[str, Words]]
    documents: Mapping[str, Words]
    actors: Mapping[Relation, Mapping[str, str]]
    procedures: Mapping[str, Procedure]
    table: Table
    bases: tuple[Basis, ...] = field(default=())
    """For each row of the table, the rule on which it rests."""

    def applying(self, facts: Facts) -> Decision:
        """Which procedure applies to a case; `kind` and `tier` are facts like others."""
        return self.table.decide(facts)

    def body(self, relation: Relation, tier: str) -> str:
        """The key of the body that acts in cases of a tier, with `{code}` or `{parent}` for the
        place; empty where the case itself says who."""
        return self.actors.get(relation, {}).get(tier, "")
