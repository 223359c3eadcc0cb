"""Setting the targets of a local plan."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from throughline.bodies.pages.forms import Input, Question, Typed, carried, refused
from throughline.cascade import actions
from throughline.cascade.pages.answering import FORM
from throughline.cascade.pages.local_plans import local, needed_draft, trail
from throughline.cascade.pages.target_lines import target_lines
from throughline.cascade.weakening import weaker_targets
from throughline.kernel.actor import Actor
from throughline.plans.models import Indicator, Plan, PlanVersion, Target
from throughline.plans.queries import indicator_by_key, indicators_visible_to

OPERATORS = {
    Target.Operator.GE: gettext_lazy("at least"),
    Target.Operator.LE: gettext_lazy("at most"),
    Target.Operator.EQ: gettext_lazy("exactly"),
    Target.Operator.ABOUT: gettext_lazy("about"),
    Target.Operator.RANGE: gettext_lazy("within a range"),
    Target.Operator.PLUS: gettext_lazy("more than the baseline by"),
    Target.Operator.MINUS: gettext_lazy("less than the baseline by"),
    Target.Operator.DIRECTION: gettext_lazy("a direction alone"),
}


@require_http_methods(FORM)
def set_target(request: HttpRequest, plan: str) -> HttpResponse:
    """Set a target of the place, or change it."""
    actor, row, superior = local(request, plan)
    draft = needed_draft(request, row)
    indicators = {each.key: each for each in _indicators(actor, row)}
    asked = request.GET.get("indicator", ""), request.GET.get("by", "")
    named = [
        (key, f"{each.title} ({each.symbol or each.unit})") for key, each in indicators.items()
    ]

    def act(typed: Typed) -> HttpResponse:
        indicator = indicators.get(typed.text("indicator"))
        if indicator is None:
            raise refused("indicator", _("Choose one of those offered."))
        actions.set_target(
            actor, version=draft, indicator=indicator, operator=typed.text("operator"),
            value=_number(typed, "value"), upper=_number(typed, "upper"), by=typed.text("by"),
        )  # fmt: skip
        messages.success(request, _("The target is in the draft."))
        for fault in weaker_targets(draft, superior):
            messages.warning(request, fault.message)
        return redirect(f"{reverse('local-plan', args=[plan])}#targets")

    question = Question(
        title=_("Target of our own"),
        told=[_("A place may tighten or add. What is weaker than a binding target above is "
                "refused when the plan is issued.")],
        facts=_facts(superior, row, draft, asked),
        inputs=[
            Input("indicator", _("Indicator"), kind="choice", choices=[("", _("choose")), *named]),
            Input(
                "operator", _("Target"), kind="choice",
                choices=[(key.value, str(word)) for key, word in OPERATORS.items()],
            ),
            Input("value", _("Number"), required=False, hint=_("In the indicator’s unit.")),
            Input("upper", _("Upper end of a range"), required=False),
            Input(
                "by", _("By the end of"), hint=_("A year, quarter or month: 2025, 2025Q2, 2025-06.")
            ),
        ],
        button=_("Keep it in the draft"),
        back=reverse("local-plan", args=[plan]),
        trail=trail(row, superior, _("Target of our own")),
        initial=_initial(draft, row, asked),
        draft=f"local-plan:{plan}:target",
    )  # fmt: skip
    return carried(request, question, act)


def _indicators(actor: Actor, plan: Plan) -> Sequence[Indicator]:
    return list(indicators_visible_to(actor).filter(scheme=plan.scheme).order_by("key"))


def _facts(superior: Plan, plan: Plan, draft: PlanVersion, asked: tuple[str, str]) -> list[str]:
    """What the plan above says for what is asked."""
    return [
        _("Above: %(target)s, %(meant)s") % {"target": each.above, "meant": each.bindingness}
        for each in target_lines(superior, plan, draft)
        if each.above and (each.indicator.key, each.by) == asked
    ]


def _initial(draft: PlanVersion, plan: Plan, asked: tuple[str, str]) -> Typed:
    indicator, by = asked
    own = Target.objects.filter(
        version=draft, place=plan.place, indicator__key=indicator, by=by
    ).first()
    if own is None:
        return Typed.of(indicator=indicator, by=by, operator="ge")
    return Typed.of(
        indicator=indicator, by=by, operator=own.operator, value=_written(own.value),
        upper=_written(own.upper),
    )  # fmt: skip


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _number(typed: Typed, name: str) -> float | None:
    """The number in a field, as people write it; None where it is empty."""
    text = typed.text(name).replace(",", "").replace("，", "").replace("−", "-").strip()
    try:
        found = float(text) if text else None
    except ValueError:
        found = math.nan
    if found is not None and not math.isfinite(found):
        raise refused(name, _("Write a number, such as 65 or 63.9."))
    return found


@require_POST
def remove_target(request: HttpRequest, plan: str) -> HttpResponse:
    """Take a target of the place out of the draft."""
    actor, row, _superior = local(request, plan)
    indicator = indicator_by_key(actor, request.POST.get("indicator", ""), row.scheme.key)
    actions.remove_target(
        actor, version=needed_draft(request, row), indicator=indicator,
        by=request.POST.get("by", ""),
    )  # fmt: skip
    messages.success(request, _("The target is out of the draft."))
    return redirect(f"{reverse('local-plan', args=[plan])}#targets")
