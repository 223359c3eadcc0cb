"""The words of the cascade that pages, files and notices share."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from throughline.cascade.rules.kinds import ClaimKind, EvidenceKind, Part, ReportKind, Treatment
from throughline.cascade.rules.life import Ending, Outcome, Stage, Step

PARTS: dict[Part, Promise] = {
    Part.LEAD: _("Lead"),
    Part.COORDINATING: _("Coordinating lead"),
    Part.SUPPORT: _("Support"),
    Part.LOCALITY: _("Locality"),
}
STAGES: dict[Stage, Promise] = {
    Stage.NOT_PASSED_DOWN: pgettext_lazy("stage", "Not passed down"),
    Stage.ASSIGNED: pgettext_lazy("stage", "Assigned"),
    Stage.RECEIVED: pgettext_lazy("stage", "Received"),
    Stage.TAKEN_ON: pgettext_lazy("stage", "Taken on"),
    Stage.REFINED: pgettext_lazy("stage", "Refined"),
    Stage.STARTED: pgettext_lazy("stage", "Started"),
    Stage.FINISHED: pgettext_lazy("stage", "Finished"),
    Stage.NOT_APPLICABLE: pgettext_lazy("stage", "Not applicable here"),
}
ENDINGS: dict[Ending, Promise] = {
    Ending.WITHDRAWN: _("withdrawn"),
    Ending.REASSIGNED: _("reassigned to another body"),
    Ending.HANDED_OVER: _("handed over to its successor"),
    Ending.NOT_APPLICABLE: _("not applicable here"),
    Ending.LAPSED: _("lapsed: the element stands in the plan no longer"),
}
CLAIMS: dict[ClaimKind, Promise] = {
    ClaimKind.CONTEST: _("Contested"),
    ClaimKind.NOT_APPLICABLE: _("Declared not applicable here"),
}
OUTCOMES: dict[Outcome, Promise] = {
    Outcome.ACCEPTED: _("Accepted"),
    Outcome.CHANGED: _("Decided otherwise"),
    Outcome.REJECTED: _("Rejected"),
    Outcome.WITHDRAWN: _("Taken back"),
    Outcome.OVERTAKEN: _("Overtaken: the assignment ended"),
}
REPORTS: dict[ReportKind, Promise] = {
    ReportKind.PROGRESS: pgettext_lazy("report", "Progress"),
    ReportKind.PILOT: pgettext_lazy("report", "Pilot begun"),
    ReportKind.EVALUATED: pgettext_lazy("report", "Pilot evaluated"),
    ReportKind.EXTENDED: pgettext_lazy("report", "Extended everywhere"),
    ReportKind.GIVEN_UP: pgettext_lazy("report", "Given up after the evaluation"),
    ReportKind.COMPLETION: pgettext_lazy("report", "Completed"),
}
STEPS: dict[Step, Promise] = {
    Step.DRAFT: pgettext_lazy("step", "Draft"),
    Step.REVIEWED: pgettext_lazy("step", "Reviewed inside the body"),
    Step.SIGNED: pgettext_lazy("step", "Signed, waiting to be accepted"),
    Step.ACCEPTED: pgettext_lazy("step", "Accepted"),
    Step.RETURNED: pgettext_lazy("step", "Returned"),
    Step.OVERTAKEN: pgettext_lazy("step", "Overtaken: the assignment ended"),
}
EVIDENCE: dict[EvidenceKind, Promise] = {
    EvidenceKind.FILE: _("File"),
    EvidenceKind.FIGURE: _("Figure"),
    EvidenceKind.LINK: _("Link"),
}
TREATMENTS: dict[Treatment, Promise] = {
    Treatment.ADOPT: _("Adopted as it stands"),
    Treatment.ADAPT: _("Adapted"),
    Treatment.SPLIT: _("Split"),
    Treatment.MERGE: _("Merged"),
}
ACTS: dict[str, Promise] = {
    "cascade.simulate": pgettext_lazy("act", "Cascade simulated"),
    "task.assign": pgettext_lazy("act", "Task assigned"),
    "tasks.assign": pgettext_lazy("act", "Tasks assigned"),
    "task.receive": pgettext_lazy("act", "Task received"),
    "tasks.receive": pgettext_lazy("act", "Tasks received"),
    "task.name_people": pgettext_lazy("act", "Leader and officer named"),
    "task.take_on": pgettext_lazy("act", "Task taken on"),
    "task.contest": pgettext_lazy("act", "Task contested"),
    "task.declare_not_applicable": pgettext_lazy("act", "Declared not applicable here"),
    "task.look_again": pgettext_lazy("act", "Changed text looked at"),
    "task.reassign": pgettext_lazy("act", "Task reassigned"),
    "task.withdraw": pgettext_lazy("act", "Task withdrawn"),
    "task.hand_over": pgettext_lazy("act", "Tasks handed over"),
    "task.urge": pgettext_lazy("act", "Urged"),
    "element.await": pgettext_lazy("act", "Element made to wait for another"),
    "element.await_no_more": pgettext_lazy("act", "Element waits for another no longer"),
    "claim.withdraw": pgettext_lazy("act", "Claim taken back"),
    "claim.decide": pgettext_lazy("act", "Claim decided"),
    "milestone.set": pgettext_lazy("act", "Steps set"),
    "progress.prepare_and_sign": pgettext_lazy("act", "Progress report prepared and signed"),
    "progress.prepare_report": pgettext_lazy("act", "Progress report prepared"),
    "progress.review_report": pgettext_lazy("act", "Progress report reviewed"),
    "progress.sign_report": pgettext_lazy("act", "Progress report signed"),
    "progress.return_report": pgettext_lazy("act", "Progress report returned"),
    "progress.accept_report": pgettext_lazy("act", "Progress report accepted"),
    "plan.begin_local_plan": pgettext_lazy("act", "Local plan begun"),
    "plan.revise_local_plan": pgettext_lazy("act", "Next version of a local plan begun"),
    "plan.discard_draft": pgettext_lazy("act", "Draft thrown away"),
    "plan.adopt_elements": pgettext_lazy("act", "Elements adopted"),
    "plan.put_element": pgettext_lazy("act", "Element of a draft written"),
    "plan.remove_element": pgettext_lazy("act", "Element taken out of a draft"),
    "plan.remove_target": pgettext_lazy("act", "Target taken out of a draft"),
    "plan.set_target": pgettext_lazy("act", "Target of a draft set"),
    "plan.issue_local_plan": pgettext_lazy("act", "Local plan issued"),
}
