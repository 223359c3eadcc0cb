"""Figures as the components of pages take them: plain values and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from throughline.figures import rules, telling
from throughline.figures.judging import Answer, compares, goal_of
from throughline.figures.marking import Mark
from throughline.figures.models import Confidence
from throughline.figures.queries import Revision
from throughline.figures.rollup import Figure
from throughline.figures.rules.confidence import Apart, ConfidenceLevel, newer_than
from throughline.figures.rules.confidence import apart as far_apart
from throughline.figures.surveying import Stand
from throughline.figures.telling import apart as apart
from throughline.figures.telling import joined as told
from throughline.figures.telling import move_text, not_judged, target_text
from throughline.figures.telling import written as written
from throughline.kernel.period import Period, Span
from throughline.kernel.queries import Known
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Target
from throughline.ui import shapes
from throughline.ui.words import STATUS_WORDS
from throughline.ui.writing import day, in_a_row, is_chinese, number, with_unit
from throughline.ui.writing import period as written_period

APART = {
    Apart.HOPEFUL: gettext_lazy("judged likely to be reached, while the figures are off track"),
    Apart.DOUBTFUL: gettext_lazy("judged unlikely to be reached, while the figures are ahead"),
}

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


def when(period: Period | str) -> str:
    """A period as people write it."""
    return written_period(str(period), language())


def together(*parts: object) -> str:
    """Parts of one statement behind one another; a period as people write it."""
    said = (when(part) if isinstance(part, Period) else str(part) for part in parts)
    return in_a_row(said, language())


def figure_url(
    indicator: Indicator,
    place: Place,
    period: Period,
    known: Known,
    edition: Edition | None = None,
) -> str:
    """The page behind a number; without an edition, the one that is meant there."""
    url = reverse("figure", args=[indicator.scheme.key, indicator.key, place.code, period.code])
    asked = {} if edition is None else {"edition": edition.key}
    if not known.is_now:
        asked["position"] = str(known.position)
    return f"{url}?{urlencode(asked)}" if asked else url


def indicator_url(indicator: Indicator, **query: object) -> str:
    """An indicator's page."""
    url = reverse("indicator", args=[indicator.scheme.key, indicator.key])
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{url}?{urlencode(given)}" if given else url


def place_url(place: Place, known: Known | None = None) -> str:
    """A place's page, as known at the same position."""
    url = reverse("place", args=[place.scheme.key, place.code])
    if known is None or known.is_now:
        return url
    return f"{url}?{urlencode({'position': known.position})}"


def bar_of(found: Answer) -> shapes.Bar:
    """How far a figure is on its way from baseline to target; no bar where there is no way."""
    goal = found.goal
    if goal is None or goal.baseline is None or goal.aim is None or rules.holds(goal):
        return shapes.Bar(None, None, str(found.status))
    return shapes.Bar.between(
        baseline=goal.baseline,
        target=goal.aim,
        value=found.judged_value,
        expected=found.expected,
        status=str(found.status),
    )


def way_gone(found: Answer) -> str:
    """The share of the way from baseline to target, below 0 and beyond 100 too."""
    if found.progress is None:
        return ""
    return with_unit(number(found.progress * 100, 0), "%", language())


def completeness_of(figure: Figure, weight_of: str = "") -> shapes.Completeness:
    """How many units stand behind a figure, and what they hold."""
    return shapes.Completeness(figure.reported, figure.expected, figure.weight, weight_of)


def sentence(found: Answer) -> str:
    """What the figures say, computed: the status, the figure, how far it is from where it
    should be, and what would be needed."""
    indicator, figure = found.indicator, found.figure
    about = {"place": found.place.name, "period": when(found.period)}
    if figure.value is None and figure.whole is not None and figure.whole.so_far is not None:
        about["so_far"] = telling.so_far_text(figure, indicator)
        return _("For %(period)s %(place)s has %(so_far)s: no figure of the whole period.") % about
    if figure.value is None:
        return _("Nothing is known of this indicator for %(place)s in %(period)s.") % about
    said = [str(STATUS_SENTENCES[found.status])]
    about["value"] = written(figure.value, indicator)
    about["made"] = telling.whole_text(figure, indicator)
    if about["made"]:
        # Translators: how it came about: "from 4 quarters"
        said.append(_("The figure of %(place)s for %(period)s is %(value)s, %(made)s.") % about)
    else:
        said.append(_("The figure of %(place)s for %(period)s is %(value)s.") % about)
    if found.crossing is not None:
        about["bridged"] = written(found.crossing.value, indicator)
        said.append(_("Over a stated bridge it reads %(bridged)s in its target's edition.") % about)
    said += _distance(found)
    said += _needed(found)
    if found.target is not None:
        said.append(not_judged(found))
    return joined(said)


