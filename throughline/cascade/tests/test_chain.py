"""The throughline of an element, with the cast: who stands where, who sees it, where it breaks."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from throughline.cascade import actions
from throughline.cascade.chain import Throughline, throughline_of
from throughline.cascade.models import Assignment
from throughline.cascade.rules.chain import Break
from throughline.cascade.tests.steps import element, issue, lay, local_plan, taken_on
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Forbidden, Invalid, NotFound
from throughline.kernel.models import JournalEntry
from throughline.notices.models import Notice
from throughline.places.actions import GroupDefinition, define_grouping, set_members
from throughline.places.models import Closure, Parentage, Place, Scheme
from throughline.plans.models import Element

LATER = timedelta(days=400)


def asked(world: World, member: str = "coordinator", **more: Any) -> Throughline:
    """The task of the plan as a member of the cast sees it."""
    return throughline_of(getattr(world.cast, member).actor, "growth", "task", **more)


def marks(found: Throughline) -> dict[str, str]:
    """How each seen place is drawn, by code."""
    line = found.line
    return {
        line.codes[at]: unit.mark.value
        for at, unit in enumerate(found.picture.units)
        if at and line.seen[at]
    }


def refine(world: World) -> Element:
    """The province's own plan adopts the task; its element in force."""
    version = local_plan(world)
    actions.adopt_elements(
        world.cast.province.actor,
        version=version,
        adoptions=[actions.Adoption(superior=element(world))],
    )
    issue(world, version)
    return Element.objects.select_related("version__plan__lead_body", "paper").get(
        version=version, key="task"
    )


