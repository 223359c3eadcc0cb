"""Jobs of the installation itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="retry_interrupted_jobs", pass_context=False)
async def retry_interrupted_jobs(timestamp: int) -> None:
    """Queue again what a killed worker was doing.

    Its jobs would stay `doing` for ever. Jobs may therefore run twice: all are idempotent.
    """
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)