def joined(sentences: Iterable[str]) -> str:
    """Sentences after one another; Chinese sets no space between them."""
    return told(*sentences)


def _distance(found: Answer) -> list[str]:
    """How far a figure is from its trajectory, or what it did without one."""
    target, goal = found.target, found.goal
    if target is None or goal is None or found.judgement.why is not None:
        return []
    about = {"target": target_text(target, found.indicator)}
    if target.value is None:
        named = _("The plan names a direction and no number.")
        return [move_text(found), named]
    if found.gap is None:
        return [_("The target is %(target)s.") % about, _kept(found)]
    about["off"] = apart(found.gap, found.indicator)
    if rules.shown(found.gap, found.indicator.decimals) == 0:
        return [_("That is where the trajectory to the target of %(target)s stands.") % about]
    if found.gap > 0:
        return [_("That is %(off)s above the trajectory to the target of %(target)s.") % about]
    return [_("That is %(off)s below the trajectory to the target of %(target)s.") % about]


def _kept(found: Answer) -> str:
    """Of a target that the baseline met already, whether it is kept."""
    if found.goal is None or not rules.holds(found.goal):
        return ""
    if found.judgement.met:
        return _("It was met from the beginning, and is kept.")
    return _("It was met at the beginning, and is kept no longer.")


def _needed(found: Answer) -> list[str]:
    """What each period until the deadline would have to bring, where it falls short."""
    goal, value = found.goal, found.judged_value
    behind = found.status in (rules.Status.AT_RISK, rules.Status.OFF_TRACK)
    if not behind or goal is None or goal.aim is None or value is None or goal.met_by(value):
        return []
    left = goal.by.ordinal - found.period.ordinal
    missing = rules.missing_to(goal, value)
    about = {"by": when(goal.by), "missing": apart(missing, found.indicator)}
    if goal.by.span is not found.period.span or left <= 0:
        return [_("It misses the target by %(missing)s.") % about]
    about["step"] = apart(missing / left, found.indicator)
    if missing > 0:
        return [
            _("To meet it, it would have to rise by %(step)s each period until %(by)s.") % about
        ]
    return [_("To meet it, it would have to fall by %(step)s each period until %(by)s.") % about]


def official_note(found: Answer, reason: str) -> str:
    """Why the published figure and the sum of the tables differ; `reason` is the note that
    its producer gave."""
    figure, indicator = found.figure, found.indicator
    if figure.official is None or figure.rollup is None:
        return ""
    about = {
        "published": written(figure.official.value, indicator),
        "check": written(figure.rollup, indicator),
        "gap": apart(figure.official.value - figure.rollup, indicator),
    }
    if not rules.differs(figure.official.value, figure.rollup, indicator.decimals):
        return _("The sum of the units below gives %(check)s too.") % about
    return joined(
        [
            _("%(published)s is published and stands; the units below give %(check)s as a check.")
            % about,
            _("The two are %(gap)s apart.") % about,
            reason,
        ]
    )


def with_value(answers: Sequence[Answer]) -> list[Answer]:
    """Answers from the first with a figure to the last, be it one so far: gaps between stay."""
    there = [here for here, each in enumerate(answers) if _is_there(each.figure)]
    return list(answers[there[0] : there[-1] + 1]) if there else []


def _is_there(figure: Figure) -> bool:
    return figure.value is not None or (figure.whole is not None and figure.whole.given > 0)


