"""A plan pack as typed values, for the action that loads it.

Every reference in it holds (`check` has seen to that): keys name things of the same pack,
codes name places of its scheme. `source` is a key of `Pack.sources`; `Pack.source_words` gives
the words.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from throughline.kernel.period import Period, Span
from throughline.plans.packs.mapping import NO_WORDS, Mapping, Words
from throughline.procedures.catalogue import Catalogue


@dataclass(frozen=True)
class Source:
    """Where statements come from."""

    key: str
    title: Words
    note: Words = NO_WORDS


@dataclass(frozen=True)
class Paper:
    """One paper of the plan's chain; `date` is the day it bears, none where not at hand."""

    key: str
    kind: str
    title: Words
    source: str
    support: str
    number: str = ""
    issuer: str = ""
    addressee: str = ""
    date: datetime.date | None = None
    public_date: datetime.date | None = None
    note: Words = NO_WORDS


@dataclass(frozen=True)
class Support:
    """A supporting body and its own duty."""

    body: str
    duty: Words = NO_WORDS
    due: date | None = None


@dataclass(frozen=True)
class Element:
    """A part of the plan. `paper` and `paragraph` say where it comes from; without a paper it
    is illustrative. `position` counts from 1 in reading order."""

    key: str
    kind: str
    position: int
    title: Words
    text: Words
    number: str = ""
    parent: str = ""
    paper: str = ""
    paragraph: str = ""
    support: str = ""
    indicator: str = ""
    completion: Words = NO_WORDS
    deadline: date | None = None
    leads: tuple[str, ...] = ()
    coordinating: str = ""
    supports: tuple[Support, ...] = ()
    responsibilities_illustrative: bool = False
    binding: str = "none"
    illustrative: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class Indicator:
    """What is measured; a ratio is `scale` times numerator over denominator."""

    key: str
    title: Words
    definition: Words
    unit: Words
    direction: str
    kind: str
    decimals: int
    span: Span
    over_time: str
    symbol: str = ""
    numerator: str = ""
    denominator: str = ""
    weight: str = ""
    formula: str = ""
    scale: float = 1.0
    minimum: float | None = None
    maximum: float | None = None
    band: tuple[float, float] | None = None
    peers_by: tuple[str, ...] = ()
    reporting_tier: str = ""
    reports_itself: bool = False
    source: str = ""
    support: str = ""
    illustrative: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class Edition:
    """A base of statistical series; later editions have higher ranks."""

    key: str
    title: Words
    note: Words
    rank: int


@dataclass(frozen=True)
class Bridge:
    """What turns an indicator's figures of one edition into those of another; without a place,
    everywhere."""

    indicator: str
    origin: str
    onto: str
    kind: str
    place: str = ""
    amount: float | None = None
    period: Period | None = None
    link: str = ""
    source: str = ""
    support: str = ""
    note: Words = NO_WORDS
    illustrative: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class Series:
    """The figures of one indicator by one producer on one base."""

    key: str
    indicator: str
    edition: str
    producer: str
    nature: str
    audience: str
    rank: int
    title: Words
    source: str
    simulated: bool = False


@dataclass(frozen=True)
class Baseline:
    """From where a target starts."""

    period: Period
    value: float
    edition: str
    source: str
    support: str


@dataclass(frozen=True)
class Target:
    """What an indicator shall be at a place by the end of a period. `value` is none for a
    direction only; `baseline` is none where `no_baseline` says why."""

    indicator: str
    place: str
    operator: str
    by: Period
    trajectory: str
    edition: str
    binding: str
    source: str
    support: str
    value: float | None = None
    upper: float | None = None
    strict: bool = False
    percent: bool = False
    tolerance: float | None = None
    tolerance_share: float | None = None
    baseline: Baseline | None = None
    no_baseline: Words = NO_WORDS
    steps: tuple[tuple[Period, float], ...] = ()
    note: Words = NO_WORDS
    illustrative: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class Observation:
    """One figure; `value` is none where it is stated as not reported. `released` is none
    where the day is not at hand: then it counts from its loading. `file` and `row` (the line)
    say where it stands in the pack."""

    series: str
    place: str
    period: Period
    value: float | None
    status: str
    source: str
    support: str
    file: str
    row: int
    released: datetime.datetime | date | None = None
    note: Words = NO_WORDS
    simulated: bool = False


@dataclass(frozen=True)
class Member:
    """A place's belonging to a group, up to but not including `to`."""

    place: str
    start: date
    to: date | None = None


