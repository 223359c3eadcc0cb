"""Jurisdictions over time: codes, names, tiers, who lies in whom, what followed what."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from throughline.kernel.search import SearchWords
from throughline.kernel.words import localized

VALIDITY = Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))


class Scheme(models.Model):
    """One country's (or organisation's) division of space."""

    key = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text="grows with every change")

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return localized(self, "name")


class Tier(models.Model):
    """层级: nation, province … ; level 0 is the top."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="tiers")
    key = models.SlugField(max_length=40)
    level = models.PositiveSmallIntegerField()
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80, blank=True)
    plural_en = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["scheme", "level"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "key"], name="tier_key"),
            models.UniqueConstraint(fields=["scheme", "level"], name="tier_level"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return localized(self, "name")

    @property
    def plural(self) -> str:
        """The name of several units; in Chinese the same."""
        return self.plural_en or self.name if self.name == self.name_en else self.name


class Place(models.Model):
    """A jurisdiction under one code, as long as it is valid (`valid_to` excluded)."""

    class Kind(models.TextChoices):
        REGULAR = "regular"
        ZONE = "zone"
        HEADING = "heading"
        OUTSIDE = "outside"

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="places")
    code = models.CharField(max_length=20)
    name_en = models.CharField(max_length=200, blank=True)
    name_zh = models.CharField(max_length=200, blank=True)
    sort_key = models.CharField(max_length=300, db_index=True, help_text="pinyin, or the name")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="places")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REGULAR)
    official = models.BooleanField(default=True, help_text="its code stands in an official list")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    column = models.PositiveSmallIntegerField(null=True, help_text="of its tile on the map")
    row = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)
    act = models.BigIntegerField(
        null=True, help_text="that put it on record; empty: known from the beginning"
    )

    class Meta:
        ordering = ["scheme", "code", "valid_from"]
        indexes = [
            GinIndex(SearchWords("code", "name_en", "name_zh", "sort_key"), name="place_by_words")
        ]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code", "valid_from"], name="place_code"),
            models.CheckConstraint(condition=VALIDITY, name="place_validity"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")


class PlaceName(models.Model):
    """Another name that a place bore or is known by."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="other_names")
    name = models.CharField(max_length=200, db_index=True)

    class Meta:
        indexes = [GinIndex(SearchWords("name"), name="place_name_by_words")]
        constraints = [models.UniqueConstraint(fields=["place", "name"], name="place_name_once")]

    def __str__(self) -> str:
        return self.name


class Parentage(models.Model):
    """In which place a place lies, and when."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="parentages")
    parent = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="childhoods")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "valid_from"], name="one_parent_at_a_time"),
            models.CheckConstraint(condition=VALIDITY, name="parentage_validity"),
            models.CheckConstraint(condition=~Q(place=F("parent")), name="not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} in {self.parent_id}"


class Closure(models.Model):
    """Every pair of a place and one above it (itself included), while both facts hold."""

    ancestor = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="below")
    descendant = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="above")
    distance = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["ancestor", "descendant"], name="closure_down"),
            models.Index(fields=["descendant", "ancestor"], name="closure_up"),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor_id} over {self.descendant_id}"


class Succession(models.Model):
    """What a place became. Weights of one origin add up to 1 where they are known."""

    class Kind(models.TextChoices):
        RENAME = "rename"
        RECODE = "recode"
        UPGRADE = "upgrade"
        MERGE = "merge"
        SPLIT = "split"
        TRANSFER = "transfer"
        UNKNOWN = "unknown"

    origin = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="became")
    successor = models.ForeignKey(
        Place, on_delete=models.CASCADE, null=True, related_name="came_from"
    )
    date = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    weight = models.FloatField(null=True)
    doubtful = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "successor"], name="succession_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin_id} {self.kind} {self.successor_id}"


class Grouping(models.Model):
    """A way of grouping places: clusters, metropolitan areas, size classes, greater regions."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="groupings")
    key = models.SlugField(max_length=60)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    computed_from = models.SlugField(
        max_length=80, blank=True, help_text="the indicator whose value makes the class"
    )
    divides = models.SlugField(
        max_length=40, blank=True, help_text="the tier of which each unit is in exactly one group"
    )
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "key"], name="grouping_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return localized(self, "name")


class Group(models.Model):
    """One group; of a computed grouping, from its lower bound (included) upwards."""

    grouping = models.ForeignKey(Grouping, on_delete=models.CASCADE, related_name="groups")
    key = models.SlugField(max_length=60)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    at_least = models.FloatField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["grouping", "position"]
        constraints = [models.UniqueConstraint(fields=["grouping", "key"], name="group_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return localized(self, "name")


class Membership(models.Model):
    """A place's belonging to a group, and when."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="memberships")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "place", "valid_from"], name="membership_once"
            ),
            models.CheckConstraint(condition=VALIDITY, name="membership_validity"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} in {self.group_id}"
