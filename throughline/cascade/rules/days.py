"""By when a place owes an element: by its own day, where one was laid on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class LaidDay(NamedTuple):
    """A day by which an element is laid on a place, and the day of the text that was laid."""

    due: date
    of_text: date | None

    def under(self, deadline: date | None) -> date:
        """The day that counts under a text with a deadline. A day that was set for the place
        stands, also a later one; one that came from the text is never later than the text."""
        follows = self.due == self.of_text and deadline is not None
        return min(self.due, deadline) if follows and deadline else self.due


def day_owed(deadline: date | None, laid: Iterable[LaidDay]) -> date | None:
    """The day by which a place owes an element with a deadline: the earliest of those that are
    laid on it, else the deadline.

    >>> june, july = date(2025, 6, 30), date(2025, 7, 31)
    >>> day_owed(june, []) == june, day_owed(june, [LaidDay(july, june)]) == july
    (True, True)

    What was laid as the text had it, follows the text when that becomes due earlier:

    >>> day_owed(june, [LaidDay(july, july)]) == june
    True
    """
    return min((each.under(deadline) for each in laid), default=deadline)
