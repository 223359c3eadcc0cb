"""Putting projects on the register, and amending what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.queries import today
from throughline.cascade.actions import Text
from throughline.cascade.actions.texts import NO_TEXT
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.places.models import Closure, Place
from throughline.places.queries import valid_on
from throughline.plans.models import Element, Thread
from throughline.plans.queries import IN_FORCE
from throughline.projects.actions.checking import (
    LONGEST_TEXT,
    amount_faults,
    locked,
    money_faults,
    text_faults,
)
from throughline.projects.models import Project, Register, Sector
from throughline.projects.permissions import require_keeping, require_owning, require_state
from throughline.projects.rules.life import ProjectDeed, fits_form

LAND_DECIMALS = 4
_KEY = re.compile("[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What the register says of a project. Amounts are in the register's unit, land in
    hectares; the places lie in that of the owner."""

    title: Text
    sector: Sector | None
    places: Sequence[Place]
    purpose: Text = NO_TEXT
    code: str = ""
    serves: Sequence[Thread] = ()
    cost: Decimal | None = None
    land: Decimal | None = None
    start_planned: date | None = None
    finish_planned: date | None = None


def particulars_of(project: Project) -> Particulars:
    """A project as it stands."""
    return Particulars(
        title=Text.of(project, "title"),
        purpose=Text.of(project, "purpose"),
        code=project.code,
        sector=project.sector,
        places=list(project.places.order_by("sort_key", "code")),
        serves=list(project.serves.select_related("plan").order_by("plan__key", "key")),
        cost=project.cost,
        land=project.land,
        start_planned=project.start_planned,
        finish_planned=project.finish_planned,
    )


def state_of(project: Project) -> str:
    """A mark of how a project stands: who amends it says which state was seen."""
    return digest(_on_record(particulars_of(project)))[:16]


def _number(amount: Decimal | None) -> str | None:
    """An amount as the journal has it, however many zeros it was given with."""
    return None if amount is None else f"{amount.normalize():f}"


def _on_record(given: Particulars) -> dict[str, Any]:
    return {
        **given.title.fields("title"),
        **given.purpose.fields("purpose"),
        "code": given.code.strip(),
        "sector": given.sector and given.sector.key,
        "places": sorted(place.code for place in given.places),
        "serves": sorted(str(thread) for thread in given.serves),
        "cost": _number(given.cost),
        "land": _number(given.land),
        "start_planned": given.start_planned,
        "finish_planned": given.finish_planned,
    }


@action("project.register")
def register_project(
    act: Act, *, register: Register, owner: Body, particulars: Particulars, key: str = ""
) -> Project:
    """Put a project of a body on its country's register. Without a key it gets its national
    code as one, or a number."""
    require_owning(act.actor, owner)
    problems = [*_owner_faults(register, owner), *_faults(register, owner, particulars)]
    if key and not _KEY.fullmatch(key):
        said = _("A key is of small letters, digits and hyphens.")
        problems.append(Problem("key", said, field="key"))
    if problems:
        raise Invalid(_("The project was not put on the register."), problems=problems)
    # Whoever registers at the same time waits here, so that "already" is said truly.
    Register.objects.select_for_update(no_key=True).get(pk=register.pk)
    _refuse_twice(register, particulars.code)
    row = Project(register=register, owner=owner, key=_key_for(key, particulars, act.number))
    _write(row, particulars)
    act.about(row)
    act.record(key=row.key, owner=owner.key, **_on_record(particulars))
    return row


def _key_for(key: str, given: Particulars, number: int) -> str:
    """The key that was asked for; else the code, where no other project has it as its key."""
    if key and Project.objects.filter(key=key).exists():
        raise Conflict(
            _("There is a project with the key “%(key)s” already.") % {"key": key},
            place="key",
            remedy=_("Choose another key, or amend that project."),
        )
    by_code = given.code.strip().lower()
    if key or not _KEY.fullmatch(by_code) or Project.objects.filter(key=by_code).exists():
        return key or f"p{number}"
    return by_code


def _refuse_twice(register: Register, code: str, but: int = 0) -> None:
    same = Project.objects.filter(register=register, code=code.strip()).exclude(pk=but)
    if code.strip() and same.exists():
        raise Conflict(
            _("A project with this national code is on the register already."),
            place="code",
            remedy=_("Compare the code with its paper; one project has one code."),
        )


