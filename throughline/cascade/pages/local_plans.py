"""A place's own plan: begun, drafted out of the superior one, and revised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from throughline.bodies.authentication import actor_of
from throughline.bodies.models import Body
from throughline.bodies.pages.forms import Input, Question, Typed, carried, refused
from throughline.bodies.permissions import signed_in
from throughline.bodies.queries import own_place, standing_of
from throughline.cascade import actions
from throughline.cascade.dependencies import awaited_in
from throughline.cascade.drafting import Drafted, Proposal, drafted, proposals
from throughline.cascade.pages.answering import FORM
from throughline.cascade.pages.target_lines import target_lines
from throughline.cascade.permissions import (
    require_drafting,
    require_issuing,
    require_issuing_local_plan,
    require_making_local_plan,
)
from throughline.cascade.queries import (
    draft_of,
    local_plan_by_key,
    local_plan_seen,
    places_below_plan,
    superior_of,
    version_now,
)
from throughline.cascade.rules.kinds import Treatment
from throughline.cascade.viewing import changed_since, passes
from throughline.cascade.words import TREATMENTS
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from throughline.places.models import Place
from throughline.plans.models import Element, Plan, PlanVersion
from throughline.plans.queries import plan_in_force
from throughline.plans.words import KINDS
from throughline.ui.shapes import Crumb
from throughline.ui.writing import is_chinese

MEASURES = ("goal", "indicator", "task", "reform_measure", "policy", "major_project", "key_project")


def worded(text: str) -> actions.Text:
    """What was typed, in the language in which it was typed."""
    if is_chinese(get_language() or "en"):
        return actions.Text(zh=text)
    return actions.Text(en=text)


def kept(text: str, row: object | None, name: str) -> actions.Text:
    """What was typed; where it is what stood there, in both languages as it stood."""
    lines = "\n".join(text.splitlines())
    if row is None or lines != str(getattr(row, name)).strip():
        return worded(lines)
    return actions.Text.of(row, name)


def joined(plan: str, place: str) -> str:
    """The title that is proposed for a place's own plan."""
    return f"{plan} · {place}"


def titled(text: str, superior: Plan, place: Place) -> actions.Text:
    """The title as typed; where it is the one that was proposed, in both languages."""
    if text != joined(superior.title, place.name):
        return worded(text)
    return actions.Text(
        en=joined(superior.title_en, place.name_en) if superior.title_en else "",
        zh=joined(superior.title_zh, place.name_zh) if superior.title_zh else "",
    )


def local(request: HttpRequest, key: str) -> tuple[Actor, Plan, Plan]:
    """The actor, a local plan that it sees, and the superior one."""
    actor = actor_of(request)
    signed_in(actor)
    plan = local_plan_by_key(actor, key)
    superior = superior_of(plan) if plan is not None else None
    if plan is None or superior is None:
        raise NotFound(_("There is no such local plan."))
    return actor, plan, superior


def needed_draft(request: HttpRequest, plan: Plan) -> PlanVersion:
    """The draft of a local plan, for who may work on it."""
    actor = actor_of(request)
    require_drafting(actor, plan)
    draft = draft_of(actor, plan)
    if draft is None:
        raise Conflict(
            _("There is no draft of this plan."), remedy=_("Begin the next version first.")
        )
    return draft


def trail(plan: Plan, superior: Plan, here: str = "") -> list[Crumb]:
    way = [
        Crumb(_("Plans"), reverse("plans")),
        Crumb(superior.title, reverse("plan", args=[superior.key])),
        Crumb(plan.title, reverse("local-plan", args=[plan.key]) if here else ""),
    ]
    return [*way, Crumb(here)] if here else way


