"""What bodies are told of cases: the sentences of their notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from throughline.bodies.models import Body, Post
from throughline.notices.kinds import Facts, NoticeKind, Sentence, in_both, naming, spoken
from throughline.notices.sending import Telling
from throughline.procedures.models import Case, CaseStep
from throughline.procedures.rules.kinds import Verb
from throughline.procedures.words import OUTCOMES

CAME = "case-came"
ENDED = "case-ended"
SUPPLEMENT_ASKED = "case-supplement-asked"
SUPPLEMENT_GIVEN = "case-supplement-given"
TRANSFERRED = "case-transferred"
SIGNER_ASKED = "case-signer-asked"
SIGNER_ANSWERED = "case-signer-answered"
WITHDRAWN = "case-withdrawn"
URGED = "case-urged"
RAN_OUT = "case-ran-out"


def address_of(case: Case) -> str:
    """Where a case is read: by the API, for it has no page yet."""
    return reverse("api:case", args=[case.pk])


def tell(
    kind: str,
    case: Case,
    to: Body,
    *,
    by: Body | None = None,
    step: CaseStep | None = None,
    post: Post | None = None,
    words: str = "",
    due: datetime | None = None,
    reading_only: bool = False,
    **more: Any,
) -> Telling:
    """A notice on a case to a body; `by` is who acted."""
    facts: dict[str, Any] = {"case_en": case.title, "case_zh": case.title, "number": case.number}
    facts |= in_both("by", by or case.submitter, "short", "name")
    if step is not None:
        title = step.step.title
        facts |= {"step_en": title.get("en", ""), "step_zh": title.get("zh", "")}
        facts |= in_both("body", step.body, "short", "name")
    return Telling(
        to=to,
        post=post,
        kind=kind,
        subject=f"case:{case.pk}",
        url=address_of(case),
        facts=facts | ({"words": words} if words else {}) | more,
        due=due,
        reading_only=reading_only,
    )


_EXAMPLE = {
    "case_en": "Housing by the river", "case_zh": "滨河安居工程", "number": "2026-0001",
    "by_en": "Commission", "by_zh": "发展改革委", "step_en": "Countersign", "step_zh": "部门会签",
    "body_en": "Treasury", "body_zh": "财政局", "words": "…",
}  # fmt: skip


def _kind(word: str | Promise, title: Callable[[], str], *names: str) -> NoticeKind:
    """A kind whose sentence names the case, who acted, and what else is named."""
    return naming(word, title, ("case", "by", *names), _EXAMPLE)


def _ended(facts: Facts) -> Sentence:
    """How a case came to its end."""
    outcome = OUTCOMES[Verb(facts["outcome"])]
    said = _("“%(case)s” has come to its end: %(outcome)s.")
    about = {"case": spoken(facts, "case"), "outcome": str(outcome)}
    return Sentence(said % about, str(facts.get("words", "")))


NOTICES = {
    CAME: _kind(
        gettext_lazy("Case to handle"),
        lambda: _("“%(case)s” of %(by)s waits for you: %(step)s."),
        "step",
    ),
    ENDED: NoticeKind(gettext_lazy("Case ended"), _ended, _EXAMPLE | {"outcome": "approve"}),
    SUPPLEMENT_ASKED: _kind(
        gettext_lazy("Supplement asked for"),
        lambda: _("%(by)s asks for a supplement to “%(case)s”; until then the clock stands."),
    ),
    SUPPLEMENT_GIVEN: _kind(
        gettext_lazy("Supplement given"),
        lambda: _("%(by)s has supplemented “%(case)s”; the clock runs again."),
    ),
    TRANSFERRED: _kind(
        gettext_lazy("Case transferred"),
        lambda: _("%(by)s transfers “%(case)s” to you: %(step)s."),
        "step",
    ),
    SIGNER_ASKED: _kind(
        gettext_lazy("Added as a signer"),
        lambda: _("%(by)s asks for your opinion on “%(case)s”."),
    ),
    SIGNER_ANSWERED: _kind(
        gettext_lazy("Added signer has answered"),
        lambda: _("%(by)s has given its opinion on “%(case)s”."),
    ),
    WITHDRAWN: _kind(
        gettext_lazy("Case withdrawn"),
        lambda: _("%(by)s has withdrawn “%(case)s”."),
    ),
    URGED: _kind(
        gettext_lazy("Urged to handle a case"),
        lambda: _("%(by)s urges you on with “%(case)s”: %(step)s."),
        "step",
    ),
    RAN_OUT: _kind(
        gettext_lazy("Time of a case has run out"),
        lambda: _("%(body)s has not answered in time on “%(case)s”: %(step)s. Nothing is decided."),
        "step",
        "body",
    ),
}
