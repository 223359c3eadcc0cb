"""Projects: which exist for whom, and what is on record of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from throughline.bodies.queries import acting_for, places_in_sight, relations_today, standing_of
from throughline.cascade.models import Root
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.selecting import the_one
from throughline.plans.models import Element
from throughline.plans.queries import IN_FORCE
from throughline.projects.models import (
    Contract,
    Funding,
    ProgressNote,
    ProgressPicture,
    Project,
    Register,
)
from throughline.projects.rules.money import Entry


def day_of(register: Register) -> date:
    """Today where the register is kept."""
    return clock.now().astimezone(ZoneInfo(register.zone)).date()


def registers_visible_to(actor: Actor) -> QuerySet[Register]:
    """How a country keeps its projects is no secret among those who are signed in."""
    return Register.objects.none() if actor.is_nobody else Register.objects.all()


def register_by_key(actor: Actor, scheme: str) -> Register:
    """The register of a scheme of places, or NotFound."""
    found = the_one(registers_visible_to(actor).filter(scheme__key=scheme).select_related("scheme"))
    if found is None:
        raise NotFound(
            _("There is no register of projects “%(key)s”.") % {"key": scheme},
            remedy=_("A plan pack brings it: its projects.yaml."),
        )
    return found


# -- what exists for whom ------------------------------------------------------------------


def projects_visible_to(actor: Actor) -> QuerySet[Project]:
    """Projects that exist for an actor: its body's own and those of bodies directly below it in
    any line; for a government those of the places in its line, for others those at their own
    place; and those that serve an element in which its body has a part, or whose plan it leads,
    or that descends from such a one."""
    standing = standing_of(actor)
    if standing.audits:
        return Project.objects.all()
    if actor.is_nobody or standing.body is None or not standing.sees_content:
        return Project.objects.none()
    mine = acting_for(standing.body)
    here = Project.places.through.objects.filter(
        places_in_sight("place", actor), project=OuterRef("pk")
    )
    below = relations_today().filter(subordinate=OuterRef("owner"), superior__in=mine)
    return Project.objects.filter(
        Q(owner__in=mine) | Q(Exists(here)) | Q(Exists(below)) | _for_a_part(mine)
    )


def _for_a_part(bodies: frozenset[int]) -> Q:
    """Projects that serve what one of some bodies (their ids) has a part in."""
    serving = Project.serves.through.objects.filter(project=OuterRef("pk"))
    found = Q()
    for thread in ("thread__", "thread__roots__root__"):
        part = Q(
            **{
                f"{thread}elements__version__state": IN_FORCE,
                f"{thread}elements__responsibilities__body__in": bodies,
            }
        )
        led = Q(**{f"{thread}plan__lead_body__in": bodies})
        found |= Q(Exists(serving.filter(part))) | Q(Exists(serving.filter(led)))
    return found


_WITH = ("register__scheme", "sector", "owner__place")


def project_by_key(actor: Actor, key: str) -> Project:
    """A project with what its page needs, or NotFound."""
    found = the_one(projects_visible_to(actor).filter(key=key).select_related(*_WITH))
    if found is None:
        raise NotFound(_("There is no such project."))
    return found


def contract_by_id(actor: Actor, key: int) -> Contract:
    """A contract of a project that exists for the actor, or NotFound."""
    found = None
    if 0 <= key < 2**62:
        rows = Contract.objects.filter(pk=key, project__in=projects_visible_to(actor))
        found = the_one(
            rows.select_related(*(f"project__{each}" for each in _WITH), "corrected_by")
        )
    if found is None:
        raise NotFound(_("There is no such contract."))
    return found


def picture_by_id(actor: Actor, key: int) -> ProgressPicture:
    """A picture of a project that exists for the actor, or NotFound."""
    found = None
    if 0 <= key < 2**62:
        rows = ProgressPicture.objects.filter(pk=key, note__project__in=projects_visible_to(actor))
        found = the_one(rows.select_related("file"))
    if found is None:
        raise NotFound(_("There is no such picture."))
    return found


def serving(thread: int) -> Q:
    """Projects that serve an element (the id of its thread), or one that descends from it."""
    served = Project.serves.through.objects.filter(project=OuterRef("pk"))
    below = Root.objects.filter(root=thread).values("thread")
    return Q(Exists(served.filter(Q(thread=thread) | Q(thread__in=below))))


# -- what is on record ---------------------------------------------------------------------


def entries_of(project: Project) -> list[Funding]:
    """The money of a project, entry by entry, by day."""
    return list(Funding.objects.filter(project=project).order_by("on", "pk"))


def as_entries(rows: Sequence[Funding]) -> list[Entry]:
    """The same as the rules of money read it."""
    return [Entry(row.source, row.stage, row.on, row.amount) for row in rows]


def contracts_of(project: Project) -> list[Contract]:
    """The contracts of a project as they stand: none that was corrected by another."""
    rows = Contract.objects.filter(project=project, corrected_by__isnull=True)
    return list(rows.select_related("corrects").order_by("signed_on", "pk"))


def notes_of(project: Project) -> list[ProgressNote]:
    """What was noted of its progress with the pictures (`shown`), the latest first."""
    shown = Prefetch("pictures", ProgressPicture.objects.order_by("pk"), to_attr="shown")
    rows = ProgressNote.objects.filter(project=project).prefetch_related(shown)
    return list(rows.order_by("-on", "-pk"))


def elements_served(project: Project) -> list[Element]:
    """The elements that a project serves, as they stand in force."""
    rows = Element.objects.filter(version__state=IN_FORCE, thread__projects=project)
    return list(rows.select_related("version__plan").order_by("version__plan__key", "position"))
