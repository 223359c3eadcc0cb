"""Pages of figures: what they say, to whom, and that a typed figure is never lost."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.world import World, build_world
from throughline.figures.models import Load, Observation, Series
from throughline.files.sheets import read_sheets
from throughline.kernel.models import Draft, JournalEntry
from throughline.kernel.queries import known_now
from throughline.plans.actions import threads_of
from throughline.plans.models import Element, Indicator

MOST_QUERIES = 42
"""A page asks for who reads it, what waits for him, and what it shows."""


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def browser(world: World, member: str) -> Client:
    client = Client()
    client.force_login(getattr(world.cast, member).person)
    return client


def text_of(answer: Any) -> str:
    """What a page says, white space squeezed; the test client's answers have no exported type."""
    return " ".join(answer.content.decode().split())


def jobs(place: str, period: str = "2020") -> str:
    return reverse("figure", args=["land", "jobs", place, period])


def recorded(world: World, **changed: str) -> dict[str, str]:
    standing = world.standing("jobs-reported", "N111", "2020")
    return {
        "series": "jobs-reported", "value": "12", "status": "unreviewed", "note": "counted again",
        "supersedes": str(standing.pk),
    } | changed  # fmt: skip


ADDRESSES = [
    reverse("status"),
    reverse("indicators"),
    reverse("indicator", args=["land", "urban-rate"]),
    reverse("indicator", args=["land", "jobs"]) + "?level=county&sort=-value",
    reverse("indicator", args=["land", "urban-rate"]) + "?level=by:clusters",
    reverse("figure", args=["land", "urban-rate", "N", "2020"]),
    reverse("places"),
    reverse("place", args=["land", "N1"]),
    reverse("loads"),
    reverse("upload"),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_shown_in_both_languages_with_few_queries(world: World, address: str) -> None:
    client = browser(world, "coordinator")
    client.get(address)  # what a process remembers, such as trees, is read
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(address)
    assert answer.status_code == 200
    assert len(asked) <= MOST_QUERIES
    client.cookies["django_language"] = "zh-hans"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_is_sent_to_sign_in(world: World, address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("sign-in"))


def test_an_indicator_says_where_it_stands_and_how_far_from_its_way(world: World) -> None:
    said = text_of(browser(world, "county").get(reverse("indicator", args=["land", "jobs"])))
    # Reported are 11 + 21 + 31 for 2021; from 1 in 2020 to 100 in 2025 it is due to be 20.8.
    assert "The figure of Place N for 2021 is 63 persons." in said
    assert "42 persons above the trajectory" in said
    assert "Ahead" in said


def test_rates_are_added_up_as_two_sums(world: World) -> None:
    address = reverse("figure", args=["land", "urban-rate", "N1", "2020"])
    said = text_of(browser(world, "sibling").get(address))
    assert "46.67" in said  # (500 + 900) of (1000 + 2000)
    assert "1,400" in said and "3,000" in said


def test_a_stated_total_is_compared_and_never_added(world: World) -> None:
    said = text_of(
        browser(world, "sibling").get(reverse("figure", args=["land", "people", "N", "2020"]))
    )
    assert "6,001" in said and "6,000" in said
    assert "The two are 1 persons apart." in said.replace("\xa0", " ")


def test_figures_of_the_line_are_not_found_by_a_sibling(world: World) -> None:
    assert browser(world, "county").get(jobs("N111")).status_code == 200
    assert browser(world, "sibling").get(jobs("N111")).status_code == 404


def test_a_table_lists_only_places_whose_figures_are_in_sight(world: World) -> None:
    address = reverse("indicator", args=["land", "jobs"]) + "?level=county&period=2020"
    assert "Place N211" in text_of(browser(world, "leads").get(address))
    said = text_of(browser(world, "county").get(address))
    assert "Place N111" in said and "Place N211" not in said


def test_a_table_says_how_much_each_place_changed_since_the_period_before(world: World) -> None:
    last = world.standing("jobs-reported", "N112", "2020")
    world.observe(last.act, "jobs-reported", "N112", "2020", value=None, supersedes=last)
    address = reverse("indicator", args=["land", "jobs"]) + "?level=county&period=2021"
    found = browser(world, "leads").get(address)
    changes = {row.found.place.code: row.change for row in found.context["rows"]}
    assert changes == {"N111": 1.0, "N112": None, "N211": 1.0}
    assert found.context["whole"].change == 23.0  # 63 after 10 + 30


def test_what_only_the_place_itself_has_heads_the_last_column_of_those_below(world: World) -> None:
    version = world.versions["growth", 2]
    alone = Indicator.objects.create(
        scheme=world.cast.scheme, key="alone", title_en="Alone", unit_en="persons",
        direction="up", kind="sum", reporting_tier="county",
    )  # fmt: skip
    world.series["alone"] = Series.objects.create(
        key="alone", indicator=alone, producer=world.cast.bodies["supporting-department"],
        edition=world.editions["census"], nature="official", audience="public", rank=1,
    )  # fmt: skip
    Element.objects.create(
        version=version, thread=threads_of(version.plan, ["alone"])["alone"], key="alone",
        kind="indicator", position=0, depth=1, indicator=alone,
        title_en="Alone", parent=Element.objects.get(version=version, key="strand"),
    )  # fmt: skip
    world.observe(Observation.objects.latest("id").act, "alone", "N", "2021")
    found = browser(world, "leads").get(reverse("place", args=["land", "N"]))
    assert [each.indicator.key for each in found.context["heads"]][-1] == "alone"
    assert len(found.context["heads"]) == 3


def test_a_place_without_any_below_shows_no_empty_table_of_them(world: World) -> None:
    address = reverse("indicator", args=["land", "jobs"]) + "?unit=N111"
    said = text_of(browser(world, "county").get(address))
    assert "Within Place N111" not in said
    assert "to be corrected and loaded again" in said


def test_a_recorded_figure_moves_every_total_above_at_once(world: World) -> None:
    before = known_now().position
    client = browser(world, "county")
    answer = client.post(jobs("N111"), recorded(world))
    assert (answer.status_code, answer["Location"]) == (302, jobs("N111"))
    assert "Place N111, 2020: 12 persons" in text_of(client.get(jobs("N111"))).replace("\xa0", " ")
    for place, total in (("N11", 32), ("N1", 32), ("N", 62)):
        said = text_of(client.get(jobs(place))).replace("\xa0", " ")
        assert f"Place {place}, 2020: {total} persons" in said
    old = text_of(client.get(f"{jobs('N')}?position={before}")).replace("\xa0", " ")
    assert "2020: 60 persons" in old and f"As known at journal position {before}" in old


def test_the_history_keeps_the_old_value_with_who_and_why(world: World) -> None:
    client = browser(world, "county")
    client.post(jobs("N111"), recorded(world))
    said = text_of(client.get(jobs("N111"))).replace("\xa0", " ")
    entry = JournalEntry.objects.get(verb="observation.record")
    assert "<s>10 persons</s>" in said and "<b>12 persons</b>" in said
    assert "counted again" in said and "County" in said
    assert reverse("journal-entry", args=[entry.position]) in said


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"value": "many"}, "value"),
        ({"value": ""}, "value"),
        ({"value": "12%"}, "value"),
        ({"status": "draft"}, "status"),
        ({"note": " "}, "note"),
        ({"supersedes": ""}, "value"),
    ],
)
def test_a_refused_form_leads_to_the_field_and_keeps_what_was_typed(
    world: World, changed: dict[str, str], field: str
) -> None:
    counted = Observation.objects.count()
    typed = recorded(world, **changed)
    answer = browser(world, "county").post(jobs("N111"), typed)
    said = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in said and 'id="error-summary"' in said
    assert f'value="{typed["value"]}"' in said and typed["note"].strip() in said
    assert Observation.objects.count() == counted


