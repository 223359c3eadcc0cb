"""Who may do what, asked of the actions themselves: what page, API, command and import call.

One line for every action there is, by the cast, so that an act that no page offers yet is
guarded too. The outcome is `done`, or the code of the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from tests.architecture.tree import import_everything
from tests.cases import GIVEN as STATED
from tests.cases import about, at, calendar, catalogue, enclosures
from tests.cycles import GOOD
from tests.permissions.local import move
from tests.permissions.matrix import FILLS_N111, GOVERNMENTS, MEMBERS, RECORD, SPEAK, URGES
from tests.world import World, add_load
from throughline.bodies.actions import Identity
from throughline.bodies.models import Body, Holding, Person, Relation
from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.cascade.actions import Adoption, Charter, Measure, Text, Wanted
from throughline.figures.loading import ReadFile
from throughline.figures.loading.outcome import Candidate, Reading
from throughline.figures.queries import series_by_key
from throughline.kernel import clock
from throughline.kernel.action import VERBS
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import ThroughlineError
from throughline.kernel.period import Period
from throughline.plans.models import Element, PlanVersion, Target
from throughline.plans.packs import Mapping, read_mapping
from throughline.procedures.models import AddedSigner, CaseAct, CaseStep
from throughline.procedures.queries import signer_of
from throughline.projects.actions import Particulars, Payment, Terms, particulars_of
from throughline.projects.models import Contract, Project, Register
from throughline.reporting.actions import Exhibit
from throughline.reporting.models import Contest, Cycle, Report
from throughline.running.home import CHECKOUT
from throughline.subjects.kinds import Subject

import_everything()

INSTALLATION = "installation"
OF_N1 = "administrator of N1"
DOERS = (*MEMBERS, INSTALLATION, OF_N1)
"""The cast, the installation, and one who administers N1 alone."""

Outcomes = dict[str, str]


def actor_of(world: World, doer: str) -> Actor:
    """The actor by whom an action is called."""
    others = {INSTALLATION: SYSTEM, OF_N1: world.local_administrator}
    found: Actor = others.get(doer) or getattr(world.cast, doer).actor
    return found


def by(members: set[str], rest: str = "forbidden", **others: str) -> Outcomes:
    """Done by some, refused to the rest; to nobody as to one who is not signed in."""
    found = {name: "done" if name in members else rest for name in DOERS}
    return found | {"nobody": "unauthenticated"} | others


def anybody() -> Outcomes:
    """Not guarded by itself: whoever calls it has asked before."""
    return dict.fromkeys(DOERS, "done")


CANNOT_WRITE = dict.fromkeys(("administrator", "former", OF_N1), "forbidden") | {
    "nobody": "unauthenticated"
}
"""What becomes of those who may write nothing in plans, whatever they ask."""
GETS_NO_FURTHER = {"nobody": "forbidden"}
"""Where the doors ask for signing in, and the action needs no more than its rule."""

ADMINISTER = {"administrator", INSTALLATION}
HERSELF = by({"county"}, "not-found")


@dataclass(frozen=True)
class Deed:
    """An action with what it is called with, and what comes of it by who calls it."""

    verb: str
    given: Callable[[World], dict[str, Any]]
    who: Outcomes
    note: str = ""

    def __str__(self) -> str:
        return f"{self.verb} ({self.note})" if self.note else self.verb

    def outcome(self, world: World, doer: str) -> str:
        """What comes of it; undone afterwards. A fault behind the guard has its own name."""
        actor = actor_of(world, doer)
        with transaction.atomic():
            try:
                VERBS[self.verb](actor, **self.given(world))
                return "done"
            except ThroughlineError as error:
                return error.code
            except (AttributeError, TypeError) as error:
                return type(error).__name__
            finally:
                transaction.set_rollback(True)


def _county(world: World) -> dict[str, Any]:
    return {"person": world.cast.county.person}


def mapping_for(*series: str) -> Mapping:
    """A declared mapping of a file with a column for each of some series."""
    path = next((CHECKOUT / "packs" / "meridia" / "mappings").glob("*.yaml"))
    mapping: Mapping = read_mapping(path)
    columns = tuple(replace(mapping.columns[0], series=each) for each in series)
    return replace(mapping, scheme="land", columns=columns)


def _judged(place: str) -> Callable[[World], dict[str, Any]]:
    """How sure the target of jobs is at a place."""
    return lambda world: {
        "plan": world.plans["growth"], "indicator": world.indicators["jobs"],
        "place": world.cast.places[place], "level": "low", "reason": "So it is",
    }  # fmt: skip


def _read_for(key: str) -> Callable[[World], dict[str, Any]]:
    """A file that was read, with one figure for N111."""

    def given(world: World) -> dict[str, Any]:
        figure = Candidate(
            row=2, column="jobs", place=world.cast.places["N111"], series=world.series[key],
            period=Period(2020), value=11.0, status="accepted",
        )  # fmt: skip
        reading = Reading(candidates=[figure])
        return {"read": ReadFile(world.file, "figures.csv", mapping_for(key), reading, {})}

    return given


def _file_for(*series: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "file": world.file, "file_name": "figures.csv", "mapping": mapping_for(*series),
        "name": "return", "partial": False,
    }  # fmt: skip


def _figure(world: World) -> dict[str, Any]:
    return {
        "series": series_by_key(SYSTEM, "jobs-reported"), "place": world.cast.places["N111"],
        "period": Period(2020), "value": 11.0, "status": "unreviewed", "note": "counted again",
        "supersedes": world.standing("jobs-reported", "N111", "2020").pk,
    }  # fmt: skip


def _post(world: World, *duties: Duty, body: str = "n11-government") -> dict[str, Any]:
    return {
        "body": world.cast.bodies[body], "key": "new", "title_en": "New", "duties": duties,
    }  # fmt: skip


def _appointment(world: World) -> dict[str, Any]:
    return {
        "person": world.cast.sibling.person, "post": world.cast.prefecture.post,
        "valid_from": clock.now().date(),
    }  # fmt: skip


def _token(world: World) -> dict[str, Any]:
    return _county(world) | {
        "post": world.cast.county.post, "name": "t", "prefix": "tl_t", "digest": "1" * 64,
        "scopes": [Scope.READ], "expires_at": clock.now() + timedelta(days=1),
    }  # fmt: skip


def _identity() -> Identity:
    """Name and login of somebody new."""
    return Identity("somebody-new", name="新")


def _pack(_world: World) -> dict[str, Any]:
    """No pack at all: whoever gets past the guard meets a fault of another name."""
    return {"pack": None}


def _folder(_world: World) -> dict[str, Any]:
    return {"folder": None}


PACKS_ONLY = by(set(), installation="AttributeError")
FOLDERS_ONLY = by(set(), installation="TypeError")
REPORTS = {"coordinator", "leads", "supports", "uninvolved", *GOVERNMENTS} - {"top"}
"""Those whose post reports figures."""
SIGNED_IN = set(DOERS) - {"nobody"}
BESIDE = Subject("element", "growth/task", "A task", "/")
BELOW_N1 = ADMINISTER | {OF_N1}

# -- the administration of people and bodies -------------------------------------------------

ToPerson = Callable[[Person], dict[str, Any]]


def _inactive(person: Person) -> dict[str, Any]:
    """A person whose deactivation is to be undone."""
    Person.objects.filter(pk=person.pk).update(is_active=False)
    return {"person": person}


TO_PEOPLE: dict[str, ToPerson] = {
    "person.correct": lambda person: {"person": person, "identity": _identity()},
    "person.reset_password": lambda person: {
        "person": person, "encoded": "!", "one_time_until": clock.now() + timedelta(days=1),
    },
    "person.deactivate": lambda person: {"person": person},
    "person.reactivate": _inactive,
    "person.blank": lambda person: {"person": person},
}  # fmt: skip
"""What administrators do to a person, with what it is called with."""


def _moved(world: World) -> Person:
    """One who held a post in N11 and holds one in N2."""
    move(world)
    return world.cast.prefecture.person


OUT_OF_REACH = {OF_N1: "not-found"}

WHOM: list[tuple[str, Callable[[World], Person], Outcomes]] = [
    ("below N1", lambda world: world.cast.county.person, by(BELOW_N1)),
    (
        "beside one's own place",
        lambda world: world.cast.sibling.person,
        by(ADMINISTER) | OUT_OF_REACH,
    ),
    ("who moved beside", _moved, by(ADMINISTER)),
    ("who audits", lambda world: world.cast.auditor.person, by({INSTALLATION}) | OUT_OF_REACH),
    ("himself", lambda world: world.cast.administrator.person, by({INSTALLATION}) | OUT_OF_REACH),
]
"""To whom, and who may: nobody to himself, or to who sees everything."""


def _to(given: ToPerson, whom: Callable[[World], Person]) -> Callable[[World], dict[str, Any]]:
    return lambda world: given(whom(world))


def _ended(member: str) -> Callable[[World], dict[str, Any]]:
    """A time in a post that has ended."""

    def given(world: World) -> dict[str, Any]:
        holding = Holding.objects.get(person=getattr(world.cast, member).person)
        holding.valid_to = clock.now().date()
        holding.save()
        return {"holding": holding, "seen": holding.valid_to}

    return given


def _names_of(body: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "body": world.cast.bodies[body], "name_en": "New", "name_zh": "", "short_en": "",
        "short_zh": "", "aliases": [],
    }  # fmt: skip


def _end_of(body: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "body": Body.objects.get(pk=world.cast.bodies[body].pk), "valid_to": clock.now().date()
    }  # fmt: skip


def _relation_above(body: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "relation": Relation.objects.get(subordinate=world.cast.bodies[body]),
        "valid_to": clock.now().date(),
    }


ADMINISTRATION = [
    *[
        Deed(verb, _to(given, whom), who, note)
        for verb, given in TO_PEOPLE.items()
        for note, whom, who in WHOM
    ],
    Deed("holding.reopen", _ended("prefecture"), by(BELOW_N1)),
    Deed("holding.reopen", _ended("sibling"), by(ADMINISTER), "beside one's own place"),
    Deed("holding.reopen", _ended("auditor"), by({INSTALLATION}), "of who audits"),
    Deed("holding.reopen", _ended("administrator"), by({INSTALLATION}), "one's own"),
    Deed("body.correct", _names_of("n11-government"), by(BELOW_N1)),
    Deed("body.correct", _names_of("n2-government"), by(ADMINISTER), "beside one's own place"),
    Deed("body.end", _end_of("n11-government"), by(BELOW_N1)),
    Deed("body.end", _end_of("n2-government"), by(ADMINISTER), "beside one's own place"),
    Deed("body.end", _end_of("audit-office"), by({INSTALLATION}), "with a post that audits"),
    Deed("relation.end", _relation_above("n111-government"), by(BELOW_N1)),
    Deed("relation.end", _relation_above("n2-government"), by(ADMINISTER), "of a body beside"),
]


def _charter(world: World, office: str) -> Charter:
    return Charter(
        kind="task_force", name="Task force", founded_by="Paper No. 2",
        founded_on=date(2021, 1, 1), head="Head", office=world.cast.bodies[office],
    )  # fmt: skip


def _changed(member: str, office: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"mechanism": world.mechanisms[member], "charter": _charter(world, office)}


def _met(member: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "mechanism": world.mechanisms[member],
        "on": date(2021, 6, 1),
        "title": "Second",
    }


OF_PROVINCE = by({"province", INSTALLATION})

MECHANISMS = [
    Deed(
        "mechanism.register",
        lambda world: {
            "plan": world.plans["growth"], "place": world.cast.places["N1"],
            "charter": _charter(world, "n1-government"),
        },
        OF_PROVINCE,
    ),
    Deed("mechanism.change", _changed("province", "n1-government"), OF_PROVINCE),
    Deed(
        "mechanism.change",
        _changed("office", "conference-office"),
        by({"office", "coordinator", INSTALLATION}),
        "of the nation",
    ),
    Deed("mechanism.record_meeting", _met("province"), OF_PROVINCE),
    Deed(
        "mechanism.record_meeting",
        _met("office"),
        by({"office", INSTALLATION}),
        "of the nation",
    ),
    Deed(
        "mechanism.correct_meeting",
        lambda world: {
            "meeting": world.mechanisms["province"].meetings.get(), "on": date(2021, 6, 1),
            "title": "First",
        },
        OF_PROVINCE,
    ),
    Deed(
        "mechanism.end",
        lambda world: {
            "mechanism": world.mechanisms["province"], "on": date(2022, 1, 1), "reason": "Done",
        },
        OF_PROVINCE,
    ),
]  # fmt: skip

# -- projects ----------------------------------------------------------------------------------


def _bridge(**more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda _world: {"project": Project.objects.get(key="bridge"), **more}


def _project(key: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda _world: {"project": Project.objects.get(key=key), **more}


def _new_project(world: World) -> dict[str, Any]:
    register = Register.objects.get(scheme=world.cast.scheme)
    return {
        "register": register,
        "owner": world.cast.bodies["n1-government"],
        "particulars": Particulars(
            title=Text(en="A dam"), sector=register.sectors.get(key="water"),
            places=[world.cast.places["N11"]],
        ),
    }  # fmt: skip


def _amended(_world: World) -> dict[str, Any]:
    row = Project.objects.get(key="bridge")
    return {"project": row, "particulars": replace(particulars_of(row), title=Text(en="Bridge"))}


TERMS = Terms(
    number="C-2", title="Deck", contractor="Builders", amount=Decimal(5), signed_on=date(2022, 5, 1)
)
PAID = Payment(source="local", stage="spent", on=date(2023, 1, 1), amount=Decimal(5))
HAPPENS = date(2023, 2, 1)

PROJECTS = [
    Deed("project.register", _new_project, OF_PROVINCE),
    Deed("project.amend", _amended, OF_PROVINCE),
    Deed("project.set_phases", _bridge(phases=[]), OF_PROVINCE),
    Deed("project.start", _project("road", on=HAPPENS), by({"sibling", INSTALLATION})),
    Deed("project.record_funding", _bridge(payments=[PAID]), OF_PROVINCE),
    Deed("project.sign_contract", _bridge(terms=TERMS), OF_PROVINCE),
    Deed(
        "project.correct_contract",
        lambda _world: {
            "contract": Contract.objects.select_related("project__owner").get(number="C-1"),
            "terms": TERMS, "reason": "Misread",
        },
        OF_PROVINCE,
    ),
    Deed("project.note_progress", _bridge(on=HAPPENS, done=Decimal(40), text="On"), OF_PROVINCE),
    Deed("project.finish", _bridge(on=HAPPENS), OF_PROVINCE),
    Deed("project.cease", _bridge(on=HAPPENS, reason="Paper No. 9"), OF_PROVINCE),
    Deed(
        "project.cease",
        _project("hub", on=HAPPENS, reason="Paper No. 9"),
        by({"uninvolved", INSTALLATION}),
        "of a department",
    ),
]  # fmt: skip

# -- how a plan is carried down ---------------------------------------------------------------


def _with(name: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    """An assignment, and what the action needs beside it."""
    return lambda world: {"assignment": world.assignments[name]} | more


def _in_one_step(name: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    """An assignment of a body in which one person prepares and signs."""

    def given(world: World) -> dict[str, Any]:
        row = world.assignments[name]
        row.body.one_step = True
        row.body.save(update_fields=["one_step"])
        return {"assignment": row} | more

    return given


def _report(name: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"report": world.reports[name]} | more


def _at_one_hand(name: str) -> Callable[[World], dict[str, Any]]:
    """A report that its reviewer prepared."""

    def given(world: World) -> dict[str, Any]:
        report = world.reports[name]
        report.prepared_by = world.cast.leads.actor.person
        report.save()
        return {"report": report}

    return given


def _led_by(member: str, name: str) -> Callable[[World], dict[str, Any]]:
    """An assignment with a responsible leader who is named."""

    def given(world: World) -> dict[str, Any]:
        row = world.assignments[name]
        row.leader = getattr(world.cast, member).post
        row.save()
        return {"assignment": row}

    return given


def _element(world: World, plan: str = "growth", number: int = 2, key: str = "task") -> Element:
    rows = Element.objects.select_related("version__plan__lead_body", "paper", "thread")
    found: Element = rows.get(version=world.versions[plan, number], key=key)
    return found


def _wanted(world: World, body: str, part: str, authority: str) -> dict[str, Any]:
    return {
        "element": _element(world), "body": world.cast.bodies[body], "part": part,
        "authority": authority,
    }  # fmt: skip


def _assigned(body: str, part: str, authority: str = "") -> Callable[[World], dict[str, Any]]:
    return lambda world: _wanted(world, body, part, authority)


def _assigned_many(world: World) -> dict[str, Any]:
    return {"wanted": [Wanted(**_wanted(world, "n2-government", "locality", "Issue No. 1"))]}


def _to_uninvolved(world: World) -> dict[str, Any]:
    return {"body": world.cast.bodies["uninvolved-department"], "reason": "So it is"}


def _draft_of_n1(world: World, **more: Any) -> dict[str, Any]:
    """The draft of the plan of N1."""
    return {"version": world.versions["growth-n1", 2]} | more


def _own_target(world: World) -> dict[str, Any]:
    """A target of N1 in the draft of its plan."""
    given = _draft_of_n1(world, indicator=world.indicators["jobs"], by="2025")
    Target.objects.get_or_create(
        version=given["version"], indicator=given["indicator"], by=given["by"],
        place=world.cast.places["N1"],
        defaults={
            "operator": "ge", "value": 50.0, "edition": world.editions["census"],
            "bindingness": "expected",
        },
    )  # fmt: skip
    return given


def _awaiting(key: str) -> Callable[[World], dict[str, Any]]:
    """The task of the plan, and what it is to wait for."""
    return lambda world: {"element": _element(world), "awaited": _element(world, key=key)}


def _own_plan(code: str, body: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "superior": world.plans["growth"], "place": world.cast.places[code],
        "lead_body": world.cast.bodies[body], "title": Text(en="Ours"),
    }  # fmt: skip


def _undrafted(world: World) -> dict[str, Any]:
    """The plan of N1 as long as it has no draft."""
    PlanVersion.objects.filter(pk=world.versions["growth-n1", 2].pk).update(
        state="superseded", in_force_from=date(2020, 3, 1)
    )
    return {"plan": world.plans["growth-n1"]}


LAYS_OUT = {"coordinator", INSTALLATION}
ANSWERS_N1 = {"province", INSTALLATION}
REPORTS_ON_IT = {"leads", INSTALLATION}

CASCADE = [
    Deed(
        "cascade.simulate",
        lambda world: {"scheme": world.cast.scheme, "today": date(2021, 1, 1), "totals": (8,)},
        by({INSTALLATION}),
    ),
    Deed("task.assign", _assigned("uninvolved-department", "support", "Issue No. 1"),
         by(LAYS_OUT)),
    Deed("task.assign", _assigned("uninvolved-department", "support"), by(set()),
         "a peer, and no document says so"),
    Deed("tasks.assign", _assigned_many, by(LAYS_OUT)),
    Deed("task.receive", _with("arriving"), by({"sibling", INSTALLATION})),
    Deed("tasks.receive", lambda world: {"assignments": [world.assignments["arriving"]]},
         by({"sibling", INSTALLATION})),
    Deed("task.name_people", _with("received", leader=None, officer=None), by(ANSWERS_N1)),
    Deed("task.take_on", _with("received"), by(ANSWERS_N1)),
    Deed("task.take_on", _led_by("prefecture", "received"), by({"prefecture", INSTALLATION}),
         "by the leader who is named, in person"),
    Deed("task.contest", _with("received", reason="So it is", text="Half of it"), by(ANSWERS_N1)),
    Deed("task.declare_not_applicable", _with("received", reason="So it is"), by(ANSWERS_N1)),
    Deed("task.look_again", _with("received"), by(ANSWERS_N1)),
    Deed("task.reassign", lambda world: _with("reported")(world) | _to_uninvolved(world),
         by(LAYS_OUT)),
    Deed("task.withdraw", _with("received", reason="So it is"), by(LAYS_OUT)),
    Deed("task.urge", lambda world: {"assignments": [*world.assignments.values()]},
         by(LAYS_OUT)),
    Deed(
        "task.hand_over",
        lambda world: {
            "body": world.cast.bodies["n1-government"],
            "successor": world.cast.bodies["n11-government"],
            "reason": "So it is",
        },
        by(BELOW_N1),
    ),
    Deed(
        "task.hand_over",
        lambda world: {
            "body": world.cast.bodies["n2-government"],
            "successor": world.cast.bodies["n11-government"],
            "reason": "So it is",
        },
        by(ADMINISTER),
        "of a body beside",
    ),
    Deed("element.await", _awaiting("urban-rate"), by(LAYS_OUT)),
    Deed(
        "element.await",
        lambda world: {
            "element": _element(world, "growth-n1"), "awaited": _element(world, key="jobs"),
        },
        by(ANSWERS_N1),
        "a local plan for one above it",
    ),
    Deed(
        "element.await_no_more",
        lambda world: {
            "element": _element(world), "awaited": _element(world, key="jobs").thread,
        },
        by(LAYS_OUT),
    ),
    Deed("claim.withdraw", lambda world: {"claim": world.claims["claimed"]},
         by({"supports", INSTALLATION})),
    Deed(
        "claim.decide",
        lambda world: {
            "claim": world.claims["claimed"], "outcome": "rejected", "answer": "So be it"
        },
        by({"top", INSTALLATION}),
        "between peers by who leads both",
    ),
    Deed("milestone.set", _with("received", nodes=()), by(ANSWERS_N1)),
    Deed("progress.prepare_report", _with("drafting", kind="progress", text="Done"),
         by(REPORTS_ON_IT)),
    Deed("progress.prepare_and_sign", _in_one_step("drafting", kind="progress", text="Done"),
         by(REPORTS_ON_IT)),
    Deed("progress.prepare_and_sign", _with("drafting", kind="progress", text="Done"),
         by(set(), **dict.fromkeys(REPORTS_ON_IT, "conflict")),
         "in a body that has not set so"),
    Deed("progress.review_report", _report("drafting"), by(REPORTS_ON_IT)),
    Deed("progress.review_report", _at_one_hand("drafting"), by({INSTALLATION}),
         "one's own work"),
    Deed("progress.sign_report", _report("signing"), by(REPORTS_ON_IT)),
    Deed("progress.return_report", _report("signing", reason="So it is"), by(REPORTS_ON_IT),
         "inside the body"),
    Deed("progress.return_report", _report("reported", reason="So it is"), by(LAYS_OUT),
         "by the body that laid out the task"),
    Deed("progress.accept_report", _report("reported"), by(LAYS_OUT)),
    Deed("plan.begin_local_plan", _own_plan("N2", "n2-government"), by({"sibling", INSTALLATION})),
    Deed("plan.begin_local_plan", _own_plan("N11", "n11-government"),
         by(set(), "invalid", **CANNOT_WRITE), "over a tier"),
    Deed("plan.revise_local_plan", _undrafted, by(ANSWERS_N1)),
    Deed("plan.discard_draft", _draft_of_n1, by(ANSWERS_N1)),
    Deed(
        "plan.adopt_elements",
        lambda world: _draft_of_n1(
            world, adoptions=[Adoption(superior=_element(world, key="jobs"))]
        ),
        by(ANSWERS_N1),
    ),
    Deed(
        "plan.put_element",
        lambda world: _draft_of_n1(world, measure=Measure(title=Text(en="Ours"))),
        by(ANSWERS_N1),
    ),
    Deed(
        "plan.remove_element",
        lambda world: _draft_of_n1(world, element=_element(world, "growth-n1")),
        by(ANSWERS_N1),
    ),
    Deed(
        "plan.set_target",
        lambda world: _draft_of_n1(
            world, indicator=world.indicators["jobs"], operator="ge", value=50.0, by="2025"
        ),
        by(ANSWERS_N1),
    ),
    Deed("plan.remove_target", lambda world: _own_target(world), by(ANSWERS_N1)),
    Deed(
        "plan.issue_local_plan",
        lambda world: _draft_of_n1(
            world, number="1", title=Text(en="The issue"), on=clock.now().date(),
            despite_errors=True,
        ),
        by(ANSWERS_N1),
    ),
]  # fmt: skip

# -- what units report in cycles --------------------------------------------------------------

IN_A_YEAR = timedelta(days=365)


def _cycle(key: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"cycle": world.cycles[key]} | more


def _unit(key: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    """What N111 reports, in the cycle that is named after where the report stands."""
    return lambda world: {"report": world.unit_reports[key]} | more


def _handled_by(key: str, **hands: str) -> Callable[[World], dict[str, Any]]:
    """The same, in the hands of members of the cast."""

    def given(world: World) -> dict[str, Any]:
        row = world.unit_reports[key]
        people = {name: getattr(world.cast, who).actor.person for name, who in hands.items()}
        Report.objects.filter(pk=row.pk).update(**people)
        return {"report": row}

    return given


def _in_small_bodies(world: World) -> dict[str, Any]:
    """A report with figures to submit, where every body has set one-step sign-off."""
    Body.objects.update(one_step=True)
    return _unit("open", values=GOOD)(world)


def _beyond_the_tiers(world: World) -> dict[str, Any]:
    """A signed report that no tier checks: the body that opened the cycle does."""
    Report.objects.filter(pk=world.unit_reports["signed"].pk).update(turn=None)
    return _unit("signed")(world)


def _asked_by(member: str) -> Callable[[World], dict[str, Any]]:
    """A locked cycle that a member of the cast asks to open again."""

    def given(world: World) -> dict[str, Any]:
        person = getattr(world.cast, member).actor.person
        Cycle.objects.filter(pk=world.cycles["asked"].pk).update(unlock_asked_by=person)
        return {"cycle": world.cycles["asked"]}

    return given


def _opened(*forms: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "key": "new", "title": "New", "forms": [world.forms[key] for key in forms],
        "period": Period(2022), "opens_at": clock.now(), "closes_at": clock.now() + IN_A_YEAR,
    }  # fmt: skip


def _more_time(world: World) -> dict[str, Any]:
    until = clock.now() + IN_A_YEAR
    return {"report": world.unit_reports["open"], "until": until, "reason": "Floods"}


def _reminding(world: World) -> dict[str, Any]:
    """A cycle that has just closed, and reminds at its close."""
    rows = Cycle.objects.filter(pk=world.cycles["closed"].pk)
    rows.update(remind=[0], told_at=world.cycles["closed"].opens_at)
    return {"cycle": world.cycles["closed"]}


RUNS_IT = {"coordinator", INSTALLATION}
FILLS_IN = FILLS_N111 | {INSTALLATION}
IN_N111 = {"county", INSTALLATION}

REPORTING = [
    Deed("form.load", _pack, PACKS_ONLY),
    Deed("cycle.open", _opened("people", "works"), by(RUNS_IT)),
    Deed("cycle.lock", _cycle("closed"), by(RUNS_IT)),
    Deed("cycle.ask_unlock", _cycle("locked", reason="So it is"), by(RUNS_IT)),
    Deed("cycle.unlock", _cycle("asked"), by(RUNS_IT)),
    Deed("cycle.unlock", _asked_by("coordinator"), by({INSTALLATION}), "at one's own request"),
    Deed("cycle.announce", _cycle("open"), by({INSTALLATION})),
    Deed("report.remind", _reminding, by({INSTALLATION})),
    Deed("report.urge",
         lambda world: {"cycle": world.cycles["open"], "reports": [world.unit_reports["open"]]},
         by((URGES - {"sibling"}) | {INSTALLATION})),
    Deed("report.prepare", _unit("open", values=GOOD), by(FILLS_IN)),
    Deed("report.submit", _in_small_bodies, by(FILLS_IN)),
    Deed("report.submit", _unit("open", values=GOOD),
         by({INSTALLATION}, **dict.fromkeys(FILLS_N111, "conflict")),
         "in a body that has not set so"),
    Deed("report.review", _unit("prepared"), by(IN_N111)),
    Deed("report.review", _handled_by("prepared", prepared_by="county"), by({INSTALLATION}),
         "one's own work"),
    Deed("report.send_back", _unit("prepared", reason="So it is"), by(IN_N111)),
    Deed("report.sign", _unit("reviewed"), by(IN_N111)),
    Deed("report.check", _unit("signed"), by({"prefecture", INSTALLATION})),
    Deed("report.check", _beyond_the_tiers, by(RUNS_IT), "no tier is left"),
    *[
        Deed("report.check", _handled_by("signed", **{hand: "prefecture"}), by({INSTALLATION}),
             f"what one has {hand.removesuffix('_by')} oneself")
        for hand in ("prepared_by", "reviewed_by", "signed_by")
    ],
    Deed("report.return", _unit("signed", reason="So it is"), by(RUNS_IT | {"prefecture"})),
    Deed("report.return", _unit("accepted", reason="So it is"),
         by(RUNS_IT | {"prefecture", "province"}), "by every tier that passed it on"),
    Deed("extension.ask", _more_time, by(FILLS_IN)),
    Deed("extension.decide",
         lambda world: {"extension": world.extensions["county"], "granted": True}, by(RUNS_IT)),
]  # fmt: skip

# -- contested values ----------------------------------------------------------------------


def _questioned(series: str, **more: Any) -> Callable[[World], dict[str, Any]]:
    """A figure of N111 for 2020, and what is said against it."""
    return lambda world: {
        "observation": world.standing(series, "N111", "2020"), "grounds": "We counted",
    } | more  # fmt: skip


def _contested(world: World) -> dict[str, Any]:
    exhibit = Exhibit(file=world.file, name="figures.csv")
    return _questioned("jobs-reported", proposed=12.0, evidence=[exhibit])(world)


def _answer(world: World) -> dict[str, Any]:
    contest = world.contests["jobs"]
    return {
        "contest": contest, "verdict": "accepted", "reason": "So it is",
        "against": contest.observation_id,
    }  # fmt: skip


def _own_contest(world: World) -> dict[str, Any]:
    """What one of the producer has asked in another post."""
    person = world.cast.leads.actor.person
    Contest.objects.filter(pk=world.contests["jobs"].pk).update(person=person)
    return _answer(world)


CONTESTS = [
    Deed("value.contest", _contested, by(IN_N111)),
    Deed("value.contest", _questioned("people-official"), by(IN_N111), "an enquiry"),
    Deed("value.answer_contest", _answer, by({"leads", INSTALLATION})),
    Deed("value.answer_contest", _own_contest, by({INSTALLATION}), "what one asked oneself"),
    Deed("value.withdraw_contest", lambda world: {"contest": world.contests["jobs"]}, by(IN_N111)),
]

# -- submission for approval -------------------------------------------------------------------


def _submission(world: World) -> dict[str, Any]:
    return {
        "about": about(world, key="growth/free"), "facts": STATED,
        "enclosed": enclosures("request", "draft"),
    }  # fmt: skip


def _at(name: str, node: str, body: str = "", **more: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"step": at(world.cases[name], node, body)} | more


def _submitted_himself(world: World) -> dict[str, Any]:
    """What the one who reviews has handed in, in another post."""
    case = world.cases["running"]
    CaseAct.objects.create(
        case=case, deed="submit", person=world.cast.coordinator.actor.person, at=clock.now(), act=0
    )
    return _at("running", "review", verb="conform")(world)


def _run_out(world: World) -> dict[str, Any]:
    rows = CaseStep.objects.filter(case=world.cases["running"], ended_at__isnull=True)
    rows.update(due_at=clock.now() - timedelta(days=1))
    return {"case": world.cases["running"]}


_SAID = {"words": "So it is"}
_SUPPORTS = "supporting-department"

CASES = [
    Deed(
        "case.submit",
        _submission,
        by(
            {"leads", "supports", "uninvolved", "coordinator", "office", "top"},
            province="invalid", sibling="invalid", prefecture="invalid", county="invalid",
        ),
    ),
    Deed(
        "case.decide",
        _at("running", "review", verb="conform"),
        by({"coordinator", INSTALLATION}),
    ),
    Deed("case.decide", _submitted_himself, by({INSTALLATION}), "what one submitted oneself"),
    Deed(
        "case.decide",
        _at("running", "countersigning", _SUPPORTS, verb="object", **_SAID),
        by({"supports", INSTALLATION}),
        "disagreeing",
    ),
    Deed("case.resubmit", _at("returned", "submission"), by({"leads", INSTALLATION})),
    Deed(
        "case.ask_supplement", _at("running", "review", **_SAID), by({"coordinator", INSTALLATION})
    ),
    Deed("case.supplement", _at("asked", "review", **_SAID), by({"leads", INSTALLATION})),
    Deed(
        "case.transfer",
        lambda world: _at("running", "review", **_SAID)(world)
        | {"to": world.cast.bodies["conference-office"]},
        by({"coordinator", INSTALLATION}),
    ),
    Deed(
        "case.add_signer",
        lambda world: _at("running", "countersigning", _SUPPORTS)(world)
        | {"body": world.cast.bodies["n1-government"]},
        by({"supports", INSTALLATION}),
    ),
    Deed(
        "case.sign",
        lambda world: {
            "signer": signer_of(
                world.cases["asked"], AddedSigner.objects.get(step__case=world.cases["asked"]).pk
            ),
            "verb": "agree",
        },
        by({"province", INSTALLATION}),
    ),
    Deed(
        "case.withdraw", lambda world: {"case": world.cases["running"]}, by({"leads", INSTALLATION})
    ),
    Deed("case.urge", _at("running", "review"), by({"leads", "top", INSTALLATION})),
    Deed("case.escalate", _run_out, by({INSTALLATION})),
    Deed(
        "procedure.load",
        lambda _world: {"plan": "growth", "catalogue": catalogue(), "calendar": calendar()},
        by({INSTALLATION}),
    ),
]  # fmt: skip

DEEDS = [
    *CASES,
    *CONTESTS,
    *ADMINISTRATION,
    *MECHANISMS,
    *PROJECTS,
    *CASCADE,
    *REPORTING,
    Deed("person.sign_in", _county, anybody(), "login and password were given"),
    Deed("person.sign_out", _county, anybody(), "the session is the person's"),
    Deed(
        "person.switch_post",
        lambda world: _county(world) | {"post": world.cast.county.post},
        HERSELF,
    ),
    Deed("person.set_language", lambda world: _county(world) | {"language": "en"}, HERSELF),
    Deed("person.change_password", lambda world: _county(world) | {"encoded": "!"}, HERSELF),
    Deed("token.issue", _token, by({"county", INSTALLATION}, "not-found")),
    Deed(
        "token.revoke",
        lambda world: {"token": world.tokens["county"]},
        by(BELOW_N1 | {"county"}),
    ),
    Deed("person.create", lambda _: {"identity": _identity(), "encoded": "!"}, by(BELOW_N1)),
    Deed("person.appoint", _appointment, by(BELOW_N1)),
    Deed(
        "holding.end",
        lambda world: {
            "holding": world.cast.prefecture.person.holdings.get(),
            "valid_to": clock.now().date(),
        },
        by(BELOW_N1),
    ),
    Deed("person.load", _folder, FOLDERS_ONLY),
    Deed("body.load", _folder, FOLDERS_ONLY),
    Deed(
        "body.create",
        lambda world: {
            "key": "new",
            "kind": BodyKind.OFFICE,
            "name_en": "New",
            "place": world.cast.places["N11"],
        },
        by(BELOW_N1),
    ),
    Deed(
        "body.create",
        lambda world: {
            "key": "new",
            "kind": BodyKind.OFFICE,
            "name_en": "New",
            "place": world.cast.places["N2"],
        },
        by(ADMINISTER),
        "beside the place of one who administers",
    ),
    Deed(
        "body.relate",
        lambda world: {
            "superior": world.cast.bodies["n1-government"],
            "subordinate": world.cast.bodies["n111-government"],
            "kind": RelationKind.GUIDES,
        },
        by(BELOW_N1),
    ),
    Deed("post.create", lambda world: _post(world, Duty.READ), by(BELOW_N1)),
    Deed(
        "post.create",
        lambda world: _post(world, Duty.AUDIT),
        by({INSTALLATION}),
        "one that sees everything",
    ),
    Deed("places.load", _folder, PACKS_ONLY),
    Deed(
        "grouping.define",
        lambda world: {
            "scheme": world.cast.scheme,
            "key": "new",
            "name_en": "New",
            "name_zh": "",
            "computed_from": "",
            "note_en": "",
            "note_zh": "",
            "groups": [],
        },
        by({INSTALLATION}),
    ),
    Deed(
        "grouping.set_members",
        lambda _: {"group": None, "places": [], "valid_from": clock.now().date()},
        PACKS_ONLY,
    ),
    Deed(
        "place.register",
        lambda world: {
            "name": "区",
            "parent": world.cast.places["N11"],
            "tier": world.cast.places["N111"].tier,
            "valid_from": clock.now().date(),
            "valid_to": None,
            "reason": "test",
        },
        anybody(),
        "within an import, which has asked",
    ),
    Deed("plan.load", _pack, PACKS_ONLY),
    Deed("series.load", _pack, PACKS_ONLY),
    Deed("figures.simulate", _pack, PACKS_ONLY),
    Deed(
        "observations.load",
        _read_for("people-official"),
        {**by({"supports", "coordinator", INSTALLATION}), **GETS_NO_FURTHER},
    ),
    Deed(
        "observations.load",
        _read_for("jobs-reported"),
        by({"leads", "coordinator", INSTALLATION}) | GETS_NO_FURTHER,
        "for the plan's lead agency",
    ),
    Deed(
        "load.receive",
        _file_for("jobs-reported"),
        by({"leads", "coordinator", INSTALLATION}) | GETS_NO_FURTHER,
    ),
    Deed(
        "load.receive",
        _file_for(),
        by(REPORTS | {INSTALLATION}) | GETS_NO_FURTHER,
        "each row of it names its series",
    ),
    Deed(
        "observation.record",
        _figure,
        by(RECORD | {INSTALLATION}, "not-found")
        | {"top": "forbidden", "auditor": "forbidden", "nobody": "not-found"},
    ),
    Deed(
        "confidence.record",
        _judged("N111"),
        by(
            {"county", INSTALLATION},
            uninvolved="not-found",
            office="not-found",
            sibling="not-found",
        ),
    ),
    Deed("confidence.record", _judged("N"), by({"coordinator", "leads", INSTALLATION}), "of N"),
    Deed(
        "load.dismiss",
        lambda world: {"load": add_load(world, "county", "c.csv")},
        by({"county"}) | GETS_NO_FURTHER,
    ),
    Deed(
        "remark.add",
        lambda _: {"subject": BESIDE, "text": "Said.", "audience": "line"},
        by(SPEAK | {INSTALLATION}),
    ),
    Deed(
        "remark.withdraw",
        lambda world: {"remark": world.remarks["county"]},
        by({"county", INSTALLATION}),
    ),
    Deed(
        "attachment.add",
        lambda world: {
            "subject": BESIDE,
            "file": world.file,
            "name": "figures.csv",
            "audience": "line",
        },
        by(SPEAK | {INSTALLATION}),
    ),
    Deed(
        "attachment.withdraw",
        lambda world: {"attachment": world.attachments["county"]},
        by({"county", INSTALLATION}),
    ),
    Deed(
        "notice.read",
        lambda world: {"notice": world.notices["county"]},
        by({"county"}, "not-found"),
    ),
    Deed("notice.read_all", lambda _: {"position": 0}, by(SIGNED_IN)),
    Deed("subject.follow", lambda _: {"subject": BESIDE}, by(SIGNED_IN)),
    Deed("subject.unfollow", lambda _: {"subject": BESIDE}, by(SIGNED_IN)),
    Deed("subject.mark_read", lambda _: {"position": 0}, by(SIGNED_IN)),
]