def _write(row: Project, given: Particulars) -> None:
    assert given.sector is not None  # noqa: S101 (a fault otherwise)
    for name, text in {**given.title.fields("title"), **given.purpose.fields("purpose")}.items():
        setattr(row, name, text)
    row.code = given.code.strip()
    row.sector = given.sector
    for name in ("cost", "land", "start_planned", "finish_planned"):
        setattr(row, name, getattr(given, name))
    row.save()
    row.places.set(given.places)
    row.serves.set(given.serves)


def _owner_faults(register: Register, owner: Body) -> Iterable[Problem]:
    if owner.place is not None and owner.place.scheme_id != register.pk:
        said = _("The body that owns it is of another country than the register.")
        yield Problem("owner", said, field="owner")
    if owner.valid_to is not None and owner.valid_to <= today():
        yield Problem("owner", _("This body is no longer there."), field="owner")


def _faults(register: Register, owner: Body, given: Particulars) -> Iterable[Problem]:
    """Every fault of what was given, by its field."""
    if given.title.is_empty:
        yield Problem("title", _("Give the project's title."), field="title_en")
    for each in ("en", "zh"):
        yield from text_faults(f"title_{each}", getattr(given.title, each))
        yield from text_faults(f"purpose_{each}", getattr(given.purpose, each), LONGEST_TEXT)
    code = given.code.strip()
    if code and not fits_form(code, register.code_form):
        said = _("The national code has the form %(form)s; 9 stands for a digit.")
        yield Problem("code", said % {"form": register.code_form}, field="code")
    elif len(code) > 40:
        yield from text_faults("code", code, 40)
    if given.sector is None or given.sector.register_id != register.pk:
        yield Problem("sector", _("Choose a sector of the register."), field="sector")
    yield from _place_faults(owner, given.places)
    yield from _element_faults(register, given.serves)
    yield from money_faults("cost", given.cost, register)
    land = list(amount_faults("land", given.land, LAND_DECIMALS))
    yield from land
    if not land and given.land is not None and given.land < 0:
        yield Problem("land", _("An area is not below zero."), field="land")
    if given.start_planned and given.finish_planned and given.finish_planned < given.start_planned:
        said = _("It is to be finished before it starts.")
        yield Problem("finish_planned", said, field="finish_planned")


def _place_faults(owner: Body, places: Sequence[Place]) -> Iterable[Problem]:
    """Each place lies, today, in that of the owner."""
    if not places:
        yield Problem("places", _("Name the place where it is built."), field="places")
    above = Closure.objects.filter(
        valid_on(today()), ancestor=owner.place_id, descendant=OuterRef("pk")
    )
    within = Place.objects.filter(Exists(above), pk__in=[place.pk for place in places])
    inside = set(within.values_list("pk", flat=True))
    for place in places:
        if place.pk not in inside:
            said = _("%(place)s does not lie in the place of %(body)s.")
            yield Problem(
                place.code, said % {"place": place.name, "body": owner.name}, field="places"
            )


def _element_faults(register: Register, threads: Sequence[Thread]) -> Iterable[Problem]:
    """Each element stands in a plan in force of the same country."""
    rows = Element.objects.filter(
        thread__in=threads, version__state=IN_FORCE, version__plan__scheme=register.pk
    )
    standing = set(rows.values_list("thread_id", flat=True))
    for thread in threads:
        if thread.pk not in standing:
            said = _("“%(key)s” stands in no plan in force.") % {"key": thread}
            yield Problem(str(thread), said, field="serves")


@action("project.amend")
def amend_project(
    act: Act, *, project: Project, particulars: Particulars, seen: str = ""
) -> Project:
    """Amend what the register says of a project, all at once. `seen` is the state on which the
    change rests (`state_of`); where it is another now, nothing is changed."""
    require_keeping(act.actor, project)
    row = locked(project)
    require_state(row, ProjectDeed.AMEND)
    if seen and seen != state_of(row):
        raise Conflict(
            _("Somebody has amended this project meanwhile."),
            remedy=_("Look at it as it stands now, and send yours again if it still holds."),
        )
    problems = list(_faults(row.register, row.owner, particulars))
    if problems:
        raise Invalid(_("The project was not amended."), problems=problems)
    before, after = _on_record(particulars_of(row)), _on_record(particulars)
    if after["code"] != before["code"]:
        Register.objects.select_for_update(no_key=True).get(pk=row.register_id)
        _refuse_twice(row.register, particulars.code, but=row.pk)
    _write(row, particulars)
    changed = [name for name in after if after[name] != before[name]]
    act.about(row)
    act.record(
        before={name: before[name] for name in changed}, **{name: after[name] for name in changed}
    )
    return row
