"""A cascade read from the database as columns: one written statement for each table.

The statements send columns of fixed width in PostgreSQL's binary form, which NumPy takes as they
are: a row of Python for each of half a million rows would take longer than all the checks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from throughline.cascade.checking.rows import (
    NEVER,
    NO_DAY,
    Assignments,
    Elements,
    Endings,
    Links,
    Milestones,
    Plans,
    Printed,
    Rows,
    Table,
    Targets,
    Waits,
    instant,
)
from throughline.figures.rules.bulk import DIRECTIONS, OPERATORS
from throughline.kernel.period import Period
from throughline.plans.models import Plan, PlanVersion

T = TypeVar("T", bound=Table)

_DAY = "coalesce({0}, 'infinity')"
_CODES = "array_position(ARRAY[{1}], {0}::text)"

PLANS = """
WITH RECURSIVE below AS (
    SELECT %(plan)s::bigint AS plan_id, 0::bigint AS superior_id
    UNION
    SELECT local.plan_id, local.superior_id
      FROM cascade_localplan AS local JOIN below ON local.superior_id = below.plan_id
     WHERE local.plan_id <> %(plan)s)
SELECT plan.id, below.superior_id, plan.place_id, plan.period_from, plan.period_to, version.id
  FROM below
  JOIN plans_plan AS plan ON plan.id = below.plan_id
  LEFT JOIN plans_planversion AS version
    ON version.plan_id = plan.id AND version.state = 'in_force'
 ORDER BY plan.id
"""

A_DRAFT = """
WITH RECURSIVE line AS (
    SELECT %(plan)s::bigint AS plan_id
    UNION
    SELECT local.superior_id
      FROM cascade_localplan AS local JOIN line ON local.plan_id = line.plan_id),
own AS (SELECT thread_id FROM plans_element WHERE version_id = %(version)s),
awaited AS (
    SELECT thread_id FROM own
    UNION
    SELECT wait.before_id
      FROM cascade_dependency AS wait JOIN awaited ON wait.after_id = awaited.thread_id),
waiting AS (
    SELECT thread_id FROM own
    UNION
    SELECT wait.after_id
      FROM cascade_dependency AS wait JOIN waiting ON wait.before_id = waiting.thread_id)
SELECT plan.id, coalesce(local.superior_id, 0), plan.place_id, plan.period_from, plan.period_to,
       version.id
  FROM (SELECT plan_id FROM line
        UNION
        SELECT thread.plan_id
          FROM awaited JOIN waiting USING (thread_id)
          JOIN plans_thread AS thread ON thread.id = awaited.thread_id) AS held
  JOIN plans_plan AS plan ON plan.id = held.plan_id
  LEFT JOIN cascade_localplan AS local ON local.plan_id = plan.id
  LEFT JOIN plans_planversion AS version
    ON version.plan_id = plan.id
   AND CASE plan.id WHEN %(plan)s THEN version.id = %(version)s
            ELSE version.state = 'in_force' END
 ORDER BY plan.id
"""

ELEMENTS = f"""
SELECT element.id, element.thread_id, version.plan_id,
       element.kind <> 'strand' AND gathers.parent_id IS NULL,
       {_DAY.format("element.deadline")},
       hashtextextended(element.title_en || chr(10) || element.title_zh, 0)
  FROM plans_element AS element
  JOIN plans_planversion AS version ON version.id = element.version_id
  LEFT JOIN (SELECT DISTINCT part.parent_id FROM plans_element AS part
              WHERE part.version_id = ANY(%(versions)s)) AS gathers
    ON gathers.parent_id = element.id
 WHERE element.version_id = ANY(%(versions)s)
"""  # noqa: S608 (names of columns)

LINKS = """
SELECT link.element_id, link.superior_id
  FROM cascade_refinement AS link
  JOIN plans_element AS element ON element.id = link.element_id
 WHERE element.version_id = ANY(%(versions)s)
"""

PRINTED = """
SELECT part.element_id, part.body_id,
       CASE part.role WHEN 'lead' THEN 0 WHEN 'coordinating' THEN 1 ELSE 2 END::int2
  FROM plans_responsibility AS part
  JOIN plans_element AS element ON element.id = part.element_id
 WHERE element.version_id = ANY(%(versions)s)
