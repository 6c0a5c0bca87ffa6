"""Papers that end: registrations, licences, medical certificates, insurance."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.models.fleet import Driver, Trailer, Truck
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedCharField


class Documents(models.QuerySet["Document"]):
    """The papers of a carrier."""

    def in_use(self) -> "Documents":
        """Of what is in the fleet. Nobody renews the papers of what has left it."""
        return self.filter(
            truck__retired_at__isnull=True,
            trailer__retired_at__isnull=True,
            driver__retired_at__isnull=True,
        )


class Document(models.Model):
    """A paper of one truck, trailer or driver. It is valid before `expires_date`, not on it.

    Where a picture or PDF of it was uploaded, `file_sha256` is over the stored bytes and also names
    the file.
    """

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("Vehicle registration")
        INSPECTION = "inspection", _("Annual inspection")
        LICENCE = "licence", _("Driver’s licence")
        MEDICAL = "medical", _("Medical certificate")
        PASSPORT = "passport", _("Passport or visa")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="documents")
    truck = models.ForeignKey(
        Truck, models.PROTECT, null=True, blank=True, related_name="documents"
    )
    trailer = models.ForeignKey(
        Trailer, models.PROTECT, null=True, blank=True, related_name="documents"
    )
    driver = models.ForeignKey(
        Driver, models.PROTECT, null=True, blank=True, related_name="documents"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    number = SealedCharField(max_length=40)
    expires_date = models.DateField()
    file_name = models.CharField(max_length=120, blank=True, default="")
    file_type = models.CharField(max_length=64, blank=True, default="")
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    warned_at = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    objects = Documents.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(file_name="", file_type="", file_sha256="")
                | (~Q(file_name="") & ~Q(file_type="") & Q(file_sha256__regex=r"^[0-9a-f]{64}$")),
                name="document_file_is_whole_or_absent",
            ),
            models.CheckConstraint(
                condition=Q(truck__isnull=False, trailer__isnull=True, driver__isnull=True)
                | Q(truck__isnull=True, trailer__isnull=False, driver__isnull=True)
                | Q(truck__isnull=True, trailer__isnull=True, driver__isnull=False),
                name="document_belongs_to_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["registration", "inspection"], driver__isnull=True)
                | Q(kind__in=["licence", "medical", "passport"], driver__isnull=False),
                name="document_kind_fits_its_owner",
            ),
        ]
        indexes = [models.Index(fields=["carrier", "expires_date"], name="document_by_end")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Insurance(models.Model):
    """One policy of liability insurance. Its period's end is exclusive."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="insurances")
    insurer = models.CharField(max_length=120)
    policy_number = models.CharField(max_length=40)
    liability_usd = models.PositiveIntegerField()
    starts_date = models.DateField()
    expires_date = models.DateField()
    warned_at = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_date__gt=F("starts_date")), name="insurance_period_is_forward"
            ),
            models.UniqueConstraint(
                fields=["carrier", "insurer", "policy_number"], name="insurance_policy_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.insurer} {self.policy_number}"
