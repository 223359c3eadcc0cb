"""Bodies and demo people of a plan pack, read and stored in bulk.

The pack's own check names faults by file and line; here a fault is named by the body it
concerns, and nothing is stored of a file with a fault. Loading again changes nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from throughline.bodies.models import (
    Body,
    BodyAlias,
    Holding,
    Person,
    PersonDetails,
    Post,
    Relation,
)
from throughline.bodies.permissions import require_installation
from throughline.bodies.queries import today
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, NotFound, Problem
from throughline.places.models import Place, Scheme
from throughline.places.queries import Tree, scheme_by_key, tree_at, valid_on

Entry = Mapping[str, Any]

BATCH = 1000
DEMO_PASSWORD = "throughline-demo"  # noqa: S105  it opens nothing but the demo
DEMO_PASSWORD_VARIABLE = "THROUGHLINE_DEMO_PASSWORD"  # noqa: S105
LANGUAGES = {"en": "en", "zh": "zh-hans"}


def _read(folder: Path, file: str) -> tuple[Any, str]:
    """A YAML file of a pack, every scalar as text (codes are text), and its SHA-256."""
    path = folder / file
    if not path.is_file():
        raise NotFound(_("The pack has no such file."), place=str(path))
    data = path.read_bytes()
    try:
        content = yaml.load(data, Loader=yaml.BaseLoader)  # noqa: S506  builds text, lists, mappings
    except yaml.YAMLError as error:
        raise Invalid(_("This is not YAML."), place=str(path), remedy=str(error)) from error
    return content, hashlib.sha256(data).hexdigest()


# -- bodies: those listed, and those that templates make -----------------------------------

TEXTS = ("name_en", "name_zh", "short_en", "short_zh")


@dataclass(frozen=True)
class Wanted:
    """One body as the pack wants it.

    A superior is the kind of the relation and the keys it may have: the first that exists
    is meant, because not every tier has every body.
    """

    key: str
    place: int | None
    texts: Mapping[str, str]
    kind: str
    illustrative: bool
    sort_key: str
    aliases: Sequence[str]
    superiors: Sequence[tuple[str, Sequence[str]]]
    posts: Sequence[Entry]


def _listed(entries: Sequence[Entry], places: Mapping[str, int]) -> Iterator[Wanted]:
    for number, entry in enumerate(entries):
        code = entry.get("place")
        if code and code not in places:
            raise _faulty(entry["key"], _("There is no place with the code %s today.") % code)
        yield Wanted(
            key=entry["key"],
            place=places[code] if code else None,
            texts={name: entry.get(name, "") for name in TEXTS},
            kind=entry["kind"],
            illustrative=entry.get("illustrative") == "true",
            sort_key=f"0-{number:04}",
            aliases=entry.get("aliases", ()),
            superiors=[(each["kind"], [each["to"]]) for each in entry.get("relations", ())],
            posts=entry.get("posts", ()),
        )


def _from_template(
    template: Entry, number: int, scheme: Scheme, above: Mapping[str, Sequence[str]]
) -> Iterator[Wanted]:
    """One body for every regular place of a tier. `{parent}` stands for the code of the
    nearest place above for which the superior exists."""
    places = Place.objects.filter(
        valid_on(today()), scheme=scheme, tier__key=template["for_tier"], kind=Place.Kind.REGULAR
    )
    for place in places.order_by("code"):
        names = {"en": place.name_en or place.name_zh, "zh": place.name_zh or place.name_en}
        yield Wanted(
            key=_key(template["key"], place.code),
            place=place.pk,
            texts={
                text: template.get(text, "").replace("{place}", names[text[-2:]]) for text in TEXTS
            },
            kind=template["kind"],
            illustrative=template.get("illustrative") == "true",
            sort_key=f"1-{place.code}-{number:02}",
            aliases=(),
            superiors=[
                (each["kind"], [_key(each["to"], place.code, code) for code in above[place.code]])
                for each in template.get("relations", ())
            ],
            posts=template.get("posts", ()),
        )


def _key(template: str, code: str, parent: str = "") -> str:
    """A key for a place; keys are in lower case, codes need not be."""
    return template.replace("{code}", code).replace("{parent}", parent).lower()


def _codes_above(tree: Tree) -> dict[str, list[str]]:
    """For each place the codes of the places above it, the nearest first."""
    above: dict[str, list[str]] = {}
    for code, parent in zip(tree.codes, tree.parents, strict=True):
        above[code] = [tree.codes[parent], *above[tree.codes[parent]]] if parent >= 0 else []
    return above


def _faulty(key: str, message: str) -> Invalid:
    return Invalid(
        _("The bodies of this pack cannot be loaded."),
        problems=[Problem(f"bodies.yaml: {key}", message, _("Correct it and load again."))],
    )


# -- storing -------------------------------------------------------------------------------


def _store_bodies(wanted: Sequence[Wanted]) -> dict[str, int]:
    """Insert or update the bodies and return the id of every body by its key."""
    rows = [
        Body(
            key=each.key,
            kind=each.kind,
            place_id=each.place,
            illustrative=each.illustrative,
            sort_key=each.sort_key,
            **each.texts,
        )
        for each in wanted
    ]
    fields = ["kind", "place", "illustrative", "sort_key", *TEXTS]
    Body.objects.bulk_create(
        rows, BATCH, update_conflicts=True, unique_fields=["key"], update_fields=fields
    )
    return dict(Body.objects.values_list("key", "pk"))


def _store_posts(wanted: Sequence[Wanted], bodies: Mapping[str, int]) -> int:
    rows = [
        Post(
            body_id=bodies[each.key],
            key=post["key"],
            title_en=post.get("title_en", ""),
            title_zh=post.get("title_zh", ""),
            duties=post["duties"],
        )
        for each in wanted
        for post in each.posts
    ]
    Post.objects.bulk_create(
        rows,
        BATCH,
        update_conflicts=True,
        unique_fields=["body", "key"],
        update_fields=["title_en", "title_zh", "duties"],
    )
    return len(rows)


def _store_relations(wanted: Sequence[Wanted], bodies: Mapping[str, int]) -> int:
    rows = []
    for each in wanted:
        for kind, keys in each.superiors:
            superior = next((bodies[key] for key in keys if key in bodies), None)
            if superior is None:
                raise _faulty(each.key, _("No body has the key %s.") % _(" or ").join(keys))
            rows.append(Relation(superior_id=superior, subordinate_id=bodies[each.key], kind=kind))
    Relation.objects.bulk_create(rows, BATCH, ignore_conflicts=True)
    return len(rows)


def _store_aliases(wanted: Sequence[Wanted], bodies: Mapping[str, int]) -> None:
    rows = [
        BodyAlias(body_id=bodies[each.key], alias=alias)
        for each in wanted
        for alias in each.aliases
    ]
    BodyAlias.objects.bulk_create(rows, BATCH, ignore_conflicts=True)


def _scheme_of(folder: Path) -> Scheme:
    pack, _digest = _read(folder, "pack.yaml")
    return scheme_by_key(pack["scheme"])


@action("body.load")
def load_bodies(act: Act, *, folder: Path) -> dict[str, int]:
    """Store the bodies, relations and posts of a pack's `bodies.yaml`; places are loaded.

    Returns how many bodies, relations and posts the file stands for. Some 7,000 bodies
    take a few seconds; all or nothing.
    """
    require_installation(act.actor)
    content, digest = _read(folder, "bodies.yaml")
    scheme = _scheme_of(folder)
    tree = tree_at(scheme, today())
    above = _codes_above(tree)
    wanted = list(_listed(content["bodies"], dict(zip(tree.codes, tree.ids, strict=True))))
    for number, template in enumerate(content.get("templates", ())):
        wanted += _from_template(template, number, scheme, above)
    bodies = _store_bodies(wanted)
    relations = _store_relations(wanted, bodies)
    posts = _store_posts(wanted, bodies)
    _store_aliases(wanted, bodies)
    counts = {"bodies": len(wanted), "relations": relations, "posts": posts}
    act.about(f"scheme:{scheme.key}")
    act.record(file=digest, counts=counts)
    return counts


# -- demo people ---------------------------------------------------------------------------


def demo_password() -> str:
    """The password of the demo's people: from the environment, else the one everyone knows."""
    return os.environ.get(DEMO_PASSWORD_VARIABLE) or DEMO_PASSWORD


