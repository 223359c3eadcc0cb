"""The components as template tags; `docs/guide/interface.md` shows each with its parameters.

Every tag takes the shapes of `throughline.ui.shapes` or plain values, and prints one small
template of `ui/components/`, where all text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django import template
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.ui import charts, drawing, shapes, writing
from throughline.ui.links import query_with
from throughline.ui.words import LATE, MARK_WORDS, STATUS_WORDS

register = template.Library()

Values = dict[str, object]


def language() -> str:
    """The reader's language; English where translation is switched off."""
    return get_language() or "en"


# Numbers and times ---------------------------------------------------------------------------


def written_figure(
    value: writing.Number | None,
    decimals: int | None = None,
    unit: str = "",
    *,
    signed: bool = False,
    missing: str = "",
) -> str | SafeString:
    """A value with its unit, or the word for what is not there."""
    if value is None:
        # Translators: no value was given for this unit and period; 未报
        return format_html('<span class="missing">{}</span>', missing or _("not reported"))
    if not writing.is_number(value):
        # Translators: a ratio over zero; 无数值
        return format_html('<span class="missing">{}</span>', _("no value"))
    text = writing.number(value, decimals, signed=signed)
    return writing.with_unit(text, str(unit), language())


@register.filter("figure")
def figure_filter(value: writing.Number | None, decimals: int | None = None) -> str | SafeString:
    """`{{ value|figure:2 }}`."""
    return written_figure(value, decimals)


@register.simple_tag
def figure(
    value: writing.Number | None,
    decimals: int | None = None,
    unit: str = "",
    signed: bool = False,
    missing: str = "",
) -> str | SafeString:
    """`{% figure value 2 "%" signed=True %}`."""
    return written_figure(value, decimals, unit, signed=signed, missing=missing)


@register.filter
def share(fraction: float | None) -> str | SafeString:
    """`{{ 0.93|share }}`: a fraction 0..1 as whole per cent."""
    return written_figure(None) if fraction is None else writing.share(fraction, language())


@register.filter
def day(value: date | None) -> str | SafeString:
    """`{{ issued_on|day }}`: a calendar day, without a zone."""
    if value is None:
        return ""
    text = writing.day(value, language())
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@register.filter("period")
def period_filter(value: object) -> str:
    """`{{ asked.period|period }}`: a reporting period, from its code, as people write it."""
    return writing.period(str(value), language())


@register.filter("periods")
def periods_filter(first: str, last: str) -> str:
    """`{{ plan.period_from|periods:plan.period_to }}`: from one period to another."""
    return writing.periods(first, last, language())


@register.filter
def listed(names: Iterable[object]) -> str:
    """`{{ leads|listed }}`: names of equal standing."""
    return writing.listed((str(name) for name in names), language())


@register.filter
def then(first: object, second: object) -> str:
    """`{{ place.name|then:title }}`: two parts of one statement, as a place and what of it."""
    return writing.in_a_row([str(first), str(second)], language())


@register.filter
def noted(first: object, second: object) -> str:
    """`{{ value|noted:year }}`: a text and a note on it in brackets."""
    return writing.noted(str(first), str(second), language())


@register.filter
def weekday(value: date) -> str:
    """`{{ due_on|weekday }}`: the short name of the day of the week."""
    return writing.weekday(value, language())


@register.filter
def point_in_time(value: datetime | None, zone: str = "") -> str | SafeString:
    """`{{ due|point_in_time:plan.zone }}`: to the second, in the given zone (else in that of
    the page), naming its offset."""
    if value is None:
        return ""
    there = ZoneInfo(zone) if zone else timezone.get_current_timezone()
    text = writing.instant(value, there, language())
    return format_html('<time datetime="{}" class="nw">{}</time>', value.isoformat(), text)


# Status and progress -------------------------------------------------------------------------


@register.inclusion_tag("ui/components/status.html")
def status(key: str, count: int | None = None) -> Values:
    """`{% status "off_track" %}`: shape, word, colour; with a count in legends."""
    return {"key": key, "word": STATUS_WORDS[key], "count": count}


