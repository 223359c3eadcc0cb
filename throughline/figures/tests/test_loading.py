"""Files of figures as they come: what is taken, what is refused with its cell, and what is
only remarked. The files are made here."""

from __future__ import annotations

import fcntl
import io
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.working import read_received_files
from tests.world import World
from throughline.bodies.models import Holding
from throughline.figures.actions import load_file, load_observations
from throughline.figures.actions import loading as loading_action
from throughline.figures.actions.loading import OutdatedError
from throughline.figures.jobs import TRIES
from throughline.figures.loading import mapping_named, read_file, reading
from throughline.figures.loading.faults import MOST_LISTED
from throughline.figures.models import Load, Observation
from throughline.files import slots
from throughline.files.storage import store
from throughline.files.tests.samples import workbook
from throughline.kernel import clock
from throughline.kernel.actor import SYSTEM
from throughline.kernel.errors import Busy
from throughline.places.actions import register_place
from throughline.places.models import Parentage, Place, Scheme, Succession
from throughline.plans.packs import Mapping, read_mapping

HEADINGS = ["code", "name", "jobs", "people"]
WIDE: dict[str, Any] = {
    "key": "wide",
    "title": {"en": "Wide"},
    "source": "paper",
    "support": "one",
    "file": {"format": "csv"},
    "scheme": "land",
    "valid_on": "2020-12-31",
    "period": "2020",
    "status": "accepted",
    "unit": {"code": "code", "names": ["name"]},
    "rows": [{"treat": "unit"}],
    "columns": {
        "jobs": {"series": "jobs-reported", "missing": "not_reported"},
        "people": {"series": "people-official", "missing": "not_reported"},
    },
}
LONG_HEADINGS = ["Code", "Place", "Series", "Period", "Value", "Status", "Note"]

MakeMapping = Callable[..., Mapping]


@pytest.fixture
def wide(tmp_path: Path) -> MakeMapping:
    """The mapping of a table with a column for each series, changed as asked."""

    def make(**changed: Any) -> Mapping:
        path = tmp_path / "wide.yaml"
        said = {key: value for key, value in (WIDE | changed).items() if value is not None}
        path.write_text(json.dumps(said), encoding="utf-8")
        return read_mapping(path)

    return make


def text_of(*rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> str:
    return "\n".join(",".join(map(str, row)) for row in (headings, *rows)) + "\n"


def load(
    content: str | bytes, mapping: Mapping, *, name: str = "figures.csv", partial: bool = False,
    **more: Any,
) -> Load:  # fmt: skip
    data = content.encode() if isinstance(content, str) else content
    return load_file(
        more.pop("actor", SYSTEM), file=store(io.BytesIO(data), name), file_name=name,
        mapping=mapping, partial=partial, **more,
    )  # fmt: skip


def faults(done: Load) -> list[tuple[str, str]]:
    """Place and kind of every fault."""
    return [(each["place"], each["code"]) for each in done.report["problems"]]


def stands(world: World, series: str, place: str, period: str = "2020") -> Observation:
    return world.standing(series, place, period)


def sheet(fill: Callable[[Any, Any], object]) -> bytes:
    return workbook(lambda book: fill(book, book.add_worksheet("Return")))


# -- what is taken -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "figure"),
    [
        ("12", 12.0),
        ('"1,234,567"', 1234567.0),
        ("１２３", 123.0),
        ("3.5万", 35000.0),
        ("0.1亿", 10_000_000.0),
        ("7.25", 7.25),
    ],
)
def test_figures_are_read_as_people_write_them(world, wide, written, figure):
    done = load(text_of(["N111", "Place N111", written, ""]), wide())
    assert (done.state, done.stored) == (Load.State.STORED, 1), done.report["problems"]
    assert stands(world, "jobs-reported", "N111").value == figure


