"""The session of a browser and the person behind it, as every request asks for them: two
statements, written once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import connection
from django.utils import timezone

from throughline.bodies.models import Person
from throughline.bodies.queries import person_with_posts


class SessionStore(DatabaseSessions):
    """Sessions in the database, as Django keeps them, read without building a query."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing where there is none (any more)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT session_data FROM django_session"
                " WHERE session_key = %s AND expire_date > %s",
                [self.session_key, timezone.now()],  # noqa: TID251 (Django set it by that clock)
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found


class Backend(ModelBackend):
    """Logins and passwords; the person of a session is read with the posts held today."""

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session, if still active."""
        person = person_with_posts(user_id)
        return person if person is not None and person.is_active else None