@dataclass(frozen=True)
class Group:
    """One group; of a computed grouping, from its lower bound (included) upwards."""

    key: str
    title: Words
    at_least: float | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Grouping:
    """A way of grouping places; computed from an indicator, or with members (or none yet)."""

    key: str
    title: Words
    groups: tuple[Group, ...]
    note: Words = NO_WORDS
    computed_from: str = ""
    divides: str = ""
    """The tier of which each unit is in exactly one group."""
    source: str = ""
    support: str = ""
    illustrative: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class Post:
    """A capacity in a body."""

    key: str
    title: Words
    duties: tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """How a superior body stands to this one; in a template, `to` may hold {code}, {parent}."""

    to: str
    kind: str


@dataclass(frozen=True)
class Body:
    """A department or other body. In a template `key` holds {code}, the names {place}, and
    `for_tier` names the tier each of whose regular places has one."""

    key: str
    name: Words
    kind: str
    short: Words = NO_WORDS
    place: str = ""
    illustrative: bool = False
    aliases: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    posts: tuple[Post, ...] = ()
    for_tier: str = ""


@dataclass(frozen=True)
class Holding:
    """A post held from a day on, up to but not including `to`."""

    body: str
    post: str
    start: date | None = None
    to: date | None = None


@dataclass(frozen=True)
class Person:
    """One of the demo's people."""

    login: str
    name: str
    name_en: str = ""
    language: str = ""
    holdings: tuple[Holding, ...] = ()


@dataclass(frozen=True)
class Simulation:
    """Figures to be made up: see `simulation.values`. `within` is the code of a place; without
    it, everywhere. `like` is the series as which it is drawn; without it, its own."""

    series: str
    seed: int
    tier: str
    periods: tuple[Period, ...]
    low: float
    high: float
    note: Words
    step: float = 0.0
    vary: float = 0.0
    decimals: int = 0
    silent: float = 0.0
    within: str = ""
    like: str = ""


@dataclass(frozen=True)
class FormLine:
    """A cell of a form: a series, as a unit reports it. `counts` and `excludes` say what is in
    it and what is not."""

    series: str
    number: str = ""
    required: bool = True
    counts: Words = NO_WORDS
    excludes: Words = NO_WORDS


@dataclass(frozen=True)
class FormSection:
    """Lines under one heading."""

    title: Words
    lines: tuple[FormLine, ...]


@dataclass(frozen=True)
class FormRule:
    """What is held of a form's figures: see `reporting.rules.validating.Rule`."""

    key: str
    level: str
    kind: str
    says: Words
    must: str = ""
    series: str = ""
    factor: float | None = None
    periods: int | None = None


@dataclass(frozen=True)
class Form:
    """What units of a tier report to a body, by which document, for every period of a length;
    `review` lists the tiers that check, from below. With `tasks` it asks for progress reports on
    the plan's tasks as well; `remind` says so many hours before the close units are reminded."""

    key: str
    title: Words
    source: str
    asked_by: str
    tier: str
    span: str
    sections: tuple[FormSection, ...] = ()
    rules: tuple[FormRule, ...] = ()
    review: tuple[str, ...] = ()
    note: Words = NO_WORDS
    tasks: bool = False
    remind: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Plan:
    """The plan itself."""

    key: str
    title: Words
    kind: str
    place: str
    lead_body: str
    period_from: Period
    period_to: Period
    alerts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Version:
    """The state of the plan's text that the pack holds."""

    number: int
    in_force_from: date
    note: Words = NO_WORDS


@dataclass(frozen=True)
class Pack:
    """All that a pack says. `digest` is the SHA-256 of its files, `places` the folder of its
    places, `working_days` run from 0 for Monday, `worked` are days off that are worked to make up
    for a holiday. Without procedures.yaml there is no catalogue."""

    folder: Path
    digest: str
    key: str
    release: str
    title: Words
    note: Words
    scheme: str
    places: Path
    licence: str
    languages: tuple[str, ...]
    zone: str
    working_days: tuple[int, ...]
    holidays: tuple[date, ...]
    demo: bool
    plan: Plan
    version: Version
    papers: tuple[Paper, ...]
    elements: tuple[Element, ...]
    indicators: tuple[Indicator, ...]
    editions: tuple[Edition, ...]
    series: tuple[Series, ...]
    targets: tuple[Target, ...]
    sources: dict[str, Source]
    bodies: tuple[Body, ...]
    templates: tuple[Body, ...] = ()
    people: tuple[Person, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    simulations: tuple[Simulation, ...] = ()
    observations: tuple[Observation, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    forms: tuple[Form, ...] = ()
    worked: tuple[date, ...] = ()
    procedures: Catalogue | None = None
    mappings: dict[str, Mapping] = field(default_factory=dict)

    def source_words(self, key: str) -> Words:
        """The words of a source; none for a key that is empty."""
        source = self.sources.get(key)
        return NO_WORDS if source is None else source.title
