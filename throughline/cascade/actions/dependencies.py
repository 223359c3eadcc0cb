"""What has to be done before something else can be: an element waits for another."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.cascade.dependencies import numbered, texts_of, way_between
from throughline.cascade.models import Dependency
from throughline.cascade.permissions import require_issuing
from throughline.cascade.queries import top_of
from throughline.kernel.action import Act, action
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.plans.models import Element, Plan, PlanVersion, Thread
from throughline.plans.queries import IN_FORCE, elements_visible_to

FIELD = "awaited"
"""The field of forms and requests in which the other element stands."""


@action("element.await")
def await_element(act: Act, *, element: Element, awaited: Element) -> Dependency:
    """Let an element wait until another one is done: one in force, of the same plan or of
    another one in its line. It holds across the versions of both plans."""
    plan = element.version.plan
    require_issuing(act.actor, plan)
    top = top_of(plan)
    # Rings run through the plans of one line: whoever adds an arrow in it waits here, so that
    # two opposite ones do not both find the way still open. What is read, is read after that.
    Plan.objects.select_for_update(no_key=True).get(pk=top.pk)
    _require_present(element)
    _require_awaitable(act.actor, element, awaited, top)
    _require_no_ring(element, awaited)
    act.about(element)
    row = Dependency.objects.create(before=awaited.thread, after=element.thread)
    act.record(element=str(element.thread), awaits=str(awaited.thread))
    return row


@action("element.await_no_more")
def await_no_more(act: Act, *, element: Element, awaited: Thread) -> None:
    """Let an element wait for another one no longer."""
    require_issuing(act.actor, element.version.plan)
    rows = Dependency.objects.select_for_update(of=("self",))
    row = rows.filter(after=element.thread_id, before=awaited).first()
    if row is None:
        raise Conflict(_("The element does not wait for this one (any more)."))
    act.about(element)
    act.record(before={"element": str(element.thread), "awaits": str(awaited)})
    row.delete()


def _refused(message: str, remedy: str) -> Invalid:
    problem = Problem(FIELD, message, remedy, field=FIELD)
    return Invalid(_("The dependency was not set."), problems=[problem])


def _require_present(element: Element) -> None:
    """Raise unless the waiting element stands in the version in force, or in the draft."""
    if element.version.state == PlanVersion.State.SUPERSEDED:
        raise Conflict(
            _("“%(title)s” is of a superseded version.") % {"title": element.title},
            remedy=_("Open the element in the plan's present version."),
        )
    if element.kind == Element.Kind.STRAND:
        raise Invalid(
            _("A strand is a heading: what stands under it waits, not the strand itself.")
        )


def _require_awaitable(actor: Actor, element: Element, awaited: Element, top: Plan) -> None:
    """Raise unless the other element is there for the actor, in force, another one, and in the
    line of the plan; or where it is awaited already."""
    rows = elements_visible_to(actor).filter(pk=awaited.pk)
    other = rows.select_related("version__plan").first()
    if other is None:
        raise _refused(_("There is no such element."), _("Find it by words and choose one."))
    if other.thread_id == element.thread_id:
        raise _refused(_("An element does not wait for itself."), _("Choose another one."))
    said = {"title": numbered(other), "plan": other.version.plan.title}
    if other.version.state != IN_FORCE:
        raise Conflict(
            _("“%(title)s” is not in force.") % said, place=FIELD,
            remedy=_("Choose an element of the version in force."),
        )  # fmt: skip
    if other.kind == Element.Kind.STRAND:
        raise _refused(
            _("“%(title)s” is a strand, a heading: nothing of it is ever done.") % said,
            _("Choose an element that stands under it."),
        )
    if top_of(other.version.plan).pk != top.pk:
        raise _refused(
            _("“%(plan)s” has nothing to do with this plan.") % said,
            _("Choose an element of this plan, of one above it, or of one in the same line."),
        )
    if Dependency.objects.filter(after=element.thread_id, before=other.thread_id).exists():
        raise Conflict(
            _("It waits for “%(title)s” already.") % said, place=FIELD,
            remedy=_("Nothing needs to be done."),
        )  # fmt: skip


def _require_no_ring(element: Element, awaited: Element) -> None:
    """Raise where the other element waits for this one, over however many between."""
    way = way_between(awaited.thread_id, element.thread_id)
    if not way:
        return
    ring = [element.thread_id, *way]
    known = texts_of(ring) | {element.thread_id: element}
    plan = element.version.plan_id
    raise _refused(
        _("Then all of these would wait for each other, and none could begin: %(ring)s.")
        % {"ring": " → ".join(_name(known.get(thread), plan) for thread in ring)},
        _("Take one of these dependencies away first, or choose another element."),
    )


def _name(element: Element | None, plan: int) -> str:
    """An element in a ring; one of another plan with its plan."""
    if element is None:
        return "?"
    named = numbered(element)
    if element.version.plan_id == plan:
        return named
    return f"{named} ({element.version.plan.title})"
