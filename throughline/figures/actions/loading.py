"""Loading a file of figures under a declared mapping: received, read, stored."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from throughline.figures.actions.writing import Entry, Outcome, write
from throughline.figures.loading import Directory, ReadFile, ZoneWanted, read_file
from throughline.figures.models import Load
from throughline.figures.permissions import require_loading, require_loading_under
from throughline.files.models import StoredFile
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.actor import Actor
from throughline.kernel.canonical import digest
from throughline.kernel.errors import Conflict, Invalid
from throughline.places.actions import register_place
from throughline.places.models import Place, Scheme, Tier
from throughline.plans.packs.mapping import Mapping

READ_LOAD = "figures.read_load"
"""The job that reads a received file."""

_TRIES = 3
_CHANGES_NAMED = 1000


class OutdatedError(Exception):
    """The places changed while the file was read: it is read again."""


@action("load.receive")
def receive_load(
    act: Act, *, file: StoredFile, file_name: str, mapping: Mapping, name: str, partial: bool
) -> Load:
    """Take a file in, to be read by a job under the mapping of a name. The job is queued in
    the same transaction: what is received is read, whatever happens meanwhile."""
    require_loading_under(act.actor, {column.series for column in mapping.columns})
    actor = act.actor
    load = Load.objects.create(
        file=file,
        file_name=file_name,
        mapping=mapping.key,
        mapping_digest=digest(mapping),
        state=Load.State.READING,
        person=actor.person,
        body_id=actor.body,
        at=clock.now(),
        act=act.number,
    )
    app.configure_task(READ_LOAD).defer(
        load=load.pk,
        mapping=name,
        partial=partial,
        post=actor.post,
        language=get_language() or "en",
        request=actor.request_id,
    )
    act.about(load)
    act.record(file=file.sha256, name=file_name, mapping=mapping.key, partial=partial)
    return load


def load_file(
    actor: Actor,
    *,
    file: StoredFile,
    file_name: str,
    mapping: Mapping,
    partial: bool = False,
    load: Load | None = None,
) -> Load:
    """Read a file and store what it says. It is read before the transaction begins, and
    again where the places changed meanwhile."""
    for _try in range(_TRIES):
        read = read_file(actor, file=file, file_name=file_name, mapping=mapping)
        try:
            return load_observations(actor, read=read, partial=partial, load=load)
        except OutdatedError:
            continue
    raise Conflict(
        _("The places changed again and again while the file was read."),
        remedy=_("Load it again when the list of places has been loaded."),
    )


@action("observations.load")
def load_observations(
    act: Act, *, read: ReadFile, partial: bool = False, load: Load | None = None
) -> Load:
    """Store what was read of a file. With any fault nothing of it is stored, unless `partial`
    takes the good figures.

    Either way the file, what became of each row, and every fault with its place are kept as
    a `Load` (`load`, where the file was received before); loading the same file again changes
    nothing. Raises OutdatedError where the places are no longer those that were read.
    """
    reading = read.reading
    load = _own(act, read, load)
    if load.state != Load.State.READING:
        return load  # a job may run twice; the first has done it
    stores = not reading.refused or (partial and bool(reading.candidates))
    load.state = Load.State.STORED if stores else Load.State.FAULTY
    load.mapping_digest = read.mapping_digest or load.mapping_digest
    load.rows_read, load.refused = reading.rows, reading.refused
    load.report = read.report | {"partial": partial}
    load.act = act.number
    load.save()
    if stores:
        series = {each.series.pk: each.series for each in reading.candidates}
        for each in series.values():
            require_loading(act.actor, each)
        _require_current(read)
        outcome = _store(act, read, load)
        load.stored, load.unchanged = outcome.stored, outcome.unchanged
        load.report["superseded"] = outcome.changes[:_CHANGES_NAMED]
        load.report["superseded_count"] = outcome.superseded
        load.save(update_fields=["stored", "unchanged", "report"])
    act.about(load)
    act.record(
        file=read.file.sha256,
        name=read.name,
        mapping=load.mapping,
        mapping_digest=load.mapping_digest,
        state=load.state,
        stored=load.stored,
        unchanged=load.unchanged,
        refused=load.refused,
        superseded=outcome.changes if stores else [],
    )
    return load


def _own(act: Act, read: ReadFile, load: Load | None) -> Load:
    """The load of a received file, locked; else a new one."""
    if load is not None:
        return Load.objects.select_for_update().get(pk=load.pk)
    return Load.objects.create(
        file=read.file,
        file_name=read.name,
        mapping=read.mapping.key if read.mapping else "",
        mapping_digest=read.mapping_digest,
        state=Load.State.READING,
        person=act.actor.person,
        body_id=act.actor.body,
        at=clock.now(),
        act=act.number,
    )


def _require_current(read: ReadFile) -> None:
    """The places are those that were read. The schemes stay locked where units are to be
    registered: two files at once must not register one twice."""
    rows = Scheme.objects.filter(pk__in=read.revisions).order_by("pk")
    if read.reading.zones:
        rows = rows.select_for_update()
    if dict(rows.values_list("pk", "revision")) != read.revisions:
        raise OutdatedError


def _store(act: Act, read: ReadFile, load: Load) -> Outcome:
    reading, mapping = read.reading, read.mapping
    source, support = (mapping.source, mapping.support) if mapping else ("", "")
    wanted = {each.place for each in reading.candidates if isinstance(each.place, ZoneWanted)}
    places = {
        zone: _register(act, zone, reading.gazetteers[zone.parent.scheme_id].on(zone.on))
        for zone in reading.zones
        if zone in wanted
    }
    return write(
        act,
        [
            Entry(
                series=each.series,
                place=places[each.place] if isinstance(each.place, ZoneWanted) else each.place,
                period=each.period,
                value=each.value,
                status=each.status,
                note=each.note,
                source=source,
                support=support,
                simulated=each.series.simulated,
                row=each.row,
            )
            for each in reading.candidates
        ],
        load,
    )


def _register(act: Act, zone: ZoneWanted, directory: Directory) -> Place:
    """Register a unit without a code for the year of the file: nothing says that it was
    there before, or that it owes figures afterwards."""
    below = Tier.objects.filter(
        scheme=zone.parent.scheme, level__gt=zone.parent.tier.level
    ).order_by("-level")
    year = zone.on.year
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
