"""The API: every room's router under one description."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi import get_schema
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.types import DictStrAny

from throughline import __version__
from throughline.bodies.api import router as bodies
from throughline.bodies.authentication import authentication
from throughline.cascade.api import router as cascade
from throughline.config.errors import api_answer, unstorable
from throughline.config.journal_api import router as journal
from throughline.config.search_api import router as search
from throughline.figures.api import router as figures
from throughline.kernel.errors import Forbidden, Invalid, Problem, ThroughlineError
from throughline.kernel.text import is_storable
from throughline.notices.api import router as notices
from throughline.places.api import router as places
from throughline.plans.api import router as plans
from throughline.procedures.api import router as procedures
from throughline.projects.api import router as projects
from throughline.reporting.api import router as reporting
from throughline.subjects.api import router as subjects


class StorableParser(Parser):
    """Reads bodies in JSON, and refuses texts that cannot be stored."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        content = super().parse_body(request)
        if _may_hide_something(request.body) and not is_storable(content):
            raise unstorable()
        return content


def _may_hide_something(body: bytes) -> bool:
    r"""Whether JSON may hold a character that cannot be stored. A NUL can only be written as an
    escape; half of a pair too, or as three bytes of which the first is 0xED. Where there is a
    zero byte, the JSON is in UTF-16 or UTF-32."""
    return rb"\u" in body or b"\xed" in body or b"\x00" in body


class DescribedApi(NinjaAPI):
    """An API that describes itself once a process: making its description takes two seconds."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return _described(self, prefix)


@cache
def _described(api: NinjaAPI, prefix: str) -> OpenAPISchema:
    return get_schema(api=api, path_prefix=prefix)


api = DescribedApi(
    title="Throughline",
    version=__version__,
    description="Runs the implementation of a plan, from the document to the evidence.",
    auth=authentication,
    parser=StorableParser(),
    urls_namespace="api",
    docs_url=None,
)
api.add_router("", bodies, tags=["bodies"])
api.add_router("", places, tags=["places"])
api.add_router("", plans, tags=["plans"])
api.add_router("", figures, tags=["figures"])
api.add_router("", cascade, tags=["cascade"])
api.add_router("", procedures, tags=["procedures"])
api.add_router("", projects, tags=["projects"])
api.add_router("", reporting, tags=["reporting"])
api.add_router("", notices, tags=["notices"])
api.add_router("", subjects, tags=["subjects"])
api.add_router("", journal, tags=["journal"])
api.add_router("", search, tags=["search"])


@api.exception_handler(ThroughlineError)
def told(request: HttpRequest, error: ThroughlineError) -> HttpResponse:
    return api_answer(error)


@api.exception_handler(HttpError)
def not_read(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON, a missing CSRF token: what is refused before any room is asked.
    What our own parser refuses keeps its own words."""
    if isinstance(error.__cause__, ThroughlineError):
        return api_answer(error.__cause__)
    refusal = Forbidden(str(error), rule="http") if error.status_code == 403 else None
    answer = api_answer(refusal or Invalid(str(error)))
    answer.status_code = error.status_code
    return answer


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    problems = [
        Problem(place=".".join(str(part) for part in fault["loc"]), message=str(fault["msg"]))
        for fault in error.errors
    ]
    return api_answer(Invalid("The request does not have the form described.", problems=problems))
