"""What scanners posted, and what people read in it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lanes.inspections.models.inspections import Inspection
from lanes.inspections.models.stations import Station
from lanes.models import Port
from trustedtruck.accounts.models import Device
from trustedtruck.core.ids import uuid7


class Scan(models.Model):
    """One pass through a scanner. Times are the scanner's clock, `received_at` the database's.

    `marks` are what the scanner's own software noticed: `{box: [x, y, width, height], score,
    label, image}`, in pixels of the image of that position. `trailers` are plates and numbers of
    the trip's equipment, by which earlier scans of the same trailer are found.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="scans")
    port = models.ForeignKey(Port, models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, models.PROTECT, related_name="scans")
    device = models.ForeignKey(Device, models.PROTECT, related_name="scans")
    event_id = models.CharField(max_length=64)
    body_sha256 = models.BinaryField(max_length=32)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    marks = models.JSONField(default=list)
    radiation_alarm = models.BooleanField(null=True)
    trailers = ArrayField(models.CharField(max_length=24), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port", "event_id"], name="scan_event_once_in_port"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="scan_ends_after_it_starts"
            ),
        ]
        indexes = [GinIndex(fields=["trailers"], name="scan_by_trailer")]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.event_id}"

    @property
    def highest_score(self) -> float:
        return max((mark["score"] for mark in self.marks), default=0.0)


class ScanImage(models.Model):
    """One picture of a scan: announced with its hash, then sent. The file lies under MEDIA_ROOT."""

    scan = models.ForeignKey(Scan, models.PROTECT, related_name="images")
    position = models.PositiveSmallIntegerField()
    view = models.CharField(max_length=40, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=16, blank=True, default="")
    size = models.PositiveIntegerField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "position"], name="scan_image_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="scan_image_has_its_hash"
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True, media_type="", size__isnull=True)
                | (
                    Q(received_at__isnull=False, size__gt=0, width__gt=0, height__gt=0)
                    & ~Q(media_type="")
                ),
                name="scan_image_received_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scan_id}/{self.position}"


class Verdict(models.Model):
    """What one person read in a scan. A second look is another person's."""

    class Word(models.TextChoices):
        CLEAR = "clear", _("clear")
        REFER = "refer", _("to an exam")
        HOLD = "hold", pgettext_lazy("verdict", "hold")

    scan = models.ForeignKey(Scan, models.PROTECT, related_name="verdicts")
    look = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=8, choices=Word)
    reason = models.TextField()
    final = models.BooleanField()
    given_by = models.CharField(max_length=64)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["look"]
        constraints = [
            models.UniqueConstraint(fields=["scan", "look"], name="verdict_once_per_look"),
            models.UniqueConstraint(fields=["scan", "given_by"], name="verdict_once_per_person"),
            models.UniqueConstraint(
                fields=["scan"], condition=Q(final=True), name="verdict_one_is_final"
            ),
            models.CheckConstraint(
                condition=Q(look__in=[1, 2]), name="verdict_is_first_or_second_look"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="verdict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.scan_id} {self.word}"
