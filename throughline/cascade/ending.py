"""What ends with an assignment: claims that nobody decided, reports that nobody accepted. Left
open they would wait for a decision that can no longer be taken."""

from __future__ import annotations

from throughline.cascade.models import Assignment, Claim, ProgressReport
from throughline.cascade.rules.life import UNDER_WAY, Outcome, Step
from throughline.kernel import clock


def overtake(*rows: Assignment) -> None:
    """Settle what is under way in assignments that have just ended or been closed."""
    Claim.objects.filter(assignment__in=rows, outcome="").update(
        outcome=Outcome.OVERTAKEN, decided_at=clock.now()
    )
    ProgressReport.objects.filter(assignment__in=rows, step__in=UNDER_WAY).update(
        step=Step.OVERTAKEN
    )
