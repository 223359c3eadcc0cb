"""What of the cascade exists, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.models import Body, Relation
from throughline.bodies.queries import (
    EVERYTHING,
    acting_for,
    places_below,
    places_in_line,
    relations_today,
    standing_of,
    today,
)
from throughline.bodies.rules import GOVERNING, RelationKind
from throughline.cascade.models import (
    Assignment,
    Claim,
    Evidence,
    LocalPlan,
    Milestone,
    ProgressReport,
    Refinement,
)
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.life import Ending, Life, Step
from throughline.files.models import StoredFile
from throughline.kernel.actor import Actor
from throughline.kernel.conditions import Written
from throughline.kernel.errors import NotFound
from throughline.kernel.memory import remembered
from throughline.kernel.selecting import the_one
from throughline.places.models import Place
from throughline.places.queries import children
from throughline.plans.models import Element, Paper, Plan, PlanVersion, Responsibility, Thread
from throughline.plans.queries import IN_FORCE, plans_visible_to, versions_visible_to

_PART_IN_ROOT = """EXISTS (
    SELECT FROM cascade_root AS root
      JOIN plans_element AS top ON top.thread_id = root.root_id
      JOIN plans_planversion AS version
        ON version.id = top.version_id AND version.state = 'in_force'
      JOIN plans_responsibility AS part ON part.element_id = top.id
     WHERE root.thread_id = {column} AND part.body_id = ANY(%s))"""

# What a body leads or works on is little: `IN` has it looked up once, where `EXISTS` leaves it
# to the planner, which asks for each assignment where it expects to look through few.
_PART_BESIDE = """{column} IN (
    SELECT beside.thread_id FROM cascade_assignment AS beside
     WHERE beside.body_id = ANY(%s) AND beside.part <> 'locality')"""

_OF_A_PLAN_THEY_LEAD = """{column} IN (
    SELECT led.id FROM plans_thread AS led JOIN plans_plan AS plan ON plan.id = led.plan_id
     WHERE plan.lead_body_id = ANY(%s))"""


def assignments_visible_to(actor: Actor) -> QuerySet[Assignment]:
    """Assignments that exist for an actor: those of its body and those it laid on others or
    whose plan it leads; those at its own place; for a government, and for a body that leads a
    plan of its place, those in the line of the place; for a body that leads or
    supports an element, those of all who work on it, down to the last county. A government
    that has it for its place sees by its line, not its peers'."""
    return Assignment.objects.filter(assignments_open_to(actor))


def assignments_open_to(actor: Actor) -> Q:
    """The condition behind `assignments_visible_to`."""
    standing = standing_of(actor)
    if standing.audits:
        return EVERYTHING
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Q(pk__in=[])
    mine = acting_for(standing.body)
    bodies = list(mine)
    seen = Q(body__in=mine) | Q(issuer__in=mine)
    # A join to the plan would be made for every assignment that is looked through.
    seen |= Q(Written(_OF_A_PLAN_THEY_LEAD, "thread", bodies))
    if standing.place is not None:
        seen |= Q(place=standing.place)
        if standing.governs:
            seen |= places_in_line("place", actor)
        elif leads_a_plan_at(standing.body, standing.place):
            seen |= places_below("place", actor)
    seen |= Q(Written(_PART_IN_ROOT, "thread", bodies))
    return seen | Q(Written(_PART_BESIDE, "thread", bodies))


def leads_a_plan_at(body: int, place: int) -> bool:
    """Whether a body leads a plan of a place: then what lies below the place is its work."""
    led = Plan.objects.filter(lead_body__in=acting_for(body), place=place)
    return remembered(("leads a plan", body, place), led.exists)


def refined_here() -> Exists:
    """Whether the place of an assignment refines it in its own plan, as that is in force."""
    return Exists(
        Refinement.objects.filter(
            superior=OuterRef("thread"),
            element__version__state=IN_FORCE,
            element__version__plan__place=OuterRef("place"),
        )
    )


