"""What exists for whom, asked of the queries themselves: a page that forgot to ask who it is
would show no more than this.

One line for every query that is handed an actor and answers with rows, with who gets all of
them and who gets none; the rest of the cast gets some.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.test import RequestFactory

from tests.cycles import GOOD
from tests.permissions.deeds import mapping_for
from tests.permissions.matrix import (
    AT_WORK,
    FILLS_N111,
    FILLS_SOME,
    GOVERNMENTS,
    HOLDERS,
    INSIDE_LEADS,
    LINE_OF_N1,
    LINE_OF_N2,
    LINE_OF_N111,
    MEMBERS,
    NATION,
    OPEN_JOBS,
    SEES_CASE,
    SEES_DRAFT_PLANS,
    SEES_N112,
    URGES,
)
from tests.world import World, add_local_plan
from throughline.bodies import directory
from throughline.bodies import queries as bodies
from throughline.bodies import search as bodies_search
from throughline.bodies.api import directory as bodies_api
from throughline.bodies.models import Person
from throughline.bodies.pages import forms
from throughline.cascade import convening, dependencies, mechanisms
from throughline.cascade import queries as cascade
from throughline.cascade.api import routing as cascade_api
from throughline.cascade.models import Assignment
from throughline.config import search as whole_search
from throughline.figures import answering, marking, peering, surveying
from throughline.figures import queries as figures
from throughline.figures import search as figures_search
from throughline.figures.actions import loading
from throughline.figures.loading import reading
from throughline.figures.models import Observation
from throughline.figures.permissions import may_order
from throughline.figures.rollup import Table
from throughline.figures.rollup import figures as rolled_up
from throughline.figures.rules.alerting import Alert, AlertKind, AlertSeverity
from throughline.files.storage import store
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.errors import Forbidden, Invalid, NotFound, TurnedAway, Unauthenticated
from throughline.kernel.journal import head
from throughline.kernel.models import JournalEntry
from throughline.kernel.period import Period
from throughline.kernel.queries import known_now
from throughline.notices import queries as notices
from throughline.notices.models import Notice
from throughline.places import search as places_search
from throughline.places.models import Closure, Place
from throughline.plans import queries as plans
from throughline.plans import search as plans_search
from throughline.plans.models import Element
from throughline.procedures import case_subjects
from throughline.procedures import queries as cases
from throughline.procedures import work as cases_work
from throughline.projects import queries as projects
from throughline.projects import reading as projects_reading
from throughline.projects.models import Contract, ProgressPicture
from throughline.projects.pages import lists as project_lists
from throughline.reporting import (
    contesting,
    drafting,
    owing,
    permissions,
    tickets,
    weighing,
    workbooks,
)
from throughline.reporting import queries as reporting
from throughline.reporting import work as reporting_work
from throughline.reporting.models import Cycle, Report, Sheet, Workbook
from throughline.reporting.pages import cycles as reporting_cycles
from throughline.reporting.sheets import write_csv
from throughline.reporting.tracking import alerts as reporting_alerts
from throughline.reporting.tracking import punctuality as reporting_punctuality
from throughline.running import pressure
from throughline.subjects import kinds, viewing
from throughline.subjects import queries as subjects
from throughline.subjects.kinds import Subject

YEAR = Period(2020)
DAY = date(2020, 12, 31)
JOBS = Subject("element", "growth/jobs", "Jobs", "/")
NOBODY = frozenset({"nobody"})
EVERYBODY = frozenset(MEMBERS)


@dataclass(frozen=True)
class Question:
    """A query with what it is asked, and who gets all and who none of its rows."""

    guard: Callable[..., Any]
    ask: Callable[[World, Actor], Collection[Any]]
    everything: Collection[str] = field(default_factory=frozenset)
    nothing: Collection[str] = NOBODY
    whole: str = ""
    """One of the cast who gets all there is; the installation, unless rows are a person's."""

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The full name of the guard."""
        return f"{self.guard.__module__}.{self.guard.__name__}"

    def shares(self, world: World) -> dict[str, str]:
        """By member of the cast: `everything`, `nothing` or `some`."""
        whole = self._count(world, getattr(world.cast, self.whole).actor if self.whole else SYSTEM)
        assert whole, "there must be something to see"
        return {name: self._share(world, member.actor, whole) for name, member in world.cast}

    def expected(self) -> dict[str, str]:
        """The same, as it stands here."""
        return {
            name: "everything"
            if name in self.everything
            else "nothing"
            if name in self.nothing
            else "some"
            for name in MEMBERS
        }

    def _share(self, world: World, actor: Actor, whole: int) -> str:
        count = self._count(world, actor)
        return "nothing" if not count else "everything" if count == whole else "some"

    def _count(self, world: World, actor: Actor) -> int:
        with transaction.atomic():
            try:
                return len(self.ask(world, actor))
            except (NotFound, Forbidden, Invalid):
                return 0


def _present(query: Callable[..., Any]) -> Callable[..., Any]:
    """What now stands under a query's name: a control may have switched it off."""
    found: Callable[..., Any] = getattr(sys.modules[query.__module__], query.__name__)
    return found


def _of_places(condition: Callable[[str, Actor], Any]) -> Callable[[World, Actor], Any]:
    return lambda _world, actor: Place.objects.filter(_present(condition)("pk", actor))


def _all(query: Callable[[Actor], Any]) -> Callable[[World, Actor], Any]:
    return lambda _world, actor: _present(query)(actor)


def _jobs(query: Callable[..., Any], *more: Any, **named: Any) -> Callable[[World, Actor], Any]:
    """Asking about jobs in N, and what lies below it."""
    return lambda world, actor: _present(query)(
        actor, world.indicators["jobs"], world.cast.places["N"], *more, **named
    )


