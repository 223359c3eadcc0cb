"""Cycles, the forms that they open, and what each unit reports in them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from throughline.bodies.models import Body
from throughline.figures.models import Observation, Series
from throughline.files.models import StoredFile
from throughline.kernel.words import localized
from throughline.places.models import Place, Tier
from throughline.plans.models import Plan
from throughline.reporting.rules.contesting import ContestKind, ContestState, Verdict
from throughline.reporting.rules.life import ReportStep, Times

LONGEST = 2000
"""Characters of a reason or an explanation."""


class Form(models.Model):
    """报表: what a body asks of every unit of a tier, as its plan pack declares it.

    What is asked changes by a new edition. A cycle goes on asking what it was opened with.
    """

    key = models.SlugField(max_length=80)
    edition = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64, help_text="of what the pack declares")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="forms")
    asked_by = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="forms")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="forms")
    review = models.ManyToManyField(Tier, related_name="+", help_text="tiers that check")
    span = models.CharField(max_length=7)
    tasks = models.BooleanField(
        default=False, help_text="asks for progress reports on the plan's tasks as well"
    )
    remind = ArrayField(
        models.PositiveSmallIntegerField(), null=True,
        help_text="hours before the close; null: as is usual",
    )  # fmt: skip
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300, blank=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    source_en = models.TextField(help_text="by which document it is asked")
    source_zh = models.TextField(blank=True)
    withdrawn = models.BooleanField(default=False, help_text="its pack no longer declares it")

    class Meta:
        ordering = ["key", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["key", "edition"], name="one_edition_of_a_form")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.edition}"

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return localized(self, "title")

    @property
    def note(self) -> str:
        """What it says about itself, in the reader's language."""
        return localized(self, "note")

    @property
    def source(self) -> str:
        """The document by which it is asked, in the reader's language."""
        return localized(self, "source")


class FormLine(models.Model):
    """One figure that a form asks for: a series. Another form may ask for the same."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="lines")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="form_lines")
    position = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, blank=True)
    section_en = models.CharField(max_length=200)
    section_zh = models.CharField(max_length=200, blank=True)
    required = models.BooleanField(default=True)
    counts_en = models.TextField(blank=True)
    counts_zh = models.TextField(blank=True)
    excludes_en = models.TextField(blank=True)
    excludes_zh = models.TextField(blank=True)

    class Meta:
        ordering = ["form", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "series"], name="a_line_once_in_a_form")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.series_id}"

    @property
    def section(self) -> str:
        """The heading it stands under."""
        return localized(self, "section")

    @property
    def counts(self) -> str:
        """What counts."""
        return localized(self, "counts")

    @property
    def excludes(self) -> str:
        """What does not count."""
        return localized(self, "excludes")


class FormRule(models.Model):
    """What the figures of a sheet must hold, with the sentence that a person reads."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="rules")
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=4)
    kind = models.CharField(max_length=9)
    must = models.CharField(max_length=500, blank=True)
    series = models.CharField(max_length=100, blank=True)
    factor = models.FloatField(null=True)
    periods = models.PositiveSmallIntegerField(null=True)
    says_en = models.TextField()
    says_zh = models.TextField(blank=True)

    class Meta:
        ordering = ["form", "position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "key"], name="a_rule_once_in_a_form")
        ]

    def __str__(self) -> str:
        return self.key


class Cycle(models.Model):
    """报送周期: some forms, opened for one period, with an exact close.

    Its stage is read off the clock. Locking is an act; two people undo it: one asks, another one
    of the same body agrees.
    """

    key = models.SlugField(max_length=80, unique=True)
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300)
    owner = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="cycles")
    forms = models.ManyToManyField(Form, related_name="cycles")
    period = models.CharField(max_length=10)
    zone = models.CharField(max_length=60)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    counts_from = models.DateTimeField(
        null=True, help_text="from when on a progress report counts for it; null: its opening"
    )
    remind = ArrayField(
        models.PositiveSmallIntegerField(), default=list, help_text="hours before the close"
    )
    told_at = models.DateTimeField(null=True, help_text="when its opening was told")
    locked_at = models.DateTimeField(null=True)
    unlock_asked_by = models.CharField(max_length=64, blank=True, help_text="opaque id")
    unlock_reason = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)
    act = models.BigIntegerField()

    class Meta:
        ordering = ["-closes_at", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="a_cycle_closes_after_it_opens"
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def title(self) -> str:
        """Its title in the reader's language; one that somebody wrote is the same in both."""
        return localized(self, "title")

    @property
    def times(self) -> Times:
        """Its instants, for the rules."""
        return Times(self.opens_at, self.closes_at, self.locked_at is not None)


class Report(models.Model):
    """填报: what one unit says in a cycle, and where it stands.

    `values` is the sheet as it was prepared, by series key: value, absent, note. What is typed
    before that is its `Sheet`. `turn` is the place that checks next; none while it is signed:
    the owner's turn.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="reports")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="reports")
    step = models.CharField(
        max_length=8,
        choices=[(each.value, each.value) for each in ReportStep],
        default=ReportStep.OPEN,
    )
    until = models.DateTimeField(null=True, help_text="more time than the others have")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="reports")
    values = models.JSONField(default=dict)
    prepared_by = models.CharField(max_length=64, blank=True, help_text="opaque id")
    prepared_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=64, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_act = models.BigIntegerField(null=True)
    first_signed_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    turn = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    returned = models.TextField(blank=True, help_text="why it was returned")
    round = models.PositiveSmallIntegerField(default=0, help_text="how often it was signed")

    class Meta:
        ordering = ["cycle", "place"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "place"], name="one_report_of_a_unit")
        ]
        indexes = [
            models.Index(fields=["place", "cycle"], name="report_by_place"),
            models.Index(fields=["turn", "step"], name="report_by_turn"),
            models.Index(fields=["cycle", "step"], name="report_by_cycle_and_step"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} {self.place_id} {self.step}"

    @property
    def times(self) -> Times:
        """Its cycle's instants as they are for this unit."""
        cycle = self.cycle
        return Times(cycle.opens_at, cycle.closes_at, cycle.locked_at is not None, self.until)


class Sheet(models.Model):
    """What a unit's people have typed into a report and not prepared: a draft, no act. It is
    the unit's, not one person's, and counts nowhere. `revision` grows with each saving."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="sheet")
    values = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    saved_by = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.report_id} r{self.revision}"


class Ticket(models.Model):
    """Who came with very many others at once and was asked to come again: what is handed in
    before `until` counts as handed in when the ticket was issued. No act; it ends with its use."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="ticket")
    issued_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.report_id} {self.issued_at}"


