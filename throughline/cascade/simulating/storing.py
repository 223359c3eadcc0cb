"""Writing a simulated cascade: rows are copied in, because there are hundreds of thousands."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from throughline.bodies.models import Body
from throughline.cascade.models import (
    Assignment,
    Claim,
    Dependency,
    Evidence,
    LocalPlan,
    Milestone,
    ProgressReport,
    Refinement,
    Root,
)
from throughline.cascade.rules.kinds import ClaimKind, EvidenceKind, Part, ReportKind
from throughline.cascade.rules.life import Ending, Outcome, Step
from throughline.cascade.simulating.shaping import ANSWER, Cascade, Laid
from throughline.kernel.action import Act
from throughline.places.models import Scheme
from throughline.plans.models import (
    Edition,
    Element,
    Indicator,
    Plan,
    PlanVersion,
    Responsibility,
    Target,
    Thread,
)

log = logging.getLogger("throughline.cascade.simulating")

KEY = "simulated-cascade"
SAID_EN, SAID_ZH = "Simulated for trial", "试验用模拟数据"
AUTHORITY = "模拟文件 simulated document"
INDICATORS = (("up", "rising", "上升"), ("down", "falling", "下降"), ("up", "turning", "改善"))
Rows = Iterable[Sequence[Any]]
Columns = tuple[str, ...]


def _copy(model: type[Any], columns: Sequence[str], rows: Rows) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    log.info("%s: %s rows", model.__name__, f"{count:,}")


def _keys(model: type[Any], count: int) -> list[int]:
    """Keys for so many rows that are to come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


