"""Whatever people do in a cycle, in whatever order: the rules and the acts say the same, nobody
passes on his own work or answers his own contest, nothing is accepted but by a check, the figures
on record are those that were signed last or that a producer answered with, and nothing is stuck.
`THROUGHLINE_LIVES` says how many lives are tried."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.cast import APPOINTED
from tests.cycles import GOOD, PERIOD, add_forms
from tests.world import COUNTIES, World
from throughline.bodies.models import Holding, Person, Post
from throughline.bodies.queries import actor_for
from throughline.bodies.rules import Duty
from throughline.figures.models import Observation
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.errors import Conflict, Forbidden, Invalid, ThroughlineError
from throughline.kernel.memory import remembering
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.reporting import actions
from throughline.reporting.drafting import save_sheet, why_not
from throughline.reporting.models import Check, Contest, Cycle, Extension, Form, Report
from throughline.reporting.permissions import (
    require_answering,
    require_checking,
    require_contesting,
    require_filling,
    require_returning,
    require_reviewing,
    require_signing,
)
from throughline.reporting.queries import giver_of
from throughline.reporting.rules.contesting import ContestState, Verdict
from throughline.reporting.rules.life import Bar, Deed, ReportStep, Stage
from throughline.reporting.tests.country import colleague
from throughline.reporting.work import count_for, work_for

LIVES = int(os.environ.get("THROUGHLINE_LIVES", "10"))
UNITS = st.sampled_from(["N111", "N111", "N211", "N112"])
SOME = st.integers(0, 40)
MOSTLY = 30
"""Up to here somebody is drawn whom the deed suits; from there on anybody."""
REFUSED = (Invalid, Conflict, Forbidden)

OFFICERS = (Duty.REPORT, Duty.REVIEW, Duty.SIGN, Duty.READ)
STAFF: dict[str, list[tuple[str, Sequence[Duty]]]] = {
    "county": [("first", (Duty.REVIEW, Duty.READ)), ("second", (Duty.SIGN, Duty.READ))],
    "prefecture": [("first", OFFICERS), ("second", OFFICERS), ("third", OFFICERS)],
    "province": [("first", OFFICERS), ("second", OFFICERS), ("third", OFFICERS)],
    "sibling": [("first", OFFICERS), ("second", OFFICERS), ("third", OFFICERS)],
    "coordinator": [("first", (Duty.COORDINATE, *OFFICERS)), ("second", (Duty.COORDINATE,))],
    "leads": [("first", OFFICERS)],
}
"""Who there is beside the cast: where a body fills in for a unit and checks it as well, a fourth
one who had no hand in it. In N2 one person may prepare and sign."""

LINES = {
    "N111": ["county", "prefecture", "province", "coordinator"],
    "N112": ["prefecture", "province", "coordinator"],
    "N211": ["sibling", "coordinator"],
}
"""By unit, the bodies that may have a hand in its report; N112 and N211 have none of their own."""

ONWARD: dict[ReportStep, list[tuple[Deed, Callable[[Actor, Report], object]]]] = {
    ReportStep.OPEN: [(Deed.PREPARE, require_filling)],
    ReportStep.RETURNED: [(Deed.PREPARE, require_filling)],
    ReportStep.PREPARED: [(Deed.REVIEW, require_reviewing), (Deed.SEND_BACK, require_reviewing)],
    ReportStep.REVIEWED: [(Deed.SIGN, require_signing), (Deed.SEND_BACK, require_reviewing)],
    ReportStep.SIGNED: [(Deed.CHECK, require_checking), (Deed.RETURN, require_returning)],
    ReportStep.ACCEPTED: [(Deed.RETURN, require_returning)],
}
"""The ways out of each step, with what they ask."""

Values = dict[str, dict[str, Any]]


@dataclass
class Told:
    """What the test itself knows of a report, from what was done with it."""

    step: ReportStep = ReportStep.OPEN
    typed: Values = field(default_factory=dict)
    signed: Values | None = None
    late: bool | None = None
    answered: dict[str, float] = field(default_factory=dict)
    """Since it was signed: what a producer has put in place of a figure, by series."""


class Cycles(RuleBasedStateMachine):
    """What the cast and their colleagues may do in one cycle."""

    world: World
    people: dict[str, list[Actor]]
    forms: list[Form]
    exhibit: actions.Exhibit

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        self.told = {code: Told() for code in COUNTIES}
        self.happened = True

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    # -- who and what ----------------------------------------------------------------------

    @initialize(
        ahead=st.sampled_from([False, False, False, True]),
        begun=st.fixed_dictionaries({unit: st.integers(0, 5) for unit in COUNTIES}),
    )
    def open(self, ahead: bool, begun: dict[str, int]) -> None:
        """The cycle is opened for at once, or for tomorrow; some have begun already."""
        opens = self.now + timedelta(days=1) if ahead else self.now
        self.cycle = actions.open_cycle(
            self.people["coordinator"][0], key="whole", title="Whole", forms=self.forms,
            period=Period.parse(PERIOD), opens_at=opens, closes_at=self.now + timedelta(days=5),
        )  # fmt: skip
        for number, (unit, steps) in enumerate(begun.items()):
            self.carry_on(unit, number, steps, at_once=False)

    @property
    def now(self) -> datetime:
        return clock.now()

    def report(self, unit: str) -> Report:
        rows = Report.objects.select_related("cycle__owner", "place__tier", "body", "turn")
        return rows.get(cycle=self.cycle, place__code=unit)

    def everybody(self) -> list[Actor]:
        return [actor for several in self.people.values() for actor in several]

    def line_of(self, unit: str) -> list[Actor]:
        return [actor for name in LINES[unit] for actor in self.people[name]]

    def somebody(self, unit: str, number: int, asks: Callable[[Actor, Report], object]) -> Actor:
        """Mostly one of those who may, and otherwise anybody."""
        row = self.report(unit)
        able = [actor for actor in self.line_of(unit) if may(asks, actor, row)]
        chosen = able if able and number <= MOSTLY else self.everybody()
        return chosen[number % len(chosen)]

    def attempt(self, act: Callable[[], Any], entries: int = 1) -> Any:
        """One act: it is done with one entry (or with those of the acts within it), or refused
        with none."""
        before = JournalEntry.objects.count()
        try:
            with transaction.atomic():
                done = act()
        except REFUSED:
            assert JournalEntry.objects.count() == before
            return None
        assert JournalEntry.objects.count() == before + entries
        self.happened = True
        return done

    def on(
        self,
        unit: str,
        deed: Deed,
        act: Callable[[Report], Report],
    ) -> Report | None:
        """An act on the report of a unit. It is never done where the rules bar it."""
        bar = why_not(self.report(unit), deed)
        done: Report | None = self.attempt(lambda: act(self.report(unit)))
        assert done is None or bar is None, f"{deed} was done in spite of {bar}"
        if done is not None:
            self.told[unit].step = ReportStep(done.step)
        return done

    # -- inside the unit ----------------------------------------------------------------------

    @rule(unit=UNITS, number=SOME, jobs=st.integers(0, 30), roads=st.none() | st.integers(0, 8))
    def type_in(self, unit: str, number: int, jobs: int, roads: int | None) -> None:
        """Some cells, of which not all hold to the rules."""
        actor, row = self.somebody(unit, number, require_filling), self.report(unit)
        cells: Values = {
            "jobs-reported": {"value": float(jobs), "absent": False, "note": "So it is"},
            "roads-reported": {
                "value": None if roads is None else float(roads), "absent": roads is None,
                "note": "",
            },
        }  # fmt: skip
        before = JournalEntry.objects.count()
        bar = why_not(row, Deed.FILL)
        try:
            with transaction.atomic():
                save_sheet(actor, row, cells)
        except REFUSED as error:
            assert bar is not None or not isinstance(error, Conflict)
        else:
            assert bar is None
            self.told[unit].typed = cells
        assert JournalEntry.objects.count() == before, "a draft is no act"

    @rule(unit=UNITS, number=SOME, good=st.booleans(), at_once=st.booleans())
    def prepare(self, unit: str, number: int, good: bool, at_once: bool) -> None:
        """What was typed, or figures that hold to the rules; where it may be, signed at once."""
        actor = self.somebody(unit, number, require_filling)
        act = actions.submit_report if at_once else actions.prepare_report
        done = self.on(
            unit, Deed.PREPARE, lambda row: act(actor, report=row, values=GOOD if good else None)
        )
        if done is None:
            return
        known = self.told[unit].typed
        assert good or known, "nothing was typed"
        assert {key: given["value"] for key, given in done.values.items()} == {
            key: given["value"] for key, given in (GOOD if good else known).items()
        }
        self.told[unit].typed = done.values
        if at_once:
            assert done.body is not None
            assert done.body.one_step
            self.note_signing(unit, done)

    @rule(unit=UNITS, number=SOME)
    def review(self, unit: str, number: int) -> None:
        actor = self.somebody(unit, number, require_reviewing)
        self.on(unit, Deed.REVIEW, lambda row: actions.review_report(actor, report=row))

    @rule(unit=UNITS, number=SOME, reason=st.sampled_from(["Look again", " "]))
    def send_back(self, unit: str, number: int, reason: str) -> None:
        actor = self.somebody(unit, number, require_reviewing)
        done = self.on(
            unit,
            Deed.SEND_BACK,
            lambda row: actions.send_back_report(actor, report=row, reason=reason),
        )
        assert done is None or reason.strip()

    @rule(unit=UNITS, number=SOME)
    def sign(self, unit: str, number: int) -> None:
        actor = self.somebody(unit, number, require_signing)
        done = self.on(unit, Deed.SIGN, lambda row: actions.sign_report(actor, report=row))
        if done is not None:
            self.note_signing(unit, done)

    def note_signing(self, unit: str, row: Report) -> None:
        """From now on these are the figures; the first signature says whether they are late."""
        known = self.told[unit]
        known.signed, known.answered = row.values, {}
        if known.late is None:
            known.late = self.now >= row.times.due

    @rule(unit=UNITS, number=SOME, steps=st.integers(1, 6), at_once=st.booleans())
    def carry_on(self, unit: str, number: int, steps: int, at_once: bool) -> None:
        """As most reports go: each hand does what is next, as far as it goes."""
        for _step in range(steps):
            step = self.told[unit].step
            if step in {ReportStep.OPEN, ReportStep.RETURNED}:
                self.prepare(unit, number % MOSTLY, good=True, at_once=at_once and unit == "N211")
            elif step == ReportStep.PREPARED:
                self.review(unit, (number + 1) % MOSTLY)
            elif step == ReportStep.REVIEWED:
                self.sign(unit, number % MOSTLY)
            elif step == ReportStep.SIGNED:
                self.check(unit, number % MOSTLY)

    @rule(number=SOME, again=st.booleans())
    def go_the_whole_way(self, number: int, again: bool) -> None:
        """The county's report is accepted, and perhaps comes back."""
        self.carry_on("N111", number, steps=6, at_once=False)
        if again:
            self.give_back("N111", number % MOSTLY, at_cell=True)

    # -- above ----------------------------------------------------------------------------------

    @rule(unit=UNITS, number=SOME)
    def check(self, unit: str, number: int) -> None:
        actor, row = self.somebody(unit, number, require_checking), self.report(unit)
        done = self.on(unit, Deed.CHECK, lambda row: actions.check_report(actor, report=row))
        if done is not None:
            assert actor.person not in {row.prepared_by, row.reviewed_by, row.signed_by}
            assert done.step in {ReportStep.SIGNED, ReportStep.ACCEPTED}
            assert (done.step == ReportStep.ACCEPTED) == (done.turn is None)

    @rule(unit=UNITS, number=SOME, at_cell=st.booleans())
    def give_back(self, unit: str, number: int, at_cell: bool) -> None:
        actor = self.somebody(unit, number, require_returning)
        why = {"cells": {"jobs-reported": "Why?"}} if at_cell else {"reason": "Counted anew"}
        self.on(unit, Deed.RETURN, lambda row: actions.return_report(actor, report=row, **why))

    # -- contested values ------------------------------------------------------------------------

    @rule(
        unit=UNITS, number=SOME, this=st.booleans(), proposed=st.integers(0, 9), proof=st.booleans()
    )
    def contest(self, unit: str, number: int, this: bool, proposed: int, proof: bool) -> None:
        """Somebody contests what stands for this period or for an earlier one."""
        figure = self.jobs(unit, PERIOD if this else "2020")
        if figure is None:
            return
        able = [actor for actor in self.line_of(unit) if may(require_contesting, actor, figure)]
        chosen = able if able and number <= MOSTLY else self.everybody()
        actor = chosen[number % len(chosen)]
        is_open = Contest.objects.filter(
            series=figure.series, place=figure.place, period=figure.period, state="open"
        ).exists()
        done = self.attempt(
            lambda: actions.contest_value(
                actor,
                observation=figure,
                proposed=float(proposed),
                grounds="We counted",
                evidence=[self.exhibit] if proof else [],
            ),
            entries=2,
        )
        if done is not None:
            assert proof
            assert not is_open
            assert figure.value != float(proposed)
            assert actor.body_code not in {"leading-department", giver_of(figure)}
            assert self.jobs(unit, figure.period) == figure, "it stands meanwhile"

    @rule(
        number=SOME,
        verdict=st.sampled_from(list(Verdict)),
        value=st.none() | st.integers(0, 9),
        stale=st.booleans(),
    )
    def answer_contest(self, number: int, verdict: Verdict, value: int | None, stale: bool) -> None:
        """The producer answers on the figure that stands, or on the one it had seen before."""
        asked = self.open_contests().order_by("pk").first()
        if asked is None:
            return
        several = self.people["leads"] if number <= MOSTLY else self.everybody()
        actor, unit = several[number % len(several)], asked.place.code
        standing = self.jobs(unit, asked.period)
        assert standing is not None
        seen = asked.observation_id if stale else standing.pk
        given = None if verdict is Verdict.REFUSED or value is None else float(value)
        done = self.attempt(
            lambda: actions.answer_contest(
                actor,
                contest=asked,
                verdict=verdict,
                reason="We looked",
                against=seen,
                value=given,
            )
        )
        if done is None:
            return
        assert actor.person not in {asked.person}
        assert actor.body_code in {"leading-department", ""}
        assert seen == standing.pk, "nothing is answered unseen"
        now = self.jobs(unit, asked.period)
        assert now is not None
        assert (now.pk == standing.pk) == (done.result is None)
        assert now.status == standing.status
        expected = {Verdict.REFUSED: standing.value, Verdict.ACCEPTED: asked.proposed}
        assert now.value == expected.get(verdict, given)
        if asked.period == PERIOD and now.value is not None:
            self.told[unit].answered["jobs-reported"] = now.value

    @rule(number=SOME)
    def withdraw_contest(self, number: int) -> None:
        asked = self.open_contests().order_by("-pk").first()
        if asked is None:
            return
        able = [actor for actor in self.everybody() if actor.body == asked.body_id]
        chosen = able if number <= MOSTLY else self.everybody()
        actor = chosen[number % len(chosen)]
        done = self.attempt(lambda: actions.withdraw_contest(actor, contest=asked))
        assert done is None or actor.body == asked.body_id or actor.person == asked.person

    def open_contests(self) -> QuerySet[Contest]:
        return Contest.objects.filter(state=ContestState.OPEN).select_related("place", "series")

    def jobs(self, unit: str, period: str) -> Observation | None:
        """The figure of a unit that stands."""
        return self.world.last("jobs-reported", unit, period)

    # -- time, and the cycle as a whole -----------------------------------------------------------

    @rule(hours=st.sampled_from([1, 30, 60]))
    def wait(self, hours: int) -> None:
        """The journal goes by the machine's clock: all instants that are ahead come nearer. It
        accepts nothing: every report stands where it stood."""
        gone, self.happened = timedelta(hours=hours), True
        Cycle.objects.update(opens_at=F("opens_at") - gone, closes_at=F("closes_at") - gone)
        Report.objects.update(until=F("until") - gone)
        Extension.objects.update(until=F("until") - gone)
        self.look_at_my_work()

    @rule(unit=UNITS, number=SOME, days=st.integers(-1, 9))
    def ask_for_time(self, unit: str, number: int, days: int) -> None:
        actor, row = self.somebody(unit, number, require_filling), self.report(unit)
        until = self.now + timedelta(days=days)
        bar, waits = why_not(row, Deed.EXTEND), row.extensions.filter(granted=None).exists()
        asked = self.attempt(
            lambda: actions.ask_extension(actor, report=row, until=until, reason="Floods")
        )
        assert asked is None or (bar is None and not waits and until > row.times.due)

    @rule(number=SOME, granted=st.booleans())
    def decide_on_time(self, number: int, granted: bool) -> None:
        asked = Extension.objects.filter(granted=None).order_by("pk").first()
        if asked is None:
            return
        several = self.people["coordinator"] if number <= MOSTLY else self.everybody()
        done = self.attempt(
            lambda: actions.decide_extension(
                several[number % len(several)], extension=asked, granted=granted, answer="So be it"
            )
        )
        if done is not None and granted:
            row = Report.objects.get(pk=asked.report_id)
            assert row.times.due == done.until > self.again().closes_at

    @rule(number=SOME)
    def end(self, number: int) -> None:
        """The time is over, and the cycle is locked at once: not often, for then all is over."""
        if number < 8:
            self.wait(200)
            self.lock(number)

    @rule(number=SOME)
    def lock(self, number: int) -> None:
        cycle, actor = self.again(), self.runner(number)
        stage = cycle.times.stage(self.now)
        done = self.attempt(lambda: actions.lock_cycle(actor, cycle=cycle))
        assert done is None or stage is Stage.CLOSED

    @rule(number=SOME, second=SOME)
    def open_again(self, number: int, second: int) -> None:
        """One asks and another agrees; nobody agrees with himself."""
        one, other = self.runner(number), self.runner(second)
        self.attempt(lambda: actions.ask_unlock(one, cycle=self.cycle, reason="A mistake"))
        asked = self.again().unlock_asked_by
        done = self.attempt(lambda: actions.unlock_cycle(other, cycle=self.cycle))
        assert done is None or asked not in {"", other.person}

    def again(self) -> Cycle:
        return Cycle.objects.get(pk=self.cycle.pk)

    def runner(self, number: int) -> Actor:
        several = self.people["coordinator"] if number <= MOSTLY else self.everybody()
        return several[number % len(several)]

    # -- the rules and the acts say the same -----------------------------------------------------

    @rule(unit=UNITS, deed=st.sampled_from(list(Deed)))
    def ask_both(self, unit: str, deed: Deed) -> None:
        """What the rules say may be done is done by somebody, and what they bar by nobody: who
        may do such things at all is told that it conflicts."""
        row = self.report(unit)
        bar = why_not(row, deed)
        one_step = row.body is not None and row.body.one_step
        assert bar is not Bar.NOT_REVIEWED or not one_step
        if deed is Deed.EXTEND and row.extensions.filter(granted=None).exists():
            return
        assert self.tried(SYSTEM, unit, deed) == ("done" if bar is None else "conflict")
        outcomes = {self.tried(actor, unit, deed) for actor in self.line_of(unit)}
        if bar is None:
            assert "done" in outcomes, f"{deed} of {unit}: {outcomes}"
        else:
            assert outcomes <= {"conflict", "forbidden"}

    def tried(self, actor: Actor, unit: str, deed: Deed) -> str:
        """What comes of a deed that is undone afterwards."""
        row, later = self.report(unit), self.now + timedelta(days=99)
        acts: dict[Deed, Callable[[], object]] = {
            Deed.FILL: lambda: save_sheet(actor, row, GOOD),
            Deed.PREPARE: lambda: actions.prepare_report(actor, report=row, values=GOOD),
            Deed.REVIEW: lambda: actions.review_report(actor, report=row),
            Deed.SEND_BACK: lambda: actions.send_back_report(actor, report=row, reason="No"),
            Deed.SIGN: lambda: actions.sign_report(actor, report=row),
            Deed.CHECK: lambda: actions.check_report(actor, report=row),
            Deed.RETURN: lambda: actions.return_report(actor, report=row, reason="No"),
            Deed.EXTEND: lambda: actions.ask_extension(
                actor, report=row, until=later, reason="Floods"
            ),
        }
        with transaction.atomic():
            try:
                acts[deed]()
            except ThroughlineError as error:
                return error.code
            finally:
                transaction.set_rollback(True)
        return "done"

    @rule()
    def look_at_my_work(self) -> None:
        """The bar counts what My work lists."""
        for several in self.people.values():
            to_do = [each for each in work_for(several[0]) if each.is_to_do]
            assert count_for(several[0]) == sum(each.count for each in to_do)

    # -- what always holds -----------------------------------------------------------------

    @invariant()
    def all_is_well(self) -> None:
        """Looked at whenever something has happened."""
        if self.happened:
            self.every_report_stands_where_it_was_brought()
            self.nobody_passes_on_his_own_work()
            self.the_figures_are_those_that_were_signed_last()
            self.nothing_is_accepted_but_by_a_check()
            self.nothing_is_stuck()
            self.nobody_answers_his_own_contest()
        self.happened = False

    def nobody_answers_his_own_contest(self) -> None:
        for each in Contest.objects.filter(state=ContestState.ANSWERED):
            assert each.closed_by != each.person
        for each in self.open_contests():
            assert any(may(require_answering, actor, each) for actor in self.people["leads"])

    def reports(self) -> Iterator[tuple[Told, Report]]:
        for unit, known in self.told.items():
            yield known, self.report(unit)

    def every_report_stands_where_it_was_brought(self) -> None:
        for known, row in self.reports():
            assert row.step == known.step
            assert (row.first_signed_at is not None, row.late) == (
                known.late is not None, bool(known.late),
            )  # fmt: skip

    def nobody_passes_on_his_own_work(self) -> None:
        for _known, row in self.reports():
            if row.reviewed_by:
                assert row.reviewed_by != row.prepared_by or (row.body and row.body.one_step)
        for each in Check.objects.select_related("report"):
            hands = {each.report.prepared_by, each.report.reviewed_by, each.report.signed_by}
            assert each.round != each.report.round or each.person not in hands or (
                each.report.step not in {ReportStep.SIGNED, ReportStep.ACCEPTED}
            )  # fmt: skip

    def the_figures_are_those_that_were_signed_last(self) -> None:
        for known, row in self.reports():
            standing = Observation.objects.filter(
                place=row.place, period=PERIOD, superseded_by__isnull=True
            )
            found = {each.series.key: each.value for each in standing.select_related("series")}
            said = {key: given["value"] for key, given in (known.signed or {}).items()}
            said |= known.answered
            assert {key: value for key, value in found.items() if value is not None} == {
                key: value for key, value in said.items() if value is not None
            }

    def nothing_is_accepted_but_by_a_check(self) -> None:
        rows = Observation.objects.filter(period=PERIOD, status=Observation.Status.ACCEPTED)
        acts = set(rows.values_list("act", flat=True))
        verbs = JournalEntry.objects.filter(act__in=acts).values_list("verb", flat=True)
        assert set(verbs) <= {"report.check", "value.answer_contest"}
        for each in rows.filter(act__in=Contest.objects.values("closed_act")):
            assert each.supersedes is not None
            assert each.supersedes.status == Observation.Status.ACCEPTED, "it was accepted before"
        for _known, row in self.reports():
            if row.step == ReportStep.ACCEPTED:
                assert row.checks.filter(round=row.round).exists()

    def nothing_is_stuck(self) -> None:
        """As long as the cycle is not locked, somebody can carry every report on."""
        if self.again().times.stage(self.now) in {Stage.PLANNED, Stage.LOCKED}:
            return
        with remembering():
            for unit, known in self.told.items():
                row = self.report(unit)
                assert any(
                    why_not(row, deed) is None and may(asks, actor, row)
                    for deed, asks in ONWARD[known.step]
                    for actor in self.line_of(unit)
                ), f"{unit} is stuck: {known.step}"


