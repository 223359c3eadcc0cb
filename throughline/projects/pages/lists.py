"""The register as people read it: which projects there are, with their money and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import body_of, own_place, standing_of, today
from throughline.files.writing import Table, Value, write_csv, write_xlsx
from throughline.kernel.actor import Actor
from throughline.kernel.errors import NotFound
from throughline.kernel.memory import remembered
from throughline.kernel.search import holding_words
from throughline.kernel.words import reads_chinese
from throughline.places.models import Closure, Place
from throughline.places.queries import valid_on
from throughline.plans.models import Element
from throughline.plans.queries import IN_FORCE, elements_visible_to
from throughline.projects.models import Project, Register
from throughline.projects.permissions import require_owning
from throughline.projects.queries import projects_visible_to, registers_visible_to, serving
from throughline.projects.rules.life import ProjectState
from throughline.projects.rules.money import ZERO
from throughline.projects.viewing import Line, lets, lines_of, with_standing
from throughline.projects.words import STATES, money
from throughline.ui.links import page_of, query_with
from throughline.ui.shapes import Choice, Crumb, Filter, Paging
from throughline.ui.writing import number

PAGE = 50
SORTS = {
    "title": "title_en", "state": "state", "cost": "cost", "arrived": "arrived",
    "done": "noted", "finish": "finish_planned",
}  # fmt: skip
WORDS = ("title_en", "title_zh", "code", "key")


@dataclass(frozen=True)
class Asked:
    """What of a register is wanted."""

    register: Register
    sector: str
    state: str
    place: str
    element: Element | None
    words: str
    sort: str

    @classmethod
    def of(cls, request: HttpRequest, actor: Actor, register: Register) -> Asked:
        given = {name: request.GET.get(name, "").strip() for name in ("sector", "place", "words")}
        state = request.GET.get("state", "")
        return cls(
            register=register,
            state=state if state in set(ProjectState) else "",
            element=_element(actor, request.GET.get("element", "")),
            sort=request.GET.get("sort", ""),
            **given,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was left out."""
        return bool(self.sector or self.state or self.place or self.element or self.words)


def _element(actor: Actor, named: str) -> Element | None:
    """The element named `plan/key`, where there is one in force."""
    plan, _slash, key = named.partition("/")
    rows = elements_visible_to(actor).filter(
        version__plan__key=plan, version__state=IN_FORCE, key=key
    )
    return rows.select_related("version__plan").order_by().first() if key else None


def chosen_register(request: HttpRequest, actor: Actor) -> Register | None:
    """The register that is asked for; else that of the reader's own country; else the first."""
    rows = _known(actor)
    wanted = {row.scheme.key: row for row in rows}
    named = request.GET.get("register", "")
    if named in wanted:
        return wanted[named]
    place = own_place(actor) if len(rows) > 1 else None
    own = [row for row in rows if place is not None and row.pk == place.scheme_id]
    return next(iter([*own, *rows]), None)


def _known(actor: Actor) -> list[Register]:
    """The registers that there are, asked once a request."""
    rows = registers_visible_to(actor).select_related("scheme").order_by("scheme__key")
    return remembered(("registers", actor.is_nobody), lambda: list(rows))


def _narrowed(rows: QuerySet[Project], asked: Asked) -> QuerySet[Project]:
    if asked.sector:
        rows = rows.filter(sector__key=asked.sector)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.place:
        below = Closure.objects.filter(
            valid_on(today()), descendant=OuterRef("place"), ancestor__code=asked.place,
            ancestor__scheme=asked.register.pk,
        )  # fmt: skip
        here = Project.places.through.objects.filter(Exists(below), project=OuterRef("pk"))
        rows = rows.filter(Exists(here))
    if asked.element is not None:
        rows = rows.filter(serving(asked.element.thread_id))
    if asked.words:
        rows = rows.filter(holding_words(*WORDS, words=asked.words))
    return rows


def _ordered(rows: QuerySet[Project], sort: str) -> QuerySet[Project]:
    found = SORTS.get(sort.removeprefix("-"), "title_en")
    if found == "title_en" and reads_chinese():
        found = "title_zh"
    column = F(found)
    last = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return with_standing(rows).order_by(last, "key")


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """The projects that exist for the reader, narrowed and sorted, with their money."""
    actor = actor_of(request)
    signed_in(actor)
    register = chosen_register(request, actor)
    context: dict[str, object] = {"trail": [Crumb(_("Projects"))], "register": register}
    if register is None:
        return render(request, "projects/projects.html", context)
    asked = Asked.of(request, actor, register)
    every = projects_visible_to(actor).filter(register=register)
    rows = _narrowed(every, asked)
    paging = Paging(page_of(request), PAGE, rows.count())
    start = (paging.number - 1) * PAGE
    owner = body_of(standing_of(actor))
    context |= {
        "sentence": _sentence(rows, register, paging.total),
        "lines": lines_of(_ordered(rows, asked.sort)[start : start + PAGE]),
        "filters": [
            *_registers(request, actor, register),
            _sectors(request, every, asked),
            _states(request, every, asked),
            _places(request, actor, every, asked),
        ],
        "paging": paging,
        "asked": asked,
        "without_element": query_with(request.GET, element=None, page=None),
        "may_register": owner is not None and lets(lambda: require_owning(actor, owner)),
    }
    return render(request, "projects/projects.html", context)


