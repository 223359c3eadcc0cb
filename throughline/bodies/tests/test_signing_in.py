"""Signing in: the same work for every answer, and only so often."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connection

from tests.cast import Cast
from throughline.bodies import signing_in
from throughline.bodies.models import Person, SignInAttempt
from throughline.bodies.signing_in import encoded_password, person_signing_in
from throughline.kernel import clock
from throughline.kernel.errors import Invalid, TooMany, Unauthenticated

PASSWORD = "a password of the tests"
ENCODED = make_password(PASSWORD)
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def county(cast: Cast) -> Person:
    Person.objects.filter(pk=cast.county.person.pk).update(password=ENCODED)
    return cast.county.person


def fail(times: int, login: str = "county", address: str = HERE) -> None:
    now = clock.now()
    for _ in range(times):
        SignInAttempt.objects.create(
            login_hash=signing_in.keyed_digest("login", login),
            address_hash=signing_in.keyed_digest("address", address),
            at=now,
            success=False,
        )


@pytest.mark.parametrize("typed", ["county", "County ", "ｃｏｕｎｔｙ", "COUNTY\x00"])
def test_the_right_password_names_the_person(county: Person, typed: str):
    assert person_signing_in(typed, PASSWORD, HERE) == county


@pytest.mark.parametrize(
    ("login", "password"),
    [("county", "wrong"), ("no-such-login", PASSWORD), ("province", PASSWORD), ("", "")],
)
def test_every_failure_gets_the_same_answer(county: Person, login: str, password: str):
    with pytest.raises(Unauthenticated, match="The login or the password is not right"):
        person_signing_in(login, password, HERE)


def test_an_inactive_person_does_not_sign_in(county: Person):
    Person.objects.filter(pk=county.pk).update(is_active=False)
    with pytest.raises(Unauthenticated):
        person_signing_in("county", PASSWORD, HERE)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("county", PASSWORD),
        ("county", "wrong"),
        ("no-such-login", PASSWORD),
        ("province", "has no usable password"),
        ("prefecture", "is inactive"),
    ],
)
def test_every_attempt_costs_one_hash(county: Person, login: str, password: str):
    Person.objects.filter(login="prefecture").update(password=ENCODED, is_active=False)
    done: list[str] = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def counted_encode(self, *args):
        done.append("encode")
        return encode(self, *args)

    def counted_verify(self, *args):
        done.append("verify")
        return verify(self, *args)

    with (
        patch.object(Argon2PasswordHasher, "encode", counted_encode),
        patch.object(Argon2PasswordHasher, "verify", counted_verify),
        suppress(Unauthenticated),
    ):
        person_signing_in(login, password, HERE)
    assert len(done) == 1


def test_five_failures_close_a_login_wherever_they_come_from(county: Person):
    fail(4, address=ELSEWHERE)
    with pytest.raises(Unauthenticated):
        person_signing_in("county", "wrong", HERE)
    with pytest.raises(TooMany) as refused:
        person_signing_in("county", PASSWORD, HERE)
    assert 890 < refused.value.retry_after <= 900


def test_a_closed_login_opens_when_the_time_is_over(county: Person):
    fail(5)
    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1)):
        assert person_signing_in("county", PASSWORD, HERE) == county


def test_twenty_failures_close_an_address_for_every_login(county: Person):
    for number in range(20):
        fail(1, login=f"guess-{number}")
    with pytest.raises(TooMany):
        person_signing_in("county", PASSWORD, HERE)
    assert person_signing_in("county", PASSWORD, ELSEWHERE) == county


def test_an_unknown_login_is_closed_like_a_known_one(cast: Cast):
    fail(5, login="no-such-login")
    with pytest.raises(TooMany):
        person_signing_in("no-such-login", "x", HERE)


def test_successes_and_refusals_do_not_count(county: Person):
    for _ in range(6):
        person_signing_in("county", PASSWORD, HERE)
    fail(5)
    before = SignInAttempt.objects.count()
    with pytest.raises(TooMany):
        person_signing_in("county", PASSWORD, HERE)
    assert SignInAttempt.objects.count() == before


def test_attempts_hold_neither_login_nor_address_and_go_after_a_day(county: Person):
    fail(1)
    person_signing_in("county", PASSWORD, HERE)
    stored = str(list(SignInAttempt.objects.values()))
    assert "county" not in stored
    assert HERE not in stored
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        person_signing_in("county", PASSWORD, HERE)
    assert SignInAttempt.objects.count() == 1


def _burst(attempts: int) -> int:
    """How many of so many attempts for one login, sent at once, are let through."""
    passed: list[int] = []
    together = threading.Barrier(attempts)

    def attempt(number: int) -> None:
        together.wait()
        try:
            signing_in._begin("county", f"192.0.2.{number}")
            passed.append(number)
        except TooMany:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[number]) for number in range(attempts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed)


def test_a_burst_sent_at_once_does_not_pass(transactional_db: None):
    assert _burst(9) == 5


def test_without_taking_turns_a_burst_passes(transactional_db: None):
    looked = threading.Barrier(9)
    judge = signing_in._refuse_if_throttled

    def judge_together(*hashes: str) -> None:
        judge(*hashes)
        looked.wait()

    with (
        patch.object(signing_in, "_take_turn"),
        patch.object(signing_in, "_refuse_if_throttled", judge_together),
    ):
        assert _burst(9) == 9


@pytest.mark.parametrize("password", ["short", "password1234", "x" * 257])
def test_a_password_that_cannot_be_used_is_refused(password: str):
    with pytest.raises(Invalid) as refused:
        encoded_password(password)
    assert password not in str(refused.value)
