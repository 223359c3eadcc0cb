"""Alerts as they are shown: in words, with the figures that made them and the way to these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.figures.rules.alerting import Alert, AlertKind, AlertSeverity, Lack
from throughline.figures.telling import written
from throughline.figures.viewing import figure_url, indicator_url, place_url
from throughline.kernel.queries import Known, known_now
from throughline.kernel.words import reads_chinese
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Plan
from throughline.plans.queries import composed_of
from throughline.reporting.tracking.alerts import indicators_of
from throughline.reporting.words import ALERTS, SEVERITIES
from throughline.ui import writing

SHAPES = {AlertSeverity.SERIOUS: "off_track", AlertSeverity.WATCH: "at_risk"}
"""The shape that stands beside the word: that of the computed status which is as pressing."""


@dataclass(frozen=True)
class AlertLine:
    """An alert in a list."""

    alert: Alert
    kind: str
    severity: str
    shape: str
    place: Place
    place_url: str
    subject: str
    subject_url: str
    figures_url: str
    sentence: str
    plan: Plan
    since: date
    indicator: Indicator | None


def alert_lines(alerts: Sequence[Alert]) -> list[AlertLine]:
    """Alerts as they are listed: a handful of statements for all of them."""
    if not alerts:
        return []
    places = Place.objects.select_related("scheme", "tier").in_bulk({each.place for each in alerts})
    indicators = indicators_of(alerts)
    plans = Plan.objects.in_bulk({each.plan for each in alerts})
    keys = {each.edition for each in alerts if each.edition}
    schemes = {each.scheme_id for each in places.values()}
    rows = Edition.objects.filter(key__in=keys, scheme__in=schemes) if keys else ()
    editions = {(row.scheme_id, row.key): row for row in rows}
    parts = {key: composed_of(row) for key, row in indicators.items()} if keys else {}
    titles = {part.key: part.title for several in parts.values() for part in several}
    known = known_now()
    return [
        _line(each, places[each.place], indicators.get(each.indicator or 0), plans[each.plan],
              known, editions, titles)
        for each in alerts
        if each.place in places
    ]  # fmt: skip


def _line(
    alert: Alert,
    place: Place,
    indicator: Indicator | None,
    plan: Plan,
    known: Known,
    editions: Mapping[tuple[int, str], Edition],
    titles: Mapping[str, str],
) -> AlertLine:
    if indicator is not None:
        subject, subject_url = indicator.title, indicator_url(indicator, unit=place.code)
        edition = editions.get((indicator.scheme_id, alert.edition))
        period = alert.period
        shown = figure_url(indicator, place, period, known, edition) if period else ""
    else:
        subject = str(alert.numbers["title_zh" if reads_chinese() else "title_en"])
        subject_url = reverse("cycle", args=[alert.subject])
        shown = reverse("report-sheet", args=[alert.subject, place.code])
    return AlertLine(
        alert=alert,
        kind=str(ALERTS[alert.kind]),
        severity=str(SEVERITIES[alert.severity]),
        shape=SHAPES[alert.severity],
        place=place,
        place_url=place_url(place),
        subject=subject,
        subject_url=subject_url,
        figures_url=shown,
        sentence=sentence(alert, indicator, titles),
        plan=plan,
        since=alert.since,
        indicator=indicator,
    )


def sentence(alert: Alert, indicator: Indicator | None, titles: Mapping[str, str]) -> str:
    """What made an alert: the figures and the threshold. `titles` names the parts of composed
    figures by their keys."""
    told = _TOLD[alert.kind]
    return told(alert, indicator, titles)


def _when(code: object) -> str:
    return writing.period(str(code), _language())


def _language() -> str:
    return get_language() or "en"


def _figures(alert: Alert, indicator: Indicator | None, *names: str) -> dict[str, object]:
    """Of an alert's numbers, some as figures of the indicator, the rest as they are."""
    said: dict[str, object] = dict(alert.numbers)
    said["period"] = _when(alert.period) if alert.period else ""
    said["since"] = writing.day(alert.since, _language())
    for name in ("first", "last"):
        if name in said:
            said[name] = _when(said[name])
    for name in names:
        if indicator is not None:
            said[name] = written(float(alert.numbers[name]), indicator)
    for name in ("off", "share", "threshold"):
        if isinstance(said.get(name), float):
            said[name] = f"{said[name]:g}"
    return said


def _behind(alert: Alert, indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    return _(
        "%(value)s in %(period)s; the median of %(peers)s similar places is %(median)s. That is "
        "%(off)s deviations behind; from %(threshold)s on it is told."
    ) % _figures(alert, indicator, "value", "median")


def _falling(alert: Alert, indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    return _(
        "Worse %(run)s times on end: %(before)s in %(first)s, %(value)s in %(period)s. From "
        "%(threshold)s times on it is told."
    ) % _figures(alert, indicator, "before", "value")


def _not_computable(alert: Alert, indicator: Indicator | None, titles: Mapping[str, str]) -> str:
    names = [titles.get(key, key) for key in alert.numbers["parts"]]
    said = {"parts": writing.listed(names, _language()), "period": _when(alert.period)}
    if alert.numbers["lack"] == Lack.ZERO:
        return _("%(parts)s is 0 in %(period)s, so that there is no value.") % said
    return _("Missing in %(period)s, so that there is no value: %(parts)s.") % said


def _stale(alert: Alert, indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    said = _figures(alert, indicator)
    if alert.numbers["everywhere"]:
        return (
            _(
                "No figure of any place for %(period)s; one is due %(days)s days after a period’s "
                "end. The last is for %(last)s."
            )
            % said
        )
    return (
        _(
            "No figure for %(period)s; one is due %(days)s days after a period’s end. The last is "
            "for %(last)s."
        )
        % said
    )


def _silent(alert: Alert, _indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    return _(
        "Did not answer the last %(missed)s of %(cycles)s cycles whose time is over; from "
        "%(threshold)s on it is serious."
    ) % dict(alert.numbers)


def _provisional(alert: Alert, indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    return _(
        "The figure for %(period)s has been provisional for %(days)s days; up to %(threshold)s "
        "are usual."
    ) % _figures(alert, indicator)


def _differs(alert: Alert, indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    return _(
        "%(value)s is stated for %(period)s, the units below add up to %(summed)s: "
        "%(share)s%% apart; up to %(threshold)s%% is usual."
    ) % _figures(alert, indicator, "value", "summed")


def _low_confidence(alert: Alert, indicator: Indicator | None, _titles: Mapping[str, str]) -> str:
    return _("Judged low on %(since)s: “%(reason)s”") % _figures(alert, indicator)


_TOLD = {
    AlertKind.BEHIND: _behind,
    AlertKind.FALLING: _falling,
    AlertKind.NOT_COMPUTABLE: _not_computable,
    AlertKind.STALE: _stale,
    AlertKind.SILENT: _silent,
    AlertKind.PROVISIONAL: _provisional,
    AlertKind.DIFFERS: _differs,
    AlertKind.LOW_CONFIDENCE: _low_confidence,
}
