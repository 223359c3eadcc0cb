"""Checks of bodies, templates, posts, relations and people."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from throughline.plans.packs.documents import PathInFile
from throughline.plans.packs.draft import Draft
from throughline.plans.packs.references import day, in_order, place, suggestion, tier, unique

_BLANK = re.compile(r"\{(\w*)\}")


def check_bodies(draft: Draft) -> None:
    """bodies.yaml: keys, places, relations that lead to a body, templates that can be filled."""
    unique(draft, "bodies", ("bodies",))
    if not draft.sound("bodies"):
        return
    for name in ("bodies", "templates"):
        for path, body in draft.entries("bodies", (name,)):
            unique(draft, "bodies", (*path, "posts"))
            place(draft, "bodies", (*path, "place"), body.get("place"), None)
            tier(draft, "bodies", (*path, "for_tier"), body.get("for_tier"))
            if name == "templates":
                _template(draft, path, body)
            for number, relation in enumerate(body.get("relations", [])):
                where = (*path, "relations", number, "to")
                _superior(draft, where, relation["to"], template=name == "templates")
                if relation["to"] == body["key"]:
                    message = _('"%s" is its own superior') % body["key"]
                    remedy = _("name another body, or remove the relation")
                    draft.report("bodies", where, "cycle", message, remedy)


def _template(draft: Draft, path: PathInFile, body: dict[str, Any]) -> None:
    if "{code}" not in body["key"]:
        message = _("the key of a template needs {code}, or all its bodies would share one")
        draft.report("bodies", (*path, "key"), "template", message, _("add {code} to it"))
    allowed = {"key": {"code"}, "name_en": {"place"}, "name_zh": {"place"}}
    allowed |= {"short_en": {"place"}, "short_zh": {"place"}}
    for field, blanks in allowed.items():
        for blank in _BLANK.findall(body.get(field, "")):
            if blank not in blanks:
                message = _("{%(blank)s} is not filled in %(field)s")
                draft.report(
                    "bodies",
                    (*path, field),
                    "template",
                    message % {"blank": blank, "field": field},
                    _("write %s") % ", ".join(f"{{{name}}}" for name in sorted(blanks)),
                )


def _superior(draft: Draft, path: PathInFile, key: str, template: bool) -> None:
    made = {body.get("key") for _path, body in draft.entries("bodies", ("templates",))}
    filled = template and key.replace("{parent}", "{code}") in made
    if not filled and not _is_body(draft, key):
        message = _('there is no body "%s"') % key
        draft.report(
            "bodies", path, "unknown-reference", message, suggestion(key, draft.keys("bodies"))
        )


def _is_body(draft: Draft, key: str) -> bool:
    return _posts_of(draft, key) is not None


def _posts_of(draft: Draft, key: str) -> set[str] | None:
    """The posts of a body, written or from a template; none where there is no such body."""
    for name in ("bodies", "templates"):
        for _path, body in draft.entries("bodies", (name,)):
            if _bears(draft, body, key):
                return {str(post.get("key")) for post in body.get("posts", [])}
    return None


def _bears(draft: Draft, body: dict[str, Any], key: str) -> bool:
    """Whether the body has this key, or is a template that makes it for one of its places
    (keys are in lower case, codes need not be)."""
    own = str(body.get("key"))
    if "{code}" not in own:
        return own == key
    before, after = own.split("{code}", 1)
    if not (key.startswith(before) and key.endswith(after)):
        return False
    if draft.gazetteer is None:
        return True
    code = key[len(before) : len(key) - len(after)]
    return any(
        row.tier == body.get("for_tier") and row.kind == "regular"
        for rows in draft.gazetteer.rows.values()
        for row in rows
        if row.code.lower() == code
    )


def check_people(draft: Draft) -> None:
    """people.yaml: each post that is held exists in the body that is named."""
    unique(draft, "people", ("people",), "login")
    if not draft.sound("people"):
        return
    for path, person in draft.items("people"):
        unique(draft, "people", (*path, "posts"), "post")
        for number, holding in enumerate(person.get("posts", [])):
            where = (*path, "posts", number)
            start = day(draft, "people", (*where, "from"), holding.get("from"))
            end = day(draft, "people", (*where, "to"), holding.get("to"))
            in_order(draft, "people", where, start, end)
            body, _slash, post = holding["post"].partition("/")
            posts = _posts_of(draft, body)
            if posts is None:
                message = _('there is no body "%s"') % body
                remedy = suggestion(body, draft.keys("bodies"))
                draft.report("people", (*where, "post"), "unknown-reference", message, remedy)
            elif post not in posts:
                message = _('the body "%(body)s" has no post "%(post)s"')
                draft.report(
                    "people",
                    (*where, "post"),
                    "unknown-reference",
                    message % {"body": body, "post": post},
                    suggestion(post, posts),
                )
