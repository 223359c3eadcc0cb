"""What elements wait for, by the API."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status

from throughline.cascade import actions
from throughline.cascade.api.routing import actor_signed_in, element_by_key, router
from throughline.cascade.dependencies import Other, dependencies_of, waiting_element
from throughline.cascade.models import Dependency
from throughline.cascade.permissions import require_issuing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.refusals import REFUSALS
from throughline.plans.models import Element


class OtherOut(Schema):
    """An element at the other end of a dependency."""

    plan: str
    element: str
    number: str
    title_en: str
    title_zh: str
    deadline: date | None
    in_force: bool
    done: bool | None = Field(description="null where nobody leads it, as far as one sees")


class DependenciesOut(Schema):
    """What an element waits for, and what waits for it; at most a hundred of each, and whether
    there are more."""

    awaits: list[OtherOut]
    awaited_by: list[OtherOut]
    are_more: bool


class AwaitedIn(Schema):
    """The key of an element in force; it is of the same plan where no other is named."""

    awaited: str
    plan: str = ""


def _other(each: Other) -> OtherOut:
    row = each.element
    return OtherOut(
        plan=each.plan.key,
        element=row.key,
        number=row.number,
        title_en=row.title_en,
        title_zh=row.title_zh,
        deadline=row.deadline,
        in_force=each.in_force,
        done=each.done,
    )


def _out(actor: Actor, element: Element) -> DependenciesOut:
    found = dependencies_of(actor, element)
    return DependenciesOut(
        awaits=[_other(each) for each in found.awaits],
        awaited_by=[_other(each) for each in found.awaited_by],
        are_more=found.are_more,
    )


@router.get("/plans/{plan}/elements/{key}/dependencies", response={200: DependenciesOut} | REFUSALS)
def list_dependencies(request: HttpRequest, plan: str, key: str) -> DependenciesOut:
    """What an element waits for, and what waits for it."""
    actor = actor_signed_in(request)
    return _out(actor, waiting_element(actor, plan, key))


@router.post(
    "/plans/{plan}/elements/{key}/dependencies", response={201: DependenciesOut} | REFUSALS
)
def await_element(
    request: HttpRequest, plan: str, key: str, given: AwaitedIn
) -> Status[DependenciesOut]:
    """Let an element wait until another one is done."""
    actor = actor_signed_in(request)
    element = waiting_element(actor, plan, key)
    other = element_by_key(actor, given.plan or plan, given.awaited)
    actions.await_element(actor, element=element, awaited=other)
    return Status(201, _out(actor, element))


@router.delete(
    "/plans/{plan}/elements/{key}/dependencies/{awaited_plan}/{awaited}",
    response={200: DependenciesOut} | REFUSALS,
)
def await_no_more(
    request: HttpRequest, plan: str, key: str, awaited_plan: str, awaited: str
) -> DependenciesOut:
    """Let an element wait for another one no longer."""
    actor = actor_signed_in(request)
    element = waiting_element(actor, plan, key)
    require_issuing(actor, element.version.plan)
    rows = Dependency.objects.filter(
        after=element.thread_id, before__plan__key=awaited_plan, before__key=awaited
    )
    row = rows.select_related("before__plan").first()
    if row is None:
        raise NotFound(_("The element does not wait for this one (any more)."))
    actions.await_no_more(actor, element=element, awaited=row.before)
    return _out(actor, element)
