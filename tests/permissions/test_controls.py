"""Negative controls: each guard is switched off, and the tests of permissions must notice.

A guard is switched off by letting it answer as if the installation asked, which may see and
do everything. What must notice is named with each: a request of the matrix, a deed, a row
that one may not see, a query. A guard that is found and has no control fails the build: so
does one whose absence nobody would notice.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from types import ModuleType
from typing import Any, Protocol

import pytest
from django.db import transaction

from tests.permissions.asking import QUESTIONS
from tests.permissions.comparing import answers, changed, time_stands_still
from tests.permissions.deeds import DEEDS, OF_N1
from tests.permissions.endpoints import client_of
from tests.permissions.guards import NO_GUARDS, functions, guards, switch_off
from tests.permissions.local import REACHES
from tests.permissions.matrix import CASES
from tests.permissions.secrets import SECRETS
from tests.world import World
from throughline.bodies.models import Body
from throughline.bodies.queries import standing_of
from throughline.bodies.rules import Standing
from throughline.figures.models import Observation
from throughline.kernel.actor import SYSTEM, Actor
from throughline.plans.models import Indicator

Instead = Callable[[World, Callable[..., Any]], Callable[..., Any] | property]
"""From the world and a guard to what is put in its place."""


class Tell(Protocol):
    """Something that notices: what it finds wrong, by what it looked at."""

    def notices(self, world: World) -> dict[str, str]: ...


@dataclass(frozen=True)
class Answers:
    """The matrix, at one endpoint by one of the cast."""

    endpoint: str
    member: str

    def notices(self, world: World) -> dict[str, str]:
        """Whatever differs from the matrix, up to the first difference."""
        cases = [case for case in CASES if case.endpoint == self.endpoint]
        assert cases, self.endpoint
        for case in cases:
            try:
                answer = case.request(world).send(client_of(world, self.member, case.scopes))
                found: object = answer.status_code
            except Exception as error:  # a page may well break on what it was never meant to show
                found = type(error).__name__
            if found != case.who[self.member]:
                return {str(case): f"{found}, not {case.who[self.member]}"}
        return {}


@dataclass(frozen=True)
class Shows:
    """The contents, at one endpoint: a row shows to one of the cast who may not see it."""

    secret: str
    member: str
    endpoint: str

    def notices(self, world: World) -> dict[str, str]:
        secret = next(each for each in SECRETS if each.name == self.secret)
        assert self.member not in secret.seen_by
        before = answers(world, self.member, [self.endpoint], secret.at)
        assert before, f"no request at {self.endpoint} is compared"
        with transaction.atomic():
            secret.add(world)
            after = answers(world, self.member, [self.endpoint], secret.at)
            transaction.set_rollback(True)
        return changed(before, after)


@dataclass(frozen=True)
class Links:
    """The pages of the matrix at one endpoint: a link that one of the cast must not find."""

    endpoint: str
    member: str
    link: str

    def notices(self, world: World) -> dict[str, str]:
        shown = answers(world, self.member, [self.endpoint])
        assert shown, f"no request at {self.endpoint} is compared"
        return {name: self.link for name, text in shown.items() if self.link in text}


@dataclass(frozen=True)
class Does:
    """The list of deeds: an action is done by one who may not, or comes to something else."""

    verb: str
    doer: str

    def notices(self, world: World) -> dict[str, str]:
        deeds = [deed for deed in DEEDS if deed.verb == self.verb]
        found = {str(deed): (deed.outcome(world, self.doer), deed.who[self.doer]) for deed in deeds}
        return {
            name: f"{is_}, not {should}" for name, (is_, should) in found.items() if is_ != should
        }


@dataclass(frozen=True)
class Gets:
    """The list of queries: somebody gets other rows than there."""

    query: str

    def notices(self, world: World) -> dict[str, str]:
        question = next(each for each in QUESTIONS if each.name == self.query)
        expected = question.expected()
        return {
            member: f"{share}, not {expected[member]}"
            for member, share in question.shares(world).items()
            if share != expected[member]
        }


@dataclass(frozen=True)
class Reaches:
    """The reach of one who administers N1 alone: further than is listed, or not as far."""

    note: str

    def notices(self, world: World) -> dict[str, str]:
        reach = next(each for each in REACHES if each.note == self.note)
        wrong = reach.wrong(world)
        return {self.note: ", ".join(wrong)} if wrong else {}


def as_installation(_world: World, guard: Callable[..., Any]) -> Callable[..., Any]:
    """The guard as if the installation asked, whoever does."""
    return _asked_by(SYSTEM, guard)


def as_member(member: str) -> Instead:
    """The guard as if one of the cast asked: for what is kept by person."""
    return lambda world, guard: _asked_by(getattr(world.cast, member).actor, guard)


def _asked_by(actor: Actor, guard: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(guard)

    @wraps(guard)
    def asked(*args: Any, **named: Any) -> Any:
        bound = signature.bind(*args, **named)
        bound.arguments["actor"] = actor
        return guard(*bound.args, **bound.kwargs)

    return asked


def always(value: Any) -> Instead:
    """A property that is so, whoever it is."""
    return lambda _world, _guard: property(lambda _standing: value)


def instead(function: Callable[..., Any]) -> Instead:
    """Another function in the guard's place."""
    return lambda _world, _guard: function


@dataclass(frozen=True)
class Control:
    """Who must notice that a guard is off, and how it is switched off."""

    tells: tuple[Tell, ...]
    off: Instead = field(default=as_installation)


def every_indicator() -> frozenset[int]:
    """The ids of all indicators."""
    return frozenset(Indicator.objects.values_list("pk", flat=True))


def told_by(*tells: Tell, off: Instead = as_installation) -> Control:
    """A control, all of whose tells must notice."""
    return Control(tells, off)


