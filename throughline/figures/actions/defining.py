"""Series and figures that a plan pack declares."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from throughline.bodies.models import Body
from throughline.figures.actions.writing import Entry, write
from throughline.figures.models import Series
from throughline.kernel.action import Act, action
from throughline.kernel.permissions import require_installation
from throughline.places.models import Scheme
from throughline.places.queries import place_by_code
from throughline.plans.models import Edition, Indicator
from throughline.plans.packs.pack import Observation as Declared
from throughline.plans.packs.pack import Pack


@action("series.load")
def load_series(act: Act, *, pack: Pack) -> int:
    """Bring the series and figures to what a pack says; returns how many figures are new."""
    require_installation(act.actor)
    scheme = Scheme.objects.get(key=pack.scheme)
    series = {each.key: _series(pack, scheme, each.key) for each in pack.series}
    zone = ZoneInfo(pack.zone)
    entries = [_entry(pack, scheme, series, each, zone) for each in pack.observations]
    outcome = write(act, entries)
    act.about(f"pack:{pack.key}")
    act.record(series=sorted(series), stored=outcome.stored, changes=outcome.changes)
    return outcome.stored


def _series(pack: Pack, scheme: Scheme, key: str) -> Series:
    said = next(each for each in pack.series if each.key == key)
    found, _new = Series.objects.update_or_create(
        key=key,
        defaults={
            "indicator": Indicator.objects.get(scheme=scheme, key=said.indicator),
            "edition": Edition.objects.get(scheme=scheme, key=said.edition),
            "producer": Body.objects.get(key=said.producer),
            "nature": said.nature,
            "audience": said.audience,
            "rank": said.rank,
            "title_en": said.title.en,
            "title_zh": said.title.zh,
            "source_en": pack.source_words(said.source).en,
            "source_zh": pack.source_words(said.source).zh,
            "simulated": said.simulated,
        },
    )
    return found


def _entry(
    pack: Pack, scheme: Scheme, series: dict[str, Series], said: Declared, zone: ZoneInfo
) -> Entry:
    released = said.released
    if released is not None and not isinstance(released, datetime):
        released = datetime.combine(released, time(0), zone)
    source = pack.source_words(said.source)
    return Entry(
        series=series[said.series],
        place=place_by_code(scheme, said.place, said.period.end),
        period=said.period,
        value=said.value,
        status=said.status,
        note=said.note.en or said.note.zh,
        note_zh=said.note.zh,
        source=source.en or source.zh,
        source_zh=source.zh,
        support=said.support,
        simulated=said.simulated or series[said.series].simulated,
        released_at=released,
    )
