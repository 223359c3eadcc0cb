"""What the parts of reporting's API share."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.kernel.actor import Actor

router = Router()

Size = Annotated[int, Field(ge=1, le=500)]


Number = Annotated[int, Field(ge=1, le=100_000)]


class WhyIn(Schema):
    reason: str


def actor_in(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    signed_in(actor)
    return actor