BODIES = "throughline.bodies.queries."
DIRECTORY = "throughline.bodies.directory."
BODY_PAGES = "throughline.bodies.pages."
MAY = "throughline.bodies.permissions."
STANDING = "throughline.bodies.rules.Standing."
PLANS = "throughline.plans.queries."
FIGURES = "throughline.figures.queries."
NOTICES = "throughline.notices."
SUBJECTS = "throughline.subjects."
SURVEYING = "throughline.figures.surveying."
CASCADE = "throughline.cascade.queries."
CASCADE_MAY = "throughline.cascade.permissions."
CASCADE_API = "throughline.cascade.api.routing."

BELOW_N2 = "a corrected department figure below N2"
UNRELEASED = "a correction not yet released"
DRAFT_PLAN = "a plan of which there is only a draft"
NOBODYS_PART = "a series for the line in which nobody has a part"
SAID_BY_N2 = "a remark by N2 for its line"
UNSIGNED = "a report that the supporting department has not signed"
DRAFT_OF_N2 = "a plan of N2 of which there is only a draft"

ADMINISTRATION: dict[str, Control] = {
    # -- who may administer whom -----------------------------------------------------------
    MAY + "require_administrator_of_person": told_by(
        Does("person.correct", "county"), Does("person.blank", OF_N1),
        Does("person.deactivate", "administrator"), Does("person.reactivate", OF_N1),
        Reaches("correcting one who moved beyond"),
        Reaches("a new password for one who moved beyond"),
    ),
    MAY + "require_installation_for_audit": told_by(
        Does("post.create", "administrator"), Does("body.end", "administrator"),
        Does("holding.reopen", "administrator"), Does("person.reset_password", "administrator"),
    ),
    MAY + "require_directory_of_people": told_by(
        Answers("people", "county"), Answers("api:list_people", "leads"),
        Answers("person", "former"), Answers("people", "nobody"),
    ),
    BODIES + "people_administered": told_by(
        Gets(BODIES + "people_administered"),
        Shows("a person without a post", "county", "search"),
        Reaches("people: those who are or were in reach"), Reaches("a person beyond"),
        Reaches("a person beyond by the API"), Reaches("appointing a person beyond by the API"),
        Does("person.correct", OF_N1),
    ),
    # -- the lists and pages of people -------------------------------------------------------
    # Who administers is asked once more there, by whatever says what may be done to a person.
    BODY_PAGES + "people.found_person": told_by(Answers("person", "county")),
    DIRECTORY + "holdings_seen": told_by(
        Gets(DIRECTORY + "holdings_seen"), Reaches("one who moved beyond"),
        Reaches("one who moved beyond by the API"), Reaches("ending a time in a post beyond"),
        Reaches("people: not the posts beyond"), Reaches("people by a body beyond"),
        Reaches("people without a post in reach"),
    ),
    DIRECTORY + "posts_of": told_by(
        Gets(DIRECTORY + "posts_of"), Reaches("people: not the posts beyond")
    ),
    DIRECTORY + "in_bodies_bearing": told_by(
        Gets(DIRECTORY + "in_bodies_bearing"), Reaches("people by a body beyond"),
        Reaches("people by the API: by a body beyond"),
    ),
    DIRECTORY + "people_in_state": told_by(
        Gets(DIRECTORY + "people_in_state"), Reaches("people without a post in reach")
    ),
    # -- the directory of bodies -------------------------------------------------------------
    "throughline.bodies.api.directory.visible_body": told_by(
        Answers("api:get_body", "former"), Gets("throughline.bodies.api.directory.visible_body")
    ),
    BODY_PAGES + "bodies.found_body": told_by(
        Answers("body", "former"), Answers("body", "nobody")
    ),
    DIRECTORY + "holders_in": told_by(
        Gets(DIRECTORY + "holders_in"), Reaches("those who hold posts in a body beyond")
    ),
    DIRECTORY + "is_administered": told_by(
        Gets(DIRECTORY + "is_administered"), Reaches("a body beyond")
    ),
    DIRECTORY + "administered_among": told_by(
        Gets(DIRECTORY + "administered_among"), Reaches("relations of which some are in reach")
    ),
    # -- what is offered and found -----------------------------------------------------------
    DIRECTORY + "offered": told_by(
        Gets(DIRECTORY + "offered"), Reaches("a person beyond to choose"),
        Reaches("a post beyond to choose"), Reaches("a place beyond to choose"),
        Reaches("appointing a person beyond"),
    ),
    BODY_PAGES + "forms.options": told_by(
        Gets(BODY_PAGES + "forms.options"), Reaches("a person beyond to choose"),
        Reaches("a post beyond to choose"), Reaches("a place beyond to choose"),
    ),
    # What the action refuses by itself is told in another way; whom one appoints it leaves open.
    BODY_PAGES + "forms.chosen": told_by(
        Reaches("appointing a person beyond"), Reaches("appointing to a post beyond"),
        Reaches("a new body beyond"),
    ),
    "throughline.bodies.search.search_for": told_by(
        Gets("throughline.bodies.search.search_for"),
        Shows("a person without a post", "county", "search"),
        Shows("a body in the directory", "former", "api:search"),
        Reaches("a person beyond by the search"),
    ),
}  # fmt: skip

