"""What a request has learnt already, so that it asks the database once.

Only for what cannot change within a request without `forget` being called where it changes.
Outside a request (commands, jobs, tests of functions) nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_memory: ContextVar[dict[Hashable, Any] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within the block `remembered` asks once. The middleware wraps a request in it."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(key: Hashable, ask: Callable[[], T]) -> T:
    """What stands under a key, asked for the first time it is wanted.

    >>> with remembering():
    ...     remembered("answer", lambda: 42), remembered("answer", lambda: 43)
    (42, 42)
    >>> remembered("answer", lambda: 44)
    44
    """
    memory = _memory.get()
    if memory is None:
        return ask()
    if key not in memory:
        memory[key] = ask()
    return cast(T, memory[key])


def remember(key: Hashable, value: object) -> None:
    """Put something learnt by the way under its key."""
    memory = _memory.get()
    if memory is not None:
        memory[key] = value


def once_a_request(key: Callable[P, Hashable]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a function be asked once a request for each key that its arguments make.

    The answer is shared among those who ask, so nobody may change it.
    """

    def decorate(ask: Callable[P, T]) -> Callable[P, T]:
        @wraps(ask)
        def asked(*args: P.args, **named: P.kwargs) -> T:
            return remembered((ask, key(*args, **named)), lambda: ask(*args, **named))

        return asked

    return decorate


def forget_all() -> None:
    """So much hangs on what has changed within this request that everything is asked again."""
    memory = _memory.get()
    if memory is not None:
        memory.clear()


def forget(key: Hashable) -> None:
    """It has changed within this request: ask again."""
    memory = _memory.get()
    if memory is not None:
        memory.pop(key, None)
