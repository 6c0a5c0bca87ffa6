"""How credentials come to their holders: made for whole fleets, offered to wallets."""

from django.db import models
from django.db.models import F, Q

from trustedtruck.carriers.models import Carrier
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials.models.credentials import Credential


class BulkJob(models.Model):
    """Credentials for a whole fleet, made in portions by a worker; it resumes where it stopped.

    `position` is the last subject done (`kind`, id), in the order of `services.bulk`.
    """

    class Action(models.TextChoices):
        ISSUE = "issue", "issue to all that have none"
        RENEW = "renew", "renew all that are active"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="bulk_jobs")
    action = models.CharField(max_length=8, choices=Action)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    requested_by = models.JSONField()
    requested_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    position_kind = models.CharField(max_length=8, blank=True, default="")
    position_id = models.BigIntegerField(default=0)
    worked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carrier"],
                condition=Q(state__in=("waiting", "running")),
                name="bulk_job_one_at_work_per_carrier",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), finished_at__isnull=True)
                | Q(state__in=("done", "failed"), finished_at__isnull=False),
                name="bulk_job_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="bulk_job_done_within_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.done}/{self.total}"


class WalletOffer(models.Model):
    """An offer of a driver's credential to their wallet (OpenID4VCI, pre-authorised code).

    Code, PIN and token are stored as hashes. One offer gives one credential, to one holder key.
    """

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="wallet_offers")
    code_sha256 = models.BinaryField(max_length=32, unique=True)
    pin_sha256 = models.BinaryField(max_length=32)
    token_sha256 = models.BinaryField(max_length=32, null=True, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True, blank=True)
    holder_kid = models.CharField(max_length=43, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(collected_at__isnull=True, holder_kid="")
                | (Q(collected_at__isnull=False) & ~Q(holder_kid="")),
                name="wallet_offer_collected_by_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="wallet_offer_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"offer of {self.credential_id}"
