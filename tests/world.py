"""A plan with figures on top of the cast: what permissions and queries are tested on.

A pytest plugin would build it for every test; modules that only read it build it once
(`build_world`). What it holds:

- the plan `growth` of the lead agency: version 1 superseded, 2 in force, 3 a draft; and the
  plan `secret`, of which there is only a draft;
- `jobs`: department figures for the line, reported by counties; `people` and `urban`:
  official and public, with the ratio `urban-rate`; `roads`: for the line, and nobody's part;
- for 2020 and 2021 a figure of every county, and an official total of the nation;
- one faulty import by the province and one by the lead agency; a draft typed by the county;
  a token of the county; a notice to it, unread; an act of everybody on record;
- a working mechanism of N, kept by the conference's office, and one of N1, by its government.

`build_cascade` carries `growth` down, for those tests that need it:

- `arriving` and `received` are laid on the governments of N2 and N1, which have them to receive
  and to take on; the text of `received` has changed since;
- `claimed` is contested by the supporting department: the cabinet decides, for the two bodies
  are peers;
- the leading department reports on three tasks: `drafting`, `signing` and `reported` wait for
  review, for its signature and for the lead agency;
- N1 has its own plan `growth-n1`: version 1 in force, 2 a draft;
- the task of `growth` waits for its jobs, and that of `growth-n1` for the task of `growth`.

`tests/cycles.py` adds what counties report in cycles, `tests/cases.py` what is submitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from tests.cast import APPOINTED, Cast, Member, build_cast
from throughline.bodies.actions import sign_in
from throughline.bodies.models import Holding, Person, PersonDetails, Post, Token
from throughline.bodies.rules import Duty, Scope
from throughline.cascade.models import (
    Assignment,
    Claim,
    Dependency,
    Evidence,
    LocalPlan,
    Mechanism,
    Meeting,
    Milestone,
    ProgressReport,
    Refinement,
    Root,
)
from throughline.figures.models import Load, Observation, Series
from throughline.files.models import StoredFile
from throughline.files.storage import store
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.actor import NOBODY, SYSTEM, Actor
from throughline.kernel.models import Draft, JournalEntry
from throughline.notices.models import Notice
from throughline.places.models import Group, Grouping, Membership, Place
from throughline.plans.actions import threads_of
from throughline.plans.models import (
    Edition,
    Element,
    Indicator,
    Paper,
    Plan,
    PlanVersion,
    Responsibility,
    Target,
    Thread,
)
from throughline.procedures.models import Case
from throughline.reporting.models import Contest, Cycle, Extension, Form, Report
from throughline.subjects.models import Attachment, Following, Remark

COUNTIES = ("N111", "N112", "N211")
PERIODS = ("2020", "2021")
FIGURES = {
    "people-official": {"N111": 1000.0, "N112": 2000.0, "N211": 3000.0},
    "urban-official": {"N111": 500.0, "N112": 900.0, "N211": 1000.0},
    "jobs-reported": {"N111": 10.0, "N112": 20.0, "N211": 30.0},
    "roads-reported": {"N111": 1.0, "N112": 2.0, "N211": 3.0},
}
RELEASED = timedelta(days=1)


@dataclass(repr=False)
class World:
    """The cast and what they have to do with; rows by their keys."""

    cast: Cast
    editions: dict[str, Edition] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    versions: dict[tuple[str, int], PlanVersion] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    mechanisms: dict[str, Mechanism] = field(default_factory=dict)
    remarks: dict[str, Remark] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    file: StoredFile = field(default_factory=StoredFile)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    reports: dict[str, ProgressReport] = field(default_factory=dict)
    """By the name of their assignment."""
    evidence: dict[str, Evidence] = field(default_factory=dict)
    """By what they are: a link, a file."""
    forms: dict[str, Form] = field(default_factory=dict)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    unit_reports: dict[str, Report] = field(default_factory=dict)
    """Those of N111, by the key of their cycle."""
    extensions: dict[str, Extension] = field(default_factory=dict)
    contests: dict[str, Contest] = field(default_factory=dict)
    """Figures of N111 that it contests, by their indicator."""
    cases: dict[str, Case] = field(default_factory=dict)
    """By how they stand; see `tests/cases.py`."""
    local_administrator: Actor = NOBODY
    """One who administers N1 and what lies below, and nothing else."""
    sessions: dict[str, str] = field(default_factory=dict)
    """Keys of the sessions in which members of the cast are signed in."""

    def observe(
        self, act: int, series: str, place: str, period: str, **more: object
    ) -> Observation:
        """Add an observation as an act would, accepted and released unless said otherwise."""
        given: dict[str, object] = {
            "value": 1.0,
            "status": Observation.Status.ACCEPTED,
            "released_at": clock.now() - RELEASED,
        }
        return Observation.objects.create(
            series=self.series[series], place=self.cast.places[place], period=period, act=act,
            **given | more,
        )  # fmt: skip

    def last(self, series: str, place: str, period: str) -> Observation | None:
        """The last observation of a cell, if there is one."""
        cell = Observation.objects.filter(
            series=self.series[series], place=self.cast.places[place], period=period
        )
        return cell.order_by("id").last()

    def standing(self, series: str, place: str, period: str) -> Observation:
        """The last observation of a cell."""
        found = self.last(series, place, period)
        assert found is not None
        return found

    def journal_position(self, member: str) -> int:
        """The position of a member's first act."""
        person = getattr(self.cast, member).actor.person
        return JournalEntry.objects.filter(person=person).earliest("position").position


