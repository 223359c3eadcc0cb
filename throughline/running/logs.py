"""One line of JSON per log record, and a request id that the journal bears too."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("request_id", default="")
_GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request"}
_PROBES = {"/healthz", "/readyz"}

logger = logging.getLogger("throughline.request")


def request_id() -> str:
    """The id of the request under way; empty outside of one."""
    return _current.get()


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, request id and whatever `extra` brought."""

    def format(self, record: logging.LogRecord) -> str:
        # Django logs refused requests after the middleware, but brings the request along.
        late = getattr(getattr(record, "request", None), "request_id", "")
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id() or late,
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the moment, not to what it was when logging was set
    up: a command that sets it up anew inside a process may have redirected it for a while."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _given: TextIO) -> None:
        """The base class hands over what is standard error now; that is asked each time."""


class RequestMiddleware:
    """Gives each request an id (a valid `X-Request-ID` is kept) and logs its outcome.

    The query is not logged: what people search for is nobody's business.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        chosen = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
        token = _current.set(chosen)
        request.request_id = chosen  # type: ignore[attr-defined]
        begun = time.monotonic()
        try:
            answer = self.get_response(request)
            answer["X-Request-ID"] = chosen
            _log(request, answer, time.monotonic() - begun)
            return answer
        finally:
            _current.reset(token)


def _log(request: HttpRequest, answer: HttpResponse, seconds: float) -> None:
    actor = getattr(request, "actor", None)
    probing = request.path in _PROBES and answer.status_code == 200
    logger.log(
        logging.DEBUG if probing else logging.INFO,
        "%s %s",
        request.method,
        request.path,
        extra={
            "method": request.method,
            "path": request.path,
            "status": answer.status_code,
            "ms": round(seconds * 1000, 1),
            "person": actor.person if actor else "",
        },
    )
