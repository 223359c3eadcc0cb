"""A task on its way from the nation to four counties that answer it in four ways: in a real
browser, each by its own people, with the picture and My work looked at on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.browser import CHROMIUM
from tests.cast import ALWAYS, APPOINTED
from tests.journeys.conftest import CHINESE, Site, Visit, Visiting
from throughline.bodies.models import Body, Holding, Person, PersonDetails, Post, Relation
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel import clock
from throughline.kernel.journal import head
from throughline.places.models import Closure, Parentage, Place, Tier

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
]

COUNTIES = ("N1A", "N1B", "N1C", "N1D")
TASK, OWN = "Task of growth 2", "Homes for those who move here"
PICTURE = "/plans/growth/elements/task/throughline/"


@pytest.fixture(scope="module")
def country(site: Site) -> Site:
    """Four counties directly below the province N1, each with an office and a leader."""
    cast = site.world.cast
    tier = Tier.objects.get(scheme=cast.scheme, key="county")
    for code in COUNTIES:
        place = Place.objects.create(
            scheme=cast.scheme, code=code, name_en=f"Place {code}", name_zh=f"地{code}",
            sort_key=code.lower(), tier=tier, valid_from=ALWAYS,
        )  # fmt: skip
        Parentage.objects.create(place=place, parent=cast.places["N1"], valid_from=ALWAYS)
        for distance, above in enumerate((place, cast.places["N1"], cast.places["N"])):
            Closure.objects.create(
                ancestor=above, descendant=place, distance=distance, valid_from=ALWAYS
            )
        body = Body.objects.create(
            key=f"{code.lower()}-government", name_en=f"{code} Government",
            name_zh=f"地{code}政府", kind=BodyKind.GOVERNMENT, place=place,
        )  # fmt: skip
        superior = cast.bodies["n1-government"]
        Relation.objects.create(superior=superior, subordinate=body, kind=RelationKind.LEADS)
        appoint(site, f"{code.lower()}-office", body, [Duty.REPORT, Duty.READ])
        appoint(site, f"{code.lower()}-leader", body, [Duty.DECIDE])
    cast.scheme.revision += 1
    cast.scheme.save()
    return site


def appoint(site: Site, login: str, body: Body, duties: list[Duty]) -> None:
    """Somebody in a post of a body, signed in."""
    person = Person.objects.create(login=login, password="!")
    PersonDetails.objects.create(person=person, name=f"姓名 {login}", name_en=login)
    post = Post.objects.create(body=body, key=login, title_en=login, duties=duties)
    Holding.objects.create(post=post, person=person, valid_from=APPOINTED)
    client = Client()
    client.force_login(person)
    site.world.sessions[login] = client.cookies[settings.SESSION_COOKIE_NAME].value


def press(visit: Visit, name: str) -> None:
    visit.page.locator("#main").get_by_role("button", name=name, exact=True).click()


def follow(visit: Visit, name: str) -> None:
    visit.page.locator("#main").get_by_role("link", name=name).first.click()


def waits(visit: Visit, title: str) -> list[str]:
    """What one has to do about something, by the page My work."""
    visit.go("/my-work/")
    items = visit.page.locator("#main li").filter(has_text=title)
    return [line.split(title)[0].strip() for line in items.all_inner_texts()]


def stages(visit: Visit, tier: str) -> dict[str, int]:
    """How many units of a tier stand where, by the picture; where none stands is left out."""
    visit.go(PICTURE)
    table = visit.page.locator("table.tiers")
    named = [word.strip() for word in table.locator("thead th.num").all_inner_texts()[1:]]
    row = table.locator("tbody tr").filter(has=visit.page.get_by_role("rowheader", name=tier))
    counts = row.locator("td.num").all_inner_texts()[1:]
    assert len(named) == len(counts)
    return {word: int(count) for word, count in zip(named, counts, strict=True) if count != "0"}


def acts_since(visit: Visit, position: int) -> list[tuple[str, str]]:
    """What is on record since a position, by the journal's page, in order: act and body."""
    visit.go("/journal/")
    found = []
    for row in visit.page.locator("#main tbody tr").all():
        cells = row.locator("td, th").all_inner_texts()
        if int(cells[0]) > position:
            found.append((cells[2].split("\n")[-1].split()[-1], cells[5]))
    return found[::-1]


