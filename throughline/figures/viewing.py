"""Figures as the components of pages take them: plain values and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from throughline.figures import rules
from throughline.figures.answering import target_text
from throughline.figures.queries import Answer
from throughline.figures.rollup import Figure
from throughline.kernel.period import Period, Span
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Indicator, Target
from throughline.ui import shapes
from throughline.ui.writing import number, with_unit

STATUS_SENTENCES = {
    rules.Status.ACHIEVED: gettext_lazy("Achieved."),
    rules.Status.AHEAD: gettext_lazy("Ahead."),
    rules.Status.ON_TRACK: gettext_lazy("On track."),
    rules.Status.AT_RISK: gettext_lazy("At risk."),
    rules.Status.OFF_TRACK: gettext_lazy("Off track."),
    rules.Status.NOT_STARTED: gettext_lazy("Not started."),
    rules.Status.NO_DATA: "",
}


def language() -> str:
    """The reader's language."""
    return get_language() or "en"


def written(value: float | None, indicator: Indicator, *, unit: bool = True) -> str:
    """A figure with its unit, or the word for its absence."""
    if value is None:
        return _("no data")
    text = number(rules.shown(value, indicator.decimals) or 0.0, indicator.decimals)
    return with_unit(text, indicator.symbol or indicator.unit, language()) if unit else text


def figure_url(indicator: Indicator, place: Place, period: Period, known: Known) -> str:
    """The page behind a number."""
    url = reverse("figure", args=[indicator.scheme.key, indicator.key, place.code, period.code])
    return url if known.is_now else f"{url}?{urlencode({'position': known.position})}"


def indicator_url(indicator: Indicator, **query: object) -> str:
    """An indicator's page."""
    url = reverse("indicator", args=[indicator.scheme.key, indicator.key])
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{url}?{urlencode(given)}" if given else url


def place_url(place: Place) -> str:
    """A place's page."""
    return reverse("place", args=[place.scheme.key, place.code])


def bar_of(found: Answer) -> shapes.Bar:
    """How far a figure is on its way from baseline to target."""
    target = found.target
    if target is None or target.baseline_value is None or target.value is None:
        return shapes.Bar(None, None, str(found.status))
    if target.edition_id != found.edition.pk:
        return shapes.Bar(None, None, str(found.status))
    return shapes.Bar.between(
        baseline=target.baseline_value,
        target=target.value,
        value=found.figure.value,
        expected=found.expected,
        status=str(found.status),
    )


def completeness_of(figure: Figure, weight_of: str = "") -> shapes.Completeness:
    """How many units stand behind a figure, and what they hold."""
    return shapes.Completeness(figure.reported, figure.expected, figure.weight, weight_of)


def sentence(found: Answer) -> str:
    """What the figures say, computed: the status, the figure, and its distance to the target."""
    indicator, figure = found.indicator, found.figure
    if figure.value is None:
        return _("Nothing is known of this indicator for %(place)s in %(period)s.") % {
            "place": found.place.name, "period": found.period,
        }  # fmt: skip
    said = [str(STATUS_SENTENCES[found.status])] if found.status != "no_data" else []
    said.append(
        _("%(title)s of %(place)s was %(value)s in %(period)s.")
        % {
            "title": indicator.title,
            "place": found.place.name,
            "value": written(figure.value, indicator),
            "period": found.period,
        }
    )
    said += _distance(found)
    return " ".join(part for part in said if part)


def _distance(found: Answer) -> list[str]:
    target, value = found.target, found.figure.value
    if target is None or value is None or target.value is None:
        return []
    if target.edition_id != found.edition.pk:
        return [_("Its target is of another edition, so no progress is computed.")]
    said = []
    if found.expected is not None:
        off = value - found.expected
        where = _("above") if off >= 0 else _("below")
        said.append(
            _("That is %(off)s %(where)s the trajectory to the target of %(target)s.")
            % {
                "off": written(abs(off), found.indicator),
                "where": where,
                "target": target_text(target, found.indicator),
            }
        )
    return said


def official_note(found: Answer) -> str:
    """Why the published figure and the sum of the tables differ, as far as it is known."""
    figure, indicator = found.figure, found.indicator
    if figure.official is None or figure.rollup is None:
        return ""
    gap = figure.official.value - figure.rollup
    return _(
        "The published figure stands. The check from the units below gives %(check)s,"
        " %(gap)s apart; it is shown beside it and never in its place."
    ) % {
        "check": written(figure.rollup, indicator),
        "gap": written(abs(gap), indicator),
    }


