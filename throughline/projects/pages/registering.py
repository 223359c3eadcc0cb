"""Putting projects on the register and amending them, by form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.pages.forms import Input, Question, Typed, carried
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import body_of, standing_of
from throughline.cascade.actions import Text
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Forbidden, NotFound
from throughline.projects import actions
from throughline.projects.actions import Particulars
from throughline.projects.models import Register
from throughline.projects.pages.keeping import FORM, all_read, answered, kept, written
from throughline.projects.pages.lists import chosen_register
from throughline.projects.pages.project import trail, url_of
from throughline.projects.permissions import require_owning
from throughline.projects.reading import read_amount, read_elements, read_places
from throughline.ui.shapes import Crumb


def _inputs(register: Register) -> list[Input]:
    form = register.code_form
    sectors = [(row.key, row.name) for row in register.sectors.order_by("position", "key")]
    unit = _("In %(unit)s.") % {"unit": register.unit}
    coded = _("In the form %(form)s; 9 stands for a digit.") % {"form": form} if form else ""
    return [
        Input("title_en", _("Title in English"), required=False,
              hint=_("In one language or both.")),
        Input("title_zh", _("Title in Chinese"), required=False),
        Input("code", _("National code"), required=False, hint=coded),
        Input("sector", _("Sector"), kind="choice", choices=[("", _("choose")), *sectors]),
        Input("places", _("Places"), kind="area",
              hint=_("Where it is built: one on each line, by code or name.")),
        Input("purpose_en", _("Purpose in English"), kind="area", required=False),
        Input("purpose_zh", _("Purpose in Chinese"), kind="area", required=False),
        Input("serves", _("Elements served"), kind="area", required=False,
              hint=_("One on each line, as plan/element.")),
        Input("cost", _("Estimated cost"), kind="figure", required=False, hint=unit),
        Input("land", _("Land"), kind="figure", required=False, hint=_("In hectares.")),
        Input("start_planned", _("Start planned"), kind="date", required=False),
        Input("finish_planned", _("Finish planned"), kind="date", required=False),
    ]  # fmt: skip


def _particulars(actor: Actor, register: Register, owner: Body, typed: Typed) -> Particulars:
    said = Particulars(
        title=Text(en=typed.text("title_en"), zh=typed.text("title_zh")),
        purpose=Text(en=typed.text("purpose_en"), zh=typed.text("purpose_zh")),
        code=typed.text("code"),
        sector=register.sectors.filter(key=typed.text("sector")).first(),
        places=(),
    )
    readings: list[Callable[[], dict[str, object]]] = [
        lambda: {"places": read_places(owner, typed.lines("places"), "places")},
        lambda: {"serves": read_elements(actor, typed.lines("serves"), "serves")},
        lambda: {"cost": read_amount(typed.text("cost"), "cost")},
        lambda: {"land": read_amount(typed.text("land"), "land")},
        lambda: {"start_planned": typed.day("start_planned")},
        lambda: {"finish_planned": typed.day("finish_planned")},
    ]
    for part in all_read(readings):
        said = replace(said, **part)  # type: ignore[arg-type]
    return said


@require_http_methods(FORM)
def register_project(request: HttpRequest) -> HttpResponse:
    """Put a project of one's own body on the register."""
    actor = actor_of(request)
    signed_in(actor)
    owner, register = body_of(standing_of(actor)), chosen_register(request, actor)
    if register is None:
        raise NotFound(_("There is no register of projects."))
    if owner is None:
        raise Forbidden(_("A project is kept by the body that owns it."), rule="projects.owner")
    require_owning(actor, owner)

    def act(typed: Typed) -> HttpResponse:
        row = actions.register_project(
            actor, register=register, owner=owner,
            particulars=_particulars(actor, register, owner, typed),
        )  # fmt: skip
        return answered(request, row, _("The project is on the register."))

    question = Question(
        title=_("New project"),
        told=[_("It is kept by %(body)s.") % {"body": owner.name}],
        inputs=_inputs(register),
        button=_("Put it on the register"),
        back=reverse("projects"),
        trail=[Crumb(_("Projects"), reverse("projects")), Crumb(_("New project"))],
        initial=Typed.of(serves=request.GET.get("element", "")),
        draft="project:new",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def amend_project(request: HttpRequest, key: str) -> HttpResponse:
    """Amend what the register says of a project."""
    actor, row = kept(request, key)
    now = actions.particulars_of(row)

    def act(typed: Typed) -> HttpResponse:
        given = _particulars(actor, row.register, row.owner, typed)
        actions.amend_project(actor, project=row, particulars=given, seen=typed.text("seen"))
        return answered(
            request, row, _("It was amended; the journal keeps what stood there before.")
        )

    question = Question(
        title=_("Amend the project"),
        told=[row.title],
        inputs=[*_inputs(row.register), Input("seen", kind="hidden")],
        button=_("Amend it"),
        back=url_of(row),
        trail=trail(row, _("Amend the project")),
        initial=Typed.of(
            **now.title.fields("title"),
            **now.purpose.fields("purpose"),
            code=now.code,
            sector=row.sector.key,
            places="\n".join(place.code for place in now.places),
            serves="\n".join(str(thread) for thread in now.serves),
            cost=written(now.cost),
            land=written(now.land),
            start_planned=now.start_planned,
            finish_planned=now.finish_planned,
            seen=actions.state_of(row),
        ),
        draft=f"project:{row.pk}:amend",
    )
    return carried(request, question, act)