DEPENDENCIES = "throughline.cascade.dependencies."
MECHANISMS = "throughline.cascade.mechanisms."
OF_WORKING_MECHANISMS = {
    MECHANISMS + "places_overseen": told_by(
        Gets(MECHANISMS + "places_overseen"), Answers("mechanism", "sibling")
    ),
    MECHANISMS + "mechanisms_visible_to": told_by(
        Answers("mechanism", "sibling"),
        Shows("a working mechanism of N2", "county", "api:list_mechanisms"),
    ),
    MECHANISMS + "mechanism_by_id": told_by(
        Answers("mechanism", "sibling"), Answers("api:get_mechanism", "leads")
    ),
    MECHANISMS + "meeting_by_id": told_by(Answers("correct-meeting", "sibling")),
    MECHANISMS + "places_surveyed": told_by(Gets(MECHANISMS + "places_surveyed")),
    MECHANISMS + "tiers_surveyed": told_by(Gets(MECHANISMS + "tiers_surveyed")),
    MECHANISMS + "survey": told_by(
        Gets(MECHANISMS + "survey"), Shows("a working mechanism of N2", "county", "mechanisms")
    ),
    "throughline.cascade.convening.mechanisms_due": told_by(
        Gets("throughline.cascade.convening.mechanisms_due"), off=as_member("province")
    ),
    CASCADE_MAY + "require_founding": told_by(
        Does("mechanism.register", "sibling"), Answers("register-mechanism", "leads")
    ),
    CASCADE_MAY + "require_keeping": told_by(
        Does("mechanism.record_meeting", "prefecture"), Answers("correct-meeting", "coordinator")
    ),
    CASCADE_MAY + "require_changing": told_by(
        Does("mechanism.change", "prefecture"), Answers("end-mechanism", "coordinator")
    ),
}

PROJECTS = "throughline.projects.queries."
PROJECTS_MAY = "throughline.projects.permissions."
OF_PROJECTS = {
    PROJECTS + "registers_visible_to": told_by(Gets(PROJECTS + "registers_visible_to")),
    PROJECTS + "register_by_key": told_by(Gets(PROJECTS + "register_by_key")),
    PROJECTS + "projects_visible_to": told_by(
        Gets(PROJECTS + "projects_visible_to"),
        Answers("project", "sibling"),
        Shows("a project of N2", "county", "projects"),
        Shows("a project of N2", "county", "projects-export"),
    ),
    PROJECTS + "project_by_key": told_by(
        Gets(PROJECTS + "project_by_key"), Answers("project", "uninvolved")
    ),
    PROJECTS + "contract_by_id": told_by(
        Gets(PROJECTS + "contract_by_id"), Answers("correct-contract", "sibling")
    ),
    PROJECTS + "picture_by_id": told_by(
        Gets(PROJECTS + "picture_by_id"), Answers("project-picture", "sibling")
    ),
    "throughline.projects.reading.read_elements": told_by(
        Gets("throughline.projects.reading.read_elements")
    ),
    "throughline.projects.pages.lists.chosen_register": told_by(
        Gets("throughline.projects.pages.lists.chosen_register")
    ),
    PROJECTS_MAY + "require_office_post": told_by(
        Does("project.register", "sibling"), Answers("register-project", "top")
    ),
    PROJECTS_MAY + "require_owning": told_by(Does("project.register", "sibling")),
    PROJECTS_MAY + "require_keeping": told_by(
        Does("project.amend", "prefecture"), Answers("record-funding", "coordinator")
    ),
}

CARRIED_DOWN: dict[str, Control] = {
    # -- who may do what -------------------------------------------------------------------
    CASCADE_MAY + "require_writing": told_by(
        Answers("take-on-assignment", "prefecture"), Does("task.assign", "administrator"),
        Answers("api:receive_task", "sibling"),  # by a token that changes no plans
    ),
    CASCADE_MAY + "require_issuing": told_by(
        Answers("assign-element", "leads"), Answers("assign-as-printed", "province"),
        Does("tasks.assign", "supports"),
    ),
    CASCADE_MAY + "require_office": told_by(
        Answers("receive-assignment", "coordinator"), Answers("set-milestones", "county"),
        Answers("prepare-report", "supports"), Does("task.receive", "province"),
        Answers("api:receive_tasks", "coordinator"), Does("tasks.receive", "top"),
    ),
    CASCADE_MAY + "require_leader": told_by(
        Answers("take-on-assignment", "prefecture"), Answers("contest-assignment", "county"),
        Does("task.take_on", "coordinator"), Does("claim.withdraw", "leads"),
    ),
    CASCADE_MAY + "require_issuer": told_by(
        Answers("withdraw-assignment", "leads"), Answers("accept-report", "leads"),
        Does("task.reassign", "top"),
    ),
    CASCADE_MAY + "require_reviewing": told_by(
        Answers("review-report", "auditor"), Does("progress.review_report", "coordinator")
    ),
    CASCADE_MAY + "require_returning": told_by(
        Answers("return-report", "leads"), Does("progress.return_report", "supports")
    ),
    CASCADE_MAY + "require_decider": told_by(
        Answers("decide-claim", "coordinator"), Does("claim.decide", "supports")
    ),
    CASCADE_MAY + "require_making_local_plan": told_by(
        Answers("api:begin_local_plan", "province"), Does("plan.begin_local_plan", "coordinator")
    ),
    CASCADE_MAY + "require_drafting": told_by(
        Answers("adopt-elements", "sibling"), Does("plan.put_element", "coordinator")
    ),
    CASCADE_MAY + "require_issuing_local_plan": told_by(
        Answers("issue-local-plan", "coordinator"), Does("plan.issue_local_plan", "top")
    ),
    CASCADE_MAY + "require_checking": told_by(
        Answers("checks", "county"), Answers("api:list_findings", "leads")
    ),
    # -- what exists -----------------------------------------------------------------------
    CASCADE + "assignments_open_to": told_by(
        Answers("assignment", "sibling"), Gets(CASCADE + "assignments_open_to")
    ),
    CASCADE + "assignments_visible_to": told_by(
        Answers("assignment", "uninvolved"), Gets(CASCADE + "assignments_visible_to"),
        Shows("a task laid on N2", "province", "plan-work"),
        Shows("a task laid on N2", "county", "api:list_assignments"),
    ),
    CASCADE + "assignment_by_id": told_by(
        Answers("api:get_assignment", "province"), Gets(CASCADE + "assignment_by_id")
    ),
    CASCADE + "claims_visible_to": told_by(
        Answers("decide-claim", "administrator"), Gets(CASCADE + "claims_visible_to")
    ),
    CASCADE + "claim_by_id": told_by(Answers("api:decide_claim", "administrator")),
    CASCADE + "reports_visible_to": told_by(
        Answers("api:get_report", "coordinator"), Gets(CASCADE + "reports_visible_to"),
        Shows(UNSIGNED, "coordinator", "assignment"), Shows(UNSIGNED, "leads", "api:list_reports"),
    ),
    CASCADE + "report_by_id": told_by(Answers("review-report", "coordinator")),
    CASCADE + "report_under_way": told_by(Gets(CASCADE + "report_under_way")),
    CASCADE + "evidence_by_id": told_by(Answers("evidence-file", "administrator")),
    CASCADE + "bodies_served": told_by(
        Answers("api:get_report", "province"), off=as_member("leads")
    ),
    CASCADE + "local_plans_visible_to": told_by(Gets(CASCADE + "local_plans_visible_to")),
    CASCADE + "local_plan_by_key": told_by(Gets(CASCADE + "local_plan_by_key")),
    CASCADE + "local_plan_seen": told_by(
        Gets(CASCADE + "local_plan_seen"), Shows(DRAFT_OF_N2, "coordinator", "assignment")
    ),
    CASCADE + "draft_of": told_by(
        Gets(CASCADE + "draft_of"), Links("local-plan", "sibling", "Task in N1, draft"),
        Links("api:get_local_plan", "coordinator", "Task in N1, draft"),
    ),
    CASCADE_API + "body_by_key": told_by(
        Answers("api:assign_task", "former"), Gets(CASCADE_API + "body_by_key")
    ),
    CASCADE_API + "bodies_by_key": told_by(Gets(CASCADE_API + "bodies_by_key")),
    CASCADE_API + "element_by_key": told_by(Gets(CASCADE_API + "element_by_key")),
    DEPENDENCIES + "waiting_element": told_by(
        Answers("await-element", "county"), Answers("api:list_dependencies", "province")
    ),
    DEPENDENCIES + "elements_to_await": told_by(Gets(DEPENDENCIES + "elements_to_await")),
    DEPENDENCIES + "offer_elements": told_by(Gets(DEPENDENCIES + "offer_elements")),
    DEPENDENCIES + "dependencies_of": told_by(Gets(DEPENDENCIES + "dependencies_of")),
    # -- what is offered, and what waits ---------------------------------------------------
    "throughline.cascade.viewing.acts_of": told_by(
        Links("assignment", "county", "/take-on"), Links("assignment", "leads", "/urge")
    ),
    "throughline.cascade.viewing.looks_again": told_by(
        Links("assignment", "county", "/look-again")
    ),
    "throughline.cascade.viewing.may_decide": told_by(Links("assignment", "county", "/decide")),
    "throughline.cascade.viewing.may_take_back": told_by(
        Links("assignment", "county", "/withdraw")
    ),
    "throughline.cascade.viewing.report_acts": told_by(Links("assignment", "county", "/accept")),
    "throughline.cascade.work.count_for": told_by(
        Shows("a task laid on N2", "province", "inbox"), off=as_member("sibling")
    ),
    "throughline.cascade.work.work_for": told_by(
        Links("my-work", "county", "/assignments/"), off=as_member("sibling")
    ),
}  # fmt: skip

