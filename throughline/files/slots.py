"""How many files a host reads at once: each reading may take a processor and a gigabyte."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.utils.translation import gettext as _

from throughline.kernel.errors import Busy
from throughline.running.home import home

SLOTS = 2


@contextmanager
def reading_slot() -> Iterator[None]:
    """Hold one of the few places for reading a file; Busy when all are taken.

    A place is a lock on a file of the home, which ends with the process that holds it.
    """
    with ExitStack() as held:
        if not any(_taken(number, held) for number in range(SLOTS)):
            raise Busy(
                _("Other files are being read (%(most)d at a time).") % {"most": SLOTS},
                remedy=_("Try again in a minute."),
            )
        yield


def _taken(number: int, held: ExitStack) -> bool:
    """Whether a place was free and is now held."""
    place = held.enter_context((home() / f"reading-{number}.lock").open("a"))
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
