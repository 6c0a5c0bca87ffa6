"""Where trucks are inspected, and when two countries inspect together."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lanes.models import Direction, Port

_CODE = RegexValidator(r"^[A-Za-z0-9-]+\Z", _("Use letters, digits and hyphens."))


class Facility(models.TextChoices):
    TRUCK_LANES = "truck_lanes", _("truck lanes")
    AIR_CARGO = "air_cargo", _("air cargo facility")


class Station(models.Model):
    """A place of a port where trucks are inspected; `capacity` is how many at a time.

    `opens` and `closes` are the port's local time; both empty: day and night. A closing time
    before the opening time is on the next day.
    """

    class Kind(models.TextChoices):
        NII_PORTAL = "nii_portal", _("scan portal")
        NII_BACKSCATTER = "nii_backscatter", _("backscatter scanner")
        DOCK = "dock", _("dock")
        CANINE = "canine", _("dogs")
        RADIATION = "radiation", _("radiation")
        AGRICULTURE = "agriculture", _("agriculture")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    port = models.ForeignKey(Port, models.PROTECT, related_name="stations")
    code = models.CharField(max_length=16, validators=[_CODE])
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=Kind)
    facility = models.CharField(max_length=12, choices=Facility, default=Facility.TRUCK_LANES)
    capacity = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["port", "code"], name="station_code_unique_in_port"),
            models.CheckConstraint(
                condition=Q(capacity__range=(1, 500)), name="station_capacity_is_sane"
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False),
                name="station_hours_have_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.code}"


class JointHours(models.Model):
    """When two countries inspect together at a port, by direction and facility; local time."""

    port = models.ForeignKey(Port, models.PROTECT, related_name="joint_hours")
    direction = models.CharField(max_length=10, choices=Direction)
    facility = models.CharField(max_length=12, choices=Facility)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        verbose_name_plural = "joint hours"
        constraints = [
            models.UniqueConstraint(
                fields=["port", "direction", "facility"], name="joint_hours_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.port_id} {self.direction} {self.facility}"