@require_http_methods(FORM)
def begin(request: HttpRequest, plan: str) -> HttpResponse:
    """Begin the own plan of the reader's place."""
    actor = actor_of(request)
    signed_in(actor)
    superior = plan_in_force(actor, plan).plan
    place, standing = own_place(actor), standing_of(actor)
    if place is None or standing.body is None:
        raise Forbidden(
            _("A local plan is made by a body of the place."), rule="cascade.local-plan"
        )
    if not places_below_plan(superior).filter(pk=place.pk).exists():
        raise Forbidden(
            _("A local plan is of a place directly below, and led by a body of that place."),
            rule="cascade.local-plan",
            remedy=_("The tier between makes its own plan first."),
        )
    standing_plan = local_plan_seen(actor, superior, place)
    if standing_plan is not None:
        return redirect("local-plan", standing_plan.key)
    body = Body.objects.select_related("place").get(pk=standing.body)
    require_making_local_plan(actor, superior, place, body)

    def act(typed: Typed) -> HttpResponse:
        version = actions.begin_local_plan(
            actor, superior=superior, place=place, lead_body=body,
            title=titled(typed.text("title"), superior, place),
        )  # fmt: skip
        messages.success(request, _("The draft is begun. Adopt what applies, and add your own."))
        return redirect("local-plan", version.plan.key)

    question = Question(
        title=_("Our own plan"),
        told=[
            _("%(place)s makes its own plan of “%(plan)s”.")
            % {"place": place.name, "plan": superior.title},
            _("%(body)s leads it. Nothing is in force until it is issued.") % {"body": body.name},
        ],
        inputs=[Input("title", _("Title"))],
        button=_("Begin the draft"),
        back=reverse("plan", args=[plan]),
        trail=[
            Crumb(_("Plans"), reverse("plans")),
            Crumb(superior.title, reverse("plan", args=[plan])),
            Crumb(_("Our own plan")),
        ],
        initial=Typed.of(title=joined(superior.title, place.name)),
        draft=f"local-plan:{plan}",
    )
    return carried(request, question, act)


@require_safe
def local_plan(request: HttpRequest, plan: str) -> HttpResponse:
    """The workspace of a local plan: its draft, or what is in force; what is owed and not
    answered yet; what can be done."""
    actor, row, superior = local(request, plan)
    draft = draft_of(actor, row)
    version = draft or version_now(row)
    elements = drafted(version) if version is not None else []
    awaited = awaited_in(version) if version is not None else {}
    may_draft = passes(lambda: require_drafting(actor, row))
    open_ = proposals(superior, row.place, version) if may_draft else []
    context = {
        "plan": row,
        "superior": superior,
        "draft": draft,
        "version": version,
        "in_force": version_now(row),
        "lines": [
            {
                "drafted": each,
                "kind": KINDS[Element.Kind(each.element.kind)],
                "awaits": awaited.get(each.element.thread_id, []),
                "answers": [
                    {
                        "answered": answered,
                        "treatment": ""
                        if draft
                        else TREATMENTS[Treatment(answered.link.treatment)],
                        "url": reverse("element", args=[superior.key, answered.link.superior.key]),
                    }
                    for answered in each.answers
                ],
            }
            for each in elements
        ],
        "targets": target_lines(superior, row, version),
        "proposals": open_,
        "owed": [each for each in open_ if each.owed],
        "may_draft": may_draft,
        "may_issue": passes(lambda: require_issuing_local_plan(actor, row)),
        "may_assign": passes(lambda: require_issuing(actor, row)),
        "sentence": _sentence(elements, open_, draft),
        "trail": trail(row, superior),
    }
    return render(request, "cascade/local_plan.html", context)


def _sentence(
    elements: Sequence[Drafted], open_: Sequence[Proposal], draft: PlanVersion | None
) -> str:
    measures = [each for each in elements if each.element.kind != Element.Kind.STRAND]
    owed = sum(1 for each in open_ if each.owed)
    stale = sum(1 for each in elements if each.is_stale)
    said = [
        ngettext("%(count)s element.", "%(count)s elements.", len(measures))
        % {"count": len(measures)}
    ]
    if owed:
        said.append(
            ngettext(
                "%(count)s that is laid on the place is not answered yet.",
                "%(count)s that are laid on the place are not answered yet.",
                owed,
            )
            % {"count": owed}
        )
    if stale:
        said.append(
            ngettext(
                "%(count)s answers what has changed above.",
                "%(count)s answer what has changed above.",
                stale,
            )
            % {"count": stale}
        )
    if draft is not None:
        said.append(_("This is a draft; it is not in force."))
    return " ".join(said)