REPORTING = "throughline.reporting.queries."
PUNCTUALITY = "throughline.reporting.tracking.punctuality."
REPORTING_MAY = "throughline.reporting.permissions."
TYPED = "what is typed into the sheet of N111 and not prepared"
SIGNED = "that N211 has signed its report"

OF_CYCLES: dict[str, Control] = {
    # -- who may do what -------------------------------------------------------------------
    REPORTING_MAY + "require_writing": told_by(
        Answers("review-sheet", "coordinator"), Does("report.prepare", "administrator"),
        Answers("api:report-values", "county"),  # by a token that writes no figures
    ),
    REPORTING_MAY + "require_filling": told_by(
        Answers("api:report-prepare", "top"), Answers("ask-more-time", "leads"),
        Does("report.prepare", "sibling"), Does("report.submit", "leads"),
        Does("extension.ask", "auditor"),
    ),
    REPORTING_MAY + "fills": told_by(
        Does("report.prepare", "sibling"), Does("extension.ask", "sibling")
    ),
    REPORTING_MAY + "sees_drafts": told_by(
        Shows(TYPED, "top", "report-sheet"), Shows(TYPED, "auditor", "api:report"),
        Shows(TYPED, "top", "sheet-file"),
        off=instead(lambda _actor, _standing, _report: True),
    ),
    REPORTING_MAY + "require_reviewing": told_by(
        Answers("send-back-sheet", "prefecture"), Does("report.review", "coordinator"),
        Does("report.send_back", "prefecture"),
    ),
    REPORTING_MAY + "require_another": told_by(Does("report.review", "county")),
    REPORTING_MAY + "require_signing": told_by(
        Answers("sign-sheet", "prefecture"), Does("report.sign", "coordinator")
    ),
    REPORTING_MAY + "require_checking": told_by(
        Answers("check-sheet", "county"), Answers("api:report-check", "province"),
        Does("report.check", "prefecture"),
    ),
    REPORTING_MAY + "require_returning": told_by(
        Answers("return-sheet", "county"), Answers("api:report-return", "leads"),
        Does("report.return", "province"),
    ),
    REPORTING_MAY + "require_running": told_by(
        Answers("ask-unlock-cycle", "office"), Answers("decide-more-time", "leads"),
        Does("cycle.lock", "office"), Does("cycle.unlock", "coordinator"),
        Does("extension.decide", "top"),
    ),
    REPORTING_MAY + "require_opening": told_by(
        Answers("api:cycles", "office"), Does("cycle.open", "leads")
    ),
    REPORTING_MAY + "may_urge": told_by(
        Answers("urge-units", "county"), Gets(REPORTING_MAY + "may_urge")
    ),
    REPORTING_MAY + "require_urging": told_by(
        Answers("api:urge-units", "county"), Does("report.urge", "sibling")
    ),
    # -- what exists -----------------------------------------------------------------------
    "throughline.reporting.owing.tasks_visible_to": told_by(
        Gets("throughline.reporting.owing.tasks_visible_to"),
    ),
    "throughline.reporting.owing.owed_at": told_by(Gets("throughline.reporting.owing.owed_at")),
    REPORTING + "cycles_visible_to": told_by(
        Answers("cycle", "administrator"), Gets(REPORTING + "cycles_visible_to")
    ),
    REPORTING + "cycle_by_key": told_by(
        Answers("api:cycle", "former"), Gets(REPORTING + "cycle_by_key")
    ),
    REPORTING + "reports_open_to": told_by(
        Answers("report-sheet", "sibling"), Gets(REPORTING + "reports_open_to")
    ),
    REPORTING + "reports_visible_to": told_by(
        Answers("api:report", "supports"), Gets(REPORTING + "reports_visible_to"),
        Shows(SIGNED, "province", "cycles"), Shows(SIGNED, "county", "cycle"),
        Shows(SIGNED, "uninvolved", "api:cycle-reports"), Answers("decide-more-time", "sibling"),
    ),
    REPORTING + "report_of": told_by(
        Answers("api:report", "county"), Gets(REPORTING + "report_of"),
        Shows("why the report of N211 was returned", "county", "api:report"),
    ),
    "throughline.reporting.drafting.save_sheet": told_by(Answers("api:report-values", "top")),
    "throughline.reporting.drafting.merge_sheet": told_by(Answers("save-sheet", "top")),
    "throughline.reporting.workbooks.template_of": told_by(
        Shows(TYPED, "top", "sheet-file"), off=as_member("county")
    ),
    "throughline.reporting.workbooks.take": told_by(Gets("throughline.reporting.workbooks.take")),
    **{
        guard: told_by(Gets(guard))
        for guard in (
            REPORTING_MAY + "fillable_by",
            REPORTING + "forms_visible_to",
            "throughline.reporting.weighing.tiers_asked",
            "throughline.reporting.weighing.weigh",
            "throughline.reporting.weighing.weigh_asking",
            "throughline.reporting.workbooks.filled_in_by",
            "throughline.reporting.workbooks.workbooks_visible_to",
            "throughline.reporting.workbooks.receive_workbook",
            "throughline.reporting.workbooks.take_several",
            "throughline.reporting.drafting.save_unless_changed",
            "throughline.reporting.tickets.admit_submission",
            "throughline.reporting.tickets.admit_signature",
        )
    },
    "throughline.reporting.workbooks.template_of_several": told_by(
        Gets("throughline.reporting.workbooks.template_of_several"), off=as_member("county")
    ),
    "throughline.reporting.laying.sheet.lay_out": told_by(
        Shows(TYPED, "top", "report-sheet"), off=as_member("county")
    ),
    "throughline.reporting.laying.offering.may_of": told_by(
        Links("report-sheet", "county", "/cycles/signed/units/N111/check"),
        off=as_member("prefecture"),
    ),
    # -- what is offered, and what waits ---------------------------------------------------
    "throughline.reporting.pages.cycles.forms_to_open": told_by(
        Answers("open-cycle", "leads"), Links("cycles", "county", 'href="/cycles/open"')
    ),
    "throughline.reporting.work.count_for": told_by(
        Shows(SIGNED, "province", "inbox"), off=as_member("sibling")
    ),
    "throughline.reporting.work.work_for": told_by(
        Shows(SIGNED, "province", "my-work"), off=as_member("sibling")
    ),
}  # fmt: skip