def _one(found: object) -> list[object]:
    return [found]


def _found(search: Callable[..., Any], words: str) -> Callable[[World, Actor], Any]:
    """What a room's search finds, of all kinds together."""
    return lambda _world, actor: [
        row for kind in _present(search)(actor, words) for row in kind.rows
    ]


def _given_more(
    prepare: Callable[[World], object], ask: Callable[[World, Actor], Collection[Any]]
) -> Callable[[World, Actor], Collection[Any]]:
    """Asking in a world with something more in it, which is gone afterwards."""

    def asked(world: World, actor: Actor) -> Collection[Any]:
        with transaction.atomic():
            prepare(world)
            found = list(ask(world, actor))
            transaction.set_rollback(True)
        return found

    return asked


def _correct(world: World) -> None:
    """N111 reports other jobs for 2020 than it did before."""
    before = world.standing("jobs-reported", "N111", "2020")
    world.observe(before.act, "jobs-reported", "N111", "2020", value=12.0, supersedes=before)


def _settle(world: World) -> None:
    """Six more counties in N21: enough to compare N111 with."""
    like = world.cast.places["N111"]
    above = [world.cast.places[code] for code in ("N21", "N2", "N")]
    for number in range(2, 8):
        place = Place.objects.create(
            scheme=like.scheme, code=f"N21{number}", name_en=f"Place N21{number}",
            sort_key=f"n21{number}", tier=like.tier, valid_from=like.valid_from,
        )  # fmt: skip
        for distance, over in enumerate((place, *above)):
            Closure.objects.create(
                ancestor=over, descendant=place, distance=distance, valid_from=like.valid_from
            )


def _on_record(world: World) -> None:
    """What the county was told, it was told by the first act there is."""
    first = JournalEntry.objects.earliest("position")
    Notice.objects.filter(pk=world.notices["county"].pk).update(act=first.act)


def _told_on_record(_world: World, actor: Actor) -> Collection[Any]:
    return notices.unread_told_by(actor, head()[0])


def _jobs_table(world: World) -> Table:
    found: Table = rolled_up(world.indicators["jobs"], [YEAR], world.editions["census"])[YEAR]
    return found


def _peers_of(world: World, actor: Actor) -> Collection[Any]:
    found = peering.peers_of(actor, world.cast.places["N111"], _jobs_table(world), known_now())
    return found.places if found else ()


def _peers_in(world: World, actor: Actor) -> Collection[Any]:
    """As if no indicator were open; those that are show every place all the same."""
    here, table = world.cast.places["N111"], _jobs_table(world)
    found = peering.peers_in(actor, here, [table], known_now(), set())
    return [place for peers in found for place in peers.places]


def _file_of_jobs(world: World) -> dict[str, Any]:
    mapping = mapping_for("jobs-reported")
    return {"file": world.file, "file_name": "figures.csv", "mapping": mapping}


REST = EVERYBODY - LINE_OF_N111
AT_THE_TOP_ALONE = {"uninvolved", "office"}
CLOSED = {"administrator", "former", "nobody"}
PARTS = OPEN_JOBS | {"top"}
COMPARES_NOTHING = EVERYBODY - PARTS - {"sibling"}
"""Those who see figures of too few counties to compare one with them."""
LOAD_JOBS = {"leads", "coordinator"}
"""Those who load files into what counties report of jobs: its producer, the plan's lead agency."""

# -- the administration of people and bodies -------------------------------------------------

ADMINISTERS = frozenset({"administrator"})
LISTS_PEOPLE = frozenset({"administrator", "auditor"})


def _posts_of(_world: World, actor: Actor) -> list[Any]:
    held = directory.posts_of(actor, Person.objects.all())
    return [each for several in held.values() for each in several]


def _with_post(_world: World, actor: Actor) -> list[Any]:
    """The people of whom the actor knows that they hold a post."""
    people = Person.objects.all()
    return [*people.difference(directory.people_in_state(people, actor, "without-post"))]


def _holders(world: World, actor: Actor) -> list[Any]:
    held = directory.holders_in(actor, world.cast.bodies["n111-government"])
    return [each for several in held.values() for each in several]


def _offered(_world: World, actor: Actor) -> list[Any]:
    """What is offered to who administers."""
    offers = [
        directory.offered(actor, what, "government") for what in ("posts", "people", "places")
    ]
    return [row for offer in offers if offer for row in offer.rows]


def _bodies_and_people(_world: World, actor: Actor) -> list[Any]:
    kinds = bodies_search.search_for(actor, "government") + bodies_search.search_for(actor, "姓")
    return [row for kind in kinds for row in kind.rows]


