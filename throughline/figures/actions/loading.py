"""Loading a file of figures under a declared mapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Names
from dataclasses import asdict
from datetime import date

from django.utils.translation import gettext as _

from throughline.figures.actions.writing import Entry, Outcome, write
from throughline.figures.loading import (
    Directory,
    Reading,
    Source,
    ZoneWanted,
    interpret,
    read_source,
    run_checks,
)
from throughline.figures.models import Load, Series
from throughline.figures.permissions import require_loading
from throughline.files.models import StoredFile
from throughline.files.storage import path_of
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Invalid, Problem
from throughline.places.actions import register_place
from throughline.places.models import Place, Tier
from throughline.plans.packs.mapping import Mapping

MOST_PROBLEMS = 1000
"""How many faults a report lists; all are counted."""


@action("observations.load")
def load_observations(
    act: Act, *, file: StoredFile, file_name: str, mapping: Mapping, partial: bool = False
) -> Load:
    """Load a file. With any fault nothing of it is stored, unless `partial` takes the good rows.

    Either way the file, what became of each row, and every fault with its place are kept as
    a `Load`; loading the same file again changes nothing.
    """
    try:
        load = _load(act, file, file_name, mapping, partial)
    except Invalid as error:
        # The file as a whole cannot be read: that too is kept, with the reason.
        problems = error.problems or [
            Problem(error.place or file_name, error.message, error.remedy or "")
        ]
        load = _keep(act, file, file_name, mapping, Load.State.FAULTY, Reading(problems=problems))
    act.about(load)
    act.record(
        file=file.sha256,
        name=file_name,
        mapping=mapping.key,
        mapping_digest=load.mapping_digest,
        state=load.state,
        stored=load.stored,
        unchanged=load.unchanged,
        refused=load.refused,
        superseded=load.report.get("superseded", []),
    )
    return load


def _load(act: Act, file: StoredFile, file_name: str, mapping: Mapping, partial: bool) -> Load:
    series = _series(act, mapping)
    scheme = next(iter(series.values())).indicator.scheme
    directory = Directory.of(scheme, mapping.valid_on)
    source = read_source(path_of(file), mapping, file_name=file_name)
    reading = interpret(source, mapping, directory, series)
    findings = run_checks(source, mapping, reading, directory)
    report = _report(source, reading) | {"checks": [asdict(finding) for finding in findings]}
    if reading.problems and not partial:
        return _keep(act, file, file_name, mapping, Load.State.FAULTY, reading, report)
    load = _keep(act, file, file_name, mapping, Load.State.STORED, reading, report)
    outcome = _store(act, mapping, reading, directory, load)
    load.stored, load.unchanged = outcome.stored, outcome.unchanged
    load.report["superseded"] = outcome.changes
    load.save(update_fields=["stored", "unchanged", "report"])
    return load


def _series(act: Act, mapping: Mapping) -> dict[str, Series]:
    wanted = {column.series for column in mapping.columns}
    found = {
        each.key: each
        for each in Series.objects.filter(key__in=wanted).select_related("indicator__scheme")
    }
    unknown = sorted(wanted - set(found))
    if unknown:
        raise Invalid(
            _("The mapping names series that are not defined: %(keys)s.")
            % {"keys": ", ".join(unknown)},
            remedy=_("Load the plan pack that declares them first."),
        )
    for each in found.values():
        require_loading(act.actor, each)
    return found


def _store(
    act: Act, mapping: Mapping, reading: Reading, directory: Directory, load: Load
) -> Outcome:
    places = {zone: _register(act, zone, directory, mapping) for zone in reading.zones}
    return write(
        act,
        [
            Entry(
                series=each.series,
                place=places[each.place] if isinstance(each.place, ZoneWanted) else each.place,
                period=each.period,
                value=each.value,
                status=mapping.status,
                source=mapping.source,
                support=mapping.support,
                simulated=each.series.simulated,
                row=each.row,
            )
            for each in reading.candidates
        ],
        load,
    )


def _register(act: Act, zone: ZoneWanted, directory: Directory, mapping: Mapping) -> Place:
    """Register a unit without a code for the year of the file: nothing says that it was
    there before, or that it owes figures afterwards."""
    below = Tier.objects.filter(
        scheme=zone.parent.scheme, level__gt=zone.parent.tier.level
    ).order_by("-level")
    year = mapping.valid_on.year
    tier = _county_level(zone, directory) or below.first()
    if tier is None:
        raise Invalid(_("There is no tier below %(place)s.") % {"place": zone.parent.name})
    place = register_place(
        act.actor,
        name=zone.name,
        parent=zone.parent,
        tier=tier,
        valid_from=date(year, 1, 1),
        valid_to=date(year + 1, 1, 1),
        reason=zone.reason,
    )
    directory.add(place, zone.parent)
    return place


def _county_level(zone: ZoneWanted, directory: Directory) -> Tier | None:
    """The tier that the other units under the same parent have."""
    tiers = Counter(
        place.tier
        for place in directory.by_code.values()
        if directory.parents.get(place.pk) == zone.parent.pk and place.kind == Place.Kind.REGULAR
    )
    return tiers.most_common(1)[0][0] if tiers else None


def _report(source: Source, reading: Reading) -> dict[str, object]:
    """The report as it is kept: what was done with the rows that are no plain units, what
    was missing, what was noticed."""
    return {
        "decisions": [asdict(decision) for decision in reading.decisions],
        "missing": reading.missing,
        "remarks": reading.remarks,
        "rows": len(source.lines),
        "units": len(reading.units),
    }


def _keep(
    act: Act,
    file: StoredFile,
    file_name: str,
    mapping: Mapping,
    state: str,
    reading: Reading,
    report: Names[str, object] | None = None,
) -> Load:
    said = dict(report or {})
    said["problems"] = [asdict(problem) for problem in reading.problems[:MOST_PROBLEMS]]
    rows = said.get("rows", 0)
    return Load.objects.create(
        file=file,
        file_name=file_name,
        mapping=mapping.key,
        mapping_digest=digest(mapping),
        state=state,
        person=act.actor.person,
        body_id=act.actor.body,
        at=clock.now(),
        rows_read=rows if isinstance(rows, int) else 0,
        refused=len(reading.problems),
        report=said,
        act=act.number,
    )
