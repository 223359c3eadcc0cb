"""What elements wait for: who says so, what is refused, and how the pages show it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.permissions.endpoints import client_of
from tests.world import World, add_local_plan
from throughline.bodies.directory import offered
from throughline.cascade import actions, dependencies
from throughline.cascade.actions import dependencies as acts
from throughline.cascade.checking import Code, Finding, check, described, read
from throughline.cascade.dependencies import dependencies_of, way_between
from throughline.cascade.models import Dependency
from throughline.cascade.queries import assignment_by_id
from throughline.cascade.tests.steps import LATER, SOON, element, issue, lay, local_plan, taken_on
from throughline.cascade.tests.test_refining import adopt, next_version, put
from throughline.cascade.tests.test_reporting import LINK
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.plans.models import Element, Plan, PlanVersion


def wait(world: World, waiting: str, awaited: str, member: str = "coordinator") -> Dependency:
    """The plan's element of one key waits for that of another."""
    return actions.await_element(
        getattr(world.cast, member).actor, element=element(world, waiting),
        awaited=element(world, awaited),
    )  # fmt: skip


def numbered(world: World) -> None:
    """The elements of the plan get the numbers that a document would print."""
    for number, key in (("3", "task"), ("5", "jobs"), ("7", "urban-rate")):
        Element.objects.filter(version__plan__key="growth", key=key).update(number=number)


def secret_in_force(world: World) -> None:
    """The plan of which there was only a draft comes into force: of the same place and body,
    and in no line with the other."""
    rows = PlanVersion.objects.filter(pk=world.versions["secret", 1].pk)
    rows.update(state="in_force", in_force_from=date(2021, 1, 1))


def refusal(error: pytest.ExceptionInfo[Invalid]) -> str:
    [problem] = error.value.problems
    assert problem.field == "awaited"
    assert problem.remedy
    return problem.message


def test_one_waits_and_waits_no_more_and_each_act_is_on_record(world):
    before = JournalEntry.objects.count()
    wait(world, "task", "jobs")
    coordinator = world.cast.coordinator.actor
    found = dependencies_of(coordinator, element(world))
    assert [each.element.key for each in found.awaits] == ["jobs"]
    there = dependencies_of(coordinator, element(world, "jobs"))
    assert [each.element.key for each in there.awaited_by] == ["task"]
    jobs = element(world, "jobs").thread
    actions.await_no_more(coordinator, element=element(world), awaited=jobs)
    assert not Dependency.objects.exists()
    assert JournalEntry.objects.count() == before + 2
    with pytest.raises(Conflict, match="any more"):
        actions.await_no_more(coordinator, element=element(world), awaited=jobs)


def test_a_ring_is_refused_and_named_whole(world):
    numbered(world)
    wait(world, "task", "jobs")
    wait(world, "jobs", "urban-rate")
    with pytest.raises(Invalid) as error:
        wait(world, "urban-rate", "task")
    assert (
        "7 Urban-Rate of growth 2 → 3 Task of growth 2 → 5 Jobs of growth 2 → 7 Urban"
        in refusal(error)
    )
    assert Dependency.objects.count() == 2
    wait(world, "task", "urban-rate")  # a second way in the same direction closes none


def test_without_the_check_a_ring_is_closed_and_found(world, monkeypatch):
    wait(world, "task", "jobs")
    monkeypatch.setattr(acts, "way_between", lambda *_threads: [])
    wait(world, "jobs", "task")
    found = check(read(Plan.objects.get(key="growth")), today=LATER, now=clock.now())
    rings = [each for each in found if each.code == Code.DEPENDENCY_CYCLE]
    [line] = described(rings)
    assert line.mended_at.startswith("/plans/growth/elements/")
    assert line.mended_at.endswith("#waits")


def test_a_ring_over_two_plans_names_the_other_plan(world):
    version = local_plan(world)
    adopt(world, version, "task")
    issue(world, version)
    below = element(world, plan="growth-n1")
    province = world.cast.province.actor
    actions.await_element(province, element=below, awaited=element(world, "jobs"))
    with pytest.raises(Invalid) as error:
        actions.await_element(
            world.cast.coordinator.actor, element=element(world, "jobs"), awaited=below
        )
    assert "(Plan of N1)" in refusal(error)


def test_itself_a_heading_and_what_is_of_no_plan_in_line_are_refused(world):
    with pytest.raises(Invalid) as error:
        wait(world, "task", "task")
    assert "itself" in refusal(error)
    with pytest.raises(Invalid) as error:
        wait(world, "task", "strand")
    assert "heading" in refusal(error)
    with pytest.raises(Invalid, match="heading"):
        wait(world, "strand", "task")
    secret_in_force(world)
    with pytest.raises(Invalid) as error:
        actions.await_element(
            world.cast.coordinator.actor, element=element(world),
            awaited=element(world, plan="secret"),
        )  # fmt: skip
    assert "nothing to do with" in refusal(error)


