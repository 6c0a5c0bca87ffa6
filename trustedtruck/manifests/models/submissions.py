"""Messages as they came in, so that each is answered once and large ones can wait."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from trustedtruck.carriers.models import Carrier
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedBytesField


class Submission(models.Model):
    """One message of one sender. (`sender`, `kind`, `key`) is what makes a repeat a repeat.

    `result` is the answer as JSON; `reply` is the answer as X12, where the message was X12.
    """

    class Kind(models.TextChoices):
        JSON = "json", "JSON"
        X12 = "x12", "X12"
        CSV = "csv", "CSV"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        ACCEPTED = "accepted", "accepted"
        REJECTED = "rejected", "rejected"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    sender = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=80)
    body = SealedBytesField()
    body_sha256 = models.BinaryField(max_length=32)
    options = models.JSONField(default=dict)
    actor = models.JSONField()
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, blank=True)
    port_code = models.CharField(max_length=4, blank=True, default="")
    trip_number = models.CharField(max_length=25, blank=True, default="")
    state = models.CharField(max_length=16, choices=State)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    reply = models.TextField(blank=True, default="")
    received_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "kind", "key"], name="submission_once_per_sender"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at__isnull=True)
                | (~Q(state="waiting") & Q(finished_at__isnull=False)),
                name="submission_finished_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(state="waiting"), name="submission_waiting"
            ),
            models.Index(
                fields=["trip_number"], condition=~Q(trip_number=""), name="submission_by_trip"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
