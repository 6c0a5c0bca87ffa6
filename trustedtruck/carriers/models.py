"""Carriers, trucks, trailers and drivers.

Identifiers are stored in the normal form of `trustedtruck.identifiers`; the database checks shape
and uniqueness once more.
"""

from django.db import models
from django.db.models import Q

from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.ids import uuid7


class Carrier(models.Model):
    """A company that applies for, or takes part in, the programme."""

    class Kind(models.TextChoices):
        US_HIGHWAY = "us_highway", "US highway carrier"
        MX_LONG_HAUL = "mx_long_haul", "Mexican long-haul carrier"

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


class Fleet(models.Model):
    """What truck and trailer share."""

    number = models.CharField(max_length=17)
    plate_number = models.CharField(max_length=10)
    plate_jurisdiction = models.CharField(max_length=3)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Truck(Fleet):
    """A tractor or straight truck. `tag_epc` is its windscreen tag: 24 upper-case hex digits."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="trucks")
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    vin = models.CharField(max_length=17)
    tag_epc = models.CharField(max_length=24, null=True, blank=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vin"], condition=Q(retired_at__isnull=True), name="truck_vin_in_use_once"
            ),
            models.UniqueConstraint(
                fields=["tag_epc"],
                condition=Q(retired_at__isnull=True),
                name="truck_tag_in_use_once",
            ),
            models.UniqueConstraint(
                fields=["plate_jurisdiction", "plate_number"],
                condition=Q(retired_at__isnull=True),
                name="truck_plate_in_use_once",
            ),
            models.UniqueConstraint(
                fields=["carrier", "number"],
                condition=Q(retired_at__isnull=True),
                name="truck_number_unique_in_carrier",
            ),
            models.CheckConstraint(
                condition=Q(vin__regex=r"^[A-HJ-NPR-Z0-9]{17}$"), name="truck_vin_has_its_shape"
            ),
            models.CheckConstraint(
                condition=Q(tag_epc__isnull=True) | Q(tag_epc__regex=r"^[0-9A-F]{24}$"),
                name="truck_tag_is_96_bits_of_hex",
            ),
            models.CheckConstraint(
                condition=Q(plate_number__regex=r"^[A-Z0-9]{1,10}$"),
                name="truck_plate_has_its_shape",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Trailer(Fleet):
    """A semitrailer, or a chassis that carries containers."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="trailers")
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plate_jurisdiction", "plate_number"],
                condition=Q(retired_at__isnull=True),
                name="trailer_plate_in_use_once",
            ),
            models.UniqueConstraint(
                fields=["carrier", "number"],
                condition=Q(retired_at__isnull=True),
                name="trailer_number_unique_in_carrier",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Driver(models.Model):
    """A person who drives for a carrier."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="drivers")
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    given_names = models.CharField(max_length=30)
    family_names = models.CharField(max_length=30)
    birth_date = models.DateField()
    citizenship = models.CharField(max_length=2)
    fast_card = models.CharField(max_length=14, null=True, blank=True)  # noqa: DJ001
    fast_card_expires_date = models.DateField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fast_card"],
                condition=Q(retired_at__isnull=True),
                name="driver_fast_card_in_use_once",
            ),
            models.CheckConstraint(
                condition=Q(fast_card__isnull=True, fast_card_expires_date__isnull=True)
                | Q(fast_card__regex=r"^[0-9A-Z]{14}$", fast_card_expires_date__isnull=False),
                name="driver_fast_card_has_shape_and_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_names} {self.family_names}"