def test_a_factor_multiplies_in_decimals(world, wide):
    columns = {"jobs": WIDE["columns"]["jobs"] | {"factor": 100}}
    mapping = wide(columns=columns)
    for written, figure in (("0.1", 10.0), ("0.57", 57.0), ("1.1", 110.0)):
        load(text_of(["N111", "", written, ""]), mapping)
        assert stands(world, "jobs-reported", "N111").value == figure
    assert (0.57 * 100, 1.1 * 100) != (57.0, 110.0), "in floats they would be other figures"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16", "utf-8"])
def test_encodings_are_told_by_their_bytes(world, wide, encoding):
    done = load(text_of(["N111", "地N111", "77", ""]).encode(encoding), wide())
    assert done.state == Load.State.STORED and done.report["remarks"] is not None
    assert stands(world, "jobs-reported", "N111").value == 77


def test_empty_rows_and_headings_that_stand_again_are_passed_over_and_counted(world, wide):
    done = load(text_of(["N111", "", 1, ""], HEADINGS, ["", "", "", ""]), wide())
    assert done.state == Load.State.STORED
    assert (done.report["empty"], done.report["decided"]) == (1, {"note": 1})


def test_codes_may_be_in_full_width_digits_or_marked_as_text(world, wide):
    done = load(text_of(["'N111", "", 41, ""], ["Ｎ１１２", "", 42, ""]), wide())
    assert (done.state, done.stored) == (Load.State.STORED, 2)


def test_a_fraction_is_remarked_and_stays_importable(world, wide):
    done = load(text_of(["N111", "", 10.5, ""]), wide())
    assert done.stored == 1 and any("10.5" in each for each in done.report["remarks"])
    again = load(text_of(["N111", "", 10.5, ""]), wide())
    assert (again.stored, again.unchanged, again.refused) == (0, 1, 0)


def test_another_spelling_of_a_name_is_remarked(world, wide):
    done = load(text_of(["N111", "Plaice", 1, ""]), wide())
    assert done.state == Load.State.STORED
    assert any("Plaice" in each and "Place N111" in each for each in done.report["remarks"])


def test_a_name_merged_over_its_rows_holds_for_each(world, wide):
    def fill(_book, page):
        page.write_row(0, 0, ["province", *HEADINGS])
        page.merge_range(1, 0, 2, 0, "Place N1")
        page.write_row(1, 2, ["Place N111", 5])
        page.write_row(2, 2, ["Place N112", 6])

    mapping = wide(unit={"names": ["province", "name"]})
    done = load(sheet(fill), mapping, name="figures.xlsx")
    assert (done.state, done.stored) == (Load.State.STORED, 2), done.report["problems"]


# -- what is refused, and where ------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("many", "number"),
        ("#DIV/0!", "number"),
        ("=A1+B1", "number"),
        ("2020-01-01", "number"),
        ("1.2.3", "number"),
        ("340102199001011234", "number"),
        ("63.84%", "percent"),
        ("-1", "range"),
        ("3万%", "number"),
    ],
)
def test_a_cell_that_is_no_figure_is_named(world, wide, cell, kind):
    world.indicators["jobs"].minimum = 0.0
    world.indicators["jobs"].save()
    done = load(text_of(["N111", "", cell, 5]), wide())
    assert (done.state, done.stored) == (Load.State.FAULTY, 0)
    assert faults(done) == [("row 2, column 3 (jobs)", kind)]
    assert done.report["problems"][0]["remedy"]


def test_a_cell_that_names_its_magnitude_is_not_multiplied_again(world, wide):
    columns = {"jobs": WIDE["columns"]["jobs"] | {"factor": 10000}}
    done = load(text_of(["N111", "", "3万", ""]), wide(columns=columns))
    assert faults(done) == [("row 2, column 3 (jobs)", "number")]