CONTESTING = "throughline.reporting.contesting."
MARKING = "throughline.figures.marking."
CONTESTED_BY_N2 = "that N2 contests a figure of N211"

OF_CONTESTS: dict[str, Control] = {
    REPORTING_MAY + "require_contesting": told_by(
        Answers("contest-value", "prefecture"), Answers("api:contest-figure", "leads"),
        Does("value.contest", "province"),
    ),
    REPORTING_MAY + "require_answering": told_by(
        Answers("answer-contest", "county"), Answers("api:answer-contest", "supports"),
        Does("value.answer_contest", "leads"),
    ),
    REPORTING_MAY + "require_withdrawing": told_by(
        Answers("withdraw-contest", "leads"), Does("value.withdraw_contest", "prefecture")
    ),
    REPORTING + "contests_visible_to": told_by(
        Answers("contest", "sibling"), Gets(REPORTING + "contests_visible_to"),
        Shows(CONTESTED_BY_N2, "county", "contests"),
        Shows(CONTESTED_BY_N2, "province", "api:contests"),
    ),
    REPORTING + "contest_by_id": told_by(
        Answers("api:contest", "sibling"), Gets(REPORTING + "contest_by_id")
    ),
    REPORTING + "observation_by_id": told_by(
        Answers("contest-value", "sibling"), Gets(REPORTING + "observation_by_id")
    ),
    # -- what is said beside figures ---------------------------------------------------------
    **{
        name: told_by(Gets(name))
        for name in (
            CONTESTING + "contested_at", CONTESTING + "said_beside", CONTESTING + "said_on_sheet",
            MARKING + "marks_at", MARKING + "said_of",
        )
    },
    CONTESTING + "may_contest": told_by(
        Gets(CONTESTING + "may_contest"), off=as_member("county")
    ),
}  # fmt: skip

SUBMITTED_BY_N2 = "a case of N2"
CASES_SEEN = "throughline.procedures.queries."
CASES_MAY = "throughline.procedures.permissions."

