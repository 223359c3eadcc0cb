"""The places of a day by code and by name, read once for a whole file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from throughline.kernel.errors import NotFound
from throughline.places.models import Parentage, Place, PlaceName, Scheme
from throughline.places.queries import place_by_code, root, valid_on


@dataclass
class Directory:
    """What stands where on a day. Kinds that are not in the tree (headings) are known too,
    so that they can be named in a refusal."""

    scheme: Scheme
    on: date
    by_code: dict[str, Place] = field(default_factory=dict)
    by_name: dict[str, list[Place]] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    top: Place | None = None

    @classmethod
    def of(cls, scheme: Scheme, on: date) -> Directory:
        """Read the places of a scheme on a day: three queries."""
        places = {
            place.pk: place
            for place in Place.objects.filter(valid_on(on), scheme=scheme).select_related("tier")
        }
        found = cls(scheme, on, top=root(scheme, on))
        for place in places.values():
            found.add(place)
        names = PlaceName.objects.filter(place__in=places).values_list("name", "place_id")
        for name, place_id in names:
            found.by_name.setdefault(name, []).append(places[place_id])
        parentages = Parentage.objects.filter(valid_on(on), place__scheme=scheme)
        found.parents = dict(parentages.values_list("place_id", "parent_id"))
        return found

    def add(self, place: Place, parent: Place | None = None) -> None:
        """Make a place known, one registered a moment ago too."""
        self.by_code[place.code] = place
        for name in {place.name_zh, place.name_en} - {""}:
            self.by_name.setdefault(name, []).append(place)
        if parent is not None:
            self.parents[place.pk] = parent.pk

    def coded(self, code: str) -> Place:
        """The unit with a code; NotFound says why there is none on that day."""
        place = self.by_code.get(code)
        if place is None or place.kind == Place.Kind.OUTSIDE:
            # The slow way, for its explanation: ended when, followed by what.
            return place_by_code(self.scheme, code, self.on)
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
        found = {place.pk: place for place in self.by_name.get(name, ())}
        return [
            place
            for place in found.values()
            if place.kind in (Place.Kind.REGULAR, Place.Kind.ZONE)
            and (within is None or self.is_within(place, within))
        ]

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
            raise NotFound("no such place")
        return here
