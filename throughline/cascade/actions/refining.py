"""A place's own implementation plan: made out of the superior one, revised, and issued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.cascade.actions.texts import NO_TEXT, Text
from throughline.cascade.checking import Severity, described, findings_of_draft
from throughline.cascade.models import LocalPlan, Refinement
from throughline.cascade.permissions import (
    require_drafting,
    require_issuing_local_plan,
    require_making_local_plan,
)
from throughline.cascade.queries import (
    local_plan_at,
    standing_assignments,
    superior_of,
    top_of,
    version_now,
)
from throughline.cascade.rules.difference import is_taken_over
from throughline.cascade.rules.kinds import Part
from throughline.cascade.rules.treatment import Link, treatments
from throughline.cascade.weakening import require_no_weakening, require_nothing_astray
from throughline.kernel import clock
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.places.models import Place
from throughline.plans.actions import threads_of
from throughline.plans.coming import came_into_force
from throughline.plans.models import (
    Element,
    Paper,
    Plan,
    PlanVersion,
    Responsibility,
    Target,
    Thread,
)
from throughline.plans.queries import IN_FORCE

DRAFT, SUPERSEDED = PlanVersion.State.DRAFT, PlanVersion.State.SUPERSEDED
COPIED = (
    "kind", "title_en", "title_zh", "text_en", "text_zh", "indicator_id", "bindingness",
    "completion_en", "completion_zh", "deadline", "illustrative", "simulated",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """One superior element that is adopted as it stands, with who is to do it here by when."""

    superior: Element
    leads: Sequence[Body] = ()
    supports: Sequence[Body] = ()
    deadline: date | None = None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An element of a local plan as it is wanted. It answers the superior elements named:
    none is the place's own, one adapts or splits, several are merged."""

    title: Text
    text: Text = NO_TEXT
    completion: Text = NO_TEXT
    kind: str = Element.Kind.TASK
    superiors: Sequence[Element] = ()
    deadline: date | None = None
    leads: Sequence[Body] = ()
    coordinating: Body | None = None
    supports: Sequence[Body] = ()
    note: str = ""


@action("plan.begin_local_plan")
def begin_local_plan(
    act: Act, *, superior: Plan, place: Place, lead_body: Body, title: Text
) -> PlanVersion:
    """Begin a place's own plan of a superior one: an empty draft, led by a body of the place."""
    require_making_local_plan(act.actor, superior, place, lead_body)
    Plan.objects.select_for_update().get(pk=superior.pk)
    if local_plan_at(superior, place) is not None:
        raise Conflict(
            _("%(place)s has its own plan already.") % {"place": place.name},
            remedy=_("Open it, and revise it."),
        )
    if title.is_empty:
        raise Invalid(
            _("The plan was not begun."),
            problems=[Problem("title", _("Give it a title."), field="title")],
        )
    plan = Plan.objects.create(
        key=_key_of(superior, place), scheme=superior.scheme, place=place, lead_body=lead_body,
        kind=superior.kind, period_from=superior.period_from, period_to=superior.period_to,
        zone=superior.zone, demo=superior.demo, pack="", pack_digest="", **title.fields("title"),
    )  # fmt: skip
    LocalPlan.objects.create(plan=plan, superior=superior)
    version = PlanVersion.objects.create(plan=plan, number=1, state=DRAFT)
    act.about(version)
    act.record(superior=superior.key, plan=plan.key, place=place.code, lead_body=lead_body.key)
    return version


def _key_of(superior: Plan, place: Place) -> str:
    """The key of the uppermost plan and the code of the place, so that it can be guessed."""
    return f"{top_of(superior).key[:60]}-{place.code.lower()}"[:80]