ADMINISTRATION = [
    Question(
        bodies.people_administered,
        _all(bodies.people_administered),
        LISTS_PEOPLE,
        EVERYBODY - LISTS_PEOPLE,
    ),
    Question(
        directory.holdings_seen,
        _all(directory.holdings_seen),
        LISTS_PEOPLE,
        EVERYBODY - LISTS_PEOPLE,
    ),
    Question(directory.posts_of, _posts_of, LISTS_PEOPLE, EVERYBODY - LISTS_PEOPLE),
    Question(directory.people_in_state, _with_post, LISTS_PEOPLE, EVERYBODY - LISTS_PEOPLE),
    Question(
        directory.in_bodies_bearing,
        lambda _world, actor: directory.in_bodies_bearing(
            Person.objects.all(), actor, "n2-government"
        ),
        LISTS_PEOPLE,
        EVERYBODY - LISTS_PEOPLE,
    ),
    Question(
        directory.holders_in,
        _holders,
        LINE_OF_N111 | NATION | ADMINISTERS,
        EVERYBODY - LINE_OF_N111 - NATION - ADMINISTERS,
    ),
    Question(
        directory.administered_among,
        lambda world, actor: directory.administered_among(
            actor, [world.cast.places[code].pk for code in ("N", "N111", "N2")]
        ),
        ADMINISTERS,
        EVERYBODY - ADMINISTERS,
    ),
    Question(
        directory.is_administered,
        lambda world, actor: [1] * directory.is_administered(actor, world.cast.places["N111"]),
        ADMINISTERS,
        EVERYBODY - ADMINISTERS,
    ),
    Question(directory.offered, _offered, ADMINISTERS, EVERYBODY - ADMINISTERS),
    # Whoever lays out or contests a task names a body.
    Question(
        directory.offered,
        lambda _world, actor: forms.options(actor, "bodies", "government"),
        HOLDERS,
        {"former", "nobody"},
    ),
    Question(
        forms.options,
        lambda _world, actor: forms.options(actor, "posts", "government"),
        ADMINISTERS,
        EVERYBODY - ADMINISTERS,
    ),
    Question(
        bodies_api.visible_body,
        lambda _world, actor: _one(bodies_api.visible_body(actor, "n2-government")),
        HOLDERS,
        {"former", "nobody"},
    ),
    # Bodies are open to all who hold a post; of people those whose pages one may open.
    Question(bodies_search.search_for, _bodies_and_people, LISTS_PEOPLE, {"former", "nobody"}),
]


def _growth(query: Callable[..., Any], *more: Any) -> Callable[[World, Actor], Any]:
    """Asking about the places within the plan's."""
    return lambda world, actor: _present(query)(actor, world.plans["growth"], *more)


OVERSEE = {"coordinator", "top", "auditor"}
"""Those who know of all places what mechanisms they have."""
CONVENE = {"province", "office"}

MECHANISMS = [
    Question(mechanisms.places_overseen, _of_places(mechanisms.places_overseen), OVERSEE, CLOSED),
    Question(
        mechanisms.mechanisms_visible_to,
        _all(mechanisms.mechanisms_visible_to),
        LINE_OF_N1,
        CLOSED,
    ),
    Question(
        mechanisms.mechanism_by_id,
        lambda world, actor: _one(
            _present(mechanisms.mechanism_by_id)(actor, world.mechanisms["province"].pk)
        ),
        LINE_OF_N1,
        EVERYBODY - LINE_OF_N1,
    ),
    Question(
        mechanisms.meeting_by_id,
        lambda world, actor: _one(
            _present(mechanisms.meeting_by_id)(
                actor, world.mechanisms["province"].meetings.get().pk
            )
        ),
        LINE_OF_N1,
        EVERYBODY - LINE_OF_N1,
    ),
    Question(mechanisms.places_surveyed, _growth(mechanisms.places_surveyed), OVERSEE, CLOSED),
    Question(
        mechanisms.tiers_surveyed,
        _growth(mechanisms.tiers_surveyed),
        OVERSEE | GOVERNMENTS,
        CLOSED,
    ),
    Question(
        mechanisms.survey,
        lambda world, actor: _growth(mechanisms.survey, None, DAY)(world, actor).lines,
        OVERSEE,
        CLOSED,
    ),
    Question(
        convening.mechanisms_due,
        _all(convening.mechanisms_due),
        CONVENE,
        EVERYBODY - CONVENE,
        whole="province",
    ),
]

# -- how a plan is carried down ---------------------------------------------------------------

INSIDE_N2 = frozenset({"sibling", "auditor"})


def _draft_n2(world: World) -> None:
    """N2 drafts its own plan, which is not in force."""
    add_local_plan(world, "N2", {1: "draft"})


def _task_of_growth(world: World) -> Element:
    """It waits for the jobs, which the leading department works on."""
    return Element.objects.get(version=world.versions["growth", 2], key="task")


def _if_any(found: object) -> list[object]:
    return [] if found is None else [found]


