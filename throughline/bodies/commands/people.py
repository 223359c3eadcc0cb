"""People and tokens by the command line, which acts as the installation."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from datetime import timedelta
from typing import Any

from throughline.bodies import actions
from throughline.bodies.authentication import new_secret
from throughline.bodies.commands.asking import (
    AT_THE_MACHINE,
    day,
    json_flag,
    person_named,
    post_named,
    tell,
)
from throughline.bodies.models import Holding, Person
from throughline.bodies.queries import holdings_of, today
from throughline.bodies.rules import Scope
from throughline.bodies.signing_in import (
    encoded_password,
    new_one_time_password,
)
from throughline.kernel import clock
from throughline.kernel.command import Command
from throughline.kernel.errors import Conflict, Invalid, NotFound

PASSWORD_VARIABLE = "THROUGHLINE_PASSWORD"  # noqa: S105  the name of a variable


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
    json_flag(parser)


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
    return tell(options, facts, f"{person.login} can sign in, and holds no post yet")


def _appoint_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys")
    parser.add_argument("--from", dest="valid_from", help="first day (today)")
    parser.add_argument("--to", dest="valid_to", help="first day without the post (open)")
    json_flag(parser)


def _appoint_person(options: argparse.Namespace) -> int:
    holding = actions.appoint_person(
        AT_THE_MACHINE,
        person=person_named(options.login),
        post=post_named(options.post),
        valid_from=day(options.valid_from) if options.valid_from else today(),
        valid_to=day(options.valid_to) if options.valid_to else None,
    )
    facts = {"holding": holding.pk, "from": holding.valid_from, "to": holding.valid_to}
    return tell(options, facts, f"{options.login} holds {options.post} from {holding.valid_from}")


def _dismiss_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys")
    parser.add_argument("--to", dest="valid_to", help="first day without the post (today)")
    json_flag(parser)


def _last_holding(options: argparse.Namespace) -> Holding:
    held = person_named(options.login).holdings.filter(post=post_named(options.post)).last()
    if held is None:
        raise NotFound(f"{options.login} never held {options.post}")
    return held


def _end_holding(options: argparse.Namespace) -> int:
    held = _last_holding(options)
    holding = actions.end_holding(
        AT_THE_MACHINE,
        holding=held,
        valid_to=day(options.valid_to) if options.valid_to else today(),
        seen=held.valid_to,
    )
    facts = {"holding": holding.pk, "from": holding.valid_from, "to": holding.valid_to}
    return tell(options, facts, f"{options.login} holds {options.post} until {holding.valid_to}")


def _reopen_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys")
    json_flag(parser)


def _reopen_holding(options: argparse.Namespace) -> int:
    held = _last_holding(options)
    if held.valid_to is None:
        raise Conflict(f"{options.login} holds {options.post} without an end")
    holding = actions.reopen_holding(AT_THE_MACHINE, holding=held, seen=held.valid_to)
    facts = {"holding": holding.pk, "from": holding.valid_from}
    return tell(options, facts, f"{options.login} goes on holding {options.post}")


def _correct_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    for name in ("name", "name-en", "email", "phone"):
        parser.add_argument(f"--{name}", help="what is left out stays")
    json_flag(parser)


def _correct_person(options: argparse.Namespace) -> int:
    person = person_named(options.login)
    given = {name: getattr(options, name) for name in ("name", "name_en", "email", "phone")}
    standing = {name: getattr(person.details, name) for name in given}
    wanted = {name: standing[name] if text is None else text for name, text in given.items()}
    actions.correct_person(
        AT_THE_MACHINE, person=person, identity=actions.Identity(person.login, **wanted)
    )
    return tell(options, {"person": person.opaque}, f"{person.login} was corrected")


def _login_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    json_flag(parser)


def _reset_password(options: argparse.Namespace) -> int:
    password = new_one_time_password()
    person = actions.reset_password(
        AT_THE_MACHINE,
        person=person_named(options.login),
        encoded=password.encoded,
        one_time_until=password.expires_at,
    )
    facts = {"person": person.opaque, "password": password.text, "until": password.expires_at}
    until = f"{password.expires_at:%Y-%m-%d %H:%M} UTC"
    return tell(options, facts, f"{password.text}\nshown this once; it counts until {until}")


def _deactivate_person(options: argparse.Namespace) -> int:
    person = actions.deactivate_person(AT_THE_MACHINE, person=person_named(options.login))
    return tell(options, {"person": person.opaque}, f"{person.login} can sign in no more")


def _reactivate_person(options: argparse.Namespace) -> int:
    person = actions.reactivate_person(AT_THE_MACHINE, person=person_named(options.login))
    return tell(options, {"person": person.opaque}, f"{person.login} can sign in again")


def _blank_person(options: argparse.Namespace) -> int:
    person = actions.blank_person(AT_THE_MACHINE, person=person_named(options.login))
    return tell(options, {"person": person.opaque}, f"{person.opaque} was forgotten")


def _token_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login")
    parser.add_argument("post", help="BODY/POST, by the keys; held by the person")
    parser.add_argument("--name", required=True, help="to know it again")
    parser.add_argument("--scope", action="append", required=True, choices=[*Scope])
    parser.add_argument("--days", type=int, default=90, help="how long it lasts (90)")
    json_flag(parser)


def _issue_token(options: argparse.Namespace) -> int:
    secret = new_secret()
    token = actions.issue_token(
        AT_THE_MACHINE,
        person=person_named(options.login),
        post=post_named(options.post),
        name=options.name,
        prefix=secret.prefix,
        digest=secret.digest,
        scopes=[str(scope) for scope in options.scope],
        expires_at=clock.now() + timedelta(days=options.days),
    )
    facts = {"token": token.pk, "secret": secret.text, "expires_at": token.expires_at}
    until = f"{token.expires_at:%Y-%m-%d %H:%M} UTC"
    return tell(options, facts, f"{secret.text}\nshown this once; it counts until {until}")


COMMANDS = [
    Command("people list", "who can sign in, and the posts they hold", _list_people, json_flag),
    Command("people add", "create a person who can sign in", _add_person, _add_arguments),
    Command("people appoint", "give a person a post", _appoint_person, _appoint_arguments),
    Command("people dismiss", "end a person's time in a post", _end_holding, _dismiss_arguments),
    Command("people reopen", "undo the end of it", _reopen_holding, _reopen_arguments),
    Command("people correct", "correct name and contacts", _correct_person, _correct_arguments),
    Command("people password", "give a one-time password", _reset_password, _login_arguments),
    Command("people deactivate", "let sign in no more", _deactivate_person, _login_arguments),
    Command("people reactivate", "let sign in again", _reactivate_person, _login_arguments),
    Command("people blank", "forget who a person was, for good", _blank_person, _login_arguments),
    Command("token issue", "issue an API token for a post", _issue_token, _token_arguments),
]
