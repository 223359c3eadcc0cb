"""How the elements of a local plan answer those of the superior one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from throughline.cascade.rules.kinds import Treatment

Link = tuple[int, int]
"""An element of the local plan, and a superior one that it answers (their ids)."""


def treatments(links: Iterable[Link], unchanged: Mapping[Link, bool]) -> dict[Link, Treatment]:
    """What each link is: merged where an element answers several, split where several answer
    one, else adopted as it stands or adapted. `unchanged` are those that ask here what is
    asked above, by the day of the one above or by the one laid on the place.

    >>> told = treatments([(1, 10), (2, 11), (3, 11), (4, 12), (4, 13), (5, 14)], {(1, 10): True})
    >>> [str(each) for each in told.values()]
    ['adopt', 'split', 'split', 'merge', 'merge', 'adapt']
    """
    several = list(links)
    answers = Counter(element for element, _superior in several)
    answered = Counter(superior for _element, superior in several)
    found = {}
    for link in several:
        element, superior = link
        if answers[element] > 1:
            found[link] = Treatment.MERGE
        elif answered[superior] > 1:
            found[link] = Treatment.SPLIT
        else:
            found[link] = Treatment.ADOPT if unchanged.get(link) else Treatment.ADAPT
    return found
