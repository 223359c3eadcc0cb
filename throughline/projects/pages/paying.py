"""Money and contracts of projects, by form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from throughline.bodies.authentication import actor_of
from throughline.bodies.pages.forms import Input, Question, Typed, carried
from throughline.bodies.permissions import signed_in
from throughline.projects import actions
from throughline.projects.actions import Payment, Terms
from throughline.projects.models import Contract, Register
from throughline.projects.pages.keeping import FORM, amount_and_day, answered, kept, written
from throughline.projects.pages.project import trail, url_of
from throughline.projects.permissions import require_keeping
from throughline.projects.queries import contract_by_id
from throughline.projects.words import SOURCES, STAGES


@require_http_methods(FORM)
def record_funding(request: HttpRequest, key: str) -> HttpResponse:
    """Record money of a project."""
    actor, row = kept(request, key)
    unit = _("In %(unit)s.") % {"unit": row.register.unit}

    def act(typed: Typed) -> HttpResponse:
        amount, on = amount_and_day(typed, "on")
        given = Payment(
            source=typed.text("source"), stage=typed.text("stage"), on=on, amount=amount,
            note=typed.text("note"),
        )  # fmt: skip
        actions.record_funding(actor, project=row, payments=[given])
        return answered(request, row, _("The money is on record."))

    question = Question(
        title=_("Record money"),
        told=[row.title],
        facts=[
            _("Of no source is more spent than arrived, or does more arrive than was approved."),
            _("An amount below zero takes back what was said too much; say why."),
        ],
        inputs=[
            Input("source", _("Where from"), kind="choice",
                  choices=[("", _("choose")),
                           *((key, str(word)) for key, word in SOURCES.items())]),
            Input("stage", _("How far"), kind="choice",
                  choices=[("", _("choose")),
                           *((key, str(word)) for key, word in STAGES.items())]),
            Input("on", _("Day"), kind="date"),
            Input("amount", _("Amount"), kind="figure", hint=unit),
            Input("note", _("Note"), required=False, hint=_("The paper, or why it is taken back.")),
        ],
        button=_("Record"),
        back=url_of(row),
        trail=trail(row, _("Record money")),
        draft=f"project:{row.pk}:money",
    )  # fmt: skip
    return carried(request, question, act)


def _contract_inputs(register: Register) -> list[Input]:
    return [
        Input("number", _("Number"), hint=_("As the contract bears it.")),
        Input("title", _("What it is about")),
        Input("contractor", _("Contractor")),
        Input("amount", _("Amount"), kind="figure", hint=_("In %(unit)s.") % {
            "unit": register.unit}),
        Input("signed_on", _("Signed on"), kind="date"),
    ]  # fmt: skip


def _terms(typed: Typed) -> Terms:
    amount, signed_on = amount_and_day(typed, "signed_on")
    return Terms(
        number=typed.text("number"), title=typed.text("title"),
        contractor=typed.text("contractor"), amount=amount, signed_on=signed_on,
    )  # fmt: skip


@require_http_methods(FORM)
def sign_contract(request: HttpRequest, key: str) -> HttpResponse:
    """Put a contract of a project on record."""
    actor, row = kept(request, key)

    def act(typed: Typed) -> HttpResponse:
        actions.sign_contract(actor, project=row, terms=_terms(typed))
        return answered(request, row, _("The contract is on record."))

    question = Question(
        title=_("Record a contract"),
        told=[row.title],
        inputs=_contract_inputs(row.register),
        button=_("Record"),
        back=url_of(row),
        trail=trail(row, _("Record a contract")),
        draft=f"project:{row.pk}:contract",
    )
    return carried(request, question, act)


@require_http_methods(FORM)
def correct_contract(request: HttpRequest, contract: int) -> HttpResponse:
    """Correct what is on record of a contract."""
    actor = actor_of(request)
    signed_in(actor)
    found: Contract = contract_by_id(actor, contract)
    row = found.project
    require_keeping(actor, row)

    def act(typed: Typed) -> HttpResponse:
        actions.correct_contract(
            actor, contract=found, terms=_terms(typed), reason=typed.text("reason")
        )
        return answered(request, row, _("The contract is corrected; the old record stays."))

    question = Question(
        title=_("Correct the contract"),
        told=[row.title],
        inputs=[
            *_contract_inputs(row.register),
            Input("reason", _("Why it is corrected"), hint=_("It stays beside the old record.")),
        ],
        button=_("Correct"),
        back=url_of(row),
        trail=trail(row, _("Correct the contract")),
        initial=Typed.of(
            number=found.number, title=found.title, contractor=found.contractor,
            amount=written(found.amount), signed_on=found.signed_on,
        ),
        draft=f"contract:{found.pk}:correct",
    )  # fmt: skip
    return carried(request, question, act)
