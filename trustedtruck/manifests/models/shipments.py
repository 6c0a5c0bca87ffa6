"""Shipments with their parties and commodities, and the register of trade partners."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from trustedtruck.carriers.models import Carrier
from trustedtruck.core.ids import uuid7
from trustedtruck.manifests.document import PARTY_ROLES, RELEASES
from trustedtruck.manifests.models.trips import Trip
from trustedtruck.manifests.states import PartnerState

CONTROL_NUMBER = r"^[A-Z]{4}[A-Z0-9]{4,12}$"


class TradePartner(models.Model):
    """A manufacturer or importer that is a member of a trusted-trader programme.

    `programme_number` is opaque: the form of the numbers is not public.
    """

    programme_number = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    makes = models.BooleanField(help_text="certified as a manufacturer")
    imports = models.BooleanField(help_text="certified as an importer")
    state = models.CharField(max_length=16, choices=PartnerState)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(makes=True) | Q(imports=True), name="partner_makes_or_imports"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PartnerState.values), name="partner_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ControlNumber(models.Model):
    """Who used a shipment control number last, and when: it may not be used again for 3 years.

    `trip_number` is empty while the shipment is on no trip. Deleting a shipment frees nothing.
    """

    number = models.CharField(max_length=16, primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="control_numbers")
    trip_number = models.CharField(max_length=25, blank=True, default="")
    used_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=CONTROL_NUMBER), name="control_number_has_its_shape"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Shipment(models.Model):
    """Goods under one bill. On a trip, or filed ahead and not yet on one."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="shipments")
    trip = models.ForeignKey(Trip, models.CASCADE, null=True, blank=True, related_name="shipments")
    position = models.PositiveIntegerField(default=0)
    control_number = models.CharField(max_length=16)
    release = models.CharField(max_length=16, choices=[(r, r) for r in RELEASES])
    equipment_number = models.CharField(max_length=17, blank=True, default="")
    pedimento = models.CharField(max_length=15, blank=True, default="")
    filed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["position", "control_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["trip", "control_number"], name="shipment_once_in_trip"
            ),
            models.UniqueConstraint(
                fields=["control_number"],
                condition=Q(trip__isnull=True),
                name="shipment_once_without_trip",
            ),
            models.CheckConstraint(
                condition=Q(control_number__regex=CONTROL_NUMBER),
                name="shipment_control_number_has_its_shape",
            ),
        ]
        indexes = [models.Index(fields=["control_number"], name="shipment_by_control_number")]

    def __str__(self) -> str:
        return self.control_number


class Party(models.Model):
    """A party of a shipment as the filer wrote it. `name_key` is for comparing names."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="parties")
    role = models.CharField(max_length=16, choices=[(r, r) for r in PARTY_ROLES])
    name = models.CharField(max_length=60)
    name_key = models.CharField(max_length=60)
    line = models.CharField(max_length=110, blank=True, default="")
    city = models.CharField(max_length=60, blank=True, default="")
    region = models.CharField(max_length=3, blank=True, default="")
    postal_code = models.CharField(max_length=15, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    programme_number = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(fields=["shipment", "role"], name="party_role_once_in_shipment")
        ]

    def __str__(self) -> str:
        return self.name


class Commodity(models.Model):
    """One line of goods; `quantity` counts the lowest packaging unit."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="commodities")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=512)
    quantity = models.PositiveIntegerField()
    unit = models.CharField(max_length=3)
    weight_kg = models.DecimalField(max_digits=10, decimal_places=3)
    hs_code = models.CharField(max_length=10, blank=True, default="")
    origin_country = models.CharField(max_length=2)
    value_usd = models.PositiveBigIntegerField(null=True, blank=True)
    un_number = models.CharField(max_length=4, blank=True, default="")

    class Meta:
        verbose_name_plural = "commodities"
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, weight_kg__gt=0), name="commodity_is_something"
            ),
            models.CheckConstraint(
                condition=Q(hs_code="") | Q(hs_code__regex=r"^[0-9]{6,10}$"),
                name="commodity_hs_is_6_to_10_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.description
