"""What a project's state allows, and the form of its national code."""

from __future__ import annotations

from enum import StrEnum


class ProjectState(StrEnum):
    """前期, 在建, 完工, 终止."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    FINISHED = "finished"
    CEASED = "ceased"


class ProjectDeed(StrEnum):
    """What may be done to a project."""

    AMEND = "amend"
    START = "start"
    FUND = "fund"
    CONTRACT = "contract"
    NOTE = "note"
    FINISH = "finish"
    CEASE = "cease"


_PLANNED = {ProjectState.PLANNED}
_GOING = {ProjectState.PLANNED, ProjectState.UNDER_WAY}
_PAID = {*_GOING, ProjectState.FINISHED}

ALLOWED: dict[ProjectDeed, set[ProjectState]] = {
    ProjectDeed.AMEND: _GOING,
    ProjectDeed.START: _PLANNED,
    # Money goes on arriving and being spent, and contracts are settled, when the work is done;
    # of one that was given up, what was spent too much is taken back.
    ProjectDeed.FUND: {*_PAID, ProjectState.CEASED},
    ProjectDeed.CONTRACT: _PAID,
    ProjectDeed.NOTE: {ProjectState.UNDER_WAY},
    ProjectDeed.FINISH: {ProjectState.UNDER_WAY},
    ProjectDeed.CEASE: _GOING,
}


def allows(state: str, deed: ProjectDeed) -> bool:
    """Whether a state allows a deed.

    >>> allows("planned", ProjectDeed.START), allows("planned", ProjectDeed.FINISH)
    (True, False)
    >>> allows("ceased", ProjectDeed.FUND), allows("ceased", ProjectDeed.AMEND)
    (True, False)
    """
    return ProjectState(state) in ALLOWED[deed]


def fits_form(code: str, form: str) -> bool:
    """Whether a code has the form that the register asks for: 9 stands for a digit, A for a
    capital letter, X for either, and everything else for itself. Without a form all do.

    >>> form = "9999-999999-99-99-999999"
    >>> fits_form("2023-620102-48-01-000123", form), fits_form("2023-62010-48-01-000123", form)
    (True, False)
    >>> fits_form("２０２３-620102-48-01-000123", form), fits_form("K-17B", "A-99X")
    (False, True)
    >>> fits_form("anything", "")
    True
    """
    if not form:
        return True
    return len(code) == len(form) and all(
        _fits(letter, wanted) for letter, wanted in zip(code, form, strict=True)
    )


def _fits(letter: str, wanted: str) -> bool:
    is_digit = letter.isascii() and letter.isdigit()
    is_capital = letter.isascii() and letter.isalpha() and letter.isupper()
    kinds = {"9": is_digit, "A": is_capital, "X": is_digit or is_capital}
    return kinds.get(wanted, letter == wanted)
