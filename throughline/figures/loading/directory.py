"""The places of a scheme by code and by name on a day, read once for a whole file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from throughline.figures.loading.cells import plain_name
from throughline.figures.loading.faults import MOST_LISTED, Fault, Kind
from throughline.kernel.errors import NotFound
from throughline.places.models import Parentage, Place, PlaceName, Scheme
from throughline.places.queries import successions_of


@dataclass
class Gazetteer:
    """Every place that a scheme ever had, with what its days look like."""

    scheme: Scheme
    places: dict[int, Place]
    names: list[tuple[str, int]]
    parentages: list[Parentage]
    days: dict[date, Directory] = field(default_factory=dict)
    reasons: dict[tuple[str, date], Fault] = field(default_factory=dict)

    @classmethod
    def of(cls, scheme: Scheme) -> Gazetteer:
        """Read a scheme: three statements, however many days are asked for."""
        places = Place.objects.filter(scheme=scheme).select_related("tier", "scheme")
        names = PlaceName.objects.filter(place__scheme=scheme)
        return cls(
            scheme=scheme,
            places={place.pk: place for place in places},
            names=list(names.values_list("name", "place_id")),
            parentages=list(Parentage.objects.filter(place__scheme=scheme)),
        )

    def on(self, day: date) -> Directory:
        """The places of a day."""
        if day not in self.days:
            self.days[day] = Directory.of(self, day)
        return self.days[day]

    @cached_property
    def ever(self) -> dict[str, list[Place]]:
        """Every place by its code, the earliest first."""
        found: dict[str, list[Place]] = {}
        for place in sorted(self.places.values(), key=lambda each: each.valid_from):
            found.setdefault(place.code, []).append(place)
        return found

    @cached_property
    def elsewhere(self) -> dict[str, str]:
        """Codes of the other schemes, and the name of the scheme."""
        rows = Place.objects.exclude(scheme=self.scheme).select_related("scheme")
        return {place.code: place.scheme.name for place in rows.iterator()}

    def absent(self, code: str, on: date) -> Fault:
        """Why no place bears a code on a day; told once for a code that stands often.

        Of more wrong codes than a report lists the reasons are not put into words.
        """
        reason = self.reasons.get((code, on))
        if reason is None:
            if len(self.reasons) >= MOST_LISTED:
                return Fault(Kind.CODE, "")
            reason = self.reasons[code, on] = self._absent(code, on)
        return reason

    def _absent(self, code: str, on: date) -> Fault:
        rows = self.ever.get(code)
        if rows is None:
            return self._unknown(code)
        ended = [row for row in rows if row.valid_to is not None and row.valid_to <= on]
        if not ended:
            return Fault(
                Kind.NOT_YET,
                _("%(code)s %(name)s exists only from %(date)s, not on %(on)s")
                % {"code": code, "name": rows[0].name, "date": rows[0].valid_from, "on": on},
                _("Use the code that was valid on that day, or correct the period."),
            )
        last = ended[-1]
        return Fault(
            Kind.ENDED,
            _("%(code)s %(name)s ended on %(date)s and does not exist on %(on)s")
            % {"code": code, "name": last.name, "date": last.valid_to, "on": on},
            _followers(last),
        )

    def _unknown(self, code: str) -> Fault:
        if code in self.elsewhere:
            return Fault(
                Kind.ELSEWHERE,
                _("%(code)s is a code of “%(other)s”, not of “%(scheme)s”")
                % {"code": code, "other": self.elsewhere[code], "scheme": self.scheme.name},
                _("Load the figures of each country under a mapping of its own."),
            )
        return Fault(
            Kind.CODE,
            _("there is no place with the code %(code)s") % {"code": code[:40]},
            _("Compare it with the code list; codes are text, leading zeros count."),
        )


def _followers(place: Place) -> str:
    became = [row.successor for row in successions_of(place)["became"] if row.successor]
    if not became:
        return _("What followed it is not on record; ask who keeps the code list.")
    return _("It became: %(list)s.") % {
        "list": ", ".join(f"{each.code} {each.name}" for each in became)
    }


def _holds(start: date, end: date | None, day: date) -> bool:
    return start <= day and (end is None or day < end)


@dataclass
class Directory:
    """What stands where on a day. Kinds that are not in the tree (headings, what lies
    outside) are known too, so that they can be named in a refusal."""

    gazetteer: Gazetteer
    on: date
    by_code: dict[str, Place] = field(default_factory=dict)
    by_name: dict[str, list[Place]] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    top: Place | None = None

    @classmethod
    def of(cls, gazetteer: Gazetteer, on: date) -> Directory:
        """The places of a day, from what was read; asks nothing."""
        found = cls(gazetteer, on)
        for place in gazetteer.places.values():
            if _holds(place.valid_from, place.valid_to, on):
                found.add(place)
        held = {place.pk for place in found.by_code.values()}
        for name, place_id in gazetteer.names:
            if place_id in held:
                found.by_name.setdefault(plain_name(name), []).append(gazetteer.places[place_id])
        found.parents = {
            row.place_id: row.parent_id
            for row in gazetteer.parentages
            if _holds(row.valid_from, row.valid_to, on)
        }
        found.top = next((p for p in found.by_code.values() if p.tier.level == 0), None)
        return found

    def add(self, place: Place, parent: Place | None = None) -> None:
        """Make a place known, one registered a moment ago too."""
        self.by_code[place.code] = place
        for name in {place.name_zh, place.name_en} - {""}:
            self.by_name.setdefault(plain_name(name), []).append(place)
        if parent is not None:
            self.parents[place.pk] = parent.pk

    def coded(self, code: str) -> Place:
        """The unit with a code; Fault says why there is none on that day."""
        place = self.by_code.get(code)
        if place is None:
            raise self.gazetteer.absent(code, self.on)
        if place.kind == Place.Kind.HEADING:
            raise Fault(
                Kind.NO_PLACE,
                _("%(code)s %(name)s is a heading of the code list, not a place")
                % {"code": place.code, "name": place.name},
                _("Leave the row out, or add a rule to the mapping that says what such a row is."),
            )
        if place.kind == Place.Kind.OUTSIDE:
            raise Fault(
                Kind.NO_PLACE,
                _("%(code)s %(name)s stands in the code list, but figures here do not cover it")
                % {"code": place.code, "name": place.name},
                _("Leave the row out, or add a rule to the mapping that says so."),
            )
        return place

    def is_within(self, place: Place, above: Place) -> bool:
        """Whether a place lies somewhere below another."""
        here = self.parents.get(place.pk)
        while here is not None:
            if here == above.pk:
                return True
            here = self.parents.get(here)
        return False

    def named(self, name: str, within: Place | None) -> list[Place]:
        """The units of a name, in the tree, below a place where one is given."""
        found = {place.pk: place for place in self.by_name.get(plain_name(name), ())}
        return [
            place
            for place in found.values()
            if place.kind in (Place.Kind.REGULAR, Place.Kind.ZONE)
            and (within is None or self.is_within(place, within))
        ]

    def bears(self, place: Place, name: str) -> bool:
        """Whether a name is one of a place's own: official, in another language, an alias."""
        return any(each.pk == place.pk for each in self.by_name.get(plain_name(name), ()))

    def path(self, names: Iterable[str]) -> Place:
        """The unit that names from the top lead to; the same name twice is one step.

        A name that is missing on the way (a skipped tier) is passed over.
        """
        here = self.top
        for name in dict.fromkeys(names):
            step = self.named(name, here)
            if len(step) == 1:
                here = step[0]
        if here is None:
            raise NotFound(_("The scheme has no unit at its top."))
        return here
