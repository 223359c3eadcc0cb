"""Bodies and the posts in them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from throughline.bodies.actions.taking import taken_once
from throughline.bodies.models import Body, BodyAlias, Holding, Post, Relation
from throughline.bodies.permissions import (
    require_administrator_of,
    require_installation_for_audit,
)
from throughline.bodies.queries import today
from throughline.bodies.rules import BodyKind, Duty, is_key
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.places.models import Place

LONGEST_NAME = 300
LONGEST_TITLE = 200


def _require_storable(
    key: str | None, texts: dict[str, str], needed: str, longest: int = LONGEST_NAME
) -> None:
    """Raise Invalid that names every field which cannot be stored as it is. What is `needed`
    is given in one language at least."""
    problems = []
    if key is not None and not is_key(key):
        told = _("A key is made of small Latin letters, digits, - and _; 80 at most.")
        problems.append(Problem("key", told, field="key"))
    if not (texts[f"{needed}_en"].strip() or texts[f"{needed}_zh"].strip()):
        told = _("Give it in one language at least.")
        problems.append(Problem(needed, told, field=f"{needed}_en"))
    for field, text in texts.items():
        if len(text) > longest:
            told = _("At most %(count)s characters.") % {"count": longest}
            problems.append(Problem(field, told, field=field))
    if problems:
        raise Invalid(_("This cannot be stored as given."), problems=problems)


def _plain_aliases(aliases: Collection[str]) -> list[str]:
    """The other names, each once, without empty ones."""
    found = list(dict.fromkeys(alias.replace("\x00", "").strip() for alias in aliases))
    found = [alias for alias in found if alias]
    if any(len(alias) > LONGEST_NAME for alias in found):
        raise Invalid(_("At most %(count)s characters.") % {"count": LONGEST_NAME}, place="aliases")
    return found


@action("body.create")
def create_body(
    act: Act,
    *,
    key: str,
    kind: BodyKind,
    name_en: str,
    name_zh: str = "",
    short_en: str = "",
    short_zh: str = "",
    place: Place | None = None,
    aliases: Collection[str] = (),
    illustrative: bool = False,
    valid_from: date | None = None,
) -> Body:
    """Create a body under a key that no other bears."""
    require_administrator_of(act.actor, place)
    texts: dict[str, Any] = {
        "name_en": name_en,
        "name_zh": name_zh,
        "short_en": short_en,
        "short_zh": short_zh,
    }
    _require_storable(key, texts, "name")
    with taken_once(_("This key is taken."), "key"):
        body = Body.objects.create(
            key=key,
            kind=kind,
            place=place,
            illustrative=illustrative,
            valid_from=valid_from,
            sort_key=key,
            **texts,
        )
    names = _plain_aliases(aliases)
    BodyAlias.objects.bulk_create(BodyAlias(body=body, alias=alias) for alias in names)
    act.about(body)
    act.record(key=key, kind=kind, **texts, place=place, aliases=names, valid_from=valid_from)
    return body


@action("body.correct")
def correct_body(
    act: Act,
    *,
    body: Body,
    name_en: str,
    name_zh: str,
    short_en: str,
    short_zh: str,
    aliases: Collection[str],
    one_step: bool | None = None,
) -> Body:
    """Correct what a body is called, and whether it is so small that one person prepares and
    signs (None: as it was); key, kind and place stay. Loading its pack again brings the pack's
    names back."""
    require_administrator_of(act.actor, body.place)
    texts: dict[str, Any] = {
        "name_en": name_en,
        "name_zh": name_zh,
        "short_en": short_en,
        "short_zh": short_zh,
    }
    _require_storable(None, texts, "name")
    wanted = _plain_aliases(aliases)
    body = Body.objects.select_for_update().get(pk=body.pk)
    fields = texts if one_step is None else texts | {"one_step": one_step}
    with act.changing(body, *fields):
        for field, value in fields.items():
            setattr(body, field, value)
        body.save(update_fields=list(fields))
    known = set(body.aliases.values_list("alias", flat=True))
    if known != set(wanted):
        body.aliases.exclude(alias__in=wanted).delete()
        BodyAlias.objects.bulk_create(
            BodyAlias(body=body, alias=alias) for alias in wanted if alias not in known
        )
        act.record(before={"aliases": known}, aliases=set(wanted))
    return body


@action("body.end")
def end_body(act: Act, *, body: Body, valid_to: date) -> Body:
    """End a body; `valid_to` is the first day without it. Its relations end with it, and the
    time of everybody in its posts, none before it began."""
    require_administrator_of(act.actor, body.place)
    for post in body.posts.all():
        require_installation_for_audit(act.actor, frozenset(Duty(duty) for duty in post.duties))
    body = Body.objects.select_for_update().get(pk=body.pk)
    if body.valid_to:
        raise Conflict(
            _("This body ends on %(day)s already.") % {"day": body.valid_to}, place="valid_to"
        )
    if body.valid_from and valid_to < body.valid_from:
        raise Invalid(_("A body cannot end before it began."), place="valid_to")
    relations = Relation.objects.filter(Q(superior=body) | Q(subordinate=body))
    holdings = Holding.objects.filter(post__body=body)
    ended: dict[str, Any] = {
        "relations": _end(relations, valid_to),
        "holdings": _end(holdings, valid_to),
    }
    with act.changing(body, "valid_to"):
        body.valid_to = valid_to
        body.save(update_fields=["valid_to"])
    act.record(**ended)
    return body


def _end(rows: QuerySet[Relation] | QuerySet[Holding], valid_to: date) -> list[int]:
    """End what lasts beyond a day, and return which it was."""
    lasting = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_to))
    ended = sorted(lasting.values_list("pk", flat=True))
    day = Value(valid_to)
    lasting.update(valid_to=Greatest(Coalesce(F("valid_from"), day), day))
    return ended


@action("post.create")
def create_post(
    act: Act,
    *,
    body: Body,
    key: str,
    title_en: str,
    duties: Collection[Duty],
    title_zh: str = "",
) -> Post:
    """Create a post in a body, with what it is there for."""
    require_administrator_of(act.actor, body.place)
    wanted = frozenset(duties)
    require_installation_for_audit(act.actor, wanted)
    titles: dict[str, Any] = {"title_en": title_en, "title_zh": title_zh}
    _require_storable(key, titles, "title", longest=LONGEST_TITLE)
    body = Body.objects.select_for_update().get(pk=body.pk)
    if body.valid_to and body.valid_to <= today():
        raise Conflict(_("This body has ended."))
    with taken_once(_("This body has a post with this key."), "key"):
        post = Post.objects.create(body=body, key=key, duties=sorted(wanted), **titles)
    act.about(post)
    act.record(body=body.key, key=key, **titles, duties=wanted)
    return post
