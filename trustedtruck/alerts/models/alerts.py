"""An alert (the Warning of the WCO's message kinds), what it is on, and the index over that."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.kinds import MAX_NAME, Kind
from trustedtruck.alerts.marks import Mark
from trustedtruck.alerts.models.keys import TermKeyField, ValueMarkField
from trustedtruck.alerts.states import AlertState
from trustedtruck.carriers.models.pairs import together
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedCharField, SealedJSONField, SealedTextField


class Category(models.TextChoices):
    NARCOTICS = "narcotics", _("narcotics")
    SMUGGLING = "human_smuggling", _("human smuggling")
    TRANSSHIPMENT = "transshipment", _("transshipment")
    FALSE_ORIGIN = "false_origin", _("false origin")
    DUTY_EVASION = "duty_evasion", _("evasion of anti-dumping or countervailing duties")
    INTELLECTUAL_PROPERTY = "intellectual_property", _("intellectual property")
    CONSUMER_SAFETY = "consumer_safety", _("consumer safety")
    PEST = "agricultural_pest", _("agricultural pest")


class Severity(models.TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


class Alert(models.Model):
    """An agency's warning. In force from `valid_from` until `valid_until` (exclusive; null: open).

    `reason` is for those who may see the alert and can name anybody; it is sealed. `instruction` is
    for whoever meets the truck.
    `matched_at` is when the trucks that were here had been looked at. `origin_ref` is the sender's
    own id where a partner sent it; `version` counts the alert's changes.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="alerts")
    origin_ref = models.CharField(max_length=100, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    category = models.CharField(max_length=32, choices=Category)
    severity = models.CharField(max_length=8, choices=Severity)
    mark = models.CharField(max_length=12, choices=Mark)
    state = models.CharField(max_length=10, choices=AlertState)
    reason = SealedTextField(max_length=4000)
    instruction = models.TextField(max_length=2000)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    review_date = models.DateField()
    issued_by = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    matched_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=64, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AlertState.values), name="alert_state_is_known"
            ),
            models.CheckConstraint(condition=Q(mark__in=Mark.values), name="alert_mark_is_of_tlp"),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="alert_category_is_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="alert_severity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="alert_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(instruction=""), name="alert_says_what_to_do"),
            models.CheckConstraint(
                condition=Q(state="active", ended_at__isnull=True)
                | (~Q(state="active") & Q(ended_at__isnull=False)),
                name="alert_not_in_force_has_ended",
            ),
            together("reviewed", "alert_reviewed_by_whom_and_when"),
            together("ended", "alert_ended_by_whom_and_when"),
            models.UniqueConstraint(
                fields=["owner", "origin_ref"],
                condition=~Q(origin_ref=""),
                name="alert_of_a_partner_is_kept_once",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-changed_at"], name="alert_by_owner"),
            models.Index(
                fields=["valid_from"],
                condition=Q(state="active", matched_at__isnull=True),
                name="alert_active_unmatched",
            ),
            models.Index(
                fields=["valid_until"],
                condition=Q(state="active", valid_until__isnull=False),
                name="alert_active_by_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Criterion(models.Model):
    """One thing that an alert is on. All of one `clause` must hold; one whole clause is a match.

    `value` can name a person, and is sealed; `value_mark` stands for it.
    """

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="criteria")
    clause = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    value = SealedCharField(max_length=MAX_NAME)
    value_mark = ValueMarkField()

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ["clause", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "clause", "kind", "value_mark"], name="criterion_once_in_clause"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="criterion_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Term(models.Model):
    """The index of matching, made from the criteria: one row for each key that leads to a clause.

    `kind` and `key` are the most telling criterion's; `slot` 0 is its own key, the others are those
    that names close to it share (`kinds.keys_on`). `others` are the keys of the clause's other
    criteria that are no names. `names` are all of its names as (kind, value), the most telling
    first, or null; sealed. Written by the services in the transaction of the alert, after the lock
    that `lanes_commit` takes too.
    """

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="terms")
    clause = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)
    slot = models.PositiveSmallIntegerField(default=0)
    key = TermKeyField(max_length=160)
    others = ArrayField(models.CharField(max_length=160), default=list)
    names: Any = SealedJSONField(null=True)
    active = models.BooleanField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "alerts_term"
        indexes = [
            models.Index(
                "key",
                Coalesce("others__0", Value("")),
                condition=Q(active=True),
                name="term_by_key_and_first_other",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slot}"