CASCADE = [
    Question(cascade.assignments_visible_to, _all(cascade.assignments_visible_to), PARTS, CLOSED),
    Question(
        cascade.assignments_open_to,
        lambda _world, actor: Assignment.objects.filter(
            _present(cascade.assignments_open_to)(actor)
        ),
        PARTS,
        CLOSED,
    ),
    Question(
        cascade.assignment_by_id,
        lambda world, actor: _one(
            _present(cascade.assignment_by_id)(actor, world.assignments["arriving"].pk)
        ),
        LINE_OF_N2,
        EVERYBODY - LINE_OF_N2,
    ),
    Question(cascade.claims_visible_to, _all(cascade.claims_visible_to), AT_WORK, CLOSED),
    # What is not signed is the reporting body's own.
    Question(cascade.reports_visible_to, _all(cascade.reports_visible_to), INSIDE_LEADS, CLOSED),
    Question(
        cascade.report_under_way,
        lambda world, actor: _if_any(
            _present(cascade.report_under_way)(actor, world.assignments["drafting"])
        ),
        INSIDE_LEADS,
        EVERYBODY - INSIDE_LEADS,
    ),
    Question(
        cascade.local_plans_visible_to,
        _given_more(_draft_n2, _all(cascade.local_plans_visible_to)),
        INSIDE_N2,
    ),
    Question(
        cascade.local_plan_by_key,
        _given_more(
            _draft_n2,
            lambda _world, actor: _if_any(_present(cascade.local_plan_by_key)(actor, "growth-n2")),
        ),
        INSIDE_N2,
        EVERYBODY - INSIDE_N2,
    ),
    Question(
        cascade.local_plan_seen,
        _given_more(
            _draft_n2,
            lambda world, actor: _if_any(
                _present(cascade.local_plan_seen)(
                    actor, world.plans["growth"], world.cast.places["N2"]
                )
            ),
        ),
        INSIDE_N2,
        EVERYBODY - INSIDE_N2,
    ),
    Question(
        cascade.draft_of,
        lambda world, actor: _if_any(_present(cascade.draft_of)(actor, world.plans["growth-n1"])),
        {"province", "auditor"},
        EVERYBODY - {"province", "auditor"},
    ),
    Question(
        cascade_api.body_by_key,
        lambda _world, actor: _one(_present(cascade_api.body_by_key)(actor, "n2-government")),
        HOLDERS,
        {"former", "nobody"},
    ),
    Question(
        cascade_api.bodies_by_key,
        lambda _world, actor: _present(cascade_api.bodies_by_key)(
            actor, ["n2-government", "n1-government"], "leads"
        ),
        HOLDERS,
        {"former", "nobody"},
    ),
    Question(
        dependencies.elements_to_await,
        lambda world, actor: _present(dependencies.elements_to_await)(actor, world.plans["growth"]),
        EVERYBODY - NOBODY,
    ),
    Question(
        dependencies.offer_elements,
        lambda _world, actor: _if_any(
            _present(dependencies.offer_elements)(actor, "secret", "task")
        ),
        SEES_DRAFT_PLANS,
        EVERYBODY - SEES_DRAFT_PLANS,
    ),
    Question(
        dependencies.dependencies_of,
        lambda world, actor: [
            each
            for each in _present(dependencies.dependencies_of)(actor, _task_of_growth(world)).awaits
            if each.done is not None
        ],
        AT_WORK,
        CLOSED,
    ),
    Question(
        cascade_api.element_by_key,
        lambda _world, actor: _one(_present(cascade_api.element_by_key)(actor, "growth", "task")),
        EVERYBODY - NOBODY,
    ),
]

# -- what units report in cycles --------------------------------------------------------------

SEES_EVERY_REPORT = {"coordinator", "leads", "top", "auditor"}
SEES_SOME_REPORTS = {"province", "sibling", "prefecture", "county"}


def _given_in(world: World, actor: Actor) -> Collection[Any]:
    """What is taken of the sheet of N111, given in as a file just as it went out."""
    if actor.is_nobody:
        return []
    report = reporting.report_of(SYSTEM, "open", "N111")
    template = workbooks.template_of(SYSTEM, report, "UTC", "en")
    content = write_csv(template)
    return _one(_present(workbooks.take)(actor, report, template, content, "sheet.csv"))


def _last_cycles(_world: World, actor: Actor) -> Collection[Any]:
    found: list[Cycle] = _present(reporting_punctuality.last_cycles)(actor, None)
    return found


def _records(_world: World, actor: Actor) -> Collection[Any]:
    cycles = list(Cycle.objects.all())
    found: list[Any] = _present(reporting_punctuality.records_of)(actor, cycles)
    return found


def _alerts_seen(world: World, actor: Actor) -> Collection[Any]:
    """Of alerts about the jobs of the nation and of every county, those that are seen."""
    alerts = [
        Alert(AlertKind.BEHIND, AlertSeverity.WATCH, world.plans["growth"].pk,
              world.cast.places[code].pk, DAY, world.indicators["jobs"].pk)
        for code in ("N", "N111", "N112", "N211")
    ]  # fmt: skip
    found: list[Any] = _present(figures.alerts_visible_to)(actor, alerts)
    return found


def _filled_in(world: World, actor: Actor) -> Collection[Any]:
    """The reports of an open cycle that one fills in."""
    return list(_present(workbooks.filled_in_by)(actor, world.cycles["open"]))


def _several(world: World, actor: Actor) -> Collection[Any]:
    """What stands in the draft of N111, in a workbook of that one unit."""
    if actor.is_nobody:
        return []
    report = reporting.report_of(SYSTEM, "open", "N111")
    Sheet.objects.get_or_create(
        report=report,
        defaults={"values": {"jobs-reported": GOOD["jobs-reported"]}, "saved_at": clock.now()},
    )
    found = _present(workbooks.template_of_several)(
        actor, world.cycles["open"], [report], "UTC", "en"
    )
    return [each for each in found.template.given.values() if each.value == 12.0]


def _received(world: World, actor: Actor) -> Collection[Any]:
    """A workbook of several units that is taken in, whatever is in it."""
    if actor.is_nobody:
        return []
    receive = _present(workbooks.receive_workbook)
    with transaction.atomic():
        try:
            return [receive(actor, world.cycles["open"], b"no workbook", "a.xlsx")]
        except Forbidden:
            return []
        finally:
            transaction.set_rollback(True)


def _kept(world: World, actor: Actor) -> Collection[Any]:
    """The workbook of all counties as it went out, with a figure typed at N111, taken."""
    cycle = world.cycles["open"]
    reports = list(workbooks.filled_in_by(SYSTEM, cycle))
    template = workbooks.template_of_several(SYSTEM, cycle, reports, "UTC", "en").template
    before = b"N111,Place N111,jobs-reported,1.1,Jobs,persons,"
    content = write_csv(template)
    assert before in content
    with transaction.atomic():
        row = Workbook.objects.create(
            cycle=cycle, file=store(content.replace(before, before + b"77"), "a.csv"),
            name="a.csv", person=actor.person, at=clock.now(),
        )  # fmt: skip
        try:
            _present(workbooks.take_several)(actor, row, lambda _done, _units: None)
            return Sheet.objects.filter(report__place__code="N111", report__cycle=cycle).count() * [
                1
            ]
        except Forbidden:
            return []
        finally:
            transaction.set_rollback(True)