@pytest.fixture
def passed_on(world: World) -> World:
    """The nation lays the task on both provinces; N1 takes it on, refines it, lays it on N11."""
    first = lay(world, "n1-government")
    lay(world, "n2-government")
    taken_on(world, first)
    actions.assign_task(
        world.cast.province.actor,
        element=refine(world),
        body=world.cast.bodies["n11-government"],
        part="locality",
        authority="Issue 2",
    )
    return world


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets time pass."""
    now = clock.now()
    return lambda passed: monkeypatch.setattr(clock, "now", lambda: now + passed)


def test_every_place_below_stands_somewhere(passed_on: World) -> None:
    assert marks(asked(passed_on)) == {
        "N1": "refined",
        "N11": "assigned",
        "N111": "not_passed_down",
        "N112": "not_passed_down",
        "N2": "assigned",
        "N21": "not_passed_down",
        "N211": "not_passed_down",
    }


def test_a_silent_place_carries_the_delay_and_those_below_do_not(
    passed_on: World, later: Callable[[timedelta], None]
) -> None:
    later(LATER)
    found = asked(passed_on)
    line, units = found.line, found.picture.units
    assert marks(found)["N11"] == marks(found)["N2"] == "silent"
    below = [units[line.codes.index(code)] for code in ("N111", "N112", "N211")]
    assert {unit.mark.value for unit in below} == {"not_passed_down"}
    assert not any(unit.stand.late or unit.stand.silent for unit in below)
    assert found.picture.breaks() == [
        Break(line.codes.index("N11"), 2, silent=True),
        Break(line.codes.index("N2"), 1, silent=True),
    ]


def test_what_is_not_applicable_above_does_not_apply_below(passed_on: World) -> None:
    row = Assignment.objects.get(body__key="n2-government")
    sibling, coordinator = passed_on.cast.sibling.actor, passed_on.cast.coordinator.actor
    actions.receive_task(sibling, assignment=row)
    claim = actions.declare_not_applicable(sibling, assignment=row, reason="No such works here.")
    assert asked(passed_on).picture.counts(range(1, 8)).contested == 1
    actions.decide_claim(coordinator, claim=claim, outcome="accepted", answer="So it is.")
    found = marks(asked(passed_on))
    assert {found[code] for code in ("N2", "N21", "N211")} == {"not_applicable"}


@pytest.mark.parametrize(
    ("member", "codes"),
    [
        ("coordinator", {"N1", "N11", "N111", "N112", "N2", "N21", "N211"}),
        ("leads", {"N1", "N11", "N111", "N112", "N2", "N21", "N211"}),
        ("auditor", {"N1", "N11", "N111", "N112", "N2", "N21", "N211"}),
        ("top", {"N1", "N11", "N111", "N112", "N2", "N21", "N211"}),
        ("province", {"N1", "N11", "N111", "N112"}),
        ("prefecture", {"N1", "N11", "N111", "N112"}),
        ("county", {"N1", "N11", "N111"}),
        ("sibling", {"N2", "N21", "N211"}),
        ("uninvolved", set()),
        ("administrator", set()),
        ("former", set()),
    ],
)
def test_who_sees_whose_stage(passed_on: World, member: str, codes: set[str]) -> None:
    found = asked(passed_on, member)
    assert set(marks(found)) == codes
    assert found.line.hidden == 7 - len(codes)


def test_a_county_that_has_the_task_does_not_see_its_neighbour(passed_on: World) -> None:
    line = Assignment.objects.get(body__key="n11-government")
    for code in ("N111", "N112"):
        Assignment.objects.create(
            thread=line.thread, element=line.element, place=passed_on.cast.places[code],
            body=passed_on.cast.bodies["n111-government" if code == "N111" else "cabinet"],
            part="locality", issuer=line.body, issued_at=clock.now(), act=line.act,
        )  # fmt: skip
    found = asked(passed_on, "county")
    assert marks(found)["N111"] == "assigned"
    assert "N112" not in marks(found)
    assert found.picture.counts(found.line.ends()).total == 1
    with pytest.raises(NotFound):
        found.line.at("N112")


def test_the_throughline_of_a_plan_between_begins_at_its_place(passed_on: World) -> None:
    key = Element.objects.get(version__plan__local__isnull=False, key="task")
    found = throughline_of(passed_on.cast.province.actor, key.version.plan.key, key.key)
    assert marks(found) == {"N11": "assigned", "N111": "not_passed_down", "N112": "not_passed_down"}


def test_as_it_stood_on_a_day_before(passed_on: World, later: Callable[[timedelta], None]) -> None:
    day = clock.now().date()
    Assignment.objects.update(issued_at=clock.now() - timedelta(days=3))
    before = marks(asked(passed_on, on=day - timedelta(days=1)))
    assert before["N1"] == "assigned"
    assert marks(asked(passed_on, on=day - timedelta(days=9)))["N1"] == "not_passed_down"
    compared = asked(passed_on, than=day - timedelta(days=9)).before
    assert compared is not None
    assert compared.counts(range(1, 8)).answered == 0
    with pytest.raises(Invalid):
        asked(passed_on, on=day + timedelta(days=1))


def test_several_assignments_of_a_place_stand_as_the_least_far(passed_on: World) -> None:
    """The province split the task, so that its prefecture has two parts of it."""
    first = Assignment.objects.get(body__key="n11-government")
    taken_on(passed_on, first, "prefecture")
    version = actions.revise_local_plan(passed_on.cast.province.actor, plan=first.thread.plan)
    made = actions.put_element(
        passed_on.cast.province.actor,
        version=version,
        measure=actions.Measure(
            title=actions.Text(en="The second part"), superiors=[element(passed_on)],
            leads=[passed_on.cast.bodies["n1-government"]],
        ),
    )  # fmt: skip
    issue(passed_on, version)
    second = Element.objects.select_related("version__plan__lead_body", "paper").get(pk=made.pk)
    actions.assign_task(
        passed_on.cast.province.actor, element=second,
        body=passed_on.cast.bodies["n11-government"], part="locality", authority="Issue 2",
    )  # fmt: skip
    found = asked(passed_on)
    stand = found.picture.units[found.line.codes.index("N11")].stand
    assert stand.mark == "assigned"
    assert len(stand.assignments) == 2


# -- the page ------------------------------------------------------------------------------


def open_page(world: World, member: str, name: str = "throughline", **query: str) -> str:
    """The picture as a member of the cast is shown it."""
    client = Client()
    client.force_login(getattr(world.cast, member).person)
    address = reverse(name, args=["growth", "task"], query=query)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_sentence_says_who_answered_and_where_the_line_breaks(
    passed_on: World, later: Callable[[timedelta], None]
) -> None:
    later(LATER)
    shown = open_page(passed_on, "coordinator")
    assert "Of 3 county that it concerns," in shown
    assert "Never told: 3, because 2 places above do not answer." in shown


def test_a_unit_in_which_none_lies_is_named_apart_and_the_numbers_are_those_of_the_tiers(
    passed_on: World,
) -> None:
    """N211 is gone, so the line ends in N21: two counties and a prefecture, not three counties."""
    for model, of_it in (
        (Place, "code"),
        (Parentage, "place__code"),
        (Closure, "descendant__code"),
    ):
        model.objects.filter(**{of_it: "N211"}).update(valid_to=date(2021, 1, 1))
    shown = open_page(passed_on, "coordinator")
    assert "Of 2 county and 1 prefecture without county that it concerns," in shown
    assert re.findall(r'data-label="Units">(\d+)<', shown)[-1] == "2"


def test_who_was_never_told_by_the_top_is_laid_at_the_top(world: World) -> None:
    """N2 was not told, so what lies in it is nobody's delay but that of who leads the plan."""
    taken_on(world, lay(world, "n1-government"))
    shown = open_page(world, "coordinator")
    lead = world.plans["growth"].lead_body.short
    assert f"Never told: 1, because {lead} has not laid it on 1 place right below." in shown
    assert "Not told yet: 2; 1 place above has it and has not passed it on." in shown
    breaks = shown[shown.index('id="breaks"') :]
    assert breaks.index(lead) < breaks.index("Place N1<")


