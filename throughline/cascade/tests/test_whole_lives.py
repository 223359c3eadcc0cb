"""Whatever people do, in whatever order: somebody leads, no chain breaks, nothing is stuck, and
every act is one entry. `THROUGHLINE_LIVES` says how many lives are tried."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
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

from tests.cast import Member
from tests.world import World
from throughline.bodies.models import Holding
from throughline.cascade import actions
from throughline.cascade.models import Assignment, Claim, ProgressReport, Refinement
from throughline.cascade.permissions import ISSUING, LEADER
from throughline.cascade.queries import (
    assignment_by_id,
    leads_of,
    life_of,
    open_assignments,
    version_now,
)
from throughline.cascade.rules.life import UNDER_WAY, Deed, Ending, may_do
from throughline.cascade.tests.steps import LATER, element
from throughline.cascade.tests.test_refining import next_version
from throughline.cascade.tests.test_reporting import LINK, colleague
from throughline.cascade.work import count_for, work_for
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.plans.models import Element, Plan, PlanVersion

LIVES = int(os.environ.get("THROUGHLINE_LIVES", "10"))
PLACES = [
    ("n1-government", "locality"), ("n2-government", "locality"),
    ("leading-department", "lead"), ("supporting-department", "lead"),
    ("supporting-department", "support"), ("leading-department", "coordinating"),
]  # fmt: skip
OF_BODY = {
    "n1-government": "province", "n2-government": "sibling", "leading-department": "leads",
    "supporting-department": "supports", "lead-agency": "coordinator", "cabinet": "top",
}  # fmt: skip
BODIES = st.sampled_from(sorted(OF_BODY))
SOME = st.integers(0, 30)
MOSTLY = 25
REFUSED = (Invalid, Conflict, Forbidden)


class Lives(RuleBasedStateMachine):
    """What the cast may do with one task of the plan, and with the plan of a province."""

    world: World
    seconds: dict[str, Actor]

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        self.led = False
        self.texts = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    # -- who and what ----------------------------------------------------------------------

    def actor(self, body: str) -> Actor:
        member: Member = getattr(self.world.cast, OF_BODY[body])
        return member.actor

    def pick(self, number: int) -> Assignment | None:
        """One of the assignments: mostly one that is open, for most is done to those."""
        rows = Assignment.objects.order_by("pk").select_related("body")
        chosen = list(rows if number > MOSTLY else open_assignments(rows))
        return chosen[number % len(chosen)] if chosen else None

    def attempt(self, act: Callable[[], Any]) -> Any:
        """One act: it is done with one entry, or refused with none and no change."""
        before = JournalEntry.objects.count()
        try:
            with transaction.atomic():
                done = act()
        except REFUSED:
            assert JournalEntry.objects.count() == before
            return None
        assert JournalEntry.objects.count() == before + 1
        return done

    def on(self, number: int, act: Callable[[Actor, Assignment], Any]) -> Any:
        """An act of the body that has an assignment."""
        row = self.pick(number)
        if row is None:
            return None
        return self.attempt(lambda: act(self.actor(row.body.key), self.read(row)))

    def read(self, row: Assignment) -> Assignment:
        return assignment_by_id(self.world.cast.auditor.actor, row.pk)

    # -- what they do ----------------------------------------------------------------------

    @initialize(lead=st.sampled_from(["leading-department", "supporting-department"]))
    def lead_first(self, lead: str) -> None:
        self.assign((lead, "lead"))

    @rule(place=st.sampled_from(PLACES))
    def assign(self, place: tuple[str, str]) -> None:
        body, part = place
        self.attempt(
            lambda: (
                actions.assign_task(
                    self.world.cast.coordinator.actor,
                    element=element(self.world),
                    body=self.world.cast.bodies[body],
                    part=part,
                    authority="Issue 1",
                    due=LATER,
                )
                if self.stands
                else self.refuse()
            )
        )

    def refuse(self) -> None:
        raise Conflict("gone")

    @property
    def stands(self) -> bool:
        return Element.objects.filter(
            version__plan__key="growth", version__state="in_force", key="task"
        ).exists()

    @rule(number=SOME)
    def receive(self, number: int) -> None:
        self.on(number, lambda actor, row: actions.receive_task(actor, assignment=row))

    @rule(number=SOME, contests=st.booleans())
    def answer(self, number: int, contests: bool) -> None:
        """Receive, and take on or contest at once, as most do."""
        self.receive(number)
        if contests:
            self.contest(number, None, 3)
        else:
            self.take_on(number)

    @rule(number=SOME)
    def take_on(self, number: int) -> None:
        self.on(number, lambda actor, row: actions.take_on_task(actor, assignment=row))

    @rule(number=SOME, body=BODIES | st.none(), days=st.integers(0, 5))
    def contest(self, number: int, body: str | None, days: int) -> None:
        proposed = self.world.cast.bodies[body] if body else None
        due = LATER + timedelta(days=days) if days else None
        self.on(
            number,
            lambda actor, row: actions.contest_task(
                actor, assignment=row, reason="No", body=proposed, due=due
            ),
        )

    @rule(number=SOME)
    def declare(self, number: int) -> None:
        self.on(
            number,
            lambda actor, row: actions.declare_not_applicable(
                actor, assignment=row, reason="Not here"
            ),
        )

    @rule(
        number=SOME, outcome=st.sampled_from(["accepted", "changed", "rejected"]),
        body=BODIES | st.none(),
    )  # fmt: skip
    def decide(self, number: int, outcome: str, body: str | None) -> None:
        claims = list(Claim.objects.order_by("pk").select_related("decider", "assignment"))
        if not claims:
            return
        claim = claims[number % len(claims)]
        instead = self.world.cast.bodies[body] if body and outcome == "changed" else None
        self.attempt(
            lambda: actions.decide_claim(
                self.actor(claim.decider.key), claim=claim, outcome=outcome, answer="So",
                body=instead,
            )
        )  # fmt: skip

    @rule(number=SOME)
    def take_back(self, number: int) -> None:
        claims = list(Claim.objects.order_by("pk").select_related("by_body", "assignment"))
        if claims:
            claim = claims[number % len(claims)]
            actor = self.actor(claim.by_body.key)
            self.attempt(lambda: actions.withdraw_claim(actor, claim=claim))

    @rule(number=SOME, kind=st.sampled_from(["progress", "completion", "pilot"]))
    def prepare(self, number: int, kind: str) -> None:
        self.on(
            number,
            lambda actor, row: actions.prepare_report(
                actor, assignment=row, kind=kind, text="Done", evidence=[LINK]
            ),
        )

    @rule(number=SOME, how=st.sampled_from(["review", "sign", "accept", "return"]))
    def pass_on(self, number: int, how: str) -> None:
        reports = list(ProgressReport.objects.order_by("pk").select_related("assignment__body"))
        if not reports:
            return
        report = reports[number % len(reports)]
        body = report.assignment.body.key
        coordinator = self.world.cast.coordinator.actor
        acts: dict[str, Callable[[], Any]] = {
            "review": lambda: actions.review_report(self.seconds[body], report=report),
            "sign": lambda: actions.sign_report(self.actor(body), report=report),
            "accept": lambda: actions.accept_report(coordinator, report=report),
            "return": lambda: actions.return_report(coordinator, report=report, reason="No"),
        }
        self.attempt(acts[how])

    @rule(number=SOME, body=BODIES)
    def reassign(self, number: int, body: str) -> None:
        row = self.pick(number)
        if row is not None:
            self.attempt(
                lambda: actions.reassign_task(
                    self.world.cast.coordinator.actor, assignment=self.read(row),
                    body=self.world.cast.bodies[body], reason="Better",
                )
            )  # fmt: skip

    @rule(number=SOME)
    def withdraw(self, number: int) -> None:
        row = self.pick(number)
        if row is not None:
            self.attempt(
                lambda: actions.withdraw_task(
                    self.world.cast.coordinator.actor, assignment=self.read(row), reason="Enough"
                )
            )

    @rule(number=SOME)
    def look_again(self, number: int) -> None:
        self.on(number, lambda actor, row: actions.look_again(actor, assignment=row))

    @rule(changed=st.booleans())
    def new_version(self, changed: bool) -> None:
        """The plan has a new version, with another text of the task or the same."""
        self.texts += changed
        number = PlanVersion.objects.filter(plan__key="growth").count() + 3
        self.attempt(
            lambda: next_version(
                SYSTEM, world=str(number), text=f"Text {self.texts}", number=number
            )
        )

    @rule(step=st.sampled_from(["begin", "adopt", "issue", "revise"]))
    def own_plan(self, step: str) -> None:
        """The province makes its own plan of the present version."""
        province, home = self.world.cast.province, self.world.cast.places["N1"]
        plan = Plan.objects.filter(key="growth-n1").first()
        draft = PlanVersion.objects.filter(plan=plan, state="draft").first() if plan else None
        if step == "begin":
            self.attempt(
                lambda: actions.begin_local_plan(
                    province.actor, superior=self.world.plans["growth"],
                    place=home, lead_body=province.body,
                    title=actions.Text(en="Ours"),
                )
            )  # fmt: skip
        elif step == "revise" and plan is not None:
            self.attempt(lambda: actions.revise_local_plan(province.actor, plan=plan))
        elif step == "adopt" and draft is not None:
            task = element(self.world)
            self.attempt(
                lambda: actions.adopt_elements(
                    province.actor, version=draft, adoptions=[actions.Adoption(superior=task)]
                )
            )
        elif step == "issue" and draft is not None:
            self.attempt(
                lambda: actions.issue_local_plan(
                    province.actor, version=draft, number="1", title=actions.Text(en="Issue"),
                    on=LATER, despite_errors=True,
                )
            )  # fmt: skip

    @rule(body=BODIES)
    def look_at_my_work(self, body: str) -> None:
        """The bar counts what My work lists."""
        actor = self.actor(body)
        listed = sum(each.count for each in work_for(actor) if each.is_to_do)
        assert count_for(actor) == listed

    # -- what always holds -----------------------------------------------------------------

    @invariant()
    def somebody_leads(self) -> None:
        """Once somebody leads the task, somebody always does, unless it is closed."""
        thread = element(self.world).thread
        self.led = self.led or leads_of(thread).exists()
        assert not self.led or leads_of(thread).exists()

    @invariant()
    def no_chain_is_broken(self) -> None:
        """What was passed on has a successor, for the same thread and part."""
        passed = [Ending.REASSIGNED, Ending.HANDED_OVER]
        for row in Assignment.objects.filter(ended_as__in=passed).select_related("successor"):
            assert row.successor is not None
            assert (row.successor.thread_id, row.successor.part) == (row.thread_id, row.part)
        for link in Refinement.objects.select_related("superior", "seen"):
            assert link.seen.thread_id == link.superior_id

    @invariant()
    def nothing_is_stuck(self) -> None:
        """Whatever is open can be carried on by somebody: the claim by its decider, the report
        by the next hand, the assignment by its body."""
        for claim in Claim.objects.filter(outcome="").select_related("assignment", "decider"):
            assert claim.assignment.ended_at is None
            assert claim.assignment.closed_at is None
            holders = Holding.objects.filter(post__body=claim.decider).select_related("post")
            duties = {duty for each in holders for duty in each.post.duties}
            assert duties & (ISSUING | LEADER)
        under_way = ProgressReport.objects.filter(step__in=UNDER_WAY)
        assert not under_way.exclude(assignment__ended_at=None).exists()
        assert not under_way.exclude(assignment__closed_at=None).exists()
        onward = (Deed.RECEIVE, Deed.TAKE_ON, Deed.REPORT, Deed.DECIDE)
        for row in Assignment.objects.filter(ended_at=None, closed_at=None):
            life = life_of(self.read(row))
            assert any(may_do(deed, life) for deed in onward)

    @invariant()
    def one_version_is_in_force(self) -> None:
        for plan in Plan.objects.filter(key__startswith="growth-"):
            assert plan.versions.filter(state="in_force").count() <= 1
            assert version_now(plan) is not None or plan.versions.filter(state="draft").exists()


@pytest.mark.usefixtures("db")
def test_whatever_people_do_somebody_leads_and_nothing_is_stuck(world: World) -> None:
    Lives.world = world
    Lives.seconds = {body: colleague(world, member) for body, member in OF_BODY.items()}
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=LIVES, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