def build_world() -> World:
    """The whole world, inside the transaction of the caller."""
    world = World(build_cast())
    build_definitions(world)
    build_plans(world)
    observe_everywhere(SYSTEM, series=world.series, places=world.cast.places)
    build_belongings(world)
    for _name, member in world.cast:
        if not member.actor.is_nobody:
            sign_in(member.actor, person=member.person)
    return world


def build_definitions(world: World) -> None:
    """Editions, indicators, series, and one grouping of places."""
    scheme = world.cast.scheme
    for rank, key in enumerate(("census", "rebased"), start=1):
        world.editions[key] = Edition.objects.create(
            scheme=scheme, key=key, title_en=key.title(), rank=rank
        )
    for key in ("people", "urban", "jobs", "roads"):
        world.indicators[key] = Indicator.objects.create(
            scheme=scheme, key=key, title_en=key.title(), unit_en="persons", direction="up",
            kind="sum", reporting_tier="county",
        )  # fmt: skip
    world.indicators["urban-rate"] = Indicator.objects.create(
        scheme=scheme, key="urban-rate", title_en="Urban rate", unit_en="per cent", symbol="%",
        direction="up", kind="ratio", numerator=world.indicators["urban"],
        denominator=world.indicators["people"], scale=100, decimals=2, reporting_tier="county",
    )  # fmt: skip
    build_series(world)
    clusters = Grouping.objects.create(scheme=scheme, key="clusters", name_en="Clusters")
    first = Group.objects.create(grouping=clusters, key="first", name_en="First", position=1)
    for code in ("N111", "N211"):
        Membership.objects.create(
            group=first, place=world.cast.places[code], valid_from=date(2000, 1, 1)
        )


def build_series(world: World) -> None:
    """Official and public series of the statisticians, and reported ones for the line."""
    wanted = [
        ("people-official", "people", "supporting-department", "official", "public", 1),
        ("urban-official", "urban", "supporting-department", "official", "public", 1),
        ("jobs-reported", "jobs", "leading-department", "department", "line", 1),
        ("jobs-check", "jobs", "supporting-department", "check", "line", 2),
        ("roads-reported", "roads", "cabinet", "department", "line", 1),
        ("people-rebased", "people", "supporting-department", "official", "public", 2),
    ]
    for key, indicator, producer, nature, audience, rank in wanted:
        world.series[key] = Series.objects.create(
            key=key, indicator=world.indicators[indicator], producer=world.cast.bodies[producer],
            edition=world.editions["rebased" if "rebased" in key else "census"], nature=nature,
            audience=audience, rank=rank, title_en=key.replace("-", " ").title(),
        )  # fmt: skip


