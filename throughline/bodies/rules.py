"""Who may do what to whom. Pure: no Django, no database, no clock."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class BodyKind(StrEnum):
    """What a body is. Any of them can owe tasks."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    OFFICE = "office"
    PARTY_ORGAN = "party_organ"
    COURT = "court"
    PEOPLES_ORGANISATION = "peoples_organisation"
    ENTERPRISE = "enterprise"
    CORPS = "corps"
    INSTITUTION = "institution"
    OTHER = "other"


class RelationKind(StrEnum):
    """How a superior body stands to a subordinate one. No relation is 不相隶属."""

    LEADS = "leads"
    GUIDES = "guides"
    VERTICAL = "vertical"
    DUAL = "dual"


class Duty(StrEnum):
    """What a post is there for."""

    COORDINATE = "coordinate"
    REPORT = "report"
    REVIEW = "review"
    SIGN = "sign"
    MANAGE_PLAN = "manage_plan"
    DECIDE = "decide"
    READ = "read"
    AUDIT = "audit"
    ADMINISTER = "administer"


class Scope(StrEnum):
    """What a token may be used for: reading always, the rest as issued, and never more than
    its holder may do."""

    READ = "read"
    FIGURES_WRITE = "figures:write"
    PLANS_WRITE = "plans:write"
    BODIES_WRITE = "bodies:write"
    REMARKS_WRITE = "remarks:write"
    JOURNAL_READ = "journal:read"


PERSONAL_VERBS = frozenset(
    {
        "person.sign_in",
        "person.sign_out",
        "person.switch_post",
        "person.set_language",
        "person.change_password",
    }
)
"""Acts by which a person only attends to himself; none of them is an act of the body."""


class Deed(StrEnum):
    """What one body may do towards another, by the line between them."""

    ASSIGN = "assign"
    REQUEST = "request"
    SEND_UP = "send_up"
    CIRCULATE = "circulate"


GOVERNING = frozenset({BodyKind.GOVERNMENT, BodyKind.CORPS})
"""Bodies that answer for a whole place; the Construction Corps does as a province does."""

INSTALLATION = "system"
"""The person of the installation itself: set-up, clocks and the command line."""


@dataclass(frozen=True)
class Standing:
    """What permissions need to know of an actor: the capacity that counts today.

    Without a post that is held today there is no capacity, and nothing is visible but
    what is public. `scopes` narrows a token; None means all that the person may do.
    """

    person: str = ""
    post: int | None = None
    body: int | None = None
    body_kind: BodyKind | None = None
    place: int | None = None
    duties: frozenset[Duty] = field(default_factory=frozenset)
    scopes: frozenset[str] | None = None

    @property
    def is_installation(self) -> bool:
        """True for set-up, clocks and the command line."""
        return self.person == INSTALLATION

    def allows(self, scope: Scope) -> bool:
        """Whether the token, if it is one, was issued for this.

        >>> Standing(scopes=frozenset({"read"})).allows(Scope.FIGURES_WRITE)
        False
        >>> Standing(scopes=None).allows(Scope.FIGURES_WRITE)
        True
        """
        return self.scopes is None or scope in self.scopes

    def has(self, duty: Duty, scope: Scope) -> bool:
        """Whether the post bears the duty and the token, if it is one, the scope."""
        return duty in self.duties and self.allows(scope)

    @property
    def audits(self) -> bool:
        """Auditors and the installation see everything."""
        return Duty.AUDIT in self.duties

    @property
    def sees_content(self) -> bool:
        """Whether plans and figures of its own line are open to this post.

        Administering people and posts needs no look at figures:

        >>> Standing(duties=frozenset({Duty.ADMINISTER})).sees_content
        False
        >>> Standing(duties=frozenset({Duty.ADMINISTER, Duty.READ})).sees_content
        True
        """
        return bool(self.duties - {Duty.ADMINISTER})

    @property
    def governs(self) -> bool:
        """Whether its body answers for a whole place, and so stands in a line of places.

        A department does not: it answers for its duties.

        >>> Standing(body_kind=BodyKind.GOVERNMENT).governs
        True
        >>> Standing(body_kind=BodyKind.DEPARTMENT).governs
        False
        """
        return self.body_kind in GOVERNING

    @property
    def administers(self) -> bool:
        """Whether people, bodies, posts and tokens at and below its place are open to it."""
        return Duty.ADMINISTER in self.duties

    @property
    def may_administer(self) -> bool:
        """Whether it may also change them."""
        return self.has(Duty.ADMINISTER, Scope.BODIES_WRITE)


@dataclass(frozen=True)
class Line:
    """How one body stands to another: the kind, and whether it is the superior."""

    kind: RelationKind
    above: bool


