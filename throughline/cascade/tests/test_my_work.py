"""What the lines of My work say of their dates."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.permissions.endpoints import client_of
from tests.world import World
from throughline.cascade import actions, work
from throughline.cascade.models import Assignment, ProgressReport
from throughline.cascade.rules.life import Step
from throughline.cascade.tests.steps import LATER, again, element, lay, taken_on
from throughline.kernel import clock
from throughline.plans.models import Plan


def dates(world: World, name: str, language: str = "en") -> list[tuple[str, str]]:
    """What each line of somebody's My work says of its date, and more exactly below it."""
    html = client_of(world, name).get("/my-work/", headers={"accept-language": language})
    cells = re.findall(r'<div class="id">(.*?)</div>', html.content.decode(), re.DOTALL)
    plain = [re.sub(r"\s+", " ", each.replace("\xa0", " ")) for each in cells]
    found = [re.findall(r"<span[^>]*>([^<]*)</span>", each) for each in plain]
    return [(said, exactly) for said, exactly in found]


def line(world: World, name: str, words: str, language: str = "en") -> tuple[str, str]:
    """The first of these lines that says these words of its date."""
    return next(each for each in dates(world, name, language) if words in each[0])


def set_back(row: Assignment, **changes: object) -> Assignment:
    """An assignment as if it had been laid at another time."""
    Assignment.objects.filter(pk=row.pk).update(**changes)
    return again(row)


def test_a_task_to_answer_says_by_when_and_how_near_that_is(world):
    row = lay(world, "n1-government")
    said, exactly = line(world, "province", "answer by")
    assert re.fullmatch(r"answer by \d+ [A-Z][a-z]+ \d{4}", said)
    assert re.fullmatch(r"10 days left · 23:59:59 \(UTC.*\)", exactly)
    set_back(row, respond_by=clock.now() - timedelta(days=2))
    said, exactly = line(world, "province", "answer by")
    assert exactly.startswith("2 days late · ")


def test_a_task_that_is_taken_on_says_when_it_is_due(world):
    row = set_back(taken_on(world, lay(world, "n1-government")), due=clock.now().date())
    said, exactly = line(world, "province", "due ")
    assert said == f"due {row.due:%-d %b %Y}"
    assert exactly.startswith("today · 23:59:59")


def test_what_has_no_end_says_what_happened_and_how_long_ago(world):
    row = lay(world, "n1-government")
    set_back(row, respond_by=None, issued_at=clock.now() - timedelta(days=3))
    said, exactly = line(world, "province", "laid")
    assert said == "laid 3 days ago"
    assert re.fullmatch(r"\d+ \w{3} \d{4} \d\d:\d\d:\d\d \(UTC.*\)", exactly)


def test_a_claim_and_a_report_say_what_was_done_with_them(world):
    province = world.cast.province.actor
    row = lay(world, "n1-government")
    actions.receive_task(province, assignment=row)
    actions.contest_task(province, assignment=row, reason="Too soon", due=LATER)
    assert "put forward today" in [said for said, _exactly in dates(world, "coordinator")]
    other = taken_on(world, lay(world, "n2-government"), "sibling")
    sibling = world.cast.sibling.actor
    report = actions.prepare_report(sibling, assignment=other, kind="progress", text="Half")
    rows = ProgressReport.objects.filter(pk=report.pk)
    rows.update(step=Step.SIGNED, signed_at=clock.now())
    assert "signed today" in [said for said, _exactly in dates(world, "coordinator")]
    rows.update(step=Step.RETURNED, decided_at=clock.now(), returned="Say when")
    assert "returned today" in [said for said, _exactly in dates(world, "sibling")]


def test_a_plan_whose_work_is_not_assigned_says_since_when_it_is_in_force(world):
    version = Plan.objects.get(key="growth").versions.get(state="in_force")
    version.in_force_from = clock.now().date() - timedelta(days=400)
    version.save(update_fields=["in_force_from"])
    said, exactly = line(world, "coordinator", "in force since")
    assert said.endswith(f"{version.in_force_from:%-d %b %Y}")
    assert exactly == "400 days ago"


def test_many_of_a_kind_say_when_the_first_of_them_is_owed(world, monkeypatch):
    monkeypatch.setattr(work, "SINGLY", 1)
    first = lay(world, "n1-government")
    lay(world, "n1-government", element=element(world, "jobs"))
    set_back(first, respond_by=clock.now() + timedelta(days=4))
    said, exactly = line(world, "province", "the first to answer by")
    assert said.endswith(f"{again(first).respond_by:%-d %b %Y}")
    assert exactly.startswith("4 days left")


def test_the_dates_are_said_in_chinese_too(world):
    lay(world, "n1-government")
    said, exactly = line(world, "province", "答复", "zh-hans")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d前答复", said)
    assert re.fullmatch(r"剩余10天 · 23:59:59（UTC.*）", exactly)