@require_http_methods(FORM)
def adopt(request: HttpRequest, plan: str) -> HttpResponse:
    """Take superior elements over, many at once, with the bodies and dates that are proposed."""
    actor, row, superior = local(request, plan)
    draft = needed_draft(request, row)
    open_ = proposals(superior, row.place, draft)
    given = request.POST if request.method == "POST" else None
    problem = ""
    if given is not None:
        chosen = set(given.getlist("element"))
        try:
            day = _day(given.get("deadline", ""))
            count = actions.adopt_elements(
                actor,
                version=draft,
                adoptions=[
                    actions.Adoption(
                        superior=each.element, leads=each.leads, supports=each.supports,
                        deadline=day or (each.owed.due if each.owed else None),
                    )
                    for each in open_
                    if each.element.key in chosen
                ],
            )  # fmt: skip
        except (Invalid, Conflict) as error:
            problem = error.message
        else:
            messages.success(
                request,
                ngettext(
                    "%(count)s element was adopted.", "%(count)s elements were adopted.", count
                )
                % {"count": count},
            )
            return redirect("local-plan", plan)
    context = {
        "plan": row,
        "superior": superior,
        "proposals": [
            {"proposal": each, "kind": KINDS[Element.Kind(each.element.kind)]} for each in open_
        ],
        "ticked": set(given.getlist("element")) if given is not None else
        {each.element.key for each in open_ if each.owed},
        "deadline": given.get("deadline", "") if given is not None else "",
        "problem": problem,
        "trail": trail(row, superior, _("Adopt")),
    }  # fmt: skip
    return render(request, "cascade/adopt.html", context, status=422 if problem else 200)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise Invalid(_("Write the day as 2022-06-21.")) from error


@require_http_methods(FORM)
def write_element(request: HttpRequest, plan: str, key: str = "") -> HttpResponse:
    """Write an element of a draft: adapt, split or merge superior ones, or add the place's own."""
    actor, row, superior = local(request, plan)
    draft = needed_draft(request, row)
    element = draft.elements.select_related("thread").filter(key=key).first() if key else None
    if key and element is None:
        raise NotFound(_("The draft has no such element."))
    above = {
        each.key: each
        for each in Element.objects.filter(version__plan=superior, version__state="in_force")
        .exclude(kind=Element.Kind.STRAND)
        .select_related("version__plan", "thread")
        .order_by("position")
    }
    bodies = {
        body.key: body
        for body in Body.objects.filter(place=row.place).order_by("sort_key", "key")[:400]
    }

    def several(typed: Typed, name: str) -> list[Body]:
        keys = typed.several(name)
        if any(each not in bodies for each in keys):
            raise refused(name, _("Choose one of those offered."))
        return [bodies[each] for each in keys]

    def act(typed: Typed) -> HttpResponse:
        coordinating = typed.text("coordinating")
        if coordinating and coordinating not in bodies:
            raise refused("coordinating", _("Choose one of those offered."))
        saved = actions.put_element(
            actor,
            version=draft,
            element=element,
            measure=actions.Measure(
                title=kept(typed.text("title"), element, "title"),
                text=kept(typed.text("text"), element, "text"),
                completion=kept(typed.text("completion"), element, "completion"),
                kind=typed.text("kind"),
                superiors=[above[each] for each in typed.several("superiors") if each in above],
                deadline=typed.day("deadline"),
                leads=several(typed, "leads"),
                coordinating=bodies.get(coordinating),
                supports=several(typed, "supports"),
                note=typed.text("note"),
            ),
        )
        messages.success(request, _("“%(title)s” is in the draft.") % {"title": saved.title})
        return redirect("local-plan", plan)

    named = [(body.key, body.name) for body in bodies.values()]
    question = Question(
        title=_("Element of the draft") if element else _("New element"),
        told=[
            _("Choose what it answers above: one adapts it, several are merged; another element "
              "for the same one splits it; none is the place’s own."),
        ],
        facts=_differences(element),
        inputs=[
            Input("title", _("Title")),
            Input("text", _("Text"), kind="area", required=False),
            Input(
                "kind", _("Kind"), kind="choice",
                choices=[(kind, str(KINDS[Element.Kind(kind)])) for kind in MEASURES],
            ),
            Input(
                "superiors", _("What it answers above"), kind="several",
                choices=[(each.key, each.title) for each in above.values()],
            ),
            Input("completion", _("Completion criterion"), kind="area", required=False),
            Input("deadline", _("Deadline"), kind="date", required=False),
            Input("leads", _("Lead bodies"), kind="several", choices=named),
            Input(
                "coordinating", _("Coordinating lead"), kind="choice", required=False,
                choices=[("", _("nobody named")), *named],
            ),
            Input("supports", _("Supporting bodies"), kind="several", choices=named),
            Input("note", _("Note on how it answers"), kind="area", required=False),
        ],
        button=_("Keep it in the draft"),
        back=reverse("local-plan", args=[plan]),
        trail=trail(row, superior, element.title if element else _("New element")),
        initial=_initial(element, request),
        draft=f"draft:{plan}/{key or 'new'}",
    )  # fmt: skip
    return carried(request, question, act)


