"""Observations: facts that are superseded, never overwritten."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from throughline.bodies.models import Body
from throughline.files.models import StoredFile
from throughline.kernel.words import localized, reads_chinese
from throughline.places.models import Place
from throughline.plans.models import Edition, Indicator, Plan


class Series(models.Model):
    """The figures of one indicator by one producer on one base.

    An *official* figure is the figure; a *check* stands beside it; *department* figures
    are what localities report. Audience *public* is for all who are signed in, *line* for
    the governments of the place's line above and below, the place's own bodies, the bodies
    with a part in the indicator and, in their own lines, those that they guide, and audit.
    """

    class Nature(models.TextChoices):
        OFFICIAL = "official"
        CHECK = "check"
        DEPARTMENT = "department"

    class Audience(models.TextChoices):
        PUBLIC = "public"
        LINE = "line"

    key = models.SlugField(max_length=100, unique=True)
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="series")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="series")
    producer = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="series")
    nature = models.CharField(max_length=10, choices=Nature.choices)
    audience = models.CharField(max_length=6, choices=Audience.choices)
    rank = models.PositiveSmallIntegerField(help_text="lower ranks stand before higher ones")
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    source_en = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["indicator", "rank"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.key

    @property
    def source(self) -> str:
        return localized(self, "source")

    @property
    def title(self) -> str:
        return localized(self, "title")


class Load(models.Model):
    """One import of a file: what was read, what became of each row, what was refused.

    A received file is in the state *reading* until a job has read it.
    `report` is for people and is kept whether or not anything was stored.
    """

    class State(models.TextChoices):
        READING = "reading"
        STORED = "stored"
        FAULTY = "faulty"
        DISMISSED = "dismissed"

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="loads")
    file_name = models.CharField(max_length=255)
    mapping = models.CharField(max_length=255, help_text="name of the mapping used")
    mapping_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State.choices)
    person = models.CharField(max_length=64)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="loads")
    at = models.DateTimeField()
    rows_read = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    act = models.BigIntegerField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class Observation(models.Model):
    """One figure as one act gave it. The application's role can only insert and select.

    A later observation of the same cell names the one it supersedes; a withdrawn figure is
    an observation without value. `act` is the number of the act that wrote it, by which
    the journal knows its position.

    That its series and its place are there is held by triggers, once for all rows of a statement
    (`migrations/0006_keys_of_figures.py`): a foreign key would lock both once for each figure.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        PRELIMINARY = "preliminary"
        UNREVIEWED = "unreviewed"
        ACCEPTED = "accepted"
        FINAL = "final"
        CENSUS_REVISION = "census_revision"

    append_only = True

    # The indexes below begin with them: one of their own would be written for nothing.
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="observations",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="observations",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    period = models.CharField(max_length=10)
    value = models.FloatField(null=True)
    status = models.CharField(max_length=15, choices=Status.choices)
    released_at = models.DateTimeField(help_text="not counted and not shown before")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    note = models.TextField(blank=True, help_text="why it was changed; what is unusual")
    note_zh = models.TextField(blank=True, help_text="the same in Chinese, where it came in both")
    source = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)
    support = models.CharField(max_length=200, blank=True)
    simulated = models.BooleanField(default=False)
    load = models.ForeignKey(
        Load, on_delete=models.PROTECT, null=True, related_name="rows", db_index=False
    )
    row = models.PositiveIntegerField(null=True, help_text="row in the loaded file")
    act = models.BigIntegerField()

    class Meta:
        constraints = [
            # One first observation a cell; it is the index by cell as well.
            models.UniqueConstraint(
                fields=["series", "period", "place", "supersedes"],
                nulls_distinct=False,
                name="one_first_observation_a_cell",
            )
        ]
        indexes = [
            models.Index(fields=["place", "period"], name="observation_by_place"),
            models.Index(fields=["act"], name="observation_by_act"),
            models.Index(
                fields=["load"], name="observation_by_load", condition=Q(load__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.place} {self.period} {self.value}"

    @property
    def note_shown(self) -> str:
        """The note in the reader's language, if it came in both, else as it was written."""
        return self.note_zh if self.note_zh and reads_chinese() else self.note

    @property
    def source_shown(self) -> str:
        """The source likewise; of a loaded file, that of the series."""
        if self.load_id is not None:
            return self.series.source
        return self.source_zh if self.source_zh and reads_chinese() else self.source


class Confidence(models.Model):
    """信心判断: how sure the body that answers for a target is that it is reached in time, with
    its reason. A judgement, never merged with the computed status, and never changed: a new one
    stands before it. `period` is the last one with a figure when it was made, `status` what the
    figures said then."""

    class Level(models.TextChoices):
        HIGH = "high"
        MEDIUM = "medium"
        LOW = "low"

    append_only = True

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="judgements")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="judgements")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="judgements")
    level = models.CharField(max_length=6, choices=Level.choices)
    reason = models.TextField()
    period = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=11)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="judgements")
    person = models.CharField(max_length=64, help_text="opaque id")
    at = models.DateTimeField()
    simulated = models.BooleanField(default=False)
    act = models.BigIntegerField()

    class Meta:
        ordering = ["-id"]
        verbose_name = "judgement of a target"
        indexes = [
            models.Index(fields=["place", "indicator", "plan"], name="confidence_by_place"),
            models.Index(fields=["plan", "indicator", "place"], name="confidence_by_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.place_id} {self.level}"
