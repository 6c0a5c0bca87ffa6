"""Notices to a carrier, and the webhooks that carry them to its own system."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.models.pairs import together
from trustedtruck.carriers.topics import Topic
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedToken


class Notice(models.Model):
    """Something that a carrier should know. The words for `code` are in `carriers.notices`."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.CASCADE, related_name="notices")
    topic = models.CharField(max_length=32, choices=Topic)
    code = models.CharField(max_length=48)
    data = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["carrier", "-at"], name="notice_by_carrier")]

    def __str__(self) -> str:
        return self.code


class WebhookEndpoint(models.Model):
    """An address of the carrier's own system. `sealed_secret` is the signing secret, encrypted."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=300)
    topics = ArrayField(models.CharField(max_length=32, choices=Topic))
    sealed_secret = SealedToken()
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            together("ended", "webhook_ended_by_whom_and_when"),
            models.UniqueConstraint(
                fields=["carrier", "url"],
                condition=Q(ended_at__isnull=True),
                name="webhook_address_once_per_carrier",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One message to one address: `message_id` stays the same over retries and replays."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=64)
    topic = models.CharField(max_length=32)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "message_id"], name="delivery_once_per_message"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | (~Q(state="waiting") & Q(next_attempt_at__isnull=True)),
                name="delivery_waits_for_an_instant",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="delivery_by_turn")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"
