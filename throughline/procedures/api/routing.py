"""The router of the room, and how its operations read what they are given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.files import UploadedFile

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body, Post
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import bodies_visible_to
from throughline.files.storage import store
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Invalid, Problem
from throughline.kernel.text import is_storable
from throughline.procedures.actions import Enclosure
from throughline.procedures.models import CaseStep
from throughline.procedures.queries import case_by_id, step_of

router = Router()

MOST_FILES = 40


def actor_signed_in(request: HttpRequest) -> Actor:
    """Who asks; raises Unauthenticated for nobody."""
    actor = actor_of(request)
    signed_in(actor)
    return actor


def found(request: HttpRequest, case: int, step: int) -> tuple[Actor, CaseStep]:
    """Who asks, and a step of a case that exists for him."""
    actor = actor_signed_in(request)
    return actor, step_of(case_by_id(actor, case), step)


def enclosures(keys: Sequence[str], files: Sequence[UploadedFile]) -> list[Enclosure]:
    """The files that were sent, each for the document of the same place in the list."""
    if len(keys) != len(files):
        text = _("Name one document for each file: %(keys)s were named, %(files)s files came.") % {
            "keys": len(keys), "files": len(files),
        }  # fmt: skip
        raise Invalid(text, problems=[Problem("documents", text, field="documents")])
    if len(files) > MOST_FILES:
        raise Invalid(_("At most %(most)s files are taken.") % {"most": MOST_FILES})
    return [
        Enclosure(key=key, file=store(each.read(), each.name or key), name=each.name or key)
        for key, each in zip(keys, files, strict=True)
    ]


def facts_in(text: str) -> dict[str, Any]:
    """The facts of a case as they were sent: an object in JSON, no digit of a number lost."""
    try:
        given = json.loads(text or "{}", parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not is_storable(given):
        said = _("The facts are to be an object in JSON.")
        raise Invalid(said, problems=[Problem("facts", said, field="facts")])
    return given


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def bodies_in(request: HttpRequest, keys: Sequence[str], field: str) -> list[Body]:
    """The bodies that a request names; Invalid names those that there are not."""
    seen = bodies_visible_to(actor_signed_in(request))
    there = {each.key: each for each in seen.filter(key__in=keys)}
    problems = [
        Problem(key, _("There is no body “%(key)s”.") % {"key": key}, field=field)
        for key in keys
        if key not in there
    ]
    if problems:
        raise Invalid(_("Not every body was found."), problems=problems)
    return [there[key] for key in dict.fromkeys(keys)]


def post_in(body: Body, key: str) -> Post | None:
    """The post of a body that a request names, or Invalid; none where it names none."""
    if not key:
        return None
    row = Post.objects.filter(body=body, key=key).first()
    if row is None:
        text = _("This body has no such post.")
        raise Invalid(text, problems=[Problem("post", text, field="post")])
    return row
