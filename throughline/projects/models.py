"""Projects on a country's register, and what is put on record of them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from throughline.bodies.models import Body
from throughline.files.models import StoredFile
from throughline.kernel.search import SearchWords
from throughline.kernel.words import localized
from throughline.places.models import Place, Scheme
from throughline.plans.models import Thread
from throughline.projects.rules.life import ProjectState
from throughline.projects.rules.money import FundingStage, Source


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in kind]  # type: ignore[attr-defined]


class Register(models.Model):
    """项目库: how one country keeps projects: in which unit money is counted, and what form its
    national project code has."""

    scheme = models.OneToOneField(
        Scheme, on_delete=models.PROTECT, primary_key=True, related_name="project_register"
    )
    currency = models.CharField(max_length=3, help_text="ISO 4217")
    unit_en = models.CharField(max_length=40)
    unit_zh = models.CharField(max_length=40, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0, help_text="of an amount in the unit")
    zone = models.CharField(max_length=60, help_text="time zone of its days")
    code_form = models.CharField(
        max_length=40, blank=True, help_text="of national codes: 9 a digit, A a capital, X either"
    )

    class Meta:
        ordering = ["scheme"]
        constraints = [
            models.CheckConstraint(condition=Q(decimals__lte=4), name="amounts_have_few_decimals")
        ]

    def __str__(self) -> str:
        return f"{self.scheme} ({self.currency})"

    @property
    def unit(self) -> str:
        return localized(self, "unit")


class Sector(models.Model):
    """行业领域: what a register sorts its projects by."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="sectors")
    key = models.SlugField(max_length=40)
    name_en = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["register", "position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["register", "key"], name="sector_key_in_register")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


class Project(models.Model):
    """项目: something built for a plan, as the body that owns it keeps it on the register."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="projects")
    key = models.SlugField(max_length=80, unique=True)
    code = models.CharField(max_length=40, blank=True, help_text="national project code")
    title_en = models.CharField(max_length=300, blank=True)
    title_zh = models.CharField(max_length=300, blank=True)
    purpose_en = models.TextField(blank=True)
    purpose_zh = models.TextField(blank=True)
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="projects")
    owner = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="projects_owned")
    places = models.ManyToManyField(Place, related_name="projects")
    serves = models.ManyToManyField(Thread, related_name="projects")
    cost = models.DecimalField(max_digits=16, decimal_places=4, null=True, help_text="estimated")
    land = models.DecimalField(max_digits=16, decimal_places=4, null=True, help_text="hectares")
    start_planned = models.DateField(null=True)
    finish_planned = models.DateField(null=True)
    start_actual = models.DateField(null=True)
    finish_actual = models.DateField(null=True, help_text="finished, or ceased")
    state = models.CharField(
        max_length=12, choices=_choices(ProjectState), default=ProjectState.PLANNED.value
    )
    ceased_because = models.CharField(max_length=300, blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["register", "key"]
        indexes = [
            GinIndex(SearchWords("title_en", "title_zh", "code", "key"), name="project_by_words"),
            models.Index(fields=["register", "state", "sector"], name="project_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_en="", title_zh=""), name="project_has_a_title"
            ),
            models.UniqueConstraint(
                fields=["register", "code"], condition=~Q(code=""), name="project_code_once"
            ),
            models.CheckConstraint(
                condition=Q(start_planned__isnull=True)
                | Q(finish_planned__isnull=True)
                | Q(finish_planned__gte=F("start_planned")),
                name="project_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(state="planned", start_actual__isnull=True, finish_actual__isnull=True)
                | Q(state="under_way", start_actual__isnull=False, finish_actual__isnull=True)
                | Q(state="finished", start_actual__isnull=False, finish_actual__isnull=False)
                | Q(state="ceased", finish_actual__isnull=False) & ~Q(ceased_because=""),
                name="project_state_has_its_days",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def purpose(self) -> str:
        return localized(self, "purpose")


class ProjectPhase(models.Model):
    """建设阶段 of a project: set anew as a whole; the journal keeps what stood before."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="phases")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    starts = models.DateField()
    ends = models.DateField()

    class Meta:
        ordering = ["project", "position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "position"], name="phase_position"),
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")), name="phase_ends_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Funding(models.Model):
    """资金到位情况: money from a source that reached a stage on a day. Never changed: what was
    said too much, a later entry below zero takes back."""

    append_only = True

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="funding")
    source = models.CharField(max_length=8, choices=_choices(Source))
    stage = models.CharField(max_length=8, choices=_choices(FundingStage))
    on = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    note = models.CharField(max_length=300, blank=True)
    act = models.BigIntegerField()

    class Meta:
        ordering = ["project", "on", "id"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="funding_is_something")]

    def __str__(self) -> str:
        return f"{self.source} {self.stage} {self.amount}"


class Contract(models.Model):
    """合同 of a project. Never changed: a correction stands in the place of the one it names."""

    append_only = True

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    contractor = models.CharField(max_length=300)
    amount = models.DecimalField(max_digits=16, decimal_places=4)
    signed_on = models.DateField()
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by"
    )
    reason = models.CharField(max_length=300, blank=True, help_text="of a correction")
    act = models.BigIntegerField()

    class Meta:
        ordering = ["project", "signed_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="")
                | Q(corrects__isnull=False) & ~Q(reason=""),
                name="correction_has_its_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ProgressNote(models.Model):
    """形象进度: how far a project had come on a day, as its owner noted it."""

    append_only = True

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="progress")
    on = models.DateField()
    done = models.DecimalField(max_digits=4, decimal_places=1, help_text="per cent")
    text = models.TextField()
    act = models.BigIntegerField()

    class Meta:
        ordering = ["project", "-on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(done__gte=0, done__lte=100), name="done_is_a_share")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.done}"


class ProgressPicture(models.Model):
    """现场照片 beside a note of progress."""

    append_only = True

    note = models.ForeignKey(ProgressNote, on_delete=models.PROTECT, related_name="pictures")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)

    class Meta:
        ordering = ["note", "id"]
        constraints = [models.UniqueConstraint(fields=["note", "file"], name="picture_once")]

    def __str__(self) -> str:
        return self.name