def with_rows(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments with what a line of a list shows of them, in the statement that reads them."""
    claimed = Claim.objects.filter(assignment=OuterRef("pk"), outcome="")
    return rows.select_related(
        "element__version__plan", "body", "issuer", "place__tier", "paper"
    ).annotate(refined=refined_here(), claimed=Exists(claimed))


def assignment_by_id(actor: Actor, key: int) -> Assignment:
    """An assignment with what its page needs, or NotFound."""
    found = None
    if 0 <= key < 2**62:
        rows = with_rows(assignments_visible_to(actor).filter(pk=key))
        found = the_one(rows.select_related("leader__body", "officer__body", "successor__body"))
    if found is None:
        raise NotFound(_("There is no such assignment."))
    return found


def life_of(assignment: Assignment) -> Life:
    """What the rules need to know of an assignment read by `with_rows`."""
    return Life(
        received=assignment.received_at is not None,
        taken_on=assignment.taken_on_at is not None,
        refined=bool(getattr(assignment, "refined", False)),
        started=assignment.started_at is not None,
        closed=assignment.closed_at is not None,
        ending=Ending(assignment.ended_as) if assignment.ended_as else None,
        claimed=bool(getattr(assignment, "claimed", False)),
        respond_by=assignment.respond_by,
        due=assignment.due,
    )


def open_assignments(rows: QuerySet[Assignment] | None = None) -> QuerySet[Assignment]:
    """Those of which something is still owed."""
    chosen = Assignment.objects.all() if rows is None else rows
    return chosen.filter(ended_at__isnull=True, closed_at__isnull=True)


def standing_assignments() -> QuerySet[Assignment]:
    """Those that have not ended: open, or closed with what was owed done. A body has each part
    of an element once among them."""
    return Assignment.objects.filter(ended_at__isnull=True)


def claims_visible_to(actor: Actor) -> QuerySet[Claim]:
    """Claims on assignments that exist for the actor, and those it is to decide."""
    standing = standing_of(actor)
    seen = Q(assignment__in=assignments_visible_to(actor))
    if standing.body is not None and standing.sees_content:
        seen |= Q(decider__in=acting_for(standing.body))
    return Claim.objects.filter(seen).select_related(
        "assignment__element__version__plan", "assignment__body", "assignment__leader",
        "proposed_body", "by_body", "decider",
    )  # fmt: skip


def claim_by_id(actor: Actor, key: int) -> Claim:
    """A claim that exists for the actor, or NotFound."""
    found = the_one(claims_visible_to(actor).filter(pk=key)) if 0 <= key < 2**62 else None
    if found is None:
        raise NotFound(_("There is no such claim."))
    return found


def report_by_id(actor: Actor, key: int) -> ProgressReport:
    """A report that exists for the actor, or NotFound."""
    rows = reports_visible_to(actor).select_related("assignment__body", "assignment__issuer")
    found = the_one(rows.filter(pk=key)) if 0 <= key < 2**62 else None
    if found is None:
        raise NotFound(_("There is no such report."))
    return found


def reports_visible_to(actor: Actor) -> QuerySet[ProgressReport]:
    """Reports on assignments that exist for the actor. What is not signed is the body's own,
    and of those that work for it."""
    standing = standing_of(actor)
    rows = ProgressReport.objects.filter(assignment__in=assignments_visible_to(actor))
    if standing.audits:
        return rows
    return rows.filter(signed_or_of(bodies_served(actor)))


def signed_or_of(bodies: Collection[int]) -> Q:
    """The condition on reports that have gone out of their body, or are of some bodies."""
    out = Q(step__in=[Step.SIGNED, Step.ACCEPTED]) | Q(step=Step.RETURNED, signed_at__isnull=False)
    return out | Q(assignment__body__in=bodies)


def milestones_of(assignment: Assignment) -> QuerySet[Milestone]:
    """The steps that stand, in order of their dates."""
    return Milestone.objects.filter(assignment=assignment, dropped_at__isnull=True)


# -- plans above and below -----------------------------------------------------------------


def superior_of(plan: Plan) -> Plan | None:
    """The plan that a local plan implements; None for one that stands by itself."""
    found = the_one(LocalPlan.objects.filter(plan=plan).select_related("superior"))
    return found.superior if found else None


def top_of(plan: Plan) -> Plan:
    """The uppermost plan that a plan descends from; itself where nothing is above it."""
    top = plan
    while (above := superior_of(top)) is not None:
        top = above
    return top


def local_plan_at(superior: Plan, place: Place) -> Plan | None:
    """A place's own plan of a superior one."""
    found = LocalPlan.objects.filter(superior=superior, plan__place=place)
    row = found.select_related("plan__lead_body", "plan__place").first()
    return row.plan if row else None


def local_plans_visible_to(actor: Actor) -> QuerySet[Plan]:
    """Local plans that exist for the actor: where a version does, and for the government of
    its place from the first draft on, for it issues the plan."""
    standing = standing_of(actor)
    seen = Q(pk__in=plans_visible_to(actor).values("pk"))
    if standing.governs and standing.sees_content:
        seen |= Q(place=standing.place)
    rows = Plan.objects.filter(seen, local__isnull=False)
    return rows.select_related("lead_body", "place__tier", "scheme")


def local_plan_by_key(actor: Actor, key: str) -> Plan | None:
    """A local plan that exists for the actor."""
    return the_one(local_plans_visible_to(actor).filter(key=key))


def local_plan_seen(actor: Actor, superior: Plan, place: Place) -> Plan | None:
    """A place's own plan of a superior one, where it exists for the actor."""
    return local_plans_visible_to(actor).filter(local__superior=superior, place=place).first()


def draft_of(actor: Actor, plan: Plan) -> PlanVersion | None:
    """The draft of a local plan, for those who work on it, audit, and the government of its
    place; None where there is none for the actor."""
    rows = PlanVersion.objects.filter(plan=plan, state=PlanVersion.State.DRAFT)
    draft = rows.select_related("plan__lead_body", "plan__place", "plan__scheme").first()
    standing = standing_of(actor)
    governs = standing.governs and standing.sees_content and standing.place == plan.place_id
    if draft is None or governs:
        return draft
    seen = versions_visible_to(actor).filter(pk=draft.pk).exists()
    return draft if seen else None


def issuing_paper(plan: Plan) -> Paper | None:
    """The paper by which a plan binds: that which issues it, else the reply that approves it."""
    papers = {paper.kind: paper for paper in plan.papers.order_by("-position")}
    return papers.get(Paper.Kind.ISSUE) or papers.get(Paper.Kind.REPLY)


def paper_of(element: Element) -> Paper | None:
    """The document by which an element binds: its own, else that of its plan."""
    return element.paper or issuing_paper(element.version.plan)


WENT_ON = (Ending.REASSIGNED, Ending.HANDED_OVER)
"""How an assignment ends whose task another body has now."""


def parts_not_laid() -> QuerySet[Responsibility]:
    """The parts that plans in force print and that nobody was assigned. One that went on to
    another body, by reassignment or hand-over, was assigned."""
    laid = Assignment.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_as__in=WENT_ON),
        thread=OuterRef("element__thread"), body=OuterRef("body"), part=OuterRef("role"),
    )  # fmt: skip
    rows = Responsibility.objects.filter(element__version__state=IN_FORCE)
    return rows.exclude(Exists(laid))