@register.inclusion_tag("ui/components/shape.html")
def status_shape(key: str) -> Values:
    """`{% status_shape "off_track" %}`: the shape alone, where the word stands nearby."""
    return {"key": key}


@register.filter
def status_word(key: str) -> str:
    """`{{ "off_track"|status_word }}`."""
    return str(STATUS_WORDS[key])


@register.inclusion_tag("ui/components/status_bar.html")
def status_bar(counts: Mapping[str, int], width: int = drawing.STATUS_BAR_WIDTH) -> Values:
    """`{% status_bar counts %}`: how many have each status, as one bar."""
    parts = drawing.draw_status_bar(counts, list(STATUS_WORDS), width)
    words = [f"{STATUS_WORDS[part.status]} {part.count}" for part in parts]
    return {"parts": parts, "width": width, "label": ", ".join(words)}


@register.inclusion_tag("ui/components/status_counts.html")
def status_counts(counts: Mapping[str, int]) -> Values:
    """`{% status_counts counts %}`: the legend of a bar of statuses, with the numbers."""
    return {"counts": [(key, counts[key]) for key in STATUS_WORDS if counts.get(key)]}


@register.inclusion_tag("ui/components/progress_bar.html")
def progress_bar(bar: shapes.Bar) -> Values:
    """`{% progress_bar bar %}`: the way from baseline to target."""
    return {"bar": bar, "drawing": drawing.draw_bar(bar), "label": bar_label(bar)}


def bar_label(bar: shapes.Bar) -> str:
    """A progress bar in words."""
    if bar.done is None:
        return _("no value")

    def percent(fraction: float) -> str:
        return writing.with_unit(writing.number(fraction * 100, 0), "%", language())

    parts = {"done": percent(bar.done)}
    if bar.expected is None:
        return _("%(done)s of the way") % parts
    parts["expected"] = percent(bar.expected)
    return _("%(done)s of the way; trajectory %(expected)s") % parts


@register.inclusion_tag("ui/components/completeness.html")
def completeness(given: shapes.Completeness, width: int = 72, words: bool = True) -> Values:
    """`{% completeness given %}`: upper bar units, lower bar the weight they hold. The short
    form `words=False` prints figures alone beside the bars, for tables."""
    return {
        "given": given,
        "width": width,
        "units": drawing.rounded(given.units * width),
        "weight": None if given.weight is None else drawing.rounded(given.weight * width),
        "words": words,
        "text": completeness_words(given),
        "short": f"{writing.number(given.reported)}/{writing.number(given.expected)}",
    }


def completeness_words(given: shapes.Completeness) -> str:
    """Completeness in a sentence."""
    parts = {
        "reported": writing.number(given.reported),
        "expected": writing.number(given.expected),
        "weight": writing.share(given.weight or 0.0, language()),
        "weight_of": given.weight_of,
    }
    if given.weight is None:
        return _("%(reported)s of %(expected)s units") % parts
    if given.weight_of:
        return _("%(reported)s of %(expected)s units, %(weight)s of %(weight_of)s") % parts
    return _("%(reported)s of %(expected)s units, %(weight)s of the weight") % parts


# Drawings ------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/sparkline.html")
def sparkline(line: shapes.Sparkline) -> Values:
    """`{% sparkline line %}`: a small line for a table cell; the cells beside it say it all."""
    return {"line": line, "drawing": drawing.draw_sparkline(line)}


@register.inclusion_tag("ui/components/trajectory_chart.html")
def trajectory_chart(chart: shapes.Chart) -> Values:
    """`{% trajectory_chart chart %}`: the series against its way to the target, in a wide and a
    narrow drawing of which one shows, and as a table."""
    return {
        "chart": chart,
        "drawings": [
            ("for-wide", charts.draw_chart(chart, charts.WIDE, language())),
            ("for-narrow", charts.draw_chart(chart, charts.NARROW, language())),
        ],
        "provisional": any(point.provisional for point in chart.points),
        "missing": any(point.value is None and point.so_far is None for point in chart.points),
        "bridged": any(point.bridged is not None for point in chart.points),
        "so_far": any(point.so_far is not None for point in chart.points),
        "revised": any(point.revised_from is not None for point in chart.points),
        "checked": any(point.check for point in chart.points),
        "reported": any(point.completeness for point in chart.points),
    }


