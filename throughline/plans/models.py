"""A plan as a living, versioned document, and what it measures."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from throughline.bodies.models import Body
from throughline.kernel.search import SearchWords
from throughline.kernel.words import localized
from throughline.places.models import Place, Scheme


class Plan(models.Model):
    """规划/实施方案: the plan across all its versions."""

    key = models.SlugField(max_length=80, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="plans")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="plans")
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=40, default="implementation_plan")
    lead_body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="plans_led")
    period_from = models.CharField(max_length=10)
    period_to = models.CharField(max_length=10)
    zone = models.CharField(max_length=60, help_text="time zone of its deadlines")
    demo = models.BooleanField(default=False, help_text="holds simulated figures")
    pack = models.CharField(max_length=80, help_text="the plan pack it came from")
    pack_digest = models.CharField(max_length=64)
    alerts = models.JSONField(default=dict, blank=True, help_text="thresholds of its alerts")

    class Meta:
        ordering = ["key"]
        indexes = [GinIndex(SearchWords("title_en", "title_zh", "key"), name="plan_by_words")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")


class Paper(models.Model):
    """公文 of a plan's chain: request 请示, reply 批复, issue 印发, yearly lists."""

    class Kind(models.TextChoices):
        REQUEST = "request"
        REPLY = "reply"
        ISSUE = "issue"
        LIST = "list"
        EVALUATION = "evaluation"
        OTHER = "other"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="papers")
    key = models.SlugField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.CharField(max_length=80, blank=True)
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300, blank=True)
    issuer = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    addressee = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    date = models.DateField(null=True, help_text="date it bears")
    public_date = models.DateField(null=True)
    source_en = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)
    support = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["plan", "position"]
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="paper_key_in_plan")]

    def __str__(self) -> str:
        return self.number or self.title

    @property
    def source(self) -> str:
        return localized(self, "source")

    @property
    def title(self) -> str:
        return localized(self, "title")


class PlanVersion(models.Model):
    """One state of the plan's text. A version in force is never edited, only followed."""

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_FORCE = "in_force"
        SUPERSEDED = "superseded"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    in_force_from = models.DateField(null=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="version_number_in_plan"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state="in_force"), name="one_version_in_force"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(in_force_from__isnull=False),
                name="version_in_force_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.key} v{self.number}"


