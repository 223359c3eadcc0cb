"""Procedures as plan packs list them, and the cases that run by them.

What was decided is never changed: of a case the rows of its documents and of its course are facts,
and what stands of a step that has ended is held by a trigger.
"""

from __future__ import annotations

from functools import cached_property

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from throughline.bodies.models import Body, Post
from throughline.files.models import StoredFile
from throughline.kernel.words import localized
from throughline.places.models import Place
from throughline.procedures.engine import State
from throughline.procedures.listing import Listing, in_language
from throughline.procedures.rules.life import Deed
from throughline.procedures.rules.process import Process, Step

LONGEST = 8000
"""Characters of an opinion, a reason or a question."""


class ProcedureEdition(models.Model):
    """程序版本: one edition of a procedure, with its file as it was given. It is held so: what
    has changed comes as another edition, and counts for new cases."""

    append_only = True

    plan = models.SlugField(max_length=80, help_text="key of the plan whose pack it stands in")
    key = models.SlugField(max_length=80)
    edition = models.CharField(max_length=40)
    sort = models.CharField(max_length=12, help_text="approval, verification or filing")
    digest = models.CharField(max_length=64, help_text="of all that it says")
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300, blank=True)
    process = models.JSONField(help_text="what was read of its file")
    source = models.BinaryField(help_text="its file, for a modeller")
    loaded_at = models.DateTimeField()
    act = models.BigIntegerField()

    class Meta:
        ordering = ["plan", "key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "key", "edition", "digest"], name="an_edition_says_one_thing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.edition}"

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return localized(self, "title")


class ProcedureList(models.Model):
    """程序目录: what a plan's pack says of procedures: which there are and which applies, what
    cases state and enclose, who acts, and which days are worked. The last one of a plan counts."""

    append_only = True

    plan = models.SlugField(max_length=80)
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    editions = models.ManyToManyField(ProcedureEdition, related_name="lists")
    loaded_at = models.DateTimeField()
    act = models.BigIntegerField()

    class Meta:
        ordering = ["plan", "id"]

    def __str__(self) -> str:
        return f"{self.plan} {self.pk}"

    @cached_property
    def listing(self) -> Listing:
        """What it says, for the rules."""
        return Listing.restored(self.content)


class CaseNumbering(models.Model):
    """案卷编号: the last number that a case of a plan got in a year; there is no gap."""

    plan = models.SlugField(max_length=80)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "year"], name="numbers_of_a_year")]

    def __str__(self) -> str:
        return f"{self.plan} {self.year}: {self.last}"