def _saved(world: World, actor: Actor) -> Collection[Any]:
    """A cell of N111 that is kept, unless somebody has changed it."""
    if actor.is_nobody:
        return []
    report = reporting.report_of(SYSTEM, "open", "N111")
    changed = {"jobs-reported": {"value": 5.0}}
    with transaction.atomic():
        try:
            _present(drafting.save_unless_changed)(actor, report, changed, {})
            return [report]
        except Forbidden:
            return []
        finally:
            transaction.set_rollback(True)


def _turned_away(cycle: str, admit: Callable[..., None], world: World, actor: Actor) -> list[Any]:
    """A ticket for N111, where very many come at once."""
    report = reporting.report_of(SYSTEM, cycle, "N111")
    with transaction.atomic(), patch.object(pressure, "is_high", lambda: True):
        try:
            _present(admit)(actor, report)
        except TurnedAway:
            return [report]
        except (Forbidden, Unauthenticated):
            return []
        finally:
            transaction.set_rollback(True)
    return []


SEES_EVERY_TASK = EVERYBODY - {"administrator", "former", "nobody"}


def _owed(world: World, actor: Actor) -> list[int]:
    """What the bodies of the nation owe in the cycle of task reports."""
    here = world.cast.places["N"]
    found = _present(owing.owed_at)(actor, world.cycles["tasks"], here)
    return [each.assignment.pk for each in found]


REPORTING = [
    Question(reporting.forms_visible_to, _all(reporting.forms_visible_to), AT_WORK, CLOSED),
    Question(weighing.tiers_asked, _all(weighing.tiers_asked), AT_WORK, CLOSED),
    Question(
        weighing.weigh,
        lambda world, actor: _one(
            _present(weighing.weigh)(actor, world.cast.places["N111"].tier, year=2022)
        ),
        AT_WORK,
        CLOSED,
    ),
    Question(
        weighing.weigh_asking,
        lambda _world, actor: _present(weighing.weigh_asking)(
            actor, list(reporting.forms_in_use()), None
        ),
        AT_WORK,
        CLOSED,
    ),
    Question(
        permissions.fillable_by,
        lambda _world, actor: Report.objects.filter(_present(permissions.fillable_by)(actor)),
        {"coordinator"},
        EVERYBODY - FILLS_SOME,
    ),
    Question(workbooks.filled_in_by, _filled_in, {"coordinator"}, EVERYBODY - FILLS_SOME),
    Question(
        workbooks.workbooks_visible_to,
        _all(workbooks.workbooks_visible_to),
        {"prefecture"},
        EVERYBODY - {"prefecture"},
    ),
    Question(
        workbooks.template_of_several, _several, FILLS_N111, EVERYBODY - FILLS_N111,
        whole="county",
    ),
    Question(workbooks.receive_workbook, _received, FILLS_SOME, EVERYBODY - FILLS_SOME),
    Question(workbooks.take_several, _kept, FILLS_N111, EVERYBODY - FILLS_N111),
    Question(drafting.save_unless_changed, _saved, FILLS_N111, EVERYBODY - FILLS_N111),
    Question(
        tickets.admit_submission,
        partial(_turned_away, "open", tickets.admit_submission),
        FILLS_N111,
        EVERYBODY - FILLS_N111,
    ),
    Question(
        tickets.admit_signature,
        partial(_turned_away, "reviewed", tickets.admit_signature),
        {"county"},
        EVERYBODY - {"county"},
    ),
    Question(reporting.cycles_visible_to, _all(reporting.cycles_visible_to), AT_WORK, CLOSED),
    Question(
        reporting.reports_visible_to,
        _all(reporting.reports_visible_to),
        SEES_EVERY_REPORT,
        EVERYBODY - SEES_EVERY_REPORT - SEES_SOME_REPORTS,
    ),
    Question(
        reporting.reports_open_to,
        lambda _world, actor: Report.objects.filter(_present(reporting.reports_open_to)(actor)),
        SEES_EVERY_REPORT,
        EVERYBODY - SEES_EVERY_REPORT - SEES_SOME_REPORTS,
    ),
    Question(
        reporting.cycle_by_key,
        lambda _world, actor: _one(_present(reporting.cycle_by_key)(actor, "open")),
        AT_WORK,
        CLOSED,
    ),
    Question(
        reporting.report_of,
        lambda _world, actor: _one(_present(reporting.report_of)(actor, "open", "N112")),
        SEES_N112,
        EVERYBODY - SEES_N112,
    ),
    Question(
        permissions.may_urge,
        lambda world, actor: _present(permissions.may_urge)(actor, world.cycles["open"]),
        {"coordinator", "top"},
        EVERYBODY - URGES,
    ),
    Question(
        owing.tasks_visible_to,
        lambda world, actor: _present(owing.tasks_visible_to)(actor, world.cycles["tasks"]),
        SEES_EVERY_TASK,
        EVERYBODY - SEES_EVERY_TASK,
    ),
    Question(
        owing.owed_at,
        lambda world, actor: _owed(world, actor),
        SEES_EVERY_TASK,
        EVERYBODY - SEES_EVERY_TASK,
    ),
    Question(
        reporting_cycles.forms_to_open,
        _all(reporting_cycles.forms_to_open),
        {"coordinator"},
        EVERYBODY - {"coordinator"},
    ),
    Question(reporting_punctuality.last_cycles, _last_cycles, AT_WORK, CLOSED),
    Question(
        reporting_punctuality.records_of,
        _records,
        SEES_EVERY_REPORT,
        EVERYBODY - SEES_EVERY_REPORT - SEES_SOME_REPORTS,
    ),
    Question(
        reporting_punctuality.silent_alerts,
        lambda world, actor: _present(reporting_punctuality.silent_alerts)(
            actor, world.plans["growth"]
        ),
        SEES_EVERY_REPORT,
        EVERYBODY - SEES_EVERY_REPORT - SEES_SOME_REPORTS,
    ),
    Question(
        reporting_alerts.alerts_for,
        lambda _world, actor: _present(reporting_alerts.alerts_for)(actor).alerts,
        {"coordinator", "leads", "top", "auditor"},
        {"administrator", "former", "nobody"},
    ),
    Question(workbooks.take, _given_in, FILLS_N111, EVERYBODY - FILLS_N111),
    Question(
        reporting_work.work_for, _all(reporting_work.work_for), {"county"},
        EVERYBODY - {"county", "prefecture", "coordinator", "leads", "supports"}, whole="county",
    ),
]  # fmt: skip

