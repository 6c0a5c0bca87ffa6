"""Patterns worth a look: computed, shown with their evidence, never a verdict."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.alerts.states import FindingState
from trustedtruck.carriers.models.pairs import together
from trustedtruck.core.ids import uuid7


class Finding(models.Model):
    """One pattern about one subject. `evidence` is what it was computed from, row by row.

    `fingerprint` names the subject and the evidence: the same evidence is not raised again, new
    evidence is.
    """

    class Pattern(models.TextChoices):
        ORIGIN = "origin", _("the declared origin does not fit the shipper’s history")
        PRICE = "price", _("the price by weight is far from others’ of the same goods")
        SHELL = "shell", _("carriers share drivers, plates or addresses")
        NEAR_MISSES = "near_misses", _("hits without a finding came before a seizure")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    pattern = models.CharField(max_length=16, choices=Pattern)
    subject = models.CharField(max_length=120)
    port_code = models.CharField(max_length=4, blank=True, default="")
    evidence = models.JSONField()
    fingerprint = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=FindingState)
    found_at = models.DateTimeField()
    judged_by = models.CharField(max_length=64, blank=True, default="")
    judged_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FindingState.values), name="finding_state_is_known"
            ),
            together("judged", "finding_judged_by_whom_and_when"),
        ]
        indexes = [models.Index(fields=["state", "-found_at"], name="finding_by_state")]

    def __str__(self) -> str:
        return f"{self.pattern} {self.subject}"
