"""Checking a login and a password: the same work for every answer, and only so often."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from throughline.bodies import rules
from throughline.bodies.hashing import signing_in_turn
from throughline.bodies.models import Person, SignInAttempt
from throughline.kernel import clock
from throughline.kernel.errors import Invalid, Problem, TooMany, Unauthenticated

KEPT = timedelta(days=1)
"""How long attempts are kept: longer than throttling needs, for whoever looks into an attack."""

LONGEST_PASSWORD = 256


def plain_login(typed: str) -> str:
    """A login as it is stored: half-width, lower case, without white space around it."""
    return unicodedata.normalize("NFKC", typed).replace("\x00", "").strip().lower()[:150]


def keyed_digest(kind: str, value: str) -> str:
    """A digest that cannot be guessed back without the installation's secret key."""
    return salted_hmac(f"throughline.bodies.{kind}", value, algorithm="sha256").hexdigest()


def _refuse_if_throttled(login_hash: str, address_hash: str) -> None:
    """Raise TooMany where too many failures stand against the login or the address.

    Attempts under way count against the login, or a burst sent at once would pass.
    """
    now = clock.now()
    recent = SignInAttempt.objects.filter(at__gt=now - rules.ATTEMPT_WINDOW)
    by_login = recent.filter(~Q(success=True), login_hash=login_hash)
    by_address = recent.filter(success=False, address_hash=address_hash)
    wait = max(
        rules.retry_after(list(failures.values_list("at", flat=True)), limit, now)
        for failures, limit in (
            (by_login, rules.FAILURES_PER_LOGIN),
            (by_address, rules.FAILURES_PER_ADDRESS),
        )
    )
    if wait:
        raise TooMany(
            _("Too many attempts to sign in. Try again in %(seconds)s seconds.")
            % {"seconds": wait},
            retry_after=wait,
        )


def _take_turn(login_hash: str) -> None:
    """Wait until no other attempt for the login is being counted; held to commit."""
    lock = int.from_bytes(bytes.fromhex(login_hash)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def _begin(login: str, address: str) -> SignInAttempt:
    """Put an attempt on record before it is judged."""
    login_hash, address_hash = keyed_digest("login", login), keyed_digest("address", address)
    with transaction.atomic():
        _take_turn(login_hash)
        _refuse_if_throttled(login_hash, address_hash)
        now = clock.now()
        SignInAttempt.objects.filter(at__lt=now - KEPT).delete()
        return SignInAttempt.objects.create(
            login_hash=login_hash, address_hash=address_hash, at=now
        )


def person_signing_in(login: str, password: str, address: str) -> Person:
    """The active person whom login and password name.

    An unknown login costs the same work as a wrong password and gets the same answer.
    Raises TooMany (with `retry_after` in seconds) and Unauthenticated; Crowded, before anything
    is asked of the database, where too many sign in at the moment: that is no attempt.
    """
    with signing_in_turn():
        return _person_signing_in(plain_login(login), password, address)


def _person_signing_in(login: str, password: str, address: str) -> Person:
    attempt = _begin(login, address)
    person = authenticate(login=login, password=password[:LONGEST_PASSWORD])
    attempt.success = person is not None and len(password) <= LONGEST_PASSWORD
    attempt.save(update_fields=["success"])
    if not isinstance(person, Person) or not attempt.success:
        raise Unauthenticated(_("The login or the password is not right."))
    if person.one_time_until and clock.now() >= person.one_time_until:
        raise Unauthenticated(
            _("This one-time password has expired. Ask an administrator for another one.")
        )
    return person


@dataclass(frozen=True)
class OneTimePassword:
    """A password that an administrator hands over, once: it lets its person choose another,
    and nothing else, until it expires."""

    text: str
    encoded: str
    expires_at: datetime


LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another when it is read from paper or over the telephone."""


def new_one_time_password() -> OneTimePassword:
    """A password of four groups of four letters: 79 random bits."""
    groups = ["".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(4)]
    text = "-".join(groups)
    return OneTimePassword(text, make_password(text), clock.now() + rules.ONE_TIME_PASSWORD_LIFE)


def encoded_password(password: str, person: Person | None = None) -> str:
    """What is stored of a new password; raises Invalid where it is too easily guessed.

    Actions get this and never the password, because their arguments are digested into
    the journal.
    """
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(
            _("This password cannot be used."),
            problems=[Problem("password", text, field="password") for text in error.messages],
        ) from error
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(
            _("A password has at most %(count)s characters.") % {"count": LONGEST_PASSWORD}
        )
    return make_password(password)