# -- submission for approval -----------------------------------------------------------------

HANDLES_CASES = {"leads", "supports", "uninvolved", "coordinator", "province"}
OUT_OF_CASES = EVERYBODY - SEES_CASE

OF_CASES = [
    Question(
        cases.cases_visible_to, _all(cases.cases_visible_to), SEES_CASE, OUT_OF_CASES - {"province"}
    ),
    Question(
        cases.case_by_id,
        lambda world, actor: _one(_present(cases.case_by_id)(actor, world.cases["running"].pk)),
        SEES_CASE,
        OUT_OF_CASES,
    ),
    Question(
        case_subjects.case_subject,
        lambda world, actor: _one(
            _present(case_subjects.case_subject)(actor, "element", "growth/task")
        ),
        EVERYBODY - NOBODY,
    ),
    Question(
        cases_work.work_for,
        _all(cases_work.work_for),
        {"leads"},
        EVERYBODY - HANDLES_CASES,
        whole="leads",
    ),
    Question(
        cases_work.count_for,
        lambda world, actor: range(_present(cases_work.count_for)(actor)),
        {"leads", "uninvolved"},
        EVERYBODY - HANDLES_CASES,
        whole="leads",
    ),
]

# -- contested values ----------------------------------------------------------------------


def _jobs_of_n111(world: World, year: str = "2021") -> Observation:
    return world.standing("jobs-reported", "N111", year)


def _marked(query: Callable[..., Any]) -> Callable[[World, Actor], Any]:
    """The marks of jobs at N111."""
    return lambda world, actor: _present(query)(
        actor, [world.cast.places["N111"].pk], [world.indicators["jobs"].pk]
    )


def _said(query: Callable[..., Any], year: str) -> Callable[[World, Actor], Any]:
    """What is said beside jobs of N111."""
    return lambda world, actor: _present(query)(actor, [_jobs_of_n111(world, year)])


