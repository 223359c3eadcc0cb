"""One line of JSON per log record, and a request id that the journal bears too."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("request_id", default="")
_GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

logger = logging.getLogger("throughline.request")


def request_id() -> str:
    """The id of the request under way; empty outside of one."""
    return _current.get()


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, request id and whatever `extra` brought."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD and k != "request"}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class RequestMiddleware:
    """Gives each request an id (a valid `X-Request-ID` is kept) and logs its outcome."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = _current.set(given if _GIVEN.fullmatch(given) else uuid.uuid4().hex)
        begun = time.monotonic()
        try:
            answer = self.get_response(request)
            answer["X-Request-ID"] = request_id()
            actor = getattr(request, "actor", None)
            logger.info(
                "%s %s",
                request.method,
                request.path,
                extra={
                    "status": answer.status_code,
                    "ms": round((time.monotonic() - begun) * 1000, 1),
                    "person": actor.person if actor else "",
                },
            )
            return answer
        finally:
            _current.reset(token)