def test_percentages_are_taken_where_they_belong(world, wide):
    def fill(book, page):
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, ["N111", ""])
        page.write(1, 2, 0.6384, book.add_format({"num_format": "0.00%"}))

    refused = load(sheet(fill), wide(), name="figures.xlsx")
    assert faults(refused) == [("Return!C2 (jobs)", "percent")]
    world.indicators["jobs"].symbol = "%"
    world.indicators["jobs"].save()
    taken = load(sheet(fill), wide(), name="figures.xlsx")
    assert taken.state == Load.State.STORED
    assert stands(world, "jobs-reported", "N111").value == 63.84


def test_a_column_of_fractions_under_a_percentage_is_remarked(world, wide):
    world.indicators["jobs"].symbol = "%"
    world.indicators["jobs"].save()
    done = load(text_of(["N111", "", 0.63, ""], ["N112", "", 0.58, ""]), wide())
    assert any("0.6384" in each for each in done.report["remarks"])


@pytest.fixture
def changed_places(world: World) -> World:
    """N112 ended in 2019 and became N111; N113 begins in 2022; another scheme has X1."""
    places = world.cast.places
    Place.objects.filter(pk=places["N112"].pk).update(valid_to=date(2019, 6, 1))
    Parentage.objects.filter(place=places["N112"]).update(valid_to=date(2019, 6, 1))
    Succession.objects.create(
        origin=places["N112"], successor=places["N111"], date=date(2019, 6, 1), kind="merger"
    )
    tier = places["N111"].tier
    Place.objects.create(
        scheme=world.cast.scheme, code="N113", name_en="Late", sort_key="late", tier=tier,
        valid_from=date(2022, 1, 1),
    )  # fmt: skip
    other = Scheme.objects.create(key="isle", name_en="Isle")
    top = tier.__class__.objects.create(scheme=other, key="isle", level=0, name_en="Isle")
    Place.objects.create(
        scheme=other, code="X1", name_en="X", sort_key="x", tier=top, valid_from=date(2000, 1, 1)
    )
    return world


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("N999", "code", "N999"),
        ("N112", "ended", "It became: N111 Place N111"),
        ("N113", "not_yet", "2022-01-01"),
        ("X1", "elsewhere", "Isle"),
        ("1.1E+17", "code_lost", "digits are lost"),
        ("#REF!", "code", "formula"),
    ],
)
def test_a_code_that_cannot_be_is_told_apart(changed_places, wide, code, kind, said):
    done = load(text_of([code, "", 5, ""]), wide())
    assert faults(done) == [("row 2, column 1 (code)", kind)]
    problem = done.report["problems"][0]
    assert said in problem["message"] + problem["remedy"]


def test_a_code_of_18_digits_that_excel_made_a_number_is_refused(world, wide):
    def fill(_book, page):
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, [340102199001011234, "", 1])

    done = load(sheet(fill), wide(), name="figures.xlsx")
    assert faults(done) == [("Return!A2 (code)", "code_lost")]


def test_a_code_beside_its_neighbours_name_is_a_fault(world, wide):
    done = load(text_of(["N111", "Place N112", 1, ""]), wide())
    assert faults(done) == [("row 2, column 2 (name)", "name")]
    rules = [{"treat": "unit", "code_decides": True, "why": {"en": "The names are swapped."}}]
    known = load(text_of(["N111", "Place N112", 1, ""]), wide(rows=rules))
    assert known.state == Load.State.STORED
    assert known.report["decisions"][0]["why"] == "The names are swapped."


def test_two_figures_of_a_unit_contradict_and_neither_is_good(world, wide):
    content = text_of(["N111", "", 1, ""], ["N111", "", 2, ""], ["N112", "", 3, ""])
    assert faults(load(content, wide())) == [("row 3, column 3 (jobs)", "twice")]
    before = stands(world, "jobs-reported", "N111").pk
    done = load(content, wide(), partial=True)
    assert (done.state, done.stored, done.refused) == (Load.State.STORED, 1, 1)
    assert stands(world, "jobs-reported", "N111").pk == before
    assert stands(world, "jobs-reported", "N112").value == 3


