"""The journal as people read it: what was done, by whom, in which capacity, by which door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import journal_visible_to, names_of
from throughline.config.words import act_word
from throughline.figures.words import DOORS
from throughline.kernel.actor import SYSTEM, Actor
from throughline.kernel.commands import export_lines
from throughline.kernel.errors import Forbidden, NotFound
from throughline.kernel.journal import content_of
from throughline.kernel.models import JournalEntry
from throughline.ui.links import page_of
from throughline.ui.shapes import Crumb, Paging

PAGE = 50


@dataclass(frozen=True)
class Row:
    """A line of the journal's table."""

    position: int
    at: datetime
    verb: str
    act: str
    subject: str
    person: str
    body: str
    door: str
    url: str


def _row(entry: JournalEntry, names: dict[str, str]) -> Row:
    return Row(
        position=entry.position,
        at=entry.at,
        verb=entry.verb,
        act=act_word(entry.verb),
        subject=entry.subject,
        person=_person(entry.person, names),
        body=entry.body_code,
        door=str(DOORS.get(entry.door, entry.door)),
        url=reverse("journal-entry", args=[entry.position]),
    )


def _person(opaque: str, names: dict[str, str]) -> str:
    if opaque == SYSTEM.person:
        return _("the installation")
    return names.get(opaque) or opaque[:8]


@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """The entries that the actor may see, the last first, filtered by verb or subject."""
    actor = actor_of(request)
    signed_in(actor)
    entries = journal_visible_to(actor)
    verb, subject = request.GET.get("verb", "").strip(), request.GET.get("subject", "").strip()
    if verb:
        entries = entries.filter(verb__startswith=verb)
    if subject:
        entries = entries.filter(subject__startswith=subject)
    number = page_of(request)
    shown = list(entries.order_by("-position")[(number - 1) * PAGE : number * PAGE])
    names = names_of({entry.person for entry in shown})
    context = {
        "rows": [_row(entry, names) for entry in shown],
        "paging": Paging(number, PAGE, entries.count()),
        "verb": verb,
        "subject": subject,
        "verbs": [(each, act_word(each)) for each in _verbs(actor)],
        "may_export": signed_in(actor).audits,
    }
    return render(request, "config/journal.html", context)


def _verbs(actor: Actor) -> list[str]:
    seen = journal_visible_to(actor).order_by("verb")
    return list(seen.values_list("verb", flat=True).distinct())


def _changes(content: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    before, after = content.get("before") or {}, content.get("after") or {}
    return [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]


@require_safe
def journal_entry(request: HttpRequest, position: int) -> HttpResponse:
    """One entry: before and after, and the hashes by which it hangs in the chain."""
    actor = actor_of(request)
    signed_in(actor)
    entry = journal_visible_to(actor).filter(position=position).first()
    if entry is None:
        raise NotFound(_("The journal has no such entry."))
    content = content_of(entry.body)
    context = {
        "row": _row(entry, names_of({entry.person})),
        "entry": entry,
        "content": content,
        "changes": _changes(content),
        "trail": [Crumb(_("Journal"), reverse("journal")), Crumb(str(position))],
    }
    return render(request, "config/journal_entry.html", context)


@require_safe
def journal_export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The whole journal as lines that `verify` reads; for audit."""
    actor = actor_of(request)
    if not signed_in(actor).audits:
        raise Forbidden(
            _("Only audit exports the journal."),
            rule="journal.export",
            lifted_by=_("an auditor of the installation"),
        )

    def lines() -> Iterator[str]:
        for line in export_lines():
            yield line + "\n"

    answer = StreamingHttpResponse(lines(), content_type="application/x-ndjson")
    answer["Content-Disposition"] = 'attachment; filename="journal.jsonl"'
    return answer
