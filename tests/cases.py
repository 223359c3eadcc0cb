"""A procedure over the cast, and cases that run by it.

`load_procedure` loads the list of the plan `growth` with one procedure of two documents:

    submission ── countersigning (two bodies) ─┬─ decision ── approved, refused
        ▲      └─ review ──────────────────────┘      │
        └───────────── not lawful, returned ──────────┘

The leading department submits; the supporting department and the one that is not involved in the
element countersign; the lead agency reviews; the government of N decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.cast import APPOINTED, Member
from tests.world import World
from throughline.bodies.models import Holding, Person, PersonDetails, Post
from throughline.bodies.queries import actor_for
from throughline.bodies.rules import Duty
from throughline.files.storage import store
from throughline.kernel.actor import SYSTEM, Actor, Door
from throughline.notices.models import Notice
from throughline.procedures import actions
from throughline.procedures.actions import Enclosure
from throughline.procedures.case_subjects import CaseSubject
from throughline.procedures.catalogue import Catalogue, Setting
from throughline.procedures.checking import check
from throughline.procedures.models import Case, CaseStep
from throughline.procedures.rules.working_days import Calendar
from throughline.procedures.tests.drawing import file, flow, node, task
from throughline.subjects.kinds import Subject

PLAN = "growth"
KEY = "growth/task"

DRAWING = file(
    node("startEvent", "begin"),
    task("submission", verbs="submit withdraw", documents="request draft"),
    node("parallelGateway", "apart"),
    task(
        "countersigning", actor="supporting-bodies", clock="2",
        escalates_to="planning-agency/coordinator",
        verbs="agree object ask-supplement add-signer transfer",
        inside="<b:multiInstanceLoopCharacteristics/>",
    ),
    task(
        "review", actor="legal-office", clock="3", escalates_to="government/top",
        verbs="conform not-conform ask-supplement transfer withdraw",
    ),
    node("parallelGateway", "together"),
    node("exclusiveGateway", "lawful", default="lawful-submission"),
    task(
        "decision", actor="government", clock="2", escalates_to="government/top",
        verbs="approve refuse return transfer", documents="minutes",
    ),
    node("exclusiveGateway", "decided", default="decided-approved"),
    node("endEvent", "approved"),
    node("endEvent", "refused"),
    flow("begin", "submission"),
    flow("submission", "apart"),
    flow("apart", "countersigning"),
    flow("apart", "review"),
    flow("countersigning", "together"),
    flow("review", "together"),
    flow("together", "lawful"),
    flow("lawful", "decision", 'review = "conform"'),
    flow("lawful", "submission"),
    flow("decided", "submission", 'decision = "return"'),
    flow("decided", "refused", 'decision = "refuse"'),
    flow("decision", "decided"),
    flow("decided", "approved"),
)  # fmt: skip

SAID: dict[str, Any] = {
    "facts": [
        {
            "key": "cost", "title": {"en": "Cost", "zh": "投资"}, "type": "number",
            "units": [
                {"key": "m", "title": {"en": "million", "zh": "百万"}},
                {"key": "k", "title": {"en": "thousand", "zh": "千"}, "is": 0.001},
            ],
            "range": [0, 1000],
        },
        {"key": "new-land", "title": {"en": "New land", "zh": "新增用地"}, "type": "yes-no"},
    ],
    "documents": [
        {"key": key, "title": {"en": key.title(), "zh": zh}}
        for key, zh in (("request", "请示"), ("draft", "文稿"), ("minutes", "纪要"))
    ],
    "actors": [
        {"relation": relation, "at": {"nation": body}}
        for relation, body in (
            ("planning-agency", "lead-agency"), ("legal-office", "lead-agency"),
            ("government", "cabinet"),
        )
    ],
    "procedures": [
        {
            "key": "small", "file": "procedures/small.bpmn", "edition": "1", "sort": "approval",
            "title": {"en": "Small works", "zh": "小型项目报批"}, "tiers": ["nation"],
        }
    ],
    "table": {
        "match": "first", "kinds": ["task"], "tiers": ["nation"],
        "rows": [
            {"procedure": "small", "when": "cost >= 5 m and new-land"},
            {"procedure": "small"},
        ],
    },
}  # fmt: skip

GIVEN: dict[str, object] = {"cost": 7, "new-land": True}


def catalogue(drawing: bytes = DRAWING, **changed: Any) -> Catalogue:
    """What the pack says; `changed` replaces parts of the procedure's entry."""
    posts = frozenset({"coordinator", "top"})
    setting = Setting(
        languages=("en", "zh"), tiers=("nation",), kinds=("task",),
        bodies={"lead-agency": posts, "cabinet": posts}, templates={},
    )  # fmt: skip
    said = {**SAID, "procedures": [{**SAID["procedures"][0], **changed}]}
    found, findings = check(said, {"procedures/small.bpmn": drawing}, setting)
    assert found is not None, findings
    return found


def calendar(holidays: Iterable[date] = ()) -> Calendar:
    """Monday to Friday, in UTC."""
    return Calendar("UTC", frozenset(range(5)), frozenset(holidays))


