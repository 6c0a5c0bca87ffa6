"""A file of trucks, trailers or drivers on its way in."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.states import ImportState
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedJSONField


class ImportJob(models.Model):
    """Read at the upload, checked by a worker, shown, and then imported whole or not at all.

    `rows` holds what the file says, by column; `errors` is a list of `{row, field, code, text}`,
    whose texts are templates with parameters, to be shown in the reader's language.
    """

    class Kind(models.TextChoices):
        TRUCKS = "trucks", _("Trucks")
        TRAILERS = "trailers", _("Trailers")
        DRIVERS = "drivers", _("Drivers")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=10, choices=ImportState)
    file_name = models.CharField(max_length=120)
    rows = SealedJSONField()
    errors = SealedJSONField(default=list)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    uploaded_by = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values), name="import_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="import_progress_within_its_total"
            ),
        ]
        indexes = [models.Index(fields=["carrier", "-uploaded_at"], name="import_by_carrier")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"