OF_CASES: dict[str, Control] = {
    CASES_MAY + "require_submitting": told_by(Does("case.submit", "supports")),
    CASES_MAY + "require_answering": told_by(
        Does("case.decide", "supports"), Does("case.transfer", "leads"),
        Answers("api:answer-step", "uninvolved"), Answers("api:hand-in", "supports"),
        Does("case.decide", "coordinator"),
    ),
    CASES_MAY + "require_signing": told_by(
        Does("case.sign", "supports"), Answers("api:sign-step", "leads")
    ),
    CASES_MAY + "require_handing_in": told_by(
        Does("case.supplement", "supports"), Answers("api:withdraw-case", "coordinator")
    ),
    CASES_MAY + "require_urging": told_by(
        Does("case.urge", "supports"), Answers("api:urge-step", "uninvolved")
    ),
    CASES_SEEN + "cases_visible_to": told_by(
        Gets(CASES_SEEN + "cases_visible_to"), Answers("api:case", "sibling"),
        Shows(SUBMITTED_BY_N2, "county", "api:cases"),
    ),
    CASES_SEEN + "case_by_id": told_by(
        Gets(CASES_SEEN + "case_by_id"), Answers("api:urge-step", "county")
    ),
    "throughline.procedures.case_subjects.case_subject": told_by(
        Gets("throughline.procedures.case_subjects.case_subject")
    ),
    "throughline.procedures.work.work_for": told_by(
        Gets("throughline.procedures.work.work_for"), off=as_member("leads")
    ),
    "throughline.procedures.work.count_for": told_by(
        Gets("throughline.procedures.work.count_for"), off=as_member("leads")
    ),
}  # fmt: skip

