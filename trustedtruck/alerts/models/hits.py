"""What was found: filings as a new alert looks at them, and hits on filings and arrivals."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from trustedtruck.alerts.models.alerts import Alert
from trustedtruck.alerts.models.keys import FilingKeysField
from trustedtruck.alerts.states import HitState
from trustedtruck.carriers.models.pairs import together
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedJSONField


class Filing(models.Model):
    """What a filing says, in values that alerts can be on. Gone some weeks after it is over.

    `values` are (kind, value) pairs, people among them, and sealed; `keys` are what they answer to,
    made from them. `open` until the trip is over.
    """

    ref = models.CharField(max_length=25, primary_key=True)
    port_code = models.CharField(max_length=4)
    scac = models.CharField(max_length=4)
    values = SealedJSONField()
    keys = FilingKeysField()
    open = models.BooleanField()
    screened_at = models.DateTimeField()

    class Meta:
        indexes = [
            GinIndex(fields=["keys"], name="filing_open_by_key"),
            models.Index(fields=["screened_at"], name="filing_by_time"),
        ]

    def __str__(self) -> str:
        return self.ref


class Hit(models.Model):
    """An alert and what matched it: a filing (`trip`, its number) or an arrival (its id).

    `signature` names what matched and whose it was: once dismissed, the same is not held against
    the next truck again. `matched` are the (kind, value) pairs, as the truck or filing had them;
    sealed, and null once they were purged (`alerts.retention`).
    """

    class Subject(models.TextChoices):
        TRIP = "trip", "trip"
        ARRIVAL = "arrival", "arrival"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="hits")
    subject_kind = models.CharField(max_length=8, choices=Subject)
    ref = models.CharField(max_length=40)
    port_code = models.CharField(max_length=4, blank=True, default="")
    signature = models.CharField(max_length=64)
    matched: Any = SealedJSONField(null=True)
    close = models.BooleanField()
    state = models.CharField(max_length=10, choices=HitState)
    at = models.DateTimeField(db_default=Now())
    judged_by = models.CharField(max_length=64, blank=True, default="")
    judged_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "subject_kind", "ref"], name="hit_once_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(state__in=HitState.values), name="hit_state_is_known"
            ),
            together("judged", "hit_judged_by_whom_and_when"),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | (Q(judged_at__isnull=False) & ~Q(note="")),
                name="hit_dismissed_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "ref"], name="hit_by_subject"),
            models.Index(fields=["-at"], name="hit_by_time"),
            models.Index(
                fields=["alert", "signature"],
                condition=Q(state="dismissed"),
                name="hit_dismissed_by_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.ref}"
