"""What the checks find in a draft before it is issued, and that nothing goes out in silence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.cascade import actions
from throughline.cascade.checking import described, findings_of_draft
from throughline.cascade.checking.reading import read_draft
from throughline.cascade.models import Assignment, Dependency
from throughline.cascade.tests.steps import (
    LATER,
    SOON,
    again,
    element,
    issue,
    lay,
    local_plan,
    taken_on,
)
from throughline.cascade.tests.test_refining import next_version
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.plans.models import Element, PlanVersion, Target

WITHIN = date(2025, 6, 30)
"""Within the period of the plan."""


def put(world: World, version: PlanVersion, *keys: str, **more: Any) -> Element:
    given: dict[str, Any] = {
        "title": actions.Text(en="Our measure"), "deadline": WITHIN,
        "leads": [world.cast.bodies["n1-government"]],
    } | more  # fmt: skip
    return actions.put_element(
        world.cast.province.actor, version=version,
        measure=actions.Measure(superiors=[element(world, key) for key in keys], **given),
    )  # fmt: skip


def put_day(world: World, version: PlanVersion, row: Element, day: date) -> None:
    actions.put_element(
        world.cast.province.actor, version=version, element=row,
        measure=actions.Measure(
            title=actions.Text(en="Our measure"), superiors=[element(world)], deadline=day,
            leads=[world.cast.bodies["n1-government"]],
        ),
    )  # fmt: skip


def codes(version: PlanVersion) -> list[tuple[str, str]]:
    """What is found: the code, and the element or indicator."""
    found = []
    for each in described(findings_of_draft(version), version):
        named = each.target.indicator if each.target else each.element
        found.append((str(each.code), named.key if named else ""))
    return found


def test_a_sound_draft_is_issued_without_a_word(world):
    version = local_plan(world)
    put(world, version, "task")
    assert codes(version) == []
    issue(world, version, despite_errors=False)


def test_a_draft_that_nobody_leads_is_issued_only_knowing_it(world):
    version = local_plan(world)
    put(world, version, "task", leads=[])
    with pytest.raises(Invalid) as refused:
        issue(world, version, despite_errors=False)
    [problem] = refused.value.problems
    assert (problem.place, problem.code, problem.field) == ("task", "no-lead", "despite_errors")
    assert PlanVersion.objects.get(pk=version.pk).state == "draft"
    issue(world, version)
    entry = JournalEntry.objects.filter(verb="plan.issue_local_plan").get()
    assert '"despite_errors":["no-lead"]' in entry.body.replace(" ", "")


def test_a_warning_does_not_keep_a_draft_back(world):
    version = local_plan(world)
    put(world, version, "task", deadline=LATER)
    assert codes(version) == [("deadline-outside-plan", "task")]
    issue(world, version, despite_errors=False)


def test_who_leads_and_by_when_is_held_against_the_plan_above(world):
    Element.objects.filter(pk=element(world, "jobs").pk).update(deadline=WITHIN)
    version, bodies = local_plan(world), world.cast.bodies
    both = [bodies["n1-government"], bodies["leading-department"]]
    put(world, version, "task", leads=both, title=actions.Text(en="Together"))
    put(world, version, "jobs", deadline=WITHIN + timedelta(days=1))
    assert codes(version) == [("later-than-superior", "jobs"), ("joint-leads", "task")]


def test_what_is_laid_on_the_place_is_missed_at_once_and_held_against_its_day(world):
    lay(world, "n1-government", due=SOON)
    lay(world, "n1-government", due=SOON, element=element(world, "jobs"))
    lay(world, "n2-government", element=element(world, "urban-rate"))
    version = local_plan(world)
    put(world, version, "task", deadline=SOON + timedelta(days=1))
    assert [code for code in codes(version) if code[0] != "deadline-outside-plan"] == [
        ("later-than-assigned", "task"), ("not-refined", "jobs"),
    ]  # fmt: skip


@pytest.mark.parametrize("bindingness", ["binding", "expected", ""])
@pytest.mark.parametrize("by_name", [True, False])
def test_a_later_day_that_was_laid_on_the_place_is_its_day(world, by_name, bindingness):
    rows = Element.objects.filter(pk=element(world).pk)
    rows.update(deadline=SOON, bindingness=bindingness)
    lay(world, "n1-government", due=LATER, by_name=by_name)
    version = local_plan(world)
    row = put(world, version, "task", deadline=LATER)
    assert codes(version) == [("deadline-outside-plan", "task")]
    put_day(world, version, row, LATER + timedelta(days=1))
    assert codes(version)[0] == ("later-than-assigned", "task")
    if by_name or bindingness == "binding":
        with pytest.raises(Forbidden):
            issue(world, version)
    put_day(world, version, row, LATER)
    issue(world, version, despite_errors=False)


def test_a_day_that_came_from_the_text_does_not_outlast_it(world):
    """What was laid by the day of the text follows the text when that becomes due earlier, at
    once in the checks, and in the task when its body looks at the text."""
    Element.objects.filter(version__plan__key="growth", key="task").update(deadline=LATER)
    task = lay(world, "n1-government", due=None)
    own = lay(world, "n1-government", due=LATER, element=element(world, "jobs"))
    next_version(SYSTEM, world="", text="Sooner")
    Element.objects.filter(pk=element(world).pk).update(deadline=SOON)
    assert again(task).due == LATER
    version = local_plan(world)
    put(world, version, "task", deadline=LATER)
    put(world, version, "jobs", deadline=LATER, title=actions.Text(en="Jobs"))
    found = [code for code in codes(version) if code[0] != "deadline-outside-plan"]
    assert found == [("later-than-superior", "task")]
    actions.look_again(world.cast.province.actor, assignment=task)
    assert again(task).due == SOON
    assert again(own).due == LATER
    found = [code for code in codes(version) if code[0] != "deadline-outside-plan"]
    assert found == [("later-than-superior", "task")]


def test_a_target_that_is_weaker_is_found_where_it_does_not_bind(world):
    Target.objects.create(
        version=world.versions["growth", 2], indicator=world.indicators["jobs"],
        place=world.cast.places["N1"], operator="ge", value=50, by="2025",
        edition=world.editions["census"], bindingness="expected",
    )  # fmt: skip
    version = local_plan(world)
    put(world, version, "task")
    actions.set_target(
        world.cast.province.actor, version=version, indicator=world.indicators["jobs"],
        operator="ge", value=40, by="2025",
    )  # fmt: skip
    assert codes(version) == [("weaker-target", "jobs")]


def test_a_circle_through_the_plan_above_is_found(world):
    version = local_plan(world)
    own, above = put(world, version, "task"), element(world, "jobs")
    for before, after in ((own.thread, above.thread), (above.thread, own.thread)):
        Dependency.objects.create(before=before, after=after)
    assert [code for code, _element in codes(version)] == ["dependency-cycle"]


@pytest.mark.parametrize("ring", [True, False])
def test_a_circle_through_a_plan_below_is_found(world, ring):
    """Of the plans below it alone is read, and what else is at fault in it is not of the draft."""
    version = local_plan(world)
    own = put(world, version, "task")
    issue(world, version)
    below = local_plan(world, "prefecture", version.plan.key)
    lower = actions.put_element(
        world.cast.prefecture.actor, version=below,
        measure=actions.Measure(
            title=actions.Text(en="Below"), superiors=[element(world, "task", version.plan.key)],
            deadline=WITHIN + timedelta(days=9),
        ),
    )  # fmt: skip
    issue(world, below, "prefecture")
    draft = actions.revise_local_plan(world.cast.province.actor, plan=version.plan)
    assert codes(draft) == []
    between = element(world, "jobs")
    ways = [(own.thread, lower.thread), (lower.thread, between.thread)]
    ways += [(between.thread, own.thread)] if ring else []
    for before, after in ways:
        Dependency.objects.create(before=before, after=after)
    found = described(findings_of_draft(draft), draft)
    assert [str(each.code) for each in found] == (["dependency-cycle"] if ring else [])
    if ring:
        assert "Our measure" in found[0].explanation
        assert "Below" in found[0].explanation
    plans = set(read_draft(draft).plans.id.tolist())
    assert (below.plan_id in plans) is ring


def test_milestones_that_the_draft_would_leave_behind_are_found(world):
    """The body that has the task will owe it by the day of the new text; one with a day of its
    own will not."""
    version = local_plan(world)
    put(world, version, "task", deadline=LATER)
    issue(world, version)
    plan, prefecture = version.plan.key, world.cast.prefecture
    row = actions.assign_task(
        world.cast.province.actor, element=element(world, "task", plan), body=prefecture.body,
        part="locality", authority="Issue 1",
    )  # fmt: skip
    taken_on(world, row, "prefecture")
    nodes = [actions.Node(title="Half", due=SOON), actions.Node(title="All", due=LATER)]
    actions.set_milestones(prefecture.actor, assignment=again(row), nodes=nodes)
    draft = actions.revise_local_plan(world.cast.province.actor, plan=version.plan)
    outside = ("deadline-outside-plan", "task")
    assert codes(draft) == [outside]
    put_day(world, draft, draft.elements.get(key="task"), LATER - timedelta(days=1))
    assert codes(draft) == [("milestone-after-due", "task"), outside]
    [found] = [each for each in described(findings_of_draft(draft), draft) if each.body]
    assert found.body == prefecture.body
    assert found.remedy == "Set a later deadline, or have the milestones set anew."
    Assignment.objects.filter(pk=row.pk).update(due=LATER + timedelta(days=1))
    assert codes(draft) == [outside]


def test_a_next_version_is_looked_at_as_it_is_drafted(world):
    version = local_plan(world)
    put(world, version, "task", leads=[])
    issue(world, version)
    draft = actions.revise_local_plan(world.cast.province.actor, plan=version.plan)
    assert codes(draft) == [("no-lead", "task")]
    row = draft.elements.get(key="task")
    actions.put_element(
        world.cast.province.actor, version=draft, element=row,
        measure=actions.Measure(
            title=actions.Text(en="Named anew"), superiors=[element(world)], deadline=WITHIN,
        ),
    )  # fmt: skip
    [found] = described(findings_of_draft(draft), draft)
    assert "“Named anew”" in found.explanation
    assert found.remedy == "Name a lead body."


def test_what_is_at_fault_above_is_not_of_the_draft(world):
    Element.objects.filter(pk=element(world, "jobs").pk).update(deadline=date(2031, 1, 1))
    world.versions["growth", 2].elements.get(key="jobs").responsibilities.all().delete()
    version = local_plan(world)
    put(world, version, "task")
    assert codes(version) == []


# -- the form ------------------------------------------------------------------------------


def test_the_form_shows_what_is_found_and_asks_for_a_tick(world):
    version = local_plan(world)
    put(world, version, "task", leads=[])
    browser, here = client_of(world, "province"), f"/local-plans/{version.plan.key}"
    shown = browser.get(f"{here}/issue").content.decode()
    assert "Nobody leads “Our measure”" in shown
    assert f'href="{here}/elements/task/"' in shown
    given = {"title": "The issue", "on": "2026-01-01"}
    refused = browser.post(f"{here}/issue", given)
    assert refused.status_code == 422
    assert "Mend the errors, or say that they are known." in refused.content.decode()
    mark = _tick(shown)
    put(world, version, "jobs", leads=[], title=actions.Text(en="Another"))
    assert browser.post(f"{here}/issue", given | {"despite_errors": mark}).status_code == 422
    known = given | {"despite_errors": _tick(browser.get(f"{here}/issue").content.decode())}
    assert browser.post(f"{here}/issue", known).status_code == 302
    assert PlanVersion.objects.get(pk=version.pk).state == "in_force"


def _tick(page: str) -> str:
    return page.split('name="despite_errors" value="')[1].split('"')[0]


def test_the_form_says_that_a_sound_draft_is_sound(world):
    version = local_plan(world)
    put(world, version, "task")
    page = client_of(world, "province").get(f"/local-plans/{version.plan.key}/issue")
    assert "The checks find nothing in the draft." in page.content.decode()
    assert "despite_errors" not in page.content.decode()


def test_the_form_says_what_stands_in_the_way_once(world):
    lay(world, "n1-government", due=SOON, by_name=True)
    version = local_plan(world)
    put(world, version, "task", deadline=SOON + timedelta(days=1))
    browser = client_of(world, "province")
    page = browser.get(f"/local-plans/{version.plan.key}/issue").content.decode()
    assert 'It stands in the way <span class="meta">1</span>' in page
    assert page.count("is due later than") == 1
    assert "Later than the place owes it" not in page
    refused = browser.post(
        f"/local-plans/{version.plan.key}/issue", {"title": "The issue", "on": "2026-01-01"}
    )
    assert refused.status_code == 403


def test_a_paper_under_the_title_of_the_plan_has_it_in_both_languages(world):
    version = local_plan(world)
    version.plan.title_zh = "本地方案"
    version.plan.save(update_fields=["title_zh"])
    put(world, version, "task")
    given = {"title": version.plan.title_en, "on": "2026-01-01"}
    client_of(world, "province").post(f"/local-plans/{version.plan.key}/issue", given)
    paper = version.plan.papers.get()
    assert (paper.title_en, paper.title_zh) == (version.plan.title_en, "本地方案")
