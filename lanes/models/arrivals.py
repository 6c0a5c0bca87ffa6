"""Arrivals, what waits, and the assignments that end the waiting.

An arrival is never edited. While it has no lane it has a row in `Waiting`; the statement that
writes its `Assignment` deletes that row. A truck is in one of two places, never in both.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Now
from django.utils.translation import gettext_lazy as _

from lanes.models.port import Direction, Lane, Port, Route
from trustedtruck.accounts.models import Device
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials.models import Credential


class Arrival(models.Model):
    """What the readers of one gate saw of one truck. Never edited.

    `deadline_at` comes from the database's clock; `body_sha256` is over the normal form of the
    body, so that the same event with another body is noticed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    port = models.ForeignKey(Port, models.PROTECT, related_name="arrivals")
    device = models.ForeignKey(Device, models.PROTECT, related_name="arrivals")
    event_id = models.CharField(max_length=64)
    body_sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(db_default=Now())
    deadline_at = models.DateTimeField()
    observed_at = models.DateTimeField()
    direction = models.CharField(max_length=10, choices=Direction)
    lane_group = models.CharField(max_length=16, blank=True)
    tag_epc = models.CharField(max_length=24, blank=True)
    qr = models.TextField(blank=True)
    credential = models.TextField(blank=True)
    plate_number = models.CharField(max_length=10, blank=True)
    plate_jurisdiction = models.CharField(max_length=3, blank=True)
    trip_number = models.CharField(max_length=25, blank=True)
    driver_card = models.TextField(blank=True)
    seals = ArrayField(models.CharField(max_length=15), default=list)
    gross_weight_kg = models.PositiveIntegerField(null=True)
    radiation_alarm = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port", "event_id"], name="arrival_event_once_in_port"),
            models.CheckConstraint(
                condition=Q(deadline_at__gt=F("received_at")), name="arrival_deadline_is_ahead"
            ),
        ]
        indexes = [
            models.Index(fields=["port", "-received_at"], name="arrival_by_port_and_time"),
            models.Index(
                fields=["tag_epc", "-received_at"],
                condition=~Q(tag_epc=""),
                name="arrival_by_tag_and_time",
            ),
            # Hashed: a QR code's text may be longer than an index takes.
            models.Index(
                MD5("qr"),
                F("received_at").desc(),
                condition=~Q(qr=""),
                name="arrival_by_qr_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.event_id}"


class Waiting(models.Model):
    """An arrival without a lane. A worker's claim is a lease, so that a dead worker's ends."""

    arrival = models.OneToOneField(Arrival, models.CASCADE, primary_key=True)
    port = models.ForeignKey(Port, models.PROTECT)
    deadline_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        verbose_name_plural = "waiting"
        indexes = [
            models.Index(fields=["deadline_at"], name="waiting_by_deadline"),
            models.Index(fields=["port", "deadline_at"], name="waiting_by_port"),
        ]

    def __str__(self) -> str:
        return str(self.arrival_id)


class Assignment(models.Model):
    """The decision on one arrival, with all that it was made from. Written once, never edited.

    `facts` is the JSON of `lanes.rules.facts.Facts`; `reasons` are rule codes in order; `draw` is
    in [0, 1), null where no draw was made. `decided_by` is `worker`, or what closed it instead.
    """

    class By(models.TextChoices):
        WORKER = "worker", _("a worker, by the rules")
        DEADLINE = "deadline", _("the deadline")
        SWEEP = "sweep", _("the sweep")
        OVERLOAD = "overload", _("the overload guard")

    arrival = models.OneToOneField(
        Arrival, models.PROTECT, primary_key=True, related_name="assignment"
    )
    port = models.ForeignKey(Port, models.PROTECT, related_name="assignments")
    route = models.CharField(max_length=10, choices=Route)
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, related_name="assignments")
    reasons = ArrayField(models.CharField(max_length=64))
    facts = models.JSONField()
    policy_version = models.PositiveIntegerField()
    draw = models.FloatField(null=True)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=16, choices=By)
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, related_name="+")
    truck = models.ForeignKey(Truck, models.PROTECT, null=True, related_name="+")
    driver = models.ForeignKey(Driver, models.PROTECT, null=True, related_name="+")
    truck_credential = models.ForeignKey(Credential, models.PROTECT, null=True, related_name="+")
    driver_credential = models.ForeignKey(Credential, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(route__in=["fast", "inspection"]), name="assignment_route_is_known"
            ),
            models.CheckConstraint(condition=~Q(reasons=[]), name="assignment_has_a_reason"),
            # Fast is never a fallback, and never without what makes it fast.
            models.CheckConstraint(
                condition=~Q(route="fast")
                | Q(
                    decided_by="worker",
                    lane__isnull=False,
                    carrier__isnull=False,
                    truck__isnull=False,
                    truck_credential__isnull=False,
                ),
                name="assignment_fast_stands_on_a_credential",
            ),
        ]
        indexes = [
            models.Index(fields=["port", "-decided_at"], name="assignment_by_port_and_time"),
            models.Index(
                fields=["carrier", "-decided_at"],
                condition=Q(carrier__isnull=False),
                name="assignment_by_carrier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.route}"


class Refusal(models.Model):
    """An event that named a truck and was refused. Kept: a refused truck must not vanish."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="refusals")
    port_code = models.CharField(max_length=4, blank=True)
    event_id = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=64)
    errors = models.JSONField(default=list)
    body = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.code} {self.event_id}"
