"""What the forms about projects share: whose project it is, and what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Typed
from throughline.bodies.permissions import signed_in
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, Problem
from throughline.projects.models import Project
from throughline.projects.pages.project import url_of
from throughline.projects.permissions import require_keeping
from throughline.projects.queries import project_by_key
from throughline.projects.reading import read_amount

FORM = ["GET", "HEAD", "POST"]
T = TypeVar("T")


def kept(request: HttpRequest, key: str) -> tuple[Actor, Project]:
    """Who asks, and a project that is kept by his body."""
    actor = actor_of(request)
    signed_in(actor)
    row = project_by_key(actor, key)
    require_keeping(actor, row)
    return actor, row


def answered(request: HttpRequest, project: Project, said: str) -> HttpResponse:
    """Back to the project, where it is said that the act is done."""
    messages.success(request, said)
    return redirect(url_of(project))


def all_read(readings: Sequence[Callable[[], T]]) -> list[T]:
    """What several readings give; where some fail, the faults of all of them at once."""
    found: list[T] = []
    problems: list[Problem] = []
    for reading in readings:
        try:
            found.append(reading())
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(_("Not everything could be read."), problems=problems)
    return found


def amount_and_day(typed: Typed, day: str) -> tuple[Decimal | None, date | None]:
    """The two fields that may be unreadable; both faults are told at once."""
    given: dict[str, object] = {}
    readings: list[Callable[[], None]] = [
        lambda: given.update(amount=read_amount(typed.text("amount"), "amount")),
        lambda: given.update(day=typed.day(day)),
    ]
    all_read(readings)
    amount, on = given["amount"], given["day"]
    return (
        amount if isinstance(amount, Decimal) else None,
        on if isinstance(on, date) else None,
    )


def written(amount: Decimal | None) -> str:
    """An amount as a form begins with it."""
    return "" if amount is None else f"{amount.normalize():f}"
