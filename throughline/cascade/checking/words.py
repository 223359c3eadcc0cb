"""The words of findings: what each is, and what mends it. The explanations name what was found by
placeholders; every finding has the same ones, filled with what there is."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from throughline.cascade.checking.codes import Code, Severity

SEVERITIES = {
    Severity.ERROR: pgettext_lazy("finding", "error"),
    Severity.WARNING: pgettext_lazy("finding", "warning"),
    Severity.NOTICE: pgettext_lazy("finding", "notice"),
}


class Said(NamedTuple):
    """What a code is called, how a finding is explained, and what mends it."""

    title: Promise
    explanation: Promise
    remedy: Promise


WORDS = {
    Code.NO_LEAD: Said(
        _("No lead"),
        _("Nobody leads “%(element)s”: no body is printed as its lead, none was assigned."),
        _("Assign a lead body, or name one in the next version of the plan."),
    ),
    Code.JOINT_LEADS: Said(
        _("Joint leads without a coordinating one"),
        _("Several bodies lead “%(element)s” and none of them coordinates."),
        _("If one is to coordinate, the issuer names it; else leave it as printed."),
    ),
    Code.NOT_RECEIVED: Said(
        _("Not received in time"),
        _("%(body)s has not signed for “%(element)s”; the time to respond has passed."),
        _("The office of the body signs for it; whoever issued it can urge."),
    ),
    Code.NOT_TAKEN_ON: Said(
        _("Not taken on in time"),
        _(
            "%(body)s signed for “%(element)s”, and its responsible leader has neither taken it "
            "on nor answered; the time to respond has passed."
        ),
        _("The responsible leader takes it on, contests it, or declares it not applicable."),
    ),
    Code.LATER_THAN_SUPERIOR: Said(
        _("Later than the superior element"),
        _("“%(element)s” is due on %(day)s, “%(other)s”, which it refines, on %(bound)s."),
        _("Set an earlier deadline in the local plan, or ask for a change of the superior one."),
    ),
    Code.LATER_THAN_ASSIGNED: Said(
        _("Later than the place owes it"),
        _(
            "“%(element)s” is due on %(day)s, and the place owes “%(other)s”, which it refines, "
            "by %(bound)s."
        ),
        _("Set an earlier deadline in the local plan, or contest the date of the assignment."),
    ),
    Code.WEAKER_TARGET: Said(
        _("Target weaker than the superior one"),
        _(
            "The target for %(element)s accepts figures that the target of “%(other)s” for the "
            "same place and date does not."
        ),
        _("Tighten the target, or ask whoever approves the superior plan to change it."),
    ),
    Code.NOT_REFINED: Said(
        _("Owed and not refined"),
        _("%(place)s owes “%(element)s”, and nothing in its plan refines it."),
        _("Adopt or adapt it in the local plan, or declare it not applicable here with a reason."),
    ),
    Code.NO_LOCAL_PLAN: Said(
        _("No local plan"),
        _("%(place)s owes %(count)s elements of “%(plan)s” and has no plan of its own in force."),
        _("Make a local plan of it, or declare not applicable what does not concern the place."),
    ),
    Code.ORPHAN_REFINEMENT: Said(
        _("Refines what is not there"),
        _("“%(element)s” refines “%(other)s”, which stands in no plan above it that is in force."),
        _("In the next version refine what stands there now, or let the element stand alone."),
    ),
    Code.DEPENDENCY_CYCLE: Said(
        _("Dependencies run in a circle"),
        _("These wait for each other, so that none can begin: %(others)s."),
        _("Take one of the dependencies between them away."),
    ),
    Code.ENDED_BODY: Said(
        _("A body that has ended holds an assignment"),
        _("%(body)s, which ended on %(day)s, still owes “%(element)s”."),
        _("Hand it over to the body that follows, or assign it anew."),
    ),
    Code.ENDED_BODY_PRINTED: Said(
        _("A body that has ended is printed"),
        _("“%(element)s” names %(body)s, which ended on %(day)s."),
        _("Name the body that follows in the next version of the plan."),
    ),
    Code.DEADLINE_OUTSIDE_PLAN: Said(
        _("Deadline outside the plan’s period"),
        _("“%(element)s” is due on %(day)s; the period of “%(plan)s” is bounded by %(bound)s."),
        _("Correct the deadline in the next version, if it is not meant so."),
    ),
    Code.DUE_OUTSIDE_PLAN: Said(
        _("Assignment due outside the plan’s period"),
        _(
            "%(body)s owes “%(element)s” by %(day)s; the period of “%(plan)s” is bounded by "
            "%(bound)s."
        ),
        _("Assign it anew with a date within the period, if it is not meant so."),
    ),
    Code.TARGET_OUTSIDE_PLAN: Said(
        _("Target outside the plan’s period"),
        _(
            "The target for %(element)s is due on %(day)s; the period of “%(plan)s” is bounded "
            "by %(bound)s."
        ),
        _("Correct the period of the target in the next version, if it is not meant so."),
    ),
    Code.SAME_DUTY_TWICE: Said(
        _("The same duty twice"),
        _("%(body)s leads several elements of one title that refine the same one: %(others)s."),
        _("Merge them in the next version, or say in their titles what sets them apart."),
    ),
    Code.LEAD_AND_SUPPORT: Said(
        _("Leads and supports the same element"),
        _("%(body)s leads “%(element)s” and is to support it as well."),
        _("Withdraw one of the two parts, or lay the support on another body."),
    ),
    Code.MILESTONE_AFTER_DUE: Said(
        _("Milestone after the assignment is due"),
        _("A milestone of %(body)s for “%(element)s” is on %(day)s; all is due by %(bound)s."),
        _("Set the milestones anew, or contest the date of the assignment."),
    ),
    Code.MILESTONE_BEFORE_PREDECESSOR: Said(
        _("Milestone before the one that precedes it"),
        _(
            "A milestone of %(body)s for “%(element)s” is on %(day)s; the one that comes before "
            "it is on %(bound)s."
        ),
        _("Set the milestones anew in the order of their dates."),
    ),
}

IN_A_DRAFT = {
    Code.NO_LEAD: _("Name a lead body."),
    Code.JOINT_LEADS: _("If one is to coordinate, name it; else leave it as it is."),
    Code.LATER_THAN_SUPERIOR: _("Set an earlier deadline, or ask for a change of the plan above."),
    Code.LATER_THAN_ASSIGNED: _("Set an earlier deadline, or contest the date of the assignment."),
    Code.NOT_REFINED: _("Adopt or adapt it, or declare it not applicable here with a reason."),
    Code.ORPHAN_REFINEMENT: _("Let it answer what stands there now, or stand alone."),
    Code.ENDED_BODY_PRINTED: _("Name the body that follows."),
    Code.DEADLINE_OUTSIDE_PLAN: _("Correct the deadline, if it is not meant so."),
    Code.TARGET_OUTSIDE_PLAN: _("Correct the period of the target, if it is not meant so."),
    Code.SAME_DUTY_TWICE: _("Merge them, or say in their titles what sets them apart."),
    Code.LEAD_AND_SUPPORT: _("Leave it one of the two parts."),
    Code.MILESTONE_AFTER_DUE: _("Set a later deadline, or have the milestones set anew."),
}
"""What mends a finding while the text is still a draft, where that is said otherwise."""