"""

ASSIGNMENTS = f"""
SELECT given.id, given.thread_id, thread.plan_id, given.body_id, coalesce(given.place_id, 0),
       CASE given.part WHEN 'lead' THEN 0 WHEN 'coordinating' THEN 1 WHEN 'support' THEN 2
            ELSE 3 END::int2,
       {_DAY.format("given.due")}, given.due IS DISTINCT FROM laid.deadline,
       coalesce(given.respond_by, 'infinity'),
       given.received_at IS NOT NULL, given.taken_on_at IS NOT NULL, claim.id IS NOT NULL,
       given.closed_at IS NOT NULL, given.ended_at IS NOT NULL
  FROM cascade_assignment AS given
  JOIN plans_thread AS thread ON thread.id = given.thread_id
  JOIN plans_element AS laid ON laid.id = given.element_id
  LEFT JOIN cascade_claim AS claim ON claim.assignment_id = given.id AND claim.outcome = ''
 WHERE thread.plan_id = ANY(%(plans)s)
"""  # noqa: S608

MILESTONES = f"""
SELECT step.id, step.assignment_id, {_DAY.format("step.due")}, coalesce(step.after_id, 0),
       step.done_at IS NOT NULL
  FROM cascade_milestone AS step
  JOIN cascade_assignment AS given ON given.id = step.assignment_id
  JOIN plans_thread AS thread ON thread.id = given.thread_id
 WHERE thread.plan_id = ANY(%(plans)s) AND step.dropped_at IS NULL
"""  # noqa: S608

WAITS = """
SELECT wait.before_id, wait.after_id
  FROM cascade_dependency AS wait
  JOIN plans_thread AS thread ON thread.id = wait.after_id
 WHERE thread.plan_id = ANY(%(plans)s)
"""

ENDINGS = f"""
SELECT body.id, {_DAY.format("body.valid_to")} FROM bodies_body AS body
 WHERE body.valid_to IS NOT NULL
"""  # noqa: S608

TARGETS = f"""
SELECT target.id, version.plan_id, target.indicator_id, target.place_id, target.edition_id,
       (%(ends)s::date[])[array_position(%(periods)s::text[], target.by::text)],
       ({_CODES.format("target.operator", ", ".join(f"'{each}'" for each in OPERATORS))} - 1)::int2,
       coalesce(target.value, 'NaN'), coalesce(target.upper, 'NaN'), target.strict,
       target.percent,
       coalesce(target.tolerance_share * abs(target.value), target.tolerance, 'NaN'),
       coalesce(target.baseline_value, 'NaN'), indicator.decimals::int2,
       ({_CODES.format("indicator.direction", ", ".join(f"'{each}'" for each in DIRECTIONS))}
        - 1)::int2,
       coalesce(indicator.band_low, 'NaN'), coalesce(indicator.band_high, 'NaN')
  FROM plans_target AS target
  JOIN plans_planversion AS version ON version.id = target.version_id
  JOIN plans_indicator AS indicator ON indicator.id = target.indicator_id
 WHERE target.version_id = ANY(%(versions)s)
