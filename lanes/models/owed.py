"""What inspections tell the decision: exams that are still owed, and what exams found."""

from django.db import models
from django.db.models import F, Q

from lanes.models.arrivals import Arrival
from lanes.models.port import Port
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.carriers.models.pairs import together


class OwedExam(models.Model):
    """A truck was ordered to a station; until the order is settled it owes that exam.

    `due_at` is when it must have appeared there, by the database's clock; `appeared_at` is null
    as long as it has not. A new order for the same arrival takes the place of the old one.
    """

    arrival = models.OneToOneField(Arrival, models.PROTECT, related_name="owed_exam")
    port = models.ForeignKey(Port, models.PROTECT, related_name="+")
    truck = models.ForeignKey(Truck, models.PROTECT, null=True, related_name="+")
    driver = models.ForeignKey(Driver, models.PROTECT, null=True, related_name="+")
    station = models.CharField(max_length=16)
    ordered_by = models.CharField(max_length=64)
    ordered_at = models.DateTimeField()
    due_at = models.DateTimeField()
    appeared_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            together("settled", "owed_exam_settled_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("ordered_at")), name="owed_exam_is_due_after_its_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["truck"], condition=Q(settled_at__isnull=True), name="owed_exam_by_truck"
            ),
            models.Index(
                fields=["driver"], condition=Q(settled_at__isnull=True), name="owed_exam_by_driver"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arrival_id} at {self.station}"


class CarrierRecord(models.Model):
    """How many exams of a carrier's trucks were closed, and how many of them found something."""

    carrier = models.OneToOneField(
        Carrier, models.PROTECT, primary_key=True, related_name="exam_record"
    )
    exams = models.PositiveIntegerField(default=0)
    findings = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(findings__lte=F("exams")), name="record_findings_are_of_its_exams"
            )
        ]

    def __str__(self) -> str:
        return f"{self.carrier_id}: {self.findings}/{self.exams}"
