"""The one table."""

from typing import ClassVar

from django.db import models


class Report(models.Model):
    """An arrival and, once decided, its route."""

    event_id = models.CharField(max_length=64, unique=True)
    port = models.CharField(max_length=4)
    observed_at = models.DateTimeField()
    direction = models.CharField(max_length=10)
    tag_epc = models.CharField(max_length=24, blank=True)
    plate = models.JSONField(default=dict)
    trip_number = models.CharField(max_length=25, blank=True)
    seals = models.JSONField(default=list)
    gross_weight_kg = models.PositiveIntegerField(null=True)
    radiation_alarm = models.BooleanField(null=True)
    route = models.CharField(max_length=10, blank=True)
    reasons = models.JSONField(default=list)

    objects: ClassVar["models.Manager[Report]"] = models.Manager()

    class Meta:
        app_label = "yardstick"

    def __str__(self) -> str:
        return self.event_id