class Edition(models.Model):
    """A base of a statistical series. A rebased series is a new edition; no progress is
    computed across editions without a stated bridge."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="editions")
    key = models.SlugField(max_length=80)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    rank = models.PositiveSmallIntegerField(help_text="later editions have higher ranks")

    class Meta:
        ordering = ["scheme", "rank"]
        constraints = [models.UniqueConstraint(fields=["scheme", "key"], name="edition_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def title(self) -> str:
        return localized(self, "title")


class Indicator(models.Model):
    """指标: a quantity defined once for all plans of a scheme (enter once)."""

    class Kind(models.TextChoices):
        SUM = "sum"
        RATIO = "ratio"
        WEIGHTED_MEAN = "weighted_mean"
        LAST = "last"
        MAX = "max"
        WORST_OF = "worst_of"
        FORMULA = "formula"

    class Direction(models.TextChoices):
        UP = "up"
        DOWN = "down"
        BAND = "band"

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="indicators")
    key = models.SlugField(max_length=80)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    definition_en = models.TextField(blank=True)
    definition_zh = models.TextField(blank=True)
    unit_en = models.CharField(max_length=40)
    unit_zh = models.CharField(max_length=40, blank=True)
    symbol = models.CharField(max_length=12, blank=True)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    numerator = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="numerator_of"
    )
    denominator = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="denominator_of"
    )
    weight = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="weight_of",
        help_text="by what completeness is weighed",
    )
    scale = models.FloatField(default=1.0, help_text="a ratio is multiplied by it: 100 for %")
    decimals = models.PositiveSmallIntegerField(default=0)
    formula = models.TextField(blank=True, help_text="an expression over keys of indicators")
    minimum = models.FloatField(null=True, help_text="the lowest figure there can be")
    maximum = models.FloatField(null=True, help_text="the highest figure there can be")
    band_low = models.FloatField(
        null=True, help_text="where better is within a band: its lower end"
    )
    band_high = models.FloatField(null=True)
    peers_by = models.JSONField(
        default=list, help_text="keys of the indicators by which places are similar"
    )
    reporting_tier = models.CharField(
        max_length=40, blank=True, help_text="key of the tier whose lowest units report"
    )
    reports_itself = models.BooleanField(
        default=False, help_text="a unit's value is its own, no total of its children's"
    )
    span = models.CharField(max_length=8, default="year", help_text="length of its periods")
    over_time = models.CharField(max_length=8, default="none", help_text="how periods add up")
    source_en = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)

    class Meta:
        ordering = ["scheme", "key"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "key"], name="indicator_key"),
            models.CheckConstraint(
                condition=~Q(kind="ratio") | Q(numerator__isnull=False, denominator__isnull=False),
                name="ratio_has_both_parts",
            ),
            models.CheckConstraint(
                condition=~Q(kind="formula") | ~Q(formula=""), name="formula_is_written"
            ),
            models.CheckConstraint(
                condition=~Q(direction="band") | Q(band_high__gt=F("band_low")),
                name="desired_band_is_stated",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def source(self) -> str:
        return localized(self, "source")

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def definition(self) -> str:
        return localized(self, "definition")

    @property
    def unit(self) -> str:
        return localized(self, "unit")


class Bridge(models.Model):
    """衔接: what turns an indicator's figures of one edition into those of another, as its
    source states it. An overlap takes it from the figures of a period that both have."""

    class Kind(models.TextChoices):
        SHIFT = "shift"
        FACTOR = "factor"
        OVERLAP = "overlap"

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="bridges")
    origin = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="bridges_from")
    onto = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="bridges_to")
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, related_name="+", help_text="none: every place"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = models.FloatField(null=True, help_text="of a shift, in the unit; of a factor")
    period = models.CharField(max_length=10, blank=True, help_text="of an overlap")
    link = models.CharField(
        max_length=8, blank=True, help_text="an overlap links by shift or factor"
    )
    source_en = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)
    support = models.CharField(max_length=200, blank=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    illustrative = models.BooleanField(default=False)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["indicator", "origin", "onto"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "origin", "onto", "place"],
                name="one_bridge_a_crossing",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(origin=F("onto")), name="bridge_joins_two_editions"
            ),
            models.CheckConstraint(
                condition=Q(kind="overlap", amount__isnull=True, link__in=["shift", "factor"])
                & ~Q(period="")
                | Q(kind__in=["shift", "factor"], amount__isnull=False, period="", link=""),
                name="bridge_says_how",
            ),
        ]

    @property
    def source(self) -> str:
        return localized(self, "source")

    def __str__(self) -> str:
        return f"{self.indicator}: {self.origin} → {self.onto}"

    @property
    def note(self) -> str:
        return localized(self, "note")


class Thread(models.Model):
    """要素脉络: an element across the versions of its plan. It is what bodies are assigned,
    what places refine and what is followed, for the text of an element changes and is
    never edited."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="threads")
    key = models.SlugField(max_length=80)

    class Meta:
        ordering = ["plan", "key"]
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="thread_key_in_plan")]

    def __str__(self) -> str:
        return f"{self.plan.key}/{self.key}"


