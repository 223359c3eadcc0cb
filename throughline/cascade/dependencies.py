"""Dependencies 前置关系: what an element waits for, what waits for it, and what it may wait for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import BoolAnd
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _

from throughline.bodies.directory import Offer, Option
from throughline.cascade.models import Assignment, Dependency
from throughline.cascade.queries import assignments_open_to, top_of
from throughline.cascade.rules.kinds import Part
from throughline.kernel.actor import Actor
from throughline.kernel.conditions import Written
from throughline.kernel.errors import NotFound
from throughline.kernel.search import holding_words, nearness
from throughline.kernel.selecting import in_order
from throughline.plans.models import Element, Plan, PlanVersion
from throughline.plans.queries import IN_FORCE, elements_visible_to, plans_visible_to
from throughline.plans.search import TITLES

DRAFT = PlanVersion.State.DRAFT
LEADING = (Part.LEAD, Part.COORDINATING)
MOST = 100
"""So many of an element's dependencies in either direction are shown."""

_IN_LINE = """{column} IN (
    WITH RECURSIVE line (plan_id) AS (
        SELECT %s::bigint
         UNION
        SELECT local.plan_id
          FROM cascade_localplan AS local JOIN line ON local.superior_id = line.plan_id)
    SELECT plan_id FROM line)"""


@dataclass(frozen=True)
class Other:
    """An element at the other end of a dependency, as it stands in force or last stood. Whether
    it is done is None where nobody leads it, as far as the reader sees."""

    element: Element
    done: bool | None
    in_force: bool
    too_late: bool = False

    @property
    def plan(self) -> Plan:
        return self.element.version.plan


@dataclass(frozen=True)
class Dependencies:
    """What an element waits for, and what waits for it; `are_more` where `MOST` are shown of
    either and there are others."""

    awaits: list[Other]
    awaited_by: list[Other]
    are_more: bool = False


def dependencies_of(actor: Actor, element: Element) -> Dependencies:
    """The dependencies of an element, as far as their other ends exist for the actor; those of
    its own plan first. One is done when all are that lead it. One statement."""
    before = Dependency.objects.filter(after=element.thread_id).order_by()
    after = Dependency.objects.filter(before=element.thread_id).order_by()
    leads = Assignment.objects.filter(
        assignments_open_to(actor), thread=OuterRef("thread"), part__in=LEADING,
        ended_at__isnull=True,
    )  # fmt: skip
    closed = leads.order_by().values("thread").annotate(all=BoolAnd(Q(closed_at__isnull=False)))
    rows = (
        elements_visible_to(actor)
        .filter(thread__in=_first(before, "before").union(_first(after, "after")))
        .annotate(
            awaited=Exists(before.filter(before=OuterRef("thread"))),
            awaits=Exists(after.filter(after=OuterRef("thread"))),
            done=Subquery(closed.values("all")),
        )
        .select_related("version__plan")
    )
    in_turn = in_order(rows, "version.number")
    others = sorted(_latest(in_turn), key=lambda row: _place_in_lists(row, element))
    awaits = [_other(row, element) for row in others if row.awaited]  # type: ignore[attr-defined]
    awaited_by = [_other(row, element) for row in others if row.awaits]  # type: ignore[attr-defined]
    return Dependencies(awaits[:MOST], awaited_by[:MOST], max(len(awaits), len(awaited_by)) > MOST)


def _first(rows: QuerySet[Dependency], end: str) -> Any:
    """One end of dependencies, and one more than are shown: an element of a national plan may
    be awaited in every county."""
    return rows.order_by("pk").values(end)[: MOST + 1]


def _latest(rows: Iterable[Element]) -> list[Element]:
    """Of each thread the element in force; where none is, the last there was."""
    found: dict[int, Element] = {}
    for row in rows:
        before = found.get(row.thread_id)
        if before is None or before.version.state != IN_FORCE:
            found[row.thread_id] = row
    return list(found.values())


def _place_in_lists(row: Element, element: Element) -> tuple[bool, int, int]:
    plan = row.version.plan_id
    return plan != element.version.plan_id, plan, row.position


