"""What people write in forms and tables about projects, read: places, elements, amounts.

Whatever cannot be read is told with the words that were written.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import today
from throughline.files.numbers import read_number
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, Problem
from throughline.places.models import Closure, Place
from throughline.places.queries import valid_on
from throughline.plans.models import Thread
from throughline.plans.queries import IN_FORCE, elements_visible_to


def read_amount(text: object, field: str) -> Decimal | None:
    """A number as people write it; None where nothing is."""
    try:
        found = read_number(text)
    except Invalid as error:
        raise Invalid(
            error.message,
            problems=[Problem(field, error.message, error.remedy or "", field=field)],
        ) from error
    return None if found.value is None else Decimal(repr(found.value))


def read_places(owner: Body, lines: Sequence[str], field: str) -> list[Place]:
    """Places within that of the owner, each by its code or a name."""
    above = Closure.objects.filter(
        valid_on(today()), ancestor=owner.place_id, descendant=OuterRef("pk")
    )
    within = Place.objects.filter(Exists(above), valid_on(today()))
    found: dict[int, Place] = {}
    problems = []
    for line in lines:
        rows = list(within.filter(Q(code=line) | Q(name_en=line) | Q(name_zh=line))[:2])
        if len(rows) == 1:
            found[rows[0].pk] = rows[0]
            continue
        said = (
            _("Several places are called “%(words)s”: write the code of one.")
            if rows
            else _("“%(words)s” is no place within that of the owner.")
        )
        problems.append(Problem(field, said % {"words": line}, field=field))
    if problems:
        raise Invalid(_("Not every place was found."), problems=problems)
    return list(found.values())


def read_elements(actor: Actor, lines: Sequence[str], field: str) -> list[Thread]:
    """Elements of plans in force, each as `plan/element` by their keys."""
    found: dict[int, Thread] = {}
    problems = []
    for line in lines:
        plan, _slash, key = line.partition("/")
        rows = elements_visible_to(actor).filter(
            version__state=IN_FORCE, version__plan__key=plan.strip(), key=key.strip()
        )
        row = rows.select_related("thread__plan").order_by().first()
        if row is not None:
            found[row.thread_id] = row.thread
            continue
        said = _("“%(words)s” is no element of a plan in force.") % {"words": line}
        remedy = _("Write plan/element, as in the address of the element's page.")
        problems.append(Problem(field, said, remedy, field=field))
    if problems:
        raise Invalid(_("Not every element was found."), problems=problems)
    return list(found.values())
