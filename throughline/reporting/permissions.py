"""What an action of reporting asks before it does anything: raises, or lets pass.

Inside a body three hands are told apart: who fills in (reports), who reviews, who signs. A body
above checks; whoever runs the cycle opens, extends and locks.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.permissions import require_in_a_post, signed_in
from throughline.bodies.queries import (
    EVERYTHING,
    NOTHING,
    acting_for,
    places_below,
    standing_of,
)
from throughline.bodies.rules import Duty, Scope, Standing
from throughline.cascade.queries import leads_a_plan_at
from throughline.figures.models import Observation
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden
from throughline.kernel.memory import remembered
from throughline.places.models import Place
from throughline.reporting.models import Contest, Cycle, Form, Report
from throughline.reporting.queries import giver_of, is_asked, reporting_bodies
from throughline.reporting.rules.contesting import (
    Answering,
    Claimant,
    Hindrance,
    bar_to_answer,
    hindrance,
)

SIGNING = frozenset({Duty.SIGN, Duty.DECIDE})
REVIEWING = frozenset({Duty.REVIEW}) | SIGNING
RUNNING = frozenset({Duty.MANAGE_PLAN, Duty.COORDINATE})
CHECKING = REVIEWING | RUNNING
"""Of a body above, or of the one that runs the cycle."""


def require_writing(actor: Actor) -> Standing:
    """The standing of one who may write figures at all."""
    return require_in_a_post(
        actor,
        Scope.FIGURES_WRITE,
        token=_("This token may not write figures."),
        post=_("This is done in a post that works on plans."),
        rule="reporting.in-a-post",
    )


def require_filling(actor: Actor, report: Report) -> Standing:
    """Raise unless the actor fills in the sheet of a unit: reports for it at its own place, or
    at a place above it that answers for it."""
    standing = require_writing(actor)
    if standing.is_installation or fills(actor, standing, report.place_id):
        return standing
    raise Forbidden(
        _("The sheet of %(place)s is filled in by a post that reports for it.")
        % {"place": report.place.name},
        rule="reporting.fill",
        lifted_by=report.place.name,
    )


def fills(actor: Actor, standing: Standing, place: int) -> bool:
    """Whether a standing fills in for a place (its id)."""
    if Duty.REPORT not in standing.duties or standing.place is None:
        return False
    return standing.place == place or _answers_for(actor, standing, place)


def fillable_by(actor: Actor) -> Q:
    """The reports that an actor fills in, as a condition: what `fills` says of one place."""
    standing = standing_of(actor)
    if standing.is_installation:
        return EVERYTHING
    if Duty.REPORT not in standing.duties or standing.place is None or not standing.sees_content:
        return NOTHING
    if standing.body is not None and (
        standing.governs or leads_a_plan_at(standing.body, standing.place)
    ):
        return places_below("place", actor)
    return Q(place=standing.place)


def sees_drafts(actor: Actor, standing: Standing, report: Report) -> bool:
    """Whether a standing sees what is not signed: the unit's own, who fills in for it, and the
    body that prepared it. Audit sees what is on record, and a draft is not."""
    inside = standing.body is not None and report.body_id in acting_for(standing.body)
    own = standing.place == report.place_id and standing.sees_content
    return own or inside or fills(actor, standing, report.place_id)


def _answers_for(actor: Actor, standing: Standing, place: int) -> bool:
    if standing.body is None or standing.place is None:
        return False
    if not (standing.governs or leads_a_plan_at(standing.body, standing.place)):
        return False
    below = Place.objects.filter(places_below("pk", actor), pk=place)
    return remembered(("answers for", actor.capacity, place), below.exists)


def require_reviewing(actor: Actor, report: Report) -> Standing:
    """Raise unless the actor reviews in the body that prepared the report, and is another than
    who prepared it, where the body has not set one-step sign-off."""
    return _inside(actor, report, REVIEWING, "reporting.review", _("reviews"))


def require_signing(actor: Actor, report: Report) -> Standing:
    """Raise unless the actor signs for the body that prepared the report."""
    return _inside(actor, report, SIGNING, "reporting.sign", _("signs"))


def _inside(
    actor: Actor, report: Report, duties: frozenset[Duty], rule: str, does: str
) -> Standing:
    standing = require_writing(actor)
    if standing.is_installation:
        return standing
    inside = standing.body is not None and report.body_id in acting_for(standing.body)
    if not inside or not standing.duties & duties:
        raise Forbidden(
            _("This is done by a post that %(does)s in the body that prepared the report.")
            % {"does": does},
            rule=rule,
            lifted_by=report.body.name if report.body else report.place.name,
        )
    return standing


def require_another(actor: Actor, report: Report, *people: str) -> None:
    """Raise where somebody would pass on his own work, in a body that has not set so."""
    if report.body is not None and report.body.one_step:
        return
    if actor.person in people and not signed_in(actor).is_installation:
        raise Forbidden(
            _("Nobody reviews what he prepared himself."),
            rule="reporting.another",
            lifted_by=report.body.name if report.body else report.place.name,
            remedy=_("Ask a colleague; a small body may set one-step sign-off."),
        )


def require_checking(actor: Actor, report: Report) -> Standing:
    """Raise unless it is the actor's turn to check a signed report: at the place whose turn it
    is, or, when no tier is left, for the body that runs the cycle. Nobody checks what he
    prepared, reviewed or signed, whatever posts he holds."""
    standing = require_writing(actor)
    if standing.is_installation:
        return standing
    if not checks(standing, report):
        whose = report.turn.name if report.turn else report.cycle.owner.name
        raise Forbidden(
            _("It is for %(whose)s to check this report now.") % {"whose": whose},
            rule="reporting.check",
            lifted_by=whose,
        )
    if actor.person in {report.prepared_by, report.reviewed_by, report.signed_by}:
        raise Forbidden(
            _("Nobody checks a report that went through his own hands."),
            rule="reporting.no-self-check",
            lifted_by=report.turn.name if report.turn else report.cycle.owner.name,
        )
    return standing


def checks(standing: Standing, report: Report) -> bool:
    """Whether it is for a standing to check a report now."""
    if standing.body is None or not standing.duties & CHECKING:
        return False
    if report.turn_id is None:
        return report.cycle.owner_id in acting_for(standing.body)
    if standing.place != report.turn_id:
        return False
    return standing.governs or leads_a_plan_at(standing.body, report.turn_id)


def require_returning(actor: Actor, report: Report) -> Standing:
    """Raise unless the actor may return a signed or accepted report: whoever checks it now,
    and after that every tier above the unit that checks, and the body that runs the cycle."""
    standing = require_writing(actor)
    if standing.is_installation or checks(standing, report):
        return standing
    runs = standing.body is not None and report.cycle.owner_id in acting_for(standing.body)
    above = standing.place != report.place_id and standing.body is not None
    checked = above and report.checks.filter(place=standing.place, round=report.round).exists()
    if (runs or checked) and standing.duties & CHECKING:
        return standing
    raise Forbidden(
        _("A report is returned by a body that checks it."),
        rule="reporting.return",
        lifted_by=report.turn.name if report.turn else report.cycle.owner.name,
    )


def require_running(actor: Actor, cycle: Cycle) -> Standing:
    """Raise unless the actor runs a cycle: coordinates or manages plans for its owner."""
    standing = require_writing(actor)
    if standing.is_installation or runs(standing, cycle):
        return standing
    raise Forbidden(
        _("A reporting cycle is run by the body that opened it."),
        rule="reporting.run",
        lifted_by=cycle.owner.name,
    )


def runs(standing: Standing, cycle: Cycle) -> bool:
    """Whether a standing runs a cycle."""
    here = standing.body is not None and cycle.owner_id in acting_for(standing.body)
    return here and bool(standing.duties & RUNNING)


def opens(standing: Standing, form: Form) -> Body | None:
    """The body in whose name a standing opens a cycle with a form: the one that leads the plan,
    or the one that asks for the form. None where it may not."""
    if standing.body is None or not standing.duties & RUNNING:
        return None
    mine = acting_for(standing.body)
    either = (form.plan.lead_body, form.asked_by)
    return next((body for body in either if body.pk in mine), None)


def require_opening(actor: Actor, forms: Sequence[Form]) -> Body | None:
    """The body in whose name the actor opens a cycle with some forms. None for the
    installation, and where there are no forms; raises for others."""
    standing = require_writing(actor)
    if standing.is_installation:
        return None
    bodies = [opens(standing, form) for form in forms]
    if not all(bodies) or not standing.duties & RUNNING:
        raise Forbidden(
            _("A cycle is opened by the body that leads the plan or asks for the form."),
            rule="reporting.open",
            lifted_by=forms[0].plan.lead_body.name if forms else "",
        )
    return next(iter(bodies), None)


def may_urge(actor: Actor, cycle: Cycle) -> QuerySet[Report]:
    """The reports of a cycle that an actor urges on: all of them for the body that runs it; those
    below its place for one that checks there."""
    standing = standing_of(actor)
    rows = Report.objects.filter(cycle=cycle)
    if standing.is_installation or (standing.sees_content and runs(standing, cycle)):
        return rows
    if standing.body is None or standing.place is None or not standing.duties & CHECKING:
        return rows.none()
    if not (standing.governs or leads_a_plan_at(standing.body, standing.place)):
        return rows.none()
    return rows.filter(places_below("place", actor)).exclude(place=standing.place)


def require_urging(actor: Actor, cycle: Cycle, reports: Sequence[Report]) -> Standing:
    """Raise unless the actor urges on all of some reports of a cycle."""
    standing = require_writing(actor)
    chosen = {each.pk for each in reports}
    allowed = may_urge(actor, cycle)
    if allowed.filter(pk__in=chosen).count() == len(chosen) and (chosen or allowed.exists()):
        return standing
    raise Forbidden(
        _("Units are urged by the body that runs the cycle, and by those above them."),
        rule="reporting.urge",
        lifted_by=cycle.owner.name,
    )


# -- contested values ----------------------------------------------------------------------

CONTESTING = frozenset({Duty.REPORT}) | SIGNING
"""Posts of a body that contest a figure of its place, and take that back."""


def require_contesting(actor: Actor, figure: Observation) -> Standing:
    """Raise unless the actor may contest a figure: for the place that it is about, against
    another body that produces it, and not what its own body gave."""
    standing = require_writing(actor)
    if standing.is_installation:
        return standing
    here = _contesting(actor, standing, figure)
    said = {
        Hindrance.NOT_OURS: _("A figure is contested by a body that answers for %(place)s."),
        Hindrance.PRODUCES: _("Your body produces this figure: it corrects it."),
        Hindrance.GAVE: _("Your body gave this figure itself: it corrects it."),
    }
    if here is not None:
        who = figure.place if here is Hindrance.NOT_OURS else figure.series.producer
        raise Forbidden(
            said[here] % {"place": figure.place.name},
            rule=f"reporting.contest-{here.value.replace('_', '-')}",
            lifted_by=who.name,
        )
    return standing


def _contesting(actor: Actor, standing: Standing, figure: Observation) -> Hindrance | None:
    """Why a standing may not contest a figure. What takes a statement is asked only where it
    matters: nearly everybody is of another place."""
    if standing.body is None:
        return Hindrance.NOT_OURS
    at_place = standing.place == figure.place_id
    fills_in = fills(actor, standing, figure.place_id)
    if not at_place and not (fills_in and standing.governs):
        return Hindrance.NOT_OURS
    mine = acting_for(standing.body)
    given_by = giver_of(figure)
    return hindrance(
        Claimant(
            at_place=at_place,
            governs=standing.governs,
            acts=bool(standing.duties & CONTESTING),
            fills=fills_in,
            asked=is_asked(figure.series_id, figure.place.tier.level),
            nobody_there=not at_place and not reporting_bodies([figure.place_id]).exists(),
            produces=figure.series.producer_id in mine,
            gave=bool(given_by) and Body.objects.filter(pk__in=mine, key=given_by).exists(),
        )
    )


def require_answering(actor: Actor, contest: Contest) -> Standing:
    """Raise unless the actor may answer a contest: reports for the series' producer, and is
    another than who asked, whatever posts he holds."""
    standing = require_writing(actor)
    if standing.is_installation:
        return standing
    here = standing.body is not None and contest.series.producer_id in acting_for(standing.body)
    bar = bar_to_answer(
        produces=here,
        reports=Duty.REPORT in standing.duties,
        asked_himself=contest.person == actor.person,
    )
    said = {
        Answering.NOT_THE_PRODUCER: _("Only the producer of a figure answers who contests it."),
        Answering.OWN: _("Nobody answers what he asked himself."),
    }
    if bar is not None:
        raise Forbidden(
            said[bar],
            rule=f"reporting.answer-{bar.value.replace('_', '-')}",
            lifted_by=contest.series.producer.name,
        )
    return standing


def require_withdrawing(actor: Actor, contest: Contest) -> Standing:
    """Raise unless the actor may take a contest back: who asked, or a post of the same body that
    may contest."""
    standing = require_writing(actor)
    if standing.is_installation:
        return standing
    inside = standing.body is not None and contest.body_id in acting_for(standing.body)
    if contest.person != actor.person and not (inside and standing.duties & CONTESTING):
        raise Forbidden(
            _("A contest is taken back by the body that made it."),
            rule="reporting.withdraw-contest",
            lifted_by=contest.body.name if contest.body else "",
        )
    return standing
