"""A port cut off from headquarters: the bundle that it holds, and what it has yet to report."""

from django.db import models
from django.db.models import F, Q

from lanes.models.arrivals import Arrival


class PortBundle(models.Model):
    """At headquarters: one state of what a port is given. `seq` only ever grows."""

    seq = models.BigAutoField(primary_key=True)
    port_code = models.CharField(max_length=4)
    content = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["port_code", "-seq"], name="port_bundle_newest")]

    def __str__(self) -> str:
        return f"{self.port_code}/{self.seq}"


class HeldBundle(models.Model):
    """At the edge: the bundle that its tables were filled from, one row for its port.

    From `expires_at` on nothing goes fast there; `lanes_commit` looks at it too. `parts` are the
    digests of what was applied, by name.
    """

    port_code = models.CharField(max_length=4, primary_key=True)
    issuer = models.CharField(max_length=300)
    seq = models.BigIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    applied_at = models.DateTimeField()
    parts = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")),
                name="held_bundle_expires_after_it_was_made",
            )
        ]

    def __str__(self) -> str:
        return f"{self.port_code}/{self.seq}"


class JournalEntry(models.Model):
    """At the edge: an arrival of which headquarters does not know everything yet.

    Written by triggers with the assignment and with each passage, so that none can be missing;
    `version` counts them. Deleted once headquarters has confirmed the version that was sent.
    `refused` is the code with which headquarters did not take it.
    """

    arrival = models.OneToOneField(Arrival, models.PROTECT, primary_key=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    refused = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        verbose_name_plural = "journal entries"

    def __str__(self) -> str:
        return str(self.arrival_id)