def test_a_series_that_is_not_offered_is_refused(world: World) -> None:
    answer = browser(world, "county").post(jobs("N111"), recorded(world, series="people-official"))
    assert answer.status_code == 422


def test_a_conflict_shows_both_values_and_may_then_be_settled(world: World) -> None:
    seen = recorded(world)
    browser(world, "prefecture").post(jobs("N111"), recorded(world, value="15"))
    client = browser(world, "county")
    answer = client.post(jobs("N111"), seen)
    said = text_of(answer).replace("\xa0", " ")
    assert answer.status_code == 422
    assert "15" in said and "You typed 12." in said
    standing = world.standing("jobs-reported", "N111", "2020")
    assert f'name="supersedes" value="{standing.pk}"' in said
    assert client.post(jobs("N111"), recorded(world)).status_code == 302


def test_the_form_is_not_offered_to_those_who_may_not_record(world: World) -> None:
    said = text_of(browser(world, "top").get(jobs("N111")))
    assert 'name="supersedes"' not in said and "You cannot change this figure" in said
    assert browser(world, "top").post(jobs("N111"), recorded(world)).status_code == 403


def test_the_past_offers_no_form(world: World) -> None:
    address = f"{jobs('N111')}?position={known_now().position - 1}"
    assert 'name="supersedes"' not in text_of(browser(world, "county").get(address))


def test_what_was_typed_before_fills_the_form_and_goes_when_it_is_sent(world: World) -> None:
    client = browser(world, "county")
    key = "figure:jobs-reported:N111:2020"
    draft = {"form": key, "url": jobs("N111"), "title": "Jobs", "content": '{"value": ["77"]}'}
    client.post(reverse("save-draft"), draft)
    assert 'value="77"' in text_of(client.get(jobs("N111")))
    client.post(jobs("N111"), recorded(world))
    assert not Draft.objects.filter(form=key).exists()


