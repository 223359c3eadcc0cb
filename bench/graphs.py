"""The checks of a cascade over a graph of networkx: the peer that a graph library offers.

Nodes are plans, elements (by thread), bodies, places, assignments, milestones and targets with
their attributes; edges are what joins them, each of its kind. Findings are told by code and the
row at fault, which is enough to see that both find the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import networkx as nx

from throughline.cascade.rules.weakening import weaker
from throughline.cascade.tests.cascades import goal_of
from throughline.cascade.tests.plainly import (
    COORDINATING,
    LEAD,
    LOCALITY,
    SUPPORT,
    Cascade,
)

Told = tuple[str, int]
_OF_PLACES = ("no-local-plan",)


def build(cascade: Cascade) -> nx.MultiDiGraph:
    """The cascade as a graph."""
    graph = nx.MultiDiGraph()
    for plan in cascade.plans:
        graph.add_node(("plan", plan.id), row=plan)
        graph.add_edge(("plan", plan.id), ("place", plan.place), kind="of")
        if plan.superior:
            graph.add_edge(("plan", plan.id), ("plan", plan.superior), kind="below")
    thread_of = {}
    for element in cascade.elements:
        thread_of[element.id] = ("thread", element.thread)
        graph.add_node(("thread", element.thread), row=element)
        graph.add_edge(("thread", element.thread), ("plan", element.plan), kind="in")
    for link in cascade.links:
        graph.add_edge(thread_of[link.element], ("thread", link.superior), kind="refines")
    for part in cascade.printed:
        graph.add_edge(thread_of[part.element], ("body", part.body), kind="printed", role=part.role)
    for each in cascade.assignments:
        node = ("assignment", each.id)
        graph.add_node(node, row=each)
        graph.add_edge(node, ("thread", each.thread), kind="lays")
        graph.add_edge(node, ("body", each.body), kind="on")
    for step in cascade.milestones:
        graph.add_node(("milestone", step.id), row=step)
        graph.add_edge(("milestone", step.id), ("assignment", step.assignment), kind="step")
        if step.after:
            graph.add_edge(("milestone", step.id), ("milestone", step.after), kind="after")
    for target in cascade.targets:
        graph.add_node(("target", target.id), row=target)
        graph.add_edge(("target", target.id), ("plan", target.plan), kind="in")
    for wait in cascade.waits:
        graph.add_edge(("thread", wait.before), ("thread", wait.after), kind="before")
    for ending in cascade.endings:
        graph.add_node(("body", ending.body), ends=ending.ends)
    return graph


class _Asking:
    def __init__(self, graph: nx.MultiDiGraph, today: int, now: int) -> None:
        self.graph, self.today, self.now = graph, today, now
        self.above: dict[int, list[int]] = {}
        self.plan_of_place: dict[int, list[int]] = defaultdict(list)

    def out(self, node: Any, kind: str) -> Iterator[tuple[Any, dict[str, Any]]]:
        for _node, to, data in self.graph.out_edges(node, data=True):
            if data["kind"] == kind:
                yield to, data

    def into(self, node: Any, kind: str) -> Iterator[Any]:
        for begin, _node, data in self.graph.in_edges(node, data=True):
            if data["kind"] == kind:
                yield begin

    def row(self, node: Any) -> Any:
        return self.graph.nodes[node].get("row")

    def findings(self) -> Iterator[Told]:
        nodes = defaultdict(list)
        for node in self.graph.nodes:
            nodes[node[0]].append(node)
        for node in nodes["plan"]:
            chain, up = [], next((to for to, _data in self.out(node, "below")), None)
            while up is not None:
                chain.append(up[1])
                up = next((to for to, _data in self.out(up, "below")), None)
            self.above[node[1]] = chain
            self.plan_of_place[self.row(node).place].append(node[1])
        for node in nodes["thread"]:
            if self.row(node) is not None:
                yield from self.of_element(node)
        owing: dict[tuple[int, int, int], int] = {}
        for node in nodes["assignment"]:
            yield from self.of_assignment(node, owing)
        for _plan, place, _body in owing:
            yield "no-local-plan", place
        for node in nodes["milestone"]:
            yield from self.of_milestone(node)
        yield from self.of_targets(nodes["target"])
        yield from self.of_cycles()

    def of_element(self, node: Any) -> Iterator[Told]:
        element = self.row(node)
        plan = self.row(("plan", element.plan))
        held = [self.row(each) for each in self.into(node, "lays")]
        held = [each for each in held if not each.ended]
        said = [(to[1], data["role"]) for to, data in self.out(node, "printed")]
        leads = [each.body for each in held if each.part == LEAD]
        leads = leads or [body for body, role in said if role == LEAD]
        coordinated = any(each.part == COORDINATING for each in held)
        coordinated = coordinated or any(role == COORDINATING for _body, role in said)
        if element.is_duty and not leads and not coordinated:
            yield "no-lead", element.id
        if len(leads) > 1 and not coordinated:
            yield "joint-leads", element.id
        both = set()
        for parts in ([(each.body, each.part) for each in held], said):
            leading = {body for body, part in parts if part < SUPPORT}
            both |= leading & {body for body, part in parts if part == SUPPORT}
        for _body in both:
            yield "lead-and-support", element.id
        if element.deadline and not plan.begins <= element.deadline <= plan.ends:
            yield "deadline-outside-plan", element.id
        for body, _role in said:
            if self.graph.nodes["body", body].get("ends", self.today + 1) <= self.today:
                yield "ended-body-printed", element.id
        for to, _data in self.out(node, "refines"):
            yield from self.of_link(node, element, to)

    def of_link(self, node: Any, element: Any, to: Any) -> Iterator[Told]:
        superior = self.row(to)
        if superior is None or superior.plan not in self.above[element.plan]:
            yield "orphan-refinement", element.id
            return
        place = self.row(("plan", element.plan)).place
        held = [self.row(each) for each in self.into(to, "lays")]
        dues = [
            each.due if each.own_day or not superior.deadline else min(each.due, superior.deadline)
            for each in held
            if each.part == LOCALITY and each.place == place and each.due and not each.ended
        ]
        day = min(dues, default=0)
        if superior.deadline and day <= superior.deadline < element.deadline:
            yield "later-than-superior", element.id
        elif day and element.deadline > day:
            yield "later-than-assigned", element.id
        for beside in self.into(to, "refines"):
            other = self.row(beside)
            alike = other.plan == element.plan and other.title == element.title
            if alike and other.thread > element.thread and self.leads(node) & self.leads(beside):
                yield "same-duty-twice", element.thread

    def leads(self, node: Any) -> set[int]:
        held = [self.row(each) for each in self.into(node, "lays")]
        leads = {each.body for each in held if each.part < SUPPORT and not each.ended}
        return leads or {to[1] for to, data in self.out(node, "printed") if data["role"] < SUPPORT}

    def of_assignment(self, node: Any, owing: dict[tuple[int, int, int], int]) -> Iterator[Told]:
        each = self.row(node)
        if each.closed or each.ended:
            return
        plan = self.row(("plan", each.plan))
        if each.due and not plan.begins <= each.due <= plan.ends:
            yield "due-outside-plan", each.id
        if self.graph.nodes["body", each.body].get("ends", self.today + 1) <= self.today:
            yield "ended-body", each.id
        if each.respond_by > self.now or each.claimed:
            return
        if not each.received:
            yield "not-received", each.id
        elif not each.taken_on:
            yield "not-taken-on", each.id
        thread = ("thread", each.thread)
        if each.part != LOCALITY or self.row(thread) is None:
            return
        local = [p for p in self.plan_of_place[each.place] if each.plan in self.above[p]]
        if not local:
            owing[each.plan, each.place, each.body] = 1
        elif all(self.row(beside).plan != local[0] for beside in self.into(thread, "refines")):
            yield "not-refined", each.id

    def of_milestone(self, node: Any) -> Iterator[Told]:
        step = self.row(node)
        held = next((self.row(to) for to, _data in self.out(node, "step")), None)
        if step.done or held is None or held.closed or held.ended:
            return
        if held.due and step.due > held.due:
            yield "milestone-after-due", step.id
        for to, _data in self.out(node, "after"):
            if step.due < self.row(to).due:
                yield "milestone-before-predecessor", step.id

    def of_targets(self, nodes: list[Any]) -> Iterator[Told]:
        rows = [self.row(node) for node in nodes]
        by_key = {(row.indicator, row.place, row.by, row.plan): row for row in rows}
        for row in rows:
            plan = self.row(("plan", row.plan))
            if not plan.begins <= row.by <= plan.ends:
                yield "target-outside-plan", row.id
            for above in self.above[row.plan]:
                parent = by_key.get((row.indicator, row.place, row.by, above))
                if parent is not None:
                    if parent.edition == row.edition and weaker(
                        goal_of(row.goal), goal_of(parent.goal)
                    ):
                        yield "weaker-target", row.id
                    break

    def of_cycles(self) -> Iterator[Told]:
        waits = nx.DiGraph()
        for begin, end, data in self.graph.edges(data=True):
            if data["kind"] == "before":
                waits.add_edge(begin, end)
        for part in nx.strongly_connected_components(waits):
            if len(part) > 1:
                yield "dependency-cycle", min(node[1] for node in part)


def check_by_graph(cascade: Cascade, today: int, now: int) -> list[Told]:
    """All findings, from records to a graph to what is told."""
    return list(_Asking(build(cascade), today, now).findings())


def told(found: tuple[Any, ...]) -> Told:
    """A whole finding, as the graph tells it."""
    code, _plan, _thread, _body, place, subject, _related, _days = found
    return code, place if code in _OF_PLACES else subject
