"""`docs/openapi.json` is the description of the API as it is."""

from __future__ import annotations

import pytest

from tests.architecture.tree import DOCS
from throughline.config.api import api
from throughline.config.cli import main

REFUSALS = {401, 403, 404, 409, 422}
PAGE = DOCS / "openapi.json"
RENEW = "python -m throughline openapi > docs/openapi.json"


def test_the_description_in_the_documentation_is_current(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["openapi"]) == 0
    now = capsys.readouterr().out
    assert PAGE.exists(), f"renew it: {RENEW}"
    assert PAGE.read_text(encoding="utf-8") == now, f"the API has changed; renew it: {RENEW}"


def test_every_operation_declares_its_refusals() -> None:
    silent = {
        operation["operationId"]: sorted(REFUSALS - set(map(int, operation["responses"])))
        for methods in api.get_openapi_schema()["paths"].values()
        for operation in methods.values()
    }
    assert {name: missing for name, missing in silent.items() if missing} == {}