"""  # noqa: S608

PERIODS = "SELECT DISTINCT by FROM plans_target WHERE version_id = ANY(%(versions)s) ORDER BY by"

_SENT = {"Keys": ">i8", "Instants": ">i8", "Days": ">i4", "Codes": ">i2", "Flags": "?",
         "Floats": ">f8"}  # fmt: skip
_HEAD = 19
"""Octets before the first row of a binary copy that bears no extension."""
_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST_INSTANT = instant(datetime(2000, 1, 1, tzinfo=UTC))
"""From where PostgreSQL counts days and microseconds; its infinity is the highest number."""


def read(plan: Plan) -> Rows:
    """A plan and all local plans below it, as their versions in force have it now."""
    with _one_state(), _whole_tables():
        return _read(PLANS, {"plan": plan.pk})


def read_draft(draft: PlanVersion) -> Rows:
    """A draft in the place of its plan's version in force, and the plans above it, which it is
    held against; of the others those alone through which its dependencies run in a circle."""
    with _one_state():
        return _read(A_DRAFT, {"plan": draft.plan_id, "version": draft.pk})


@contextmanager
def _one_state() -> Iterator[None]:
    """All statements see one state of the database, where nobody's transaction is under way."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _whole_tables() -> Iterator[None]:
    """Every statement joins whole tables. Where much was written just now and nothing is known
    of it yet, the planner would look rows up one by one, for minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        (before,) = cursor.fetchall()[0]
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', %s, true)", [before])


def _read(statement: str, of: Mapping[str, int]) -> Rows:
    """The plans that a statement names, with all that stands in the versions it gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, of)
        plans = cursor.fetchall()
        chosen = {
            "plans": [row[0] for row in plans],
            "versions": [row[5] for row in plans if row[5] is not None],
        }
        cursor.execute(PERIODS, chosen)
        periods = [row[0] for row in cursor.fetchall()]
    ends = [Period.parse(code).end for code in periods]
    return Rows(
        plans=Plans.of(
            chosen["plans"],
            [row[1] for row in plans],
            [row[2] for row in plans],
            [_days(row[3])[0] for row in plans],
            [_days(row[4])[1] for row in plans],
        ),
        elements=_table(Elements, ELEMENTS, chosen),
        links=_table(Links, LINKS, chosen),
        printed=_table(Printed, PRINTED, chosen),
        assignments=_table(Assignments, ASSIGNMENTS, chosen),
        milestones=_table(Milestones, MILESTONES, chosen),
        targets=_table(Targets, TARGETS, chosen | {"periods": periods, "ends": ends}),
        waits=_table(Waits, WAITS, chosen),
        endings=_table(Endings, ENDINGS, chosen),
    )


def _days(code: str) -> tuple[int, int]:
    period = Period.parse(code)
    return period.start.toordinal(), period.end.toordinal()


def _table(kind: type[T], statement: str, given: Mapping[str, Sequence[Any]]) -> T:
    """The rows of a statement that gives the columns of a table in their order, none NULL."""
    layout = _layout(kind)
    with connection.cursor() as cursor:
        content = bytearray()
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT binary)", given) as copy:
            for part in copy:
                content += part
    rows = np.frombuffer(content, layout, (len(content) - _HEAD - 2) // layout.itemsize, _HEAD)
    columns = kind.columns()
    if struct.unpack_from(">h", content, len(content) - 2) != (-1,) or (
        len(rows) and not _is_whole(rows, layout)
    ):
        raise ValueError(f"the statement does not give the columns of {kind.__name__}")
    sent = zip(columns, kind.sent(), strict=True)
    return kind.of(*(_counted(rows[name], meaning) for name, meaning in sent))


def _counted(column: NDArray[Any], meaning: str) -> NDArray[Any]:
    """Days and instants from where our columns count them."""
    if meaning == "Days":
        return np.where(column == np.iinfo(np.int32).max, NO_DAY, column + _FIRST_DAY)
    if meaning == "Instants":
        return np.where(column == np.iinfo(np.int64).max, NEVER, column + _FIRST_INSTANT)
    return column


def _layout(kind: type[Table]) -> np.dtype[Any]:
    """A row as it is sent: how many columns, then the length and the content of each."""
    fields: list[tuple[str, str]] = [("", ">i2")]
    for name, sent in zip(kind.columns(), kind.sent(), strict=True):
        fields += [(f"{name} length", ">i4"), (name, _SENT[sent])]
    fields[0] = ("columns", ">i2")
    return np.dtype(fields)


def _is_whole(rows: NDArray[Any], layout: np.dtype[Any]) -> bool:
    """Whether every column has the length that was expected of it."""
    lengths = [name for name in layout.names or () if name.endswith(" length")]
    return all(
        bool((rows[name] == layout[name.removesuffix(" length")].itemsize).all())
        for name in lengths
    )


def day_of(ordinal: int) -> date | None:
    """A day of the columns; None where there is none."""
    return date.fromordinal(ordinal) if ordinal else None