def test_a_row_opens_to_what_lies_in_it_and_the_address_keeps_it(passed_on: World) -> None:
    closed, opened = (
        open_page(passed_on, "coordinator"),
        open_page(passed_on, "coordinator", at="N11", stage="not_passed_down"),
    )
    assert 'id="row-N11"' not in closed
    assert all(f'id="row-{code}"' in opened for code in ("N1", "N11", "N111", "N112", "N2"))
    assert "1 to 2 of 2" in opened


def test_the_others_are_left_out_and_it_says_so(passed_on: World) -> None:
    shown = open_page(passed_on, "county", at="N11")
    assert "How the others stand is left out" in shown
    assert "N112" not in shown
    assert "N2<" not in shown


def test_who_sees_one_place_alone_is_shown_its_row(passed_on: World) -> None:
    """A department of the county sees its county, and nothing above it."""
    line = Assignment.objects.get(body__key="n11-government")
    county = passed_on.cast.county.body
    Assignment.objects.create(
        thread=line.thread, element=line.element, place=county.place, body=county,
        part="locality", issuer=line.body, issued_at=clock.now(), act=line.act,
    )  # fmt: skip
    county.kind = "department"
    county.save()
    shown = open_page(passed_on, "county")
    assert 'id="row-N111"' in shown
    assert 'id="row-N1"' not in shown


def test_the_file_holds_the_same(passed_on: World) -> None:
    client = Client()
    client.force_login(passed_on.cast.county.person)
    answer = client.get(reverse("throughline-export", args=["growth", "task", "csv"]))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["N1", "N11", "N111"]


# -- the groups that divide the tier -------------------------------------------------------


