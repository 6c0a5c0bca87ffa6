"""One truck that was sent to inspection, from its referral to its release."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models.stations import Station
from lanes.inspections.states import CLOSED, HOLD_TEXTS, InspectionState
from lanes.models import Assignment, Direction, Port
from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.models.pairs import together
from trustedtruck.core.errors import Text
from trustedtruck.core.ids import uuid7


class Inspection(models.Model):
    """A truck in the other lane. A trigger opens it with the assignment, in the same transaction.

    `basis` says why this truck: drawn at random, aimed at by a rule or an officer, or sent here
    because nothing could be decided. Only random ones estimate how often trucks comply.
    `result` is known once it is closed after an exam or a scan: compliant or not; empty where
    nobody looked.
    """

    class Basis(models.TextChoices):
        RANDOM = "random", _("drawn at random")
        TARGETED = "targeted", _("for a reason")
        OTHER = "other", _("not decided, or no lane")

    class Result(models.TextChoices):
        COMPLIANT = "compliant", _("compliant")
        FINDING = "finding", _("with findings")

    id = models.UUIDField(primary_key=True, default=uuid7)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="inspection")
    port = models.ForeignKey(Port, models.PROTECT, related_name="inspections")
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, related_name="inspections")
    direction = models.CharField(max_length=10, choices=Direction)
    basis = models.CharField(max_length=8, choices=Basis)
    reasons = ArrayField(models.CharField(max_length=64))
    state = models.CharField(max_length=12, choices=InspectionState)
    opened_at = models.DateTimeField()
    station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="inspections")
    ordered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    appeared_at = models.DateTimeField(null=True)
    hold_reason = models.TextField(blank=True, default="")
    no_show_at = models.DateTimeField(null=True)
    long_stop_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, choices=Result, blank=True, default="")
    note = models.TextField(blank=True, default="")
    closed_by = models.CharField(max_length=64, blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            together("closed", "inspection_closed_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(state__in=CLOSED, closed_at__isnull=False)
                | (~Q(state__in=CLOSED) & Q(closed_at__isnull=True)),
                name="inspection_closed_state_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=InspectionState.values), name="inspection_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="ordered")
                | Q(station__isnull=False, due_at__gt=F("ordered_at"), appeared_at__isnull=True),
                name="inspection_ordered_names_station_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | ~Q(hold_reason=""),
                name="inspection_held_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="seized") | Q(result="finding"),
                name="inspection_seizure_is_a_finding",
            ),
        ]
        indexes = [
            models.Index(fields=["port", "-opened_at"], name="inspection_by_port_and_time"),
            models.Index(
                fields=["port", "state"],
                condition=Q(closed_at__isnull=True),
                name="inspection_open_at_port",
            ),
            models.Index(fields=["carrier", "-opened_at"], name="inspection_by_carrier"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.state}"

    @property
    def hold_text(self) -> Text:
        """Why the truck is held: an officer’s words, or ours in the reader’s language."""
        return HOLD_TEXTS.get(self.hold_reason, self.hold_reason)
