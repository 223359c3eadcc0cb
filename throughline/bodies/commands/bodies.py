"""Bodies by the command line, which acts as the installation."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from throughline.bodies import actions
from throughline.bodies.commands.asking import (
    AT_THE_MACHINE,
    body_named,
    day,
    day_or,
    json_flag,
    tell,
)
from throughline.bodies.directory import bodies_bearing
from throughline.bodies.loading import load_bodies, load_people
from throughline.bodies.models import Body, Relation
from throughline.bodies.queries import today
from throughline.bodies.rules import BodyKind, Duty, RelationKind
from throughline.kernel.command import Command
from throughline.kernel.errors import NotFound
from throughline.places.queries import place_by_code, scheme_by_key


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", help="that its key or names hold")
    json_flag(parser)


def _list_bodies(options: argparse.Namespace) -> int:
    bodies = bodies_bearing(Body.objects.select_related("place"), options.words).order_by("key")
    rows = [
        {
            "key": each.key,
            "name_en": each.name_en,
            "name_zh": each.name_zh,
            "kind": each.kind,
            "place": each.place.code if each.place else None,
        }
        for each in bodies
    ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['key']}\t{row['name_en']}\t{row['name_zh']}")
    return 0


def _names(parser: argparse.ArgumentParser) -> None:
    for name in ("name-en", "name-zh", "short-en", "short-zh"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--alias", action="append", help="another name; may be given again")


def _create_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key")
    parser.add_argument("kind", choices=[*BodyKind])
    parser.add_argument("--place", help="SCHEME/CODE, as of today")
    parser.add_argument("--from", dest="valid_from", help="first day (always)")
    _names(parser)
    json_flag(parser)


def _create_body(options: argparse.Namespace) -> int:
    scheme, _slash, code = (options.place or "").partition("/")
    place = place_by_code(scheme_by_key(scheme), code, today()) if options.place else None
    body = actions.create_body(
        AT_THE_MACHINE,
        key=options.key,
        kind=BodyKind(options.kind),
        name_en=options.name_en or "",
        name_zh=options.name_zh or "",
        short_en=options.short_en or "",
        short_zh=options.short_zh or "",
        place=place,
        aliases=options.alias or [],
        valid_from=day_or(options.valid_from, None),
    )
    return tell(options, {"body": body.key}, f"{body.key} was created")


def _correct_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key")
    _names(parser)
    json_flag(parser)


def _correct_body(options: argparse.Namespace) -> int:
    """What is left out stays; any other name given replaces all of them."""
    body = body_named(options.key)

    def name(field: str) -> str:
        given: str | None = getattr(options, field)
        return str(getattr(body, field)) if given is None else given

    aliases = body.aliases.values_list("alias", flat=True)
    actions.correct_body(
        AT_THE_MACHINE,
        body=body,
        name_en=name("name_en"),
        name_zh=name("name_zh"),
        short_en=name("short_en"),
        short_zh=name("short_zh"),
        aliases=list(aliases) if options.alias is None else options.alias,
    )
    return tell(options, {"body": body.key}, f"{body.key} was corrected")


def _pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("superior")
    parser.add_argument("subordinate")
    parser.add_argument("kind", choices=[*RelationKind])


def _relate_arguments(parser: argparse.ArgumentParser) -> None:
    _pair(parser)
    parser.add_argument("--from", dest="valid_from", help="first day (always)")
    parser.add_argument("--to", dest="valid_to", help="first day without it (open)")
    json_flag(parser)


def _relate_bodies(options: argparse.Namespace) -> int:
    relation = actions.relate_bodies(
        AT_THE_MACHINE,
        superior=body_named(options.superior),
        subordinate=body_named(options.subordinate),
        kind=RelationKind(options.kind),
        valid_from=day_or(options.valid_from, None),
        valid_to=day_or(options.valid_to, None),
    )
    sentence = f"{options.superior} {options.kind} {options.subordinate}"
    return tell(options, {"relation": relation.pk}, sentence)


def _part_arguments(parser: argparse.ArgumentParser) -> None:
    _pair(parser)
    parser.add_argument("--to", dest="valid_to", help="first day without it (today)")
    json_flag(parser)


def _end_relation(options: argparse.Namespace) -> int:
    found = Relation.objects.filter(
        superior__key=options.superior, subordinate__key=options.subordinate, kind=options.kind
    ).select_related("subordinate__place")
    relation = found.filter(valid_to__isnull=True).first() or found.order_by("valid_to").last()
    if relation is None:
        raise NotFound(f"{options.superior} never {options.kind} {options.subordinate}")
    ended = actions.end_relation(
        AT_THE_MACHINE,
        relation=relation,
        valid_to=day(options.valid_to) if options.valid_to else today(),
        seen=relation.valid_to,
    )
    sentence = f"{options.superior} {options.kind} {options.subordinate} until {ended.valid_to}"
    return tell(options, {"relation": ended.pk, "to": ended.valid_to}, sentence)


def _post_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("body")
    parser.add_argument("key")
    parser.add_argument("--title-en", default="")
    parser.add_argument("--title-zh", default="")
    parser.add_argument("--duty", action="append", choices=[*Duty], default=[])
    json_flag(parser)


def _create_post(options: argparse.Namespace) -> int:
    post = actions.create_post(
        AT_THE_MACHINE,
        body=body_named(options.body),
        key=options.key,
        title_en=options.title_en,
        title_zh=options.title_zh,
        duties=[Duty(duty) for duty in options.duty],
    )
    return tell(options, {"post": post.pk}, f"{options.body}/{post.key} was created")


def _end_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key")
    parser.add_argument("--to", dest="valid_to", help="first day without it (today)")
    json_flag(parser)


def _end_body(options: argparse.Namespace) -> int:
    body = actions.end_body(
        AT_THE_MACHINE,
        body=body_named(options.key),
        valid_to=day(options.valid_to) if options.valid_to else today(),
    )
    return tell(options, {"body": body.key, "to": body.valid_to}, f"{body.key} ends")


def _load_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", type=Path, help="folder of a plan pack")
    json_flag(parser)


def _load_bodies(options: argparse.Namespace) -> int:
    counts = load_bodies(AT_THE_MACHINE, folder=options.pack)
    counts |= load_people(AT_THE_MACHINE, folder=options.pack)
    return tell(options, counts, ", ".join(f"{count} {what}" for what, count in counts.items()))


COMMANDS = [
    Command("bodies list", "find bodies by words", _list_bodies, _list_arguments),
    Command("bodies create", "create a body", _create_body, _create_arguments),
    Command("bodies correct", "correct what a body is called", _correct_body, _correct_arguments),
    Command("bodies relate", "put a body under another", _relate_bodies, _relate_arguments),
    Command("bodies part", "end a relation between bodies", _end_relation, _part_arguments),
    Command("bodies post", "create a post in a body", _create_post, _post_arguments),
    Command("bodies end", "end a body, its relations and posts", _end_body, _end_arguments),
    Command("bodies load", "load a pack's bodies and demo people", _load_bodies, _load_arguments),
]
