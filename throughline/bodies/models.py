"""Who there is: bodies and the relations between them, posts, people, and their keys."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from throughline.bodies.rules import BodyKind, Duty, RelationKind, Scope
from throughline.kernel import clock
from throughline.kernel.search import SearchWords
from throughline.kernel.words import localized
from throughline.places.models import Place
from throughline.ui.writing import is_chinese

BODY_KINDS = [
    (BodyKind.GOVERNMENT.value, _("government")),
    (BodyKind.DEPARTMENT.value, _("department")),
    (BodyKind.OFFICE.value, _("office")),
    (BodyKind.PARTY_ORGAN.value, _("party organ")),
    (BodyKind.COURT.value, _("court")),
    (BodyKind.PEOPLES_ORGANISATION.value, _("people’s organisation")),
    (BodyKind.ENTERPRISE.value, _("enterprise")),
    (BodyKind.CORPS.value, _("corps")),
    (BodyKind.INSTITUTION.value, _("public institution")),
    (BodyKind.OTHER.value, _("other body")),
]
RELATION_KINDS = [
    (RelationKind.LEADS.value, _("leads")),
    (RelationKind.GUIDES.value, _("guides")),
    (RelationKind.VERTICAL.value, _("vertical")),
    (RelationKind.DUAL.value, _("dual")),
]
DUTIES = [
    (Duty.COORDINATE.value, _("coordinate")),
    (Duty.REPORT.value, _("report")),
    (Duty.REVIEW.value, _("review")),
    (Duty.SIGN.value, _("sign")),
    (Duty.MANAGE_PLAN.value, _("manage the plan")),
    (Duty.DECIDE.value, _("decide")),
    (Duty.READ.value, _("read")),
    (Duty.AUDIT.value, _("audit")),
    (Duty.ADMINISTER.value, _("administer")),
]
SCOPES = [
    (Scope.READ.value, _("read what I may see")),
    (Scope.FIGURES_WRITE.value, _("record figures")),
    (Scope.PLANS_WRITE.value, _("change plans")),
    (Scope.BODIES_WRITE.value, _("change bodies, posts and people")),
    (Scope.REMARKS_WRITE.value, _("remark and attach")),
    (Scope.JOURNAL_READ.value, _("read the journal")),
]


def opaque_id() -> str:
    """A name for a person that says nothing about the person."""
    return uuid4().hex


class Valid(models.Model):
    """Holds from a day on, and up to but not including another; empty means open."""

    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


def ends_after_it_begins(name: str) -> models.CheckConstraint:
    """The constraint on validity that every table with validity bears."""
    return models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name=name)


class Body(Valid):
    """机构: a department, government, party organ, court, enterprise … that can owe tasks."""

    key = models.SlugField(max_length=80, unique=True)
    name_en = models.CharField(max_length=300)
    name_zh = models.CharField(max_length=300, blank=True)
    short_en = models.CharField(max_length=300, blank=True)
    short_zh = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=24, choices=BODY_KINDS)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="bodies")
    illustrative = models.BooleanField(default=False, help_text="made up for the demo")
    one_step = models.BooleanField(
        default=False, help_text="small: one person may prepare, review and sign"
    )
    sort_key = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["sort_key", "key"]
        verbose_name_plural = "bodies"
        indexes = [
            GinIndex(
                SearchWords("key", "name_en", "name_zh", "short_en", "short_zh"),
                name="body_by_words",
            )
        ]
        constraints = [ends_after_it_begins("body_ends_after_it_begins")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its full name in the reader's language."""
        return localized(self, "name")

    @property
    def short(self) -> str:
        """Its short name in the reader's language, else the full one."""
        return localized(self, "short") or self.name