TILE, TILE_STEP = 60, 62


@dataclass(frozen=True)
class PlacedTile:
    """A tile and where its corner lies."""

    tile: shapes.Tile
    x: int
    y: int
    squeeze: int | None


@register.inclusion_tag("ui/components/tile_map.html")
def tile_map(given: shapes.TileMap) -> Values:
    """`{% tile_map map %}`: one tile a unit, placed by neighbourhood."""
    columns = max((tile.column for tile in given.tiles), default=0) + 1
    rows = max((tile.row for tile in given.tiles), default=0) + 1
    room = TILE - 7
    placed = [
        PlacedTile(
            tile,
            tile.column * TILE_STEP,
            tile.row * TILE_STEP,
            room if charts.text_width(tile.label, 10.5) > room else None,
        )
        for tile in given.tiles
    ]
    return {
        "map": given,
        "tiles": placed,
        "width": columns * TILE_STEP - 2,
        "height": rows * TILE_STEP - 2,
        "statuses": list(STATUS_WORDS),
    }


# Throughline ---------------------------------------------------------------------------------


@register.simple_tag
def mark(key: str, late: bool = False) -> SafeString:
    """`{% mark "taken_on" late=True %}`: how a unit stands on a line, by shape and word."""
    return _mark(str(key), late, language())


@register.simple_tag
def mark_shape(key: str) -> SafeString:
    """`{% mark_shape "silent" %}`: the shape alone, where the word stands nearby."""
    return _mark_shape(str(key))


@cache
def _mark(key: str, late: bool, _language: str) -> SafeString:
    """There are a score of marks, and a page shows hundreds: each is made once a language."""
    given = {"key": key, "word": MARK_WORDS[key], "late": LATE if late else ""}
    return render_to_string("ui/components/mark.html", given)


@cache
def _mark_shape(key: str) -> SafeString:
    height = drawing.rounded(drawing.HEIGHTS.get(key, 0) * 11 / 13.6)
    given = {"key": key, "height": height, "y": drawing.rounded(11 - height)}
    return render_to_string("ui/components/mark_shape.html", given)


@register.filter
def mark_word(key: str) -> str:
    """`{{ "silent"|mark_word }}`."""
    return str(MARK_WORDS[key])


@register.inclusion_tag("ui/components/line.html")
def line(groups: Sequence[shapes.LineGroup], label: str, scale: float = 1.0) -> Values:
    """`{% line groups label scale=… %}`: a row of a throughline as one drawing; `label` says
    it in words. All rows of a page share one scale, so that they compare."""
    drawn = drawing.draw_line(groups)
    return {
        "drawing": drawn,
        "label": label,
        "width": drawing.rounded(drawn.width * scale),
        "height": drawing.rounded(drawing.LINE_HEIGHT * max(scale, 0.8)),
        "full": drawing.LINE_HEIGHT,
    }


@register.inclusion_tag("ui/components/named_line.html")
def named_line(group: shapes.LineGroup, label: str) -> Values:
    """`{% named_line group label %}`: a few units on their line, each to be pointed at."""
    return {"group": group, "drawing": drawing.draw_named_line(group), "label": label}


@register.inclusion_tag("ui/components/tier_bar.html")
def tier_bar(counts: Mapping[str, int]) -> Values:
    """`{% tier_bar counts %}`: how the units of a tier stand, as one bar; the cells beside it
    say it in numbers."""
    parts = drawing.draw_tier(counts, list(MARK_WORDS))
    return {"parts": parts, "width": drawing.TIER_WIDTH}


# Words around figures ------------------------------------------------------------------------


@register.inclusion_tag("ui/components/simulated.html")
def simulated() -> Values:
    """`{% simulated %}`: beside every invented figure."""
    return {}


@register.inclusion_tag("ui/components/illustrative.html")
def illustrative() -> Values:
    """`{% illustrative %}`: beside what the plan's own text does not name and we filled in."""
    return {}