def build_plans(world: World) -> None:
    """The plan that all know with its three versions, and the one that few know of."""
    for key in ("growth", "secret"):
        world.plans[key] = Plan.objects.create(
            key=key, scheme=world.cast.scheme, place=world.cast.places["N"],
            title_en=f"Plan of {key}", lead_body=world.cast.bodies["lead-agency"],
            period_from="2020", period_to="2025", zone="UTC", pack=key, pack_digest="0" * 64,
        )  # fmt: skip
    Paper.objects.create(
        plan=world.plans["growth"], key="issue", kind=Paper.Kind.ISSUE, title_en="The issue"
    )
    for key, number, state in (
        ("growth", 1, "superseded"), ("growth", 2, "in_force"), ("growth", 3, "draft"),
        ("secret", 1, "draft"),
    ):  # fmt: skip
        version = PlanVersion.objects.create(
            plan=world.plans[key], number=number, state=state,
            in_force_from=None if state == "draft" else date(2020, number, 1),
        )  # fmt: skip
        world.versions[key, number] = version
        build_elements(world, version)


def build_elements(world: World, version: PlanVersion) -> None:
    """One strand with two indicators and a task, led and supported."""
    said = f"{version.plan.key} {version.number}"
    threads = threads_of(version.plan, ("strand", "jobs", "urban-rate", "task"))
    strand = Element.objects.create(
        version=version, thread=threads["strand"], key="strand", kind="strand", position=1, depth=0,
        title_en=f"Strand of {said}",
    )  # fmt: skip
    for position, key in enumerate(("jobs", "urban-rate", "task"), start=2):
        indicator = world.indicators.get(key)
        element = Element.objects.create(
            version=version, thread=threads[key], key=key,
            kind="indicator" if indicator else "task", parent=strand, position=position,
            depth=1, title_en=f"{key.title()} of {said}", indicator=indicator,
        )  # fmt: skip
        for body, role in (("leading-department", "lead"), ("supporting-department", "support")):
            Responsibility.objects.create(element=element, body=world.cast.bodies[body], role=role)
    for key, code, value in (("jobs", "N", 100.0), ("jobs", "N111", 20.0), ("urban-rate", "N", 60)):
        Target.objects.create(
            version=version, indicator=world.indicators[key], place=world.cast.places[code],
            operator="ge", value=value, by="2025", baseline_period="2020", baseline_value=1.0,
            edition=world.editions["census"], bindingness="expected",
        )  # fmt: skip


@action("world.observe")
def observe_everywhere(act: Act, *, series: dict[str, Series], places: dict[str, Place]) -> None:
    """A figure of every county in every series, and an official total of the nation."""
    cells = [
        (key, code, period, value + (period == "2021"))
        for key, values in FIGURES.items()
        for code, value in values.items()
        for period in PERIODS
    ]
    Observation.objects.bulk_create(
        Observation(
            series=series[key], place=places[code], period=period, value=value,
            status=Observation.Status.ACCEPTED, released_at=clock.now() - RELEASED,
            act=act.number,
        )
        for key, code, period, value in [*cells, ("people-official", "N", "2020", 6001.0)]
    )  # fmt: skip
    act.about("world:figures")


def add_load(world: World, member: str, name: str) -> Load:
    """A faulty import by a member of the cast."""
    done = getattr(world.cast, member)
    return Load.objects.create(
        file=world.file, file_name=name, mapping="mapping", mapping_digest="0" * 64,
        state=Load.State.FAULTY, person=done.actor.person, body=done.body, at=clock.now(),
        rows_read=2, refused=1, act=0,
        report={"problems": [
            {"place": "row 2, column A", "message": "no number", "remedy": "", "field": "",
             "code": ""}
        ]},
    )  # fmt: skip


def add_token(world: World, member: str, name: str, ends: datetime | None = None) -> Token:
    """A token of a member of the cast that reads."""
    holder = getattr(world.cast, member)
    return Token.objects.create(
        person=holder.person, post=holder.post, name=name, prefix=f"tl_{name}"[:16],
        secret_hash=name.ljust(64, "0"), scopes=[Scope.READ],
        expires_at=ends or clock.now() + timedelta(days=30),
    )  # fmt: skip


def _beside(world: World, member: str, audience: str) -> dict[str, Any]:
    """What somebody set beside the jobs of the plan, for an audience."""
    by = getattr(world.cast, member)
    return {
        "kind": "element", "key": "growth/jobs", "audience": audience,
        "person": by.actor.person, "body": by.body, "at": clock.now(), "act": 0,
    }  # fmt: skip


def add_remark(world: World, member: str, text: str, audience: str = "line") -> Remark:
    """A remark on the jobs of the plan."""
    return Remark.objects.create(text=text, **_beside(world, member, audience))