@pytest.fixture
def divided(passed_on: World) -> World:
    """The provinces lie in two regions, the second before the first in official order of the
    codes; nothing lies in a third."""
    places = passed_on.cast.places
    grouping = define_grouping(
        SYSTEM, scheme=passed_on.cast.scheme, key="regions", name_en="Regions", name_zh="大区",
        computed_from="", note_en="", note_zh="", divides=places["N1"].tier.key,
        groups=[GroupDefinition(key, key.title()) for key in ("south", "north", "nowhere")],
    )  # fmt: skip
    for key, code in (("north", "N1"), ("south", "N2")):
        set_members(
            SYSTEM, group=grouping.groups.get(key=key), places=[places[code]],
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
    return passed_on


def headed(shown: str) -> list[str]:
    """The rows of the picture in turn: headings as they read, places by their codes."""
    strips = shown[shown.index('class="strips') :].partition("</table>")[0]
    found = re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)</th>|id="row-(\w+)"', strips)
    return [heading or code for heading, code in found]


def test_the_rows_stand_under_the_groups_that_divide_their_tier(divided: World) -> None:
    assert headed(open_page(divided, "coordinator")) == ["South", "N2", "North", "N1"]
    opened = headed(open_page(divided, "coordinator", at="N1"))
    assert opened == ["South", "N2", "North", "N1", "N11"]


def test_in_another_order_there_are_no_headings_and_none_without_rows(divided: World) -> None:
    assert headed(open_page(divided, "coordinator", order="worst")) == ["N1", "N2"]
    first = Assignment.objects.get(body__key="n2-government")
    first.received_at = first.taken_on_at = first.closed_at = clock.now()
    first.save()
    Place.objects.filter(code__in=["N21", "N211"]).update(valid_to=date(2021, 1, 1))
    Scheme.objects.update(revision=99)
    broken = headed(open_page(divided, "coordinator", only="breaks"))
    assert broken == ["North", "N1"]
    assert headed(open_page(divided, "province")) == ["North", "N1"]


def test_only_the_tier_right_below_the_plan_is_headed(divided: World) -> None:
    client = Client()
    client.force_login(divided.cast.province.person)
    key = Element.objects.get(version__plan__local__isnull=False, key="task").version.plan.key
    answer = client.get(reverse("throughline", args=[key, "task"]))
    assert headed(answer.content.decode()) == ["N11"]
    lines = client.get(reverse("throughline-export", args=[key, "task", "csv"]))
    assert "Regions" not in lines.content.decode()


def test_the_file_says_in_which_group_each_unit_lies(divided: World) -> None:
    client = Client()
    client.force_login(divided.cast.coordinator.person)
    answer = client.get(reverse("throughline-export", args=["growth", "task", "csv"]))
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert {row["Code"]: row["Regions"] for row in rows if row["Code"]} == {
        code: "North" if code.startswith("N1") else "South"
        for code in ("N1", "N11", "N111", "N112", "N2", "N21", "N211")
    }
    query = {"at": "N1", "tier": divided.cast.places["N11"].tier.key}
    answer = client.get(reverse("throughline-export", args=["growth", "task", "csv"], query=query))
    (row,) = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))[:1]
    assert (row["Code"], row["Regions"]) == ("N11", "North")


def test_who_laid_it_out_urges_at_the_break(
    passed_on: World, later: Callable[[timedelta], None]
) -> None:
    client = Client()
    client.force_login(passed_on.cast.coordinator.person)
    row = Assignment.objects.get(body__key="n2-government")
    before = Notice.objects.filter(kind="assignment-urged").count()
    address = reverse("throughline-urge", args=["growth", "task"])
    answer = client.post(address, {"assignments": [str(row.pk)], "words": "When?"})
    assert answer.status_code == 302
    assert Notice.objects.filter(kind="assignment-urged").count() == before + 1
    assert JournalEntry.objects.latest("position").verb == "task.urge"


def test_another_may_not_urge(passed_on: World) -> None:
    client = Client()
    client.force_login(passed_on.cast.county.person)
    address = reverse("throughline-urge", args=["growth", "task"])
    answer = client.post(address, {"assignments": ["1"], "words": "When?"})
    assert answer.status_code == Forbidden.http_status
