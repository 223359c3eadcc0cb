"""What a case can be about: rooms above declare how they know it; filled by `config/wiring.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.subjects.kinds import Subject


@dataclass(frozen=True)
class CaseSubject:
    """A subject as a case needs it: the plan (its key) by whose procedures it goes, what kind of
    thing it is, and who leads and supports it as printed. Whoever supports it is always asked."""

    subject: Subject
    plan: str
    kind: str
    lead: Body | None = None
    supporting: tuple[Body, ...] = field(default=())


Find = Callable[[Actor, str], CaseSubject]

_KINDS: dict[str, Find] = {}


def declare(kinds: Mapping[str, Find]) -> None:
    """Make known how subjects of some kinds are found. Each raises NotFound for what does not
    exist for the actor."""
    _KINDS.update(kinds)


def case_subject(actor: Actor, kind: str, key: str) -> CaseSubject:
    """What a case would be about, or NotFound."""
    find = _KINDS.get(kind)
    if find is None or actor.is_nobody or len(key) > 200:
        raise NotFound(_("There is nothing of this kind that is submitted for approval."))
    return find(actor, key)