_FROM_ABOVE = {
    RelationKind.LEADS: {Deed.ASSIGN, Deed.REQUEST, Deed.CIRCULATE},
    RelationKind.VERTICAL: {Deed.ASSIGN, Deed.REQUEST, Deed.CIRCULATE},
    RelationKind.DUAL: {Deed.ASSIGN, Deed.REQUEST, Deed.CIRCULATE},
    RelationKind.GUIDES: {Deed.REQUEST, Deed.CIRCULATE},
}
_FROM_BELOW = {
    RelationKind.LEADS: {Deed.SEND_UP, Deed.CIRCULATE},
    RelationKind.VERTICAL: {Deed.SEND_UP, Deed.CIRCULATE},
    RelationKind.DUAL: {Deed.SEND_UP, Deed.CIRCULATE},
    RelationKind.GUIDES: {Deed.SEND_UP, Deed.REQUEST, Deed.CIRCULATE},
}
_UNRELATED = {Deed.REQUEST, Deed.CIRCULATE}


def line_of(relations: Iterable[tuple[int, int, str]], one: int, other: int) -> frozenset[Line]:
    """The lines from one body to another among (superior, subordinate, kind) triples.

    Two bodies may stand in several relations at once; none is 不相隶属.

    >>> line_of([(1, 2, "leads"), (3, 2, "guides")], 2, 3)
    frozenset({Line(kind=<RelationKind.GUIDES: 'guides'>, above=False)})
    """
    return frozenset(
        Line(RelationKind(kind), above=superior == one)
        for superior, subordinate, kind in relations
        if {superior, subordinate} == {one, other}
    )


def may(deed: Deed, lines: Iterable[Line]) -> bool:
    """Whether a body may do this towards another to which these lines lead.

    A department that only guides gives no orders; unrelated bodies ask each other:

    >>> guides_it = {Line(RelationKind.GUIDES, above=True)}
    >>> may(Deed.ASSIGN, guides_it), may(Deed.REQUEST, guides_it), may(Deed.SEND_UP, guides_it)
    (False, True, False)
    >>> may(Deed.REQUEST, []), may(Deed.ASSIGN, [])
    (True, False)
    """
    allowed = [(_FROM_ABOVE if line.above else _FROM_BELOW)[line.kind] for line in lines]
    return any(deed in deeds for deeds in allowed or [_UNRELATED])


def may_assign(lines: Iterable[Line]) -> bool:
    """Orders go down a line of leading, vertical or dual leadership, and no other way."""
    return may(Deed.ASSIGN, lines)


def may_request(lines: Iterable[Line]) -> bool:
    """商请: peers, unrelated bodies and lines of guidance ask; a led body sends up instead."""
    return may(Deed.REQUEST, lines)


# Signing in: how many failures stand against a login or an address, and for how long.
ATTEMPT_WINDOW = timedelta(minutes=15)
FAILURES_PER_LOGIN = 5
FAILURES_PER_ADDRESS = 20


def retry_after(failures: Sequence[datetime], limit: int, now: datetime) -> int:
    """Seconds until another attempt may be made; 0 if it may be made now.

    `failures` are the instants of the failures within the window, in any order.

    >>> from datetime import UTC
    >>> noon = datetime(2022, 6, 7, 12, 0, tzinfo=UTC)
    >>> retry_after([noon] * 4, 5, noon)
    0
    >>> retry_after([noon] * 5, 5, noon + timedelta(minutes=14, seconds=59.5))
    1
    >>> retry_after([noon] * 5, 5, noon + timedelta(minutes=15))
    0
    """
    if len(failures) < limit:
        return 0
    freed_by = sorted(failures)[-limit]
    return max(0, math.ceil((freed_by + ATTEMPT_WINDOW - now).total_seconds()))


ONE_TIME_PASSWORD_LIFE = timedelta(hours=72)
"""How long a one-time password counts: long enough for a letter inside a house."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,149}")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def is_login(text: str) -> bool:
    """Whether a login can be stored as it is.

    >>> is_login("li.si@example.org"), is_login("Li Si"), is_login("")
    (True, False, False)
    """
    return _LOGIN.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether this can be the key of a body or post: part of addresses and files.

    >>> is_key("110000-drc"), is_key("发改委"), is_key("-"), is_key("a" * 81)
    (True, False, False, False)
    """
    return _KEY.fullmatch(text) is not None


LONGEST_TOKEN_LIFE = timedelta(days=366)


def secret_hash(secret: str) -> str:
    """What is kept of a token's secret, in hex.

    A plain SHA-256 suffices: 256 random bits cannot be guessed, unlike a password.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
