"""Partners, agreements with them, what was released to them and what came from them."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.marks import RELEASABLE, Mark
from trustedtruck.alerts.models.alerts import Alert, Category
from trustedtruck.alerts.states import InboundState
from trustedtruck.carriers.models.pairs import together
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedJSONField, SealedToken


class Partner(models.Model):
    """An agency with a system of its own. What one system sends, the other's `inbox` receives.

    `sealed_secret` is what its inbox gave us to sign with, `sealed_inbox_secret` what ours gave it.
    `pushed` is the last release that its inbox confirmed; releases go out in order, one after the
    other, and wait while it does not answer.
    """

    agency = models.OneToOneField(
        Agency, models.PROTECT, primary_key=True, related_name="partnership"
    )
    inbox_url = models.URLField(max_length=300, blank=True, default="")
    sealed_secret = SealedToken(blank=True, default="")
    sealed_inbox_secret = SealedToken(blank=True, default="")
    messages_per_minute = models.PositiveIntegerField(default=600)
    registered_by = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    pushed = models.BigIntegerField(default=0)
    push_failures = models.PositiveSmallIntegerField(default=0)
    next_push_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(messages_per_minute__gt=0), name="partner_may_send_something"
            ),
        ]

    def __str__(self) -> str:
        return self.agency_id


class Field(models.TextChoices):
    """What an agreement may release beyond what every copy has. The last four can name persons."""

    CARRIER = "carrier", _("carriers, by their identifiers")
    VEHICLE = "vehicle", _("trucks, trailers, plates, tags, VINs")
    CARGO = "cargo", _("containers, seals, commodity codes, origin, route")
    INSTRUCTION = "instruction", _("the handling instruction")
    PARTIES = "parties", _("names of shippers, consignees and carriers")
    PERSON = "person", _("names and cards of drivers")
    REASON = "reason", _("the reason, in the officer’s words")
    NOTE = "note", _("notes of feedback and seizures, in the officer’s words")


PERSONAL = frozenset({Field.PARTIES, Field.PERSON, Field.REASON, Field.NOTE})


class Agreement(models.Model):
    """What one partner may receive, and what of it we take from them without asking.

    `accepts` are the categories of its warnings that are accepted by rule; feedback and seizures
    on what was released to it are accepted with it. `looked_at` is the last alert that was there
    before the agreement and has been looked at. The period's end is exclusive; null: open.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=120)
    categories = ArrayField(models.CharField(max_length=32, choices=Category))
    fields = ArrayField(models.CharField(max_length=16, choices=Field), blank=True)
    max_mark = models.CharField(max_length=12, choices=[(m.value, m.label) for m in RELEASABLE])
    looked_at = models.BigIntegerField(default=0)
    accepts = ArrayField(models.CharField(max_length=32, choices=Category), blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(max_mark__in=[m.value for m in RELEASABLE]),
                name="agreement_releases_no_strict_mark",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="agreement_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(categories=[]), name="agreement_is_on_something"),
            together("ended", "agreement_ended_by_whom_and_when"),
        ]

    def __str__(self) -> str:
        return self.title


class Release(models.Model):
    """One copy that a partner may read, made by an agreement; its `seq` is the feed's cursor.

    `payload` is the copy itself: nothing is left out later, so nothing can be forgotten then. It is
    sealed, for an agreement can name persons, and null once it was purged (`alerts.retention`). A
    `recall` tells that an earlier copy must no longer be used; `gone_at` is when a newer copy or a
    recall took this one's place. `refused_at` is when its inbox said
    that it will not take it, `refused_why` its status and its words. `seq` grows with the commits
    (`services.release` takes a lock for each partner), so that a reader misses none.
    """

    class Kind(models.TextChoices):
        WARNING = "warning", _("warning")
        FEEDBACK = "feedback", _("feedback")
        SEIZURE = "seizure", _("seizure")
        RECALL = "recall", _("recall")

    seq = models.BigAutoField(primary_key=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="releases")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="releases")
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=10, choices=Kind)
    subject_id = models.UUIDField()
    version = models.PositiveIntegerField()
    mark = models.CharField(max_length=12, choices=Mark)
    payload: Any = SealedJSONField(null=True)
    withheld = ArrayField(models.CharField(max_length=16), default=list)
    released_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mark__in=[m.value for m in RELEASABLE]),
                name="release_has_no_strict_mark",
            ),
            models.UniqueConstraint(
                fields=["partner", "kind", "subject_id"],
                condition=Q(gone_at__isnull=True) & ~Q(kind="recall"),
                name="release_one_live_copy",
            ),
        ]
        indexes = [
            models.Index(
                fields=["partner", "seq"],
                condition=Q(gone_at__isnull=True),
                name="release_by_partner",
            ),
            models.Index(fields=["alert", "partner"], name="release_by_alert"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.seq}"


class Inbound(models.Model):
    """One message of a partner, as it came. Nothing of it is used before it is accepted.

    `message_id` is the sender's for this sending, `ref` for the thing itself, `version` counts the
    thing's changes. The same message again is answered as before. `body` is sealed, and null once
    it was purged (`alerts.retention`).
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="inbound")
    message_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Release.Kind)
    ref = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    body: Any = SealedJSONField(null=True)
    body_sha256 = models.BinaryField(max_length=32)
    state = models.CharField(max_length=12, choices=InboundState)
    received_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, blank=True, related_name="inbound")

    class Meta:
        verbose_name_plural = "inbound"
        constraints = [
            models.UniqueConstraint(fields=["partner", "message_id"], name="inbound_message_once"),
            models.CheckConstraint(
                condition=Q(state__in=InboundState.values), name="inbound_state_is_known"
            ),
            together("decided", "inbound_decided_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "rejected"], decided_at__isnull=False)
                | Q(state__in=["quarantined", "conflicting"], decided_at__isnull=True),
                name="inbound_is_decided_once",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "ref", "-version"], name="inbound_by_ref"),
            models.Index(fields=["state", "received_at"], name="inbound_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.message_id}"
