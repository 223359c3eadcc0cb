"""交接: what a body has open goes to the body that follows it, when it is reorganised."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.bodies import found_body
from throughline.bodies.pages.bodies_acts import body_trail
from throughline.bodies.pages.forms import Input, Question, Typed, carried, chosen
from throughline.bodies.permissions import require_administrator_of
from throughline.cascade import actions
from throughline.cascade.pages.answering import BODY, FORM
from throughline.cascade.queries import open_assignments


@require_http_methods(FORM)
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Pass everything that a body has open to the one that follows it."""
    actor = actor_of(request)
    body = found_body(actor, key)
    require_administrator_of(actor, body.place)
    held = open_assignments().filter(body=body).count()
    back = reverse("body", args=[body.key])
    successor = Input("successor", _("Body that follows"), kind="find", source=BODY)

    def act(typed: Typed) -> HttpResponse:
        count = actions.hand_over_tasks(
            actor, body=body, successor=chosen(actor, successor, typed),
            reason=typed.text("reason"),
        )  # fmt: skip
        messages.success(
            request,
            ngettext(
                "%(count)s assignment was handed over.", "%(count)s assignments were handed over.",
                count,
            ) % {"count": count},
        )  # fmt: skip
        return redirect(back)

    question = Question(
        title=_("Hand over what is open"),
        told=[
            ngettext(
                "%(body)s has %(count)s open assignment.",
                "%(body)s has %(count)s open assignments.",
                held,
            ) % {"body": body.name, "count": held},
            _("All go to the body that follows, which signs for their arrival anew."),
            _("Where it has the same part already, the old one ends in its favour. Reports and "
              "claims stay on record."),
        ],
        inputs=[successor, Input("reason", _("Reason"), kind="area")],
        button=_("Hand over"),
        back=back,
        trail=body_trail(body, _("Hand over what is open")),
        draft=f"body:{body.key}:hand-over",
    )  # fmt: skip
    return carried(request, question, act)
