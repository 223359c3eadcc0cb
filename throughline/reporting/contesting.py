"""What is said of contested figures wherever they are shown, and the way to contest one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from throughline.bodies.queries import standing_of
from throughline.figures.marking import Mark, Spot
from throughline.figures.models import Observation
from throughline.figures.queries import observations_visible_to
from throughline.figures.viewing import together
from throughline.kernel.actor import Actor
from throughline.kernel.errors import ThroughlineError
from throughline.kernel.period import Period
from throughline.reporting.models import Contest
from throughline.reporting.permissions import require_contesting
from throughline.reporting.queries import contests_visible_to
from throughline.reporting.rules.contesting import ContestKind, ContestState, kind_of
from throughline.subjects.kinds import Subject


def title_of(contest: Contest) -> str:
    """The figure that is contested, in one line."""
    indicator = contest.series.indicator
    return together(indicator.title, contest.place.name, Period.parse(contest.period))


def url_of(contest: Contest) -> str:
    """The page of a contest."""
    return reverse("contest", args=[contest.pk])


def contest_subject(contest: Contest) -> Subject:
    """A contest as what its evidence is attached to, and what one remarks on."""
    return Subject("contest", str(contest.pk), title_of(contest), url_of(contest))


def mark_of(contest: Contest) -> Mark:
    """The mark of a figure while it is contested."""
    # Translators: 有异议
    return Mark(pgettext("figure", "contested"), url_of(contest))


def contested_at(
    actor: Actor, places: Collection[int], indicators: Collection[int]
) -> dict[Spot, Mark]:
    """The marks of the figures of some indicators at some places (their ids) that are contested
    and that the actor sees."""
    rows = contests_visible_to(actor).filter(
        state=ContestState.OPEN, place__in=places, series__indicator__in=indicators
    )
    return {
        (each.place_id, each.series.indicator_id, each.period): mark_of(each)
        for each in rows.select_related("series").order_by("id")
    }


def said_beside(actor: Actor, standing: Sequence[Observation]) -> dict[int, list[Mark]]:
    """What is said beside figures that stand: that one is contested, or the way to contest it for
    whom that is open to."""
    cells = {(row.series_id, row.place_id, row.period): row for row in standing}
    rows = contests_visible_to(actor).filter(
        state=ContestState.OPEN,
        place__in={row.place_id for row in standing},
        series__in={row.series_id for row in standing},
    )
    found: dict[int, list[Mark]] = {}
    for each in rows:
        row = cells.get((each.series_id, each.place_id, each.period))
        if row is not None:
            found[row.pk] = [mark_of(each)]
    for row in standing:
        if row.pk not in found and row.value is not None and may_contest(actor, row):
            found[row.pk] = [way_to_contest(row)]
    return found


def said_on_sheet(
    actor: Actor, place: int, period: str, on_record: Mapping[int, int], offered: Collection[int]
) -> dict[int, list[Mark]]:
    """What is said in the lines of a sheet, by series: that the figure on record is contested; of
    those that are `offered` (`on_record` has their ids by series), the way to contest them."""
    rows = contests_visible_to(actor).filter(
        state=ContestState.OPEN, place=place, period=period, series__in=on_record
    )
    found = {each.series_id: [mark_of(each)] for each in rows}
    others = [key for key in offered if key not in {on_record[series] for series in found}]
    if others:
        figures = observations_visible_to(actor).filter(pk__in=others, value__isnull=False)
        for row in figures.select_related("series__producer", "place__tier"):
            if may_contest(actor, row):
                found[row.series_id] = [way_to_contest(row)]
    return found


def way_to_contest(row: Observation) -> Mark:
    """Where a figure is contested."""
    text = _("Contest …") if kind_of(row.series.nature) is ContestKind.CONTEST else _("Enquire …")
    return Mark(text, reverse("contest-value", args=[row.pk]), warns=False)


def may_contest(actor: Actor, row: Observation) -> bool:
    """Whether a figure may be contested by the actor: asked of the same rule as the act."""
    if standing_of(actor).is_installation:
        return False
    try:
        require_contesting(actor, row)
    except ThroughlineError:
        return False
    return True
