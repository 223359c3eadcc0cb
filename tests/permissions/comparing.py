"""What a member of the cast is shown, without what is different each time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection

import pytest

from tests.permissions.endpoints import client_of
from tests.permissions.matrix import CASES, Case
from tests.world import World
from throughline.kernel import clock

Answers = dict[str, str]
"""By request: status and text of the answer."""

PASSING = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(r'X-CSRFToken": "[^"]*"|data-csrf="[^"]*"'),
    re.compile(r"\b[0-9a-f]{32}\b"),  # numbers of requests
    # The head of the journal moves with every act, whoever may read the act.
    re.compile(r'name="position" value="\d+"'),
    re.compile(r'"position": \d+|placeholder="\d+"|journal position \d+|日志第\d+条'),
)


def time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the product's clock stand, so that pages that show the time are alike."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)


def lasting(text: str) -> str:
    """A text without what is different in every answer."""
    for pattern in PASSING:
        text = pattern.sub("…", text)
    return text


def answers(
    world: World,
    member: str,
    only: Collection[str] = (),
    at: Callable[[Case, World], bool] | None = None,
) -> Answers:
    """All that a member is shown: every GET of the matrix, or those of some endpoints, or
    that fit."""
    client = client_of(world, member)
    found = {}
    for case in CASES:
        asked = case.method == "GET" and case.lasting and (not only or case.endpoint in only)
        if asked and (at is None or at(case, world)):
            answer = case.request(world).send(client)
            found[str(case)] = f"{answer.status_code}\n{lasting(answer.content.decode())}"
    return found


def changed(before: Answers, after: Answers) -> Answers:
    """By request: the lines that are not alike."""
    return {
        name: "\n".join(difflib.unified_diff(text.split("\n"), after[name].split("\n"), n=0))
        for name, text in before.items()
        if after[name] != text
    }