Asked = TypeVar("Asked")


def may(asks: Callable[[Actor, Asked], object], actor: Actor, row: Asked) -> bool:
    """Whether somebody is let pass."""
    try:
        asks(actor, row)
    except Forbidden:
        return False
    return True


@pytest.mark.usefixtures("db")
def test_whatever_people_do_in_a_cycle_the_rules_hold(
    world: World,
) -> None:
    Cycles.world, Cycles.forms = world, add_forms(world)
    Cycles.people = {
        name: [
            getattr(world.cast, name).actor,
            *[colleague(getattr(world.cast, name), key, *duties) for key, duties in staff],
        ]
        for name, staff in STAFF.items()
    }
    # Of the department that produces the figures one also has a post in the county.
    two_posts = colleague(world.cast.county, "both", Duty.REPORT, Duty.READ)
    person = Person.objects.get(login="both-n111-government")
    post = Post.objects.create(
        body=world.cast.leads.body, key="both", title_en="Both", duties=[Duty.REPORT, Duty.READ]
    )
    Holding.objects.create(person=person, post=post, valid_from=APPOINTED)
    Cycles.people["county"].append(two_posts)
    Cycles.people["leads"].append(actor_for(person, post.pk, door=Door.WEB))
    Cycles.exhibit = actions.Exhibit(file=world.file, name="figures.csv")
    small = world.cast.sibling.body
    small.one_step = True
    small.save()
    run_state_machine_as_test(
        Cycles,
        settings=settings(
            max_examples=LIVES, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
