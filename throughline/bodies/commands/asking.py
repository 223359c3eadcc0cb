"""What the commands of this room share: naming rows, days, answers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from throughline.bodies.models import Body, Person, Post
from throughline.bodies.rules import INSTALLATION
from throughline.bodies.signing_in import plain_login
from throughline.kernel.actor import Actor, Door
from throughline.kernel.errors import Invalid, NotFound

AT_THE_MACHINE = Actor(person=INSTALLATION, door=Door.CLI)


def json_flag(parser: argparse.ArgumentParser) -> None:
    """`--json`, which every command of this room takes."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def tell(options: argparse.Namespace, facts: Mapping[str, Any], sentence: str) -> int:
    """Print what was done, for programs or for people."""
    print(json.dumps(facts, ensure_ascii=False, default=str) if options.json else sentence)
    return 0


def person_named(login: str) -> Person:
    """A person by login."""
    person = Person.objects.select_related("details").filter(login=plain_login(login)).first()
    if person is None:
        raise NotFound(f"nobody has the login {login}", remedy="throughline people list")
    return person


def body_named(key: str) -> Body:
    """A body by key."""
    body = Body.objects.select_related("place").filter(key=key).first()
    if body is None:
        raise NotFound(f"no body has the key {key}", remedy="throughline bodies list WORDS")
    return body


def post_named(name: str) -> Post:
    """A post by `BODY/POST`, its body's key and its own."""
    body, _slash, key = name.partition("/")
    post = Post.objects.select_related("body__place").filter(body__key=body, key=key).first()
    if post is None:
        raise NotFound(f"there is no post {name}", remedy="a post is named BODY/POST by the keys")
    return post


def day(text: str) -> date:
    """A day as it is written."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text} is no day", remedy="write it like 2022-06-07") from error


def day_or(text: str | None, otherwise: date | None) -> date | None:
    """A day, or another where none is given."""
    return day(text) if text else otherwise