@register.inclusion_tag("ui/components/lock.html")
def lock(title: str, reason: str, until: str = "", url: str = "", link: str = "") -> Values:
    """`{% lock title reason until url link %}`: what may not be changed, why, by whom and until
    when it can be lifted."""
    return {"title": title, "reason": reason, "until": until, "url": url, "link": link}


@register.inclusion_tag("ui/components/empty_state.html")
def empty_state(title: str, text: str = "", url: str = "", link: str = "") -> Values:
    """`{% empty_state title text url link %}`: nothing here, and where to look instead."""
    return {"title": title, "text": text, "url": url, "link": link}


@register.inclusion_tag("ui/components/timeline.html")
def timeline(events: Sequence[shapes.Event]) -> Values:
    """`{% timeline events %}`: filled when a person acted, hollow when the clock did."""
    return {"events": events}


@register.inclusion_tag("ui/components/facts.html")
def facts(given: Sequence[shapes.Fact]) -> Values:
    """`{% facts facts %}`: terms and what holds."""
    return {"facts": given}


@register.inclusion_tag("ui/components/work_item.html", takes_context=True)
def work_item(context: Context, item: shapes.WorkItem) -> Values:
    """`{% work_item item %}`: a line of My work with its acts; inside a `<ul>`."""
    return {"item": item, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/components/chooser.html")
def chooser(name: str) -> Values:
    """`{% chooser "bodies" %}`: sets all boxes of a name at once, and says how many are chosen;
    of those in the nearest element marked `data-choosing`."""
    return {"name": name}


# Beside a subject ----------------------------------------------------------------------------


@register.inclusion_tag("ui/components/remarks.html", takes_context=True)
def remarks(context: Context, said: Sequence[shapes.Said]) -> Values:
    """`{% remarks panel.remarks %}`: what was said, the last first."""
    return {"remarks": said, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/components/attachments.html", takes_context=True)
def attachments(context: Context, attached: Sequence[shapes.Attached]) -> Values:
    """`{% attachments panel.attachments %}`: the files set beside it."""
    return {"attachments": attached, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/components/follow.html", takes_context=True)
def follow(context: Context, panel: shapes.BesidePanel) -> Values:
    """`{% follow panel %}`: the button that begins or ends following."""
    return {"panel": panel, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/components/breadcrumb.html")
def breadcrumb(trail: Sequence[shapes.Crumb]) -> Values:
    """`{% breadcrumb trail %}`: the way down to here."""
    return {"trail": trail}


# Finding one's way in a list -----------------------------------------------------------------


@register.inclusion_tag("ui/components/tabs.html")
def tabs(choices: Sequence[shapes.Choice], label: str = "") -> Values:
    """`{% tabs choices %}`: parts of one page, each at its own address."""
    return {"choices": choices, "label": label or _("Parts of this page")}


@register.inclusion_tag("ui/components/segments.html")
def segments(choices: Sequence[shapes.Choice], label: str) -> Values:
    """`{% segments choices label %}`: few choices side by side, in a filter bar."""
    return {"choices": choices, "label": label}


@register.inclusion_tag("ui/components/filter_menu.html")
def filter_menu(given: shapes.Filter) -> Values:
    """`{% filter_menu filter %}`: many choices that open, in a filter bar."""
    return {"filter": given}


def query_of(context: Context) -> QueryDict:
    """The query parameters of the page being rendered."""
    request = context.get("request")
    return request.GET if isinstance(request, HttpRequest) else QueryDict()


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: str | int | None) -> str:
    """`{% query page=None status="off_track" %}`: a link here with other parameters."""
    return query_with(query_of(context), **changes)


@register.inclusion_tag("ui/components/filter_bar.html", takes_context=True)
def filter_bar(
    context: Context,
    label: str,
    filters: Sequence[shapes.Filter] = (),
    export: str = "",
    title: str = "",
) -> Values:
    """`{% filter_bar _("Place") filters export="alerts-export" %}`: how a list is narrowed: by
    words (`?words=`; `label` says of what), by the filters, and, where `export` names an address,
    how it is taken away. What else stands in the page's address is kept, but for its page."""
    here = query_of(context)
    return {
        "request": context.get("request"),
        "label": label,
        "title": title,
        "filters": filters,
        "export": export,
        "words": here.get("words", "").strip(),
        "without": query_with(here, words=None, page=None),
        "kept": [
            (name, value)
            for name, values in here.lists()
            if name not in {"words", "page"}
            for value in values
        ],
    }


@register.inclusion_tag("ui/components/exports.html", takes_context=True)
def exports(context: Context, address: str, *arguments: str) -> Values:
    """`{% exports "place-export" place.scheme.key place.code %}`: the list of this page as CSV and
    as a workbook, by the address of that name, whose last argument is the form."""
    narrowed = query_with(query_of(context), page=None)
    return {form: reverse(address, args=[*arguments, form]) + narrowed for form in ("csv", "xlsx")}


@register.inclusion_tag("ui/components/paging.html", takes_context=True)
def paging(context: Context, given: shapes.Paging) -> Values:
    """`{% paging paging %}`: which rows these are, and the way to the others."""
    here = query_of(context)

    def to(number: int) -> str:
        return query_with(here, page=number) if 1 <= number <= given.pages else ""

    return {"paging": given, "before": to(given.number - 1), "after": to(given.number + 1)}


@register.inclusion_tag("ui/components/sort_header.html", takes_context=True)
def sort_header(
    context: Context,
    key: str,
    label: str,
    num: bool = False,
    default: bool = False,
    by: str = "sort",
    sorts: bool = True,
) -> Values:
    """`{% sort_header "name" label num=True default=True %}`: a column head that sorts by
    `?sort=key`, or `?sort=-key` downwards; `default` marks the column that sorts unasked. A
    second table of a page sorts `by` another parameter. Where it does not (`sorts`) for this
    reader, it is a plain head."""
    if not sorts:
        return {"label": label, "num": num, "order": "", "url": ""}
    here = query_of(context)
    sort = here.get(by) or (key if default else "")
    upwards, downwards = sort == key, sort == f"-{key}"
    return {
        "label": label,
        "num": num,
        "order": "ascending" if upwards else "descending" if downwards else "",
        "url": query_with(here, **{by: f"-{key}" if upwards else key}, page=None),
    }


# Forms ---------------------------------------------------------------------------------------


def error_of(name: str, problems: Sequence[shapes.ProblemLike]) -> str:
    """What is wrong with a field, or nothing."""
    return " ".join(problem.message for problem in problems if problem.field == name)


@register.inclusion_tag("ui/components/form_field.html")
def form_field(
    name: str,
    label: str,
    value: object = "",
    kind: str = "text",
    unit: str = "",
    hint: str = "",
    problems: Sequence[shapes.ProblemLike] = (),
    required: bool = True,
    choices: Sequence[tuple[str, str]] = (),
    autocomplete: str = "",
) -> Values:
    """`{% form_field "value" label value=… kind="figure" unit="km" problems=problems %}`:
    label, hint, what is wrong, input, unit. `kind` is text, figure, password, date, email,
    file, area, choice or check; choices are pairs of value and label."""
    text = "" if value is None else str(value)
    return {
        "field": shapes.Field(
            name, label, text, kind, unit, hint, error_of(name, problems), required, choices
        ),
        "checked": kind == "check" and bool(value),
        "autocomplete": autocomplete,
    }


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(problems: Sequence[shapes.ProblemLike], title: str = "") -> Values:
    """`{% error_summary problems %}`: on top of a form that was refused; takes the focus and
    leads to each field."""
    listed = [
        (problem, shapes.anchor(problem.field) if problem.field else "") for problem in problems
    ]
    return {"listed": listed, "title": title or _("This cannot be taken as it is")}


@register.inclusion_tag("ui/components/draft_attributes.html", takes_context=True)
def draft_attributes(context: Context, form: str, title: str) -> Values:
    """`<form … {% draft_attributes "observation:12" title %}>`: keeps what is typed as a draft
    of the signed-in `actor`, under this name of the form and this title in My work."""
    return {"form": form, "title": title, "person": getattr(context.get("actor"), "person", "")}


@register.inclusion_tag("ui/components/draft_status.html")
def draft_status() -> Values:
    """`{% draft_status %}`: inside such a form, where it says when the draft was saved."""
    return {"zone": timezone.get_current_timezone_name()}
