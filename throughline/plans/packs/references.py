"""Tools that the checks share: references, keys that stand twice, days, periods, places."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from throughline.kernel.errors import Invalid
from throughline.kernel.period import Period
from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft


def need(
    draft: Draft, name: str, path: PathInFile, value: object, known: Iterable[str], what: str
) -> None:
    """Report a reference to something that the pack does not define.

    `what` is the kind of thing, translated; absent references (None) pass.
    """
    if value is None:
        return
    known = set(known)
    if value not in known:
        message = _('there is no %(what)s "%(key)s"') % {"what": what, "key": value}
        draft.report(name, path, "unknown-reference", message, suggestion(str(value), known))


def suggestion(value: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown key."""
    known = sorted(known)
    close = get_close_matches(value, known, n=1)
    if close:
        return _('did you mean "%s"?') % close[0]
    if len(known) <= 12 and known:
        return _("known: %s") % ", ".join(known)
    return _("define it, or correct the key")


def unique(draft: Draft, name: str, path: PathInFile, field: str = "key") -> None:
    """Report entries of a list that bear a key which stands above already."""
    seen: set[Any] = set()
    for where, entry in draft.entries(name, path):
        key = entry.get(field)
        if not isinstance(key, str):
            continue
        if key in seen:
            message = _('"%s" is defined twice') % key
            draft.report(
                name, (*where, field), "duplicate-key", message, _("give one of them another key")
            )
        seen.add(key)


def day(draft: Draft, name: str, path: PathInFile, value: object) -> date | None:
    """Read a day, or report that it is none; absent days pass as none."""
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        message = _('"%s" is not a day') % value
        draft.report(name, path, "date", message, _("write YYYY-MM-DD, such as 2022-06-21"))
        return None


def in_order(
    draft: Draft, name: str, path: PathInFile, first: date | None, last: date | None
) -> None:
    """Report a last day that is not after the first; open ends pass."""
    if first is not None and last is not None and last <= first:
        draft.report(
            name, path, "date", _("it ends before it begins"), _("correct one of the days")
        )


def period(draft: Draft, name: str, path: PathInFile, value: object) -> Period | None:
    """Read a period, or report that it is none; absent periods pass as none."""
    if value is None:
        return None
    try:
        return Period.parse(str(value))
    except Invalid as error:
        draft.report(name, path, "period", error.message, error.remedy or _("correct it"))
        return None


def place(draft: Draft, name: str, path: PathInFile, code: object, on: date | None) -> None:
    """Report a code that no place bears (on the day, where one is given)."""
    if code is not None:
        problem = place_problem(draft, str(code), on)
        if problem:
            draft.report(name, path, *problem)


def place_problem(draft: Draft, code: str, on: date | None) -> tuple[str, str, str] | None:
    """Fault code, message and remedy for a code that names no place on that day."""
    gazetteer = draft.gazetteer
    if gazetteer is None:
        return None
    rows = gazetteer.rows.get(code)
    if not rows:
        return (
            "unknown-place",
            _('no place has the code "%s"') % code,
            suggestion(code, gazetteer.rows),
        )
    if on is not None and gazetteer.on(code, on) is None:
        spans = ", ".join(f"{row.valid_from} – {row.valid_to or '…'}" for row in rows)
        message = _('"%(code)s" was no place on %(day)s') % {"code": code, "day": on}
        return (
            "place-not-valid",
            message,
            _("it is valid %s; name the place of that time") % spans,
        )
    return None


def tier(draft: Draft, name: str, path: PathInFile, key: object) -> None:
    """Report a tier that the places do not have."""
    if draft.gazetteer is not None:
        need(draft, name, path, key, draft.gazetteer.tiers, _("tier"))