def test_the_export_holds_what_the_page_lists_in_its_order(world: World) -> None:
    address = reverse("indicator-export", args=["land", "jobs", "csv"])
    answer = browser(world, "leads").get(f"{address}?level=county&period=2020&sort=-value")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["N211", "N112", "N111"]
    assert [row[2] for row in rows[1:]] == ["30", "20", "10"]
    seen = browser(world, "county").get(f"{address}?level=county&period=2020")
    assert "N211" not in seen.content.decode()


def test_only_the_line_above_puts_places_in_the_order_of_their_figures(world: World) -> None:
    table = reverse("indicator-export", args=["land", "jobs", "csv"])
    page = reverse("indicator", args=["land", "jobs"])

    def listed(member: str, unit: str) -> list[str]:
        asked = f"?unit={unit}&level=county&period=2020&sort=-value"
        answer = browser(world, member).get(table + asked)
        return [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))][1:]

    assert listed("prefecture", "N11") == ["N112", "N111"], "by their figures, downwards"
    assert "sort=value" in text_of(browser(world, "prefecture").get(f"{page}?unit=N11&period=2020"))
    nation = f"{page}?period=2020&level=county"
    assert "sort=value" in text_of(browser(world, "leads").get(nation))
    seen = text_of(browser(world, "prefecture").get(nation))
    assert "sort=value" not in seen and "sort=-name" in seen
    assert listed("prefecture", "N") == sorted(listed("prefecture", "N")), "by name"


def test_the_workbook_says_what_was_asked(world: World, tmp_path) -> None:
    address = reverse("indicator-export", args=["land", "urban-rate", "xlsx"])
    answer = browser(world, "leads").get(f"{address}?period=2020")
    path = tmp_path / "table.xlsx"
    path.write_bytes(answer.content)
    book = read_sheets(path)
    said = " ".join(str(cell) for row in book.sheets[-1].rows for cell in row)
    assert "Urban rate, Place N, 2020" in said
    assert f"position {known_now().position}" in said
    assert browser(world, "leads").get(address.replace("xlsx", "pdf")).status_code == 404


def test_the_board_counts_what_it_lists(world: World) -> None:
    said = text_of(browser(world, "coordinator").get(reverse("status")))
    assert "2 of 2 indicators are on track or better" in said
    assert "Strand of growth 2" in said and "secret" not in said


def test_a_day_asks_for_what_was_known_at_its_end(world: World) -> None:
    client = browser(world, "county")
    today = timezone.localdate().isoformat()
    said = text_of(client.get(reverse("status"), {"position": today}))
    assert f"As known at journal position {known_now().position}" in said
    early = text_of(client.get(jobs("N"), {"position": "2000-01-01"}))
    assert "As known at journal position 0" in early and "60 persons" not in early


def test_a_map_of_one_tile_is_not_drawn(world: World) -> None:
    world.cast.places["N1"].column = world.cast.places["N1"].row = 1
    world.cast.places["N1"].save(update_fields=["column", "row"])
    asked = {"plan": "growth"}
    assert 'id="map"' not in text_of(browser(world, "coordinator").get(reverse("status"), asked))
    asked["map"] = "jobs"
    assert 'id="map"' in text_of(browser(world, "coordinator").get(reverse("status"), asked))


@pytest.mark.parametrize("position", ["x", "-1", "999999", "²", "2999-01-01"])
def test_a_position_that_the_journal_does_not_have_is_refused(world: World, position: str) -> None:
    client = browser(world, "county")
    assert client.get(reverse("status"), {"position": position}).status_code == 422


def test_a_place_is_found_by_its_code_and_by_its_name(world: World) -> None:
    client = browser(world, "county")
    for words in ("N21", "Place N21", "地N21"):
        found = text_of(client.get(reverse("places"), {"words": words}))
        assert reverse("place", args=["land", "N21"]) in found
    assert "No place fits." in text_of(client.get(reverse("places"), {"words": "nowhere"}))


def test_a_place_shows_what_lies_in_it_and_no_hidden_figure(world: World) -> None:
    address = reverse("place", args=["land", "N21"])
    assert "31 persons" in text_of(browser(world, "sibling").get(address)).replace("\xa0", " ")
    said = text_of(browser(world, "county").get(address)).replace("\xa0", " ")
    assert "Place N211" in said and "31 persons" not in said


def test_a_faulty_import_names_its_fault_and_can_be_put_away(world: World) -> None:
    load = world.loads["province"]
    address = reverse("load", args=[load.pk])
    client = browser(world, "province")
    assert "row 2, column A" in text_of(client.get(address))
    assert browser(world, "sibling").get(address).status_code == 404
    client.post(reverse("dismiss-load", args=[load.pk]))
    load.refresh_from_db()
    assert load.state == Load.State.DISMISSED


def test_an_import_without_a_file_says_what_is_missing(world: World) -> None:
    answer = browser(world, "coordinator").post(reverse("upload"), {})
    assert answer.status_code in (200, 422)
    assert Load.objects.count() == len(world.loads)
