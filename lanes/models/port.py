"""Ports and their lanes."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Route(models.TextChoices):
    FAST = "fast", _("fast lane")
    INSPECTION = "inspection", _("inspection")


class Direction(models.TextChoices):
    NORTHBOUND = "northbound", _("northbound")
    SOUTHBOUND = "southbound", _("southbound")


class Load(models.TextChoices):
    ANY = "any", _("any load")
    LADEN = "laden", _("laden only")
    EMPTY = "empty", _("empty only")


class Port(models.Model):
    """A port of entry, by its Schedule D code. A port is a shard: all below belongs to one."""

    code = models.CharField(
        max_length=4,
        primary_key=True,
        validators=[RegexValidator(r"^[0-9]{4}\Z", _("A port code is four digits (Schedule D)."))],
    )
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    timezone = models.CharField(max_length=64)
    deadline_ms = models.PositiveIntegerField(default=1500)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{4}$"), name="port_code_is_four_digits"
            ),
            models.CheckConstraint(
                condition=Q(deadline_ms__range=(100, 60_000)), name="port_deadline_is_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Lane(models.Model):
    """A booth with its lane. `group` names the approach that leads to it, empty for all.

    `service_seconds` is the expected time at the booth until passages give a measured one.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    port = models.ForeignKey(Port, models.PROTECT, related_name="lanes")
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=60)
    route = models.CharField(max_length=10, choices=Route)
    group = models.CharField(max_length=16, blank=True, default="")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    directions = ArrayField(models.CharField(max_length=10, choices=Direction))
    load = models.CharField(max_length=5, choices=Load, default=Load.ANY)
    service_seconds = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["port", "code"], name="lane_code_unique_in_port"),
            models.CheckConstraint(
                condition=Q(service_seconds__gt=0), name="lane_service_time_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(route__in=["fast", "inspection"]), name="lane_route_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closed"]), name="lane_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_id}/{self.code}"
