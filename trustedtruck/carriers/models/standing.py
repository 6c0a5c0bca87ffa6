"""A carrier's standing: site visits, measures against it, corrective plans, appeals."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.models.pairs import together
from trustedtruck.carriers.states import AppealState, MeasureState, PlanState
from trustedtruck.core.ids import uuid7


class SiteVisit(models.Model):
    """A validation (within a year of certification) or a revalidation (every four years)."""

    class Kind(models.TextChoices):
        VALIDATION = "validation", _("First validation")
        REVALIDATION = "revalidation", _("Revalidation")

    class Outcome(models.TextChoices):
        PASSED = "passed", _("passed")
        BEST_PRACTICE = "best_practice", _("exceeds the criteria")
        ACTIONS = "actions", _("passed, with actions required")
        FAILED = "failed", _("failed")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=12, choices=Kind)
    due_date = models.DateField()
    overdue_at = models.DateTimeField(null=True, blank=True)
    visited_date = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True, default="")
    report = models.TextField(blank=True, default="")
    findings = models.JSONField(default=list)
    reported_by = models.CharField(max_length=64, blank=True, default="")
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            together("reported", "visit_reported_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True)
                | (Q(visited_date__isnull=False) & ~Q(outcome="") & ~Q(report="")),
                name="visit_report_is_whole",
            ),
            models.UniqueConstraint(
                fields=["carrier"],
                condition=Q(reported_at__isnull=True),
                name="visit_one_due_per_carrier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.carrier_id}"


class Measure(models.Model):
    """One step of the graded schedule of sanctions, with its written reasons."""

    class Grade(models.TextChoices):
        WARNING = "warning", _("Warning")
        PRIVILEGES = "privileges", _("Temporary loss of privileges")
        SUSPENSION = "suspension", _("Suspension")
        REMOVAL = "removal", _("Removal from the programme")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="measures")
    grade = models.CharField(max_length=12, choices=Grade)
    state = models.CharField(max_length=12, choices=MeasureState)
    reasons = models.TextField()
    ends_date = models.DateField(null=True, blank=True)
    imposed_by = models.CharField(max_length=64)
    imposed_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=64, blank=True, default="")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reasons = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            together("lifted", "measure_lifted_by_whom_and_when"),
            models.CheckConstraint(condition=~Q(reasons=""), name="measure_has_written_reasons"),
            models.CheckConstraint(
                condition=~Q(grade="privileges") | Q(ends_date__isnull=False),
                name="measure_loss_of_privileges_ends",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reasons=""),
                name="measure_lifted_with_written_reasons",
            ),
            models.UniqueConstraint(
                fields=["carrier"],
                condition=Q(state="in_force", grade__in=["privileges", "suspension", "removal"]),
                name="measure_one_that_bars_per_carrier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} {self.carrier_id}"


class CorrectivePlan(models.Model):
    """What a carrier will do so that a measure can be lifted; it consents to unannounced visits."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="plans")
    state = models.CharField(max_length=10, choices=PlanState)
    cause = models.TextField()
    consents_to_visits = models.BooleanField()
    filed_by = models.CharField(max_length=64)
    filed_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=64, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_reasons = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            together("reviewed", "plan_reviewed_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(consents_to_visits=True), name="plan_consents_to_visits"
            ),
            models.UniqueConstraint(
                fields=["measure"],
                condition=Q(state__in=["filed", "accepted"]),
                name="plan_one_open_per_measure",
            ),
        ]

    def __str__(self) -> str:
        return f"plan for {self.measure_id}"


class CorrectiveAction(models.Model):
    """One step of a plan, with its date."""

    plan = models.ForeignKey(CorrectivePlan, models.CASCADE, related_name="actions")
    text = models.TextField()
    due_date = models.DateField()
    done_by = models.CharField(max_length=64, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [together("done", "action_done_by_whom_and_when")]

    def __str__(self) -> str:
        return self.text[:60]


class Appeal(models.Model):
    """A carrier asks another officer to look again.

    Against a measure, a rejected application, or the decision on one arrival (by its id: arrivals
    live further up in the house). `contested_by` took that decision and may not judge the appeal.
    """

    class Against(models.TextChoices):
        MEASURE = "measure", _("a sanction")
        APPLICATION = "application", _("the rejection of an application")
        CROSSING = "crossing", _("the decision on a crossing")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="appeals")
    against = models.CharField(max_length=12, choices=Against)
    subject_id = models.CharField(max_length=64)
    contested_by = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=AppealState)
    text = models.TextField()
    filed_by = models.CharField(max_length=64)
    filed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reasons = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            together("decided", "appeal_decided_by_whom_and_when"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("contested_by")), name="appeal_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | ~Q(decision_reasons=""),
                name="appeal_decided_with_written_reasons",
            ),
            models.UniqueConstraint(
                fields=["against", "subject_id"], name="appeal_once_per_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.against} {self.subject_id}"
