"""Faults put into a faultless cascade of plain records, with what has to be said of each.

It knows nothing of the checkers. Every fault takes a local plan that no other has taken, so that
none disturbs another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from throughline.cascade.tests.plainly import (
    LOCALITY,
    SUPPORT,
    Assignment,
    Cascade,
    Element,
    Ending,
    Found,
    Link,
    Plan,
    Wait,
)

NEVER = 2**63 - 1
LEADING = (0, 1)


class Faults:
    """Puts faults in, `count` of each code; `now` in microseconds since 1970. `expected` is
    what a checker has to find afterwards, and nothing else."""

    def __init__(self, cascade: Cascade, today: int, now: int, seed: int, count: int) -> None:
        self.draw, self.today, self.now = Random(seed), today, now
        self.plans = {plan.id: plan for plan in cascade.plans}
        self.elements = {each.id: each for each in cascade.elements}
        self.threads = {each.thread: each.id for each in cascade.elements}
        self.links: list[Any] = list(cascade.links)
        self.printed = list(cascade.printed)
        self.assignments = {each.id: each for each in cascade.assignments}
        self.milestones = {each.id: each for each in cascade.milestones}
        self.targets = {each.id: each for each in cascade.targets}
        self.waits = list(cascade.waits)
        self.endings = list(cascade.endings)
        self.of_plan: dict[int, list[Element]] = defaultdict(list)
        for element in cascade.elements:
            self.of_plan[element.plan].append(element)
        self.at_link: dict[int, list[int]] = defaultdict(list)
        for number, link in enumerate(self.links):
            self.at_link[link.element].append(number)
        self.of_thread: dict[int, list[int]] = defaultdict(list)
        self.at_place: dict[int, list[int]] = defaultdict(list)
        for each in cascade.assignments:
            self.of_thread[each.thread].append(each.id)
            if each.place:
                self.at_place[each.place].append(each.id)
        self.steps_of: dict[int, list[int]] = defaultdict(list)
        for step in sorted(cascade.milestones):  # the last of an assignment last, however read
            self.steps_of[step.assignment].append(step.id)
        self.targets_of: dict[int, list[int]] = defaultdict(list)
        for target in cascade.targets:
            self.targets_of[target.plan].append(target.id)
        above = {plan.superior for plan in cascade.plans}
        self.free = [plan.id for plan in cascade.plans if plan.superior and plan.id not in above]
        self.draw.shuffle(self.free)
        self.unplanned = sorted(set(self.at_place) - {plan.place for plan in cascade.plans})
        self.last = 10**9
        self.expected: list[Found] = []
        kinds: list[Callable[[], bool]] = [
            self.no_lead, self.joint_leads, self.not_received, self.not_taken_on,
            self.later_than_superior, self.later_than_assigned, self.put_off,
            self.later_than_put_off, self.later_than_a_day_left_behind, self.weaker_target,
            self.not_refined, self.orphan, self.orphan_beside, self.cycle, self.ended_body,
            self.deadline_outside, self.due_outside, self.target_outside, self.same_duty,
            self.lead_and_support, self.milestone_late, self.milestone_early,
        ]  # fmt: skip
        for kind in kinds:
            for _ in range(count):
                while not kind():  # the plan was not fit for it: take the next
                    pass
        for _ in range(min(count, len(self.unplanned))):
            self.no_local_plan()
        self.cascade = Cascade(
            cascade.plans, list(self.elements.values()),
            [link for link in self.links if link is not None], self.printed,
            list(self.assignments.values()), list(self.milestones.values()),
            list(self.targets.values()), self.waits, self.endings,
        )  # fmt: skip
        self.expected += self.of_ended_bodies()

    # -- what is taken ---------------------------------------------------------------------

    def plan(self) -> Plan:
        return self.plans[self.free.pop()]

    def element(self) -> Element:
        return self.draw.choice(self.of_plan[self.plan().id])

    def lead(self, element: Element) -> Assignment | None:
        """Its one lead, if that is open and nothing else is the matter with it."""
        held = [self.assignments[key] for key in self.of_thread[element.thread]]
        leads = [each for each in held if each.part in LEADING]
        if len(leads) != 1 or leads[0].closed or leads[0].ended or leads[0].claimed:
            return None
        return leads[0]

    def key(self) -> int:
        self.last += 1
        return self.last

    def say(
        self, code: str, element: Element, subject: int | None = None, body: int = 0,
        place: int = 0, related: tuple[int, ...] = (), days: tuple[int, ...] = (),
    ) -> bool:  # fmt: skip
        self.expected.append(
            (code, element.plan, element.thread, body, place or self.plans[element.plan].place,
             element.id if subject is None else subject, related, days)
        )  # fmt: skip
        return True

    # -- one for each code -----------------------------------------------------------------

    def no_lead(self) -> bool:
        element = self.element()
        if any(self.steps_of[key] for key in self.of_thread[element.thread]):
            return False
        self.printed = [
            part for part in self.printed if part.element != element.id or part.role == SUPPORT
        ]
        for key in self.of_thread[element.thread]:
            if self.assignments[key].part in LEADING:
                del self.assignments[key]
        return self.say("no-lead", element)

    def joint_leads(self) -> bool:
        element = self.element()
        lead = self.lead(element)
        if lead is None:
            return False
        stranger = self.assignments[self.of_thread[self.root_thread][0]].body
        new = lead._replace(id=self.key(), body=stranger, respond_by=NEVER)
        self.assignments[new.id] = new
        return self.say("joint-leads", element)

    @property
    def root_thread(self) -> int:
        root = next(plan for plan in self.plans.values() if not plan.superior)
        return self.of_plan[root.id][-1].thread

    def not_received(self) -> bool:
        return self.silent("not-received", received=False)

    def not_taken_on(self) -> bool:
        return self.silent("not-taken-on", received=True)

    def silent(self, code: str, received: bool) -> bool:
        element = self.element()
        lead = self.lead(element)
        if lead is None:
            return False
        self.assignments[lead.id] = lead._replace(
            respond_by=self.now, received=received, taken_on=False
        )
        return self.say(code, element, lead.id, lead.body)

    def single_link(self) -> tuple[Element, Element, int] | None:
        """An element that refines one alone, which nothing else of its plan refines."""
        element = self.element()
        numbers = self.at_link[element.id]
        if len(numbers) != 1:
            return None
        superior = self.links[numbers[0]].superior
        beside = [
            link for other in self.of_plan[element.plan]
            for link in map(self.links.__getitem__, self.at_link[other.id])
            if link.superior == superior
        ]  # fmt: skip
        if len(beside) != 1:
            return None
        return element, self.elements[self.threads[superior]], numbers[0]

    def later_than_superior(self) -> bool:
        found = self.single_link()
        if found is None or found[1].deadline >= self.plans[found[0].plan].ends:
            return False
        element, superior, _number = found
        late = superior.deadline + 1
        self.elements[element.id] = element._replace(deadline=late)
        return self.say(
            "later-than-superior", element, related=(superior.thread,),
            days=(late, superior.deadline),
        )  # fmt: skip

    def owed(self, superior: Element, element: Element) -> Assignment | None:
        """How the place of an element's plan owes the superior one."""
        place = self.plans[element.plan].place
        for key in self.of_thread[superior.thread]:
            each = self.assignments.get(key)
            if each and each.part == LOCALITY and each.place == place and not each.ended:
                return each
        return None

    def later_than_assigned(self) -> bool:
        found = self.single_link()
        owed = self.owed(found[1], found[0]) if found else None
        if found is None or owed is None:
            return False
        element, superior, _number = found
        day = element.deadline - 1
        self.assignments[owed.id] = owed._replace(due=day, own_day=True)
        return self.say(
            "later-than-assigned", element, related=(superior.thread,),
            days=(element.deadline, element.deadline - 1),
        )  # fmt: skip

    def owed_later(self, own_day: bool) -> tuple[Element, Element, int] | None:
        """An element, the one it refines, and the day after that one's own, by which its place
        owes it: laid on the place so, or left behind when the text became due earlier."""
        found = self.single_link()
        owed = self.owed(found[1], found[0]) if found else None
        if found is None or owed is None:
            return None
        element, superior, _number = found
        day = superior.deadline + 1
        ends = [self.plans[each].ends for each in (element.plan, superior.plan)]
        if not superior.deadline or day >= min(ends):
            return None
        self.assignments[owed.id] = owed._replace(due=day, own_day=own_day)
        return element, superior, day

    def put_off(self) -> bool:
        """No fault: the place takes the later day that was laid on it."""
        found = self.owed_later(own_day=True)
        if found is None:
            return False
        element, _superior, day = found
        self.elements[element.id] = element._replace(deadline=day)
        return True

    def later_than_put_off(self) -> bool:
        found = self.owed_later(own_day=True)
        if found is None:
            return False
        element, superior, day = found
        self.elements[element.id] = element._replace(deadline=day + 1)
        return self.say(
            "later-than-assigned", element, related=(superior.thread,), days=(day + 1, day)
        )

    def later_than_a_day_left_behind(self) -> bool:
        found = self.owed_later(own_day=False)
        if found is None:
            return False
        element, superior, day = found
        self.elements[element.id] = element._replace(deadline=day)
        return self.say(
            "later-than-superior", element, related=(superior.thread,),
            days=(day, superior.deadline),
        )  # fmt: skip

    def weaker_target(self) -> bool:
        plan = self.plan()
        for key in self.targets_of[plan.id]:
            target = self.targets[key]
            parents = [
                other for other in map(self.targets.__getitem__, self.targets_of[plan.superior])
                if (other.indicator, other.place, other.by)
                == (target.indicator, target.place, target.by)
            ]  # fmt: skip
            operator, _value, *rest = target.goal
            if parents and target.place == plan.place and operator in (0, 1):  # ≥, ≤
                step = -1.0 if operator == 0 else 1.0
                weakened = (operator, parents[0].goal[1] + step, *rest)
                self.targets[key] = target._replace(goal=weakened)
                self.expected.append(
                    ("weaker-target", plan.id, 0, 0, plan.place, key, (parents[0].id,), ())
                )
                return True
        return False

    def not_refined(self) -> bool:
        found = self.single_link()
        owed = self.owed(found[1], found[0]) if found else None
        if found is None or owed is None or owed.closed:
            return False
        element, superior, number = found
        self.drop(number)
        self.assignments[owed.id] = owed._replace(
            respond_by=self.now, received=True, taken_on=True, claimed=False
        )
        return self.say("not-refined", superior, owed.id, owed.body, owed.place, (element.plan,))

    def drop(self, number: int) -> None:
        self.links[number] = None

    def no_local_plan(self) -> None:
        place = self.unplanned.pop()
        held = [self.assignments[key] for key in self.at_place[place]]
        owed = [each for each in held if not each.closed and not each.ended]
        for each in owed:
            self.assignments[each.id] = each._replace(
                respond_by=self.now, received=True, taken_on=True, claimed=False
            )
        threads = tuple(sorted(each.thread for each in owed))
        self.expected.append(
            ("no-local-plan", owed[0].plan, 0, owed[0].body, place, 0, threads, ())
        )

    def orphan(self) -> bool:
        return self.refine_another(self.key())

    def orphan_beside(self) -> bool:
        """It refines what stands in a plan that is not above its own."""
        return self.refine_another(self.element().thread)

    def refine_another(self, thread: int) -> bool:
        found = self.single_link()
        if found is None:
            return False
        element, _superior, number = found
        self.links[number] = Link(element.id, thread)
        return self.say("orphan-refinement", element, related=(thread,))

    def cycle(self) -> bool:
        """A circle through several plans, one of two members now and then."""
        members = [self.element() for _ in range(self.draw.randint(2, 6))]
        for one, other in zip(members, [*members[1:], members[0]], strict=True):
            self.waits.append(Wait(one.thread, other.thread))
        threads = tuple(sorted(each.thread for each in members))
        first = self.elements[self.threads[threads[0]]]
        return self.say("dependency-cycle", first, first.thread, related=threads)

    def ended_body(self) -> bool:
        lead = self.lead(self.element())
        if lead is None or any(each.body == lead.body for each in self.endings):
            return False
        self.endings.append(Ending(lead.body, self.today))
        return True

    def of_ended_bodies(self) -> Iterator[Found]:
        """They hold much: told when everything stands as it will."""
        ends = {each.body: each.ends for each in self.endings}
        for each in self.cascade.assignments:
            if each.body in ends and not each.closed and not each.ended:
                place = each.place or self.plans[each.plan].place
                yield ("ended-body", each.plan, each.thread, each.body, place, each.id, (),
                       (ends[each.body],))  # fmt: skip
        for part in self.cascade.printed:
            if part.body in ends:
                element = self.elements[part.element]
                place = self.plans[element.plan].place
                place = self.plans[element.plan].place
                yield ("ended-body-printed", element.plan, element.thread, part.body, place,
                       element.id, (), (ends[part.body],))  # fmt: skip

    def deadline_outside(self) -> bool:
        element = self.element()
        begins = self.plans[element.plan].begins
        self.elements[element.id] = element._replace(deadline=begins - 1)
        return self.say("deadline-outside-plan", element, days=(begins - 1, begins))

    def due_outside(self) -> bool:
        element = self.element()
        lead, ends = self.lead(element), self.plans[element.plan].ends
        if lead is None:
            return False
        self.assignments[lead.id] = lead._replace(due=ends + 1)
        return self.say("due-outside-plan", element, lead.id, lead.body, days=(ends + 1, ends))

    def target_outside(self) -> bool:
        plan = self.plan()
        if not self.targets_of[plan.id]:
            return False
        target = self.targets[self.draw.choice(self.targets_of[plan.id])]
        self.targets[target.id] = target._replace(by=plan.ends + 365)
        self.expected.append(
            ("target-outside-plan", plan.id, 0, 0, target.place, target.id, (),
             (plan.ends + 365, plan.ends))
        )  # fmt: skip
        return True

    def same_duty(self) -> bool:
        """Two elements that split one come under one title, led by one body."""
        plan = self.plan()
        by_superior: dict[int, list[Element]] = defaultdict(list)
        for element in self.of_plan[plan.id]:
            for number in self.at_link[element.id]:
                by_superior[self.links[number].superior].append(element)
        for pair in by_superior.values():
            leads = [self.lead(each) for each in pair]
            if len(pair) != 2 or leads[0] is None or leads[1] is None:
                continue
            held = {self.assignments[key].body for key in self.of_thread[pair[1].thread]}
            said = {part.body for part in self.printed if part.element == pair[1].id}
            if leads[0].body in held | said:
                continue
            self.elements[pair[1].id] = pair[1]._replace(title=pair[0].title)
            self.assignments[leads[1].id] = leads[1]._replace(body=leads[0].body)
            threads = tuple(sorted(each.thread for each in pair))
            first = self.elements[self.threads[threads[0]]]
            return self.say("same-duty-twice", first, first.thread, leads[0].body,
                            related=threads)  # fmt: skip
        return False

    def lead_and_support(self) -> bool:
        element = self.element()
        lead = self.lead(element)
        if lead is None:
            return False
        new = lead._replace(id=self.key(), part=SUPPORT, respond_by=NEVER)
        self.assignments[new.id] = new
        return self.say("lead-and-support", element, body=lead.body)

    def steps(self) -> tuple[Element, Assignment, list[int]] | None:
        """An open lead of which all milestones are still to come."""
        for element in self.of_plan[self.plan().id]:
            lead = self.lead(element)
            steps = self.steps_of[lead.id] if lead else []
            if lead and steps and not any(self.milestones[key].done for key in steps):
                return element, lead, steps
        return None

    def milestone_late(self) -> bool:
        found = self.steps()
        if found is None:
            return False
        element, lead, steps = found
        self.milestones[steps[-1]] = self.milestones[steps[-1]]._replace(due=lead.due + 1)
        return self.say(
            "milestone-after-due", element, steps[-1], lead.body, days=(lead.due + 1, lead.due)
        )

    def milestone_early(self) -> bool:
        found = self.steps()
        if found is None or len(found[2]) < 2:
            return False
        element, lead, steps = found
        step = self.milestones[steps[-1]]
        before = self.milestones[step.after]
        self.milestones[step.id] = step._replace(due=before.due - 1)
        return self.say(
            "milestone-before-predecessor", element, step.id, lead.body, related=(before.id,),
            days=(before.due - 1, before.due),
        )  # fmt: skip
