"""What the acts on projects look at before they write: texts, days, amounts; and the lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from throughline.kernel.errors import Problem
from throughline.projects.models import Project, Register
from throughline.projects.rules.money import LARGEST, decimals_of

LONGEST_TITLE, LONGEST_TEXT = 300, 8000


def locked(project: Project) -> Project:
    """A project as it stands, held until the act ends."""
    Project.objects.select_for_update().get(pk=project.pk)
    rows = Project.objects.select_related("register__scheme", "sector", "owner__place")
    return rows.get(pk=project.pk)


def text_faults(
    name: str, text: str, longest: int = LONGEST_TITLE, missing: str = ""
) -> Iterable[Problem]:
    """A text that is too long, or not there where `missing` says that it has to be."""
    given = text.strip()
    if missing and not given:
        yield Problem(name, missing, field=name)
    if len(given) > longest:
        said = _("At most %(most)s characters are taken.") % {"most": longest}
        yield Problem(name, said, field=name)


def day_faults(name: str, day: date | None, today: date) -> Iterable[Problem]:
    """A day that is not there, or has not come yet."""
    if day is None:
        yield Problem(name, _("Give the day."), field=name)
    elif day > today:
        yield Problem(name, _("This day has not come yet."), field=name)


def amount_faults(
    name: str, amount: Decimal | None, decimals: int, place: str = ""
) -> Iterable[Problem]:
    """An amount that the table cannot hold or that is finer than the register counts."""
    if amount is None:
        return
    if not amount.is_finite() or abs(amount) >= LARGEST:
        yield Problem(place or name, _("There is no amount so large."), field=name)
    elif decimals_of(amount) > decimals:
        said = _("At most %(most)s decimals are taken.") % {"most": decimals}
        yield Problem(place or name, said, field=name)


def money_faults(
    name: str, amount: Decimal | None, register: Register, missing: str = ""
) -> Iterable[Problem]:
    """An amount of money in the register's unit that is not above zero, or none where `missing`
    says that there has to be one."""
    if amount is None:
        if missing:
            yield Problem(name, missing, field=name)
        return
    faults = list(amount_faults(name, amount, register.decimals))
    yield from faults
    if not faults and amount <= 0:
        yield Problem(name, _("Give an amount above zero."), field=name)
