"""Pages and forms of projects: what they show, and that nothing typed is lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.permissions.endpoints import client_of
from tests.projects import PICTURE, add_project
from tests.world import World
from throughline.files.sheets import read_sheets
from throughline.files.storage import path_of, store
from throughline.projects import actions
from throughline.projects.models import Contract, Funding, ProgressNote, Project


def shown(world: World, member: str, address: str, **query: str) -> str:
    answer = client_of(world, member).get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(world: World, member: str, **query: str) -> list[str]:
    text = shown(world, member, reverse("projects"), **query)
    keys = Project.objects.values_list("key", flat=True)
    found = {key: text.find(f'href="{reverse("project", args=[key])}"') for key in keys}
    return sorted((key for key, at in found.items() if at >= 0), key=lambda key: found[key])


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({}, ["bridge", "hub", "road"]),
        ({"sort": "-title"}, ["road", "hub", "bridge"]),
        ({"sort": "done"}, ["bridge", "hub", "road"]),
        ({"sort": "-arrived"}, ["bridge", "hub", "road"]),
        ({"state": "planned"}, ["hub", "road"]),
        ({"state": "nonsense"}, ["bridge", "hub", "road"]),
        ({"sector": "water"}, []),
        ({"place": "N1"}, ["bridge"]),
        ({"place": "N21"}, ["road"]),
        ({"element": "growth/task"}, ["bridge"]),
        ({"element": "growth/nothing"}, ["bridge", "hub", "road"]),
        ({"words": "2022-BR"}, ["bridge"]),
        ({"words": "项目road"}, ["road"]),
    ],
)
def test_the_list_is_narrowed_and_sorted(
    world: World, query: dict[str, str], keys: list[str]
) -> None:
    assert listed(world, "top", **query) == keys


def test_where_nothing_is_on_the_register_the_page_says_what_one_sees(world: World) -> None:
    Project.objects.get(key="hub").places.set([world.cast.places["N211"]])
    text = shown(world, "office", reverse("projects"))
    assert "No project that you see is on the register." in text


def test_the_file_holds_what_the_filters_leave(world: World) -> None:
    address = reverse("projects-export", args=["xlsx"])
    answer = client_of(world, "top").get(address, {"state": "under_way"})
    sheet = read_sheets(path_of(store(BytesIO(answer.content), "projects.xlsx")))
    rows = sheet.sheets[0].rows
    assert len(rows) == 2
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["Key"], line["Spent (thousand crowns)"], line["Done (per cent)"]) == (
        "bridge", 40, 30,
    )  # fmt: skip


def test_a_simulated_project_says_so(world: World) -> None:
    add_project(world, "province", "model", "N1", simulated=True)
    assert "simulated" in shown(world, "province", reverse("project", args=["model"]))
    assert "simulated" in shown(world, "province", reverse("projects"), words="model")


def test_the_page_shows_money_contracts_and_progress(world: World) -> None:
    text = shown(world, "county", reverse("project", args=["bridge"]))
    for said in ("Local budget", "Two piers stand", "Builders", "Piers", "2022-BR-01"):
        assert said in text
    assert reverse("record-funding", args=["bridge"]) not in text


def test_a_corrected_contract_stands_corrected(world: World, bridge: Project) -> None:
    terms = actions.Terms(
        number="C-1", title="Piers", contractor="Masons", amount=Decimal(81),
        signed_on=date(2022, 2, 1),
    )  # fmt: skip
    actions.correct_contract(
        world.cast.province.actor, contract=Contract.objects.get(), terms=terms, reason="Misread"
    )
    text = shown(world, "province", reverse("project", args=["bridge"]))
    assert "corrected: Misread" in text
    assert "Builders" not in text


def test_the_page_of_an_element_names_what_serves_it(world: World) -> None:
    text = shown(world, "supports", reverse("element", args=["growth", "task"]))
    assert reverse("project", args=["bridge"]) in text
    text = shown(world, "sibling", reverse("element", args=["growth", "task"]))
    assert reverse("project", args=["bridge"]) not in text


def test_a_refused_form_keeps_what_was_typed_and_names_every_fault(world: World) -> None:
    typed = {
        "title_en": "A dam", "sector": "water", "places": "N11\nAtlantis", "cost": "much",
        "start_planned": "soon", "serves": "growth/nothing",
    }  # fmt: skip
    answer = client_of(world, "province").post(reverse("register-project"), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    for said in ("A dam", "Atlantis", "much", "growth/nothing"):
        assert said in text
    for field in ("places", "cost", "start_planned", "serves"):
        assert f"#field-{field}" in text
    assert Project.objects.count() == 3


def test_money_beyond_what_arrived_is_refused_with_its_place(world: World) -> None:
    typed = {"source": "local", "stage": "spent", "on": "2023-01-01", "amount": "20.5"}
    answer = client_of(world, "province").post(reverse("record-funding", args=["bridge"]), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "60.5 thousand crowns would be spent, of 60.0 arrived." in text
    assert "20.5" in text
    assert Funding.objects.count() == 3


def test_pictures_are_there_when_a_refused_form_comes_back(world: World) -> None:
    client, address = client_of(world, "province"), reverse("note-progress", args=["bridge"])
    picture = SimpleUploadedFile("deck.png", PICTURE + b"deck", "image/png")
    typed = {"on": "2023-02-01", "done": "ninety", "text": "The deck"}
    answer = client.post(address, {**typed, "files": [picture]})
    assert answer.status_code == 422
    assert 'href="#field-done"' in answer.content.decode()
    token = answer.context["question"].beside[0][0]
    answer = client.post(address, {**typed, "done": "90", "uploaded": [token]})
    assert answer.status_code == 302
    note = ProgressNote.objects.get(text="The deck")
    assert [each.name for each in note.pictures.all()] == ["deck.png"]
    given = client.get(reverse("project-picture", args=[note.pictures.get().pk]))
    assert given["Content-Type"] == "image/png"
    assert given["X-Content-Type-Options"] == "nosniff"
    assert b"".join(given.streaming_content) == PICTURE + b"deck"  # type: ignore[attr-defined]


def test_a_form_that_saw_another_state_is_told(world: World, bridge: Project) -> None:
    client, address = client_of(world, "province"), reverse("amend-project", args=["bridge"])
    typed = {"title_en": "Bridge", "sector": "water", "places": "N11", "seen": "0" * 16}
    answer = client.post(address, typed)
    assert answer.status_code == 409
    assert "Somebody has amended this project meanwhile." in answer.content.decode()
    fresh = actions.state_of(bridge)
    assert fresh in answer.content.decode()