class Element(models.Model):
    """A part of a plan's version, traced to the paragraph it came from."""

    class Kind(models.TextChoices):
        STRAND = "strand"
        GOAL = "goal"
        INDICATOR = "indicator"
        TASK = "task"
        REFORM_MEASURE = "reform_measure"
        POLICY = "policy"
        MAJOR_PROJECT = "major_project"
        KEY_PROJECT = "key_project"
        ARRANGEMENT = "arrangement"

    class Bindingness(models.TextChoices):
        BINDING = "binding"
        EXPECTED = "expected"
        NONE = "none"

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="elements")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="elements")
    key = models.SlugField(max_length=80)
    number = models.CharField(max_length=40, blank=True, help_text="as printed")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    position = models.PositiveIntegerField(help_text="in reading order over the version")
    depth = models.PositiveSmallIntegerField()
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300, blank=True)
    text_en = models.TextField(blank=True)
    text_zh = models.TextField(blank=True)
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="elements")
    paragraph = models.CharField(max_length=200, blank=True)
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, null=True, related_name="elements"
    )
    bindingness = models.CharField(
        max_length=8, choices=Bindingness.choices, default=Bindingness.NONE
    )
    completion_en = models.TextField(blank=True, help_text="completion criterion 成果形式")
    completion_zh = models.TextField(blank=True)
    deadline = models.DateField(null=True)
    illustrative = models.BooleanField(default=False)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["version", "position"]
        indexes = [
            GinIndex(
                SearchWords("title_en", "title_zh", "text_en", "text_zh"), name="element_by_words"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="element_key_in_version"),
            models.UniqueConstraint(fields=["version", "position"], name="element_position"),
            models.UniqueConstraint(fields=["version", "thread"], name="thread_once_a_version"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def text(self) -> str:
        return localized(self, "text")

    @property
    def completion(self) -> str:
        return localized(self, "completion")


class Responsibility(models.Model):
    """A body's part in an element, as printed."""

    class Role(models.TextChoices):
        LEAD = "lead"
        COORDINATING = "coordinating"
        SUPPORT = "support"

    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="responsibilities")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="responsibilities")
    role = models.CharField(max_length=12, choices=Role.choices)
    duty_en = models.TextField(blank=True)
    duty_zh = models.TextField(blank=True)
    due = models.DateField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["element", "role", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["element", "body", "role"], name="one_role_once_per_body"
            ),
            models.UniqueConstraint(
                fields=["element"], condition=Q(role="coordinating"), name="one_coordinating_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.role} {self.element}"

    @property
    def duty(self) -> str:
        return localized(self, "duty")


class Target(models.Model):
    """目标值: what an indicator shall be at a place by the end of a period."""

    class Operator(models.TextChoices):
        GE = "ge", "≥"
        LE = "le", "≤"
        EQ = "eq", "="
        ABOUT = "about", "≈"
        RANGE = "range", "range"
        PLUS = "plus", "+"
        MINUS = "minus", "−"
        DIRECTION = "direction", "direction only"

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="targets")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="targets")
    operator = models.CharField(max_length=10, choices=Operator.choices)
    value = models.FloatField(null=True)
    upper = models.FloatField(null=True, help_text="upper end of a range")
    strict = models.BooleanField(default=False, help_text="more (less) than, not at least")
    percent = models.BooleanField(default=False, help_text="an increment in per cent of baseline")
    tolerance = models.FloatField(null=True, help_text="of = and ≈, in the unit")
    tolerance_share = models.FloatField(null=True, help_text="of = and ≈, as a share of the value")
    by = models.CharField(max_length=10, help_text="period at whose end it is due")
    baseline_period = models.CharField(max_length=10, blank=True)
    baseline_value = models.FloatField(null=True)
    baseline_source_en = models.TextField(blank=True)
    baseline_source_zh = models.TextField(blank=True)
    no_baseline_en = models.TextField(blank=True, help_text="why there is none")
    no_baseline_zh = models.TextField(blank=True)
    trajectory = models.CharField(max_length=8, default="linear")
    steps = models.JSONField(default=list, help_text="periods and values, in order")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="targets")
    bindingness = models.CharField(max_length=8, choices=Element.Bindingness.choices)
    source_en = models.TextField(blank=True)
    source_zh = models.TextField(blank=True)
    support = models.CharField(max_length=200, blank=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    illustrative = models.BooleanField(default=False)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["version", "indicator", "by"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "indicator", "place", "by"], name="one_target_a_date"
            ),
            models.CheckConstraint(
                condition=Q(operator="direction", value__isnull=True)
                | (~Q(operator="direction") & Q(value__isnull=False)),
                name="target_has_value_or_direction",
            ),
            models.CheckConstraint(
                condition=~Q(operator="range") | Q(upper__gt=F("value")),
                name="target_range_has_upper_end",
            ),
            models.CheckConstraint(
                condition=Q(tolerance__isnull=True, tolerance_share__isnull=True)
                | Q(operator__in=["eq", "about"]),
                name="only_a_number_to_hit_has_tolerance",
            ),
        ]

    @property
    def source(self) -> str:
        return localized(self, "source")

    @property
    def baseline_source(self) -> str:
        return localized(self, "baseline_source")

    @property
    def note(self) -> str:
        return localized(self, "note")

    @property
    def no_baseline(self) -> str:
        return localized(self, "no_baseline")

    def __str__(self) -> str:
        return f"{self.indicator} {self.get_operator_display()} {self.value} {self.by}"