def test_a_repeated_row_is_compared_wherever_it_stands(world, wide):
    rules = [
        {"when": {"name": "again"}, "treat": "duplicate", "of": "N111", "why": {"en": "twice"}},
        {"treat": "unit"},
    ]
    mapping = wide(rows=rules)
    fine = load(text_of(["", "again", 4, ""], ["N111", "", 4, ""]), mapping)
    assert fine.state == Load.State.STORED
    done = load(text_of(["", "again", 3, ""], ["N111", "", 4, ""]), mapping)
    assert faults(done) == [("row 2, column 3 (jobs)", "differs")]


def test_a_comma_inside_a_number_shifts_nothing(world, wide):
    done = load(text_of(["N111", "Place N111", "1,234", 5]), wide())
    assert faults(done) == [("row 2", "torn")]


@pytest.mark.parametrize(
    ("content", "kind", "place"),
    [
        ("", "file", "figures.csv"),
        (text_of(), "file", "row 1"),
        ("code,name,jobs,people,jobs\nN111,,1,1,1\n", "heading", "row 1, column 5"),
        ("code,name,jobs\nN111,,1\n", "heading", "row 1"),
        ("A title\n\n" + text_of(["N111", "", 1, 1]), "heading", "row 1"),
    ],
)
def test_a_file_without_a_table_says_what_it_lacks(world, wide, content, kind, place):
    done = load(content, wide())
    assert done.state == Load.State.FAULTY
    assert (place, kind) in faults(done)
    assert all(each["remedy"] for each in done.report["problems"])


def test_headings_below_a_title_are_found_for_the_remedy(world, wide):
    done = load("A title\n\n" + text_of(["N111", "", 1, 1]), wide())
    assert "row 3" in done.report["problems"][0]["remedy"]


