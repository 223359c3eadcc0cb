"""What an element waits for: shown on its page, and set by form."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried, chosen
from throughline.bodies.permissions import signed_in
from throughline.cascade import actions
from throughline.cascade.dependencies import (
    Dependencies,
    Other,
    dependencies_of,
    numbered,
    waiting_element,
)
from throughline.cascade.models import Dependency
from throughline.cascade.pages.answering import FORM
from throughline.cascade.permissions import require_issuing
from throughline.cascade.viewing import passes
from throughline.kernel.errors import NotFound
from throughline.kernel.text import is_id
from throughline.plans.models import Element
from throughline.plans.queries import IN_FORCE
from throughline.plans.sections import Section
from throughline.ui.shapes import Crumb


@dataclass(frozen=True)
class Shown:
    """The dependencies of an element, as its page shows them."""

    element: Element
    found: Dependencies
    may_change: bool

    @property
    def set_url(self) -> str:
        return reverse("await-element", args=_address(self.element))

    @property
    def remove_url(self) -> str:
        return reverse("await-no-more", args=_address(self.element))


def _address(element: Element) -> list[str]:
    return [element.version.plan.key, element.key]


def dependencies(request: HttpRequest, element: Element) -> Section | None:
    """What an element waits for and what waits for it; nothing where there is neither, and
    nobody who could say so. A strand waits for nothing."""
    if element.kind == Element.Kind.STRAND:
        return None
    actor = actor_of(request)
    shown = Shown(
        element,
        dependencies_of(actor, element),
        may_change=passes(lambda: require_issuing(actor, element.version.plan)),
    )
    if not (shown.found.awaits or shown.found.awaited_by or shown.may_change):
        return None
    return Section("cascade/dependencies.html", shown)


def _way_back(element: Element) -> str:
    """Where an element's dependencies stand: on its page; of a draft, on that of the plan."""
    if element.version.state == IN_FORCE:
        return f"{reverse('element', args=_address(element))}#waits"
    return f"{reverse('local-plan', args=[element.version.plan.key])}#elements"


@require_http_methods(FORM)
def await_element(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """Let an element wait for another one."""
    actor = actor_of(request)
    signed_in(actor)
    element = waiting_element(actor, plan, key)
    require_issuing(actor, element.version.plan)
    awaited = Input(
        "awaited", _("What has to be done before"), kind="find", source=f"elements-{plan}",
        hint=_("Of this plan, of the one above, or of another one in the same line; words of its "
               "text find it, or its number in this plan."),
    )  # fmt: skip

    def act(typed: Typed) -> HttpResponse:
        other = chosen(actor, awaited, typed)
        actions.await_element(actor, element=element, awaited=other)
        messages.success(
            request, _("It waits until “%(title)s” is done.") % {"title": numbered(other)}
        )
        return redirect(_way_back(element))

    question = Question(
        title=_("Wait for another element"),
        told=[
            _("“%(title)s” can begin only when the other one is done.")
            % {"title": numbered(element)}
        ],
        facts=[_fact(each) for each in dependencies_of(actor, element).awaits],
        inputs=[awaited],
        button=_("Let it wait"),
        back=_way_back(element),
        trail=[
            Crumb(element.version.plan.title, reverse("plan", args=[plan])),
            Crumb(element.title, _way_back(element)),
            Crumb(_("Wait for another element")),
        ],
        draft=f"await:{plan}/{key}",
    )
    return carried(request, question, act)


def _fact(each: Other) -> str:
    """What it waits for already."""
    said = {"title": numbered(each.element), "plan": each.plan.title}
    return _("It waits for “%(title)s” of “%(plan)s” already.") % said


@require_POST
def await_no_more(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """Let an element wait for another one no longer."""
    actor = actor_of(request)
    signed_in(actor)
    element = waiting_element(actor, plan, key)
    named = request.POST.get("awaited", "")
    rows = Dependency.objects.filter(after=element.thread_id).select_related("before__plan")
    row = rows.filter(before=int(named)).first() if is_id(named) else None
    require_issuing(actor, element.version.plan)
    if row is None:
        raise NotFound(_("The element does not wait for this one (any more)."))
    actions.await_no_more(actor, element=element, awaited=row.before)
    messages.success(request, _("It waits for it no longer."))
    return redirect(_way_back(element))