def chart_of(
    indicator: Indicator,
    answers: Sequence[Answer],
    target: Target | None,
    known: Known,
    revisions: Mapping[tuple[int, str], Revision] | None = None,
) -> shapes.Chart:
    """The trajectory chart of one edition: figures, the way to the target, the target, and what
    was known before revisions. A figure of another edition never stands on the same line; what
    it reads over a bridge, and so is judged by, stands beside it."""
    bridged = any(each.crossing is not None for each in answers)
    led = bridged or (target and answers and leads_to(target, answers[0]))
    goal = target if target and led else None
    drawn = with_value(answers)
    better = {
        "up": _("higher is better"), "down": _("lower is better"), "band": _("within a band"),
    }[indicator.direction]  # fmt: skip
    return shapes.Chart(
        title=indicator.title,
        # Translators: unit of the axis; which way is better
        unit=_("%(unit)s; %(better)s") % {"unit": indicator.unit, "better": better},
        points=[_point(each, known, revisions or {}) for each in drawn],
        trajectory=rules.corners(goal_of(goal, indicator)) if goal else [],
        target=_chart_target(goal, indicator),
        gap=_gap(drawn) if goal else None,
        reported_by=_reported_by(indicator, drawn),
    )


def leads_to(target: Target, found: Answer) -> bool:
    """Whether a target belongs on the chart of a figure."""
    same = target.edition_id == found.edition.pk
    return same and compares(found.indicator, target, found.period)


def _reported_by(indicator: Indicator, drawn: Sequence[Answer]) -> str:
    if indicator.weight is None or all(each.figure.weight is None for each in drawn):
        return _("units that reported")
    return _("units that reported, and their share of: %(weight)s") % {
        "weight": indicator.weight.title
    }


def _point(
    found: Answer, known: Known, revisions: Mapping[tuple[int, str], Revision]
) -> shapes.ChartPoint:
    figure, indicator = found.figure, found.indicator
    stated, whole = figure.official or figure.own, figure.whole
    so_far = whole.so_far if whole and not whole.is_complete else None
    bridged = found.crossing.value if found.crossing else None
    before = revisions.get((stated.series.pk, found.period.code)) if stated else None
    return shapes.ChartPoint(
        period=when(found.period),
        at=found.period.end,
        value=figure.value,
        text="" if figure.value is None else written(figure.value, indicator, unit=False),
        provisional=figure.provisional,
        note=_("provisional") if figure.provisional else "",
        url=figure_url(indicator, found.place, found.period, known, found.edition),
        revised_from=before.value if before else None,
        revision=_revision_text(before, indicator) if before else "",
        check=written(figure.check, indicator) if figure.check is not None else "",
        completeness=completeness_of(figure) if figure.reported else None,
        made=telling.whole_text(figure, indicator),
        so_far=so_far,
        so_far_text="" if so_far is None else written(so_far, indicator, unit=False),
        bridged=bridged,
        bridged_text="" if bridged is None else written(bridged, indicator, unit=False),
    )


def _revision_text(before: Revision, indicator: Indicator) -> str:
    return _("%(value)s until %(day)s") % {
        "value": written(before.value, indicator, unit=False),
        "day": day(before.until.date(), language()),
    }


def _chart_target(target: Target | None, indicator: Indicator) -> shapes.ChartTarget | None:
    goal = goal_of(target, indicator) if target else None
    if target is None or goal is None or goal.aim is None:
        return None
    wanted = goal.wanted
    return shapes.ChartTarget(
        period=when(target.by),
        at=Period.parse(target.by).end,
        value=goal.aim,
        # Translators: 目标值
        text=_("target %(target)s") % {"target": target_text(target, indicator)},
        span=(wanted.low, wanted.high) if wanted and goal.has_far_side and wanted.width else None,
    )


def _gap(drawn: Sequence[Answer]) -> shapes.Gap | None:
    """How far the last figure is from the trajectory."""
    found = next((each for each in reversed(drawn) if each.figure.value is not None), None)
    if found is None or found.expected is None or found.gap is None or found.goal is None:
        return None
    if rules.shown(found.gap, found.indicator.decimals) == 0:
        return None
    where = _("%(off)s above") if found.gap > 0 else _("%(off)s below")
    aim, base = found.goal.aim or 0.0, found.goal.baseline or 0.0
    return shapes.Gap(
        expected=found.expected,
        text=where % {"off": apart(found.gap, found.indicator)},
        detail=_("where it should be"),
        good=(found.gap > 0) == (aim >= base),
    )


