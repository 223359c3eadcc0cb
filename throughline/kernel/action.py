"""`@action`: the one way in which anything happens.

An action is a function whose first parameter is the `Act`; called, it takes the `Actor`
instead. The wrapper opens the transaction, hands the function its act, and at the end
writes what the act recorded into the journal, in the same transaction, under the
journal's lock, which is therefore always the last lock taken.

    @action("element.rename")
    def rename_element(act: Act, *, element: Element, title: str) -> Element:
        rules.check_title(title)
        with act.changing(element, "title"):
            element.title = title
            element.save(update_fields=["title"])
        return element

    rename_element(actor, element=element, title="…")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, is_dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_type_hints

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from throughline.kernel import journal
from throughline.kernel.actor import Actor
from throughline.kernel.canonical import digest, plain
from throughline.kernel.errors import Conflict, ThroughlineError
from throughline.kernel.models import JournalEntry
from throughline.kernel.pipelining import together

P = ParamSpec("P")
R = TypeVar("R")

VERBS: dict[str, Callable[..., Any]] = {}
"""Every journal verb and its action; an architecture test holds `docs/actions.md` to it."""

PERSONAL = "changed"
"""What stands in the journal in place of a value that is declared personal."""


@dataclass
class Act:
    """One act under way: who does it, and what it wants on record."""

    verb: str
    actor: Actor
    number: int
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    subject: str = ""
    note: str = ""
    _last: list[Callable[[], object]] = field(default_factory=list)
    _followers: list[Callable[[], object]] = field(default_factory=list)

    def about(self, row: Model | str) -> None:
        """Name what the act is about: a row, or `kind:key` for what has no row."""
        self.subject = row if isinstance(row, str) else f"{row._meta.label_lower}:{row.pk}"

    def record(self, *, before: dict[str, Any] | None = None, **after: Any) -> None:
        """Put values on record: what stood before, and (as keywords) what stands now."""
        self.before |= plain(before or {})
        self.after |= plain(after)

    @contextmanager
    def changing(self, row: Model, *fields: str) -> Iterator[None]:
        """Record the named fields of a row before and after the block.

        Fields that the model lists in `personal_fields` are recorded as changed, without
        their values, because the journal cannot forget.
        """
        self.about(row)
        personal: frozenset[str] = getattr(row, "personal_fields", frozenset())
        before = {name: plain(getattr(row, name)) for name in fields}
        yield
        for name in fields:
            now = plain(getattr(row, name))
            if now != before[name]:
                self.before[name] = PERSONAL if name in personal else before[name]
                self.after[name] = PERSONAL if name in personal else now

    def write_last(self, work: Callable[[], object]) -> None:
        """Statements whose outcome nobody of the act waits for. They go out together at its end,
        before the journal's lock is taken; what one raises undoes the act."""
        self._last.append(work)

    def after_commit(self, work: Callable[[], object]) -> None:
        """Work that must not run unless the act is on record: sending, waking a process."""
        self._followers.append(work)


Entry = tuple[Act, dict[str, Any]]

_inner_entries: ContextVar[list[Entry] | None] = ContextVar("inner_entries", default=None)
"""Inside an action: the entries of the acts it has called, to be written behind its own."""


def _answer(result: object) -> Any:
    """How a result is kept for a repeated call: a row by its key, else the plain value."""
    if isinstance(result, Model):
        return {"row": result._meta.label_lower, "key": result.pk}
    return {"value": plain(result)}


def _stored(entry: JournalEntry, request_digest: str) -> Any:
    """The answer that an earlier call under the same key got, or a conflict: a row as it is
    now, else the plain value, which an action that says it gives a dataclass gets as one."""
    if entry.digest != request_digest:
        raise Conflict(
            _("This idempotency key was used for another request."),
            remedy=_("Send a changed request under a new key."),
        )
    answer = journal.content_of(entry.body)["answer"]
    if "row" in answer:
        return apps.get_model(answer["row"])._default_manager.get(pk=answer["key"])
    value, kind = answer["value"], get_type_hints(VERBS[entry.verb]).get("return")
    return kind(**value) if isinstance(kind, type) and is_dataclass(kind) else value


def _earlier(actor: Actor, verb: str, request_digest: str) -> tuple[bool, Any]:
    """Whether this call was answered before, and with what."""
    if not actor.idempotency_key:
        return False, None
    entry = JournalEntry.objects.filter(
        person=actor.person, verb=verb, idempotency_key=actor.idempotency_key
    ).first()
    return (True, _stored(entry, request_digest)) if entry else (False, None)


def _content(act: Act, request_digest: str, result: object) -> dict[str, Any]:
    actor = act.actor
    return {
        "act": act.number,
        "verb": act.verb,
        "person": actor.person,
        "post": actor.post,
        "body": actor.body_code,
        "door": actor.door,
        "request": actor.request_id,
        "key": actor.idempotency_key or None,
        "digest": request_digest,
        "subject": act.subject,
        "note": act.note,
        "before": act.before,
        "after": act.after,
        "answer": _answer(result),
    }


def _send_last(acts: list[Act]) -> None:
    last = [work for act in acts for work in act._last]
    if last:
        with together():
            for work in last:
                work()


def _perform(act: Act, request_digest: str, work: Callable[[], R]) -> R:
    """Run an action; the entries of acts within acts are written at the outermost's end."""
    enclosing = _inner_entries.get()
    if enclosing is not None:
        result = work()
        enclosing.append((act, _content(act, request_digest, result)))
        return result
    inner: list[Entry] = []
    token = _inner_entries.set(inner)
    is_whole = not connection.in_atomic_block
    try:
        with transaction.atomic():
            result = work()
            entries = [(act, _content(act, request_digest, result)), *inner]
            _send_last([act for act, _content_of in entries])
            journal.write([content for _act, content in entries], with_commit=is_whole)
            for each, _content_of in entries:
                for follower in each._followers:
                    transaction.on_commit(follower)
    finally:
        _inner_entries.reset(token)
    return result


def action(
    verb: str,
) -> Callable[[Callable[Concatenate[Act, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function an action under a journal verb, `noun.verb`."""

    def decorate(
        body: Callable[Concatenate[Act, P], R],
    ) -> Callable[Concatenate[Actor, P], R]:
        if verb in VERBS:
            raise ValueError(f"two actions under the verb {verb}")

        @wraps(body)
        def perform(actor: Actor, /, *args: P.args, **arguments: P.kwargs) -> R:
            if args:
                raise TypeError(f"{body.__name__} takes its arguments by name")
            request_digest = digest(arguments)
            known, answer = _earlier(actor, verb, request_digest)
            if known:
                return cast(R, answer)
            try:
                act = Act(verb, actor, journal.next_act_number())
                return _perform(act, request_digest, lambda: body(act, *args, **arguments))
            except (IntegrityError, ThroughlineError):
                # Two callers sent the same key at once, or one sent it again while its first
                # call was still under way: whatever stopped the later one, a constraint or
                # what the earlier one had changed, it gets the answer of the only act.
                known, answer = _earlier(actor, verb, request_digest)
                if not known:
                    raise
                return cast(R, answer)

        VERBS[verb] = perform
        return perform

    return decorate
