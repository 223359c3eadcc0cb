"""Jobs of bodies: what nobody can use any more goes."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from procrastinate.contrib.django import app

from throughline.kernel import clock


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="clear_expired_sessions", pass_context=False)
def clear_expired_sessions(timestamp: int) -> None:
    """Remove the sessions that have run out. Each stood for a sign-in that nobody ended."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()