def known_demo_password() -> str:
    """The demo's password where everyone may know it; empty where another was set."""
    return "" if os.environ.get(DEMO_PASSWORD_VARIABLE) else DEMO_PASSWORD


@action("person.load")
def load_people(act: Act, *, folder: Path) -> dict[str, int]:
    """Store the demo people of a pack's `people.yaml`, and the posts they hold.

    Only a pack that calls itself a demo brings people; a login that belongs to somebody
    real is never touched.
    """
    require_installation(act.actor)
    scheme = _scheme_of(folder)
    pack, _digest = _read(folder, "pack.yaml")
    if pack.get("demo") != "true" or not (folder / "people.yaml").is_file():
        return {"people": 0}
    content, digest = _read(folder, "people.yaml")
    # One salt for all: this password is printed on the sign-in page, and Argon2 is slow.
    encoded = make_password(demo_password())
    for entry in content["people"]:
        _store_demo_person(entry, encoded)
    act.about(f"scheme:{scheme.key}")
    act.record(file=digest, people=len(content["people"]))
    return {"people": len(content["people"])}


def _store_demo_person(entry: Entry, encoded: str) -> None:
    person, _created = Person.objects.get_or_create(login=entry["login"], defaults={"demo": True})
    if not person.demo:
        raise Conflict(
            _("The login %s belongs to somebody who is not of the demo.") % entry["login"]
        )
    person.password = encoded
    person.language = LANGUAGES.get(entry.get("language", ""), "")
    person.save(update_fields=["password", "language"])
    PersonDetails.objects.update_or_create(
        person=person,
        defaults={"name": entry["name"], "name_en": entry.get("name_en", "")},
    )
    for held in entry.get("posts", ()):
        _store_holding(person, held)


def _store_holding(person: Person, held: Entry) -> None:
    body, _slash, key = held["post"].partition("/")
    post = Post.objects.filter(body__key=body, key=key).first()
    if post is None:
        raise NotFound(_("There is no post %s.") % held["post"], place="people.yaml")
    begin = held.get("from")
    known = Holding.objects.filter(person=person, post=post)
    if begin:
        known = known.filter(valid_from=begin)
    if not known.exists():
        Holding.objects.create(
            person=person,
            post=post,
            valid_from=date.fromisoformat(begin) if begin else today(),
            valid_to=date.fromisoformat(held["to"]) if held.get("to") else None,
        )