class Storing:
    """One cascade on its way into the tables."""

    def __init__(self, act: Act, scheme: Scheme, cascade: Cascade) -> None:
        self.act, self.scheme, self.cascade = act, scheme, cascade
        self.plans = _keys(Plan, len(cascade.plans))
        self.versions = _keys(PlanVersion, len(cascade.plans))
        self.threads = _keys(Thread, len(cascade.elements))
        self.elements = _keys(Element, len(cascade.elements))
        self.laid = _keys(Assignment, len(cascade.laid))

    def store(self) -> Plan:
        """Write all of it, and give the national plan."""
        self._plans()
        self._elements()
        self._relations()
        self._targets()
        self._assignments()
        self._answers()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # most of the time goes here: tell it
        log.info("constraints hold")
        return Plan.objects.get(pk=self.plans[0])

    # -- plans and their text --------------------------------------------------------------

    def _plans(self) -> None:
        seats, first = self.cascade.seats, self.cascade.first_year
        columns: Columns = (
            "id", "key", "scheme_id", "place_id", "title_en", "title_zh", "kind", "lead_body_id",
            "period_from", "period_to", "zone", "demo", "pack", "pack_digest", "alerts",
        )  # fmt: skip
        _copy(Plan, columns, (
            (
                self.plans[k], KEY if superior < 0 else f"{KEY}-{seats[seat].code.lower()}",
                self.scheme.pk, seats[seat].place,
                f"Simulated plan of {seats[seat].name_en or seats[seat].code} (trial)",
                f"{seats[seat].name_zh or seats[seat].code}模拟实施方案（试验）",
                "implementation_plan", self._head(seat), str(first), str(first + 4),
                "Asia/Shanghai", True, KEY, "0" * 64, "{}",
            )
            for k, (seat, superior) in enumerate(self.cascade.plans)
        ))  # fmt: skip
        columns = ("id", "plan_id", "number", "state", "in_force_from", "note_en", "note_zh")
        _copy(PlanVersion, columns, (
            (self.versions[k], self.plans[k], 1, "in_force", self._issued(seat).date(), SAID_EN,
             SAID_ZH)
            for k, (seat, _superior) in enumerate(self.cascade.plans)
        ))  # fmt: skip
        _copy(LocalPlan, ("plan_id", "superior_id"), (
            (self.plans[k], self.plans[superior])
            for k, (_seat, superior) in enumerate(self.cascade.plans)
            if superior >= 0
        ))  # fmt: skip

    def _head(self, number: int) -> int:
        """The body that leads a seat's plan: its first department, else its government."""
        seat = self.cascade.seats[number]
        return next((body for body in seat.bodies if body != seat.government), seat.government)

    def _issued(self, seat: int) -> datetime:
        return self.cascade.issued(self.cascade.seats[seat].level)

    def _elements(self) -> None:
        made = self.cascade.elements
        _copy(Thread, ("id", "plan_id", "key"), (
            (self.threads[k], self.plans[each.plan], f"s{each.position + 1}")
            for k, each in enumerate(made)
        ))  # fmt: skip
        columns: Columns = (
            "id", "version_id", "thread_id", "key", "number", "kind", "parent_id", "position",
            "depth", "title_en", "title_zh", "text_en", "text_zh", "paragraph", "bindingness",
            "completion_en", "completion_zh", "deadline", "illustrative", "simulated",
        )  # fmt: skip
        _copy(Element, columns, (
            (
                self.elements[k], self.versions[each.plan], self.threads[k],
                f"s{each.position + 1}", str(each.position + 1), each.kind,
                self.elements[each.parent] if each.parent >= 0 else None, each.position,
                int(each.parent >= 0), each.title_en, each.title_zh, f"{SAID_EN}.", f"{SAID_ZH}。",
                "", "none", "" if each.kind == "strand" else "A list of what was done",
                "" if each.kind == "strand" else "完成情况清单", each.deadline, False, True,
            )
            for k, each in enumerate(made)
        ))  # fmt: skip
        columns = ("element_id", "body_id", "role", "duty_en", "duty_zh", "position")
        _copy(Responsibility, columns, (
            (self.elements[k], body, role, "", "", position)
            for k, each in enumerate(made)
            for position, (body, role) in enumerate(
                [(body, "lead") for body in each.leads]
                + [(each.coordinating, "coordinating")] * (each.coordinating >= 0)
                + [(body, "support") for body in each.supports]
            )
        ))  # fmt: skip

    def _relations(self) -> None:
        made = self.cascade.elements
        columns: Columns = ("superior_id", "seen_id", "element_id", "treatment", "note")
        _copy(Refinement, columns, (
            (self.threads[above], self.elements[above], self.elements[k], each.treatment, "")
            for k, each in enumerate(made)
            for above in each.superiors
        ))  # fmt: skip
        _copy(Root, ("thread_id", "root_id"), (
            (self.threads[k], self.threads[root])
            for k, each in enumerate(made)
            for root in each.roots
        ))  # fmt: skip
        _copy(Dependency, ("before_id", "after_id"), (
            (self.threads[before], self.threads[after]) for before, after in self.cascade.waits
        ))  # fmt: skip

    def _targets(self) -> None:
        # Indicators of its own: whoever asks for the targets of a real one must not meet these.
        edition = Edition.objects.create(
            scheme=self.scheme, key=KEY, title_en=SAID_EN, title_zh=SAID_ZH, rank=0
        )
        indicators = [
            Indicator.objects.create(
                scheme=self.scheme, key=f"{KEY}-{name}", title_en=f"Simulated {name} quantity",
                title_zh=f"模拟指标（{said}）", unit_en="units", unit_zh="个", direction=direction,
                kind=Indicator.Kind.LAST, decimals=1, reporting_tier="county",
            ).pk
            for direction, name, said in INDICATORS
        ]  # fmt: skip
        first = self.cascade.first_year
        columns: Columns = (
            "version_id", "indicator_id", "place_id", "operator", "value", "strict", "percent",
            "by", "baseline_period", "baseline_value", "baseline_source_en", "baseline_source_zh",
            "no_baseline_en", "no_baseline_zh", "trajectory", "steps", "edition_id",
            "bindingness", "source_en", "source_zh", "support", "note_en", "note_zh",
            "illustrative", "simulated",
        )  # fmt: skip
        _copy(Target, columns, (
            (
                self.versions[aim.plan], indicators[aim.indicator], aim.place, aim.operator,
                aim.value, False, False, str(first + 4), str(first - 1), aim.baseline, SAID_EN,
                SAID_ZH, "", "", "linear", Jsonb([]), edition.pk,
                "binding" if aim.indicator == 0 else "expected", "", "", "", SAID_EN, SAID_ZH,
                False, True,
            )
            for aim in self.cascade.aims
        ))  # fmt: skip

    # -- who does it -----------------------------------------------------------------------

    def _assignments(self) -> None:
        columns: Columns = (
            "id", "thread_id", "element_id", "body_id", "place_id", "part", "deliverable_en",
            "deliverable_zh", "due",
            "by_name", "issuer_id", "authority", "issued_at", "respond_by", "leader_id",
            "officer_id", "received_at", "taken_on_at", "started_at", "closed_at", "ended_at",
            "ended_as", "act",
        )  # fmt: skip
        posts = {body: both for seat in self.cascade.seats for body, both in seat.posts.items()}
        _copy(Assignment, columns, (
            (
                self.laid[k], self.threads[each.element], self.elements[each.element], each.body,
                each.place, each.part, *_owed(each, self.cascade), each.due,
                each.part != Part.LOCALITY, self._issuer(each), AUTHORITY, each.issued_at,
                each.issued_at + ANSWER, *_people(each, posts), *each.course[:5],
                Ending.NOT_APPLICABLE if each.course.ended else "", self.act.number,
            )
            for k, each in enumerate(self.cascade.laid)
        ))  # fmt: skip

    def _issuer(self, laid: Laid) -> int:
        plan = self.cascade.elements[laid.element].plan
        return self._head(self.cascade.plans[plan][0])

    def _answers(self) -> None:
        made = self.cascade.laid
        columns: Columns = (
            "assignment_id", "kind", "reason", "proposed_due", "proposed_text", "by_body_id",
            "by_person", "at", "decider_id", "decided_at", "decided_person", "outcome", "answer",
        )  # fmt: skip
        _copy(Claim, columns, (
            (
                self.laid[k], each.course.claim, "模拟理由 simulated reason",
                _later(each.due) if each.course.claim == ClaimKind.CONTEST else None, "",
                each.body, self.act.actor.person, each.course.received + timedelta(days=2),
                self._issuer(each), each.course.ended, self.act.actor.person
                if each.course.ended else "", Outcome.ACCEPTED if each.course.ended else "", "",
            )
            for k, each in enumerate(made)
            if each.course.claim and each.course.received
        ))  # fmt: skip
        self._milestones()
        self._reports()

    def _milestones(self) -> None:
        steps = self.cascade.steps
        keys = _keys(Milestone, len(steps))
        columns: Columns = ("id", "assignment_id", "title", "due", "after_id", "done_at")
        _copy(Milestone, columns, (
            (keys[k], self.laid[step.laid], f"节点{step.number} milestone {step.number}", step.due,
             keys[step.after] if step.after >= 0 else None, step.done)
            for k, step in enumerate(steps)
        ))  # fmt: skip

    def _reports(self) -> None:
        closed = [(k, each) for k, each in enumerate(self.cascade.laid) if each.course.closed]
        keys = _keys(ProgressReport, len(closed))
        person = self.act.actor.person
        columns: Columns = (
            "id", "assignment_id", "kind", "text", "step", "prepared_by", "prepared_at",
            "reviewed_by", "reviewed_at", "signed_by", "signed_at", "decided_by", "decided_at",
            "returned",
        )  # fmt: skip
        _copy(ProgressReport, columns, (
            (keys[rank], self.laid[k], ReportKind.COMPLETION, f"{SAID_ZH} {SAID_EN}",
             Step.ACCEPTED, *(person, each.course.closed) * 4, "")
            for rank, (k, each) in enumerate(closed)
        ))  # fmt: skip
        columns = ("report_id", "kind", "title", "period", "url")
        _copy(Evidence, columns, (
            (key, EvidenceKind.LINK, f"{SAID_ZH} {SAID_EN}", "",
             "https://example.invalid/simulated")
            for key in keys
        ))  # fmt: skip


def _owed(laid: Laid, cascade: Cascade) -> tuple[str, str]:
    """What the very body owes: of a supporting one, something of its own."""
    if laid.part is not Part.SUPPORT:
        return "", ""
    element = cascade.elements[laid.element]
    return f"Support of: {element.title_en}", f"{element.title_zh}配合事项"


def _people(laid: Laid, posts: dict[int, tuple[int, int]]) -> tuple[int | None, int | None]:
    """Who answers for it in the body, named when it was received."""
    return posts.get(laid.body, (None, None)) if laid.course.received else (None, None)


def _later(due: date | None) -> date | None:
    return due + timedelta(days=90) if due else None


def bodies_by_place(places: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Place, key and kind of every body that sits in some places and has not ended."""
    rows = Body.objects.filter(place__in=places, valid_to__isnull=True).order_by("pk")
    yield from rows.values_list("place_id", "pk", "kind")
