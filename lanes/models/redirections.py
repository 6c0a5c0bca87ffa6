"""Trucks that were on their way to a lane when it closed, or became another kind of lane."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lanes.models.arrivals import Arrival
from lanes.models.port import Lane, Port, Route


class Redirection(models.Model):
    """A truck goes to another lane of the same route. The decision itself is never edited.

    It counts while `route` is the route in force: an override has a lane of its own.
    """

    class Why(models.TextChoices):
        CLOSED = "lane_closed", _("the lane was closed")
        CHANGED = "lane_changed", _("the lane was changed")

    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="redirections")
    port = models.ForeignKey(Port, models.PROTECT, related_name="+")
    route = models.CharField(max_length=10, choices=Route)
    from_lane = models.ForeignKey(Lane, models.PROTECT, related_name="+")
    lane = models.ForeignKey(Lane, models.PROTECT, related_name="+")
    why = models.CharField(max_length=16, choices=Why)
    redirected_by = models.CharField(max_length=64)
    redirected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(lane=F("from_lane")), name="redirection_leads_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(route__in=["fast", "inspection"]), name="redirection_route_is_known"
            ),
        ]
        indexes = [models.Index(fields=["redirected_at"], name="redirection_by_time")]

    def __str__(self) -> str:
        return f"{self.arrival_id} to {self.lane_id}"
