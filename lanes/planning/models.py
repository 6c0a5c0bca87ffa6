"""Scenarios that somebody saved, and runs of scenarios."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from lanes.models import Port
from lanes.planning.states import RunState
from trustedtruck.core.ids import uuid7


class SavedScenario(models.Model):
    """A scenario under a name. Its owner sees it; when shared, everybody who plans at the port."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    port = models.ForeignKey(Port, models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=80)
    body = models.JSONField()
    owner = models.CharField(max_length=64)
    saved_at = models.DateTimeField()
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["port", "owner", "name"], name="scenario_name_once_per_owner"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="scenario_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SimulationRun(models.Model):
    """A scenario as it was when it was started, how far its run is, and what came out.

    `seen_at` moves with every part that is done: a run that stands still lost its worker.
    """

    class Kind(models.TextChoices):
        SIMULATE = "simulate", _("what if")
        SUGGEST = "suggest", _("suggested lane hours")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    port = models.ForeignKey(Port, models.PROTECT, related_name="simulations")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind)
    body = models.JSONField()
    target_minutes = models.FloatField(null=True)
    state = models.CharField(max_length=10, choices=RunState)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    result = models.JSONField(null=True)
    started_by = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="simulation_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="simulation_progress_within_its_total"
            ),
            models.CheckConstraint(
                condition=Q(kind="simulate", target_minutes__isnull=True)
                | Q(kind="suggest", target_minutes__gt=0),
                name="simulation_target_where_one_is_sought",
            ),
            models.CheckConstraint(
                condition=Q(state="done", result__isnull=False)
                | (~Q(state="done") & Q(result__isnull=True)),
                name="simulation_result_when_done",
            ),
        ]
        indexes = [models.Index(fields=["port", "-started_at"], name="simulation_by_port")]

    def __str__(self) -> str:
        return self.name