class Case(models.Model):
    """案卷: a subject that goes through a procedure. `state` is where it stands, as the engine
    keeps it, with the procedure by which it began and ends."""

    plan = models.SlugField(max_length=80)
    procedure = models.ForeignKey(ProcedureEdition, on_delete=models.PROTECT, related_name="cases")
    listing = models.ForeignKey(ProcedureList, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=20, help_text="within its plan: 2026-0001")
    subject_kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    submitter = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="cases_submitted")
    lead = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=40)
    facts = models.JSONField(help_text="as they were stated, numbers as texts")
    state = models.TextField()
    outside_system = models.CharField(
        max_length=80, blank=True, help_text="where else the case runs"
    )
    outside_code = models.CharField(max_length=120, blank=True, help_text="its code there")
    submitted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True, help_text="how it ended; a verb")
    act = models.BigIntegerField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="case_number_in_plan"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key", "submitter"],
                condition=Q(ended_at__isnull=True),
                name="a_body_has_one_open_case_of_a_subject",
            ),
            models.UniqueConstraint(
                fields=["outside_system", "outside_code"],
                condition=~Q(outside_code=""),
                name="a_code_of_another_system_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(outside_system="", outside_code="")
                | (~Q(outside_system="") & ~Q(outside_code="")),
                name="a_code_names_its_system",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="an_ended_case_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_key"], name="case_by_subject"),
            models.Index(fields=["place", "ended_at"], name="case_by_place"),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def standing(self) -> State:
        """Where it stands, for the engine."""
        return State(self.state)

    def stand(self, state: State) -> None:
        """Let it stand elsewhere; the caller saves it."""
        self.state = state.text
        self.standing = state

    @property
    def process(self) -> Process:
        """The procedure by which it began."""
        return self.standing.process

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done."""
        return self.ended_at is None


class CaseStep(models.Model):
    """办理环节: a step of a case that came to a body, until when it is to be done, and how it
    ended. `asked` is the body for which it stands in the procedure, `body` the one that has it:
    they differ once it was transferred."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    task = models.CharField(max_length=40, help_text="the engine's name for it")
    node = models.CharField(max_length=120)
    relation = models.CharField(
        max_length=30, blank=True, help_text="by which its body acts; none where it is named"
    )
    round = models.PositiveSmallIntegerField(default=1, help_text="how often it came by")
    asked = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="case_steps")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="none without a clock, and while it stands")
    superior = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, related_name="+",
        help_text="the post that is told when the time has run out",
    )  # fmt: skip
    ran_out_at = models.DateTimeField(null=True, help_text="when that was counted, and told")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True)
    words = models.TextField(blank=True, help_text="the opinion, or the reason")
    person = models.CharField(max_length=64, blank=True, help_text="opaque id of who ended it")
    act = models.BigIntegerField(null=True, help_text="that ended it")

    class Meta:
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "task"], name="a_step_is_opened_once"),
            models.UniqueConstraint(
                fields=["case", "node", "round", "body"], name="a_body_has_a_step_once_a_round"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="an_ended_step_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "ended_at"], name="step_by_body"),
            models.Index(
                fields=["due_at"],
                condition=Q(ended_at__isnull=True, ran_out_at__isnull=True),
                name="step_by_clock",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.node}"

    @property
    def step(self) -> Step:
        """What the procedure says of it."""
        return self.case.process.steps()[self.node]

    @property
    def title(self) -> str:
        """What it is called, in the reader's language."""
        return in_language(self.step.title, get_language() or "en")

    @property
    def is_open(self) -> bool:
        """Whether it waits for its body."""
        return self.ended_at is None


class CaseDocument(models.Model):
    """案卷材料: a file on record in a case, in the round in which it was given. A later one under
    the same key stands in its place, and it stays on record."""

    append_only = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    step = models.ForeignKey(CaseStep, on_delete=models.PROTECT, related_name="documents")
    key = models.SlugField(max_length=80)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255, help_text="of the file as it was given")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    person = models.CharField(max_length=64, help_text="opaque id")
    at = models.DateTimeField()
    act = models.BigIntegerField()

    class Meta:
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key", "act"], name="a_document_once_an_act")
        ]

    def __str__(self) -> str:
        return self.name


class Supplement(models.Model):
    """补正: what was asked for while a step waits, and what came of it. The step's clock stands
    between the two."""

    step = models.ForeignKey(CaseStep, on_delete=models.PROTECT, related_name="supplements")
    question = models.TextField()
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    person = models.CharField(max_length=64, help_text="opaque id of who asked")
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(
        max_length=64, blank=True, help_text="none where the step ended without an answer"
    )

    class Meta:
        ordering = ["step", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["step"],
                condition=Q(closed_at__isnull=True),
                name="one_supplement_awaited_at_a_step",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("asked_at")),
                name="a_supplement_comes_after_it_is_asked",
            ),
        ]

    def __str__(self) -> str:
        return self.question[:60]


class AddedSigner(models.Model):
    """加签: a body that was asked for its opinion at another's step, and what it answered."""

    step = models.ForeignKey(CaseStep, on_delete=models.PROTECT, related_name="signers")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    question = models.TextField(blank=True)
    by = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    person = models.CharField(max_length=64, help_text="opaque id of who asked")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=16, blank=True, help_text="agree, object or opinion")
    words = models.TextField(blank=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["step", "id"]
        constraints = [
            models.UniqueConstraint(fields=["step", "body"], name="a_signer_is_added_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="a_signer_who_answered_says_what",
            ),
        ]
        indexes = [models.Index(fields=["body", "answered_at"], name="signer_by_body")]

    def __str__(self) -> str:
        return f"{self.step_id} {self.body_id}"


class CaseAct(models.Model):
    """案卷经过: one act in the course of a case, for its timeline. `digest` is that of the whole
    file as it was frozen by the act."""

    append_only = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="acts")
    step = models.ForeignKey(CaseStep, on_delete=models.PROTECT, null=True, related_name="acts")
    deed = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Deed])
    outcome = models.CharField(max_length=16, blank=True)
    words = models.TextField(blank=True)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.CharField(max_length=64, help_text="opaque id")
    digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    act = models.BigIntegerField()

    class Meta:
        ordering = ["case", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.deed}"