def test_a_spreadsheets_traps_are_named_by_sheet_and_cell(world, wide):
    def fill(book, page):
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, ["N111", ""])
        page.write_formula(1, 2, "=B2+1", None, "")
        page.write_row(2, 0, ["N112", ""])
        page.write_datetime(2, 2, date(2020, 1, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_row(3, 0, ["N211", ""])
        page.merge_range(3, 2, 3, 3, 7)
        page.write_row(4, 0, ["N1", "", True])
        page.set_row(4, None, None, {"hidden": True})
        book.add_worksheet("Notes").write(0, 0, "read me")

    done = load(sheet(fill), wide(), name="figures.xlsx")
    assert faults(done) == [
        ("Return!C2 (jobs)", "number"),
        ("Return!C3 (jobs)", "number"),
        ("Return!C4 (jobs)", "merged"),
        ("Return!D4 (people)", "merged"),
        ("Return!C5 (jobs)", "number"),
    ]
    remarks = " ".join(done.report["remarks"])
    assert "hidden rows" in remarks and "Notes" in remarks


def test_good_rows_are_not_lost_and_a_load_is_all_or_nothing(world, wide):
    content = text_of(["N111", "", 91, ""], ["N999", "", 5, ""])
    refused = load(content, wide())
    assert (refused.state, refused.stored) == (Load.State.FAULTY, 0)
    assert stands(world, "jobs-reported", "N111").value == 10
    partial = load(content, wide(), partial=True)
    assert (partial.state, partial.stored, partial.refused) == (Load.State.STORED, 1, 1)
    assert stands(world, "jobs-reported", "N111").value == 91


def test_a_file_of_nothing_but_faults_is_counted_whole_and_listed_in_part(world, wide):
    rows = [[f"Q{number}", "", "many", ""] for number in range(MOST_LISTED + 500)]
    done = load(text_of(*rows), wide())
    assert done.refused == MOST_LISTED + 500
    assert len(done.report["problems"]) == MOST_LISTED
    assert done.report["faults"] == [{"column": "code", "kind": "code", "count": MOST_LISTED + 500}]
    assert all(each["message"] and each["remedy"] for each in done.report["problems"])


def test_messages_are_in_the_readers_language(world, wide):
    with translation.override("zh-hans"):
        done = load(text_of(["N999", "", 5, ""]), wide())
    said = done.report["problems"][0]
    assert "N999" in said["message"] and "代码" in said["message"] and "代码" in said["remedy"]


# -- one row a figure ------------------------------------------------------------------------


def long(*rows: Sequence[object]) -> str:
    return text_of(*rows, headings=LONG_HEADINGS)


def test_a_file_with_one_row_a_figure_is_read(world):
    done = load(
        long(
            ["N111", "Place N111", "jobs-reported", "2020", 11, "final", ""],
            ["N112", "", "jobs-reported", "2021年", 12, "待审", "counted again"],
            ["N112", "", "people-official", "2021", "", "", ""],
        ),
        mapping_named("figures"),
    )
    assert (done.state, done.stored) == (Load.State.STORED, 2), done.report["problems"]
    assert stands(world, "jobs-reported", "N111").status == "final"
    later = stands(world, "jobs-reported", "N112", "2021")
    assert (later.value, later.status, later.note) == (12, "unreviewed", "counted again")
    assert done.report["missing"]["value"]["not_reported"]["count"] == 1


@pytest.mark.parametrize(
    ("row", "column", "kind"),
    [
        (["N111", "", "jobs-reportd", "2020", 1, "", ""], "column 3 (Series)", "series"),
        (["N111", "", "", "2020", 1, "", ""], "column 3 (Series)", "series"),
        (["N111", "", "jobs-reported", "2020Q1", 1, "", ""], "column 4 (Period)", "period"),
        (["N111", "", "jobs-reported", "2020-13", 1, "", ""], "column 4 (Period)", "period"),
        (["N111", "", "jobs-reported", "", 1, "", ""], "column 4 (Period)", "period"),
        (["N111", "", "jobs-reported", "2999", 1, "", ""], "column 4 (Period)", "period"),
        (["N111", "", "jobs-reported", "2020", 1, "sure", ""], "column 6 (Status)", "status"),
        (["N111", "", "jobs-reported", "2020", 1, "draft", ""], "column 6 (Status)", "status"),
        (["N999", "", "jobs-reported", "2020", 1, "", ""], "column 1 (Code)", "code"),
    ],
)
def test_each_column_of_a_row_is_named_when_it_is_wrong(world, row, column, kind):
    done = load(long(row), mapping_named("figures"))
    assert faults(done) == [(f"row 2, {column}", kind)]
    assert done.report["problems"][0]["remedy"]


def test_indicators_may_be_named_by_the_words_of_the_file(world, wide):
    mapping = wide(
        columns=None, period=None, period_column="year",
        figures={
            "indicator": "what", "of": {"Posts filled": "jobs-reported"},
            "value": "n", "missing": "not_reported",
        },
    )  # fmt: skip
    headings = ["code", "name", "what", "year", "n"]
    done = load(text_of(["N111", "", "posts filled", 2020, 3], headings=headings), mapping)
    assert faults(done) == [("row 2, column 3 (what)", "series")]
    assert "Posts filled" in done.report["problems"][0]["remedy"]
    taken = load(text_of(["N111", "", "Posts  filled", 2020, 3], headings=headings), mapping)
    assert taken.stored == 1


def test_series_that_the_actor_may_not_fill_are_named(world):
    done = load(
        long(["N111", "", "people-official", "2020", 1, "", ""]),
        mapping_named("figures"),
        actor=world.cast.county.actor,
    )
    assert faults(done) == [("row 2, column 3 (Series)", "series")]
    assert stands(world, "people-official", "N111").value == 1000


# -- out and in again ------------------------------------------------------------------------


def browser(world: World, member: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(getattr(world.cast, member).person)
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_can_be_loaded_and_changes_nothing(world, form, language):
    number = 0.1 + 0.2
    load(
        long(["N111", "", "jobs-reported", "2020", number, "final", "a note"]),
        mapping_named("figures"),
    )
    address = reverse("indicator-figures", args=["land", "jobs", form])
    answer = browser(world, "coordinator", language).get(address, {"period": "2020"})
    count = Observation.objects.count()
    again = load(answer.content, mapping_named("figures"), name=f"figures.{form}")
    assert (again.state, again.stored, again.refused) == (Load.State.STORED, 0, 0)
    assert again.unchanged == 3 and Observation.objects.count() == count
    assert stands(world, "jobs-reported", "N111").value == number


def test_what_is_changed_in_an_export_supersedes_and_nothing_else(world):
    address = reverse("indicator-figures", args=["land", "jobs", "csv"])
    answer = browser(world, "coordinator").get(address, {"period": "2020"})
    content = answer.content.replace(b"2020,20,", b"2020,21,")
    assert content != answer.content
    done = load(content, mapping_named("figures"))
    assert (done.stored, done.unchanged) == (1, 2)
    assert done.report["superseded"][0]["before"] == 20.0


# -- received, read by a job, shown -----------------------------------------------------------


def upload(world: World, content: str, member: str = "coordinator", **more: str) -> Load:
    file = io.BytesIO(content.encode())
    file.name = "figures.csv"
    answer = browser(world, member).post(
        reverse("upload"), {"mapping": "figures", "file": file} | more
    )
    assert answer.status_code == 302, answer.content.decode()
    return Load.objects.latest("pk")


GOOD = long(["N111", "", "jobs-reported", "2020", 55, "", ""])


def test_an_upload_is_kept_at_once_and_read_by_a_job(world):
    received = upload(world, GOOD)
    client = browser(world, "coordinator")
    page, asked = reverse("load", args=[received.pk]), reverse("load-progress", args=[received.pk])
    assert received.state == Load.State.READING
    assert asked in client.get(page).content.decode()
    waiting = client.get(asked)
    assert (waiting.status_code, "HX-Refresh" in waiting) == (204, False)
    read_received_files()
    received.refresh_from_db()
    assert (received.state, received.stored) == (Load.State.STORED, 1)
    assert client.get(asked)["HX-Refresh"] == "true"
    assert asked not in client.get(page).content.decode()
    row = stands(world, "jobs-reported", "N111")
    assert (row.value, row.load_id) == (55, received.pk)


def test_a_job_that_runs_twice_loads_once(world):
    received = upload(world, GOOD)
    read_received_files()
    count = Observation.objects.count()
    read_received_files()
    assert Observation.objects.count() == count
    received.refresh_from_db()
    assert received.stored == 1


def test_a_refused_upload_can_be_opened_and_its_faults_taken_away(world):
    received = upload(world, long(["N999", "", "jobs-reported", "2020", 5, "", ""]))
    read_received_files()
    client = browser(world, "coordinator")
    said = client.get(reverse("load", args=[received.pk])).content.decode()
    assert "N999" in said and reverse("load-file", args=[received.pk]) in said
    as_csv = client.get(reverse("load-faults", args=[received.pk, "csv"])).content.decode()
    assert "row 2, column 1 (Code)" in as_csv and "N999" in as_csv
    as_xlsx = client.get(reverse("load-faults", args=[received.pk, "xlsx"]))
    assert as_xlsx.content.startswith(b"PK")


def test_who_may_load_nothing_is_refused_at_the_door(world):
    answer = browser(world, "top").post(
        reverse("upload"), {"mapping": "figures", "file": io.BytesIO(GOOD.encode())}
    )
    assert answer.status_code == 422
    assert Load.objects.count() == len(world.loads)
    assert not ProcrastinateJob.objects.exists()


def test_a_post_lost_meanwhile_loads_nothing(world):
    received = upload(world, GOOD)
    Holding.objects.filter(person=world.cast.coordinator.person).update(
        valid_to=clock.now().date() - timedelta(days=1)
    )
    read_received_files()
    received.refresh_from_db()
    assert (received.state, received.stored) == (Load.State.FAULTY, 0)


def test_a_defect_while_reading_ends_as_a_fault_of_the_load(world, monkeypatch):
    received = upload(world, GOOD)
    monkeypatch.setattr(reading, "interpret", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read_received_files()
    received.refresh_from_db()
    assert received.state == Load.State.FAULTY
    assert str(received.pk) in received.report["problems"][0]["remedy"]


def test_more_than_two_files_at_a_time_are_told_to_come_again(world, monkeypatch, tmp_path):
    # Places of its own: other tests read files in this home at the same time.
    monkeypatch.setattr(slots, "home", lambda: tmp_path)
    held = [(tmp_path / f"reading-{number}.lock").open("a") for number in range(slots.SLOTS)]
    for place in held:
        fcntl.flock(place, fcntl.LOCK_EX)
    try:
        with pytest.raises(Busy, match="2 at a time"):
            load(GOOD, mapping_named("figures"))
        received = upload(world, GOOD)
        with pytest.raises(Busy):
            read_received_files()
        received.refresh_from_db()
        assert received.state == Load.State.READING, "it is taken up again"
        read_received_files(attempts=TRIES)
        received.refresh_from_db()
        assert received.state == Load.State.FAULTY
    finally:
        for place in held:
            place.close()
    assert load(GOOD, mapping_named("figures")).state == Load.State.STORED


def zones(wide: MakeMapping) -> Mapping:
    rules = [
        {"when": {"code": {"empty": True}}, "treat": "zone", "parent": {"names": ["province"]},
         "why": {"en": "no code"}},
        {"treat": "unit"},
    ]  # fmt: skip
    return wide(rows=rules, unit={"code": "code", "names": ["province", "name"]})


ZONE = text_of(["", "Park", 7, "", "Place N11"], headings=[*HEADINGS, "province"])


def test_what_changed_since_the_file_was_read_is_read_again(world, wide):
    file = store(io.BytesIO(ZONE.encode()), "zones.csv")
    given: dict[str, Any] = {"file": file, "file_name": "zones.csv", "mapping": zones(wide)}
    early = read_file(SYSTEM, **given)
    first = load_file(SYSTEM, **given)
    with pytest.raises(OutdatedError):
        load_observations(SYSTEM, read=early)
    again = load_file(SYSTEM, **given)
    assert (first.stored, again.stored, again.unchanged) == (1, 0, 1)
    assert Place.objects.filter(name_zh="Park").count() == 1


def test_without_that_check_a_unit_would_be_registered_twice(world, wide, monkeypatch):
    file = store(io.BytesIO(ZONE.encode()), "zones.csv")
    given: dict[str, Any] = {"file": file, "file_name": "zones.csv", "mapping": zones(wide)}
    early = read_file(SYSTEM, **given)
    load_file(SYSTEM, **given)
    monkeypatch.setattr(loading_action, "_require_current", lambda read: None)
    monkeypatch.setattr(loading_action, "register_place", registering_blindly)
    load_observations(SYSTEM, read=early)
    assert Place.objects.filter(name_zh="Park").count() == 2


def registering_blindly(actor: Any, **given: Any) -> Place:
    """Registering without the second guard: the name's own check in `register_place`."""
    given["valid_from"] += timedelta(days=1)
    return register_place(actor, **given)


# -- the built-in mapping ------------------------------------------------------------------------


def test_the_built_in_mappings_know_the_headings_of_the_export():
    path = Path(loading_action.__file__).parents[1] / "loading" / "builtin" / "figures.yaml"
    known = yaml.safe_load(path.read_text())["file"]["headings"]
    for language, at in (("en", 0), ("zh-hans", 1)):
        with translation.override(language):
            shown = [translation.pgettext("column of figures", word) for word in LONG_HEADINGS]
        assert shown == [headings[at] for headings in known.values()]
