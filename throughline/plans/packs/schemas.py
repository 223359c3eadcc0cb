"""The JSON Schemas of a pack's files, and their verdicts as faults with line and remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from throughline.plans.packs.documents import Document, PathInFile
from throughline.plans.packs.faults import Fault

FOLDER = Path(__file__).parent / "schema"
MAX_FAULTS = 200


@cache
def _validators() -> dict[str, Draft202012Validator]:
    schemas = {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.json"))
    }
    registry: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    return {
        name: Draft202012Validator(schema, registry=registry) for name, schema in schemas.items()
    }


def schema_faults(document: Document, schema: str) -> list[Fault]:
    """What the schema (a file name in `schema/`) finds wrong, at most `MAX_FAULTS`."""
    found: list[Fault] = []
    for error in _validators()[schema].iter_errors(document.value):
        found.extend(_faults(document, error))
        if len(found) >= MAX_FAULTS:
            break
    return found[:MAX_FAULTS]


def allowed(schema: str, name: str) -> tuple[str, ...]:
    """What a key of a list file's entries can be, by the schema."""
    entry = cast("dict[str, Any]", _validators()[schema].schema)["$defs"]["item"]
    return tuple(entry["properties"][name]["enum"])


def _faults(document: Document, error: Any) -> Iterator[Fault]:
    path: PathInFile = tuple(error.absolute_path)
    if error.validator == "required":
        yield from _missing(document, path, error)
    elif error.validator == "additionalProperties":
        yield from _unknown(document, path, error)
    else:
        message, remedy = _wrong(path, error)
        yield Fault(document.file, *document.mark(path), "schema", message, remedy)


def _missing(document: Document, path: PathInFile, error: Any) -> Iterator[Fault]:
    for name in error.validator_value:
        if name not in error.instance:
            message = _('"%(name)s" is missing') % {"name": name}
            remedy = _('add "%(name)s: …" here') % {"name": name}
            yield document.fault(path, "missing", message, remedy)


def _unknown(document: Document, path: PathInFile, error: Any) -> Iterator[Fault]:
    known = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            remedy = (
                _('did you mean "%s"?') % close[0]
                if close
                else _("known here: %s") % ", ".join(known)
            )
            mark = document.key_mark((*path, name))
            message = _('"%s" is not known here') % name
            yield Fault(document.file, *mark, "unknown-key", message, remedy)


_TYPES = {
    "string": _noop("a text"),
    "integer": _noop("a whole number"),
    "number": _noop("a number"),
    "boolean": _noop("true or false"),
    "array": _noop("a list"),
    "object": _noop("a group of keys"),
    "null": _noop("empty"),
}


def _wrong(path: PathInFile, error: Any) -> tuple[str, str]:
    name = _name(path)
    wanted = error.validator_value
    described = error.schema.get("description") if isinstance(error.schema, dict) else None
    match error.validator:
        case "type":
            return _wrong_type(name, wanted, error.instance)
        case "enum" | "const":
            allowed = wanted if error.validator == "enum" else [wanted]
            message = _('%(name)s cannot be "%(value)s"')
            return (
                message % {"name": name, "value": _short(error.instance)},
                _("write one of: %s") % ", ".join(map(str, allowed)),
            )
        case "pattern":
            message = _('%(name)s "%(value)s" is not written as it must be')
            return (
                message % {"name": name, "value": _short(error.instance)},
                _("write %s") % (described or wanted),
            )
        case "not":
            return _("%s has no place here") % name, _("remove it")
        case _:
            remedy = _("write %s") % described if described else _("see docs/guide/packs.md")
            return f"{name}: {_short(error.message, 160)}", remedy


def _wrong_type(name: str, wanted: str | list[str], value: object) -> tuple[str, str]:
    types = [wanted] if isinstance(wanted, str) else wanted
    forms = " / ".join(_(_TYPES[form]) for form in types)
    message = _("%(name)s must be %(form)s, not %(value)s")
    said = message % {"name": name, "form": forms, "value": _short(json.dumps(value))}
    if "string" in types and isinstance(value, int | float):
        return said, _('write it in quotes: "%s"') % value
    return said, _("write %s") % forms


def _name(path: PathInFile) -> str:
    names = [part for part in path if isinstance(part, str)]
    return f'"{names[-1]}"' if names else _("the file")


def _short(value: object, length: int = 60) -> str:
    text = str(value)
    return text if len(text) <= length else f"{text[:length]}…"