def printed_and_not_laid(plan: Plan) -> list[Responsibility]:
    """Those of one plan, in reading order."""
    rows = parts_not_laid().filter(element__version__plan=plan)
    return list(
        rows.select_related("element__version__plan__lead_body", "element__paper", "body").order_by(
            "element__position", "role", "position"
        )
    )


def version_now(plan: Plan) -> PlanVersion | None:
    """The version of a plan in force."""
    return the_one(PlanVersion.objects.filter(plan=plan, state=IN_FORCE).select_related("plan"))


def text_now(thread: Thread | int) -> Element | None:
    """What a thread says in its plan's version in force; None where it stands no longer."""
    rows = Element.objects.filter(thread=thread, version__state=IN_FORCE)
    return the_one(rows.select_related("version__plan"))


def places_below_plan(plan: Plan) -> QuerySet[Place]:
    """The places directly below a plan's, today: those whose governments it can be laid on."""
    return children(plan.place, today())


def governments_below(plan: Plan) -> QuerySet[Body]:
    """The governments of the places directly below a plan's, that exist today."""
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today())
    return (
        Body.objects.filter(lasting, kind__in=GOVERNING, place__in=places_below_plan(plan))
        .select_related("place__tier")
        .order_by("place__sort_key", "key")
    )


_LEADERSHIP = (RelationKind.LEADS, RelationKind.VERTICAL, RelationKind.DUAL)


def common_superior(one: Body, other: Body) -> Body | None:
    """The nearest body that leads two others, over however many tiers; one of the two itself
    where it leads the other."""
    above_one, above_other = _superiors(one.pk), _superiors(other.pk)
    shared = [body for body in above_one if body in above_other]
    return Body.objects.get(pk=shared[0]) if shared else None


def _superiors(body: int) -> list[int]:
    """A body and those that lead it, the nearest first."""
    found = [body]
    here: Iterable[int] = [body]
    while here:
        above = relations_today().filter(subordinate__in=here, kind__in=_LEADERSHIP)
        named = above.order_by("superior").values_list("superior", flat=True)
        here = [each for each in dict.fromkeys(named) if each not in found]
        found += here
    return found


def is_led_at_place(body: Body, government: Body) -> bool:
    """Whether a body is one of a government's own at the same place, as its planning
    commission is: it then works on what is laid on the government."""
    if body.place_id is None or body.place_id != government.place_id:
        return False
    return Relation.objects.filter(
        pk__in=relations_today().filter(superior=government, subordinate=body), kind__in=_LEADERSHIP
    ).exists()


def bodies_served(actor: Actor) -> frozenset[int]:
    """The bodies (their ids) on whose assignments an actor works: its own, and for a body that
    a government leads at its place, the government."""
    standing = standing_of(actor)
    if standing.body is None or not standing.sees_content:
        return frozenset()
    return remembered(("served", standing.body), lambda: _served(acting_for(standing.body or 0)))


