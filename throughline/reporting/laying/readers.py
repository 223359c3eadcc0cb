"""Who checks a report and who sees its figures, as its unit is told."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from throughline.kernel.memory import remembered
from throughline.places.models import Place
from throughline.reporting.asking import Asked, places_that_check
from throughline.reporting.models import Report
from throughline.ui import writing
from throughline.ui.shapes import Fact


def checkers(report: Report) -> list[str]:
    """The places that check a report after it is signed, in their order, and who runs the cycle
    where no place does."""
    return remembered(("checkers", report.pk), lambda: _checkers(report))


def _checkers(report: Report) -> list[str]:
    found = places_that_check(report, report.place.tier.level)
    places = Place.objects.in_bulk(found)
    return [places[each].name for each in found] or [report.cycle.owner.name]


def readers_of(report: Report, asked: Asked) -> list[Fact]:
    """Who sees the figures, and what happens to them."""
    above = writing.listed(checkers(report), get_language() or "en")
    asking = writing.listed(
        dict.fromkeys(form.asked_by.name for form in asked.forms), get_language() or "en"
    )
    return [
        Fact(
            _("Until it is signed"),
            _("who fills in for %(place)s, and its own offices") % {"place": report.place.name},
        ),
        Fact(
            _("After it is signed"),
            _("%(above)s, who check it; %(owner)s, who runs the cycle; %(asking)s, who asks")
            % {"above": above, "owner": report.cycle.owner.name, "asking": asking},
        ),
        Fact(
            _("If nobody checks it"),
            _("the figures stay provisional and say so; time accepts nothing"),
        ),
        Fact(
            _("After that"),
            _("a change is a revision with its reason, beside the figure before"),
        ),
    ]