def chart_of(
    indicator: Indicator, answers: Sequence[Answer], target: Target | None, known: Known
) -> shapes.Chart:
    """The trajectory chart of one edition: figures, the way to the target, the target."""
    points = [_point(each, known) for each in answers]
    goal = target if target and answers and target.edition_id == answers[0].edition.pk else None
    last = next((each for each in reversed(answers) if each.figure.value is not None), None)
    better = {
        "up": _("higher is better"), "down": _("lower is better"), "band": _("within a band"),
    }[indicator.direction]  # fmt: skip
    return shapes.Chart(
        title=indicator.title,
        unit=f"{indicator.unit}; {better}",
        points=points,
        trajectory=_trajectory(goal),
        target=_chart_target(goal, indicator),
        gap=_gap(last) if last else None,
        reported_by=_("units that reported"),
    )


def _point(found: Answer, known: Known) -> shapes.ChartPoint:
    figure = found.figure
    return shapes.ChartPoint(
        period=found.period.code,
        at=found.period.end,
        value=figure.value,
        text="" if figure.value is None else written(figure.value, found.indicator, unit=False),
        provisional=figure.provisional,
        note=_("provisional") if figure.provisional else "",
        url=figure_url(found.indicator, found.place, found.period, known),
        check=written(figure.check, found.indicator) if figure.check is not None else "",
        completeness=completeness_of(figure) if figure.expected else None,
    )


def _trajectory(target: Target | None) -> list[tuple[date, float]]:
    if target is None or target.value is None or target.baseline_value is None:
        return []
    start = Period.parse(target.baseline_period)
    return [
        (start.end, target.baseline_value),
        (Period.parse(target.by).end, target.value),
    ]


def _chart_target(target: Target | None, indicator: Indicator) -> shapes.ChartTarget | None:
    if target is None or target.value is None:
        return None
    return shapes.ChartTarget(
        period=target.by,
        at=Period.parse(target.by).end,
        value=target.value,
        text=_("target %(target)s") % {"target": target_text(target, indicator)},
    )


def _gap(found: Answer) -> shapes.Gap | None:
    if found.expected is None or found.figure.value is None:
        return None
    off = found.figure.value - found.expected
    if rules.shown(off, found.indicator.decimals) == 0:
        return None
    rising = found.indicator.direction != "down"
    where = _("%(off)s above") if off > 0 else _("%(off)s below")
    return shapes.Gap(
        expected=found.expected,
        text=where % {"off": written(abs(off), found.indicator, unit=False)},
        detail=_("where it should be"),
        good=(off > 0) == rising,
    )


@dataclass(frozen=True)
class Row:
    """One place of a table of an indicator."""

    name: str
    url: str
    figure_url: str
    found: Answer
    before: float | None
    line: shapes.Sparkline
    bar: shapes.Bar
    completeness: shapes.Completeness

    @property
    def value(self) -> float | None:
        return self.found.figure.value

    @property
    def change(self) -> float | None:
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


def sort_rows(rows: Iterable[Row], key: str) -> list[Row]:
    """Sort by name, value, change or status; a missing value stands last either way."""
    wanted, descending = key.removeprefix("-"), key.startswith("-")
    order = list(rules.Status)
    if wanted == "status":
        return sorted(rows, key=lambda row: order.index(row.found.status), reverse=descending)
    if wanted in {"value", "change"}:
        found = list(rows)
        given = [row for row in found if getattr(row, wanted) is not None]
        missing = [row for row in found if getattr(row, wanted) is None]
        given.sort(key=lambda row: float(getattr(row, wanted)), reverse=descending)
        return given + missing
    found = list(rows)
    return found[::-1] if descending else found


def quantile_shades(values: Mapping[int, float]) -> dict[int, str]:
    """Four shades by quarters of the places that have a value: 0 the lowest, 3 the highest."""
    ordered = sorted(values, key=lambda place: values[place])
    return {place: str(rank * 4 // len(ordered)) for rank, place in enumerate(ordered)}


def period_words(span: str) -> str:
    """The word for a period's length."""
    return {
        Span.YEAR: _("Year"), Span.HALF: _("Half-year"), Span.QUARTER: _("Quarter"),
        Span.MONTH: _("Month"),
    }[Span(span)]  # fmt: skip
