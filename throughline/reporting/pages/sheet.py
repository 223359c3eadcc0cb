"""The sheet of a unit: all that is asked of it in a cycle, filled in on one page.

What is typed goes to the server as it is typed, cell by cell (`save`); without scripts the whole
form is sent (`prepare`). Either way the server reads the numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from throughline.bodies.queries import names_of
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Problem,
    ThroughlineError,
    TurnedAway,
)
from throughline.kernel.text import is_storable
from throughline.reporting import actions
from throughline.reporting.asking import asked_of
from throughline.reporting.drafting import Given, merge_sheet, read_typed
from throughline.reporting.laying.readers import checkers, readers_of
from throughline.reporting.laying.rows import written
from throughline.reporting.laying.sheet import lay_out
from throughline.reporting.laying.story import story_of, told
from throughline.reporting.models import Report
from throughline.reporting.owing import owed_at
from throughline.reporting.pages.acts import found, trail, url_of
from throughline.reporting.rules.life import BEFORE_SIGNING, ReportStep, Stage
from throughline.reporting.tickets import admit_submission, ticket_of
from throughline.reporting.validation import problems_of
from throughline.reporting.viewing import said_of

VALUE, ABSENT, NOTE, KNOWN = "value-", "absent-", "note-", "known"
"""How the fields of a cell begin, and the field with what the page had seen in all of them."""
PARTS = ("value", "absent", "note")


@require_safe
def sheet(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """The sheet of a unit."""
    actor, row = found(request, cycle, place)
    return _page(request, actor, row)


@require_POST
def save(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Keep what was typed into some cells, and say how the sheet stands now. A refusal is told
    as JSON too: whoever types goes on typing."""
    actor, row = found(request, cycle, place)
    try:
        return JsonResponse(_saved(actor, row, _sent(request)))
    except (Invalid, Conflict, Forbidden) as error:
        return JsonResponse(error.as_dict(), status=error.http_status)


def _sent(request: HttpRequest) -> dict[str, Any]:
    try:
        sent = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Invalid(_("What was sent cannot be read.")) from error
    cells = sent.get("cells", {}) if isinstance(sent, dict) else None
    known = sent.get("known", {}) if isinstance(sent, dict) else None
    if not _are_cells(cells) or not _are_cells(known) or not is_storable(sent):
        raise Invalid(_("What was sent cannot be read."))
    return {"cells": cells, "known": known}


def _are_cells(given: object) -> bool:
    return isinstance(given, dict) and all(isinstance(cell, dict) for cell in given.values())


def _saved(actor: Actor, row: Report, sent: Mapping[str, Any]) -> dict[str, Any]:
    asked = asked_of(row)
    reading = read_typed(asked, sent["cells"])
    merged = merge_sheet(actor, row, reading.values, sent["known"])
    decimals = {each.key: each.series.indicator.decimals for each in asked.lines}

    def said(cells: Mapping[str, Given]) -> dict[str, Any]:
        return {
            key: {
                **{part: cell[part] for part in PARTS},
                "text": written(cell["value"], decimals[key]),
            }
            for key, cell in cells.items()
            if key in decimals
        }

    return {
        "saved": clock.now().isoformat() if reading.values else None,
        "now": clock.now().isoformat(),
        "revision": merged.revision,
        "cells": said(merged.values),
        "replaced": said(merged.replaced),
        "by": names_of({merged.by}).get(merged.by, "") if merged.by != actor.person else "",
        "problems": {each.field: _fault(each) for each in reading.problems},
        "remarks": {key: " ".join(said) for key, said in reading.remarks.items()},
    }


def _fault(problem: Problem) -> str:
    """What is wrong with a cell and what mends it, in one line."""
    if not problem.remedy:
        return problem.message
    return _("%(message)s. %(remedy)s") % {
        "message": problem.message.rstrip(".。"),
        "remedy": problem.remedy,
    }


