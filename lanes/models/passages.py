"""What happens after the decision: passages, and alarms."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from lanes.models.arrivals import Arrival
from lanes.models.port import Lane, Port
from trustedtruck.accounts.models import Device


class Passage(models.Model):
    """A truck passed a point. `at` is the gate's clock, `received_at` the database's."""

    class Point(models.TextChoices):
        APPROACH = "approach", _("approach")
        PRIMARY = "primary", _("primary")
        LANE = "lane", _("lane")
        EXAM = "exam", _("exam")
        EXIT = "exit", _("exit")

    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="passages")
    port = models.ForeignKey(Port, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    event_id = models.CharField(max_length=64)
    point = models.CharField(max_length=8, choices=Point)
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, related_name="passages")
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["arrival", "event_id"], name="passage_event_once"),
            models.CheckConstraint(
                condition=~Q(point="lane") | Q(lane__isnull=False), name="passage_lane_is_named"
            ),
        ]
        indexes = [
            models.Index(fields=["port", "-at"], name="passage_by_port_and_time"),
            models.Index(
                fields=["lane", "-at"], condition=Q(point="lane"), name="passage_by_lane_and_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.point}"


class Alarm(models.Model):
    """Something that an officer must look at now. Closed by one officer, with a note."""

    class Kind(models.TextChoices):
        FAST_WITHOUT_DECISION = (
            "fast_without_decision",
            _("a truck went through a fast lane without a decision for it"),
        )
        ALERT = "alert", _("a truck that is here has come under an alert")
        CLONE = (
            "clone",
            _("the same tag or QR code was seen at two gates within an impossible time"),
        )
        NO_SHOW = "no_show", _("a truck did not appear at the station that it was ordered to")
        LONG_STOP = "long_stop", _("a released truck stopped for too long before the second point")
        LEFT_UNRELEASED = (
            "left_unreleased",
            _("a truck left the port before its inspection had ended"),
        )

    port = models.ForeignKey(Port, models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=32, choices=Kind)
    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="alarms")
    at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)
    closed_by = models.CharField(max_length=64, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(note="")),
                name="alarm_closed_by_whom_when_and_why",
            ),
            models.UniqueConstraint(
                fields=["arrival"], condition=Q(kind="clone"), name="clone_alarm_once_an_arrival"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.arrival_id}"