def test_what_is_there_already_or_not_in_force_is_a_conflict_at_its_field(world):
    wait(world, "task", "jobs")
    with pytest.raises(Conflict, match="already") as error:
        wait(world, "task", "jobs")
    assert error.value.place == "awaited"
    old = Element.objects.get(version=world.versions["growth", 1], key="urban-rate")
    coordinator = world.cast.coordinator.actor
    with pytest.raises(Conflict, match="not in force"):
        actions.await_element(coordinator, element=element(world), awaited=old)
    with pytest.raises(Conflict, match="superseded"):
        actions.await_element(coordinator, element=old, awaited=element(world))


def test_what_one_does_not_see_is_not_there(world):
    add_local_plan(world, "N2", {1: "draft"})
    hidden = Element.objects.select_related("version__plan", "thread").get(
        version__plan__key="growth-n2"
    )
    with pytest.raises(Invalid) as error:
        actions.await_element(world.cast.coordinator.actor, element=element(world), awaited=hidden)
    assert refusal(error) == "There is no such element."


@pytest.mark.parametrize("name", ["leads", "province", "top", "auditor"])
def test_only_who_lays_out_the_plan_says_what_waits(world, name):
    with pytest.raises(Forbidden):
        wait(world, "task", "jobs", name)


def test_a_draft_may_wait_and_goes_on_waiting_when_it_is_in_force(world):
    version = local_plan(world)
    row = put(world, version, title=actions.Text(en="Our own"), deadline=SOON)
    draft = Element.objects.select_related("version__plan__lead_body", "thread").get(pk=row.pk)
    province = world.cast.province
    actions.await_element(province.actor, element=draft, awaited=element(world, "jobs"))
    jobs = element(world, "jobs")
    assert dependencies_of(world.cast.sibling.actor, jobs).awaited_by == []
    assert not dependencies_of(province.actor, jobs).awaited_by[0].in_force
    page = client_of(world, "province").get(reverse("local-plan", args=[version.plan.key]))
    assert "waits for “Jobs of growth 2”" in page.content.decode()
    issue(world, version)
    [other] = dependencies_of(world.cast.sibling.actor, jobs).awaited_by
    assert (other.element.key, other.in_force) == ("own", True)


def test_it_holds_across_versions_and_shows_what_stands_no_longer(world):
    wait(world, "jobs", "task")
    next_version(SYSTEM, world="", text="", without="task")
    [other] = dependencies_of(world.cast.coordinator.actor, element(world, "jobs")).awaits
    assert not other.in_force
    page = client_of(world, "coordinator").get(reverse("element", args=["growth", "jobs"]))
    assert "not in force" in page.content.decode()


def test_it_is_done_when_all_that_lead_it_are(world):
    wait(world, "jobs", "task")
    coordinator = world.cast.coordinator.actor

    def done() -> bool | None:
        [other] = dependencies_of(coordinator, element(world, "jobs")).awaits
        return other.done

    assert done() is None
    rows = [lay(world, key, "lead") for key in ("leading-department", "supporting-department")]
    assert done() is False
    for row, member in zip(rows, ("leads", "supports"), strict=True):
        assert done() is False
        taken_on(world, row, member)
        actor = getattr(world.cast, member).actor
        row.body.one_step = True
        row.body.save()
        report = actions.prepare_report(
            actor, assignment=assignment_by_id(actor, row.pk), kind="completion", text="Done",
            evidence=[LINK],
        )  # fmt: skip
        report = actions.sign_report(actor, report=report)
        actions.accept_report(coordinator, report=report)
    assert done() is True


def test_one_who_does_not_see_the_work_is_not_told_of_it(world):
    wait(world, "jobs", "task")
    lay(world, "leading-department", "lead")
    [other] = dependencies_of(world.cast.administrator.actor, element(world, "jobs")).awaits
    assert other.done is None


def test_of_very_many_the_first_are_shown_and_it_is_said(world, monkeypatch):
    wait(world, "jobs", "task")
    wait(world, "urban-rate", "task")
    coordinator = world.cast.coordinator.actor
    for most, shown in ((2, 2), (1, 1)):
        monkeypatch.setattr(dependencies, "MOST", most)
        found = dependencies_of(coordinator, element(world))
        assert (len(found.awaited_by), found.are_more) == (shown, shown < 2)


def test_the_shortest_way_is_found_and_none_where_there_is_none(world):
    threads = {key: element(world, key).thread_id for key in ("task", "jobs", "urban-rate")}
    wait(world, "task", "jobs")
    wait(world, "jobs", "urban-rate")
    way = way_between(threads["task"], threads["urban-rate"])
    assert way == [threads["task"], threads["jobs"], threads["urban-rate"]]
    wait(world, "task", "urban-rate")
    assert len(way_between(threads["task"], threads["urban-rate"])) == 2
    assert way_between(threads["urban-rate"], threads["task"]) == []


