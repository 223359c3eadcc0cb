"""Whatever people do in a case, in whatever order: no step is left out, nobody decides on his own
submission or for two bodies at once, nothing happens after the end, each act is on record once, and
clocks run by working days. `THROUGHLINE_LIVES` says how many lives are tried.

The rules are told again here in another way: the course is played by the token game, and the
clocks are counted day by day.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.cases import GIVEN, about, calendar, catalogue, colleague, enclosures
from tests.cast import APPOINTED
from tests.world import World
from throughline.bodies.models import Holding, Person, Post
from throughline.bodies.queries import actor_for
from throughline.bodies.rules import Duty
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.procedures import actions
from throughline.procedures.models import AddedSigner, Case, CaseAct, CaseStep
from throughline.procedures.rules.kinds import REASONED, Verb, joint_outcome
from throughline.procedures.rules.tokens import Standing, begun, done, waiting
from throughline.procedures.work import count_for, work_for

LIVES = int(os.environ.get("THROUGHLINE_LIVES", "10"))
REFUSED = (Invalid, Conflict, Forbidden)
SOME = st.integers(0, 40)
MOSTLY = 30
"""Up to here somebody is drawn whom the deed suits; from there on anybody."""

BEGIN = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)
HOLIDAYS = frozenset({date(2021, 3, 5), date(2021, 3, 10), date(2021, 4, 5), date(2021, 4, 6)})
ENDINGS = [each.value for each in Verb]


class Cases(RuleBasedStateMachine):
    """What the cast and their colleagues may do with one subject."""

    world: World
    people: list[Actor]
    hands: dict[str, datetime]

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        self.hands["now"] = BEGIN
        self.ended: dict[int, int] = {}
        self.outcomes: dict[int, tuple[str, str]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    # -- who and what ----------------------------------------------------------------------

    def attempt(self, act: Callable[[], Any]) -> Any:
        """One act: it is done with one entry, or refused with none."""
        before = JournalEntry.objects.count()
        try:
            with transaction.atomic():
                found = act()
        except REFUSED:
            assert JournalEntry.objects.count() == before
            return None
        assert JournalEntry.objects.count() == before + 1
        return found

    def anybody(self, number: int) -> Actor:
        return self.people[number % len(self.people)]

    def of_body(self, body: int, number: int) -> Actor:
        """Mostly one of a body, and otherwise anybody."""
        inside = [each for each in self.people if each.body == body]
        if inside and number <= MOSTLY:
            return inside[number % len(inside)]
        return self.anybody(number)

    def step(self, number: int) -> CaseStep | None:
        """Mostly a step that waits, and otherwise any."""
        rows = CaseStep.objects.select_related("case", "body").order_by("pk")
        chosen = list(rows.filter(ended_at__isnull=True)) if number <= MOSTLY else []
        chosen = chosen or list(rows)
        return chosen[number % len(chosen)] if chosen else None

    # -- what is done ------------------------------------------------------------------------

    @initialize(number=st.integers(0, 2), steps=st.integers(0, 3))
    def begin(self, number: int, steps: int) -> None:
        """A case is submitted, and may have gone some of its way."""
        self.submit(number, True)
        for each in range(steps):
            self.carry_on()
            self.wait(each)

    def carry_on(self) -> None:
        """Who has waited longest answers, and says yes."""
        found = CaseStep.objects.filter(ended_at__isnull=True).order_by("pk").first()
        if found is not None:
            verb = next(each.value for each in found.step.verbs if each not in REASONED)
            actor = next(each for each in self.people if each.body == found.body_id)
            self.attempt(lambda: actions.decide_case(actor, step=found, verb=verb))

    @rule(number=SOME, whole=st.booleans())
    def submit(self, number: int, whole: bool) -> None:
        actor = self.of_body(self.world.cast.leads.body.pk, number)
        running = Case.objects.filter(ended_at__isnull=True, submitter=actor.body).exists()
        keys = ("request", "draft") if whole else ("draft",)
        found = self.attempt(
            lambda: actions.submit_case(
                actor, about=about(self.world), facts=GIVEN, enclosed=enclosures(*keys)
            )
        )
        assert found is None or (whole and not running)

    @rule(number=SOME, who=SOME, verb=st.integers(0, 10), words=st.sampled_from(["So it is", ""]),
          encloses=st.booleans())  # fmt: skip
    def answer(self, number: int, who: int, verb: int, words: str, encloses: bool) -> None:
        row = self.step(number)
        if row is None:
            return
        verbs = [each.value for each in row.step.verbs] if who <= MOSTLY else ENDINGS
        said = verbs[verb % len(verbs)]
        given = enclosures("minutes") if encloses and "minutes" in row.step.documents else []
        found = self.attempt(
            lambda: actions.decide_case(
                self.of_body(row.body_id, who), step=row, verb=said, words=words, enclosed=given
            )
        )
        if found is not None:
            assert row.is_open
            assert words or Verb(said) not in REASONED
            assert said != "approve" or row.case.documents.filter(key="minutes").exists()

    @rule(number=SOME, who=SOME, mended=st.booleans())
    def hand_in(self, number: int, who: int, mended: bool) -> None:
        row = self.step(number)
        if row is not None:
            given = enclosures("draft", text=str(self.hands["now"])) if mended else []
            self.attempt(
                lambda: actions.resubmit_case(
                    self.of_body(row.body_id, who), step=row, enclosed=given
                )
            )

    @rule(number=SOME, who=SOME, words=st.sampled_from(["The costing", ""]))
    def ask_supplement(self, number: int, who: int, words: str) -> None:
        row = self.step(number)
        if row is not None:
            self.attempt(
                lambda: actions.ask_supplement(
                    self.of_body(row.body_id, who), step=row, words=words
                )
            )

    @rule(number=SOME, who=SOME)
    def supplement(self, number: int, who: int) -> None:
        awaited = CaseStep.objects.filter(supplements__closed_at__isnull=True)
        row = awaited.exclude(supplements=None).select_related("case").first() or self.step(number)
        if row is not None:
            self.attempt(
                lambda: actions.supplement_case(
                    self.of_body(row.case.submitter_id, who), step=row, words="Here"
                )
            )

    @rule(number=SOME, who=SOME, to=SOME)
    def transfer(self, number: int, who: int, to: int) -> None:
        row, target = self.step(number), self.anybody(to)
        if row is not None:
            body = Person.objects.get(opaque=target.person).holdings.all()[0].post.body
            self.attempt(
                lambda: actions.transfer_case(
                    self.of_body(row.body_id, who), step=row, to=body, words="Take it"
                )
            )

    @rule(number=SOME, who=SOME)
    def add_signer(self, number: int, who: int) -> None:
        row = self.step(number)
        if row is not None:
            self.attempt(
                lambda: actions.add_signer(
                    self.of_body(row.body_id, who), step=row, body=self.world.cast.province.body
                )
            )

    @rule(who=SOME, verb=st.sampled_from(["agree", "object", "opinion", "approve"]))
    def sign(self, who: int, verb: str) -> None:
        row = AddedSigner.objects.select_related("step__case", "body").order_by("-pk").first()
        if row is not None:
            self.attempt(
                lambda: actions.sign_case(
                    self.of_body(row.body_id, who), signer=row, verb=verb, words="So it is"
                )
            )

    @rule(number=SOME, who=SOME)
    def urge(self, number: int, who: int) -> None:
        row = self.step(number)
        if row is not None:
            actor = self.of_body(row.case.submitter_id, who)
            self.attempt(lambda: actions.urge_case(actor, step=row))

    @rule(number=SOME)
    def withdraw(self, number: int) -> None:
        """Not often, for then all is over."""
        case = Case.objects.order_by("-pk").first()
        if case is not None and number < 10:
            actor = self.of_body(case.submitter_id, number)
            self.attempt(lambda: actions.withdraw_case(actor, case=case))

    @rule(days=st.integers(0, 6))
    def wait(self, days: int) -> None:
        """Time passes, and the installation looks at the clocks."""
        self.hands["now"] += timedelta(days=days, hours=3)
        for case in Case.objects.all():
            self.attempt(partial(actions.escalate_case, SYSTEM, case=case))
        late = CaseStep.objects.filter(ended_at__isnull=True, due_at__lt=self.hands["now"])
        assert not late.filter(ran_out_at__isnull=True).exists()

    @rule()
    def look_at_my_work(self) -> None:
        """The bar counts what My work lists."""
        for actor in self.people:
            assert count_for(actor) == sum(each.is_to_do for each in work_for(actor))

    # -- what always holds -------------------------------------------------------------------

    @invariant()
    def no_step_is_left_out(self) -> None:
        """The steps that wait are those of the token game, played anew from what was done."""
        for case in Case.objects.all():
            open_nodes = set(
                case.steps.filter(ended_at__isnull=True).values_list("node", flat=True)
            )
            if case.outcome == Verb.WITHDRAW:
                assert not open_nodes
                continue
            played = _played(case)
            assert played.ended == (not case.is_open)
            assert open_nodes == set(waiting(case.process, played.marking))

    @invariant()
    def nobody_decides_on_his_own(self) -> None:
        submitted: set[tuple[int, str]] = set()
        for act in CaseAct.objects.order_by("pk"):
            if act.deed in {"submit", "supplement"}:
                submitted.add((act.case_id, act.person))
            if act.deed in {"decide", "sign", "transfer", "ask-supplement", "add-signer"}:
                assert (act.case_id, act.person) not in submitted

    @invariant()
    def nobody_answers_for_two(self) -> None:
        answers = [
            (step.case_id, step.node, step.round, step.person, step.body_id)
            for step in CaseStep.objects.filter(ended_at__isnull=False)
            if step.outcome != Verb.WITHDRAW
        ]
        answers += [
            (each.step.case_id, each.step.node, each.step.round, each.answered_by, each.body_id)
            for each in AddedSigner.objects.filter(answered_at__isnull=False).select_related("step")
        ]
        people = [answer[:4] for answer in answers]
        assert len(people) == len(set(people))

    @invariant()
    def nothing_happens_after_the_end(self) -> None:
        for case in Case.objects.filter(ended_at__isnull=False):
            acts = case.acts.count()
            assert self.ended.setdefault(case.pk, acts) == acts
            assert not case.steps.filter(ended_at__isnull=True).exists()
        for step in CaseStep.objects.filter(ended_at__isnull=False):
            said = (step.outcome, step.words)
            assert self.outcomes.setdefault(step.pk, said) == said

    @invariant()
    def clocks_run_by_working_days(self) -> None:
        for step in CaseStep.objects.filter(ended_at__isnull=True).select_related("case"):
            days = step.step.clock
            assert step.due_at == (_counted(step, days) if days else None)
        for step in CaseStep.objects.filter(ran_out_at__isnull=False):
            assert step.acts.filter(deed="escalate").count() == 1


def _played(case: Case) -> Standing:
    """The token game over what was done in a case."""
    state = case.standing
    values: dict[str, Any] = dict(state.facts)
    standing = begun(state.process, values)
    answers: dict[str, list[str]] = {}
    for each in state.done:
        step = state.process.steps()[each.node]
        answers.setdefault(each.node, []).append(each.outcome)
        if step.together and len(answers[each.node]) < len(state.bodies):
            continue
        said = answers.pop(each.node)
        values[each.node] = joint_outcome(said) if step.together else said[0]
        standing = done(state.process, standing.marking, each.node, values)
    return standing


def _counted(step: CaseStep, days: int) -> datetime | None:
    """When a step is due, counted day by day."""
    stood = [(each.asked_at, each.closed_at) for each in step.supplements.all()]
    day, left = step.opened_at.date(), days
    while left:
        day += timedelta(days=1)
        if day.weekday() > 4 or day in HOLIDAYS:
            continue
        end = datetime.combine(day, time(23, 59, 59), UTC)
        standing = [closed for asked, closed in stood if asked <= end]
        if None in standing:
            return None
        left -= not any(closed is not None and closed > end for closed in standing)
    return datetime.combine(day, time(23, 59, 59), UTC)


@pytest.mark.usefixtures("db")
def test_whatever_people_do_in_a_case_the_rules_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = world.cast
    actions.load_procedures(
        SYSTEM, plan="growth", catalogue=catalogue(), calendar=calendar(HOLIDAYS)
    )
    # One of those who submit also reviews elsewhere, and one who countersigns does so for two.
    both = []
    for member, elsewhere in ((cast.leads, cast.coordinator), (cast.supports, cast.uninvolved)):
        post = Post.objects.create(
            body=elsewhere.body, key="both", title_en="Both", duties=[Duty.REVIEW, Duty.READ]
        )
        Holding.objects.create(person=member.person, post=post, valid_from=APPOINTED)
        both.append(actor_for(member.person, post.pk, door=Door.WEB))
    named = (cast.leads, cast.coordinator, cast.supports, cast.uninvolved, cast.top, cast.province)
    Cases.world = world
    Cases.people = [
        *(each.actor for each in named),
        colleague(cast.leads, "second"),
        colleague(cast.coordinator, "second"),
        colleague(cast.supports, "reader", Duty.READ),
        *both,
    ]
    Cases.hands = {"now": BEGIN}
    monkeypatch.setattr(clock, "now", lambda: Cases.hands["now"])
    run_state_machine_as_test(
        Cases,
        settings=settings(
            max_examples=LIVES, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
