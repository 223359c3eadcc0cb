"""What a draft of a local plan holds: elements adopted, adapted, added, and taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.cascade.actions.local_plans import draft_locked
from throughline.cascade.actions.texts import NO_TEXT, Text
from throughline.cascade.models import Refinement
from throughline.cascade.permissions import require_drafting
from throughline.cascade.queries import superior_of
from throughline.kernel.action import Act, action
from throughline.kernel.errors import Conflict, Invalid, Problem
from throughline.plans.actions import threads_of
from throughline.plans.models import Element, Plan, PlanVersion, Responsibility, Thread
from throughline.plans.queries import IN_FORCE

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
