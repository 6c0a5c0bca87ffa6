"""A trip with its conveyance, equipment, crew and seals, and every version that was filed."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from trustedtruck.carriers.models import Carrier
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedCharField, SealedDateField, SealedJSONField
from trustedtruck.manifests.document import CONVEYANCE_KINDS, CREW_ROLES, EQUIPMENT_KINDS
from trustedtruck.manifests.states import TripState

TRIP_NUMBER = r"^[A-Z]{4}[A-Z0-9]{4,21}$"


def _choices(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


class Trip(models.Model):
    """One crossing of one truck. Its number is unique for ever and begins with the SCAC.

    `filed_at` is when the database first held a complete manifest, `changed_at` when it last
    changed; both are the database's clock, which the filing deadline is measured by.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip_number = models.CharField(max_length=25, unique=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="trips")
    port_code = models.CharField(max_length=4)
    state = models.CharField(max_length=16, choices=TripState)
    estimated_arrival_at = models.DateTimeField(null=True, blank=True)
    gross_weight_kg = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    purpose = models.CharField(max_length=16)
    created_at = models.DateTimeField(db_default=Now())
    filed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(db_default=Now())
    arrived_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    conveyance_kind = models.CharField(
        max_length=16, choices=_choices(CONVEYANCE_KINDS), blank=True, default=""
    )
    truck_number = models.CharField(max_length=17, blank=True, default="")
    vin = models.CharField(max_length=17, blank=True, default="")
    plate_number = models.CharField(max_length=10, blank=True, default="")
    plate_jurisdiction = models.CharField(max_length=3, blank=True, default="")
    usdot = models.CharField(max_length=8, blank=True, default="")
    tag_epc = models.CharField(max_length=24, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(trip_number__regex=TRIP_NUMBER), name="trip_number_has_its_shape"
            ),
            models.CheckConstraint(
                condition=Q(port_code__regex=r"^[0-9]{4}$"), name="trip_port_is_four_digits"
            ),
            models.CheckConstraint(
                condition=Q(state__in=TripState.values), name="trip_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="filed")
                | Q(filed_at__isnull=False, estimated_arrival_at__isnull=False)
                & ~Q(plate_number=""),
                name="trip_filed_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state="arrived", arrived_at__isnull=False)
                | (~Q(state="arrived") & Q(arrived_at__isnull=True)),
                name="trip_arrived_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="trip_cancelled_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["plate_number"],
                condition=Q(state__in=["preliminary", "filed"]),
                name="trip_open_by_plate",
            ),
            models.Index(
                fields=["tag_epc"],
                condition=Q(state__in=["preliminary", "filed"]),
                name="trip_open_by_tag",
            ),
            models.Index(
                fields=["vin"],
                condition=Q(state__in=["preliminary", "filed"]),
                name="trip_open_by_vin",
            ),
            models.Index(fields=["carrier", "-changed_at"], name="trip_by_carrier"),
        ]

    def __str__(self) -> str:
        return self.trip_number


class Equipment(models.Model):
    """A trailer, container or chassis of a trip."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="equipment")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=_choices(EQUIPMENT_KINDS))
    number = models.CharField(max_length=17)
    plate_number = models.CharField(max_length=10, blank=True, default="")
    plate_jurisdiction = models.CharField(max_length=3, blank=True, default="")
    loaded = models.BooleanField()

    class Meta:
        verbose_name_plural = "equipment"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["trip", "number"], name="equipment_once_in_trip"),
        ]

    def __str__(self) -> str:
        return self.number


class Seal(models.Model):
    """A seal on a trip's equipment, or on its conveyance where `equipment` is null."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="seals")
    equipment = models.ForeignKey(
        Equipment, models.CASCADE, null=True, blank=True, related_name="seals"
    )
    number = models.CharField(max_length=15)
    grade = models.CharField(max_length=1, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trip", "number"], name="seal_once_in_trip"),
            models.CheckConstraint(
                condition=Q(grade__in=["", "H", "S", "I"]), name="seal_grade_is_of_iso_17712"
            ),
        ]
        indexes = [models.Index(fields=["number"], name="seal_by_number")]

    def __str__(self) -> str:
        return self.number


class ReplacedSeal(models.Model):
    """A seal that an officer cut, and the one that was put in its place.

    The trip's own row carries the new number. A certificate may still name the old one.
    """

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="replaced_seals")
    equipment_number = models.CharField(max_length=17, blank=True, default="")
    old_number = models.CharField(max_length=15)
    new_number = models.CharField(max_length=15)
    new_grade = models.CharField(max_length=1, blank=True, default="")
    replaced_by = models.CharField(max_length=64)
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trip", "old_number"], name="seal_replaced_once"),
            models.CheckConstraint(
                condition=~Q(old_number=F("new_number")), name="seal_replaced_by_another"
            ),
            models.CheckConstraint(
                condition=Q(new_grade__in=["", "H", "S", "I"]),
                name="seal_put_on_has_a_grade_of_iso_17712",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_number} → {self.new_number}"


class CrewMember(models.Model):
    """A person aboard: driver, other crew, or passenger."""

    trip = models.ForeignKey(Trip, models.CASCADE, related_name="crew")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=16, choices=_choices(CREW_ROLES))
    given_names = SealedCharField(max_length=30)
    family_names = SealedCharField(max_length=30)
    birth_date = SealedDateField()
    citizenship = models.CharField(max_length=2)
    gender = models.CharField(max_length=1, blank=True, default="")
    fast_card = models.CharField(max_length=14, blank=True, default="")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.given_names} {self.family_names}"


class CrewDocument(models.Model):
    """A travel document of a person aboard."""

    person = models.ForeignKey(CrewMember, models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=32)
    number = SealedCharField(max_length=30)
    country = models.CharField(max_length=2, blank=True, default="")

    def __str__(self) -> str:
        return self.kind


class Version(models.Model):
    """One accepted message about a trip, as it was filed: never changed (migration 0002).

    `document` is null once it was purged (`manifests.retention`); its digest stays.
    `control_number` is the filer's own; the same one cannot be accepted twice for a trip.
    """

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=16)
    source = models.CharField(max_length=16)
    control_number = models.CharField(max_length=32, blank=True, default="")
    document = SealedJSONField(null=True)
    document_sha256 = models.BinaryField(max_length=32)
    filed_by = models.CharField(max_length=100)
    filed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["trip", "number"], name="version_once_in_trip"),
            models.UniqueConstraint(
                fields=["trip", "control_number"],
                condition=~Q(control_number=""),
                name="version_control_number_once_in_trip",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trip_id}/{self.number}"
