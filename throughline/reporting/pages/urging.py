"""催报 by hand: pressing units whose report is missing, one of them, some or all."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried
from throughline.bodies.permissions import signed_in
from throughline.kernel import clock
from throughline.places.queries import bearing_words
from throughline.reporting import actions
from throughline.reporting.models import Report
from throughline.reporting.permissions import may_urge, require_urging
from throughline.reporting.queries import cycle_by_key, in_state
from throughline.reporting.rules.life import BEFORE_SIGNING
from throughline.reporting.viewing import said_of
from throughline.ui.shapes import Crumb
from throughline.ui.writing import listed, number

SINGLY = 60
"""So many units are chosen one by one; of more it is said how many they are."""


@require_http_methods(["GET", "HEAD", "POST"])
def urge(request: HttpRequest, cycle: str) -> HttpResponse:
    """Choose whom to urge, and with what words. The page is narrowed as the cycle's is, or to one
    place (`place`, its code)."""
    actor = actor_of(request)
    signed_in(actor)
    row = cycle_by_key(actor, cycle)
    rows = may_urge(actor, row).filter(step__in=list(BEFORE_SIGNING))
    rows = in_state(rows, row, request.GET.get("state", ""), clock.now())
    if words := request.GET.get("words", "").strip():
        rows = rows.filter(place__in=bearing_words(words).values("pk"))
    if place := request.GET.get("place", "").strip():
        rows = rows.filter(place__code=place)
    back = reverse("cycle", args=[cycle])
    missing = list(rows.select_related("cycle__owner", "place", "turn").order_by("place__sort_key"))
    if not missing:
        require_urging(actor, row, [])
        messages.info(request, _("Nothing is missing there."))
        return redirect(back)
    singly = len(missing) <= SINGLY

    def act(typed: Typed) -> HttpResponse:
        codes = set(typed.several("units"))
        chosen = [each for each in missing if not singly or each.place.code in codes]
        count = actions.urge_reports(actor, cycle=row, reports=chosen, words=typed.text("words"))
        said = ngettext("%(count)s unit was urged.", "%(count)s units were urged.", count)
        messages.success(request, said % {"count": number(count)})
        return redirect(back)

    question = Question(
        title=_("Urge those whose report is missing"),
        told=[
            *([] if singly else [_summed(missing)]),
            _("Whoever answers for a unit is told, with your words; it stands on record."),
            _("A unit that was urged within the last five minutes is not told again."),
        ],
        inputs=[
            *([_units(missing)] if singly else []),
            Input("words", pgettext("urging", "Your words"), kind="area", required=False),
        ],
        button=pgettext("report", "Urge"),
        back=back,
        trail=[
            Crumb(_("Reporting"), reverse("cycles")),
            Crumb(row.title, back),
            Crumb(_("Urge those whose report is missing")),
        ],
        initial=Typed.of(units=[each.place.code for each in missing]),
    )
    return carried(request, question, act)


def _units(missing: Sequence[Report]) -> Input:
    choices = [(each.place.code, f"{each.place.name} · {said_of(each)}") for each in missing]
    return Input("units", _("Whom"), kind="several", choices=choices)


def _summed(missing: Sequence[Report]) -> str:
    """How many they are, with the first of them."""
    first = listed([each.place.name for each in missing[:3]], get_language() or "en")
    said = _("%(count)s units are urged, %(first)s and others.")
    return said % {"count": number(len(missing)), "first": first}
