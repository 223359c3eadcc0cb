"""Assignments and what becomes of them; local plans and how they refine the one above."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from throughline.bodies.models import Body, Post
from throughline.cascade.rules.kinds import ClaimKind, EvidenceKind, Part, ReportKind, Treatment
from throughline.cascade.rules.life import Ending, Outcome, Step
from throughline.files.models import StoredFile
from throughline.kernel.words import localized
from throughline.places.models import Place
from throughline.plans.models import Element, Indicator, Paper, Plan, Thread


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in kind]  # type: ignore[attr-defined]


# -- local plans ---------------------------------------------------------------------------


class LocalPlan(models.Model):
    """地方实施方案: a place's own implementation plan of a superior one."""

    plan = models.OneToOneField(
        Plan, on_delete=models.PROTECT, primary_key=True, related_name="local"
    )
    superior = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="local_plans")

    class Meta:
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(condition=~Q(plan=F("superior")), name="no_plan_above_itself")
        ]

    def __str__(self) -> str:
        return f"{self.plan} ← {self.superior}"


class Refinement(models.Model):
    """细化分解: an element of a local plan answers one of the superior plan. Several elements
    for one superior split it; one for several merges them. `seen` is the text that was
    refined: where another is in force now, it is to be looked at again."""

    superior = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="refined_by")
    seen = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="+")
    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="refines")
    treatment = models.CharField(max_length=8, choices=_choices(Treatment))
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["element", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["element", "superior"], name="refined_once_in_an_element"
            )
        ]

    def __str__(self) -> str:
        return f"{self.element_id} {self.treatment} {self.superior_id}"


class Root(models.Model):
    """源头要素: the element of the uppermost plan from which a thread descends; itself where
    nothing is above it. Written when a version comes into force."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="roots")
    root = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="descended")

    class Meta:
        ordering = ["thread", "root"]
        constraints = [models.UniqueConstraint(fields=["root", "thread"], name="root_once")]

    def __str__(self) -> str:
        return f"{self.thread_id} ← {self.root_id}"


class Dependency(models.Model):
    """前置关系: what has to be done before something else can be."""

    before = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="awaited_by")
    after = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="awaits")

    class Meta:
        ordering = ["after", "before"]
        verbose_name_plural = "dependencies"
        constraints = [
            models.UniqueConstraint(fields=["after", "before"], name="dependency_once"),
            models.CheckConstraint(condition=~Q(after=F("before")), name="awaits_another"),
        ]

    def __str__(self) -> str:
        return f"{self.after_id} after {self.before_id}"


# -- assignments ---------------------------------------------------------------------------


class Assignment(models.Model):
    """任务分工: an element laid on a body, with its own deliverable and date. It is received by
    the office 签收 and taken on by the responsible leader 认领: two acts. `element` is the text
    that the body last looked at; `due` includes its day in the plan's zone."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="assignments")
    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="assignments")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="assignments")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    part = models.CharField(max_length=12, choices=_choices(Part))
    deliverable_en = models.TextField(blank=True, help_text="what this very body owes")
    deliverable_zh = models.TextField(blank=True)
    due = models.DateField(null=True)
    by_name = models.BooleanField(default=False, help_text="the document names the body itself")
    issuer = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="assignments_issued")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="+")
    authority = models.CharField(
        max_length=300, blank=True, help_text="the source document, where it is no paper here"
    )
    issued_at = models.DateTimeField()
    respond_by = models.DateTimeField(null=True, help_text="the exact second")
    leader = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, related_name="+", help_text="分管领导"
    )
    officer = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, related_name="+", help_text="经办人"
    )
    received_at = models.DateTimeField(null=True)
    taken_on_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="办结, with evidence")
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=16, choices=_choices(Ending), blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="predecessors"
    )
    act = models.BigIntegerField(help_text="that laid it on the body")

    class Meta:
        ordering = ["thread", "part", "id"]
        indexes = [
            models.Index(
                fields=["body"], condition=Q(ended_at__isnull=True), name="assignment_of_body"
            ),
            models.Index(fields=["place", "thread"], name="assignment_at_place"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "body", "part"],
                condition=Q(ended_at__isnull=True),
                name="one_open_part_of_a_body",
            ),
            models.UniqueConstraint(
                fields=["thread"],
                condition=Q(ended_at__isnull=True, part="coordinating"),
                name="one_open_coordinating_lead",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="")
                | Q(ended_at__isnull=False) & ~Q(ended_as=""),
                name="an_end_says_how",
            ),
            models.CheckConstraint(
                condition=Q(taken_on_at__isnull=True) | Q(received_at__isnull=False),
                name="taken_on_was_received",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.part} {self.body_id}"

    @property
    def deliverable(self) -> str:
        """What this very body owes, in the reader's language."""
        return localized(self, "deliverable")


