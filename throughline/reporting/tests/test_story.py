"""The story of a report: every round with its reasons, for those who may read them."""

from __future__ import annotations

from throughline.reporting.actions import (
    check_report,
    prepare_report,
    return_report,
    review_report,
    send_back_report,
    sign_report,
)
from throughline.reporting.laying.story import story_of, told
from throughline.reporting.models import Report
from throughline.reporting.tests.country import GOOD, Reported

JOBS = "jobs-reported"


def sign(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    review_report(reported.reviewer, report=reported.report)
    sign_report(reported.signer, report=reported.report)


def two_rounds(reported: Reported) -> Report:
    """Sent back inside, signed, returned with two kinds of reasons, signed again, accepted,
    returned once more for the whole, and signed a third time."""
    cast = reported.world.cast
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    send_back_report(reported.reviewer, report=reported.report, reason="Look again, Li.")
    sign(reported)
    return_report(
        cast.prefecture.actor, report=reported.report, reason="Too early.",
        cells={JOBS: "Twice last year's."},
    )  # fmt: skip
    sign(reported)
    check_report(cast.prefecture.actor, report=reported.report, note="Looked at.")
    check_report(cast.province.actor, report=reported.report)
    return_report(cast.province.actor, report=reported.report, reason="The method has changed.")
    sign(reported)
    return Report.objects.get(pk=reported.report.pk)


def test_the_reasons_of_every_round_are_kept(reported: Reported) -> None:
    story = story_of(two_rounds(reported), seen=True)
    assert [
        [(each.inside, each.reason, each.cells) for each in one.returned] for one in story.rounds
    ] == [
        [(True, "Look again, Li.", {}), (False, "Too early.", {JOBS: "Twice last year's."})],
        [(False, "The method has changed.", {})],
        [],
    ]
    assert [[check.accepted for check in one.checks] for one in story.rounds] == [
        [], [False, True], [],
    ]  # fmt: skip
    assert [one.accepted_at is not None for one in story.rounds] == [False, True, False]


def test_each_round_has_its_own_signature_and_hands(reported: Reported) -> None:
    row = two_rounds(reported)
    story = story_of(row, seen=True)
    signed = [one.signed for one in story.rounds]
    assert all(signed) and signed == sorted(signed, key=lambda each: each.at)  # type: ignore[union-attr]
    assert signed[-1].at == row.signed_at  # type: ignore[union-attr]
    assert (len(story.prepared), len(story.reviewed)) == (4, 3)
    said = [event.text for event in told(story, seen=True)]
    assert sum(each.startswith("Prepared by") for each in said) == 4
    assert [each for each in said if "3. time" in each and each.startswith("Signed by")]
    assert [each for each in said if each.startswith("Accepted for Place N1 by")]


def test_outside_nothing_is_told_of_what_was_not_signed(reported: Reported) -> None:
    story = story_of(two_rounds(reported), seen=False)
    reasons = [each.reason for one in story.rounds for each in one.returned]
    assert reasons == ["Too early.", "The method has changed."]
    said = [event.text for event in told(story, seen=False)]
    assert not any(each.startswith(("Prepared", "Reviewed", "Sent back")) for each in said)


def test_one_that_was_only_sent_back_inside_has_no_round_for_others(reported: Reported) -> None:
    prepare_report(reported.filler, report=reported.report, values=GOOD)
    send_back_report(reported.reviewer, report=reported.report, reason="Look again, Li.")
    row = Report.objects.get(pk=reported.report.pk)
    assert story_of(row, seen=False).rounds == []
    (first,) = story_of(row, seen=True).rounds
    assert first.signed is None and first.returned[0].reason == "Look again, Li."