def test_a_task_goes_from_the_nation_to_four_counties_that_answer_in_four_ways(
    visiting: Visiting, country: Site
) -> None:
    before = head()[0]
    nation, province = visiting("coordinator"), visiting("province")
    assign_it_to_the_province(nation, province)
    take_it_on(nation, province)
    make_it_their_own(nation, province)
    pass_it_on(nation, province, visiting)
    answer_it_in_four_ways(nation, province, visiting)
    let_time_pass(nation, province, visiting)
    decide_on_the_claims(nation, province)
    look_on_a_phone(visiting("n1a-leader", CHINESE, width=390))
    by = {"nation": "lead-agency", "province": "n1-government"}
    assert acts_since(visiting("auditor"), before) == [
        (verb, by.get(body, f"{body}-government"))
        for verb, body in (
            ("tasks.assign", "nation"), ("task.receive", "province"), ("task.take_on", "province"),
            ("plan.begin_local_plan", "province"), ("plan.put_element", "province"),
            ("plan.issue_local_plan", "province"), ("tasks.assign", "province"),
            ("task.receive", "n1a"), ("task.contest", "n1a"), ("task.receive", "n1b"),
            ("task.declare_not_applicable", "n1b"), ("task.receive", "n1c"),
            ("claim.decide", "province"), ("claim.decide", "province"),
        )
    ]  # fmt: skip


def assign_it_to_the_province(nation: Visit, province: Visit) -> None:
    nation.go("/plans/growth/work/?element=task")
    follow(nation, "Pass down …")
    nation.page.get_by_label("N2 Government").uncheck()
    press(nation, "Pass down")
    expect(nation.page.locator("#main")).to_contain_text("1 government has been told.")
    assert stages(nation, "Province") == {"Assigned": 1, "Not passed down": 1}
    assert waits(province, TASK) == ["Sign for arrival"]


def take_it_on(nation: Visit, province: Visit) -> None:
    follow(province, TASK)
    press(province, "Sign for its arrival")
    assert stages(nation, "Province") == {"Received": 1, "Not passed down": 1}
    assert waits(province, TASK) == ["Take on or contest"]
    follow(province, TASK)
    press(province, "Take it on")
    assert stages(nation, "Province") == {"Taken on": 1, "Not passed down": 1}
    assert waits(province, TASK) == ["Refine it in your own plan"]


def make_it_their_own(nation: Visit, province: Visit) -> None:
    page = province.page
    province.go("/plans/growth/work/")
    follow(province, "Our own plan")
    press(province, "Begin the draft")
    follow(province, "Adapt")
    page.get_by_label("Title").fill(OWN)
    page.get_by_role("group", name="Lead bodies").get_by_label("N1 Government").check()
    press(province, "Keep it in the draft")
    assert stages(nation, "Province") == {"Taken on": 1, "Not passed down": 1}  # nothing in force
    province.go("/local-plans/growth-n1/")
    follow(province, "Issue …")
    page.get_by_label("Title of the paper").fill("Notice of N1")
    press(province, "Issue")
    assert stages(nation, "Province") == {"Refined": 1, "Not passed down": 1}
    assert stages(nation, "County") == {"Not passed down": 7}
    assert waits(province, TASK) == []
    assert waits(province, "Plan of growth · Place N1") == ["Assign the plan's work"]


