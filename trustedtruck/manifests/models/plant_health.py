"""Plant-health certificates (ePhyto), stored whole and in the fields that are compared."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from trustedtruck.core.ids import uuid7
from trustedtruck.manifests.states import CertificateState


class Certificate(models.Model):
    """A certificate by issuing country and number, as its newest message describes it."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    issuing_country = models.CharField(max_length=2, blank=True, default="")
    number = models.CharField(max_length=70)
    type_code = models.CharField(max_length=8)
    state = models.CharField(max_length=16, choices=CertificateState)
    issued_at = models.DateTimeField(null=True, blank=True)
    issuer = models.CharField(max_length=200, blank=True, default="")
    consignor = models.CharField(max_length=200, blank=True, default="")
    consignee = models.CharField(max_length=200, blank=True, default="")
    consignee_key = models.CharField(max_length=200, blank=True, default="")
    export_country = models.CharField(max_length=2, blank=True, default="")
    import_country = models.CharField(max_length=2, blank=True, default="")
    replaces = models.CharField(max_length=70, blank=True, default="")
    not_understood = models.JSONField(default=list)
    received_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuing_country", "number"], name="certificate_number_once_per_country"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CertificateState.values), name="certificate_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["consignee_key"], name="certificate_by_consignee")]

    def __str__(self) -> str:
        return f"{self.issuing_country} {self.number}"


class CertificateMessage(models.Model):
    """A message about a certificate, byte for byte: the same bytes once from each sender."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="messages")
    sha256 = models.BinaryField(max_length=32)
    body = models.BinaryField()
    status_code = models.CharField(max_length=8)
    received_from = models.CharField(max_length=100)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "received_from"], name="certificate_message_once_per_sender"
            )
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.status_code}"


class CertificateLine(models.Model):
    """One trade line of a certificate. Weights are kg, null where none is given."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    hs_code = models.CharField(max_length=10, blank=True, default="")
    scientific_name = models.CharField(max_length=200, blank=True, default="")
    common_name = models.CharField(max_length=200, blank=True, default="")
    description = models.CharField(max_length=500, blank=True, default="")
    origin_country = models.CharField(max_length=2, blank=True, default="")
    net_weight_kg = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    gross_weight_kg = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.scientific_name or self.description


class CertificateSeal(models.Model):
    """A seal that the certificate names, with the container or trailer it closes."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="seals")
    number = models.CharField(max_length=35)
    equipment_number = models.CharField(max_length=35, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "number"], name="certificate_seal_once")
        ]
        indexes = [models.Index(fields=["number"], name="certificate_seal_by_number")]

    def __str__(self) -> str:
        return self.number