def add_attachment(world: World, member: str, title: str, audience: str = "line") -> Attachment:
    """A file beside the jobs of the plan."""
    given = _beside(world, member, audience)
    return Attachment.objects.create(file=world.file, name="figures.csv", title=title, **given)


def add_mechanism(world: World, member: str, name: str) -> Mechanism:
    """A working mechanism of a member's place, whose office the member's body is; it met once,
    long ago."""
    body = getattr(world.cast, member).body
    found = Mechanism.objects.create(
        plan=world.plans["growth"], place=body.place, kind="leading_group", name=name,
        founded_by="Paper No. 1", founded_on=date(2021, 1, 1), head="Head", office=body,
        meets_every=3,
    )  # fmt: skip
    found.members.add(body)
    Meeting.objects.create(mechanism=found, on=date(2021, 2, 1), title="First", act=0)
    return found


def add_draft(world: World, member: str, form: str) -> Draft:
    """What a member of the cast has typed and not sent."""
    return Draft.objects.create(
        person=getattr(world.cast, member).actor.person, form=form, url="/", title=form,
        content={"a": "b"}, updated_at=clock.now(),
    )  # fmt: skip


def build_belongings(world: World) -> None:
    """What belongs to single members of the cast: imports, tokens, drafts."""
    world.file = store(BytesIO(b"code,jobs\nN111,many\n"), "figures.csv")
    for member in ("province", "coordinator"):
        world.loads[member] = add_load(world, member, f"{member}.csv")
    world.tokens["county"] = add_token(world, "county", "county")
    world.remarks["county"] = add_remark(world, "county", "said by the county")
    world.attachments["county"] = add_attachment(world, "county", "sent by the county")
    world.notices["county"] = add_notice(world, "county", "plan:growth")
    for member, name in (("office", "Conference"), ("province", "Leading group")):
        world.mechanisms[member] = add_mechanism(world, member, name)
    add_draft(world, "county", "form of the county")
    Following.objects.create(
        person=world.cast.county.actor.person, kind="element", key="growth/jobs",
        since=clock.now(), read_to=0,
    )  # fmt: skip
    world.local_administrator = add_administrator(world, "province")


def add_notice(world: World, member: str, subject: str, **narrowed: Any) -> Notice:
    """Something that the body of a member of the cast is told, by no act in particular."""
    told: Member = getattr(world.cast, member)
    return Notice.objects.create(
        body=told.body, kind="reminder", subject=subject, url="/plans/growth/", at=clock.now(),
        act=0, **narrowed,
    )  # fmt: skip


def add_administrator(world: World, member: str) -> Actor:
    """A new person who administers the body of a member of the cast."""
    beside: Member = getattr(world.cast, member)
    post = Post.objects.create(body=beside.body, key="administrator", duties=[Duty.ADMINISTER])
    person = Person.objects.create(login=f"administrator-{beside.body.key}", password="!")
    PersonDetails.objects.create(person=person, name="管理员", name_en="Administrator")
    Holding.objects.create(post=post, person=person, valid_from=APPOINTED)
    return replace(beside.actor, person=person.opaque, post=post.pk)


# -- the cascade ---------------------------------------------------------------------------

COLLEAGUE = "c" * 32
"""The opaque id of one who prepared what somebody else reviews."""

# name: (element, body, part, how far it has come)
LAID: dict[str, tuple[str, str, str, str]] = {
    "arriving": ("jobs", "n2-government", "locality", "assigned"),
    "received": ("task", "n1-government", "locality", "received"),
    "claimed": ("task", "supporting-department", "support", "received"),
    "reported": ("task", "leading-department", "lead", "taken on"),
    "drafting": ("urban-rate", "leading-department", "lead", "taken on"),
    "signing": ("jobs", "leading-department", "lead", "taken on"),
}

STEPS = {"drafting": "draft", "signing": "reviewed", "reported": "signed"}
"""Where the report on an assignment stands."""