CONTESTS = [
    Question(reporting.contests_visible_to, _all(reporting.contests_visible_to), LINE_OF_N111),
    Question(
        reporting.contest_by_id,
        lambda world, actor: _one(
            _present(reporting.contest_by_id)(actor, world.contests["jobs"].pk)
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        reporting.observation_by_id,
        lambda world, actor: _one(
            _present(reporting.observation_by_id)(actor, _jobs_of_n111(world).pk)
        ),
        LINE_OF_N111,
        REST,
    ),
    *[
        Question(query, _marked(query), LINE_OF_N111, REST)
        for query in (contesting.contested_at, marking.marks_at)
    ],
    *[
        Question(query, _said(query, "2021"), LINE_OF_N111, REST)
        for query in (contesting.said_beside, marking.said_of)
    ],
    Question(
        contesting.said_on_sheet,
        lambda world, actor: _present(contesting.said_on_sheet)(
            actor, world.cast.places["N111"].pk, "2021",
            {world.series["jobs-reported"].pk: _jobs_of_n111(world).pk}, [],
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        contesting.may_contest,
        lambda world, actor: [1] * _present(contesting.may_contest)(
            actor, _jobs_of_n111(world, "2020")
        ),
        {"county"},
        EVERYBODY - {"county"},
        whole="county",
    ),
]  # fmt: skip


def _ordered(world: World, actor: Actor) -> list[Any]:
    """The places whose parts the actor may put in the order of their figures."""
    return [place for place in world.cast.places.values() if _present(may_order)(actor, place)]


# -- projects ----------------------------------------------------------------------------------


def _of_bridge(query: Callable[..., Any], model: type[Any]) -> Callable[[World, Actor], Any]:
    """Something of the bridge, by its id."""
    return lambda _world, actor: _one(_present(query)(actor, model.objects.get().pk))


PROJECTS = [
    Question(
        projects.registers_visible_to, _all(projects.registers_visible_to), EVERYBODY - {"nobody"}
    ),
    Question(
        projects.register_by_key,
        lambda _world, actor: _one(_present(projects.register_by_key)(actor, "land")),
        EVERYBODY - {"nobody"},
    ),
    Question(
        projects.projects_visible_to,
        _all(projects.projects_visible_to),
        {"top", "auditor"},
        CLOSED,
    ),
    Question(
        projects.project_by_key,
        lambda _world, actor: _one(_present(projects.project_by_key)(actor, "bridge")),
        LINE_OF_N111,
        EVERYBODY - LINE_OF_N111,
    ),
    Question(
        projects.contract_by_id,
        _of_bridge(projects.contract_by_id, Contract),
        LINE_OF_N111,
        EVERYBODY - LINE_OF_N111,
    ),
    Question(
        projects.picture_by_id,
        _of_bridge(projects.picture_by_id, ProgressPicture),
        LINE_OF_N111,
        EVERYBODY - LINE_OF_N111,
    ),
]

PROJECTS += [
    Question(
        projects_reading.read_elements,
        lambda _world, actor: _present(projects_reading.read_elements)(
            actor, ["growth/task"], "serves"
        ),
        EVERYBODY - {"nobody"},
    ),
    Question(
        project_lists.chosen_register,
        lambda _world, actor: _if_any(
            _present(project_lists.chosen_register)(RequestFactory().get("/"), actor)
        ),
        EVERYBODY - {"nobody"},
    ),
]

QUESTIONS = [
    *ADMINISTRATION,
    *PROJECTS,
    *MECHANISMS,
    *CASCADE,
    *REPORTING,
    *CONTESTS,
    *OF_CASES,
    Question(
        may_order,
        _ordered,
        {"coordinator", "leads", "supports", "uninvolved", "office", "top", "auditor"},
        {"administrator", "former", "nobody"},
    ),
    Question(
        figures.alerts_visible_to,
        _alerts_seen,
        {"coordinator", "leads", "supports", "top", "auditor"},
        {"administrator", "former", "nobody"},
    ),
    Question(
        bodies.bodies_visible_to, _all(bodies.bodies_visible_to), HOLDERS, {"former", "nobody"}
    ),
    Question(
        bodies.people_visible_to,
        _all(bodies.people_visible_to),
        HOLDERS - {"province", "sibling", "prefecture", "county"},
        {"former", "nobody"},
    ),
    Question(
        bodies.tokens_visible_to,
        _all(bodies.tokens_visible_to),
        {"county", "administrator"},
        EVERYBODY - {"county", "administrator"},
    ),
    Question(bodies.journal_visible_to, _all(bodies.journal_visible_to), {"auditor"}),
    Question(
        bodies.places_in_line,
        _of_places(bodies.places_in_line),
        NATION | {"auditor"},
        CLOSED,
    ),
    Question(
        bodies.places_in_sight,
        _of_places(bodies.places_in_sight),
        {"top", "auditor"},
        CLOSED,
    ),
    Question(
        bodies.places_below,
        _of_places(bodies.places_below),
        NATION | {"auditor"},
        CLOSED,
    ),
    Question(
        bodies.places_administered,
        _of_places(bodies.places_administered),
        {"administrator"},
        EVERYBODY - {"administrator"},
    ),
    # N1 has a draft of its own.
    Question(plans.versions_visible_to, _all(plans.versions_visible_to), {"auditor"}),
    Question(plans.plans_visible_to, _all(plans.plans_visible_to), SEES_DRAFT_PLANS),
    Question(plans.elements_visible_to, _all(plans.elements_visible_to), {"auditor"}),
    Question(plans.indicators_visible_to, _all(plans.indicators_visible_to), EVERYBODY - NOBODY),
    Question(
        plans.versions_about,
        lambda world, actor: plans.versions_about(actor, world.cast.places["N1"].pk, DAY),
        EVERYBODY - NOBODY,
    ),
    # N1 has one of its own in force, which binds at no other place.
    Question(
        plans.versions_in_force,
        _all(plans.versions_in_force),
        {"province", "prefecture", "county"},
        whole="province",
    ),
    Question(
        plans.plan_in_force,
        lambda _world, actor: _one(plans.plan_in_force(actor, "growth")),
        EVERYBODY - NOBODY,
    ),
    Question(
        plans.indicator_by_key,
        lambda _world, actor: _one(plans.indicator_by_key(actor, "jobs")),
        EVERYBODY - NOBODY,
    ),
    Question(
        figures.observations_visible_to, _all(figures.observations_visible_to), {"auditor", "top"}
    ),
    Question(
        figures.open_indicators,
        lambda world, actor: figures.open_indicators(actor, [*world.indicators.values()]),
        {"auditor"},
    ),
    Question(
        figures.is_open,
        lambda world, actor: [1] * figures.is_open(actor, world.indicators["jobs"]),
        OPEN_JOBS,
        EVERYBODY - OPEN_JOBS,
    ),
    Question(
        figures.places_with_figures,
        lambda world, actor: figures.places_with_figures(actor, world.indicators["jobs"]),
        PARTS,
        CLOSED,
    ),
    Question(
        figures.sees_figures,
        lambda world, actor: (
            [1] * figures.sees_figures(actor, world.indicators["jobs"], world.cast.places["N111"])
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        figures.near,
        lambda world, actor: figures.near(
            actor, [world.indicators["jobs"]], world.cast.places["N111"]
        ),
        {"top", "auditor", "province", "prefecture", "county"},
        EVERYBODY - {"top", "auditor", "province", "prefecture", "county"},
    ),
    Question(
        figures.loads_visible_to,
        _all(figures.loads_visible_to),
        {"auditor"},
        EVERYBODY - {"auditor", "province", "coordinator"},
    ),
    Question(
        figures.answer,
        lambda world, actor: _one(
            figures.answer(actor, world.indicators["jobs"], world.cast.places["N111"], YEAR)
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        figures.series_by_key,
        lambda _world, actor: _one(figures.series_by_key(actor, "jobs-reported")),
        EVERYBODY - NOBODY,
    ),
    Question(
        figures.history_of,
        lambda world, actor: figures.history_of(
            actor, world.series["jobs-reported"], world.cast.places["N111"], YEAR
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        figures.observations_behind,
        lambda world, actor: figures.observations_behind(
            actor, world.indicators["jobs"], world.cast.places["N111"], YEAR, known_now()
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        figures.group_figures,
        lambda world, actor: figures.group_figures(
            actor, world.indicators["jobs"], "clusters", YEAR
        ),
        OPEN_JOBS,
        EVERYBODY - OPEN_JOBS,
    ),
    Question(
        answering.group_lines,
        lambda world, actor: answering.group_lines(
            actor, world.indicators["jobs"], "clusters", YEAR
        ),
        OPEN_JOBS,
        EVERYBODY - OPEN_JOBS,
    ),
    Question(
        figures.places_below, _jobs(figures.places_below, DAY), PARTS, CLOSED | AT_THE_TOP_ALONE
    ),
    Question(
        surveying.visible_at,
        lambda world, actor: surveying.visible_at(
            actor, [world.indicators["jobs"]], world.cast.places["N111"]
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        surveying.survey,
        lambda world, actor: surveying.survey(
            actor, [world.indicators["jobs"]], world.cast.places["N111"], known=known_now()
        ),
        LINE_OF_N111,
        REST,
    ),
    # An inbox is the body's own: not even audit reads what others are told.
    *[
        Question(query, ask, {"county"}, EVERYBODY - {"county"}, whole="county")
        for query, ask in (
            (notices.notices_visible_to, _all(notices.notices_visible_to)),
            (notices.inbox_of, lambda _world, actor: notices.inbox_of(actor).lines),
            (notices.unread_count, lambda _world, actor: [1] * notices.unread_count(actor)),
            (notices.unread_told_by, _given_more(_on_record, _told_on_record)),
        )
    ],
    Question(
        subjects.remarks_visible_to,
        lambda _world, actor: subjects.remarks_visible_to(actor, JOBS),
        LINE_OF_N111,
        REST,
    ),
    Question(
        subjects.attachments_visible_to,
        lambda _world, actor: subjects.attachments_visible_to(actor, JOBS),
        LINE_OF_N111,
        REST,
    ),
    Question(
        subjects.followed_by,
        _all(subjects.followed_by),
        {"county"},
        EVERYBODY - {"county"},
        whole="county",
    ),
    Question(
        subjects.presence_of,
        lambda _world, actor: [1] * subjects.presence_of(actor, JOBS).followed,
        {"county"},
        EVERYBODY - {"county"},
        whole="county",
    ),
    Question(
        viewing.followed,
        lambda _world, actor: viewing.followed(actor)[0],
        {"county"},
        EVERYBODY - {"county"},
        whole="county",
    ),
    Question(
        subjects.changes_of,
        lambda _world, actor: subjects.changes_of(
            actor, Subject("indicator", "land/jobs", "Jobs", "/"), 0
        ),
        LINE_OF_N111 | {"sibling"},
        CLOSED | AT_THE_TOP_ALONE,
    ),
    Question(
        kinds.subject_visible_to,
        lambda _world, actor: _one(kinds.subject_visible_to(actor, JOBS.kind, JOBS.key)),
        EVERYBODY - NOBODY,
    ),
    Question(
        answering.status_lines,
        lambda world, actor: answering.status_lines(actor, world.versions["growth", 2], "N111"),
        LINE_OF_N111,
    ),
    Question(
        figures.series_visible_to,
        _all(figures.series_visible_to),
        GOVERNMENTS | {"auditor"},
    ),
    Question(
        figures.figures_as_given,
        lambda world, actor: figures.figures_as_given(
            actor, world.indicators["jobs"], world.cast.places["N"], YEAR, known_now()
        ),
        PARTS,
        CLOSED | AT_THE_TOP_ALONE,
    ),
    Question(
        figures.revisions_of,
        _given_more(
            _correct,
            lambda world, actor: figures.revisions_of(
                actor,
                world.indicators["jobs"],
                world.cast.places["N111"],
                world.editions["census"],
                known_now(),
            ),
        ),
        LINE_OF_N111,
        REST,
    ),
    Question(
        figures.seen_among,
        lambda world, actor: figures.seen_among(
            actor, [world.indicators["jobs"]], [*world.cast.places.values()]
        )[world.indicators["jobs"].pk],
        PARTS,
        CLOSED,
    ),
    Question(peering.peers_of, _given_more(_settle, _peers_of), PARTS, COMPARES_NOTHING),
    Question(peering.peers_in, _given_more(_settle, _peers_in), PARTS, COMPARES_NOTHING),
    Question(
        reading.read_file,
        lambda world, actor: _one(_present(reading.read_file)(actor, **_file_of_jobs(world))),
        LOAD_JOBS,
        EVERYBODY - LOAD_JOBS,
    ),
    Question(
        loading.load_file,
        lambda world, actor: _one(_present(loading.load_file)(actor, **_file_of_jobs(world))),
        LOAD_JOBS,
        EVERYBODY - LOAD_JOBS,
    ),
    Question(
        figures_search.search_for,
        _found(figures_search.search_for, "reported"),
        GOVERNMENTS | {"auditor"},
        CLOSED | AT_THE_TOP_ALONE,
    ),
    Question(places_search.search_for, _found(places_search.search_for, "N2"), EVERYBODY - NOBODY),
    Question(
        plans_search.search_for,
        _found(plans_search.search_for, "secret"),
        SEES_DRAFT_PLANS,
        EVERYBODY - SEES_DRAFT_PLANS,
    ),
    Question(
        whole_search.search_for,
        _found(whole_search.search_for, "secret"),
        SEES_DRAFT_PLANS,
        EVERYBODY - SEES_DRAFT_PLANS,
    ),
]
