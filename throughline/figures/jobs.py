"""Jobs of figures: reading the files that were received."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from throughline.bodies.models import Body
from throughline.figures.actions import load_file, load_observations
from throughline.figures.actions.loading import READ_LOAD
from throughline.figures.loading import mapping_named, unreadable
from throughline.figures.loading.faults import Kind
from throughline.figures.models import Load
from throughline.kernel.actor import Actor, Door
from throughline.kernel.errors import Busy, Problem, ThroughlineError
from throughline.plans.packs.mapping import Mapping

logger = logging.getLogger("throughline.figures")

LATER = {Busy, OperationalError, InterfaceError}
"""What passes by itself: other files are being read, the database is away."""

TRIES = 12
"""How often a file is taken up: after it had to wait, or its worker was killed at it."""


@app.task(
    name=READ_LOAD,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, wait=10, retry_exceptions=LATER),
)
def read_load(
    context: JobContext,
    load: int,
    mapping: str,
    partial: bool,
    post: int | None,
    language: str,
    request: str,
) -> None:
    """Read a received file and store what it says, as the person who sent it, in the
    language in which they did. Whatever goes wrong ends as a fault of the load."""
    row = Load.objects.select_related("file", "body").get(pk=load)
    if row.state != Load.State.READING:
        return  # it ran before
    body: Body | None = row.body
    actor = Actor(
        person=row.person,
        post=post,
        body=row.body_id,
        body_code=body.key if body else "",
        door=Door.IMPORT,
        request_id=request,
    )
    with translation.override(language):
        _read(actor, row, mapping, partial, last=context.job.attempts + 1 >= TRIES)


def _read(actor: Actor, load: Load, name: str, partial: bool, *, last: bool) -> None:
    mapping: Mapping | None = None
    try:
        mapping = mapping_named(name)
        load_file(
            actor, file=load.file, file_name=load.file_name, mapping=mapping, partial=partial,
            load=load,
        )  # fmt: skip
    except Busy as busy:
        if not last:
            raise
        _give_up(actor, load, mapping, busy.message, busy.remedy or "")
    except ThroughlineError as error:
        _give_up(actor, load, mapping, error.message, error.remedy or "")
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("a file could not be read", extra={"load": load.pk})
        _give_up(
            actor,
            load,
            mapping,
            _("The installation failed at this file; nothing of it was stored."),
            _("Upload it again; if it fails again, tell the administrator the number %(number)s.")
            % {"number": load.pk},
        )
        raise


def _give_up(actor: Actor, load: Load, mapping: Mapping | None, message: str, remedy: str) -> None:
    """Keep the file with the reason why it was not read, so that nobody waits for it."""
    problem = Problem(load.file_name, message, remedy, code=Kind.FILE)
    read = unreadable(load.file, load.file_name, mapping, [problem])
    load_observations(actor, read=read, load=load)
