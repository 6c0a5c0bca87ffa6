"""What a carrier's record suggests, for an officer to confirm or dismiss."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lanes.inspections.states import ProposalState
from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.models.pairs import together


class Proposal(models.Model):
    """A change that follows from a record. `data` holds the numbers that it was made from."""

    class Kind(models.TextChoices):
        TIER_DOWN = "tier_down", _("one tier down")
        SAMPLE_MORE = "sample_more", _("drawn more often for a while")

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="proposals")
    port_code = models.CharField(max_length=4)
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=ProposalState)
    data = models.JSONField()
    made_at = models.DateTimeField()
    note = models.TextField(blank=True, default="")
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            together("decided", "proposal_decided_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(note="")),
                name="proposal_decided_with_a_note",
            ),
            models.UniqueConstraint(
                fields=["carrier", "kind"], condition=Q(state="open"), name="proposal_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.carrier_id}"
