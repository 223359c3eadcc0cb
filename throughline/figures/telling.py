"""What is said of targets, judgements, bridges and kinds, in pages and by the API alike."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from throughline.figures import rules
from throughline.figures.judging import Answer, Crossing, goal_of
from throughline.figures.peering import Peers
from throughline.figures.rollup import Figure
from throughline.kernel.period import Span
from throughline.plans.models import Bridge, Indicator, Target
from throughline.ui.writing import NO_BREAK, is_chinese, noted, number, with_unit
from throughline.ui.writing import period as written_period

WHY: dict[rules.Why, str | Promise] = {
    rules.Why.NO_TARGET: gettext_lazy("no target is set for this place"),
    rules.Why.NO_FIGURE: gettext_lazy("no figure is known"),
    rules.Why.OTHER_EDITION: gettext_lazy(
        "the target is set in another edition, and no bridge to it is stated"
    ),
    rules.Why.NO_BASELINE: gettext_lazy("no baseline is known from which to measure"),
    rules.Why.NO_WAY: gettext_lazy("the target does not differ from its baseline"),
    rules.Why.NO_BAND: gettext_lazy("the band in which it is good is not stated"),
    rules.Why.INCOMPLETE: gettext_lazy("the period is not complete"),
    rules.Why.OTHER_LENGTH: gettext_lazy(
        "the target is set for periods of another length, and totals of both do not compare"
    ),
}
"""Why a target is not judged, as it stands after "Not judged:"."""

MOVES: dict[rules.Move, str | Promise] = {
    rules.Move.TOWARDS: gettext_lazy("moved the right way"),
    rules.Move.STILL: gettext_lazy("has not moved"),
    rules.Move.AWAY: gettext_lazy("moved the wrong way"),
}


def _language() -> str:
    return get_language() or "en"


def joined(*sentences: str) -> str:
    """Sentences after one another; Chinese sets no space between them."""
    return ("" if is_chinese(_language()) else " ").join(each for each in sentences if each)


def written(value: float | None, indicator: Indicator, *, unit: bool = True) -> str:
    """A figure with its unit, or the word for its absence."""
    if value is None:
        return _("no data")
    text = number(rules.shown(value, indicator.decimals) or 0.0, indicator.decimals)
    return with_unit(text, indicator.symbol or indicator.unit, _language()) if unit else text


def apart(value: float, indicator: Indicator) -> str:
    """The distance between two figures: points where the figures are per cent."""
    text = number(abs(value), indicator.decimals)
    if indicator.symbol == "%":
        # Translators: percentage points; 个百分点
        return with_unit(text, _("points"), _language())
    return with_unit(text, indicator.symbol or indicator.unit, _language())


# -- longer periods ------------------------------------------------------------------------

COMPLETE: dict[Span, str | Promise] = {
    Span.HALF: gettext_lazy("from %(count)s half-years"),
    Span.QUARTER: gettext_lazy("from %(count)s quarters"),
    Span.MONTH: gettext_lazy("from %(count)s months"),
}
SO_FAR: dict[Span, str | Promise] = {
    Span.HALF: gettext_lazy("so far, %(given)s of %(count)s half-years"),
    Span.QUARTER: gettext_lazy("so far, %(given)s of %(count)s quarters"),
    Span.MONTH: gettext_lazy("so far, %(given)s of %(count)s months"),
}


def whole_text(figure: Figure, indicator: Indicator) -> str:
    """How a longer period's figure came about; nothing where it did not, or nothing is there."""
    whole = figure.whole
    if whole is None or not whole.given:
        return ""
    said = (COMPLETE if whole.is_complete else SO_FAR)[Span(indicator.span)]
    return str(said) % {"given": number(whole.given), "count": number(whole.expected)}


def so_far_text(figure: Figure, indicator: Indicator, *, unit: bool = True) -> str:
    """What an incomplete longer period comes to so far, never as if it were all of it."""
    whole = figure.whole
    if whole is None or whole.is_complete or whole.so_far is None:
        return ""
    # Translators: a figure and how it came about: "81 homes so far, 3 of 4 quarters"
    return _("%(value)s %(made)s") % {
        "value": written(whole.so_far, indicator, unit=unit),
        "made": whole_text(figure, indicator),
    }


# -- targets -------------------------------------------------------------------------------