def _other(row: Any, element: Element) -> Other:
    both = row.deadline is not None and element.deadline is not None
    return Other(
        row,
        done=row.done,
        in_force=row.version.state == IN_FORCE,
        too_late=bool(both and row.awaited and row.deadline > element.deadline),
    )


def awaited_in(version: PlanVersion) -> dict[int, list[Element]]:
    """By thread (its id) of a version, the elements in force that it waits for."""
    rows = (
        Element.objects.filter(
            version__state=IN_FORCE, thread__awaited_by__after__elements__version=version
        )
        .annotate(waiting=F("thread__awaited_by__after"))
        .select_related("version__plan")
        .order_by("position")
    )  # fmt: skip
    found: dict[int, list[Element]] = {}
    for row in rows:
        found.setdefault(row.waiting, []).append(row)
    return found


def waiting_element(actor: Actor, plan: str, key: str) -> Element:
    """The element of a plan whose dependencies are set: in force, or else in the draft; raises
    NotFound where it does not exist for the actor."""
    rows = elements_visible_to(actor).filter(
        version__plan__key=plan, version__state__in=[IN_FORCE, DRAFT], key=key
    )
    found = {row.version.state: row for row in rows.select_related(
        "thread", "version__plan__lead_body"
    )}  # fmt: skip
    row = found.get(IN_FORCE) or found.get(DRAFT)
    if row is None:
        raise NotFound(_("The plan has no such element."))
    return row


def elements_to_await(actor: Actor, plan: Plan) -> QuerySet[Element]:
    """The elements that one of a plan may wait for: in force, of the plan itself or of another
    one that descends from the same uppermost plan. A strand is a heading, not something done."""
    line = Q(Written(_IN_LINE, "version__plan", top_of(plan).pk))
    rows = elements_visible_to(actor).filter(line, version__state=IN_FORCE)
    return rows.exclude(kind=Element.Kind.STRAND).select_related("thread", "version__plan")


def offer_elements(actor: Actor, key: str, words: str) -> Offer | None:
    """What a form offers to wait for, beside a plan of a key: by words of the text, or in the
    plan itself by the number as printed. The plan's own elements come first."""
    plan = plans_visible_to(actor).filter(key=key).first()
    if plan is None:
        return None
    rows = elements_to_await(actor, plan)
    bearing = Element.objects.filter(holding_words(*TITLES, "text_en", "text_zh", words=words))
    numbered = Element.objects.filter(version__plan=plan, number=words)
    # A union, because no index answers an "or" over two tables.
    found = bearing.order_by().values("pk").union(numbered.order_by().values("pk"))
    elsewhere = Case(
        When(version__plan=plan, then=Value(False)), default=Value(True),
        output_field=BooleanField(),
    )  # fmt: skip
    near = nearness(*TITLES, words=words)
    ordered = rows.filter(pk__in=found).annotate(elsewhere=elsewhere, near=near)
    ordered = ordered.order_by("elsewhere", "near", "version__plan__key", "position")
    return Offer(rows, ordered, "pk", _option)


def _option(row: Element) -> Option:
    return Option(str(row.pk), numbered(row), row.version.plan.title)


def numbered(element: Element) -> str:
    """An element by its number as printed, where it has one, and its title."""
    return f"{element.number} {element.title}".strip()


def way_between(origin: int, goal: int) -> list[int]:
    """The threads (their ids) on a shortest way from one to another, each waiting for the next;
    empty where there is no way. A statement for each step."""
    came: dict[int, int] = {origin: origin}
    here = {origin}
    while here and goal not in came:
        steps = Dependency.objects.filter(after__in=here).order_by("after", "before")
        new: dict[int, int] = {}
        for after, before in steps.values_list("after_id", "before_id"):
            if before not in came:
                new.setdefault(before, after)
        came |= new
        here = set(new)
    if goal not in came:
        return []
    way = [goal]
    while way[-1] != origin:
        way.append(came[way[-1]])
    return way[::-1]


def texts_of(threads: Iterable[int]) -> dict[int, Element]:
    """By thread (its id) the element in force, or the last that was."""
    rows = Element.objects.filter(thread__in=list(threads)).exclude(version__state=DRAFT)
    latest = _latest(rows.select_related("version__plan").order_by("version__number"))
    return {row.thread_id: row for row in latest}