@dataclass(frozen=True)
class Row:
    """One place of a table of an indicator. A table of all counties is sorted and counted as a
    whole and shown by pages: what only a shown row needs is computed when it is asked for."""

    found: Answer
    before: float | None
    line: shapes.Sparkline
    mark: Mark | None = None

    @property
    def name(self) -> str:
        return self.found.place.name

    @property
    def url(self) -> str:
        """The indicator's page for the place."""
        found = self.found
        return indicator_url(
            found.indicator,
            unit=found.place.code,
            period=found.period.code,
            edition=found.edition.key,
            position="" if found.known.is_now else found.known.position,
        )

    @property
    def figure_url(self) -> str:
        """The page behind the number."""
        found = self.found
        return figure_url(found.indicator, found.place, found.period, found.known, found.edition)

    @property
    def bar(self) -> shapes.Bar:
        return bar_of(self.found)

    @property
    def completeness(self) -> shapes.Completeness:
        return completeness_of(self.found.figure)

    @property
    def value(self) -> float | None:
        return self.found.figure.value

    @property
    def change(self) -> float | None:
        """Since the period before, in the same edition."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before

    @property
    def distance(self) -> float | None:
        """From where the trajectory to the target stands."""
        return self.found.gap

    @property
    def made(self) -> str:
        """How a longer period's figure came about, or what there is of it so far."""
        figure, indicator = self.found.figure, self.found.indicator
        so_far = telling.so_far_text(figure, indicator, unit=False)
        return so_far or telling.whole_text(figure, indicator)

    @property
    def late(self) -> bool:
        return self.found.status in (rules.Status.AT_RISK, rules.Status.OFF_TRACK)

    @property
    def target(self) -> str:
        """The target's number; the ends of a range; nothing of a direction."""
        goal = self.found.goal
        if goal is None or goal.number is None:
            return ""
        ends = [end for end in (goal.number, goal.upper) if end is not None]
        return "–".join(written(end, self.found.indicator, unit=False) for end in ends)

    @property
    def not_judged(self) -> str:
        """Why a place that has a target and a figure has no status."""
        there = self.found.target and _is_there(self.found.figure)
        return not_judged(self.found) if there else ""


SORTED_BY = ("value", "change", "distance")


def sort_rows(rows: Iterable[Row], key: str) -> list[Row]:
    """Sort by name (as they come), a number or status; a missing number stands last either
    way."""
    wanted, descending = key.removeprefix("-"), key.startswith("-")
    found = list(rows)
    if wanted == "status":
        order = list(rules.Status)
        return sorted(found, key=lambda row: order.index(row.found.status), reverse=descending)
    if wanted in SORTED_BY:
        given = [row for row in found if getattr(row, wanted) is not None]
        missing = [row for row in found if getattr(row, wanted) is None]
        given.sort(key=lambda row: float(getattr(row, wanted)), reverse=descending)
        return given + missing
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


def by_period(span: str) -> str:
    """The heading over figures of periods of a length."""
    return {
        Span.YEAR: _("By year"), Span.HALF: _("By half-year"), Span.QUARTER: _("By quarter"),
        Span.MONTH: _("By month"),
    }[Span(span)]  # fmt: skip


SURE = {
    # Translators: 把握较大
    ConfidenceLevel.HIGH: pgettext_lazy("confidence", "high"),
    # Translators: 把握一般
    ConfidenceLevel.MEDIUM: pgettext_lazy("confidence", "medium"),
    # Translators: 把握较小
    ConfidenceLevel.LOW: pgettext_lazy("confidence", "low"),
}
"""The words for how sure a target is judged to be."""


@dataclass(frozen=True)
class Sure:
    """A judgement as it is shown beside the computed status: `apart` says where the two
    contradict each other, `older` where figures came since."""

    row: Confidence
    word: str
    apart: str
    older: str


def sure_of(row: Confidence | None, found: Answer | None) -> Sure | None:
    """A judgement beside the last answer; None where nobody judged. One that knew fewer periods
    is told to be older, and contradicts nothing."""
    if row is None:
        return None
    level = ConfidenceLevel(row.level)
    newer = newer_than(
        Period.parse(row.period) if row.period else None, found.period if found else None
    )
    older = ""
    if newer:
        older = ngettext(
            "judged before the newest figure", "judged before the %(count)s newest figures", newer
        ) % {"count": newer}
    contrast = far_apart(level, found.status) if found and not newer else None
    return Sure(row, str(SURE[level]), str(APART[contrast]) if contrast else "", older)


