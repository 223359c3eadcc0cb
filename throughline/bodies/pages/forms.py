"""The pattern of every act by form: ask, keep what was typed, act, or say what is wrong.

    return carried(request, Question(title=…, inputs=[…], button=…, back=…), act)

`act` gets what was typed, calls one action and answers; `Invalid`, `Conflict` and
`Forbidden` come back as the form with everything that was typed and the faults above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from throughline.bodies.authentication import actor_of
from throughline.bodies.directory import OFFERED, Option, offered
from throughline.kernel.actor import Actor
from throughline.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    ThroughlineError,
)
from throughline.kernel.models import Draft
from throughline.kernel.text import is_id
from throughline.ui.shapes import Crumb, anchor

FIND = "find"
"""The name of the button that only looks for choices; nothing is done by it."""


def refused(name: str, message: str, remedy: str = "") -> Invalid:
    """What is wrong with one field."""
    return Invalid(message, problems=[Problem("", message, remedy, field=name)])


def problems_of(error: ThroughlineError, name: str = "") -> list[Problem]:
    """An error's problems for the summary above a form; without any, the error itself."""
    listed = error.problems if isinstance(error, Invalid) else []
    remedy = error.remedy or (error.lifted_by if isinstance(error, Forbidden) else "")
    return listed or [Problem("", error.message, remedy, field=error.place or name)]


@dataclass(frozen=True)
class Typed:
    """What was typed into a form: each field with its values."""

    values: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, **initial: object) -> Typed:
        """What a form starts with."""
        return cls({name: _texts(value) for name, value in initial.items()})

    def several(self, name: str) -> list[str]:
        """All values of a field."""
        return [value.replace("\x00", "") for value in self.values.get(name, ())]

    def text(self, name: str) -> str:
        """The value of a field, without white space around it."""
        return next(iter(self.several(name)), "").strip()

    def one_of(self, name: str, choices: Sequence[tuple[str, str]]) -> str:
        """The choice that was made in a field that begins with none."""
        found = self.text(name)
        if found not in {value for value, _word in choices if value}:
            raise refused(name, _("Choose one."))
        return found

    def lines(self, name: str) -> list[str]:
        """The lines of a field, without empty ones."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def day(self, name: str) -> date | None:
        """The day in a field; None where it is empty."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise refused(name, _("Write the day as 2022-06-21.")) from error

    def needed_day(self, name: str) -> date:
        """The day in a field that has to be there."""
        found = self.day(name)
        if found is None:
            raise refused(name, _("Give the day."))
        return found


def unchosen(choices: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    """Choices of a field that begins with none, so that nothing is decided by a slip."""
    return [("", _("choose")), *((value, str(word)) for value, word in choices)]


def _texts(value: object) -> list[str]:
    if isinstance(value, list | tuple | set | frozenset):
        return [str(each) for each in value]
    return [] if value is None else [str(value)]


@dataclass(frozen=True)
class Input:
    """One field. `kind` is one of `form_field`, or `several` (any of `choices`, or of `groups`
    under their headings), or `find` (one of what `source` offers for some words), or `hidden`."""

    name: str
    label: str = ""
    kind: str = "text"
    hint: str = ""
    required: bool = True
    choices: Sequence[tuple[str, str]] = ()
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    source: str = ""
    autocomplete: str = "off"


@dataclass(frozen=True)
class Question:
    """What a form asks. `told` says in sentences what will happen; `draft` names the draft
    that is kept, none for forms about people, whose names stand in one table alone. A `template`
    that extends the form's shows `beside` what has to be seen before one answers."""

    title: str
    inputs: Sequence[Input]
    button: str
    back: str
    trail: Sequence[Crumb] = ()
    told: Sequence[str] = ()
    facts: Sequence[str] = ()
    initial: Typed = field(default_factory=lambda: Typed({}))
    draft: str = ""
    template: str = "bodies/form.html"
    beside: Sequence[object] = ()


@dataclass(frozen=True)
class Shown:
    """A field as it stands on the page."""

    input: Input
    value: str
    ticked: Sequence[str]
    options: Sequence[Option] = ()
    words: str = ""
    looked: bool = False

    @property
    def anchor(self) -> str:
        return anchor(self.input.name)


def carried(
    request: HttpRequest, question: Question, act: Callable[[Typed], HttpResponse]
) -> HttpResponse:
    """Show the form, or do what was sent; whatever stands in the way keeps what was typed."""
    actor = actor_of(request)
    draft = _draft(actor, question)
    sent = request.method == "POST"
    typed = Typed(dict(request.POST.lists())) if sent else question.initial
    if draft is not None and not sent:
        typed = Typed({**typed.values, **draft.content})
    problems: list[Problem] = []
    status = 200
    if sent and FIND not in request.POST:
        try:
            answer = act(typed)
        except (Invalid, Conflict, Forbidden) as error:
            problems, status = problems_of(error), error.http_status
            if isinstance(error, Conflict):
                typed = Typed({**typed.values, **_as_it_stands(question)})
        else:
            Draft.objects.filter(person=actor.person, form=question.draft or None).delete()
            return answer
    context = {
        "question": question,
        "fields": [_shown(actor, each, typed) for each in question.inputs],
        "problems": problems,
        "from_draft": draft if not sent else None,
    }
    return render(request, question.template, context, status=status)


def _as_it_stands(question: Question) -> Mapping[str, Sequence[str]]:
    """What the form saw standing, anew: told of it, one may send the form once more."""
    return {
        each.name: question.initial.several(each.name)
        for each in question.inputs
        if each.kind == "hidden"
    }


def _draft(actor: Actor, question: Question) -> Draft | None:
    if not question.draft:
        return None
    return Draft.objects.filter(person=actor.person, form=question.draft).first()


def _shown(actor: Actor, given: Input, typed: Typed) -> Shown:
    value, values = typed.text(given.name), typed.several(given.name)
    if given.kind != "find":
        return Shown(given, value, values)
    words = typed.text(f"{given.name}-words")
    return Shown(
        given, value, values, options(actor, given.source, words, value), words, bool(words)
    )


def options(actor: Actor, source: str, words: str, chosen: str = "") -> list[Option]:
    """What a field offers for some words; what is chosen already stands first."""
    offer = offered(actor, source, words)
    if offer is None:
        raise NotFound(_("There is nothing of this kind to choose from."))
    kept = _keyed(offer.rows, offer.key, chosen) if chosen else []
    found = list(offer.found[:OFFERED]) if words else []
    return [offer.option(row) for row in [*kept, *(each for each in found if each not in kept)]]


def _keyed(rows: Any, key: str, value: str) -> list[Any]:
    """The row of a key as it was sent; none where it is no key."""
    if key == "pk" and not is_id(value):
        return []
    return list(rows.filter(**{key: value})[:1])


def chosen(actor: Actor, given: Input, typed: Typed) -> Any:
    """The row chosen in a field of the kind `find`; raises Invalid where there is none."""
    offer = offered(actor, given.source, "")
    rows = _keyed(offer.rows, offer.key, typed.text(given.name)) if offer else []
    if not rows:
        raise refused(given.name, _("Find it by words and choose one."))
    return rows[0]
