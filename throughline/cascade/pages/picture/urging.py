"""催办 at the break: pressing those on whom the reader's body laid the element, where something
is missing at or below them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from throughline.bodies.pages.forms import Input, Question, Typed, carried
from throughline.bodies.queries import acting_for, standing_of
from throughline.cascade import actions
from throughline.cascade.models import Assignment
from throughline.cascade.pages.picture.asking import Asked, asked, language
from throughline.cascade.permissions import ISSUING
from throughline.cascade.rules.chain import Counts, Mark
from throughline.cascade.rules.life import Stage
from throughline.kernel.errors import Forbidden
from throughline.places.models import Place
from throughline.ui.shapes import Crumb
from throughline.ui.words import LATE, MARK_WORDS
from throughline.ui.writing import listed, number


@dataclass(frozen=True)
class Urgeable:
    """An assignment that the reader laid on a place at or below which the line stops."""

    assignment: int
    position: int
    counts: Counts


def urgeable(here: Asked) -> list[Urgeable]:
    """The assignments that the reader's body laid on places and under which something is
    missing: the place is silent or late, or below it somebody is, or was never told."""
    standing = standing_of(here.actor)
    if standing.body is None or not standing.duties & ISSUING:
        return []
    mine = acting_for(standing.body)
    line, units = here.line, here.picture.units
    # Where a place is opened, who laid it out further up presses those on the way there.
    below = line.below(here.at)
    found = []
    for position in (*line.path(here.at), *below):
        stand = units[position].stand
        own = [key for key in stand.assignments if here.found.laid[key].issuer in mine]
        if (
            not own
            or not line.seen[position]
            or stand.stage in {Stage.FINISHED, Stage.NOT_APPLICABLE}
        ):
            continue
        counts = here.picture.counts([position, *line.below(position)])
        if counts.broken or counts.late:
            found.append(Urgeable(own[0], position, counts))
    return found


def _label(one: Urgeable, place: Place) -> str:
    """A choice of the form: the place, and what is missing there."""
    counts = one.counts
    said = [
        f"{MARK_WORDS[mark]} {number(counts.at(mark))}"
        for mark in (Mark.SILENT, Mark.NOT_PASSED_DOWN)
        if counts.at(mark)
    ]
    said += [f"{LATE} {number(counts.late)}"] if counts.late else []
    return f"{place.name} · {listed(said, language())}"


@require_http_methods(["GET", "HEAD", "POST"])
def urge(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """Choose whom to urge, and with what words; whoever is chosen is told, and it is on
    record."""
    here = asked(request, plan, key)
    found = {str(each.assignment): each for each in urgeable(here)}
    if not found:
        raise Forbidden(
            _("There is nothing here that you urge on."),
            rule="cascade.issuer",
            lifted_by=here.plan.lead_body.name,
            remedy=_("Only the body that laid a task on another urges it."),
        )
    names = here.named([each.position for each in found.values()])

    def act(typed: Typed) -> HttpResponse:
        keys = [int(each) for each in typed.several("assignments") if each in found]
        rows = Assignment.objects.filter(pk__in=keys).select_related("issuer", "body", "thread")
        count = actions.urge_tasks(here.actor, assignments=list(rows), words=typed.text("words"))
        said = ngettext("%(count)s place was urged.", "%(count)s places were urged.", count)
        messages.success(request, said % {"count": number(count)})
        return redirect(back)

    query = request.GET.urlencode()
    address = reverse("throughline", args=[plan, key])
    back = f"{address}?{query}" if query else address
    question = Question(
        title=_("Urge at the breaks"),
        told=[
            _("Each place that is chosen is told, with your words; it stands on record."),
            _("What its own units below owe, it urges on itself."),
        ],
        inputs=[
            Input(
                "assignments",
                _("Whom"),
                kind="several",
                choices=[
                    (value, _label(each, names[each.position])) for value, each in found.items()
                ],
                hint=_("What is missing there, itself included, stands behind each."),
            ),
            Input("words", pgettext("urging", "Your words"), kind="area", required=False),
        ],
        button=_("Urge"),
        back=back,
        trail=[
            Crumb(here.plan.title, reverse("plan", args=[plan])),
            Crumb(here.element.title, reverse("element", args=[plan, key])),
            Crumb(pgettext("picture", "Throughline"), back),
            Crumb(_("Urge at the breaks")),
        ],
        initial=Typed.of(assignments=list(found)),
    )
    return carried(request, question, act)
