"""The checks of a cascade in plain Python: what the checker over columns is held against.

It shares no code with the checker and takes plain records, so that both cannot be wrong in one
way. It is written as one would write it without columns: dictionaries, one pass for each check.
Findings are tuples (code, plan, thread, body, place, subject, related, days).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from throughline.cascade.rules.weakening import weaker
from throughline.figures.rules.goals import Goal

Found = tuple[str, int, int, int, int, int, tuple[int, ...], tuple[int, ...]]


class Plan(NamedTuple):
    id: int
    superior: int
    place: int
    begins: int
    ends: int


class Element(NamedTuple):
    id: int
    thread: int
    plan: int
    is_duty: bool
    deadline: int
    title: int


class Link(NamedTuple):
    element: int
    superior: int


class Print(NamedTuple):
    element: int
    body: int
    role: int


class Assignment(NamedTuple):
    id: int
    thread: int
    plan: int
    body: int
    place: int
    part: int
    due: int
    own_day: bool
    respond_by: int
    received: bool
    taken_on: bool
    claimed: bool
    closed: bool
    ended: bool


class Milestone(NamedTuple):
    id: int
    assignment: int
    due: int
    after: int
    done: bool


class Aim(NamedTuple):
    """A target; `goal` is made when it is first compared."""

    id: int
    plan: int
    indicator: int
    place: int
    edition: int
    by: int
    goal: tuple[Any, ...]


class Wait(NamedTuple):
    before: int
    after: int


class Ending(NamedTuple):
    body: int
    ends: int


class Cascade(NamedTuple):
    """All records, in any order."""

    plans: list[Plan]
    elements: list[Element]
    links: list[Link]
    printed: list[Print]
    assignments: list[Assignment]
    milestones: list[Milestone]
    targets: list[Aim]
    waits: list[Wait]
    endings: list[Ending]


LEAD, COORDINATING, SUPPORT, LOCALITY = range(4)


def check_plainly(cascade: Cascade, today: int, now: int, goal: Any) -> list[Found]:
    """All findings; `today` is an ordinal, `now` microseconds since 1970; `goal` makes a `Goal`
    of what stands in a target."""
    return list(_Plainly(cascade, today, now, goal).findings())


class _Plainly:
    def __init__(self, cascade: Cascade, today: int, now: int, goal: Any) -> None:
        self.cascade, self.today, self.now, self.goal = cascade, today, now, goal
        self.kept_twice: set[Found] = set()
        self.plans = {plan.id: plan for plan in cascade.plans}
        self.elements = {element.id: element for element in cascade.elements}
        self.threads = {element.thread: element for element in cascade.elements}
        self.above: dict[int, list[int]] = {}
        for plan in cascade.plans:
            chain: list[int] = []
            up = plan.superior
            while up in self.plans and up not in chain:
                chain.append(up)
                up = self.plans[up].superior
            self.above[plan.id] = chain
        self.at_place: dict[int, list[int]] = defaultdict(list)
        for plan in cascade.plans:
            self.at_place[plan.place].append(plan.id)
        self.standing: dict[int, list[Assignment]] = defaultdict(list)
        for each in cascade.assignments:
            if not each.ended:
                self.standing[each.thread].append(each)
        self.said: dict[int, list[Print]] = defaultdict(list)
        for part in cascade.printed:
            self.said[part.element].append(part)

    def findings(self) -> Iterator[Found]:
        yield from self.leads()
        yield from self.assignments()
        yield from self.links()
        yield from self.targets()
        yield from self.cycles()
        yield from self.elements_alone()
        yield from self.same_duties()
        yield from self.milestones()

    def of_element(self, code: str, element: Element, **more: Any) -> Found:
        place = self.plans[element.plan].place
        return (
            code, element.plan, element.thread, more.get("body", 0), place, element.id,
            more.get("related", ()), more.get("days", ()),
        )  # fmt: skip

    def of_assignment(self, code: str, each: Assignment, **more: Any) -> Found:
        place = each.place or self.plans[each.plan].place
        return (
            code, each.plan, each.thread, each.body, place, each.id, more.get("related", ()),
            more.get("days", ()),
        )  # fmt: skip

    def leads(self) -> Iterator[Found]:
        for element in self.cascade.elements:
            standing = self.standing.get(element.thread, [])
            said = self.said.get(element.id, [])
            assigned = [each.body for each in standing if each.part == LEAD]
            leads = assigned or [part.body for part in said if part.role == LEAD]
            coordinated = any(each.part == COORDINATING for each in standing) or any(
                part.role == COORDINATING for part in said
            )
            if element.is_duty and not leads and not coordinated:
                yield self.of_element("no-lead", element)
            if len(leads) > 1 and not coordinated:
                yield self.of_element("joint-leads", element)
            for both in (
                [(each.body, each.part) for each in standing],
                [(part.body, part.role) for part in said],
            ):
                supporting = {body for body, part in both if part == SUPPORT}
                if supporting:
                    for body in supporting & {body for body, part in both if part < SUPPORT}:
                        found = self.of_element("lead-and-support", element, body=body)
                        if found not in self.kept_twice:
                            self.kept_twice.add(found)
                            yield found

    def plan_at(self, place: int, plan: int) -> int | None:
        return next((each for each in self.at_place[place] if plan in self.above[each]), None)

    def assignments(self) -> Iterator[Found]:  # noqa: C901 (one pass for all)
        refined: dict[int, set[int]] = defaultdict(set)
        for link in self.cascade.links:
            refined[self.elements[link.element].plan].add(link.superior)
        ended = {each.body: each.ends for each in self.cascade.endings if each.ends <= self.today}
        owing: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for each in self.cascade.assignments:
            if each.closed or each.ended:
                continue
            plan = self.plans[each.plan]
            if each.due and not plan.begins <= each.due <= plan.ends:
                bound = plan.begins if each.due < plan.begins else plan.ends
                yield self.of_assignment("due-outside-plan", each, days=(each.due, bound))
            if each.body in ended:
                yield self.of_assignment("ended-body", each, days=(ended[each.body],))
            if each.respond_by > self.now or each.claimed:
                continue
            if not each.received:
                yield self.of_assignment("not-received", each)
            elif not each.taken_on:
                yield self.of_assignment("not-taken-on", each)
            if each.part == LOCALITY and each.thread in self.threads:
                local = self.plan_at(each.place, each.plan)
                if local is None:
                    owing[each.plan, each.place, each.body].append(each.thread)
                elif each.thread not in refined[local]:
                    yield self.of_assignment("not-refined", each, related=(local,))
        for (of, place, body), threads in owing.items():
            yield "no-local-plan", of, 0, body, place, 0, tuple(sorted(threads)), ()

    def links(self) -> Iterator[Found]:
        for link in self.cascade.links:
            element, superior = self.elements[link.element], self.threads.get(link.superior)
            if superior is None or superior.plan not in self.above[element.plan]:
                yield self.of_element("orphan-refinement", element, related=(link.superior,))
                continue
            if not element.deadline:
                continue
            place = self.plans[element.plan].place
            dues = []
            for each in self.standing.get(superior.thread, ()):
                laid_here = each.part == LOCALITY and each.place == place and each.due
                if not laid_here or self.plan_at(place, superior.plan) != element.plan:
                    continue
                follows = superior.deadline and not each.own_day
                dues.append(min(each.due, superior.deadline) if follows else each.due)
            put_off = bool(dues) and min(dues) > superior.deadline
            if superior.deadline and not put_off and element.deadline > superior.deadline:
                yield self.of_element(
                    "later-than-superior", element, related=(superior.thread,),
                    days=(element.deadline, superior.deadline),
                )  # fmt: skip
            elif dues and element.deadline > min(dues):
                yield self.of_element(
                    "later-than-assigned", element, related=(superior.thread,),
                    days=(element.deadline, min(dues)),
                )  # fmt: skip

    def targets(self) -> Iterator[Found]:
        by_key = {(e.indicator, e.place, e.by, e.plan): e for e in self.cascade.targets}
        goals: dict[int, Goal] = {}
        for each in self.cascade.targets:
            plan = self.plans[each.plan]
            if each.by and not plan.begins <= each.by <= plan.ends:
                bound = plan.begins if each.by < plan.begins else plan.ends
                yield ("target-outside-plan", each.plan, 0, 0, each.place, each.id, (),
                       (each.by, bound))  # fmt: skip
            for above in self.above[each.plan]:
                parent = by_key.get((each.indicator, each.place, each.by, above))
                if parent is None:
                    continue
                if parent.edition == each.edition:
                    for one in (each, parent):
                        if one.id not in goals:
                            goals[one.id] = self.goal(one.goal)
                    if weaker(goals[each.id], goals[parent.id]):
                        yield ("weaker-target", each.plan, 0, 0, each.place, each.id,
                               (parent.id,), ())  # fmt: skip
                break

    def cycles(self) -> Iterator[Found]:  # noqa: C901
        """Kosaraju's two walks, where the checker trims and takes Tarjan's one."""
        onward: dict[int, list[int]] = defaultdict(list)
        backward: dict[int, list[int]] = defaultdict(list)
        for before, after in self.cascade.waits:
            if before in self.threads and after in self.threads:
                onward[before].append(after)
                backward[after].append(before)
        order: list[int] = []
        seen: set[int] = set()
        for start in list(onward):
            if start in seen:
                continue
            seen.add(start)
            path = [(start, iter(onward[start]))]
            while path:
                node, rest = path[-1]
                further = next((each for each in rest if each not in seen), None)
                if further is None:
                    order.append(node)
                    path.pop()
                else:
                    seen.add(further)
                    path.append((further, iter(onward.get(further, ()))))
        taken: set[int] = set()
        for start in reversed(order):
            if start in taken:
                continue
            part, waiting = [], [start]
            taken.add(start)
            while waiting:
                node = waiting.pop()
                part.append(node)
                for each in backward.get(node, ()):
                    if each not in taken:
                        taken.add(each)
                        waiting.append(each)
            if len(part) > 1 or start in onward[start]:
                threads = tuple(sorted(part))
                first = self.threads[threads[0]]
                yield ("dependency-cycle", first.plan, first.thread, 0,
                       self.plans[first.plan].place, first.thread, threads, ())  # fmt: skip

    def elements_alone(self) -> Iterator[Found]:
        ended = {each.body: each.ends for each in self.cascade.endings if each.ends <= self.today}
        for element in self.cascade.elements:
            plan = self.plans[element.plan]
            if element.deadline and not plan.begins <= element.deadline <= plan.ends:
                bound = plan.begins if element.deadline < plan.begins else plan.ends
                yield self.of_element(
                    "deadline-outside-plan", element, days=(element.deadline, bound)
                )
            for part in self.said.get(element.id, ()):
                if part.body in ended:
                    yield self.of_element(
                        "ended-body-printed", element, body=part.body, days=(ended[part.body],)
                    )

    def same_duties(self) -> Iterator[Found]:
        alike: dict[tuple[int, int, int], list[Element]] = defaultdict(list)
        for link in self.cascade.links:
            element, superior = self.elements[link.element], self.threads.get(link.superior)
            if superior is not None and superior.plan in self.above[element.plan]:
                alike[element.plan, link.superior, element.title].append(element)
        seen = set()
        for (plan, _superior, _title), elements in alike.items():
            if len(elements) < 2:
                continue
            by_body: dict[int, set[int]] = defaultdict(set)
            for element in elements:
                standing = self.standing.get(element.thread, [])
                leads = {each.body for each in standing if each.part < SUPPORT}
                said = {part.body for part in self.said.get(element.id, ()) if part.role < SUPPORT}
                for body in leads or said:
                    by_body[body].add(element.thread)
            for body, threads in by_body.items():
                named = tuple(sorted(threads))
                if len(named) > 1 and (body, named) not in seen:
                    seen.add((body, named))
                    yield ("same-duty-twice", plan, named[0], body, self.plans[plan].place,
                           named[0], named, ())  # fmt: skip

    def milestones(self) -> Iterator[Found]:
        by_id = {each.id: each for each in self.cascade.milestones}
        held = {each.id: each for each in self.cascade.assignments}
        for step in self.cascade.milestones:
            each = held.get(step.assignment)
            if step.done or each is None or each.closed or each.ended:
                continue
            place = each.place or self.plans[each.plan].place
            head = (each.plan, each.thread, each.body, place, step.id)
            if each.due and step.due > each.due:
                yield ("milestone-after-due", *head, (), (step.due, each.due))
            before = by_id.get(step.after)
            if before is not None and step.due < before.due:
                yield ("milestone-before-predecessor", *head, (before.id,),
                       (step.due, before.due))  # fmt: skip
