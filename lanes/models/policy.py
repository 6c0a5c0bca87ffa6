"""A port's policies, and what a draft would have decided otherwise."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from lanes.models.arrivals import Arrival
from lanes.models.port import Port, Route


class Policy(models.Model):
    """One version of a port's policy: drafted by one person, approved by another, then fixed.

    `body` is the JSON of `lanes.rules.policy.Policy` and never changes. The version in force is the
    one whose `effective_from` came last, by the database's clock.
    """

    port = models.ForeignKey(Port, models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    note = models.TextField(blank=True, default="")
    drafted_by = models.CharField(max_length=64)
    drafted_at = models.DateTimeField(db_default=Now())
    approved_by = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    effective_from = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=64, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(
                fields=["port", "version"], name="policy_version_unique_in_port"
            ),
            models.CheckConstraint(
                condition=Q(approved_by="", approved_at__isnull=True, effective_from__isnull=True)
                | (
                    ~Q(approved_by="")
                    & Q(approved_at__isnull=False, effective_from__gte=F("approved_at"))
                ),
                name="policy_takes_effect_only_when_approved",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("drafted_by")), name="policy_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by="", withdrawn_at__isnull=True)
                | (~Q(withdrawn_by="") & Q(withdrawn_at__isnull=False, approved_by="")),
                name="policy_withdrawn_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id} v{self.version}"

    @property
    def state(self) -> str:
        """`draft`, `approved` or `withdrawn`."""
        return "withdrawn" if self.withdrawn_by else "approved" if self.approved_by else "draft"


class ShadowRun(models.Model):
    """A draft that runs beside the live policy. Arrivals decided before `followed_until` are done.

    Only what the draft would have decided otherwise is kept.
    """

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="shadow_runs")
    port = models.ForeignKey(Port, models.PROTECT, related_name="shadow_runs")
    started_by = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    followed_until = models.DateTimeField()
    stopped_by = models.CharField(max_length=64, blank=True, default="")
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["port"], condition=Q(stopped_at__isnull=True), name="one_shadow_at_a_port"
            ),
            models.CheckConstraint(
                condition=Q(stopped_by="", stopped_at__isnull=True)
                | (~Q(stopped_by="") & Q(stopped_at__isnull=False)),
                name="shadow_stopped_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"shadow of {self.policy}"


class ShadowDifference(models.Model):
    """What a draft would have decided on one arrival, where that is not what was decided."""

    run = models.ForeignKey(ShadowRun, models.CASCADE, related_name="differences")
    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="+")
    route = models.CharField(max_length=10, choices=Route)
    reasons = ArrayField(models.CharField(max_length=64))

    class Meta:
        verbose_name = _("difference of a shadow")
        constraints = [
            models.UniqueConstraint(fields=["run", "arrival"], name="shadow_difference_once")
        ]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.route}"
