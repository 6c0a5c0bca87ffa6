"""Trucks, trailers and drivers, with identifiers in their normal form."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.names import NameMarksField
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedCharField, SealedDateField


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
    """A person who drives for a carrier.

    Name and birth date are sealed; the card's number is not: gates read it, and lanes are chosen by
    it. `name_marks` is how a name is found (`carriers.names`).
    """

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="drivers")
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    given_names = SealedCharField(max_length=30)
    family_names = SealedCharField(max_length=30)
    name_marks = NameMarksField(names=("given_names", "family_names"))
    birth_date = SealedDateField()
    citizenship = models.CharField(max_length=2)
    fast_card = models.CharField(max_length=14, null=True, blank=True)  # noqa: DJ001
    fast_card_expires_date = models.DateField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(fields=["name_marks"], name="driver_by_marks_of_name")]
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