class Claim(models.Model):
    """What a body answers instead of taking on: it contests 异议, with a proposal, or declares
    "not applicable here" 不适用, with a reason. Decided by another; never by time."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=16, choices=_choices(ClaimKind))
    reason = models.TextField()
    proposed_body = models.ForeignKey(
        Body, on_delete=models.PROTECT, null=True, related_name="+", help_text="who should"
    )
    proposed_due = models.DateField(null=True)
    proposed_text = models.TextField(blank=True, help_text="what should be owed instead")
    by_body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    by_person = models.CharField(max_length=64, help_text="opaque id")
    at = models.DateTimeField()
    decider = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="claims_to_decide")
    decided_at = models.DateTimeField(null=True)
    decided_person = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=12, choices=_choices(Outcome), blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["decider"], condition=Q(outcome=""), name="claim_awaiting_decision"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(outcome=""), name="one_open_claim"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True)
                | ~Q(outcome="") & Q(decided_at__isnull=False),
                name="a_decision_has_an_instant",
            ),
            models.CheckConstraint(
                condition=~Q(kind="contest")
                | Q(proposed_body__isnull=False)
                | Q(proposed_due__isnull=False)
                | ~Q(proposed_text=""),
                name="a_contest_proposes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.assignment_id}"


class Milestone(models.Model):
    """节点: a step of an assignment with its date; `after` is the one that comes before."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="milestones")
    title = models.CharField(max_length=300)
    due = models.DateField()
    after = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        "ProgressReport", on_delete=models.PROTECT, null=True, related_name="milestones"
    )
    dropped_at = models.DateTimeField(null=True, help_text="set anew without it")

    class Meta:
        ordering = ["assignment", "due", "id"]

    def __str__(self) -> str:
        return self.title


class ProgressReport(models.Model):
    """进展报告: what a body says of its assignment, prepared, reviewed and signed inside the
    body, then accepted or returned by the one that laid it on. One that claims completion
    closes the assignment when it is accepted."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=12, choices=_choices(ReportKind))
    text = models.TextField()
    step = models.CharField(max_length=12, choices=_choices(Step))
    prepared_by = models.CharField(max_length=64, help_text="opaque id")
    prepared_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=64, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    returned = models.TextField(blank=True, help_text="why it was returned")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["step", "assignment"], name="report_by_step")]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(step__in=["draft", "reviewed", "signed", "returned"]),
                name="one_report_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.assignment_id}"


class Evidence(models.Model):
    """佐证材料: what a report rests on: a file, a figure on record, or a link."""

    report = models.ForeignKey(ProgressReport, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=8, choices=_choices(EvidenceKind))
    title = models.CharField(max_length=300)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    period = models.CharField(max_length=10, blank=True)
    url = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["report", "id"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="file", file__isnull=False)
                | Q(kind="figure", indicator__isnull=False, place__isnull=False) & ~Q(period="")
                | Q(kind="link") & ~Q(url=""),
                name="evidence_is_there",
            )
        ]

    def __str__(self) -> str:
        return self.title


# -- working mechanisms --------------------------------------------------------------------


class Mechanism(models.Model):
    """工作机制: the leading group, joint conference or task force of a place for a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="mechanisms")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="mechanisms")
    kind = models.CharField(
        max_length=16,
        choices=[(each, each) for each in ("leading_group", "joint_conference", "task_force")],
    )
    name = models.CharField(max_length=300)
    founded_by = models.CharField(max_length=300, help_text="the founding paper, with its number")
    founded_on = models.DateField()
    head = models.CharField(max_length=200, help_text="the post that heads it")
    office = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="mechanisms_kept")
    members = models.ManyToManyField(Body, related_name="mechanisms")
    meets_every = models.PositiveSmallIntegerField(help_text="months; 0: as needed")
    ended_on = models.DateField(null=True)

    class Meta:
        ordering = ["plan", "place", "founded_on"]

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """会议记录: that a mechanism met, and what it decided, as its office records it."""

    mechanism = models.ForeignKey(Mechanism, on_delete=models.PROTECT, related_name="meetings")
    on = models.DateField()
    title = models.CharField(max_length=300)
    decisions = models.TextField(blank=True)
    act = models.BigIntegerField()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.on} {self.title}"