def _differences(element: Element | None) -> list[str]:
    """Which of the answered texts have changed since they were looked at."""
    if element is None:
        return []
    facts = []
    for link in element.refines.select_related("seen"):
        changed = changed_since(link.seen)
        if changed is None:
            continue
        if changed.now is None:
            facts.append(
                _("“%(title)s” stands in the superior plan no longer.") % {"title": link.seen.title}
            )
            continue
        before, after = link.seen.text or link.seen.title, changed.now.text or changed.now.title
        facts.append(
            _("“%(title)s” was: %(before)s") % {"title": link.seen.title, "before": before}
        )
        facts.append(_("It is now: %(after)s") % {"after": after})
    return facts


def _initial(element: Element | None, request: HttpRequest) -> Typed:
    if element is None:
        return Typed.of(kind="task", superiors=request.GET.getlist("answers"))
    parts = element.responsibilities.select_related("body").order_by("position")
    by_role = {
        role: [part.body.key for part in parts if part.role == role]
        for role in ("lead", "support", "coordinating")
    }
    return Typed.of(
        title=element.title,
        text=element.text,
        kind=element.kind,
        completion=element.completion,
        deadline=element.deadline.isoformat() if element.deadline else "",
        superiors=list(element.refines.values_list("superior__key", flat=True)),
        leads=by_role["lead"],
        supports=by_role["support"],
        coordinating=(by_role["coordinating"] or [""])[0],
        note=next(iter(element.refines.values_list("note", flat=True)), ""),
    )


@require_POST
def remove_element(request: HttpRequest, plan: str, key: str) -> HttpResponse:
    """Take an element out of a draft."""
    actor, row, _superior = local(request, plan)
    draft = needed_draft(request, row)
    element = draft.elements.filter(key=key).first()
    if element is None:
        raise NotFound(_("The draft has no such element."))
    actions.remove_element(actor, version=draft, element=element)
    messages.success(request, _("“%(title)s” is out of the draft.") % {"title": element.title})
    return redirect("local-plan", plan)


@require_POST
def revise(request: HttpRequest, plan: str) -> HttpResponse:
    """Begin the next version."""
    actor, row, _superior = local(request, plan)
    actions.revise_local_plan(actor, plan=row)
    messages.success(request, _("The draft holds all that is in force. Change it and issue it."))
    return redirect("local-plan", plan)


@require_POST
def discard(request: HttpRequest, plan: str) -> HttpResponse:
    """Throw the draft of a next version away."""
    actor, row, _superior = local(request, plan)
    actions.discard_draft(actor, version=needed_draft(request, row))
    messages.success(request, _("The draft is thrown away; what is in force stands."))
    return redirect("local-plan", plan)