class BodyAlias(models.Model):
    """Another name by which documents call a body."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=300, db_index=True)

    class Meta:
        verbose_name_plural = "body aliases"
        indexes = [GinIndex(SearchWords("alias"), name="body_alias_by_words")]
        constraints = [models.UniqueConstraint(fields=["body", "alias"], name="alias_once_a_body")]

    def __str__(self) -> str:
        return self.alias


class Relation(Valid):
    """领导 leads, 业务指导 guides, 垂直管理 vertical, 双重领导 dual. None is 不相隶属."""

    superior = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="relations_below")
    subordinate = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="relations_above")
    kind = models.CharField(max_length=8, choices=RELATION_KINDS)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["superior", "subordinate", "kind", "valid_from"],
                name="relation_once_from_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(superior=F("subordinate")), name="no_relation_to_itself"
            ),
            ends_after_it_begins("relation_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.superior} {self.kind} {self.subordinate}"


class Post(models.Model):
    """职务: a capacity in a body. Acts are done in a capacity, not by a name."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="posts")
    key = models.SlugField(max_length=80)
    title_en = models.CharField(max_length=200)
    title_zh = models.CharField(max_length=200, blank=True)
    duties = ArrayField(models.CharField(max_length=12, choices=DUTIES), default=list)

    class Meta:
        ordering = ["body", "key"]
        constraints = [models.UniqueConstraint(fields=["body", "key"], name="post_key_in_body")]

    def __str__(self) -> str:
        if is_chinese(get_language() or "en"):
            return f"{self.body} {self.title}"
        return f"{self.title}, {self.body}"

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return localized(self, "title")


class People(BaseUserManager["Person"]):
    """Looks people up by login; they are made by actions alone."""


class Person(AbstractBaseUser):
    """One who can sign in. Says nothing about who it is: that stands in `PersonDetails`."""

    personal_fields: ClassVar[frozenset[str]] = frozenset({"login", "password"})

    last_login = None  # signing in is an act on record; no second, changeable copy of it

    opaque = models.CharField(max_length=32, unique=True, default=opaque_id, editable=False)
    login = models.CharField(max_length=150, unique=True)
    is_active = models.BooleanField(default=True)
    one_time_until = models.DateTimeField(
        null=True, help_text="the password is one-time: it counts until then, to choose another"
    )
    language = models.CharField(max_length=10, blank=True)
    demo = models.BooleanField(default=False, help_text="shown with its password at the sign-in")

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = People()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(login__regex=r"^[a-z0-9][a-z0-9._@-]*$"), name="login_in_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.opaque


class PersonDetails(models.Model):
    """The only table with names and contacts, so that a person can be forgotten."""

    personal_fields: ClassVar[frozenset[str]] = frozenset({"name", "name_en", "email", "phone"})

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, primary_key=True, related_name="details"
    )
    name = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    blanked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "person details"
        indexes = [GinIndex(SearchWords("name", "name_en"), name="person_by_words")]
        constraints = [
            models.CheckConstraint(
                condition=Q(blanked_at__isnull=True) | Q(name="", name_en="", email="", phone=""),
                name="blanked_means_blank",
            )
        ]

    def __str__(self) -> str:
        chinese = (get_language() or "en").startswith("zh")
        names = (self.name, self.name_en) if chinese else (self.name_en, self.name)
        return next((name for name in names if name), self.person.opaque)


class Holding(models.Model):
    """任职: a post held by a person from a day on, up to but not including another."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["valid_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "person"],
                condition=Q(valid_to__isnull=True),
                name="one_open_holding_of_a_post",
            ),
            ends_after_it_begins("holding_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.person} {self.valid_from}"


class Token(models.Model):
    """A key for programs: acts as one person in one post, narrowed by scopes, for a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, help_text="by which its holder recognises it")
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=SCOPES))
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contains=[Scope.READ.value]), name="token_reads"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def counts(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and clock.now() < self.expires_at


class SignInAttempt(models.Model):
    """One try at signing in, for throttling. Holds no login and no address, only keyed
    digests: people type passwords into the wrong field. `success` is empty while it runs."""

    login_hash = models.CharField(max_length=64)
    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    success = models.BooleanField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["login_hash", "at"], name="attempt_by_login"),
            models.Index(fields=["address_hash", "at"], name="attempt_by_address"),
            models.Index(fields=["at"], name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.success}"
