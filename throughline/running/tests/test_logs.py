"""JSON logs and request ids."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from throughline.kernel.actor import Actor
from throughline.running.logs import JsonFormatter, RequestMiddleware, StderrHandler, request_id


def line(record: logging.LogRecord) -> dict[str, object]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    found: dict[str, object] = json.loads(text)
    return found


def record(**more: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"msg": "第 %s 条\nmore", "args": (1,), "levelname": "INFO"} | more
    )


def test_a_record_is_one_line_with_what_it_brings() -> None:
    found = line(record(name="throughline.x", status=200))
    assert found["message"] == "第 1 条\nmore"
    assert (found["level"], found["logger"], found["status"]) == ("info", "throughline.x", 200)
    assert str(found["time"]).endswith("+00:00")
    assert found["request_id"] == ""


def test_an_exception_stands_in_its_line() -> None:
    try:
        raise ValueError("wrong")
    except ValueError:
        found = line(record(exc_info=sys.exc_info()))
    assert "ValueError: wrong" in str(found["trace"])


def answer_by(request: HttpRequest) -> HttpResponse:
    request.actor = Actor(person="p1")  # type: ignore[attr-defined]
    return HttpResponse(request_id())


def test_a_valid_id_is_kept_and_returned() -> None:
    request = RequestFactory().get("/x", headers={"X-Request-ID": "trace-1.a:b"})
    answer = RequestMiddleware(answer_by)(request)
    assert answer.content == b"trace-1.a:b"
    assert answer["X-Request-ID"] == "trace-1.a:b"
    assert request_id() == ""


@pytest.mark.parametrize("given", ["", "a" * 65, "two words", "line\nbreak", "<b>", "é", "a,b"])
def test_an_id_that_is_not_safe_is_replaced(given: str) -> None:
    request = RequestFactory().get("/x")
    request.META["HTTP_X_REQUEST_ID"] = given
    answer = RequestMiddleware(answer_by)(request)
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_the_outcome_is_logged_without_the_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "throughline.request"):
        RequestMiddleware(answer_by)(RequestFactory().get("/x?q=private"))
    (logged,) = caplog.records
    found = line(logged)
    assert (found["path"], found["status"], found["person"]) == ("/x", 200, "p1")
    assert "private" not in json.dumps(found)


def test_probes_are_not_logged_while_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    middleware = RequestMiddleware(lambda request: HttpResponse(status=503))
    with caplog.at_level("INFO", "throughline.request"):
        RequestMiddleware(answer_by)(RequestFactory().get("/healthz"))
        assert not caplog.records
        middleware(RequestFactory().get("/healthz"))
        assert caplog.records


def test_what_django_logs_afterwards_bears_the_id_too() -> None:
    request = RequestFactory().get("/x", headers={"X-Request-ID": "late"})
    RequestMiddleware(answer_by)(request)
    assert line(record(request=request))["request_id"] == "late"


def test_it_writes_to_what_standard_error_is_at_the_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = StderrHandler()
    closed, now = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", closed)
    handler.handle(logging.makeLogRecord({"msg": "first"}))
    closed.close()
    monkeypatch.setattr(sys, "stderr", now)
    handler.handle(logging.makeLogRecord({"msg": "second"}))
    assert now.getvalue() == "second\n"
