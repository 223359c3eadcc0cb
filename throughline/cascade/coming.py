"""What a new version of a plan means to those below: who comes from where, whose task lapses,
who has to look again. Part of the act by which the version comes into force."""

from __future__ import annotations

from collections import defaultdict

from throughline.cascade import telling
from throughline.cascade.ending import overtake
from throughline.cascade.models import Assignment, LocalPlan, Refinement, Root
from throughline.cascade.queries import locked_rows, open_assignments, with_rows
from throughline.cascade.rules.difference import same_text
from throughline.cascade.rules.life import Ending
from throughline.kernel import clock
from throughline.kernel.action import Act
from throughline.notices.sending import Telling, notify_all
from throughline.plans.models import Element, PlanVersion

AT_A_TIME = 2000


def follow_version(act: Act, version: PlanVersion) -> None:
    """Bring the cascade to a version that has just come into force."""
    elements = {each.thread_id: each for each in Element.objects.filter(version=version)}
    _write_roots(version, elements)
    told = _follow_assignments(version, elements)
    told += _follow_refinements(version, elements, {each.to.pk for each in told})
    notify_all(act, told)


def _write_roots(version: PlanVersion, elements: dict[int, Element]) -> None:
    """An element descends from where those descend that it refines; else from itself."""
    above: dict[int, list[int]] = defaultdict(list)
    links = Refinement.objects.filter(element__version=version)
    for superior, thread in links.values_list("superior_id", "element__thread_id"):
        above[thread].append(superior)
    known: dict[int, set[int]] = defaultdict(set)
    superiors = {each for several in above.values() for each in several}
    for thread, root in Root.objects.filter(thread__in=superiors).values_list("thread", "root"):
        known[thread].add(root)
    wanted = {
        (thread, root)
        for thread in elements
        for superior in above[thread] or [thread]
        for root in (known[superior] or {superior})
    }
    rows = Root.objects.filter(thread__in=elements)
    standing = {(row.thread_id, row.root_id): row.pk for row in rows}
    Root.objects.filter(pk__in=[standing[pair] for pair in standing.keys() - wanted]).delete()
    Root.objects.bulk_create(
        [Root(thread_id=thread, root_id=root) for thread, root in sorted(wanted - standing.keys())],
        batch_size=AT_A_TIME,
    )


def _follow_assignments(version: PlanVersion, elements: dict[int, Element]) -> list[Telling]:
    """Tasks whose element is gone lapse; those whose text is the same go on with it; of the
    rest the bodies are asked to look again."""
    told: list[Telling] = []
    advanced: list[Assignment] = []
    lapsed: list[Assignment] = []
    held = locked_rows(open_assignments().filter(thread__plan=version.plan))
    for row in with_rows(open_assignments(held)):
        now = elements.get(row.thread_id)
        if now is None:
            row.ended_at, row.ended_as = clock.now(), Ending.LAPSED
            lapsed.append(row)
            told.append(telling.tell(telling.LAPSED, row, row.body, reading_only=True))
        elif now.pk == row.element_id:
            continue
        elif same_text(row.element, now):
            row.element = now
            advanced.append(row)
        else:
            told.append(telling.tell(telling.CHANGED, row, row.body))
    Assignment.objects.bulk_update(advanced, ["element"], batch_size=AT_A_TIME)
    Assignment.objects.bulk_update(lapsed, ["ended_at", "ended_as"], batch_size=AT_A_TIME)
    overtake(*lapsed)
    return told


def _follow_refinements(
    version: PlanVersion, elements: dict[int, Element], already: set[int]
) -> list[Telling]:
    """Local plans that refine what has changed: their leading bodies look again too, where
    they were not told as assigned ones."""
    told: dict[int, Telling] = {}
    advanced: list[Refinement] = []
    below = LocalPlan.objects.filter(superior=version.plan).values("plan")
    rows = Refinement.objects.filter(
        superior__plan=version.plan, element__version__plan__in=below,
        element__version__state__in=[PlanVersion.State.IN_FORCE, PlanVersion.State.DRAFT],
    )  # fmt: skip
    for row in rows.select_related("seen", "element__version__plan__lead_body"):
        now = elements.get(row.superior_id)
        if now is None or now.pk == row.seen_id:
            continue
        if same_text(row.seen, now):
            row.seen = now
            advanced.append(row)
            continue
        plan = row.element.version.plan
        if plan.lead_body_id not in already and plan.pk not in told:
            told[plan.pk] = telling.tell_plan(now, plan, version.plan.lead_body)
    Refinement.objects.bulk_update(advanced, ["seen"], batch_size=AT_A_TIME)
    return list(told.values())
