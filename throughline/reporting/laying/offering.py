"""What a reader may do with a report as it stands: asked of the same rules as the acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from throughline.bodies.queries import body_of
from throughline.bodies.rules import Scope, Standing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden
from throughline.reporting.drafting import why_not
from throughline.reporting.models import Report
from throughline.reporting.permissions import (
    fills,
    require_another,
    require_checking,
    require_returning,
    require_reviewing,
    require_signing,
)
from throughline.reporting.rules.life import Deed


@dataclass(frozen=True)
class May:
    """What the reader may do with the report as it stands."""

    edit: bool = False
    submit: bool = False
    review: bool = False
    send_back: bool = False
    sign: bool = False
    check: bool = False
    give_back: bool = False
    more_time: bool = False
    fills: bool = False


def may_of(actor: Actor, standing: Standing, report: Report) -> May:
    """What a reader may do with the report as it stands: asked of the same rules as the acts."""
    if actor.is_nobody or not standing.allows(Scope.FIGURES_WRITE):
        return May()
    fills_in = standing.body is not None and fills(actor, standing, report.place_id)
    fills_in = fills_in and standing.sees_content
    body = body_of(standing) if fills_in else None

    def can(deed: Deed, *require: Callable[[], object]) -> bool:
        return why_not(report, deed) is None and all(map(_lets, require))

    def reviews() -> object:
        return require_reviewing(actor, report)

    return May(
        edit=fills_in and can(Deed.FILL),
        submit=fills_in and can(Deed.FILL) and body is not None and body.one_step,
        review=can(
            Deed.REVIEW, reviews, lambda: require_another(actor, report, report.prepared_by)
        ),
        send_back=can(Deed.SEND_BACK, reviews),
        sign=can(Deed.SIGN, lambda: require_signing(actor, report)),
        check=can(Deed.CHECK, lambda: require_checking(actor, report)),
        give_back=can(Deed.RETURN, lambda: require_returning(actor, report)),
        more_time=fills_in
        and can(Deed.EXTEND)
        and not report.extensions.filter(granted__isnull=True).exists(),
        fills=fills_in,
    )


def _lets(require: Callable[[], object]) -> bool:
    try:
        require()
    except Forbidden:
        return False
    return True
