"""What is asked of a unit in a year, counted from the forms in use and from the cycles opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from throughline.kernel import clock
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.period import PER_YEAR, Period, Span
from throughline.places.models import Place, Tier
from throughline.places.queries import children
from throughline.reporting.models import Cycle, Form
from throughline.reporting.queries import (
    cycles_visible_to,
    forms_in_use,
    forms_visible_to,
    units_of,
)
from throughline.reporting.rules.burden import (
    Addition,
    Asks,
    Burden,
    addition,
    burden_of,
    shared,
)
from throughline.ui import writing


@dataclass(frozen=True)
class FormWeight:
    """A form with what it asks of a unit, and how much of it others ask for too."""

    form: Form
    asks: Asks
    shared: int

    @property
    def a_year(self) -> int:
        """Figures a year, as if it were alone."""
        return len(self.asks.cells) * self.asks.times

    @property
    def lines(self) -> int:
        """Figures for each period."""
        return len(self.asks.cells)


@dataclass(frozen=True)
class BodyWeight:
    """What a body asks of a unit in a year, and how much of it others ask for too."""

    name: str
    forms: int
    documents: list[str]
    figures: int
    shared: int


@dataclass(frozen=True)
class CycleWeight:
    """A cycle of a year: what it asked of a unit, each figure once, and by its forms apart."""

    cycle: Cycle
    figures: int
    apart: int
    forms: int


@dataclass(frozen=True)
class Weighed:
    """What is asked of a unit of a tier: in any year by the forms in use, and in one year by the
    cycles that were opened."""

    tier: Tier
    place: Place | None
    burden: Burden
    forms: list[FormWeight]
    bodies: list[BodyWeight]
    year: int
    years: list[int]
    cycles: list[CycleWeight]
    opened: Burden


def asks_of(forms: Iterable[Form]) -> list[tuple[Form, Asks]]:
    """Forms with what each asks of a unit in a year."""
    return [
        (
            form,
            Asks(
                form=form.key,
                body=form.asked_by.key,
                plan=form.plan.key,
                document=form.source,
                cells=frozenset(line.series.key for line in form.lines.all()),
                times=PER_YEAR[Span(form.span)],
                span=form.span,
            ),
        )
        for form in forms
    ]


def _with_lines(forms: QuerySet[Form]) -> QuerySet[Form]:
    return forms.select_related("asked_by", "plan", "tier__scheme").prefetch_related(
        "lines__series"
    )


def tiers_asked(actor: Actor) -> list[tuple[Tier, Burden]]:
    """The tiers of which forms in use ask something, with how much."""
    by_tier: dict[Tier, list[Asks]] = {}
    for form, asks in asks_of(_with_lines(forms_visible_to(actor))):
        by_tier.setdefault(form.tier, []).append(asks)
    found = sorted(by_tier, key=lambda tier: (tier.scheme.key, tier.level))
    return [(tier, burden_of(by_tier[tier])) for tier in found]


def weigh(
    actor: Actor, tier: Tier, *, place: Place | None = None, year: int | None = None
) -> Weighed:
    """What is asked of a unit of a tier, or of one place of it: one with nothing below it gives
    what is asked of the tiers below as well. NotFound for who sees no cycles."""
    cycles = cycles_visible_to(actor)
    if not forms_visible_to(actor).exists() and not cycles.exists():
        raise NotFound(_("Nothing is asked of units, as far as you see."))
    lowest = place is not None and not children(place, clock.now().date()).exists()
    levels = {"tier__level__gte" if lowest else "tier__level": tier.level}
    own = forms_visible_to(actor).filter(tier__scheme=tier.scheme_id, **levels)
    weighed = asks_of(_with_lines(own).order_by("asked_by__key", "key"))
    asks = [each for _form, each in weighed]
    forms = Form.objects.filter(tier__scheme=tier.scheme_id, **levels)
    rows = cycles.filter(forms__in=forms).distinct().select_related("owner")
    years = sorted({Period.parse(row.period).year for row in rows}, reverse=True)
    chosen = year if year is not None else (years[0] if years else clock.now().year)
    opened = [row for row in rows if Period.parse(row.period).year == chosen]
    listed, given = _opened(opened, forms)
    return Weighed(
        tier=tier,
        place=place,
        burden=burden_of(asks),
        forms=[FormWeight(form, each, shared(each, asks)) for form, each in weighed],
        bodies=_bodies(weighed),
        year=chosen,
        years=years,
        cycles=listed,
        opened=given,
    )


def _bodies(weighed: Sequence[tuple[Form, Asks]]) -> list[BodyWeight]:
    by_body: dict[str, list[tuple[Form, Asks]]] = {}
    for form, asks in weighed:
        by_body.setdefault(form.asked_by.key, []).append((form, asks))
    found = []
    for key, several in by_body.items():
        mine = burden_of([asks for _form, asks in several])
        others = [asks for _form, asks in weighed if asks.body != key]
        others_cells = frozenset().union(*(each.cells for each in others))
        also = {cell: asks.times for _form, asks in several for cell in asks.cells & others_cells}
        documents = list(dict.fromkeys(form.source for form, _asks in several))
        found.append(
            BodyWeight(
                several[0][0].asked_by.name, mine.forms, documents, mine.figures,
                sum(also.values()),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: -each.figures)


def _opened(cycles: Sequence[Cycle], forms: QuerySet[Form]) -> tuple[list[CycleWeight], Burden]:
    """What the cycles of a year asked of a unit; a figure that two of them asked for one period
    counts once."""
    listed, all_asks = [], []
    used = _with_lines(forms.filter(cycles__in=cycles).distinct())
    known = {form.pk: (form, asks) for form, asks in asks_of(used)}
    through = Cycle.forms.through.objects.filter(cycle__in=cycles, form__in=list(known))
    of_cycle: dict[int, list[int]] = {}
    for cycle, form in through.values_list("cycle_id", "form_id"):
        of_cycle.setdefault(cycle, []).append(form)
    for row in sorted(cycles, key=lambda each: each.closes_at):
        several = [known[form][1] for form in of_cycle.get(row.pk, [])]
        asks = [
            Asks(
                each.form, each.body, each.plan, each.document,
                frozenset(f"{cell}@{row.period}" for cell in each.cells), 1, row.key,
            )
            for each in several
        ]  # fmt: skip
        mine = burden_of(asks)
        listed.append(CycleWeight(row, mine.figures, mine.apart, mine.forms))
        all_asks += asks
    return listed, burden_of(all_asks)


# -- before a cycle is opened --------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """What some forms would ask of the units of a tier, beside what is asked of them already."""

    tier: Tier
    units: int
    adds: Addition
    others: list[str]

    @property
    def sentences(self) -> list[str]:
        """In words, for whoever is about to ask."""
        language = get_language() or "en"
        adds, tier = self.adds, self.tier.plural
        asked = ngettext(
            "This asks %(figures)s figure of each of %(units)s %(tier)s.",
            "This asks %(figures)s figures of each of %(units)s %(tier)s.",
            adds.figures,
        ) % {
            "figures": writing.number(adds.figures), "units": writing.number(self.units),
            "tier": tier,
        }  # fmt: skip
        if adds.figures == adds.given:
            already = _("They give all of them already to others.")
        elif adds.given:
            already = ngettext(
                "%(given)s of them is given already to others.",
                "%(given)s of them are given already to others.",
                adds.given,
            ) % {"given": writing.number(adds.given)}
        else:
            already = _("None of them is asked by anybody else.")
        figures = ngettext("%(n)s figure", "%(n)s figures", adds.after.figures) % {
            "n": writing.number(adds.after.figures)
        }
        if not adds.before.forms:
            total = _("A unit then gives %(figures)s a year, all of them for this.")
            return [asked, already, total % {"figures": figures}]
        rest = ngettext(
            "A unit then gives %(figures)s a year in this and %(forms)s other form, by"
            " %(bodies)s; so far it gives %(before)s.",
            "A unit then gives %(figures)s a year in this and %(forms)s other forms, by"
            " %(bodies)s; so far it gives %(before)s.",
            adds.before.forms,
        ) % {
            "figures": figures,
            "forms": adds.before.forms,
            "bodies": writing.listed(self.others, language),
            "before": writing.number(adds.before.figures),
        }
        return [asked, already, rest]


def weigh_asking(actor: Actor, chosen: Sequence[Form], period: Period | None) -> list[Asking]:
    """What it would mean to the units of each tier to be asked some forms in a period."""
    in_use = asks_of(_with_lines(forms_visible_to(actor)))
    keys = {form.key for form in chosen}
    by_tier: dict[int, list[tuple[Form, Asks]]] = {}
    for form, asks in in_use:
        by_tier.setdefault(form.tier_id, []).append((form, asks))
    found = []
    for several in by_tier.values():
        mine = [(form, asks) for form, asks in several if form.key in keys]
        if not mine:
            continue
        others = [(form, asks) for form, asks in several if form.key not in keys]
        form = mine[0][0]
        when = period or Period.containing(clock.now().date(), Span(form.span))
        found.append(
            Asking(
                form.tier,
                len(units_of(form, when)),
                addition([asks for _form, asks in mine], [asks for _form, asks in others]),
                sorted({other.asked_by.name for other, _asks in others}),
            )
        )
    return sorted(found, key=lambda each: each.tier.level)


def figures_a_year() -> dict[Tier, int]:
    """How many figures a unit of each tier gives in a year by the forms in use."""
    by_tier: dict[Tier, list[Asks]] = {}
    for form, asks in asks_of(_with_lines(forms_in_use())):
        by_tier.setdefault(form.tier, []).append(asks)
    return {tier: burden_of(several).figures for tier, several in by_tier.items()}
