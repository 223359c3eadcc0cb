"""A file as it was read, before anything is written: no transaction is open meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.utils.translation import gettext as _

from throughline.figures.loading.checking import run_checks
from throughline.figures.loading.faults import Kind
from throughline.figures.loading.interpreting import interpret
from throughline.figures.loading.known import KnownSeries
from throughline.figures.loading.outcome import Reading
from throughline.figures.loading.source import read_source
from throughline.files.models import StoredFile
from throughline.files.slots import reading_slot
from throughline.files.storage import path_of
from throughline.kernel.actor import Actor
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Invalid, Problem
from throughline.plans.packs.mapping import Mapping

SHOWN = 10_000
"""How many rows of a kind the kept report names."""


class ReadFile:
    """What a file says under a mapping, and the report as it is kept.

    `revisions` are those of the schemes whose places were looked up: what was read holds as
    long as they have not changed. There is no mapping where it was gone when the file's turn
    came.
    """

    def __init__(
        self,
        file: StoredFile,
        name: str,
        mapping: Mapping | None,
        reading: Reading,
        report: dict[str, object],
    ) -> None:
        self.file = file
        self.name = name
        self.mapping = mapping
        self.reading = reading
        self.report = report
        self.revisions = {pk: each.scheme.revision for pk, each in reading.gazetteers.items()}

    @property
    def mapping_digest(self) -> str:
        """The mapping as it was when the file was read."""
        return digest(self.mapping) if self.mapping else ""

    @property
    def code(self) -> str:
        """What stands for it in the digest of a call: the file and how it was read."""
        return f"{self.file.sha256} {self.mapping_digest}"


def read_file(actor: Actor, *, file: StoredFile, file_name: str, mapping: Mapping) -> ReadFile:
    """Read and interpret a stored file; nothing is written.

    A file that cannot be read at all is read as its fault. Raises Busy when too many files
    are being read, and Forbidden where the actor may not fill the mapping's series.
    """
    try:
        known = KnownSeries.of(actor, mapping)
        with reading_slot():
            source = read_source(path_of(file), mapping, file_name=file_name)
            reading = interpret(source, mapping, known)
            findings = run_checks(source, mapping, reading, known)
    except Invalid as error:
        problems = error.problems or [
            Problem(error.place or file_name, error.message, error.remedy or "", code=Kind.FILE)
        ]
        return unreadable(file, file_name, mapping, problems)
    report = _report(reading) | {"checks": [asdict(finding) for finding in findings]}
    return ReadFile(file, file_name, mapping, reading, report)


def unreadable(
    file: StoredFile, file_name: str, mapping: Mapping | None, problems: Sequence[Problem]
) -> ReadFile:
    """A file of which nothing can be taken, with the reasons."""
    reading = Reading()
    for problem in problems:
        reading.refuse(problem)
    return ReadFile(file, file_name, mapping, reading, _report(reading))


def _report(reading: Reading) -> dict[str, object]:
    """What was done with the rows that are no plain units, what was missing, what was
    noticed, what is at fault; long lists are cut, counts are whole."""
    remarks = list(reading.remarks)
    if reading.remarked > len(remarks):
        more = f"{reading.remarked - len(remarks):,}"
        remarks.append(_("… and %(count)s more remarks") % {"count": more})
    return {
        "decisions": [asdict(decision) for decision in reading.decisions[:SHOWN]],
        "decided": dict(reading.decided),
        "missing": {
            column: {kind: asdict(missed) for kind, missed in kinds.items()}
            for column, kinds in reading.missing.items()
        },
        "remarks": remarks,
        "rows": reading.rows,
        "empty": reading.empty,
        "units": len(reading.units),
        "problems": [asdict(problem) for problem in reading.problems],
        "faults": [
            {"column": column, "kind": kind, "count": count}
            for (column, kind), count in reading.counts.most_common()
        ],
    }
