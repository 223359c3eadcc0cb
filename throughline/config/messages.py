"""The catalogues of translated strings: gathered and compiled without the gettext programs,
which a fresh machine does not have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from throughline import __version__

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUES = ("zh_Hans",)
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
_NO_TIME = datetime(2022, 6, 21, tzinfo=UTC)
"""A fixed time in the heads: catalogues change only when their strings do."""

Found = tuple[str, str | tuple[str, ...], list[str], str | None]


def catalogue_path(language: str) -> Path:
    """Where a language's catalogue lies."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def _sources() -> Iterator[Path]:
    for pattern in ("**/*.py", "**/*.html"):
        for path in sorted(PACKAGE.glob(pattern)):
            if not {"tests", "migrations", "static", "locale"} & set(path.parts):
                yield path


def _strings(path: Path) -> Iterator[Found]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        # What templatize leaves of a template is calls and filler; without the
        # indentation of the markup Python's tokenizer takes it.
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    place = str(path.relative_to(PACKAGE.parent))
    for _line, message, comments, context in extract(
        "python", BytesIO(text.encode()), KEYWORDS, comment_tags=("Translators:",)
    ):
        yield place, message, comments, context


def gathered() -> Catalog:
    """Every string that is marked for translation, with the files it stands in."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in _sources():
        for place, message, comments, context in _strings(path):
            found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def _empty(language: str) -> Catalog:
    catalogue = Catalog(
        locale=language,
        project="Throughline",
        version=__version__,
        copyright_holder="Throughline maintainers",
        creation_date=_NO_TIME,
        revision_date=_NO_TIME,
        last_translator="Throughline maintainers",
        charset="utf-8",
        fuzzy=False,
    )
    catalogue.header_comment = "# Throughline, Simplified Chinese. Apache-2.0."
    return catalogue


def read(language: str) -> Catalog:
    """A language's catalogue as it stands in the tree; empty where there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as content:
        return read_po(content, locale=language)


def gather(language: str) -> Catalog:
    """Bring a language's catalogue to the strings of today; what is new is empty."""
    catalogue = read(language)
    # Nothing is guessed: a string that resembles an old one is another string.
    catalogue.update(gathered(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.revision_date = catalogue.creation_date = _NO_TIME
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(
            out, catalogue, width=100, omit_header=False, sort_output=True, include_lineno=False
        )
    return catalogue


def missing(language: str) -> list[str]:
    """Strings of today that a catalogue does not translate."""
    catalogue = read(language)
    gaps = []
    for message in gathered():
        if not message.id:
            continue
        known = catalogue.get(message.id, context=message.context)
        texts = known.string if known else ""
        parts = texts if isinstance(texts, tuple | list) else [texts]
        if not parts or not all(parts):
            gaps.append(str(message.id))
    return gaps


def compile_catalogue(language: str) -> Path:
    """Write the compiled catalogue that Django reads."""
    path = catalogue_path(language).with_suffix(".mo")
    with path.open("wb") as out:
        write_mo(out, read(language))
    return path
