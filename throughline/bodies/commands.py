"""People, tokens and bodies by the command line, which acts as the installation."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from throughline.bodies import actions
from throughline.bodies.authentication import new_secret
from throughline.bodies.loading import load_bodies, load_people
from throughline.bodies.models import Person, Post
from throughline.bodies.queries import holdings_of, today
from throughline.bodies.rules import INSTALLATION, Scope
from throughline.bodies.signing_in import encoded_password, plain_login
from throughline.kernel import clock
from throughline.kernel.actor import Actor, Door
from throughline.kernel.command import Command
from throughline.kernel.errors import Invalid, NotFound

AT_THE_MACHINE = Actor(person=INSTALLATION, door=Door.CLI)
PASSWORD_VARIABLE = "THROUGHLINE_PASSWORD"  # noqa: S105  the name of a variable


def _json_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _tell(options: argparse.Namespace, facts: Mapping[str, Any], sentence: str) -> int:
    print(json.dumps(facts, ensure_ascii=False, default=str) if options.json else sentence)
    return 0


def _person(login: str) -> Person:
    person = Person.objects.select_related("details").filter(login=plain_login(login)).first()
    if person is None:
        raise NotFound(f"nobody has the login {login}", remedy="throughline people list")
    return person


def _post(name: str) -> Post:
    """A post by `BODY/POST`, its body's key and its own."""
    body, _slash, key = name.partition("/")
    post = Post.objects.select_related("body__place").filter(body__key=body, key=key).first()
    if post is None:
        raise NotFound(f"there is no post {name}", remedy="a post is named BODY/POST by the keys")
    return post


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text} is no day", remedy="write it like 2022-06-07") from error


def _new_password() -> str:
    """The password for a new person: from the environment, else asked for, never an argument,
    because arguments are shown to whoever lists processes."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is None and sys.stdin.isatty():
        given = getpass.getpass("Password: ")
    if not given:
        raise Invalid("no password was given", remedy=f"set {PASSWORD_VARIABLE}")
    return given


def _row(person: Person) -> dict[str, Any]:
    return {
        "login": person.login,
        "person": person.opaque,
        "name": str(person.details),
        "active": person.is_active,
        "demo": person.demo,
        "posts": [f"{each.post.body.key}/{each.post.key}" for each in holdings_of(person)],
    }


def _list_people(options: argparse.Namespace) -> int:
    people = Person.objects.select_related("details").order_by("login")
    rows = [_row(person) for person in people]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['login']}\t{row['name']}\t{', '.join(row['posts'])}")
    return 0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("--name", default="")
    parser.add_argument("--name-en", default="")
    parser.add_argument("--email", default="")
    parser.add_argument("--phone", default="")
    parser.add_argument("--language", default="")
    _json_flag(parser)


def _add_person(options: argparse.Namespace) -> int:
    identity = actions.Identity(
        options.login,
        name=options.name,
        name_en=options.name_en,
        email=options.email,
        phone=options.phone,
    )
    person = actions.create_person(
        AT_THE_MACHINE,
        identity=identity,
        encoded=encoded_password(_new_password()),
        language=options.language,
    )
    facts = {"login": person.login, "person": person.opaque}
    return _tell(options, facts, f"{person.login} can sign in, and holds no post yet")


def _appoint_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys")
    parser.add_argument("--from", dest="valid_from", help="first day (today)")
    parser.add_argument("--to", dest="valid_to", help="first day without the post (open)")
    _json_flag(parser)


def _appoint_person(options: argparse.Namespace) -> int:
    holding = actions.appoint_person(
        AT_THE_MACHINE,
        person=_person(options.login),
        post=_post(options.post),
        valid_from=_day(options.valid_from) if options.valid_from else today(),
        valid_to=_day(options.valid_to) if options.valid_to else None,
    )
    facts = {"holding": holding.pk, "from": holding.valid_from, "to": holding.valid_to}
    return _tell(options, facts, f"{options.login} holds {options.post} from {holding.valid_from}")


def _dismiss_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys")
    parser.add_argument("--to", dest="valid_to", help="first day without the post (today)")
    _json_flag(parser)


def _end_holding(options: argparse.Namespace) -> int:
    held = _person(options.login).holdings.filter(post=_post(options.post)).last()
    if held is None:
        raise NotFound(f"{options.login} never held {options.post}")
    holding = actions.end_holding(
        AT_THE_MACHINE,
        holding=held,
        valid_to=_day(options.valid_to) if options.valid_to else today(),
    )
    facts = {"holding": holding.pk, "from": holding.valid_from, "to": holding.valid_to}
    return _tell(options, facts, f"{options.login} holds {options.post} until {holding.valid_to}")


def _blank_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    _json_flag(parser)


def _blank_person(options: argparse.Namespace) -> int:
    person = actions.blank_person(AT_THE_MACHINE, person=_person(options.login))
    return _tell(options, {"person": person.opaque}, f"{person.opaque} was forgotten")


def _token_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys; held by the person")
    parser.add_argument("--name", required=True, help="to know it again")
    parser.add_argument("--scope", action="append", required=True, choices=[*Scope])
    parser.add_argument("--days", type=int, default=90, help="how long it lasts (90)")
    _json_flag(parser)


def _issue_token(options: argparse.Namespace) -> int:
    secret = new_secret()
    token = actions.issue_token(
        AT_THE_MACHINE,
        person=_person(options.login),
        post=_post(options.post),
        name=options.name,
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=[str(scope) for scope in options.scope],
        expires_at=clock.now() + timedelta(days=options.days),
    )
    facts = {"token": token.pk, "secret": secret.text, "expires_at": token.expires_at}
    until = f"{token.expires_at:%Y-%m-%d %H:%M} UTC"
    return _tell(options, facts, f"{secret.text}\nshown this once; it counts until {until}")


def _load_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", type=Path, help="folder of a plan pack")
    _json_flag(parser)


def _load_bodies(options: argparse.Namespace) -> int:
    counts = load_bodies(AT_THE_MACHINE, folder=options.pack)
    counts |= load_people(AT_THE_MACHINE, folder=options.pack)
    return _tell(options, counts, ", ".join(f"{count} {what}" for what, count in counts.items()))


COMMANDS = [
    Command("people list", "who can sign in, and the posts they hold", _list_people, _json_flag),
    Command("people add", "create a person who can sign in", _add_person, _add_arguments),
    Command("people appoint", "give a person a post", _appoint_person, _appoint_arguments),
    Command("people dismiss", "end a person's time in a post", _end_holding, _dismiss_arguments),
    Command("people blank", "forget who a person was, for good", _blank_person, _blank_arguments),
    Command("token issue", "issue an API token for a post", _issue_token, _token_arguments),
    Command("bodies load", "load a pack's bodies and demo people", _load_bodies, _load_arguments),
]
