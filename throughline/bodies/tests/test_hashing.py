"""Passwords are hashed a few at a time, and who cannot be attended to is told when to come."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast
from tests.racing import race
from throughline.bodies import hashing
from throughline.bodies.jobs import clear_expired_sessions
from throughline.bodies.models import Person, SignInAttempt
from throughline.bodies.signing_in import person_signing_in
from throughline.kernel import clock
from throughline.kernel.errors import Crowded
from throughline.running.home import CHECKOUT
from throughline.running.pressure import Turns

PASSWORD = "a password of the tests"
HERE = "192.0.2.1"


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places of the test's own: whoever tests beside it hashes too."""
    monkeypatch.setattr(hashing, "_folder", lambda: tmp_path)
    monkeypatch.setattr(hashing, "_turns", Turns(longest=hashing.LONGEST_WAIT))
    settings.THROUGHLINE_HASHES = 1
    # Others who test in this process may have cheap ones for all their time.
    settings.PASSWORD_HASHERS = ["throughline.bodies.hashing.Argon2PasswordHasher"]


def most_at_once(count: int = 6) -> int:
    """How many of some threads that each hold a place for a moment held one at once."""
    here, most, lock = [0], [0], threading.Lock()

    def work(_number: int) -> None:
        with hashing.place():
            with lock:
                here[0] += 1
                most[0] = max(most[0], here[0])
            time.sleep(0.05)
            with lock:
                here[0] -= 1

    assert race(work, count) == [None] * count
    return most[0]


@pytest.mark.parametrize("places", [1, 2])
def test_no_more_hash_at_once_than_there_are_places(settings: Any, places: int) -> None:
    settings.THROUGHLINE_HASHES = places
    assert most_at_once() == places


def test_without_places_all_would_hash_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "place", nullcontext)
    assert most_at_once() > 2


def test_a_thread_that_holds_a_place_needs_no_other() -> None:
    with hashing.place(), hashing.place(0.0):
        pass
    with hashing.place(0.0):
        pass


HOLDER = """
import sys, time
from pathlib import Path
import django
django.setup()
from throughline.bodies import hashing
hashing._folder = lambda: Path(sys.argv[1])
with hashing.place():
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the place."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True,
        cwd=CHECKOUT, env=os.environ | {"THROUGHLINE_HASHES": "1"},
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_a_place_is_the_hosts_and_goes_with_the_process_that_held_it(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        with pytest.raises(TimeoutError), hashing.place(0.05):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        with hashing.place(0.0):
            pass


def test_passwords_are_hashed_behind_all_else() -> None:
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    there = hashing._threads.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert there == min(19, max(before, hashing.NICENESS))
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
    used: list[str] = []
    run = hashing._threads.run

    def counted(work: Any) -> Any:
        used.append("hash")
        return run(work)

    with patch.object(hashing._threads, "run", counted):
        assert check_password(PASSWORD, make_password(PASSWORD))
    assert used == ["hash", "hash"]


# -- who is not attended to ------------------------------------------------------------------


@pytest.fixture
def county(cast: Cast) -> Person:
    found = Person.objects.get(pk=cast.county.person.pk)
    found.password = make_password(PASSWORD)
    found.save(update_fields=["password"])
    return found


def test_while_another_of_the_process_signs_in_one_is_told_to_come_again(
    county: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with hashing._one, django_assert_num_queries(0), pytest.raises(Crowded) as refused:
        person_signing_in("county", PASSWORD, HERE)
    assert refused.value.retry_after == 1
    assert not SignInAttempt.objects.exists()
    assert person_signing_in("county", PASSWORD, HERE) == county


def test_a_place_that_does_not_come_free_in_time_is_no_attempt_either(
    county: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 0.05)
    with another_process(tmp_path), pytest.raises(Crowded):
        person_signing_in("county", PASSWORD, HERE)
    assert not SignInAttempt.objects.exists()
    assert person_signing_in("county", PASSWORD, HERE) == county  # and the next one may


def test_being_turned_away_closes_no_login(county: Person) -> None:
    for _ in range(6):
        with hashing._one, pytest.raises(Crowded):
            person_signing_in("county", PASSWORD, HERE)
    assert person_signing_in("county", PASSWORD, HERE) == county


def test_the_page_says_so_and_keeps_what_was_typed(county: Person) -> None:
    with hashing._one:
        answer = Client().post("/sign-in", {"login": "county", "password": PASSWORD, "next": "/x"})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    page = answer.content.decode()
    assert "Many people are signing in at the moment." in page
    assert 'value="county"' in page
    assert 'value="/x"' in page
    assert PASSWORD not in page


def test_a_password_is_not_changed_meanwhile_and_the_account_says_so(county: Person) -> None:
    client = Client()
    client.force_login(county)
    typed = {"old": PASSWORD, "password": "another password", "again": "another password"}
    with hashing._one:
        answer = client.post("/account/password", typed)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    assert "Many people are signing in at the moment." in answer.content.decode()
    county.refresh_from_db()
    assert county.check_password(PASSWORD)


# -- sessions --------------------------------------------------------------------------------


def test_sessions_that_have_run_out_are_removed(db: None) -> None:
    now = clock.now()
    for key, left in (("over", -1), ("lasts", 60)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + timedelta(seconds=left)
        )
    clear_expired_sessions(timestamp=0)
    assert [each.session_key for each in Session.objects.all()] == ["lasts"]