@action("plan.revise_local_plan")
def revise_local_plan(act: Act, *, plan: Plan) -> PlanVersion:
    """Begin the next version of a local plan: a draft with all that stands in the present one."""
    require_drafting(act.actor, plan)
    Plan.objects.select_for_update().get(pk=plan.pk)
    if plan.versions.filter(state=DRAFT).exists():
        raise Conflict(_("A draft of the next version is there already."))
    before = version_now(plan)
    if before is None:
        raise Conflict(_("No version of this plan is in force."))
    number = (plan.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    version = PlanVersion.objects.create(plan=plan, number=number, state=DRAFT)
    _copy_elements(before, version)
    act.about(version)
    act.record(plan=plan.key, number=number, from_number=before.number)
    return version


def _copy_elements(before: PlanVersion, after: PlanVersion) -> None:
    made: dict[int, Element] = {}
    for row in before.elements.order_by("position"):
        old, row.pk, row.version = row.pk, None, after
        row._state.adding = True
        row.parent = made[row.parent_id] if row.parent_id else None
        row.save()
        made[old] = row
    for part in Responsibility.objects.filter(element__version=before):
        part.pk, part.element, part._state.adding = None, made[part.element_id], True
        part.save()
    for link in Refinement.objects.filter(element__version=before):
        link.pk, link.element, link._state.adding = None, made[link.element_id], True
        link.save()
    for target in Target.objects.filter(version=before):
        target.pk, target.version, target._state.adding = None, after, True
        target.save()


@action("plan.discard_draft")
def discard_draft(act: Act, *, version: PlanVersion) -> None:
    """Throw a draft of a next version away. What is in force stands as it is."""
    require_drafting(act.actor, version.plan)
    draft = draft_locked(version)
    if not draft.plan.versions.exclude(pk=draft.pk).exists():
        raise Conflict(
            _("This is the only version of the plan."),
            remedy=_("Change its elements instead."),
        )
    act.about(draft)
    act.record(
        before={
            "plan": draft.plan.key, "number": draft.number,
            "elements": list(draft.elements.values_list("key", flat=True)),
        }
    )  # fmt: skip
    Target.objects.filter(version=draft).delete()
    Responsibility.objects.filter(element__version=draft).delete()
    for row in draft.elements.order_by("-depth"):
        row.delete()
    draft.delete()


def draft_locked(version: PlanVersion) -> PlanVersion:
    """A draft read again under its lock."""
    found = (
        PlanVersion.objects.select_for_update(of=("self",))
        .select_related("plan__lead_body", "plan__place", "plan__scheme")
        .filter(pk=version.pk)
        .first()
    )
    if found is None:
        raise Conflict(_("This draft was discarded."), remedy=_("Begin the next version."))
    if found.state != DRAFT:
        raise Conflict(
            _("A version that was issued is not edited."),
            remedy=_("Begin the next version."),
        )
    return found


@action("plan.adopt_elements")
def adopt_elements(act: Act, *, version: PlanVersion, adoptions: Sequence[Adoption]) -> int:
    """Take superior elements over as they stand, many at once, each with who is to do it here
    by when. What the draft answers already is left as it is. Returns how many are new."""
    require_drafting(act.actor, version.plan)
    draft = draft_locked(version)
    if not adoptions:
        raise Invalid(_("Nothing was chosen."))
    _require_superior(draft.plan, [each.superior for each in adoptions])
    answered = set(
        Refinement.objects.filter(element__version=draft).values_list("superior_id", flat=True)
    )
    ordered = sorted(adoptions, key=lambda each: each.superior.position)
    new = [each for each in ordered if each.superior.thread_id not in answered]
    writer = _Writer(draft)
    made = [
        writer.write(
            each.superior.key,
            _adopted(each),
            [each.superior],
            leads=each.leads,
            supports=each.supports,
        )
        for each in new
    ]
    act.about(draft)
    act.record(
        plan=draft.plan.key,
        adopted=[
            {"element": row.key, "leads": [body.key for body in each.leads]}
            for row, each in zip(made, new, strict=True)
        ],
    )
    return len(made)


def _adopted(each: Adoption) -> dict[str, Any]:
    fields = {name: getattr(each.superior, name) for name in COPIED}
    return fields | {"deadline": each.deadline or each.superior.deadline}


@action("plan.put_element")
def put_element(
    act: Act, *, version: PlanVersion, measure: Measure, element: Element | None = None
) -> Element:
    """Add an element to a draft, or change one: the superior elements that it answers, its
    own words, its bodies and its date."""
    require_drafting(act.actor, version.plan)
    draft = draft_locked(version)
    _require_sound_measure(draft, measure)
    _require_superior(draft.plan, measure.superiors)
    fields: dict[str, Any] = {
        "kind": measure.kind, "deadline": measure.deadline, **measure.title.fields("title"),
        **measure.text.fields("text"), **measure.completion.fields("completion"),
    }  # fmt: skip
    writer = _Writer(draft)
    if element is None:
        _require_not_there(draft, fields)
        before: dict[str, object] = {}
        if len(measure.superiors) == 1:
            only = measure.superiors[0]
            fields |= {"indicator_id": only.indicator_id, "bindingness": only.bindingness}
        key = measure.superiors[0].key if measure.superiors else "own"
        row = writer.write(
            key, fields, measure.superiors, leads=measure.leads, supports=measure.supports,
            coordinating=measure.coordinating, note=measure.note,
        )  # fmt: skip
    else:
        row = _of_draft(draft, element)
        before = {name: getattr(row, name) for name in fields}
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        writer.answer(row, measure.superiors, measure.note)
        writer.lay_on(row, measure.leads, measure.supports, measure.coordinating)
    act.about(row)
    act.record(
        before=before, element=row.key, **fields,
        superiors=[str(each.thread) for each in measure.superiors],
        leads=[body.key for body in measure.leads],
        supports=[body.key for body in measure.supports],
        coordinating=measure.coordinating and measure.coordinating.key,
    )  # fmt: skip
    return row


@action("plan.remove_element")
def remove_element(act: Act, *, version: PlanVersion, element: Element) -> None:
    """Take an element out of a draft."""
    require_drafting(act.actor, version.plan)
    draft = draft_locked(version)
    row = _of_draft(draft, element)
    if row.parts.exists():
        raise Conflict(_("Other elements stand under this one."), remedy=_("Remove those first."))
    act.about(draft)
    act.record(before={"element": row.key, "title": row.title})
    Responsibility.objects.filter(element=row).delete()
    row.delete()


def _of_draft(draft: PlanVersion, element: Element) -> Element:
    found = draft.elements.filter(pk=element.pk).first()
    if found is None:
        raise Conflict(_("This element is not in the draft (any more)."))
    return found


def _require_not_there(draft: PlanVersion, fields: Mapping[str, Any]) -> None:
    """Raise where the draft has an element with these very words: sent twice, or by two."""
    words = ("kind", "title_en", "title_zh", "text_en", "text_zh")
    if Element.objects.filter(version=draft, **{name: fields[name] for name in words}).exists():
        raise Conflict(
            _("The draft has an element with these words already."),
            remedy=_("Change that one, or say what is different here."),
        )


def _require_sound_measure(draft: PlanVersion, measure: Measure) -> None:
    problems = []
    if measure.title.is_empty:
        problems.append(Problem("title", _("Give it a title."), field="title"))
    if max(len(measure.title.en), len(measure.title.zh)) > 300:
        problems.append(Problem("title", _("A title has at most 300 characters."), field="title"))
    if measure.kind not in set(Element.Kind):
        problems.append(Problem("kind", _("Choose what kind of element it is."), field="kind"))
    if measure.coordinating is not None and measure.coordinating not in measure.leads:
        problems.append(
            Problem(
                "coordinating", _("The coordinating lead is one of the lead bodies."),
                field="coordinating",
            )
        )  # fmt: skip
    twice = {body.pk for body in measure.leads} & {body.pk for body in measure.supports}
    if twice:
        problems.append(
            Problem("supports", _("A body leads or supports, not both."), field="supports")
        )
    if problems:
        raise Invalid(_("The element was not taken."), problems=problems)


def _require_superior(plan: Plan, elements: Sequence[Element]) -> None:
    """Raise unless the elements stand in the superior plan's version in force."""
    superior = superior_of(plan)
    for each in elements:
        if superior is None or each.version.plan_id != superior.pk:
            raise Invalid(_("“%(title)s” is not of the superior plan.") % {"title": each.title})
        if each.version.state != IN_FORCE:
            raise Conflict(
                _("“%(title)s” is of a superseded version.") % {"title": each.title},
                remedy=_("Open it in the superior plan's present version."),
            )


class _Writer:
    """Writes elements into a draft, in the order in which they come; strands come with what
    stands under them."""

    def __init__(self, draft: PlanVersion) -> None:
        self._draft = draft
        self._keys = set(draft.elements.values_list("key", flat=True))
        last = draft.elements.aggregate(most=Max("position"))["most"]
        self._next = (last or 0) + 1
        self._strands = {each.key: each for each in draft.elements.filter(kind=Element.Kind.STRAND)}

    def write(
        self,
        key: str,
        fields: dict[str, Any],
        superiors: Sequence[Element],
        *,
        leads: Sequence[Body] = (),
        supports: Sequence[Body] = (),
        coordinating: Body | None = None,
        note: str = "",
    ) -> Element:
        """A new element, with what it answers and who is to do it."""
        parent = self._strand_of(superiors[0]) if superiors else None
        row = self._create(key, fields, parent)
        self.answer(row, superiors, note)
        self.lay_on(row, leads, supports, coordinating)
        return row

    def _create(self, key: str, fields: dict[str, Any], parent: Element | None) -> Element:
        chosen = self._free(key)
        thread: Thread = threads_of(self._draft.plan, [chosen])[chosen]
        row = Element.objects.create(
            version=self._draft, thread=thread, key=chosen, position=self._next, parent=parent,
            depth=0 if parent is None else parent.depth + 1, **fields,
        )  # fmt: skip
        self._keys.add(chosen)
        self._next += 1
        return row

    def _free(self, key: str) -> str:
        number, chosen = 1, key
        while chosen in self._keys:
            number += 1
            chosen = f"{key[:74]}-{number}"
        return chosen

    def _strand_of(self, superior: Element) -> Element | None:
        """The strand under which the superior element stands, taken over once."""
        here: Element | None = superior.parent
        while here is not None and here.kind != Element.Kind.STRAND:
            here = here.parent
        if here is None or superior.kind == Element.Kind.STRAND:
            return None
        if here.key not in self._strands:
            fields = {name: getattr(here, name) for name in COPIED}
            row = self._create(here.key, fields, None)
            self.answer(row, [here], "")
            self._strands[here.key] = row
        return self._strands[here.key]

    def answer(self, row: Element, superiors: Sequence[Element], note: str) -> None:
        """Say which superior elements an element answers, with the text that was looked at;
        how it answers them is written when the version is issued."""
        Refinement.objects.filter(element=row).delete()
        Refinement.objects.bulk_create(
            Refinement(
                superior_id=each.thread_id, seen=each, element=row, treatment="adapt",
                note=note.strip(),
            )
            for each in superiors
        )  # fmt: skip

    def lay_on(
        self,
        row: Element,
        leads: Sequence[Body],
        supports: Sequence[Body],
        coordinating: Body | None,
    ) -> None:
        """Say who leads and who supports, in the order in which they are named."""
        Responsibility.objects.filter(element=row).delete()
        wanted = [(body, Responsibility.Role.LEAD) for body in leads]
        wanted += [(body, Responsibility.Role.SUPPORT) for body in supports]
        if coordinating is not None:
            wanted.append((coordinating, Responsibility.Role.COORDINATING))
        Responsibility.objects.bulk_create(
            Responsibility(element=row, body=body, role=role, position=position)
            for position, (body, role) in enumerate(wanted)
        )


@action("plan.issue_local_plan")
def issue_local_plan(
    act: Act,
    *,
    version: PlanVersion,
    number: str,
    title: Text,
    on: date,
    despite_errors: bool = False,
) -> PlanVersion:
    """Issue a draft: it comes into force under the paper that issues it, and supersedes the
    version before. What would weaken the superior plan is refused: that is for its approver.
    Other errors that the checks find are those of the issuer, who says that it knows them."""
    require_issuing_local_plan(act.actor, version.plan)
    draft = draft_locked(version)
    elements = list(draft.elements.exclude(kind=Element.Kind.STRAND))
    if not elements:
        raise Conflict(_("The draft is empty."), remedy=_("Adopt or add elements first."))
    if title.is_empty:
        raise Invalid(
            _("The plan was not issued."),
            problems=[Problem("title", _("Name the paper that issues it."), field="title")],
        )
    require_nothing_astray(draft)
    require_no_weakening(draft, superior_of(draft.plan))
    errors = _errors_in(draft, despite=despite_errors)
    _write_treatments(draft)
    PlanVersion.objects.filter(plan=draft.plan, state=IN_FORCE).update(state=SUPERSEDED)
    draft.state, draft.in_force_from = IN_FORCE, on
    draft.save(update_fields=["state", "in_force_from"])
    paper = Paper.objects.create(
        plan=draft.plan, key=f"issue-{draft.number}", kind=Paper.Kind.ISSUE, number=number.strip(),
        issuer=draft.plan.lead_body, date=on, position=draft.number, **title.fields("title"),
    )  # fmt: skip
    draft.elements.update(paper=paper)
    act.about(draft)
    act.record(
        plan=draft.plan.key, version=draft.number, paper=paper.number, on=on,
        elements=len(elements), at=clock.now(), despite_errors=errors,
    )  # fmt: skip
    came_into_force(act, draft)
    return draft


def _links(draft: PlanVersion) -> list[Refinement]:
    rows = Refinement.objects.filter(element__version=draft)
    return list(rows.select_related("element", "seen", "superior"))


def _errors_in(draft: PlanVersion, *, despite: bool) -> list[str]:
    """The codes of the errors that the checks find in a draft; raises where there are some and
    it is not said that it is issued despite them."""
    errors = [each for each in findings_of_draft(draft) if each.severity is Severity.ERROR]
    if errors and not despite:
        raise Invalid(
            _("The plan was not issued."),
            problems=[
                Problem(
                    each.element.key if each.element else "", each.explanation, each.remedy,
                    field="despite_errors", code=str(each.code),
                )
                for each in described(errors, draft)
            ],
            remedy=_("Mend the errors, or say that it is issued despite them."),
        )  # fmt: skip
    return sorted(str(each.code) for each in errors)


def _write_treatments(draft: PlanVersion) -> None:
    rows = _links(draft)
    pairs: dict[Link, Refinement] = {(row.element_id, row.superior_id): row for row in rows}
    laid = _days_laid(draft.plan.place_id, [row.superior_id for row in rows])
    aimed = _indicators_aimed_otherwise(draft)
    unchanged = {
        pair: row.element.indicator_id not in aimed
        and is_taken_over(row.element, row.seen, laid[row.superior_id])
        for pair, row in pairs.items()
    }
    for pair, treatment in treatments(pairs, unchanged).items():
        pairs[pair].treatment = treatment
    Refinement.objects.bulk_update(pairs.values(), ["treatment"], batch_size=1000)


def _days_laid(place: int, threads: Sequence[int]) -> dict[int, set[date]]:
    """By superior thread the days by which it is laid on the place."""
    found: dict[int, set[date]] = defaultdict(set)
    rows = standing_assignments().filter(thread__in=threads, place=place, part=Part.LOCALITY)
    for row in rows:
        if row.due is not None:
            found[row.thread_id].add(row.due)
    return found


def _indicators_aimed_otherwise(draft: PlanVersion) -> set[int]:
    """The indicators for which the place sets a target that the superior plan does not set."""
    superior = superior_of(draft.plan)
    names = ("indicator_id", "place_id", "by", "operator", "value", "upper")
    above = Target.objects.filter(version__plan=superior, version__state=IN_FORCE)
    known = set(above.values_list(*names))
    own = Target.objects.filter(version=draft).values_list(*names)
    return {each[0] for each in own if each not in known}