CONTROLS: dict[str, Control] = {
    **OF_CASES,
    **ADMINISTRATION,
    **CARRIED_DOWN,
    **OF_WORKING_MECHANISMS,
    **OF_PROJECTS,
    **OF_CYCLES,
    **OF_CONTESTS,
    # -- who it is -------------------------------------------------------------------------
    BODIES + "standing_of": told_by(Answers("journal-export", "county")),
    MAY + "signed_in": told_by(Answers("my-work", "nobody"), off=instead(standing_of)),
    MAY + "require_in_a_post": told_by(
        Does("report.prepare", "administrator"), Answers("api:report-values", "county"),
    ),
    STANDING + "is_installation": told_by(Does("post.create", "administrator"), off=always(True)),
    STANDING + "audits": told_by(
        Answers("journal-export", "county"), Answers("load", "sibling"), off=always(True)
    ),
    STANDING + "sees_content": told_by(Answers("indicator", "administrator"), off=always(True)),
    STANDING + "governs": told_by(
        Answers("figure", "uninvolved"), Answers("api:get_value", "office"), off=always(True)
    ),
    STANDING + "administers": told_by(Answers("revoke-token", "leads"), off=always(True)),
    STANDING + "may_administer": told_by(Does("person.create", "county"), off=always(True)),
    STANDING + "allows": told_by(
        Answers("api:list_journal", "county"),
        Answers("api:post_observation", "county"),
        off=instead(lambda _standing, _scope: True),
    ),
    STANDING + "has": told_by(
        Answers("api:post_observation", "top"), off=instead(lambda _standing, _duty, _scope: True)
    ),
    # -- bodies, people, tokens, the journal -----------------------------------------------
    BODIES + "places_in_line": told_by(
        Answers("figure", "sibling"), Gets(BODIES + "places_in_line")
    ),
    BODIES + "places_in_sight": told_by(
        Answers("figure", "uninvolved"), Gets(BODIES + "places_in_sight")
    ),
    BODIES + "places_below": told_by(Answers("api:post_observation", "county")),
    BODIES + "places_administered": told_by(
        Answers("revoke-token", "leads"), Does("body.create", OF_N1)
    ),
    BODIES + "bodies_visible_to": told_by(Answers("api:get_body", "former")),
    BODIES + "people_visible_to": told_by(
        Gets(BODIES + "people_visible_to"), Gets(DIRECTORY + "holders_in"),
        Reaches("those who hold posts in a body beyond"),
    ),
    BODIES + "tokens_visible_to": told_by(
        Answers("revoke-token", "leads"),
        Shows("a token of the prefecture", "county", "api:list_tokens"),
    ),
    BODIES + "acting_for": told_by(
        Answers("plan", "leads"),
        off=instead(lambda _body: frozenset(Body.objects.values_list("pk", flat=True))),
    ),
    BODIES + "journal_visible_to": told_by(
        Answers("journal-entry", "sibling"),
        Shows("that a colleague signed out", "sibling", "journal"),
        Shows("what a colleague did for N2", "county", "api:list_journal"),
    ),
    MAY + "require_administrator": told_by(Does("person.create", "county")),
    MAY + "require_administrator_of": told_by(Does("body.create", "county")),
    MAY + "require_in_person": told_by(
        Answers("api:issue_token", "county"),
        Does("person.set_language", "sibling"),
        off=instead(lambda _actor, _person: None),
    ),
    "throughline.kernel.permissions.require_installation": told_by(
        Does("plan.load", "coordinator"), Does("body.load", "administrator"),
        Does("grouping.define", "auditor"),
    ),
    # -- plans -----------------------------------------------------------------------------
    PLANS + "versions_visible_to": told_by(
        Answers("plan", "leads"), Shows("a draft version of a plan", "leads", "plan")
    ),
    PLANS + "plans_visible_to": told_by(
        Shows("a plan of which there is only a draft", "leads", "plans")
    ),
    PLANS + "elements_visible_to": told_by(Gets(PLANS + "elements_visible_to")),
    PLANS + "indicators_visible_to": told_by(Gets(PLANS + "indicators_visible_to")),
    PLANS + "plan_in_force": told_by(Gets(PLANS + "plan_in_force")),
    PLANS + "indicator_by_key": told_by(Gets(PLANS + "indicator_by_key")),
    PLANS + "versions_about": told_by(Gets(PLANS + "versions_about")),
    PLANS + "versions_in_force": told_by(Gets(PLANS + "versions_in_force")),
    PLANS + "parts_in": told_by(
        Answers("figure", "uninvolved"), Answers("indicator", "province"),
        off=instead(lambda _body: every_indicator()),
    ),
    # -- figures ---------------------------------------------------------------------------
    FIGURES + "observations_visible_to": told_by(
        Shows(UNRELEASED, "county", "api:list_observations"),
        Gets(FIGURES + "history_of"),
        off=instead(lambda _actor: Observation.objects.all()),
    ),
    FIGURES + "as_known": told_by(
        Shows("a figure not yet released, in a period and an edition that nobody knows",
              "auditor", "indicator"),
        Shows("a draft figure, in a period and an edition that nobody knows",
              "county", "indicator"),
        off=instead(lambda rows, _known: rows),
    ),
    FIGURES + "open_indicators": told_by(Answers("api:get_value", "sibling")),
    FIGURES + "is_open": told_by(Answers("indicator", "province")),
    FIGURES + "places_with_figures": told_by(
        Answers("figure", "sibling"), Answers("api:list_observations", "sibling"),
        Answers("api:post_observation", "sibling"), Answers("indicator", "province"),
    ),
    FIGURES + "sees_figures": told_by(
        Answers("figure", "sibling"), Answers("api:list_observations", "sibling"),
        Answers("indicator", "province"), Does("observation.record", "sibling"),
    ),
    FIGURES + "near": told_by(Gets(FIGURES + "near"), Gets(SURVEYING + "visible_at")),
    FIGURES + "loads_visible_to": told_by(
        Answers("load", "sibling"), Answers("load-file", "county"),
        Shows("an import of N2", "province", "loads"),
    ),
    FIGURES + "answer": told_by(Answers("api:get_value", "sibling"), Answers("figure", "sibling")),
    FIGURES + "series_by_key": told_by(Gets(FIGURES + "series_by_key")),
    FIGURES + "history_of": told_by(Gets(FIGURES + "history_of")),
    FIGURES + "observations_behind": told_by(Gets(FIGURES + "observations_behind")),
    FIGURES + "group_figures": told_by(
        Answers("indicator", "province"), Gets(FIGURES + "group_figures")
    ),
    FIGURES + "places_below": told_by(Gets(FIGURES + "places_below")),
    SURVEYING + "survey": told_by(
        Shows(BELOW_N2, "province", "place"), Shows(BELOW_N2, "uninvolved", "place")
    ),
    SURVEYING + "visible_at": told_by(Shows(BELOW_N2, "province", "api:get_status")),
    "throughline.figures.answering.status_lines": told_by(
        Shows(BELOW_N2, "province", "api:get_status")
    ),
    "throughline.figures.answering.group_lines": told_by(
        Gets("throughline.figures.answering.group_lines")
    ),
    "throughline.figures.pages.asking.visible_place": told_by(Answers("indicator", "province")),
    "throughline.figures.permissions.require_recording": told_by(
        Answers("api:post_observation", "uninvolved"), Answers("figure", "auditor"),
        Does("observation.record", "sibling"),
    ),
    "throughline.figures.permissions.may_order": told_by(
        Gets("throughline.figures.permissions.may_order")
    ),
    "throughline.figures.permissions.require_judging": told_by(
        Answers("record-confidence", "top"), Answers("api:post_confidence", "province"),
        Does("confidence.record", "prefecture"),
    ),
    FIGURES + "alerts_visible_to": told_by(Gets(FIGURES + "alerts_visible_to")),
    "throughline.reporting.tracking.alerts.alerts_for": told_by(
        Gets("throughline.reporting.tracking.alerts.alerts_for")
    ),
    PUNCTUALITY + "last_cycles": told_by(Gets(PUNCTUALITY + "last_cycles")),
    PUNCTUALITY + "records_of": told_by(Gets(PUNCTUALITY + "records_of")),
    PUNCTUALITY + "silent_alerts": told_by(
        Gets(PUNCTUALITY + "silent_alerts"),
        Gets("throughline.reporting.tracking.alerts.alerts_for"),
    ),
    "throughline.figures.permissions.require_loading": told_by(
        Does("observations.load", "province")
    ),
    # -- beside a subject ------------------------------------------------------------------
    SUBJECTS + "kinds.subject_visible_to": told_by(Gets(SUBJECTS + "kinds.subject_visible_to")),
    SUBJECTS + "queries.remarks_visible_to": told_by(
        Shows("a remark by N2 for itself", "county", "api:list_remarks"),
        Gets(SUBJECTS + "queries.remarks_visible_to"),
    ),
    SUBJECTS + "queries.attachments_visible_to": told_by(
        Shows("a file that N2 attached for its line", "county", "api:list_attachments"),
    ),
    SUBJECTS + "queries.followed_by": told_by(
        Gets(SUBJECTS + "queries.followed_by"), off=as_member("county")
    ),
    SUBJECTS + "queries.presence_of": told_by(
        Gets(SUBJECTS + "queries.presence_of"), off=as_member("county")
    ),
    SUBJECTS + "queries.changes_of": told_by(Gets(SUBJECTS + "queries.changes_of")),
    SUBJECTS + "viewing.panel": told_by(
        Shows("a remark by N2 for itself", "county", "element")
    ),
    SUBJECTS + "viewing.followed": told_by(
        Gets(SUBJECTS + "viewing.followed"), off=as_member("county")
    ),
    SUBJECTS + "permissions.require_speaking": told_by(
        Answers("add-remark", "administrator"), Does("attachment.add", "former")
    ),
    SUBJECTS + "permissions.require_withdrawing": told_by(
        Answers("withdraw-remark", "province"), Does("attachment.withdraw", "sibling")
    ),
    # -- the inbox ---------------------------------------------------------------------------
    NOTICES + "queries.notices_visible_to": told_by(
        Answers("open-notice", "sibling"), Answers("api:read_notice", "auditor"),
        Gets(NOTICES + "queries.notices_visible_to"),
        off=as_member("county"),
    ),
    NOTICES + "queries.inbox_of": told_by(
        Links("api:list_notices", "sibling", "plan:growth"), Gets(NOTICES + "queries.inbox_of"),
        off=as_member("county"),
    ),
    NOTICES + "queries.unread_count": told_by(
        Links("inbox", "sibling", "Mark all as read"), Gets(NOTICES + "queries.unread_count"),
        off=as_member("county"),
    ),
    NOTICES + "queries.unread_told_by": told_by(
        Gets(NOTICES + "queries.unread_told_by"), off=as_member("county")
    ),
    NOTICES + "permissions.require_addressed": told_by(
        Answers("read-notice", "sibling"), Does("notice.read", "province"),
        off=as_member("county"),
    ),
    # -- what waits for a person -----------------------------------------------------------
    "throughline.figures.work.work_for": told_by(
        Shows("an import of N2", "province", "my-work"), off=as_member("sibling")
    ),
    "throughline.config.work.work_for": told_by(
        Shows("an import of N2", "province", "my-work"), off=as_member("sibling")
    ),
    "throughline.config.work.count_of": told_by(
        Shows("an import of N2", "province", "inbox"), off=as_member("sibling")
    ),
    "throughline.kernel.work.drafts_of": told_by(
        Shows("what the prefecture has typed and not sent", "county", "my-work"),
        off=as_member("prefecture"),
    ),
    # -- the search ------------------------------------------------------------------------
    "throughline.config.search.search_for": told_by(
        Shows(DRAFT_PLAN, "leads", "api:search"), Shows(DRAFT_PLAN, "leads", "search"),
        Shows(DRAFT_PLAN, "leads", "search-suggestions"),
    ),
    "throughline.figures.search.search_for": told_by(
        Shows("an import of N2", "province", "api:search"),
        Shows(NOBODYS_PART, "uninvolved", "api:search"),
    ),
    "throughline.places.search.search_for": told_by(Gets("throughline.places.search.search_for")),
    "throughline.plans.search.search_for": told_by(Shows(DRAFT_PLAN, "leads", "api:search")),
    FIGURES + "series_visible_to": told_by(
        Shows(NOBODYS_PART, "uninvolved", "search"), Gets(FIGURES + "series_visible_to")
    ),
    # -- files of figures, and what is read of several places ------------------------------
    "throughline.figures.permissions.require_loading_under": told_by(
        Does("load.receive", "supports"), Does("load.receive", "auditor")
    ),
    "throughline.figures.loading.reading.read_file": told_by(
        Gets("throughline.figures.loading.reading.read_file")
    ),
    "throughline.figures.actions.loading.load_file": told_by(
        Gets("throughline.figures.actions.loading.load_file")
    ),
    "throughline.figures.peering.peers_of": told_by(Gets("throughline.figures.peering.peers_of")),
    "throughline.figures.peering.peers_in": told_by(
        Gets("throughline.figures.peering.peers_in"), Gets("throughline.figures.peering.peers_of")
    ),
    FIGURES + "figures_as_given": told_by(Gets(FIGURES + "figures_as_given")),
    FIGURES + "revisions_of": told_by(Gets(FIGURES + "revisions_of")),
    FIGURES + "seen_among": told_by(
        Links("place", "province", "/figures/land/jobs/N2/"),
        Gets(FIGURES + "seen_among"),
    ),
    # -- the cascade -----------------------------------------------------------------------
    "throughline.cascade.chain.throughline_of": told_by(
        Shows("a task laid on N2", "county", "throughline"),
        Shows("a task laid on N2", "uninvolved", "api:get_throughline"),
    ),
    # -- the line of departments -----------------------------------------------------------
    BODIES + "guiding": told_by(
        Answers("figure", "uninvolved"), Shows(SAID_BY_N2, "uninvolved", "beside"),
        off=instead(lambda _body: frozenset(Body.objects.values_list("pk", flat=True))),
    ),
    PLANS + "parts_above": told_by(
        Gets(FIGURES + "observations_visible_to"), Gets(FIGURES + "history_of"),
        off=instead(lambda _body: every_indicator()),
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    time_stands_still(monkeypatch)


def test_every_guard_has_a_control_and_nothing_else_has() -> None:
    found = guards()
    assert found - set(CONTROLS) == set(), "add a control, or remove what guards nothing"
    assert set(CONTROLS) - found == set()


def test_what_is_no_guard_is_still_there() -> None:
    assert set(NO_GUARDS) <= set(functions())


def test_a_new_guard_would_be_found() -> None:
    def secrets_visible_to(actor: Actor) -> None: ...

    def secrets_of(person: str) -> None: ...

    secrets_visible_to.__annotations__ = {"actor": "Actor"}
    room = ModuleType("throughline.new")
    for each in (secrets_visible_to, secrets_of):
        each.__module__ = room.__name__
        setattr(room, each.__name__, each)
    assert list(functions(iter([room]))) == ["throughline.new.secrets_visible_to"]


def test_a_guard_is_switched_off_wherever_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_actor: Actor) -> Standing: ...  # type: ignore[empty-body]

    rooms = ("config.pages.work", "figures.pages.board", "plans.pages", "bodies.pages.bodies")
    modules = [sys.modules[f"throughline.{room}"] for room in rooms]
    switch_off(monkeypatch, MAY + "signed_in", nothing)
    assert {getattr(module, "signed_in") for module in modules} == {nothing}  # noqa: B009


@pytest.mark.parametrize("guard", sorted(CONTROLS))
def test_it_is_noticed_when_a_guard_is_off(
    guard: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = CONTROLS[guard]
    assert [tell for tell in control.tells if tell.notices(world)] == [], "all is well before"
    room, name = guard.rsplit(".", 1)
    original = None if room.endswith(".Standing") else getattr(sys.modules[room], name)
    switch_off(monkeypatch, guard, control.off(world, original))  # type: ignore[arg-type]
    assert [tell for tell in control.tells if not tell.notices(world)] == [], "nobody notices"
