"""A job whose worker was killed is queued again."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from throughline.running.jobs import retry_interrupted_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def begun_job(silent_for: str) -> int:
    """A job that a worker has begun, last heard of so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - %s::interval) RETURNING id",
            [silent_for],
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
            " VALUES ('default', 'any', '{}', 'doing', %s) RETURNING id",
            [worker],
        )
        return int(cursor.fetchone()[0])


def status(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


def test_only_the_jobs_of_silent_workers_are_queued_again() -> None:
    interrupted, under_way = begun_job("5 minutes"), begun_job("1 second")
    async_to_sync(retry_interrupted_jobs.func)(0)
    assert status(interrupted) == "todo"
    assert status(under_way) == "doing"
