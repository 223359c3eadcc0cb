"""What the process that does jobs would do, in the process of the tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from throughline.figures.jobs import read_load
from throughline.reporting.jobs import read_workbook


def read_received_files(attempts: int = 0) -> None:
    """Take up every file that was received and not yet read."""
    for job in ProcrastinateJob.objects.filter(task_name=read_load.name, status="todo"):
        context: Any = SimpleNamespace(job=SimpleNamespace(attempts=attempts))
        read_load.func(context, **job.args)


def read_given_workbooks(attempts: int = 0) -> None:
    """Take up every workbook of several units that was given in."""
    for job in ProcrastinateJob.objects.filter(task_name=read_workbook.name, status="todo"):
        context: Any = SimpleNamespace(job=SimpleNamespace(attempts=attempts))
        read_workbook.func(context, **job.args)
