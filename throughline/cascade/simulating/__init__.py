"""A simulated cascade over a whole country: to try pages, checks and measurements on.

All of it is labelled simulated: the plans by their keys, titles and pack, the elements and targets
each by itself. It hangs on real places and bodies and touches nothing else of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from throughline.bodies.models import Post
from throughline.bodies.rules import GOVERNING, BodyKind, Duty
from throughline.cascade.simulating.shaping import Seat, shape
from throughline.cascade.simulating.storing import KEY, Storing, bodies_by_place, log
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid
from throughline.kernel.permissions import require_installation
from throughline.places.models import Place, Scheme
from throughline.places.queries import Tree, tree_at
from throughline.plans.models import Plan

__all__ = ["KEY", "TOTALS", "simulate_cascade"]

TOTALS = (300, 9000, 33_000, 57_000)
"""How many elements there are at each tier, from the top."""


@action("cascade.simulate")
def simulate_cascade(
    act: Act,
    *,
    scheme: Scheme,
    today: date,
    totals: Sequence[int] = TOTALS,
    seed: int = 14,
) -> Plan:
    """Write a simulated national plan and the local plans below it as of a day, on the places
    of that day and the bodies that sit there, and give the national plan.

    Raises Conflict where there is one already, Invalid where nobody sits at the top.
    """
    require_installation(act.actor)
    if Plan.objects.filter(key=KEY).exists():
        raise Conflict(
            _("There is a simulated cascade already."),
            remedy=_("It stays as it is; a fresh installation takes another one."),
        )
    seats = _seats(scheme, tree_at(scheme, today), len(totals))
    if not seats or seats[0].above != -1:
        raise Invalid(_("The top of “%(scheme)s” has no body.") % {"scheme": scheme})
    cascade = shape(seats, totals, today, seed)
    log.info("shaped: %s plans, %s links", f"{len(cascade.plans):,}", f"{cascade.links:,}")
    plan = Storing(act, scheme, cascade).store()
    act.about(plan)
    act.record(
        today=today,
        seed=seed,
        plans=len(cascade.plans),
        elements=len(cascade.elements),
        links=cascade.links,
        assignments=len(cascade.laid),
    )
    return plan


def _seats(scheme: Scheme, tree: Tree, tiers: int) -> list[Seat]:
    """The places of the tiers at which somebody governs, a place after the one above it.
    Whoever lies below a place where nobody does answers to the next one above."""
    sitting: dict[int, list[tuple[int, str]]] = {}
    for place, body, kind in bodies_by_place(tree.ids):
        sitting.setdefault(place, []).append((body, kind))
    posts = _posts([body for bodies in sitting.values() for body, _kind in bodies])
    places = Place.objects.filter(scheme=scheme).in_bulk(tree.ids)
    seats: list[Seat] = []
    number: dict[int, int] = {}
    for at, place in enumerate(tree.ids):
        above = tree.parents[at]
        number[at] = number.get(above, -1)
        here = sitting.get(place, [])
        governments = [body for body, kind in here if kind in GOVERNING]
        if not governments or tree.levels[at] >= tiers:
            continue
        departments = [body for body, kind in here if kind == BodyKind.DEPARTMENT]
        row = places[place]
        seats.append(
            Seat(
                place, row.code, row.name_en, row.name_zh, tree.levels[at], number[at],
                governments[0], tuple(departments or governments),
                {body: posts[body] for body, _kind in here if body in posts},
            )
        )  # fmt: skip
        number[at] = len(seats) - 1
    return seats


def _posts(bodies: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By body, the post that decides and the one that prepares; the same one where there is
    one only."""
    found: dict[int, dict[int, Sequence[str]]] = {}
    for key, body, duties in Post.objects.filter(body__in=bodies).values_list(
        "pk", "body_id", "duties"
    ):
        found.setdefault(body, {})[key] = duties

    def first(posts: dict[int, Sequence[str]], *wanted: Duty) -> int:
        ranked = sorted(posts, key=lambda key: (not set(wanted) & set(posts[key]), key))
        return ranked[0]

    return {
        body: (first(posts, Duty.DECIDE), first(posts, Duty.REPORT))
        for body, posts in found.items()
    }