class CellRemark(models.Model):
    """Why a report came back: the reason at a cell, or for the whole (without a series), in the
    round in which it was returned. What came back `inside` the body, before it was signed, is
    the body's own affair."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="remarks")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="+")
    round = models.PositiveSmallIntegerField()
    reason = models.TextField()
    inside = models.BooleanField(default=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["report", "id"]

    def __str__(self) -> str:
        return self.reason[:80]


class Check(models.Model):
    """A tier has looked at a signed report and passed it on, or accepted it."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="checks")
    round = models.PositiveSmallIntegerField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.CharField(max_length=64)
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    accepted = models.BooleanField(default=False, help_text="it was the last one")

    class Meta:
        ordering = ["report", "id"]
        verbose_name = "check of a report"

    def __str__(self) -> str:
        return f"{self.report_id} {self.at}"


class Extension(models.Model):
    """More time for one unit: asked for with a reason, granted until an instant or refused."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="extensions")
    until = models.DateTimeField(help_text="as asked for; as granted, once decided")
    reason = models.TextField()
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["report", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(granted__isnull=True),
                name="one_open_request_for_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.until}"


class Contest(models.Model):
    """异议、询问: a body disagrees with a figure about its place, and the series' producer answers.

    `observation` is the figure as it was contested, and `value` what it said; `against` the one
    that stood when the answer was given; `result` the one that the answer wrote, if it wrote one.
    """

    observation = models.ForeignKey(Observation, on_delete=models.PROTECT, related_name="contests")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="contests")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="contests")
    period = models.CharField(max_length=10)
    value = models.FloatField()
    kind = models.CharField(
        max_length=7, choices=[(each.value, each.value) for each in ContestKind]
    )
    proposed = models.FloatField(null=True)
    grounds = models.TextField()
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="contests")
    person = models.CharField(max_length=64, help_text="opaque id of who asked")
    at = models.DateTimeField()
    act = models.BigIntegerField()
    state = models.CharField(
        max_length=9,
        choices=[(each.value, each.value) for each in ContestState],
        default=ContestState.OPEN,
    )
    verdict = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in Verdict], blank=True
    )
    reason = models.TextField(blank=True, help_text="of the answer, or of the withdrawal")
    closed_by = models.CharField(max_length=64, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_act = models.BigIntegerField(null=True)
    against = models.ForeignKey(Observation, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.ForeignKey(Observation, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "place", "period"],
                condition=Q(state="open"),
                name="one_open_contest_of_a_figure",
            ),
            models.CheckConstraint(
                condition=Q(state="answered") & ~Q(verdict="") & ~Q(reason="")
                | ~Q(state="answered") & Q(verdict=""),
                name="an_answer_has_its_reason",
            ),
            models.CheckConstraint(
                condition=~Q(kind="contest") | Q(proposed__isnull=False),
                name="a_contest_of_a_figure_proposes",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "series"], name="contest_by_series"),
            models.Index(fields=["place", "state"], name="contest_by_place"),
            models.Index(fields=["body", "state"], name="contest_by_body"),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.place_id} {self.period} {self.state}"


class Workbook(models.Model):
    """批量填报文件: a workbook of several units' sheets that somebody gave in, kept and read by a
    job. It is no act: what it says is typed into the units' sheets.

    `report` says what became of it, `marked` is the same file with a remark at each cell at fault.
    """

    class State(models.TextChoices):
        READING = "reading"
        DONE = "done"
        REFUSED = "refused"

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="workbooks")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    marked = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=7, choices=State, default=State.READING)
    person = models.CharField(max_length=64, help_text="opaque id")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    units = models.PositiveIntegerField(default=0, help_text="whose sheets it changes")
    done = models.PositiveIntegerField(default=0, help_text="of these, so far")
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["cycle", "person"], name="workbook_by_cycle_and_person")]

    def __str__(self) -> str:
        return self.name


class Reminder(models.Model):
    """催报: that a unit was reminded of its report, by the clock `before` so many hours of what was
    then its close (`due`), or urged by hand (without `before`), with a sentence. What the clock
    did it does once: a job that runs again finds it here."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="reminders")
    before = models.PositiveSmallIntegerField(null=True)
    due = models.DateTimeField()
    at = models.DateTimeField()
    words = models.TextField(blank=True)
    person = models.CharField(max_length=64, help_text="opaque id")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.BigIntegerField()

    class Meta:
        ordering = ["report", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "due", "before"],
                condition=Q(before__isnull=False),
                name="reminded_once_by_the_clock",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.before} {self.at}"