def target_text(target: Target | None, indicator: Indicator) -> str:
    """A target as people write it.

    A direction has no number; a number to be hit has a tolerance, an increment what it comes
    to; everything else is operator, value, unit and period.
    """
    if target is None:
        return ""
    by = written_period(target.by, _language())
    if target.operator == Target.Operator.DIRECTION:
        return _("direction only, by %(by)s") % {"by": by}
    unit = indicator.symbol or indicator.unit
    if target.operator in (Target.Operator.PLUS, Target.Operator.MINUS):
        return _increment_text(target, indicator, unit, by)
    sign = str(target.get_operator_display())
    if target.strict:
        sign = {"≥": ">", "≤": "<"}.get(sign, sign)
    value = _plain(target.value)
    if target.upper is not None:
        value, sign = f"{value}–{_plain(target.upper)}", ""
    value = with_unit(value, unit, _language())
    tolerance = _tolerance_text(target)
    if is_chinese(_language()):
        return f"{sign}{value}{tolerance}（{by}）"
    sign = f"{sign}{NO_BREAK}" if sign else ""
    return " ".join(part for part in (f"{sign}{value}", tolerance, f"({by})") if part)


def baseline_text(target: Target | None, indicator: Indicator) -> str:
    """The figure from which a target is measured, with its period."""
    if target is None or not target.baseline_period:
        return ""
    value = written(target.baseline_value, indicator)
    return noted(value, written_period(target.baseline_period, _language()), _language())


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}".replace("-", "−")


def _tolerance_text(target: Target) -> str:
    if target.tolerance is not None:
        return f"±{_plain(target.tolerance)}"
    share = target.tolerance_share
    if share is None and target.operator == Target.Operator.ABOUT:
        share = rules.ABOUT_SHARE
    return "" if share is None else f"±{with_unit(_plain(share * 100), '%', _language())}"


def _increment_text(target: Target, indicator: Indicator, unit: str, by: str) -> str:
    about = {
        "step": with_unit(_plain(target.value), "%" if target.percent else unit, _language()),
        "by": by,
    }
    rises = target.operator == Target.Operator.PLUS
    comes_to = goal_of(target, indicator).number
    if comes_to is None:
        if rises:
            # Translators: 比基期提高
            return _("+%(step)s on the baseline (%(by)s)") % about
        # Translators: 比基期下降
        return _("−%(step)s on the baseline (%(by)s)") % about
    about["number"] = with_unit(_plain(comes_to), unit, _language())
    if rises:
        return _("+%(step)s on the baseline: %(number)s (%(by)s)") % about
    return _("−%(step)s on the baseline: %(number)s (%(by)s)") % about


def trajectory_text(target: Target) -> str:
    """Which way the figure is to take."""
    if target.operator == Target.Operator.DIRECTION or target.baseline_value is None:
        return ""
    if target.trajectory == rules.Trajectory.STEPS:
        return _("in steps: what is due holds until the next step")
    if target.trajectory == rules.Trajectory.GIVEN:
        return _("as the plan gives it, joined by lines")
    return _("in a line from the baseline")


# -- judgements ----------------------------------------------------------------------------


def unjudged(why: rules.Why) -> str:
    """That a target is not judged, and why."""
    return _("Not judged: %(reason)s.") % {"reason": WHY[why]}


def not_judged(found: Answer) -> str:
    """Why nothing is said of a figure against its target; nothing where something is."""
    why = found.judgement.why
    if why is None:
        return ""
    said = unjudged(why)
    if why is rules.Why.NO_BASELINE and found.target is not None:
        return joined(said, found.target.no_baseline)
    return said


def move_text(found: Answer) -> str:
    """Whether a figure moved the right way since its baseline, without a number that the plan
    does not have."""
    move, target = found.judgement.move, found.target
    if move is None or target is None or target.baseline_value is None:
        return ""
    return _("Since %(period)s (%(baseline)s) it %(moved)s.") % {
        "period": written_period(target.baseline_period, _language()),
        "baseline": written(target.baseline_value, found.indicator),
        "moved": MOVES[move],
    }


# -- bridges -------------------------------------------------------------------------------


