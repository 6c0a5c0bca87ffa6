"""What officers put above a decision. The decision itself is never edited."""

from django.db import models
from django.db.models import F, Q

from lanes.models.arrivals import Arrival
from lanes.models.port import Lane, Port, Route


class Override(models.Model):
    """A truck is sent elsewhere than decided: to inspection by one officer, to fast by two.

    It counts from `effective_at`. Toward fast it is a request until another officer approves it,
    and neither request nor approval is good from `expires_at` on; a trigger refuses it where the
    truck's or the driver's credential is not active, or the carrier not certified.
    """

    arrival = models.ForeignKey(Arrival, models.PROTECT, related_name="overrides")
    port = models.ForeignKey(Port, models.PROTECT, related_name="+")
    route = models.CharField(max_length=10, choices=Route)
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    requested_by = models.CharField(max_length=64)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    route="inspection",
                    expires_at__isnull=True,
                    approved_by="",
                    approved_at__isnull=True,
                    effective_at=F("requested_at"),
                )
                | Q(
                    route="fast",
                    expires_at__gt=F("requested_at"),
                    approved_by="",
                    approved_at__isnull=True,
                    effective_at__isnull=True,
                )
                | (
                    Q(
                        route="fast",
                        expires_at__gt=F("approved_at"),
                        approved_at__gte=F("requested_at"),
                        effective_at=F("approved_at"),
                    )
                    & ~Q(approved_by="")
                ),
                name="override_to_fast_is_approved_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("requested_by")), name="override_needs_two_people"
            ),
            # No process and no device lets a truck into the fast lane against the decision.
            models.CheckConstraint(
                condition=~Q(route="fast")
                | (
                    Q(requested_by__startswith="user:")
                    & (Q(approved_by="") | Q(approved_by__startswith="user:"))
                ),
                name="override_to_fast_is_by_people",
            ),
        ]
        indexes = [models.Index(fields=["effective_at"], name="override_by_time")]

    def __str__(self) -> str:
        return f"{self.arrival_id} to {self.route}"
