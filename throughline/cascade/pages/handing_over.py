"""交接: what a body has open goes to the body that follows it, when it is reorganised."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.pages.bodies import found_body
from throughline.bodies.pages.bodies_acts import body_trail
from throughline.bodies.pages.forms import Input, Question, Typed, carried, chosen, refused
from throughline.bodies.permissions import require_administrator_of
from throughline.cascade import actions
from throughline.cascade.actions.handing_over import HandedOver
from throughline.cascade.models import Assignment
from throughline.cascade.pages.answering import BODY, FORM, label_of
from throughline.cascade.queries import open_assignments
from throughline.kernel.text import is_id

LISTED = 100
"""Up to so many assignments are chosen from one by one; more are handed over together."""


def _groups(body: Body) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a body has open, under the plan it stands in and in its order."""
    rows = open_assignments().filter(body=body).select_related("element__version__plan")
    rows = rows.order_by("element__version__plan__key", "element__position", "part")
    return [
        (plan.title, [(str(row.pk), label_of(row, _("due %(day)s"), row.due)) for row in several])
        for plan, several in groupby(rows, key=lambda row: row.element.version.plan)
    ]


def _chosen(body: Body, typed: Typed) -> list[Assignment]:
    ticked = filter(is_id, typed.several("assignments"))
    found = list(open_assignments().filter(body=body, pk__in=list(ticked)))
    if not found:
        raise refused("assignments", _("Choose at least one."))
    return found


def _sentence(done: HandedOver) -> str:
    """What was done, in words."""
    said = ngettext(
        "%(count)s assignment was handed over.", "%(count)s assignments were handed over.",
        done.passed,
    ) % {"count": done.passed}  # fmt: skip
    if not done.merged:
        return said
    return said + " " + ngettext(
        "%(count)s ended because the body that follows had the same part already.",
        "%(count)s ended because the body that follows had the same parts already.",
        done.merged,
    ) % {"count": done.merged}  # fmt: skip


@require_http_methods(FORM)
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Pass what a body has open, all or some of it, to the one that follows it."""
    actor = actor_of(request)
    body = found_body(actor, key)
    require_administrator_of(actor, body.place)
    held = open_assignments().filter(body=body).count()
    one_by_one = 0 < held <= LISTED
    groups = _groups(body) if one_by_one else []
    back = reverse("body", args=[body.key])
    if not held:
        messages.info(request, _("%(body)s has nothing open to hand over.") % {"body": body.name})
        return redirect(back)
    successor = Input("successor", _("Body that follows"), kind="find", source=BODY)

    def act(typed: Typed) -> HttpResponse:
        done = actions.hand_over_tasks(
            actor, body=body, successor=chosen(actor, successor, typed),
            reason=typed.text("reason"),
            assignments=_chosen(body, typed) if one_by_one else None,
        )  # fmt: skip
        messages.success(request, _sentence(done))
        return redirect(back)

    question = Question(
        title=_("Hand over what is open"),
        told=[
            ngettext(
                "%(body)s has %(count)s open assignment.",
                "%(body)s has %(count)s open assignments.",
                held,
            ) % {"body": body.name, "count": held},
            _("They go to the body that follows, which signs for their arrival anew."),
            _("Where it has the same part already, the old one ends in its favour. Reports and "
              "claims stay on record."),
        ],
        inputs=[
            successor,
            *([Input("assignments", _("What is handed over"), kind="several", groups=groups)]
              if one_by_one else []),
            Input("reason", _("Reason"), kind="area"),
        ],
        initial=Typed.of(assignments=[value for _plan, rows in groups for value, _said in rows]),
        button=_("Hand over"),
        back=back,
        trail=body_trail(body, _("Hand over what is open")),
        draft=f"body:{body.key}:hand-over",
    )  # fmt: skip
    return carried(request, question, act)
