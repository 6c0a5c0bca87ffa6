"""One application: the security profile with its answers and evidence, and its review."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.models.pairs import together
from trustedtruck.carriers.states import ApplicationState
from trustedtruck.core.days import western_day
from trustedtruck.core.ids import uuid7


class Application(models.Model):
    """A carrier's way to certification, against one version of one set of criteria.

    `profile_due_at` is the carrier's deadline (30 days; people are told its day, and that counts
    whole), `answer_due_at` the programme's (90 days from the profile). One officer recommends,
    another decides.
    """

    class Advice(models.TextChoices):
        APPROVE = "approve", _("approve")
        REJECT = "reject", _("reject")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="applications")
    criteria_set = models.CharField(max_length=16)
    criteria_version = models.CharField(max_length=16)
    state = models.CharField(max_length=24, choices=ApplicationState)
    opened_at = models.DateTimeField()
    profile_due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=64, blank=True, default="")
    submitted_at = models.DateTimeField(null=True, blank=True)
    advice = models.CharField(max_length=8, choices=Advice, blank=True, default="")
    advice_reasons = models.TextField(blank=True, default="")
    advised_by = models.CharField(max_length=64, blank=True, default="")
    advised_at = models.DateTimeField(null=True, blank=True)
    decision_reasons = models.TextField(blank=True, default="")
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            together("submitted", "application_submitted_by_whom_and_when"),
            together("advised", "application_advised_by_whom_and_when"),
            together("decided", "application_decided_by_whom_and_when"),
            models.UniqueConstraint(
                fields=["carrier"],
                condition=~Q(state__in=["approved", "rejected", "lapsed"]),
                name="application_one_open_per_carrier",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("advised_by")),
                name="application_needs_two_officers",
            ),
            models.CheckConstraint(
                condition=Q(advised_at__isnull=True) | (~Q(advice="") & ~Q(advice_reasons="")),
                name="application_advice_has_its_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(decision_reasons=""),
                name="application_rejected_with_written_reasons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ApplicationState.values), name="application_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="application_by_state")]

    def __str__(self) -> str:
        return f"application of {self.carrier_id} ({self.state})"

    def is_late(self, *, at: datetime) -> bool:
        """Whether the day by which the profile was due is over."""
        return self.profile_due_at.date() < western_day(at)


class Answer(models.Model):
    """What a carrier says to one criterion. `version` grows with each save."""

    class Status(models.TextChoices):
        MET = "met", _("We do this")
        PLANNED = "planned", _("We are introducing it")
        NOT_MET = "not_met", _("We do not do this")
        NOT_APPLICABLE = "not_applicable", _("It does not apply to us")

    application = models.ForeignKey(Application, models.CASCADE, related_name="answers")
    criterion = models.CharField(max_length=16)
    status = models.CharField(max_length=16, choices=Status)
    text = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    changed_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "criterion"], name="answer_once_per_criterion"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["met", "planned", "not_met", "not_applicable"]),
                name="answer_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.status}"


class Evidence(models.Model):
    """A file that shows what an answer says: checked, cleaned, stored outside of the web root.

    `sha256` is over the stored bytes, and also names the file.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence")
    criterion = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "criterion", "sha256"], name="evidence_file_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class InformationRequest(models.Model):
    """What an officer asks for before going on, and the carrier's answer."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="requests")
    text = models.TextField()
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True, default="")
    answered_by = models.CharField(max_length=64, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [together("answered", "information_answered_by_whom_and_when")]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.text[:40]}"


class VettingCheck(models.Model):
    """The stored result of one check of one application. Running a check again replaces its row."""

    class Outcome(models.TextChoices):
        PASS = "pass", _("in order")
        WARN = "warn", _("to be looked at")
        FAIL = "fail", _("not in order")
        UNKNOWN = "unknown", _("could not be checked")

    application = models.ForeignKey(Application, models.CASCADE, related_name="checks")
    code = models.CharField(max_length=32)
    outcome = models.CharField(max_length=8, choices=Outcome)
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "code"], name="check_once_each")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}"