@require_POST
def prepare(request: HttpRequest, cycle: str, place: str) -> HttpResponse:
    """Prepare the report, sign it at once, or keep it as it is, with all that was typed. What
    stands in the way is shown above the sheet, and nothing that was typed is lost."""
    actor, row = found(request, cycle, place)
    typed = _typed(request, row)
    reading = read_typed(asked_of(row), typed)
    try:
        merge_sheet(actor, row, reading.values, {})
        if "keep" in request.POST and not reading.problems:
            messages.success(request, _("Kept. It has not been sent yet."))
            return redirect(url_of(row))
        if reading.problems:
            raise Invalid(_("The report was not taken."), problems=reading.problems)
        if "submit" in request.POST:
            admit_submission(actor, row)
            actions.submit_report(actor, report=row)
            messages.success(
                request,
                _("Signed. It lies with %(whose)s now.") % {"whose": checkers(row)[0]},
            )
        else:
            actions.prepare_report(actor, report=row)
            messages.success(request, _("Prepared. It is reviewed next, by a colleague."))
    except (Invalid, Conflict, Forbidden, TurnedAway) as error:
        return _page(
            request,
            actor,
            row,
            typed=typed,
            error=error,
            unread={each.field: each.message for each in reading.problems},
        )
    return redirect(url_of(row))


def _typed(request: HttpRequest, row: Report) -> dict[str, dict[str, Any]]:
    """The cells of the form that differ from what its page had seen: what a colleague has typed
    meanwhile into another cell is not undone by an old page."""
    known = _known(request)
    typed = {}
    for line in asked_of(row).lines:
        if VALUE + line.key not in request.POST:
            continue
        cell = {
            "text": request.POST.get(VALUE + line.key, "").strip(),
            "absent": ABSENT + line.key in request.POST,
            "note": request.POST.get(NOTE + line.key, "").strip(),
        }
        if line.key not in known or known[line.key] != cell:
            typed[line.key] = cell
    return typed


def _known(request: HttpRequest) -> dict[str, Any]:
    try:
        known = json.loads(request.POST.get(KNOWN, "{}"))
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _page(
    request: HttpRequest,
    actor: Actor,
    row: Report,
    *,
    typed: Mapping[str, Mapping[str, Any]] | None = None,
    error: ThroughlineError | None = None,
    unread: Mapping[str, str] | None = None,
) -> HttpResponse:
    laid = lay_out(actor, row, typed=typed, problems=unread)
    # Where a cell cannot be read, what else stands in the way is told with it, and not after it.
    others = laid.stopping if unread and "keep" not in request.POST else []
    also = [each for each in problems_of(laid.asked, others) if each.field not in (unread or {})]
    known = {
        each.key: {"text": each.text, "absent": each.given["absent"], "note": each.given["note"]}
        for each in laid.rows
        if each.key not in (unread or {})
    }
    extension = row.extensions.filter(granted__isnull=True).first() if laid.seen else None
    context = {
        "laid": laid,
        "report": row,
        "cycle": row.cycle,
        "said": said_of(row),
        "counts": laid.counts,
        "may": laid.may,
        "known": json.dumps(known, ensure_ascii=False),
        "data": json.dumps(laid.data | {"words": _words()}, ensure_ascii=False),
        "clock": json.dumps(_clock(), ensure_ascii=False),
        "left": json.dumps(_left(), ensure_ascii=False),
        "problems": _problems(error, also),
        "checkers": checkers(row),
        "readers": readers_of(row, laid.asked),
        "hands": _hands(row, seen=laid.seen),
        "story": told(story_of(row, seen=laid.seen), seen=laid.seen),
        "extension": extension,
        "ticket": ticket_of(row) if laid.seen else None,
        "tasks": owed_at(actor, row.cycle, row.place),
        "asking": len({form.asked_by_id for form in laid.asked.forms}),
        "now": clock.now(),
        # What is signed, or can no longer be, is not late by what the clock says now.
        "counting": laid.stage is not Stage.LOCKED and ReportStep(row.step) in BEFORE_SIGNING,
        "trail": trail(row),
        "whose": actor.person,
    }
    status = error.http_status if error is not None else 200
    return render(request, "reporting/sheet.html", context, status=status)


