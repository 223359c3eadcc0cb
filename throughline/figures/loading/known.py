"""The series that a file may fill, and how its cells name them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from django.utils.translation import gettext as _

from throughline.figures.loading.cells import plain_name
from throughline.figures.loading.faults import MOST_LISTED, Fault, Kind
from throughline.figures.models import Series
from throughline.figures.permissions import require_loading
from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, Invalid
from throughline.places.models import Scheme
from throughline.places.queries import scheme_by_key
from throughline.plans.packs.mapping import Mapping


@dataclass
class KnownSeries:
    """The series of a mapping: all those that it names, or for a file with one row a figure,
    all that there are. Whether the actor may fill one is asked once."""

    actor: Actor
    mapping: Mapping
    by_key: dict[str, Series]
    by_indicator: dict[str, list[Series]]
    scheme: Scheme
    today: date
    answers: dict[str, Series | Fault] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Actor, mapping: Mapping) -> KnownSeries:
        """Read the series; Invalid where the mapping names one that is not defined, or one
        that is given by other periods. Forbidden where its columns may not be filled."""
        rows = Series.objects.select_related("indicator__scheme", "producer")
        if mapping.scheme:
            rows = rows.filter(indicator__scheme=scheme_by_key(mapping.scheme))
        wanted = {column.series for column in mapping.columns}
        if mapping.figures is None:
            rows = rows.filter(key__in=wanted)
        else:
            wanted = {series for _word, series in mapping.figures.of}
        by_key = {each.key: each for each in rows}
        _refuse_unknown(wanted - set(by_key))
        for key in wanted:
            require_loading(actor, by_key[key])
        by_indicator: dict[str, list[Series]] = {}
        for each in by_key.values():
            by_indicator.setdefault(each.indicator.key, []).append(each)
        _check_span(mapping, [by_key[key] for key in wanted])
        if not by_key:
            raise Invalid(
                _("No series is defined that a file could fill."),
                remedy=_("Load a plan pack that declares series first."),
            )
        scheme = next(iter(by_key.values())).indicator.scheme
        return cls(actor, mapping, by_key, by_indicator, scheme, clock.now().date())

    def named(self, text: str) -> Series:
        """The series that a cell of a file with one row a figure names; Fault if there is
        none, or the actor may not fill it."""
        answer = self.answers.get(text)
        if answer is None:
            if len(self.answers) >= MOST_LISTED + len(self.by_key):
                raise Fault(Kind.SERIES, "")
            answer = self.answers[text] = self._named(text)
        if isinstance(answer, Fault):
            raise answer
        return answer

    def _named(self, text: str) -> Series | Fault:
        figures = self.mapping.figures
        if figures is None or not text:
            return Fault(
                Kind.SERIES,
                _("it is not said what this is a figure of"),
                _("Name the series or the indicator in this cell."),
            )
        if figures.series:
            message = _("there is no series “%(name)s”")
            series = self.by_key.get(text) or self._unknown(message, text, self.by_key)
        elif figures.of:
            words = {plain_name(word): key for word, key in figures.of}
            key = words.get(plain_name(text))
            series = self.by_key[key] if key else self._unknown_indicator(text, dict(figures.of))
        else:
            series = self._of_indicator(text)
        return series if isinstance(series, Fault) else self._permitted(series)

    def _of_indicator(self, text: str) -> Series | Fault:
        several = self.by_indicator.get(text, [])
        if not several:
            return self._unknown_indicator(text, self.by_indicator)
        if len(several) > 1:
            return Fault(
                Kind.SERIES,
                _("“%(name)s” has several series: %(list)s")
                % {"name": text, "list": ", ".join(sorted(each.key for each in several))},
                _("The mapping must say which of them is meant."),
            )
        return several[0]

    def _unknown_indicator(self, text: str, known: Iterable[str]) -> Fault:
        return self._unknown(_("there is no indicator “%(name)s”"), text, known)

    def _unknown(self, message: str, text: str, known: Iterable[str]) -> Fault:
        short, names = text[:60], list(known)
        # Looking for what was meant is slow: a file of nothing but wrong names gets few hints.
        close = get_close_matches(short, names, n=1) if len(self.answers) < _HINTS else []
        if close:
            remedy = _("Did you mean “%(name)s”?") % {"name": close[0]}
        elif len(names) <= _NAMED:
            remedy = _("Known here: %(list)s.") % {"list": ", ".join(names)}
        else:
            remedy = _("Write it as the plan's list of series has it.")
        return Fault(Kind.SERIES, message % {"name": short}, remedy)

    def _permitted(self, series: Series) -> Series | Fault:
        try:
            require_loading(self.actor, series)
        except Forbidden as error:
            return Fault(
                Kind.SERIES,
                error.message,
                _("Leave the row out, or have it loaded by: %(who)s.")
                % {"who": error.lifted_by or series.producer.name},
            )
        return series


_HINTS = 200
_NAMED = 12


def _refuse_unknown(unknown: set[str]) -> None:
    if unknown:
        raise Invalid(
            _("The mapping names series that are not defined: %(keys)s.")
            % {"keys": ", ".join(sorted(unknown))},
            remedy=_("Load the plan pack that declares them first."),
        )


def _check_span(mapping: Mapping, series: list[Series]) -> None:
    """The one period of a mapping has the length by which its series are given."""
    if mapping.period is None:
        return
    for each in series:
        if mapping.period.span.value != each.indicator.span:
            raise Invalid(
                _("The mapping's period %(period)s is not of the length of “%(series)s”.")
                % {"period": mapping.period, "series": each.title},
                remedy=_("Correct the period in the mapping."),
            )