def _sentence(rows: QuerySet[Project], register: Register, count: int) -> str:
    """What stands first: how many there are, what they cost, how far the money has come."""
    if not count:
        return ""
    keys = rows.order_by().values("pk")
    found = with_standing(Project.objects.filter(pk__in=keys)).aggregate(
        cost_of_all=Sum("cost"), arrived_of_all=Sum("arrived"), spent_of_all=Sum("spent")
    )
    amounts = {name: money(found[f"{name}_of_all"] or ZERO, register)
               for name in ("cost", "arrived", "spent")}  # fmt: skip
    return ngettext(
        "%(count)s project, estimated at %(cost)s %(unit)s; %(arrived)s have arrived, %(spent)s "
        "are spent.",
        "%(count)s projects, estimated at %(cost)s %(unit)s; %(arrived)s have arrived, %(spent)s "
        "are spent.",
        count,
    ) % {"count": number(count), "unit": register.unit, **amounts}


def _choices(
    request: HttpRequest, name: str, current: str, found: Sequence[tuple[str, str, int | None]]
) -> list[Choice]:
    every = query_with(request.GET, page=None, **{name: None})
    return [
        Choice(_("all"), every, not current),
        *(
            Choice(word, query_with(request.GET, page=None, **{name: key}), key == current, count)
            for key, word, count in found
        ),
    ]


def _filter(
    request: HttpRequest, label: str, name: str, current: str,
    found: Sequence[tuple[str, str, int | None]],
) -> Filter:  # fmt: skip
    choices = _choices(request, name, current, found)
    return Filter(label, choices, choices[0].url if current else "")


def _registers(request: HttpRequest, actor: Actor, register: Register) -> list[Filter]:
    """The choice between countries, where there are several."""
    rows = _known(actor)
    if len(rows) < 2:
        return []
    choices = [
        Choice(
            row.scheme.name,
            f"{reverse('projects')}?register={row.scheme.key}",
            row.pk == register.pk,
        )
        for row in rows
    ]
    return [Filter(_("Register"), choices)]


def _sectors(request: HttpRequest, rows: QuerySet[Project], asked: Asked) -> Filter:
    counts = dict(rows.order_by().values_list("sector").annotate(Count("pk")))
    found = [
        (row.key, row.name, counts.get(row.pk, 0))
        for row in asked.register.sectors.order_by("position", "key")
        if counts.get(row.pk) or row.key == asked.sector
    ]
    return _filter(request, _("Sector"), "sector", asked.sector, found)


def _states(request: HttpRequest, rows: QuerySet[Project], asked: Asked) -> Filter:
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    found = [
        (state.value, str(word), counts.get(state.value, 0))
        for state, word in STATES.items()
        if counts.get(state.value) or state == asked.state
    ]
    return _filter(request, _("State"), "state", asked.state, found)


def _places(request: HttpRequest, actor: Actor, rows: QuerySet[Project], asked: Asked) -> Filter:
    """The places directly below the reader's own in which anything is built; and the one that
    is asked for."""
    own = own_place(actor)
    here = own.tier.level if own is not None and own.scheme_id == asked.register.pk else 0
    below = Closure.objects.filter(
        valid_on(today()), ancestor=OuterRef("pk"), descendant__projects__in=rows.order_by()
    )
    wanted = Q(Exists(below), tier__level=here + 1)
    if asked.place:
        wanted |= Q(code=asked.place)
    found = Place.objects.filter(wanted, valid_on(today()), scheme=asked.register.pk)
    named = [(place.code, place.name, None) for place in found.order_by("sort_key", "code")]
    return _filter(request, _("Place"), "place", asked.place, named)


# -- as a file -----------------------------------------------------------------------------

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
def projects_export(request: HttpRequest, form: str) -> HttpResponse:
    """The list as a file: everything that the filters leave, in their order."""
    actor = actor_of(request)
    signed_in(actor)
    register = chosen_register(request, actor)
    if form not in _TYPES or register is None:
        raise NotFound(_("Tables come as CSV or XLSX."))
    asked = Asked.of(request, actor, register)
    rows = _narrowed(projects_visible_to(actor).filter(register=register), asked)
    unit = register.unit
    columns = [
        _("Key"), _("National code"), _("Title"), _("Title in Chinese"), _("Sector"),
        _("State"), _("Owner"), _("Places"),
        _("Estimated cost (%(unit)s)") % {"unit": unit},
        _("Approved (%(unit)s)") % {"unit": unit},
        _("Arrived (%(unit)s)") % {"unit": unit},
        _("Spent (%(unit)s)") % {"unit": unit},
        _("Done (per cent)"), _("Land (ha)"), _("Start planned"), _("Finish planned"), _("Started"),
        _("Ended"), _("Simulated"),
    ]  # fmt: skip
    table = Table(
        _("Projects"), columns, [_exported(line) for line in lines_of(_ordered(rows, asked.sort))]
    )
    if form == "csv":
        content = write_csv(table.rows, table.columns)
    else:
        notes = [_("Amounts are in %(unit)s (%(currency)s).") % {
            "unit": unit, "currency": register.currency}]  # fmt: skip
        content = write_xlsx([table], notes=notes)
    answer = HttpResponse(content, content_type=_TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="projects.{form}"'
    return answer


def _exported(line: Line) -> list[Value]:
    it = line.project
    return [
        it.key, it.code, it.title_en, it.title_zh, it.sector.name, line.state.word,
        it.owner.name, "; ".join(line.places), it.cost, line.approved, line.arrived, line.spent,
        line.done, it.land, it.start_planned, it.finish_planned, it.start_actual,
        it.finish_actual, it.simulated,
    ]  # fmt: skip
