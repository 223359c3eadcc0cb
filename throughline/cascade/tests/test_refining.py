"""A place's own plan, down to the county, and what a new version above means below."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.cascade import actions
from throughline.cascade.coming import follow_version
from throughline.cascade.models import Assignment, Refinement, Root
from throughline.cascade.queries import assignment_by_id, assignments_visible_to, life_of
from throughline.cascade.rules.life import Stage
from throughline.cascade.tests.steps import LATER, again, element, issue, lay, local_plan, taken_on
from throughline.kernel.action import Act, action
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Conflict, Forbidden, Invalid
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.plans.models import Element, PlanVersion, Target


def adopt(world: World, version: PlanVersion, *keys: str, member: str = "province", **more) -> int:
    above = version.plan.local.superior.key
    return actions.adopt_elements(
        getattr(world.cast, member).actor, version=version,
        adoptions=[
            actions.Adoption(superior=element(world, key, above), **more) for key in keys
        ],
    )  # fmt: skip


def put(world: World, version: PlanVersion, *keys: str, element_: Element | None = None, **more):
    given: dict[str, Any] = {"title": actions.Text(en="Our measure"), "deadline": LATER} | more
    return actions.put_element(
        world.cast.province.actor, version=version, element=element_,
        measure=actions.Measure(superiors=[element(world, key) for key in keys], **given),
    )  # fmt: skip


def treatments(version: PlanVersion) -> set[tuple[str, str, str]]:
    rows = Refinement.objects.filter(
        element__version=version, element__kind__in=["task", "indicator"]
    )
    return {(row.element.key, row.treatment, row.superior.key) for row in rows}


def binding_target(world: World) -> Target:
    """At least fifty jobs in N1 by 2025, by the superior plan."""
    return Target.objects.create(
        version=world.versions["growth", 2], indicator=world.indicators["jobs"],
        place=world.cast.places["N1"], operator="ge", value=50, by="2025",
        edition=world.editions["census"], bindingness="binding",
    )  # fmt: skip


def test_a_place_adopts_adapts_splits_merges_and_adds_its_own(world):
    version = local_plan(world)
    assert adopt(world, version, "jobs") == 1
    assert adopt(world, version, "jobs") == 0
    for title in ("The roads", "The bridges"):
        put(world, version, "task", title=actions.Text(en=title))
    put(world, version, "urban-rate", title=actions.Text(en="Cities"))
    own = put(world, version, title=actions.Text(zh="自己的举措"))
    issue(world, version)
    assert treatments(version) == {
        ("jobs", "adopt", "jobs"), ("task", "split", "task"), ("task-2", "split", "task"),
        ("urban-rate", "adapt", "urban-rate"),
    }  # fmt: skip
    assert own.key == "own"
    assert own.title_en == ""
    assert version.elements.get(kind="strand").title == "Strand of growth 2"
    issued = PlanVersion.objects.get(pk=version.pk)
    assert issued.state == "in_force"
    assert issued.elements.exclude(paper__title_en="The issue").count() == 0


def test_what_is_copied_with_the_day_laid_on_the_place_is_adopted(world):
    lay(world, "n1-government", due=LATER)
    version = local_plan(world)
    adopt(world, version, "task", deadline=LATER)
    adopt(world, version, "jobs", deadline=LATER)
    issue(world, version)
    assert treatments(version) == {("task", "adopt", "task"), ("jobs", "adapt", "jobs")}


def test_a_target_of_its_own_adapts_what_is_else_the_same(world):
    """The same target as above is none of its own."""
    binding_target(world)
    version = local_plan(world)
    adopt(world, version, "jobs")
    given = {"indicator": world.indicators["jobs"], "operator": "ge", "by": "2025"}
    province = world.cast.province.actor
    actions.set_target(province, version=version, value=50, **given)
    issue(world, version)
    assert treatments(version) == {("jobs", "adopt", "jobs")}
    draft = actions.revise_local_plan(province, plan=version.plan)
    actions.set_target(province, version=draft, value=60, **given)
    issue(world, draft)
    assert treatments(draft) == {("jobs", "adapt", "jobs")}


def test_an_adopted_element_whose_lead_is_changed_by_its_form_keeps_both_languages(world):
    above = element(world)
    Element.objects.filter(pk=above.pk).update(title_zh="任务", text_zh="第一行\n第二行")
    version = local_plan(world)
    adopt(world, version, "task")
    form = {
        "title": above.title_en, "text": "第一行\r\n第二行", "kind": "task", "superiors": "task",
        "leads": "n1-government",
    }  # fmt: skip
    here = f"/local-plans/{version.plan.key}/elements/task/"
    assert client_of(world, "province").post(here, form).status_code == 302
    row = version.elements.get(key="task")
    assert (row.title_zh, row.text_zh) == ("任务", "第一行\n第二行")
    issue(world, version)
    assert treatments(version) == {("task", "adopt", "task")}


def test_one_element_may_answer_several(world):
    version = local_plan(world)
    put(world, version, "jobs", "task")
    issue(world, version)
    assert {(treatment, above) for _key, treatment, above in treatments(version)} == {
        ("merge", "jobs"), ("merge", "task"),
    }  # fmt: skip
    merged = version.elements.get(title_en="Our measure").thread
    assert {root.root.key for root in Root.objects.filter(thread=merged)} == {"jobs", "task"}


def test_the_chain_goes_down_to_the_county(world):
    row = taken_on(world, lay(world, "n1-government"))
    version = local_plan(world)
    adopt(world, version, "task")
    issue(world, version)
    auditor = world.cast.auditor.actor
    assert life_of(assignment_by_id(auditor, row.pk)).stage is Stage.REFINED
    passed = actions.assign_task(
        world.cast.province.actor, element=element(world, "task", "growth-n1"),
        body=world.cast.bodies["n11-government"], part="locality",
    )  # fmt: skip
    taken_on(world, passed, "prefecture")
    below = local_plan(world, "prefecture", "growth-n1")
    assert below.plan.key == "growth-n11"
    adopt(world, below, "task", member="prefecture")
    issue(world, below, "prefecture")
    last = actions.assign_task(
        world.cast.prefecture.actor, element=element(world, "task", "growth-n11"),
        body=world.cast.bodies["n111-government"], part="locality",
    )  # fmt: skip
    assert {root.root for root in Root.objects.filter(thread=last.thread)} == {row.thread}
    for name in ("coordinator", "leads", "supports", "province", "prefecture", "county"):
        actor = getattr(world.cast, name).actor
        assert assignments_visible_to(actor).filter(pk=last.pk).exists(), name
    for name in ("sibling", "uninvolved"):
        actor = getattr(world.cast, name).actor
        assert not assignments_visible_to(actor).filter(pk=last.pk).exists(), name


def test_a_plan_is_made_by_the_tier_directly_below_and_once(world):
    with pytest.raises(Invalid, match="directly below"):
        local_plan(world, "county")
    local_plan(world)
    with pytest.raises(Conflict, match="already"):
        local_plan(world)
    with pytest.raises(Invalid):
        local_plan(world, "leads")


def test_an_empty_draft_is_not_issued_and_what_was_issued_is_not_edited(world):
    version = local_plan(world)
    with pytest.raises(Conflict, match="empty"):
        issue(world, version)
    adopt(world, version, "task")
    issue(world, version)
    with pytest.raises(Conflict, match="not edited"):
        adopt(world, version, "jobs")


@pytest.mark.parametrize("name", ["sibling", "coordinator", "county", "auditor"])
def test_only_the_place_works_on_its_draft(world, name):
    version = local_plan(world)
    with pytest.raises(Forbidden):
        adopt(world, version, "task", member=name)


def test_the_next_version_starts_from_the_present_one_and_can_be_thrown_away(world):
    version = local_plan(world)
    adopt(world, version, "task", "jobs")
    issue(world, version)
    province = world.cast.province.actor
    draft = actions.revise_local_plan(province, plan=version.plan)
    assert draft.elements.count() == version.elements.count()
    assert {each.thread_id for each in draft.elements.all()} == {
        each.thread_id for each in version.elements.all()
    }
    actions.discard_draft(province, version=draft)
    draft = actions.revise_local_plan(province, plan=version.plan)
    actions.remove_element(province, version=draft, element=draft.elements.get(key="jobs"))
    issue(world, draft)
    assert PlanVersion.objects.get(pk=version.pk).state == "superseded"
    assert not draft.elements.filter(key="jobs").exists()


# -- weakening -----------------------------------------------------------------------------


def test_a_binding_target_is_tightened_and_not_weakened(world):
    binding_target(world)
    version = local_plan(world)
    adopt(world, version, "jobs")
    province = world.cast.province.actor
    given = {
        "version": version,
        "indicator": world.indicators["jobs"],
        "operator": "ge",
        "by": "2025",
    }
    actions.set_target(province, value=40, **given)
    with pytest.raises(Forbidden) as refused:
        issue(world, version)
    assert (refused.value.rule, refused.value.lifted_by) == ("cascade.weaken", "Lead Agency")
    actions.set_target(province, value=60, **given)
    issue(world, version)


def test_a_task_laid_by_name_is_not_put_off(world):
    lay(world, "n1-government", by_name=True)
    version = local_plan(world)
    row = put(world, version, "task", deadline=LATER + timedelta(days=1))
    with pytest.raises(Forbidden) as refused:
        issue(world, version)
    assert "later" in refused.value.message
    put(world, version, "task", element_=row, deadline=LATER)
    issue(world, version)


def test_what_is_not_binding_may_be_later_and_is_for_the_checks(world):
    lay(world, "n1-government")
    version = local_plan(world)
    put(world, version, "task", deadline=LATER + timedelta(days=1))
    issue(world, version)


# -- new versions above --------------------------------------------------------------------


@action("test.new_version")
def next_version(
    act: Act, *, world: str, text: str, without: str = "", number: int = 4
) -> PlanVersion:
    """The next version of the plan comes into force as from its pack, with another text of the
    task."""
    plan = PlanVersion.objects.get(plan__key="growth", state="in_force").plan
    PlanVersion.objects.filter(plan=plan, state="in_force").update(state="superseded")
    version = PlanVersion.objects.create(
        plan=plan, number=number, state="in_force", in_force_from=date(2022, 1, 1)
    )
    for row in (
        Element.objects.filter(version__plan=plan, version__number=2)
        .exclude(key=without)
        .order_by("position")
    ):
        parent = Element.objects.filter(version=version, key="strand").first()
        row.pk, row.version, row._state.adding = None, version, True
        row.parent = parent if row.parent_id else None
        if row.key == "task":
            row.text_en = text
        row.save()
    act.about(version)
    follow_version(act, version)
    return version


def test_those_below_look_again_when_the_text_has_changed_and_only_then(world):
    task = taken_on(world, lay(world, "n1-government"))
    jobs = lay(world, "n1-government", element=element(world, "jobs"))
    version = local_plan(world)
    adopt(world, version, "task", "jobs")
    issue(world, version)
    next_version(SYSTEM, world="", text="Twice as many")
    assert again(jobs).element.version.number == 4
    assert again(task).element.version.number == 2
    told = Notice.objects.filter(kind="assignment-text-changed")
    assert [notice.body.key for notice in told] == ["n1-government"]
    actions.look_again(world.cast.province.actor, assignment=task)
    assert again(task).element.text_en == "Twice as many"
    with pytest.raises(Conflict):
        actions.look_again(world.cast.province.actor, assignment=task)
    draft = actions.revise_local_plan(world.cast.province.actor, plan=version.plan)
    with pytest.raises(Invalid) as refused:
        issue(world, draft)
    assert [(p.place, p.code) for p in refused.value.problems] == [("task", "look-again")]
    put(world, draft, "task", element_=draft.elements.get(key="task"))
    issue(world, draft)


def test_a_task_whose_element_is_gone_lapses_and_the_refinement_is_an_orphan(world):
    row = lay(world, "n1-government")
    version = local_plan(world)
    adopt(world, version, "task", "jobs")
    issue(world, version)
    next_version(SYSTEM, world="", text="", without="task")
    assert again(row).ended_as == "lapsed"
    assert Notice.objects.filter(kind="assignment-lapsed").exists()
    draft = actions.revise_local_plan(world.cast.province.actor, plan=version.plan)
    with pytest.raises(Invalid) as refused:
        issue(world, draft)
    assert [(p.place, p.code) for p in refused.value.problems] == [("task", "orphan-refinement")]


def test_every_act_is_one_entry(world):
    before = JournalEntry.objects.count()
    version = local_plan(world)
    adopt(world, version, "task")
    issue(world, version)
    assert JournalEntry.objects.count() == before + 3
    assert Assignment.objects.count() == 0


# -- targets of the place ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"operator": "ge", "value": None}, "value"),
        ({"operator": "direction", "value": 5}, "value"),
        ({"operator": "range", "value": 5, "upper": 4}, "upper"),
        ({"operator": "ge", "value": 5, "upper": 6}, "upper"),
        ({"operator": "more", "value": 5}, "operator"),
        ({"operator": "ge", "value": 5, "by": "soon"}, "by"),
        ({"operator": "ge", "value": 5, "by": "2035"}, "by"),
    ],
)
def test_a_target_that_says_nothing_is_refused_at_its_field(world, given, field):
    version = local_plan(world)
    with pytest.raises(Invalid) as refused:
        actions.set_target(
            world.cast.province.actor, version=version, indicator=world.indicators["jobs"],
            **{"by": "2025"} | given,
        )  # fmt: skip
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_target_is_set_changed_and_removed_by_its_form(world):
    binding_target(world)
    version = local_plan(world)
    browser = client_of(world, "province")
    here = f"/local-plans/{version.plan.key}/"
    form = {"indicator": "jobs", "operator": "ge", "value": "forty", "by": "2025"}
    assert "≥\xa050" in browser.get(f"{here}targets?indicator=jobs&by=2025").content.decode()
    for typed in ("forty", "nan", "inf"):
        refused = browser.post(f"{here}targets", form | {"value": typed})
        assert refused.status_code == 422
        assert f'value="{typed}"' in refused.content.decode()
    warned = browser.post(f"{here}targets", form | {"value": "1,040"}, follow=True)
    assert "≥\xa01,040" in warned.content.decode()
    warned = browser.post(f"{here}targets", form | {"value": "40"}, follow=True)
    assert "weaker than the binding one above" in warned.content.decode()
    assert Target.objects.get(version=version).value == 40
    gone = browser.post(f"{here}targets/remove", {"indicator": "jobs", "by": "2025"}, follow=True)
    assert "The target is out of the draft." in gone.content.decode()
    assert not Target.objects.filter(version=version).exists()
    again = browser.post(f"{here}targets/remove", {"indicator": "jobs", "by": "2025"})
    assert again.status_code == 409
