"""Recording one figure, or superseding the one that stands."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.figures.actions.writing import lock_cells
from throughline.figures.models import Observation, Series
from throughline.figures.permissions import require_recording
from throughline.figures.rollup.cubed import wake_follower
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.kernel.period import Period
from throughline.places.models import Place
from throughline.plans.models import Indicator


@action("observation.record")
def record_observation(
    act: Act,
    *,
    series: Series,
    place: Place,
    period: Period,
    value: float | None,
    status: str,
    note: str = "",
    supersedes: int | None,
) -> Observation:
    """Record a figure, or supersede the one that the actor has seen.

    `supersedes` is the id of the observation that stood when the actor looked (None: there
    was none). If another stands by now, nobody's figure is overwritten unseen: Conflict.
    A figure that supersedes another needs a note that says why. `value` None withdraws.
    """
    require_recording(act.actor, series, place)
    require_possible(series.indicator, value)
    _check_unit(series.indicator, place, period)
    standing = lock_cells([(series.pk, place.pk, period.code)])
    before = standing.get((series.pk, place.pk, period.code))
    if (before.id if before else None) != supersedes:
        raise Conflict(
            _("Another figure was recorded here in the meantime: %(value)s.")
            % {"value": before.value if before else _("none")},
            remedy=_("Look at it, then record yours again if it still holds."),
        )
    if before is not None and not note.strip():
        raise Invalid(
            _("Say why the figure is changed."),
            problems=[Problem("note", _("a change needs a reason"), field="note")],
        )
    observation = Observation.objects.create(
        series=series,
        place=place,
        period=period.code,
        value=value,
        status=status,
        released_at=clock.now(),
        supersedes_id=supersedes,
        note=note.strip(),
        simulated=series.simulated,
        act=act.number,
    )
    act.after_commit(wake_follower)
    act.about(observation)
    act.record(
        before={"value": before.value if before else None},
        value=value,
        series=series.key,
        place=place.code,
        period=period.code,
        note=note.strip(),
    )
    return observation


def require_possible(indicator: Indicator, value: float | None) -> None:
    """Raise where a figure lies outside of what its indicator can be."""
    low, high = indicator.minimum, indicator.maximum
    if value is None:
        return
    if (low is not None and value < low) or (high is not None and value > high):
        raise Invalid(
            _("The figure is outside what is possible."),
            problems=[
                Problem(
                    "value",
                    _("%(value)s is not between %(low)s and %(high)s %(unit)s")
                    % {"value": value, "low": low, "high": high, "unit": indicator.unit},
                    field="value",
                )
            ],
        )


def _check_unit(indicator: Indicator, place: Place, period: Period) -> None:
    """The unit exists at the period's end, in the indicator's own scheme, and the period
    has the indicator's length."""
    if place.scheme_id != indicator.scheme_id:
        raise Invalid(
            _("%(place)s does not belong to the scheme of this indicator.") % {"place": place.name}
        )
    if place.valid_from > period.end or (place.valid_to and place.valid_to <= period.start):
        raise Invalid(
            _("%(place)s did not exist in %(period)s.") % {"place": place.name, "period": period}
        )
    if period.span.value != indicator.span:
        raise Invalid(
            _("This indicator is given by %(span)s; %(period)s is none.")
            % {"span": indicator.span, "period": period}
        )