@dataclass(frozen=True)
class Line:
    """An indicator at a place, in lists; `found` is None where nothing is known of it."""

    indicator: Indicator
    history: tuple[Answer, ...]
    url: str
    figure_url: str
    value: str
    check: str
    target: str
    bar: shapes.Bar
    line: shapes.Sparkline
    completeness: shapes.Completeness | None
    made: str = ""
    year: str = ""
    year_url: str = ""
    mark: Mark | None = None
    sure: Sure | None = None

    @property
    def found(self) -> Answer | None:
        return self.history[-1] if self.history else None

    @property
    def status(self) -> str:
        return str(self.found.status if self.found else rules.Status.NO_DATA)

    @property
    def not_judged(self) -> str:
        """Why an indicator that has a target and a figure has no status."""
        return not_judged(self.found) if self.found and self.found.target else ""

    @property
    def simulated(self) -> bool:
        return bool(self.found and self.found.figure.simulated)

    @property
    def provisional(self) -> bool:
        return bool(self.found and self.found.figure.provisional)


def line_of(stand: Stand, place: Place, known: Known) -> Line:
    """Where an indicator stands at a place, as a line of a table."""
    found, indicator, target = stand.latest, stand.indicator, stand.target
    figure = found.figure if found else None
    return Line(
        indicator=indicator,
        history=stand.history,
        url=indicator_url(
            indicator, unit=place.code, position="" if known.is_now else known.position
        ),
        figure_url=figure_url(indicator, place, found.period, known, found.edition)
        if found
        else "",
        value=written(figure.value if figure else None, indicator),
        check=written(figure.check, indicator) if figure and figure.check is not None else "",
        target=target_text(target, indicator),
        bar=bar_of(found) if found else shapes.Bar(None),
        line=shapes.Sparkline(
            [each.figure.value for each in stand.history],
            found.goal.aim if found and found.goal and target and leads_to(target, found) else None,
            str(found.status) if found else "no_data",
        ),
        completeness=completeness_of(figure) if figure and figure.expected else None,
        made=telling.whole_text(figure, indicator) if figure else "",
        year=_year_text(stand.year) if stand.year else "",
        year_url=figure_url(indicator, place, stand.year.period, known, stand.year.edition)
        if stand.year
        else "",
        sure=sure_of(stand.confidence, found),
    )


def _year_text(found: Answer) -> str:
    """The year of the last figures, as far as they make one up."""
    figure, indicator = found.figure, found.indicator
    said = telling.so_far_text(figure, indicator, unit=False)
    if not said:
        said = _("%(value)s %(made)s") % {
            "value": written(figure.value, indicator, unit=False),
            "made": telling.whole_text(figure, indicator),
        }
    return _("%(year)s: %(figure)s") % {"year": when(found.period), "figure": said}


def sort_lines(lines: Iterable[Line], key: str) -> list[Line]:
    """Sort by title, status or the way gone; unasked as they come. What has no status or way
    stands last either way."""
    wanted, descending = key.removeprefix("-"), key.startswith("-")
    found = list(lines)
    if wanted == "title":
        return sorted(found, key=lambda line: line.indicator.title, reverse=descending)
    if wanted == "status":
        order = [str(status) for status in rules.Status]
        return sorted(found, key=lambda line: order.index(line.status), reverse=descending)
    if wanted == "way":
        given = [line for line in found if line.bar.done is not None]
        missing = [line for line in found if line.bar.done is None]
        given.sort(key=lambda line: line.bar.done or 0.0, reverse=descending)
        return given + missing
    return found


LARGE = {
    True: ((1e9, 1e8, "亿"), (1e5, 1e4, "万")),
    False: ((1e7, 1e6, "M"), (1e5, 1e3, "k")),
}
"""From which size on a figure is written in which larger unit; True is Chinese."""


def compact(value: float, indicator: Indicator) -> str:
    """A figure for a small space, large ones in larger units."""
    shown = rules.shown(value, indicator.decimals) or 0.0
    for least, size, sign in LARGE[is_chinese(language())]:
        if abs(shown) >= least:
            return f"{number(shown / size, 0)}{sign}"
    return number(shown, indicator.decimals)


def abbreviated(place: Place) -> str:
    """A label for the tile of a narrow screen; Latin names are squeezed instead."""
    return place.name[:2] if is_chinese(language()) else ""


def status_word(status: str) -> str:
    """The word of a computed status."""
    return str(STATUS_WORDS[status])
