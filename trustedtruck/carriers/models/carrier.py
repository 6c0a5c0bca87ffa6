"""The company that takes part. Identifiers are stored in their normal form.

The database checks shape and uniqueness once more.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.ids import uuid7


class Carrier(models.Model):
    """A company that applies for, or takes part in, the programme."""

    class Kind(models.TextChoices):
        US_HIGHWAY = "us_highway", _("US highway carrier")
        MX_LONG_HAUL = "mx_long_haul", _("Mexican long-haul carrier")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    legal_name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=16, choices=Kind)
    scac = models.CharField(max_length=4, unique=True)
    usdot = models.CharField(max_length=8, unique=True, null=True, blank=True)
    rfc = models.CharField(max_length=13, unique=True, null=True, blank=True)
    caat = models.CharField(max_length=4, unique=True, null=True, blank=True)
    state = models.CharField(
        max_length=16, choices=CarrierState, default=CarrierState.PRE_APPLICANT
    )
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    certified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scac__regex=r"^[A-Z]{4}$"), name="carrier_scac_is_four_letters"
            ),
            models.CheckConstraint(
                condition=Q(usdot__isnull=True) | Q(usdot__regex=r"^[0-9]{1,8}$"),
                name="carrier_usdot_is_digits",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="carrier_country_is_iso_alpha_2"
            ),
            models.CheckConstraint(
                condition=Q(tier__isnull=True) | Q(tier__range=(1, 3)),
                name="carrier_tier_is_1_to_3",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["certified", "suspended"])
                | Q(tier__isnull=False, certified_at__isnull=False),
                name="carrier_certified_has_tier_and_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scac} {self.legal_name}"
