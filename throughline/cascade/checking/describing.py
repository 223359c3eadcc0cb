"""Findings in the reader's language, with the names of what they are about.

Names are asked for once for all findings of a page, a statement for each kind of row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.translation import get_language

from throughline.bodies.models import Body
from throughline.cascade.checking.codes import Code, Finding, Severity
from throughline.cascade.checking.reading import day_of
from throughline.cascade.checking.words import IN_A_DRAFT, SEVERITIES, WORDS
from throughline.places.models import Place
from throughline.plans.models import Element, Plan, PlanVersion, Target
from throughline.ui import writing

NAMED = 12
"""So many of the members of a circle are named; the rest is counted."""


@dataclass(frozen=True)
class Described:
    """A finding with the rows it is about; texts are made when they are asked for."""

    finding: Finding
    plan: Plan | None
    element: Element | None
    body: Body | None
    place: Place | None
    target: Target | None
    others: Sequence[str]
    in_draft: bool = False

    @property
    def code(self) -> Code:
        return self.finding.code

    @property
    def severity(self) -> Severity:
        return self.finding.severity

    @property
    def severity_word(self) -> str:
        return str(SEVERITIES[self.severity])

    @property
    def title(self) -> str:
        """What the code is called."""
        return str(WORDS[self.code].title)

    @property
    def explanation(self) -> str:
        """What was found, by name."""
        return str(WORDS[self.code].explanation) % self._named

    @property
    def remedy(self) -> str:
        """The action that mends it."""
        said = WORDS[self.code].remedy
        return str(IN_A_DRAFT.get(self.code, said) if self.in_draft else said)

    @property
    def mended_at(self) -> str:
        """The page on which it is mended, where one act mends it: that of the element whose
        dependencies run in a circle, or of the tasks whose milestones are out of order."""
        if self.plan is None or self.element is None:
            return ""
        key = self.element.key
        if self.code == Code.DEPENDENCY_CYCLE:
            return f"{reverse('element', args=[self.plan.key, key])}#waits"
        if self.code == Code.MILESTONE_BEFORE_PREDECESSOR:
            return f"{reverse('plan-work', args=[self.plan.key])}?element={key}"
        return ""

    @cached_property
    def _named(self) -> dict[str, str]:
        days = [_written(day) for day in self.finding.days]
        return {
            "plan": str(self.plan or ""),
            "element": str(self.target.indicator.title if self.target else self.element or ""),
            "body": str(self.body or ""),
            "place": str(self.place or ""),
            "other": self.others[0] if self.others else "",
            "others": writing.listed([*self.others, *self._more], get_language() or "en"),
            "count": str(len(self.finding.related)),
            "day": days[0] if days else "",
            "bound": days[1] if len(days) > 1 else "",
        }

    @property
    def _more(self) -> list[str]:
        left = len(self.finding.related) - NAMED
        return [f"+{left}"] if left > 0 else []

    def as_dict(self) -> dict[str, object]:
        """For machines: keys beside the texts."""
        place, element = self.place, self.element
        return {
            "code": str(self.code),
            "severity": self.severity.name.lower(),
            "plan": self.plan.key if self.plan else None,
            "element": {"key": element.key, "title": element.title} if element else None,
            "body": {"key": self.body.key, "name": self.body.name} if self.body else None,
            "place": {"code": place.code, "name": place.name} if place else None,
            "related": list(self.others),
            "days": [str(day_of(day)) for day in self.finding.days],
            "title": self.title,
            "explanation": self.explanation,
            "remedy": self.remedy,
        }


def _written(day: int) -> str:
    found = day_of(day)
    return writing.day(found, get_language() or "en") if found else ""


def described(findings: Sequence[Finding], draft: PlanVersion | None = None) -> list[Described]:
    """Findings with their names, in the same order; those of a draft as it has its elements.
    Six statements at most."""
    of_plans = {Code.NOT_REFINED}
    of_targets = {Code.WEAKER_TARGET, Code.TARGET_OUTSIDE_PLAN}
    related = {
        key
        for each in findings
        if each.code not in of_plans | of_targets
        for key in each.related[:NAMED]
    }
    plans = Plan.objects.in_bulk(_keys(each.plan for each in findings))
    elements = _elements({each.thread for each in findings if each.thread} | related, draft)
    bodies = Body.objects.in_bulk(_keys(each.body for each in findings))
    places = Place.objects.in_bulk(_keys(each.place for each in findings))
    aims = [each for each in findings if each.code in of_targets]
    targets = Target.objects.select_related("indicator", "version__plan").in_bulk(
        _keys(key for each in aims for key in (each.subject, *each.related))
    )

    def others(finding: Finding) -> list[str]:
        if finding.code in of_plans:
            return []
        if finding.code in of_targets:
            return [str(targets[key].version.plan) for key in finding.related if key in targets]
        return [elements[key].title if key in elements else "?" for key in finding.related[:NAMED]]

    return [
        Described(
            finding=each,
            plan=plans.get(each.plan),
            element=elements.get(each.thread),
            body=bodies.get(each.body),
            place=places.get(each.place),
            target=targets.get(each.subject) if each.code in of_targets else None,
            others=others(each),
            in_draft=draft is not None,
        )
        for each in findings
    ]


def _keys(keys: Iterable[int]) -> set[int]:
    return {key for key in keys if key}


def _elements(threads: set[int], draft: PlanVersion | None) -> dict[int, Element]:
    """By thread, the element of the draft; else the one in force; where none is, the last
    there was."""
    found: dict[int, Element] = {}
    rows = Element.objects.filter(thread__in=threads).order_by("version__number")
    for element in rows.select_related("version"):
        before = found.get(element.thread_id)
        if (
            before is None
            or before.version.state != PlanVersion.State.IN_FORCE
            or element.version == draft
        ):
            found[element.thread_id] = element
    return found