def build_cascade(world: World) -> None:
    """How the plan is carried down, beside the rest of the world. Its rows are written as acts
    would have left them, and not by acts: there is nothing of it in the journal."""
    now = clock.now()
    lay(world, LAID, now)
    world.claims["claimed"] = Claim.objects.create(
        assignment=world.assignments["claimed"], kind="contest", reason="Not ours",
        proposed_body=world.cast.bodies["uninvolved-department"],
        by_body=world.cast.bodies["supporting-department"],
        by_person=world.cast.supports.actor.person, at=now, decider=world.cast.bodies["cabinet"],
    )  # fmt: skip
    for name, step in STEPS.items():
        world.reports[name] = add_report(world, name, step)
    reported = world.reports["reported"]
    for kind, more in (("link", {"url": "https://example.org/"}), ("file", {"file": world.file})):
        world.evidence[kind] = Evidence.objects.create(
            report=reported, kind=kind, title=f"evidence.{kind}", **more
        )
    Milestone.objects.create(
        assignment=world.assignments["reported"], title="Half of it", due=date(2024, 6, 30),
        done_by=reported,
    )  # fmt: skip
    add_local_plan(world, "N1", {1: "in_force", 2: "draft"})
    task = Thread.objects.get(plan=world.plans["growth"], key="task")
    for plan, key in (("growth", "jobs"), ("growth-n1", "task")):
        other = Thread.objects.get(plan=world.plans[plan], key=key)
        before, after = (other, task) if plan == "growth" else (task, other)
        Dependency.objects.create(before=before, after=after)


def lay(world: World, wanted: dict[str, tuple[str, str, str, str]], now: datetime) -> None:
    """Lay elements of `growth` on bodies. Governments last looked at the first version."""
    texts = {
        (each.key, each.version.number): each
        for each in Element.objects.filter(version__plan=world.plans["growth"]).select_related(
            "version__plan", "thread"
        )
    }
    for name, (key, body, part, stage) in wanted.items():
        element = texts[key, 1 if part == "locality" else 2]
        on = world.cast.bodies[body]
        world.assignments[name] = Assignment(
            thread=element.thread, element=element, body=on, place=on.place, part=part,
            deliverable_en=f"What {on.name_en} owes", due=date(2025, 12, 31),
            issuer=world.cast.bodies["lead-agency"], authority="Issue No. 1", issued_at=now,
            respond_by=now + timedelta(days=10), act=0,
            received_at=None if stage == "assigned" else now,
            taken_on_at=now if stage == "taken on" else None,
        )  # fmt: skip
    Assignment.objects.bulk_create(world.assignments[name] for name in wanted)
    threads = {world.assignments[name].thread for name in wanted}
    Root.objects.bulk_create(
        [Root(thread=each, root=each) for each in threads], ignore_conflicts=True
    )


def add_report(world: World, name: str, step: str, **more: Any) -> ProgressReport:
    """A report on an assignment, prepared by a colleague of those who review and sign it."""
    now = clock.now()
    given: dict[str, Any] = {
        "kind": "progress", "text": f"Half of {name} is done", "step": step,
        "prepared_by": COLLEAGUE, "prepared_at": now,
        "signed_at": now if step == "signed" else None,
    }  # fmt: skip
    return ProgressReport.objects.create(assignment=world.assignments[name], **given | more)


def add_local_plan(world: World, code: str, versions: dict[int, str]) -> Plan:
    """A place's own plan of `growth`, led by its government, with an element that adopts the
    task."""
    superior, place = world.plans["growth"], world.cast.places[code]
    government = world.cast.bodies[f"{code.lower()}-government"]
    plan = Plan.objects.create(
        key=f"growth-{code.lower()}", scheme=world.cast.scheme, place=place,
        title_en=f"Growth in {code}", lead_body=government, period_from="2020",
        period_to="2025", zone="UTC", pack="", pack_digest="",
    )  # fmt: skip
    LocalPlan.objects.create(plan=plan, superior=superior)
    seen = Element.objects.get(version=world.versions["growth", 2], key="task")
    thread = Thread.objects.create(plan=plan, key="task")
    for number, state in versions.items():
        version = PlanVersion.objects.create(
            plan=plan, number=number, state=state,
            in_force_from=None if state == "draft" else date(2020, 3, 1),
        )  # fmt: skip
        element = Element.objects.create(
            version=version, thread=thread, key="task", kind="task", position=1, depth=0,
            title_en=f"Task in {code}, {state}",
        )  # fmt: skip
        Responsibility.objects.create(element=element, body=government, role="lead")
        Refinement.objects.create(
            superior=seen.thread, seen=seen, element=element, treatment="adapt"
        )
        world.versions[plan.key, number] = version
    if "in_force" in versions.values():
        Root.objects.create(thread=thread, root=seen.thread)
    world.plans[plan.key] = plan
    return plan