def pass_it_on(nation: Visit, province: Visit, visiting: Visiting) -> None:
    province.go("/plans/growth-n1/work/?element=task")
    follow(province, "Pass down …")
    province.page.get_by_label("N11 Government").uncheck()
    press(province, "Pass down")
    expect(province.page.locator("#main")).to_contain_text("4 governments have been told.")
    assert stages(nation, "County") == {"Assigned": 4, "Not passed down": 3}
    assert waits(visiting("n1d-office"), OWN) == ["Sign for arrival"]
    assert waits(visiting("n1d-leader"), OWN) == []


def answer_it_in_four_ways(nation: Visit, province: Visit, visiting: Visiting) -> None:
    """One contests, one declares it not applicable, one signs for its arrival and no more, and
    one does nothing."""
    leaders = {}
    for code in ("n1a", "n1b", "n1c"):
        office, leaders[code] = visiting(f"{code}-office"), visiting(f"{code}-leader")
        assert waits(office, OWN) == ["Sign for arrival"]
        follow(office, OWN)
        press(office, "Sign for its arrival")
        assert waits(office, OWN) == []
        assert waits(leaders[code], OWN) == ["Take on or contest"]
        if code == "n1a":
            contest(leaders[code])
        if code == "n1b":
            declare_it_not_applicable(leaders[code])
    assert stages(nation, "County") == {"Received": 3, "Assigned": 1, "Not passed down": 3}
    assert waits(leaders["n1a"], OWN) == ["Claim not decided yet"]
    assert waits(province, OWN) == ["Decide on the claim", "Decide on the claim"]


def contest(leader: Visit) -> None:
    follow(leader, OWN)
    follow(leader, "Contest …")
    press(leader, "Contest")
    expect(leader.page.locator("#error-summary")).to_be_focused()  # without a reason
    leader.page.get_by_label("Why").fill("The date cannot be met")
    leader.page.get_by_label("Another date").fill("2030-12-31")
    press(leader, "Contest")
    expect(leader.page.locator("#main")).to_contain_text("The claim is with N1 Government")


def declare_it_not_applicable(leader: Visit) -> None:
    follow(leader, OWN)
    follow(leader, "Not applicable here …")
    leader.page.get_by_label("Why it does not apply here").fill("Nobody moves here")
    press(leader, "Declare")
    expect(leader.page.locator("#main")).to_contain_text("The reason is with N1 Government")


def let_time_pass(nation: Visit, province: Visit, visiting: Visiting) -> None:
    """Eleven days: one more than there is to answer. Who claims has answered. Time stands so for
    looking only: the journal takes no act from another time."""
    silent = visiting("n1d-office")
    later = clock.now() + timedelta(days=11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        assert stages(nation, "County") == {"Received": 2, "Silent": 2, "Not passed down": 3}
        told = waits(province, OWN)
        assert told == ["Decide on the claim"] * 2 + ["No answer in time"] * 2
        assert waits(silent, OWN) == ["Sign for arrival"]
        expect(silent.page.get_by_role("heading", name="Overdue")).to_be_visible()


def decide_on_the_claims(nation: Visit, province: Visit) -> None:
    """The county that cannot keep the date gets another; where nobody moves, nothing is owed."""
    for reason in ("The date cannot be met", "Nobody moves here"):
        province.go("/my-work/")
        item = province.page.locator("#main li").filter(has_text=reason)
        item.get_by_role("link").first.click()
        province.page.get_by_label("Decision").select_option("accepted")
        province.page.get_by_label("Answer").fill("So be it")
        press(province, "Decide")
        expect(province.page.locator("#main")).to_contain_text("on record and in effect")
    assert waits(province, OWN) == []
    assert stages(nation, "County") == {
        "Received": 2, "Assigned": 1, "Not applicable": 1, "Not passed down": 3,
    }  # fmt: skip


def look_on_a_phone(county: Visit) -> None:
    """In Chinese, and nothing sticks out."""
    for address in ("/plans/growth-n1/work/", "/my-work/", "/inbox/", PICTURE):
        assert county.go(address) == 200
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert county.page.evaluate(wide) == 0, address
    expect(county.page.locator("table.tiers")).to_contain_text("未下达")