def _hands(row: Report, *, seen: bool) -> dict[str, str]:
    """Who prepared, reviewed and signed what stands here, for the lines on paper."""
    signed = ReportStep(row.step) in {ReportStep.SIGNED, ReportStep.ACCEPTED}
    if not signed and not (
        seen and ReportStep(row.step) in {ReportStep.PREPARED, ReportStep.REVIEWED}
    ):
        return {}
    people = {"prepared": row.prepared_by, "reviewed": row.reviewed_by}
    people |= {"signed": row.signed_by} if signed else {}
    names = names_of(people.values())
    return {hand: names.get(person, "") for hand, person in people.items()}


def _problems(error: ThroughlineError | None, also: Sequence[Problem]) -> list[Problem]:
    """What stood in the way (`also` besides), each fault with its cell named in its sentence: the
    links of the summary are read by themselves."""
    if error is None:
        return []
    listed = error.problems if isinstance(error, Invalid) else []
    if not listed:
        remedy = error.remedy or (error.lifted_by if isinstance(error, Forbidden) else "")
        return [Problem("", error.message, remedy)]
    return [
        Problem(
            each.place,
            _("%(place)s: %(message)s") % {"place": each.place, "message": each.message},
            each.remedy,
            each.field,
            each.code,
        )
        for each in [*listed, *also]
    ]


def _words() -> dict[str, str]:
    """The sentences of the page's script."""
    return {
        "saved": _("Saved on the server {time}"),
        "saving": _("Saving …"),
        "offline": _("Not saved: no network. Kept on this computer."),
        "session": _(
            "Not saved: you are signed out. Kept on this computer; sign in again in another "
            "window and come back."
        ),
        "other": _("Not saved: somebody else has signed in here. Kept on this computer for you."),
        "closed": _("Not saved: {why} What you typed is kept on this computer."),
        "refused": _("Not saved: the server did not take it. Kept on this computer."),
        "unkept": _("Not saved, because it is no number: {n}. Kept on this computer."),
        "restored": _("What you typed here and could not be sent is back, and is being sent."),
        "hard": _("Wrong"),
        "soft": _("Unusual"),
        "explained": _("Explained"),
        "goto": _("Go to {label}"),
        "range": _("The figure is outside of what is possible ({bounds})."),
        "between": _("{low} to {high}"),
        "least": _("at least {low}"),
        "most": _("at most {high}"),
        "decimals": _("The figure has more decimals than are asked for."),
        "unread": _("This is no number. The server will say what is wrong with it."),
        "understood": _("“{text}” is read as {value}."),
        "changed": _("{who} has just changed it."),
        "somebody": _("A colleague"),
        "replaced": _("{who} had typed {value} here at the same time; yours stands."),
        "take": _("Take {value}"),
        "empty": _("nothing"),
        "na": _("not applicable"),
        "filled": _("{filled} of {lines} filled, {absent} not applicable"),
        "wrong": _("{n} wrong"),
        "odd": _("{n} to explain"),
        "missing": _("{n} still empty"),
        "ready": _("Nothing stands in the way: it can be prepared."),
        "pasted": _("{n} cells filled."),
        "skipped": _("{n} empty ones left as they were."),
        "beyond": _("{n} did not fit below the last cell."),
        "column": _("Of several columns, number {n} was taken."),
        "undone": _("Undone."),
        "before": _("Before it goes on: {what}."),
        "comma": _(", "),
        "signIn": _("Sign in"),
    }


def _clock() -> dict[str, str]:
    """The words of the time that is left."""
    return {
        "in": _("in {span}"),
        "past": _("ended {span} ago; what is signed now is marked late"),
        "d": _("{n} d"),
        "h": _("{n} h"),
        "m": _("{n} min"),
        "s": _("{n} s"),
    }


def _left() -> dict[str, str]:
    """The words of what was typed and can no longer be sent."""
    return {
        "left": _("On this computer there is something that you typed and that was not sent:"),
        "discard": _("Remove it"),
        "na": _("not applicable"),
    }