def load_procedure(**changed: Any) -> None:
    """The procedure of the plan, loaded by the installation."""
    actions.load_procedures(SYSTEM, plan=PLAN, catalogue=catalogue(**changed), calendar=calendar())


def about(world: World, *supporting: str, key: str = KEY) -> CaseSubject:
    """The task of the plan; two bodies support it unless others are named."""
    named = supporting or ("supporting-department", "uninvolved-department")
    bodies = world.cast.bodies
    return CaseSubject(
        subject=Subject("element", key, "The task", "/"), plan=PLAN, kind="task",
        lead=bodies["leading-department"], supporting=tuple(bodies[each] for each in named),
    )  # fmt: skip


def enclosures(*keys: str, text: str = "as it is") -> list[Enclosure]:
    """Files for some documents."""
    return [
        Enclosure(key=key, file=store(f"{key}: {text}".encode(), f"{key}.txt"), name=f"{key}.txt")
        for key in keys
    ]


def submitted(world: World, **more: Any) -> Case:
    """A case of the leading department, with all that is asked for."""
    given: dict[str, Any] = {
        "about": about(world), "facts": GIVEN, "enclosed": enclosures("request", "draft"),
    } | more  # fmt: skip
    return actions.submit_case(world.cast.leads.actor, **given)


def waiting(case: Case, node: str = "", body: str = "") -> list[CaseStep]:
    """The steps of a case that wait, at a node and for a body where they are named."""
    rows = CaseStep.objects.filter(case=case, ended_at__isnull=True)
    rows = rows.filter(node=node) if node else rows
    rows = rows.filter(body__key=body) if body else rows
    return list(rows.select_related("case", "body", "superior").order_by("pk"))


def at(case: Case, node: str, body: str = "") -> CaseStep:
    """The step that waits."""
    (found,) = waiting(case, node, body)
    return found


def colleague(member: Member, name: str, *duties: Duty) -> Actor:
    """Another person in the member's body, in a post with these duties."""
    duties = duties or (Duty.REPORT, Duty.REVIEW, Duty.SIGN, Duty.READ)
    post, _new = Post.objects.get_or_create(
        body=member.body, key=f"{name}-{member.body.key}"[:80],
        defaults={"title_en": name, "duties": [each.value for each in duties]},
    )  # fmt: skip
    person, _new = Person.objects.get_or_create(login=f"{name}-{member.body.key}")
    PersonDetails.objects.get_or_create(person=person, defaults={"name_en": name})
    Holding.objects.get_or_create(post=post, person=person, valid_from=APPOINTED)
    return actor_for(person, post.pk, door=Door.WEB)


def carried_to_decision(world: World) -> Case:
    """A case that waits for the government's decision."""
    case = submitted(world)
    for member in (world.cast.supports, world.cast.uninvolved):
        step = at(case, "countersigning", member.body.key)
        actions.decide_case(member.actor, step=step, verb="agree")
    actions.decide_case(world.cast.coordinator.actor, step=at(case, "review"), verb="conform")
    return Case.objects.get(pk=case.pk)


def build_cases(world: World) -> None:
    """Three cases of the leading department, for tests of who may do what.

    `running` waits for the two bodies that countersign and for the review; in `asked` the review
    waits for a supplement, and the supporting department for N1, which it added as a signer;
    `returned` waits for the submitter. What was told of them is put away.
    """
    load_procedure()
    second = colleague(world.cast.leads, "second")
    reviewer = colleague(world.cast.coordinator, "reviewer")
    cosigner = colleague(world.cast.supports, "cosigner")
    given: dict[str, Any] = {"facts": GIVEN, "enclosed": enclosures("request", "draft")}
    running = actions.submit_case(world.cast.leads.actor, about=about(world), **given)
    asked = actions.submit_case(second, about=about(world, key="growth/asked"), **given)
    actions.ask_supplement(reviewer, step=at(asked, "review"), words="The costing.")
    actions.add_signer(
        cosigner, step=at(asked, "countersigning", world.cast.supports.body.key),
        body=world.cast.province.body,
    )  # fmt: skip
    returned = actions.submit_case(second, about=about(world, key="growth/returned"), **given)
    for member, body, verb in (
        (cosigner, "supporting-department", "agree"),
        (colleague(world.cast.uninvolved, "cosigner"), "uninvolved-department", "agree"),
        (reviewer, "lead-agency", "not-conform"),
    ):
        (step,) = waiting(returned, body=body)
        actions.decide_case(member, step=step, verb=verb, words="So it is.")
    for name, case in (("running", running), ("asked", asked), ("returned", returned)):
        world.cases[name] = Case.objects.select_related("submitter").get(pk=case.pk)
    Notice.objects.filter(kind__startswith="case-").delete()


def add_case(world: World, member: str) -> Case:
    """A case that a member's body has submitted, in which no other has a part yet."""
    like, body = world.cases["running"], getattr(world.cast, member).body
    return Case.objects.create(
        plan=PLAN, procedure=like.procedure, listing=like.listing, number=f"2020-{body.pk}",
        subject_kind="element", subject_key=KEY, title="Theirs", submitter=body, lead=body,
        place=body.place, tier="province", facts=like.facts, state=like.state,
        submitted_at=like.submitted_at, act=0,
    )  # fmt: skip
