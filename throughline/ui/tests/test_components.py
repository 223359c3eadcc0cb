"""The components as HTML: escaped, safe under a strict content policy, and complete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from throughline.ui import shapes
from throughline.ui.examples import examples_context
from throughline.ui.words import MARK_WORDS, STATUS_WORDS

EVIL = """<script>alert("1")</script>'"&"""


@dataclass(frozen=True)
class Fault:
    """A problem as the kernel has it."""

    message: str
    field: str = ""
    place: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Somebody:
    """An actor as the kernel has it, as far as drafts ask."""

    person: str


class Inspector(HTMLParser):
    """Notes every element and attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def render(source: str, address: str = "/", **context: object) -> str:
    request = RequestFactory().get(address)
    with translation.override("en"):
        return engines["django"].from_string(source).render(context, request)


def page(language: str) -> str:
    request = RequestFactory().get("/components")
    with translation.override(language):
        source = '{% include "ui/examples.html" %}'
        return engines["django"].from_string(source).render(examples_context(), request)


EVIL_POINT = shapes.ChartPoint(
    EVIL, date(2020, 1, 1), 1.0, EVIL, True, EVIL, EVIL, 2.0, EVIL, EVIL,
    shapes.Completeness(1, 2, 0.5, EVIL),
)  # fmt: skip
EVIL_LINE = [
    shapes.LineGroup([shapes.LineBar("silent", late=True, title=EVIL, url=EVIL)], "silent")
]
EVIL_CHOICES = [shapes.Choice(EVIL, EVIL, True, 3)]

COMPONENTS = {
    "breadcrumb": ("{% breadcrumb x %}", [shapes.Crumb(EVIL, EVIL), shapes.Crumb(EVIL)]),
    "completeness": ("{% completeness x %}", shapes.Completeness(1, 2, 0.5, EVIL)),
    "empty_state": ("{% empty_state x x x x %}", EVIL),
    "error_summary": (
        "{% error_summary x e %}",
        [Fault(EVIL, EVIL, EVIL, EVIL), Fault(EVIL, "", EVIL, EVIL)],
    ),
    "facts": ("{% facts x %}", [shapes.Fact(EVIL, EVIL, EVIL, EVIL), shapes.Fact(EVIL, EVIL)]),
    "figure": ("{% figure 1 0 x %}{% figure None missing=x %}", EVIL),
    "chooser": ("{% chooser x %}", EVIL),
    "filter_bar": (
        '{% filter_bar e x "alerts-export" e %}',
        [shapes.Filter(EVIL, EVIL_CHOICES, EVIL)],
    ),
    "filter_menu": ("{% filter_menu x %}", shapes.Filter(EVIL, EVIL_CHOICES, EVIL)),
    "line": ("{% line g x %}{% named_line g.0 x %}", EVIL),
    "lock": ("{% lock x x x x x %}", EVIL),
    "paging": ("{% paging x %}", shapes.Paging(2, 10, 100)),
    "segments": ("{% segments x e %}", EVIL_CHOICES),
    "sort_header": ('{% sort_header x x %}', EVIL),
    "tabs": ("{% tabs x e %}", EVIL_CHOICES),
    "tile_map": (
        "{% tile_map x %}",
        shapes.TileMap(
            EVIL,
            [shapes.Tile(0, 0, EVIL, EVIL, "1", EVIL, EVIL, EVIL)],
            [shapes.Shade("1", EVIL)],
            EVIL,
        ),
    ),
    "timeline": (
        "{% timeline x %}",
        [shapes.Event(datetime(2025, 1, 1, tzinfo=UTC), EVIL, EVIL, EVIL)],
    ),
    "trajectory_chart": (
        "{% trajectory_chart x %}",
        shapes.Chart(
            EVIL,
            EVIL,
            [EVIL_POINT],
            target=shapes.ChartTarget(EVIL, date(2025, 1, 1), 2.0, EVIL, EVIL),
            gap=shapes.Gap(1.5, EVIL, EVIL),
            reported_by=EVIL,
        ),
    ),
    "work_item": (
        "{% work_item x %}",
        shapes.WorkItem(
            EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, True,
            [shapes.Act(EVIL, EVIL), shapes.Act(EVIL, EVIL, True, "post")],
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_escapes_what_it_is_given(name):
    source, given = COMPONENTS[name]
    html = render(source, "/?q=<script>&page=2", x=given, e=EVIL, g=EVIL_LINE)
    assert "<script" not in html
    assert not re.search(r"""=["'][^"'<>]*<""", html)
    attributes = {key for _tag, attrs in Inspector(html).elements for key in attrs}
    assert not any('"' in key or "'" in key for key in attributes)


@pytest.mark.parametrize("kind", ["text", "figure", "password", "area", "choice", "check"])
def test_a_form_field_escapes_what_it_is_given(kind):
    html = render(
        "{% form_field e e value=e kind=kind unit=e hint=e problems=faults choices=pairs %}",
        e=EVIL,
        kind=kind,
        faults=[Fault(EVIL, EVIL)],
        pairs=[(EVIL, EVIL)],
    )
    assert "<script" not in html


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_of_examples_holds_nothing_that_a_strict_policy_forbids(language):
    for tag, attributes in Inspector(page(language)).elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert tag != "style"
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/")
        assert not str(attributes.get("href", "")).startswith("javascript:")


def test_the_page_of_examples_shows_every_component():
    html = page("en")
    for part in ("errsum", "tiles", "chart", "tl", "lock", "empty", "paging", "crumb", "seg"):
        assert f'class="{part}' in html, part
    for key in STATUS_WORDS:
        assert f"s-{key}" in html
    for key in MARK_WORDS:
        assert f"m-{key}" in html


def test_a_mark_is_shape_word_and_colour():
    drawings = set()
    for key, word in MARK_WORDS.items():
        html = render("{% mark key %}", key=key)
        assert str(word) in html
        drawings.add(re.sub(r"m-\w+", "", html.split("</svg>")[0]))
    assert len(drawings) == len(MARK_WORDS)


def test_ids_on_the_page_of_examples_are_unique():
    ids = [attrs["id"] for _tag, attrs in Inspector(page("en")).elements if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-hans", "zh-Hans")])
def test_the_page_says_its_language(language, tag):
    [attributes] = [attrs for name, attrs in Inspector(page(language)).elements if name == "html"]
    assert attributes["lang"] == tag


def test_a_status_is_shape_word_and_colour():
    drawings = set()
    for key, word in STATUS_WORDS.items():
        html = render("{% status key %}", key=key)
        assert str(word) in html
        assert f"s-{key}" in html
        drawings.add(re.sub(r"s-\w+|>[^<]+<", "", html))
    assert len(drawings) == len(STATUS_WORDS)


def test_an_unknown_status_is_a_defect_and_not_an_empty_badge():
    with pytest.raises(KeyError):
        render("{% status 'late' %}")


def test_a_list_is_narrowed_and_taken_away_as_it_stands():
    html = render(
        '{% filter_bar "Place" x "alerts-export" %}', "/?words=ann&kind=a&kind=&page=3", x=[]
    )
    inputs = [attrs for tag, attrs in Inspector(html).elements if tag == "input"]
    assert [(each["name"], each["value"]) for each in inputs] == [
        ("words", "ann"), ("kind", "a"), ("kind", ""),
    ]  # fmt: skip
    assert inputs[0]["aria-label"] == "Place"
    links = [attrs["href"] for tag, attrs in Inspector(html).elements if tag == "a"]
    assert links == [
        "?kind=a&kind=",
        "/alerts/table.csv?words=ann&kind=a&kind=",
        "/alerts/table.xlsx?words=ann&kind=a&kind=",
    ]
    bare = render('{% filter_bar "Place" %}')
    assert "<a" not in bare and "hidden" not in bare


def test_paging_and_sorting_keep_the_other_parameters():
    html = render("{% paging x %}", "/?status=off_track&page=2", x=shapes.Paging(2, 50, 120))
    assert "51 to 100 of 120" in html
    assert "?status=off_track&amp;page=1" in html
    assert "?status=off_track&amp;page=3" in html
    head = render("{% sort_header 'name' 'Name' %}", "/?status=off_track&sort=name&page=2")
    assert 'aria-sort="ascending"' in head
    assert "?status=off_track&amp;sort=-name" in head
    assert "page=" not in head


def test_the_last_page_leads_nowhere_further():
    html = render("{% paging x %}", x=shapes.Paging(3, 50, 120))
    assert "101 to 120 of 120" in html
    assert 'rel="next"' not in html


def test_the_error_summary_leads_to_the_field_it_names():
    faults = [Fault("Enter a length", "length")]
    html = render(
        "{% error_summary f %}{% form_field 'length' 'Length' value='x' problems=f %}", f=faults
    )
    elements = Inspector(html).elements
    [link] = [attrs["href"] for tag, attrs in elements if tag == "a"]
    [field] = [attrs for tag, attrs in elements if tag == "input"]
    assert link == f"#{field['id']}"
    assert field["aria-invalid"] == "true"
    assert html.count("Enter a length") == 2


def test_a_password_is_never_sent_back():
    assert "secret" not in render("{% form_field 'p' 'P' value='secret' kind='password' %}")


def test_a_drawing_is_the_same_whatever_writes_decimals_with_a_comma(settings):
    settings.USE_THOUSAND_SEPARATOR = True
    bar = shapes.Bar(0.333, 0.777, "at_risk")
    with translation.override("de"):
        html = engines["django"].from_string("{% progress_bar bar %}").render({"bar": bar})
    assert not re.search(r'(?:d|x|width)="[^"]*\d,\d', html)


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_the_pages_for_errors_need_nothing_but_the_request_number(name):
    html = engines["django"].get_template(name).render({"request_id": "3f2a9c"})
    assert "3f2a9c" in html
    assert html.count("<h1>") == 1


def test_a_refusal_names_the_rule_who_can_lift_it_and_until_when():
    refusal = {
        "message": "You may not change this target",
        "rule": "rule 4.2",
        "lifted_by": "the lead agency",
        "until": datetime(2025, 12, 31, 10, tzinfo=UTC),
        "remedy": "Open an amendment case",
        "problems": [Fault("Not this one", place="Target")],
    }
    html = render("{% include 'ui/error.html' %}", error=refusal)
    for word in ("You may not change", "rule 4.2", "the lead agency", "10:00:00", "amendment"):
        assert word in html
    assert "Target: Not this one" in html


def test_the_page_for_a_defect_stands_when_the_frame_and_the_static_files_are_broken(settings):
    source = (settings.PACKAGE / "ui/templates/500.html").read_text()
    assert "{% extends" not in source
    assert "{% static " not in source
    assert "{% include" not in source


def test_a_form_keeps_drafts_only_of_somebody_signed_in():
    form = "<form{% draft_attributes 'observation:12' title %}>{% draft_status %}</form>"
    attributes = dict(Inspector(render(form, actor=Somebody("p-7"), title=EVIL)).elements)["form"]
    assert attributes["data-draft-form"] == "observation:12"
    assert attributes["data-draft-person"] == "p-7"
    assert attributes["data-draft-title"] == EVIL
    assert "data-draft-url" not in render(form, actor=Somebody(""), title="t")
    assert "data-draft-url" not in render(form, title="t")
