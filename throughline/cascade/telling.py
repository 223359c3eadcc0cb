"""What bodies are told of assignments: the sentences of the cascade's notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.bodies.models import Body, Post
from throughline.cascade.models import Assignment
from throughline.notices.kinds import NoticeKind, in_both, naming
from throughline.notices.sending import Telling
from throughline.plans.models import Element, Plan

ISSUED = "assignment-issued"
WITHDRAWN = "assignment-withdrawn"
ANSWERED = "assignment-answered"
CLAIMED = "assignment-claimed"
DECIDED = "claim-decided"
CHANGED = "assignment-text-changed"
LAPSED = "assignment-lapsed"
REPORTED = "progress-signed"
RETURNED = "progress-returned"
ACCEPTED = "progress-accepted"
URGED = "assignment-urged"


def tell(
    kind: str,
    assignment: Assignment,
    to: Body,
    *,
    by: Body | None = None,
    post: Post | None = None,
    words: str = "",
    due: datetime | None = None,
    reading_only: bool = False,
) -> Telling:
    """A notice on an assignment, to a body; `by` is who acted, `words` what it said."""
    facts: dict[str, Any] = in_both("title", assignment.element, "title")
    facts |= in_both("body", assignment.body, "short", "name")
    facts |= in_both("by", by or assignment.issuer, "short", "name")
    return Telling(
        to=to,
        kind=kind,
        subject=subject_of(assignment),
        url=reverse("assignment", args=[assignment.pk]),
        facts=facts | ({"words": words} if words else {}),
        post=post,
        due=due,
        reading_only=reading_only,
    )


def tell_plan(element: Element, plan: Plan, by: Body) -> Telling:
    """A notice to the body that leads a local plan: what it refines has changed."""
    facts: dict[str, Any] = in_both("title", element, "title")
    facts |= in_both("body", plan.lead_body, "short", "name")
    return Telling(
        to=plan.lead_body,
        kind=CHANGED,
        subject=f"plan:{plan.key}",
        url=reverse("local-plan", args=[plan.key]),
        facts=facts | in_both("by", by, "short", "name"),
    )


def subject_of(assignment: Assignment) -> str:
    """An assignment as what is told, remarked on and followed."""
    return f"assignment:{assignment.pk}"


_EXAMPLE = {
    "title_en": "Renew old compounds", "title_zh": "改造老旧小区", "body_en": "Ministry",
    "body_zh": "部", "by_en": "Commission", "by_zh": "委", "words": "…",
}  # fmt: skip


def _kind(word: str | Promise, title: Callable[[], str]) -> NoticeKind:
    """A kind whose sentence names the element, the body and who acted."""
    return naming(word, title, ("title", "body", "by"), _EXAMPLE)


NOTICES = {
    ISSUED: _kind(
        gettext_lazy("Task assigned"),
        lambda: _("%(by)s assigns “%(title)s” to %(body)s: sign for its arrival."),
    ),
    WITHDRAWN: _kind(
        gettext_lazy("Assignment ended"),
        lambda: _("“%(title)s” is no longer assigned to %(body)s."),
    ),
    ANSWERED: _kind(
        gettext_lazy("Task taken on"), lambda: _("%(body)s has taken on “%(title)s”.")
    ),
    CLAIMED: _kind(
        gettext_lazy("Claim to decide"),
        lambda: _("%(body)s does not take on “%(title)s” as it is: decide on its claim."),
    ),
    DECIDED: _kind(
        gettext_lazy("Claim decided"),
        lambda: _("%(by)s has decided on the claim of %(body)s about “%(title)s”."),
    ),
    CHANGED: _kind(
        gettext_lazy("Text changed"),
        lambda: _("The text of “%(title)s” has changed: look again at what %(body)s owes."),
    ),
    LAPSED: _kind(
        gettext_lazy("Element gone"),
        lambda: _("“%(title)s” stands in the plan no longer; the assignment of %(body)s ends."),
    ),
    REPORTED: _kind(
        gettext_lazy("Progress report"),
        lambda: _("%(body)s reports on “%(title)s”: accept or return the report."),
    ),
    RETURNED: _kind(
        gettext_lazy("Report returned"),
        lambda: _("%(by)s returns the report of %(body)s on “%(title)s”."),
    ),
    ACCEPTED: _kind(
        gettext_lazy("Report accepted"),
        lambda: _("%(by)s accepts the report of %(body)s on “%(title)s”."),
    ),
    URGED: _kind(
        gettext_lazy("Urged"), lambda: _("%(by)s urges %(body)s on with “%(title)s”.")
    ),
}  # fmt: skip