def _served(bodies: frozenset[int]) -> frozenset[int]:
    above = relations_today().filter(
        subordinate__in=bodies, kind__in=_LEADERSHIP, superior__kind__in=GOVERNING,
        superior__place=F("subordinate__place"),
    )  # fmt: skip
    return bodies | frozenset(above.values_list("superior_id", flat=True))


def locked_rows(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Some assignments, locked in the order of their ids, to be read anew: the statement that
    waits for a lock sees what stood when it began."""
    held = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    return Assignment.objects.filter(pk__in=held)


def leads_of(thread: Thread | int) -> QuerySet[Assignment]:
    """The open assignments by which somebody leads a thread."""
    parts = [Part.LEAD, Part.COORDINATING]
    return Assignment.objects.filter(thread=thread, part__in=parts, ended_at__isnull=True)


def report_under_way(actor: Actor, assignment: Assignment) -> ProgressReport | None:
    """The report on an assignment that is being written, or has been returned."""
    rows = reports_visible_to(actor).filter(
        assignment=assignment, step__in=[Step.DRAFT, Step.RETURNED]
    )
    return rows.first()


def evidence_by_id(actor: Actor, key: int) -> tuple[Evidence, StoredFile]:
    """A file of evidence of a report that exists for the actor, or NotFound."""
    found = None
    if 0 <= key < 2**62:
        rows = Evidence.objects.filter(report__in=reports_visible_to(actor), pk=key)
        found = rows.select_related("file").first()
    if found is None or found.file is None:
        raise NotFound(_("There is no such file."))
    return found, found.file


def not_taken_on_above(elements: Iterable[Element]) -> QuerySet[Assignment]:
    """Of what elements of a local plan answer, what is laid on their place and its leader has
    not taken on yet. Who lays out the work of the plan is of the place, and sees it."""
    rows = list(elements)
    answered = Refinement.objects.filter(element__in=[each.pk for each in rows]).values("superior")
    owed = open_assignments().filter(
        thread__in=answered, part=Part.LOCALITY, taken_on_at__isnull=True,
        place__in={each.version.plan.place_id for each in rows},
    )  # fmt: skip
    return with_rows(owed).order_by("element__position", "pk")


# -- lists ---------------------------------------------------------------------------------

STANDING = "standing"
"""Those that have not ended, whatever else they are."""

STATES = ("unanswered", "silent", "claimed", "late", "changed", "working", "closed", "ended")
"""By what lists of assignments are narrowed."""


def states(now: datetime) -> dict[str, Q]:
    """By state, its condition on assignments marked by `marked`; one may be in several."""
    owed = Q(ended_at__isnull=True, closed_at__isnull=True)
    unanswered = owed & Q(taken_on_at__isnull=True, is_claimed=False)
    return {
        "unanswered": unanswered,
        "silent": unanswered & Q(respond_by__lte=now),
        "claimed": owed & Q(is_claimed=True),
        "late": owed & Q(due__lt=now.date()),
        "changed": owed & ~Q(element__version__state=IN_FORCE),
        "working": owed & Q(taken_on_at__isnull=False),
        "closed": Q(closed_at__isnull=False),
        "ended": Q(ended_at__isnull=False),
    }


def marked(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments of which is known whether a claim on them waits (`is_claimed`)."""
    claimed = Exists(Claim.objects.filter(assignment=OuterRef("pk"), outcome=""))
    return rows.alias(is_claimed=claimed)


_DESCENDS_FROM = """{column} IN (
    SELECT id FROM plans_thread WHERE plan_id = %s
     UNION ALL
    SELECT root.thread_id FROM cascade_root AS root
      JOIN plans_thread AS top ON top.id = root.root_id WHERE top.plan_id = %s)"""


def under_plan(plan: int) -> Q:
    """The condition on assignments of what a plan (its id) says, and of what local plans make of
    it, down to the last county."""
    return Q(Written(_DESCENDS_FROM, "thread", plan, plan))


def in_state(rows: QuerySet[Assignment], state: str, now: datetime) -> QuerySet[Assignment]:
    """Those of some assignments that are in one of `STATES`; another state leaves what is open
    or closed, but not what has ended."""
    there = states(now)
    if state not in there:
        return rows.filter(ended_at__isnull=True)
    return marked(rows).filter(there[state])


def counts_by_state(rows: QuerySet[Assignment], now: datetime) -> dict[str, int]:
    """How many of some assignments are in each state, and how many stand. One statement."""
    found: dict[str, int] = (
        marked(rows)
        .order_by()
        .aggregate(
            **{state: Count("pk", filter=each) for state, each in states(now).items()},
            **{STANDING: Count("pk", filter=Q(ended_at__isnull=True))},
        )
    )
    return found