def bridge_text(crossing: Crossing, indicator: Indicator) -> str:
    """What a bridge did to a figure, and who says so."""
    bridge, link = crossing.bridge, crossing.link
    if link.factor != 1:
        done = _("times %(factor)s") % {"factor": f"{link.factor:.6g}"}
    else:
        sign = "−" if link.shift < 0 else "+"
        done = f"{sign}{apart(link.shift, indicator)}"
    if bridge.kind == Bridge.Kind.OVERLAP:
        done = _("%(done)s, from the figures of %(period)s in both editions") % {
            "done": done,
            "period": written_period(bridge.period, _language()),
        }
    said = _("%(before)s in the edition “%(origin)s”; bridged to “%(onto)s”: %(done)s.") % {
        "before": written(crossing.before, indicator),
        "origin": bridge.origin.title,
        "onto": bridge.onto.title,
        "done": done,
    }
    source = _("Source: %(source)s.") % {"source": bridge.source} if bridge.source else ""
    return joined(said, bridge.note, source)


# -- peers ---------------------------------------------------------------------------------


def peers_chosen(peers: Peers) -> str:
    """How the peers were chosen."""
    about = {"count": number(len(peers.places)), "tier": peers.place.tier.name}
    if peers.near_by:
        about["measures"] = _("”, “").join(each.title for each in peers.near_by)
        about["period"] = written_period(peers.table.period.code, _language())
        return (
            _(
                "%(tier)s: the %(count)s places nearest by “%(measures)s” in %(period)s, each"
                " measure in units of its median deviation"
            )
            % about
        )
    if peers.group is not None:
        about |= {"group": peers.group.name, "grouping": peers.group.grouping.name}
        return _("%(tier)s: the %(count)s other places of “%(group)s” (%(grouping)s)") % about
    return _("%(tier)s: all %(count)s other places") % about


def position_text(peers: Peers) -> str:
    """Where a place stands among its peers, which is no rank."""
    position = peers.position
    if position is None or not position.count:
        return ""
    about = {
        "below": number(position.below),
        "above": number(position.above),
        "equal": number(position.equal),
        "count": number(position.count),
    }
    said = _(
        "%(count)s similar places have a figure: %(below)s below, %(above)s above, %(equal)s"
        " the same."
    )
    return said % about


def spread_text(peers: Peers) -> str:
    """Median and quartiles of the peers; for too few, that they are too few."""
    spread, indicator = peers.spread, peers.table.indicator
    if spread is None:
        return _("Too few of them have a figure to say what is usual.")
    return _("Their median is %(median)s; the middle half lies from %(low)s to %(high)s.") % {
        "median": written(spread.median, indicator),
        "low": written(spread.low_quartile, indicator),
        "high": written(spread.high_quartile, indicator),
    }


# -- kinds ---------------------------------------------------------------------------------


def made_up_of(indicator: Indicator, titles: dict[str, str]) -> str:
    """How an indicator's figure comes about; `titles` are those of the indicators that a
    formula names."""
    kind = Indicator.Kind
    if indicator.kind == kind.RATIO and indicator.numerator and indicator.denominator:
        return f"{indicator.numerator.title} ÷ {indicator.denominator.title}"
    if indicator.kind == kind.FORMULA:
        return rules.Formula.parse(indicator.formula).written(titles)
    if indicator.kind == kind.WEIGHTED_MEAN and indicator.weight:
        return _("mean over the units, weighed by: %(weight)s") % {"weight": indicator.weight.title}
    if indicator.kind == kind.WORST_OF and indicator.band_low is not None:
        return _("the unit furthest outside %(low)s to %(high)s") % {
            "low": written(indicator.band_low, indicator, unit=False),
            "high": written(indicator.band_high, indicator),
        }
    return str(KINDS[indicator.kind])


KINDS: dict[str, str | Promise] = {
    Indicator.Kind.SUM: gettext_lazy("the sum of the units"),
    Indicator.Kind.RATIO: gettext_lazy("one sum over another"),
    Indicator.Kind.WEIGHTED_MEAN: gettext_lazy("a weighted mean over the units"),
    Indicator.Kind.LAST: gettext_lazy("the figure given last"),
    Indicator.Kind.MAX: gettext_lazy("the highest of the units"),
    Indicator.Kind.WORST_OF: gettext_lazy("the worst of the units"),
    Indicator.Kind.FORMULA: gettext_lazy("a formula of other indicators"),
}
OVER_TIME: dict[str, str | Promise] = {
    "sum": gettext_lazy("periods are added up"),
    "last": gettext_lazy("the last period stands for a longer one"),
    "mean": gettext_lazy("the mean of the periods stands for a longer one"),
    "none": gettext_lazy("periods are not put together"),
}