# -- pages ---------------------------------------------------------------------------------


def page_of(world: World, member: str, key: str = "task") -> str:
    answer = client_of(world, member).get(reverse("element", args=["growth", key]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_both_ends_and_the_form_to_who_may(world):
    wait(world, "task", "jobs")
    Element.objects.filter(version__plan__key="growth", key="task").update(deadline=SOON)
    late = SOON + timedelta(days=1)
    Element.objects.filter(version__plan__key="growth", key="jobs").update(deadline=late)
    text = page_of(world, "coordinator")
    assert 'id="waits"' in text
    assert "Jobs of growth 2" in text
    assert "after this one’s own" in text
    assert reverse("await-element", args=["growth", "task"]) in text
    assert reverse("await-no-more", args=["growth", "task"]) in text
    text = page_of(world, "county")
    assert "Jobs of growth 2" in text
    assert "/await" not in text
    text = page_of(world, "county", "jobs")
    assert 'id="awaited-by"' in text
    assert 'id="waits"' not in page_of(world, "county", "urban-rate")


def test_the_form_finds_refuses_at_its_field_and_keeps_what_was_typed(world):
    numbered(world)
    client = client_of(world, "coordinator")
    address = reverse("await-element", args=["growth", "task"])
    jobs = element(world, "jobs")
    found = client.post(address, {"find": "awaited", "awaited-words": "jobs"})
    assert f'value="{jobs.pk}"' in found.content.decode()
    by_number = client.post(address, {"find": "awaited", "awaited-words": "5"})
    assert f'value="{jobs.pk}"' in by_number.content.decode()
    nothing = client.post(address, {"awaited-words": "jobs"})
    assert nothing.status_code == 422
    typed = {"awaited": jobs.pk, "awaited-words": "jobs"}
    assert client.post(address, typed).status_code == 302
    again = client.post(address, typed)
    text = again.content.decode()
    assert again.status_code == 409
    assert '<span class="errmsg">It waits for “5 Jobs of growth 2” already.' in text
    assert 'value="jobs"' in text
    ring = client.post(
        reverse("await-element", args=["growth", "jobs"]),
        {"awaited": element(world).pk, "awaited-words": "3"},
    )
    assert ring.status_code == 422
    assert "3 Task of growth 2 → 5 Jobs of growth 2" in ring.content.decode()
    removed = client.post(
        reverse("await-no-more", args=["growth", "task"]), {"awaited": jobs.thread_id}
    )
    assert removed.status_code == 302
    assert not Dependency.objects.exists()


def test_the_form_offers_the_line_of_the_plan_and_nothing_else(world):
    secret_in_force(world)
    add_local_plan(world, "N1", {1: "in_force"})
    for beside in ("growth", "growth-n1"):
        found = offers(world, beside)
        assert set(found) == {"growth", "growth-n1"}
        assert found[0] == beside
    assert offers(world, "secret") == ["secret"]


def offers(world: World, beside: str) -> list[str]:
    """The plans whose tasks are offered beside a plan, in order."""
    offer = offered(world.cast.coordinator.actor, f"elements-{beside}", "task")
    assert offer is not None
    return [row.version.plan.key for row in offer.found]


def test_the_page_reads_chinese(world):
    wait(world, "task", "jobs")
    answer = client_of(world, "coordinator").get(
        reverse("element", args=["growth", "task"]), headers={"accept-language": "zh-hans"}
    )
    assert "前置事项" in answer.content.decode()


@pytest.mark.parametrize("member", ["coordinator", "county"])
def test_the_element_page_stays_cheap(world, member):
    """However many there are, they are read in one statement."""
    client = client_of(world, member)
    address = reverse("element", args=["growth", "task"])
    client.get(address)
    counts = []
    for awaited in ("jobs", "urban-rate"):
        with CaptureQueriesContext(connection) as sent:
            client.get(address)
        assert sum("cascade_dependency" in each["sql"] for each in sent) == 1
        counts.append(len(sent))
        wait(world, "task", awaited)
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("code", "address"),
    [
        (Code.DEPENDENCY_CYCLE, "/plans/growth/elements/task/#waits"),
        (Code.MILESTONE_BEFORE_PREDECESSOR, "/plans/growth/work/?element=task"),
        (Code.NO_LEAD, ""),
    ],
)
def test_a_finding_leads_to_where_it_is_mended(world, code, address):
    plan, thread = world.plans["growth"].pk, element(world).thread_id
    [line] = described([Finding(code, plan, thread)])
    assert line.mended_at == address
