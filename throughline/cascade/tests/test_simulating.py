"""The simulated cascade over the country of the cast; how one is read and told from there."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.architecture.tree import DOCS, table_rows
from tests.cast import Cast
from throughline.bodies.models import Body
from throughline.cascade.checking import SEVERITIES, WORDS, Code, check, described, read
from throughline.cascade.checking.rows import NEVER, NO_DAY, instant
from throughline.cascade.commands import check_plan
from throughline.cascade.models import (
    Assignment,
    Claim,
    Dependency,
    LocalPlan,
    Milestone,
    Refinement,
    Root,
)
from throughline.cascade.simulating import KEY, simulate_cascade
from throughline.cascade.tests import plainly
from throughline.cascade.tests.cascades import as_found, as_records, goal_of
from throughline.figures.rules.bulk import DIRECTIONS, OPERATORS
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, NotFound
from throughline.kernel.period import Period
from throughline.plans.models import Element, Plan, PlanVersion, Responsibility, Target

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TOTALS = (40, 60, 16, 12)
PARTS = ["lead", "coordinating", "support", "locality"]


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return simulate_cascade(SYSTEM, scheme=cast.scheme, today=TODAY, totals=TOTALS)


def start(plan: Plan) -> date:
    """The day on which the national plan came into force."""
    begun = plan.versions.get().in_force_from
    assert begun is not None
    return begun


def as_stored(plan: Plan) -> plainly.Cascade:
    """The cascade by models: what the written statements have to give."""

    def day(value: date | None) -> int:
        return value.toordinal() if value else NO_DAY

    def number(value: float | None) -> float:
        return float("nan") if value is None else value

    chosen, waiting = {plan.pk: 0}, [plan.pk]
    while waiting:
        above = waiting.pop()
        for local in LocalPlan.objects.filter(superior=above):
            chosen[local.plan_id] = above
            waiting.append(local.plan_id)
    plans = Plan.objects.filter(pk__in=chosen)
    # Each table is read by the keys found before: over tables of which nothing is known to the
    # planner yet, joins take minutes.
    elements = Element.objects.filter(version__plan__in=chosen, version__state="in_force")
    elements = Element.objects.filter(pk__in=list(elements.order_by().values_list("pk", flat=True)))
    assignments = Assignment.objects.filter(thread__plan__in=chosen).select_related("thread")
    laid = list(assignments.order_by().values_list("pk", flat=True))
    written = list(elements.order_by().values_list("pk", flat=True))
    under = set(elements.order_by().values_list("parent_id", flat=True))
    claims = set(Claim.objects.filter(outcome="").values_list("assignment_id", flat=True))
    targets = Target.objects.filter(version__plan__in=chosen, version__state="in_force")
    goals = {}
    for each in targets.select_related("indicator"):
        tolerance = each.tolerance
        if each.tolerance_share is not None:
            tolerance = each.tolerance_share * abs(each.value or 0.0)
        goals[each.pk] = (
            [str(operator) for operator in OPERATORS].index(each.operator),
            number(each.value), number(each.upper), each.strict, each.percent,
            number(tolerance), number(each.baseline_value), each.indicator.decimals,
            [str(way) for way in DIRECTIONS].index(each.indicator.direction),
            number(each.indicator.band_low), number(each.indicator.band_high),
        )  # fmt: skip
    return plainly.Cascade(
        [
            plainly.Plan(
                row.pk, chosen[row.pk], row.place_id,
                Period.parse(row.period_from).start.toordinal(),
                Period.parse(row.period_to).end.toordinal(),
            )
            for row in plans
        ],
        [
            plainly.Element(
                row.pk, row.thread_id, row.thread.plan_id,
                row.kind != "strand" and row.pk not in under, day(row.deadline), 0,
            )
            for row in elements.order_by().select_related("thread")
        ],
        [
            plainly.Link(row.element_id, row.superior_id)
            for row in Refinement.objects.filter(element__in=written).order_by()
        ],
        [
            plainly.Print(row.element_id, row.body_id, PARTS.index(row.role))
            for row in Responsibility.objects.filter(element__in=written).order_by()
        ],
        [
            plainly.Assignment(
                row.pk, row.thread_id, row.thread.plan_id, row.body_id, row.place_id or 0,
                PARTS.index(row.part), day(row.due), row.due != row.element.deadline,
                instant(row.respond_by) if row.respond_by else NEVER, row.received_at is not None,
                row.taken_on_at is not None, row.pk in claims, row.closed_at is not None,
                row.ended_at is not None,
            )
            for row in assignments.order_by()
        ],
        [
            plainly.Milestone(row.pk, row.assignment_id, day(row.due), row.after_id or 0,
                              row.done_at is not None)
            for row in Milestone.objects.filter(
                assignment__in=laid, dropped_at__isnull=True
            ).order_by()
        ],
        [
            plainly.Aim(row.pk, row.version.plan_id, row.indicator_id, row.place_id,
                        row.edition_id, Period.parse(row.by).end.toordinal(), goals[row.pk])
            for row in targets.select_related("version")
        ],
        [
            plainly.Wait(row.before_id, row.after_id)
            for row in Dependency.objects.filter(after__plan__in=chosen).order_by()
        ],
        [
            plainly.Ending(row.pk, day(row.valid_to))
            for row in Body.objects.filter(valid_to__isnull=False)
        ],
    )  # fmt: skip


def alike(cascade: plainly.Cascade) -> list[Any]:
    """Records in one order, NaN as a word; of titles only which are equal counts."""
    numbers: dict[int, int] = {}
    elements = sorted(cascade.elements)
    for each in elements:
        numbers.setdefault(each.title, len(numbers))
    tables: list[Any] = [list(table) for table in cascade]
    tables[1] = [each._replace(title=0) for each in elements]
    return [sorted(map(repr, table)) for table in tables]


def shake(plan: Plan, cast: Cast) -> None:
    """Whatever else a cascade can hold: claims, drops, ends, ties, former texts."""
    local = Plan.objects.get(key=f"{KEY}-n1")
    assignments = list(Assignment.objects.filter(thread__plan=local).order_by("pk")[:8])
    steps = Milestone.objects.filter(
        assignment__thread__plan=local, done_at=None, assignment__closed_at=None
    ).order_by("-pk")
    late, dropped = steps[0].pk, steps[1].pk
    Milestone.objects.filter(pk=late).update(due=TODAY + timedelta(days=4000))
    Milestone.objects.filter(pk=dropped).update(dropped_at=NOW)
    Assignment.objects.filter(pk=assignments[0].pk).update(due=None, respond_by=None)
    Assignment.objects.filter(pk=assignments[1].pk).update(due=date(2040, 1, 1))
    Claim.objects.create(
        assignment=assignments[2], kind="not_applicable", reason="so", at=NOW,
        by_body=assignments[2].body, decider=assignments[2].issuer, by_person="x",
    )  # fmt: skip
    Body.objects.filter(pk=cast.prefecture.body.pk).update(valid_to=TODAY)
    elements = list(Element.objects.filter(version__plan=local).order_by("position"))
    Dependency.objects.get_or_create(before=elements[0].thread, after=elements[1].thread)
    Dependency.objects.get_or_create(before=elements[1].thread, after=elements[0].thread)
    Element.objects.filter(pk=elements[2].pk).update(deadline=date(2019, 1, 1))
    Element.objects.filter(pk=elements[3].pk).update(parent=elements[4])
    Target.objects.filter(version__plan=local, operator="ge").update(value=1, tolerance_share=None)
    prefecture = Plan.objects.get(key=f"{KEY}-n11")
    prefecture.versions.update(state=PlanVersion.State.SUPERSEDED)


def test_it_is_simulated_and_says_so_everywhere(plan: Plan, cast: Cast) -> None:
    plans = Plan.objects.filter(pack=KEY)
    assert {each.place.code for each in plans} == {"N", "N1", "N2", "N11", "N111"}
    assert all(each.key.startswith(KEY) and each.demo for each in plans)
    assert all("imulated" in each.title_en and "模拟" in each.title_zh for each in plans)
    assert Element.objects.filter(version__plan__in=plans, simulated=False).count() == 0
    assert Target.objects.filter(version__plan__in=plans, simulated=False).count() == 0
    counts = Counter(Element.objects.values_list("version__plan__place__tier__level", flat=True))
    assert [counts[level] for level in range(4)] == list(TOTALS)
    assert not Target.objects.exclude(indicator__key__startswith=KEY).exists()


def test_a_thread_descends_from_what_its_superiors_descend_from(plan: Plan) -> None:
    roots: dict[int, set[int]] = {}
    for thread, root in Root.objects.values_list("thread", "root"):
        roots.setdefault(thread, set()).add(root)
    above: dict[int, set[int]] = {}
    for link in Refinement.objects.select_related("element"):
        above.setdefault(link.element.thread_id, set()).add(link.superior_id)
    for thread, found in roots.items():
        superiors = above.get(thread, set())
        expected = {root for each in superiors for root in roots[each]} or {thread}
        assert found == expected


def test_at_first_nothing_in_it_is_at_fault(plan: Plan) -> None:
    begun = start(plan)
    at = datetime(begun.year, begun.month, begun.day, 12, tzinfo=UTC)
    assert check(read(plan), today=begun, now=at) == []


def test_today_only_what_people_have_not_done(plan: Plan) -> None:
    codes = {each.code for each in check(read(plan), today=TODAY, now=NOW)}
    assert codes <= {
        Code.NOT_RECEIVED, Code.NOT_TAKEN_ON, Code.NOT_REFINED, Code.NO_LOCAL_PLAN,
    }  # fmt: skip


def test_only_the_installation_simulates_and_only_once(plan: Plan, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        simulate_cascade(cast.coordinator.actor, scheme=cast.scheme, today=TODAY)
    with pytest.raises(Conflict):
        simulate_cascade(SYSTEM, scheme=cast.scheme, today=TODAY, totals=TOTALS)


def test_the_statements_read_what_is_stored(plan: Plan, cast: Cast) -> None:
    assert alike(as_records(read(plan))) == alike(as_stored(plan))
    shake(plan, cast)
    assert alike(as_records(read(plan))) == alike(as_stored(plan))


def test_a_plan_below_is_checked_with_what_lies_below_it(plan: Plan) -> None:
    local = Plan.objects.get(key=f"{KEY}-n11")
    rows = read(local)
    assert alike(as_records(rows)) == alike(as_stored(local))
    assert rows.plans.superior.tolist().count(0) == 1


def test_what_is_found_in_the_database_is_what_plain_records_say(plan: Plan, cast: Cast) -> None:
    shake(plan, cast)
    records = as_records(read(plan))
    found = check(read(plan), today=TODAY, now=NOW)
    plain = plainly.check_plainly(records, TODAY.toordinal(), instant(NOW), goal_of)
    assert Counter(as_found(found)) == Counter(plain)
    assert {each.code for each in found} >= {
        Code.ORPHAN_REFINEMENT, Code.DEPENDENCY_CYCLE, Code.ENDED_BODY, Code.DUE_OUTSIDE_PLAN,
        Code.DEADLINE_OUTSIDE_PLAN, Code.MILESTONE_AFTER_DUE,
        Code.WEAKER_TARGET,
    }  # fmt: skip


def test_findings_are_told_with_names_in_few_statements(
    plan: Plan, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    shake(plan, cast)
    found = check(read(plan), today=TODAY, now=NOW)
    with django_assert_max_num_queries(6):
        told = described(found)
        texts = [f"{each.title} {each.explanation} {each.remedy}" for each in told]
    assert all("“”" not in text and "%(" not in text for text in texts)
    weaker = next(each for each in told if each.code is Code.WEAKER_TARGET)
    assert weaker.explanation == (
        "The target for Simulated rising quantity accepts figures that the target of "
        "“Simulated plan of Place N (trial)” for the same place and date does not."
    )


def test_the_command_ends_with_1_where_there_is_an_error(
    plan: Plan, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_plan(Namespace(plan=KEY, json=False, least="notice")) == 0
    capsys.readouterr()
    shake(plan, cast)
    assert check_plan(Namespace(plan=KEY, json=True, least="error")) == 1
    found = json.loads(capsys.readouterr().out)
    assert {each["severity"] for each in found} == {"error"}
    assert {"code", "plan", "place", "explanation", "remedy"} <= set(found[0])
    with pytest.raises(NotFound):
        check_plan(Namespace(plan="nowhere", json=False, least="notice"))


def test_every_code_stands_in_the_guide_with_its_severity() -> None:
    rows = table_rows(DOCS / "guide" / "checks.md", columns=4)
    said = {row[0].strip("`"): row[1] for row in rows}
    assert said == {str(code): grade.name.lower() for code, grade in SEVERITIES.items()}
    assert set(said) == {str(code) for code in Code}


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_words_in_both_languages(code: Code) -> None:
    from django.utils.translation import override

    names = ("plan", "element", "body", "place", "other", "others", "count", "day", "bound")
    for text in WORDS[code]:
        with override("en"):
            english = str(text)
        with override("zh-hans"):
            chinese = str(text)
        assert english.isascii() or "“" in english or "’" in english
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
        assert chinese % dict.fromkeys(names, "X") != english % dict.fromkeys(names, "X")
