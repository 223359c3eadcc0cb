"""Rows that only some may see. Adding one must change nothing in what the others are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from tests.cases import add_case
from tests.cycles import add_contest, add_extension
from tests.permissions.matrix import (
    FILLS_N111,
    GOVERNMENTS,
    LAID_ON_N1,
    LINE_OF_N2,
    LINE_OF_N112,
    NATION,
    SEES_DRAFT_PLANS,
    SEES_N211,
    Case,
)
from tests.projects import add_project
from tests.world import (
    World,
    add_attachment,
    add_draft,
    add_load,
    add_local_plan,
    add_mechanism,
    add_notice,
    add_remark,
    add_report,
    add_token,
    build_elements,
    lay,
)
from throughline.bodies.actions import sign_out
from throughline.bodies.models import Body, Person, PersonDetails
from throughline.cascade.models import Assignment, Root
from throughline.cascade.rules.kinds import Part
from throughline.figures.models import Observation, Series
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.actor import Actor
from throughline.kernel.journal import next_act_number
from throughline.plans.models import Element, Plan, PlanVersion
from throughline.reporting.models import CellRemark, Report, Sheet
from throughline.reporting.rules.life import ReportStep


@dataclass(frozen=True)
class Secret:
    """A row, who may see it, and at which endpoints those do."""

    name: str
    add: Callable[[World], object]
    seen_by: frozenset[str]
    seen_at: frozenset[str]
    at: Callable[[Case, World], bool] | None = None
    """The requests that are compared, where others may show it in a total."""

    def __str__(self) -> str:
        return self.name


def _observe(series: str, place: str, period: str, **more: object) -> Callable[[World], object]:
    return lambda world: world.observe(next_act_number(), series, place, period, **more)


def _correct_later(world: World) -> object:
    """A correction that is to be released in a month; until then the old figure stands."""
    return world.observe(
        next_act_number(), "people-official", "N111", "2021", value=7777.0, note="corrected",
        supersedes=world.standing("people-official", "N111", "2021"),
        released_at=clock.now() + timedelta(days=30),
    )  # fmt: skip


def _new_version(world: World) -> object:
    version = PlanVersion.objects.create(plan=world.plans["growth"], number=4)
    build_elements(world, version)
    return version


def _new_plan(world: World) -> object:
    plan = Plan.objects.get(key="growth")
    plan.pk, plan.key, plan.title_en = None, "other", "Another secret plan"
    plan.save()
    version = PlanVersion.objects.create(plan=plan, number=1)
    build_elements(world, version)
    return version


def _new_body(world: World) -> object:
    return Body.objects.create(
        key="new-body", name_en="New body", kind="office", place=world.cast.places["N"]
    )


def _correct_below_n2(world: World) -> object:
    before = world.standing("jobs-reported", "N211", "2021")
    return world.observe(
        next_act_number(), "jobs-reported", "N211", "2021", value=99.0, note="corrected",
        supersedes=before,
    )  # fmt: skip


def _names_n2(case: Case, world: World) -> bool:
    """Whether a request asks for N2 itself: totals above it move for those who see them."""
    return "N2" in {*case.query.values(), *case.arguments(world).values()}


def _colleague(world: World) -> Actor:
    """Somebody else in the government of N2."""
    return replace(world.cast.sibling.actor, person="c" * 32, post=None)


def _sign_out_colleague(world: World) -> object:
    return sign_out(_colleague(world), person=world.cast.sibling.person)


def _new_person(world: World) -> object:
    """Somebody without a post, who waits for one."""
    person = Person.objects.create(login="new-person", password="!")
    return PersonDetails.objects.create(person=person, name="姓新", name_en="New Person")


def _sign_out(world: World) -> object:
    sibling = world.cast.sibling
    return sign_out(sibling.actor, person=sibling.person)


@action("world.act")
def _act_for_the_body(act: Act) -> None:
    act.about("world:act")


def _new_series(world: World) -> object:
    """One for the line of an indicator in which nobody has a part."""
    return Series.objects.create(
        key="roads-new", title_en="New roads", indicator=world.indicators["roads"],
        producer=world.cast.bodies["cabinet"], edition=world.editions["census"],
        nature=Series.Nature.DEPARTMENT, audience=Series.Audience.LINE, rank=2,
    )  # fmt: skip


def _lay_on_n2(world: World) -> object:
    """The task of the plan, laid on the government of N2."""
    element = Element.objects.get(version=world.versions["growth", 2], key="task")
    Root.objects.get_or_create(thread=element.thread, root=element.thread)
    return Assignment.objects.create(
        thread=element.thread, element=element, body=world.cast.bodies["n2-government"],
        place=world.cast.places["N2"], part=Part.LOCALITY, authority="Issue 1",
        issuer=world.cast.bodies["lead-agency"], issued_at=clock.now(), act=next_act_number(),
    )  # fmt: skip


def _type_in_n111(world: World) -> object:
    """What is typed into the sheet of N111 and not prepared."""
    return Sheet.objects.create(
        report=world.unit_reports["open"], revision=1, saved_at=clock.now(),
        values={"jobs-reported": {"value": 4321.0, "absent": False, "note": "only typed"}},
    )  # fmt: skip


def _prepare_in_n111(world: World) -> object:
    """What N111 has prepared, and nobody has signed."""
    row = world.unit_reports["prepared"]
    said = {"jobs-reported": {"value": 4321.0, "absent": False, "note": "only prepared"}}
    return Report.objects.filter(pk=row.pk).update(values=row.values | said)


def _of_n211(world: World) -> Report:
    return Report.objects.select_related("cycle").get(
        cycle=world.cycles["open"], place=world.cast.places["N211"]
    )


def _sign_for_n211(world: World) -> object:
    """N211 has signed, and N2 checks next."""
    row, now = _of_n211(world), clock.now()
    row.step, row.turn, row.round = ReportStep.SIGNED, world.cast.places["N2"], 1
    row.signed_at = row.first_signed_at = now
    row.save()
    return row


def _return_to_n211(world: World) -> object:
    """The report of N211 came back, with a reason for the whole and one at a cell."""
    row, now = _of_n211(world), clock.now()
    row.step, row.round, row.returned, row.decided_at = ReportStep.RETURNED, 1, "not believed", now
    row.save()
    return CellRemark.objects.create(
        report=row, series=world.series["jobs-reported"], round=1, reason="twice last year's",
        place=world.cast.places["N2"], person="c" * 32, at=now,
    )  # fmt: skip


def _ask_for_n211(world: World) -> object:
    return add_extension(_of_n211(world))


NOBODY_YET: frozenset[str] = frozenset()
POSTS = NATION | {"auditor", "administrator", "province", "sibling", "prefecture", "county"}

SECRETS = [
    Secret(
        "a department figure stated for N2",
        _observe("jobs-reported", "N2", "2020", value=31.0),
        frozenset(LINE_OF_N2),
        frozenset({"api:get_value"}),
    ),
    Secret(
        "a check beside the figure of N112",
        _observe("jobs-check", "N112", "2020", value=21.0),
        frozenset(LINE_OF_N112),
        frozenset({"api:get_value"}),
    ),
    Secret(
        "a draft figure, in a period and an edition that nobody knows",
        _observe("people-rebased", "N111", "2022", status=Observation.Status.DRAFT),
        NOBODY_YET,
        NOBODY_YET,
    ),
    Secret(
        "a figure not yet released, in a period and an edition that nobody knows",
        _observe("people-rebased", "N112", "2023", released_at=clock.now() + timedelta(days=30)),
        NOBODY_YET,
        NOBODY_YET,
    ),
    # Its producer has to see what the next correction would supersede.
    Secret(
        "a correction not yet released",
        _correct_later,
        frozenset({"supports"}),
        frozenset({"figure"}),
    ),
    Secret(
        "a draft version of a plan",
        _new_version,
        frozenset(SEES_DRAFT_PLANS),
        frozenset({"plan"}),
    ),
    Secret(
        "a plan of which there is only a draft",
        _new_plan,
        frozenset(SEES_DRAFT_PLANS),
        frozenset({"plans", "api:list_plans", "search", "search-suggestions", "api:search"}),
    ),
    Secret(
        "an import of N2",
        lambda world: add_load(world, "sibling", "of-the-sibling.csv"),
        frozenset({"sibling", "auditor"}),
        frozenset({"loads", "search", "search-suggestions", "api:search"}),
    ),
    Secret(
        "a corrected department figure below N2",
        _correct_below_n2,
        frozenset(LINE_OF_N2),
        frozenset({"api:get_status", "place", "indicator"}),
        at=_names_n2,
    ),
    Secret(
        "that a colleague signed out",
        _sign_out_colleague,
        frozenset({"auditor"}),
        frozenset({"journal", "api:list_journal"}),
    ),
    Secret(
        "what a colleague did for N2",
        lambda world: _act_for_the_body(_colleague(world)),
        frozenset({"sibling", "auditor"}),
        frozenset({"journal", "api:list_journal"}),
    ),
    Secret(
        "that N2 signed out",
        _sign_out,  # the last sign-in is what administrators see of a person
        frozenset({"sibling", "auditor"}),
        frozenset({"journal", "api:list_journal"}),
    ),
    Secret(
        "what the prefecture has typed and not sent",
        lambda world: add_draft(world, "prefecture", "form of the prefecture"),
        frozenset({"prefecture"}),
        frozenset({"my-work"}),
    ),
    Secret(
        "a token of the prefecture",
        lambda world: add_token(world, "prefecture", "prefecture"),
        frozenset({"prefecture", "administrator"}),
        frozenset({"api:list_tokens"}),
    ),
    Secret(
        "a remark by N2 for its line",
        lambda world: add_remark(world, "sibling", "only up and down from N2"),
        frozenset(LINE_OF_N2),
        frozenset({"element", "beside", "api:list_remarks"}),
    ),
    Secret(
        "a remark by N2 for itself",
        lambda world: add_remark(world, "sibling", "only within N2", "body"),
        frozenset({"sibling", "auditor"}),
        frozenset({"element", "beside", "api:list_remarks"}),
    ),
    Secret(
        "a file that N2 attached for its line",
        lambda world: add_attachment(world, "sibling", "only up and down from N2"),
        frozenset(LINE_OF_N2),
        frozenset({"element", "beside", "api:list_attachments"}),
    ),
    Secret(
        "a notice to N2",
        lambda world: add_notice(world, "sibling", "told-to:n2"),
        frozenset({"sibling"}),
        frozenset({"inbox", "api:list_notices"}),
    ),
    Secret(
        "a notice to somebody else in N2",
        lambda world: add_notice(world, "sibling", "told-to:colleague", person="c" * 32),
        NOBODY_YET,
        NOBODY_YET,
    ),
    Secret(
        "a task laid on N2",
        _lay_on_n2,
        frozenset(LINE_OF_N2),
        frozenset(
            {
                "throughline",
                "throughline-export",
                "api:get_throughline",
                "plan-work",
                "api:list_assignments",
            }
        ),
    ),
    Secret(
        "a working mechanism of N2",
        lambda world: add_mechanism(world, "sibling", "Group of the sibling"),
        frozenset({"coordinator", "top", "auditor", "sibling"}),
        frozenset({"mechanisms", "api:list_mechanisms", "api:survey_mechanisms"}),
    ),
    Secret(
        "a project of N2",
        lambda world: add_project(world, "sibling", "canal", "N211"),
        frozenset({"top", "auditor", "sibling"}),
        frozenset({"projects", "projects-export", "api:list_projects"}),
    ),
    Secret(
        "a task laid on N1, which its plan does not answer",
        lambda world: lay(
            world, {"secret": ("urban-rate", "n1-government", "locality", "assigned")}, clock.now()
        ),
        frozenset(LAID_ON_N1),
        frozenset({"plan-work", "api:list_assignments", "api:list_proposals"}),
    ),
    Secret(
        "a report that the supporting department has not signed",
        lambda world: add_report(world, "claimed", "reviewed"),
        frozenset({"supports", "auditor"}),
        frozenset({"assignment", "api:list_reports"}),
    ),
    Secret(
        "a plan of N2 of which there is only a draft",
        lambda world: add_local_plan(world, "N2", {1: "draft"}),
        frozenset({"sibling", "auditor"}),
        frozenset({"plans", "api:list_plans", "assignment"}),
    ),
    Secret(
        "a person without a post",
        _new_person,
        frozenset({"auditor", "administrator"}),
        frozenset({"people", "api:list_people", "search", "search-suggestions", "api:search"}),
    ),
    Secret(
        "a body in the directory",
        _new_body,
        frozenset(POSTS),
        frozenset({"api:list_bodies", "bodies", "search", "search-suggestions", "api:search"}),
    ),
    Secret(
        "a series for the line in which nobody has a part",
        _new_series,
        frozenset(GOVERNMENTS | {"auditor"}),
        frozenset({"search", "search-suggestions", "api:search"}),
    ),
    Secret(
        "what is typed into the sheet of N111 and not prepared",
        _type_in_n111,
        frozenset(FILLS_N111),
        frozenset({"api:report", "report-sheet", "sheet-file"}),
    ),
    Secret(
        "what N111 has prepared and not signed",
        _prepare_in_n111,
        frozenset(FILLS_N111),
        frozenset({"api:report"}),
    ),
    Secret(
        "that N211 has signed its report",
        _sign_for_n211,
        frozenset(SEES_N211),
        frozenset({"cycle", "cycles", "api:cycle-reports", "api:report"}),
    ),
    Secret(
        "why the report of N211 was returned",
        _return_to_n211,
        frozenset(SEES_N211),
        frozenset({"cycle", "api:report"}),
    ),
    Secret(
        "that N211 asks for more time",
        _ask_for_n211,
        frozenset({"coordinator"}),
        frozenset({"cycle", "my-work"}),
    ),
    Secret(
        "that N2 contests a figure of N211",
        lambda world: add_contest(world, "jobs-reported", "N211", "n2-government"),
        frozenset(LINE_OF_N2),
        frozenset({"contests", "api:contests"}),
    ),
    Secret(
        "a case of N2",
        lambda world: add_case(world, "sibling"),
        frozenset({"top", "auditor", "sibling"}),
        frozenset({"api:cases"}),
    ),
]
