"""The company profile: addresses, tax number, contacts, and the look-up of partners (SVI)."""

from django.db import models
from django.db.models import Q

from trustedtruck.carriers.models.carrier import Carrier


class Profile(models.Model):
    """What a carrier says of itself. `version` grows with each save: a stale form is noticed.

    `svi_number` is opaque: 128 random bits, given at the first certification. Nobody finds it who
    does not know it, and only while `svi_consent` is on.
    """

    carrier = models.OneToOneField(Carrier, models.CASCADE, related_name="profile")
    trade_name = models.CharField(max_length=200, blank=True, default="")
    tax_country = models.CharField(max_length=2)
    tax_id = models.CharField(max_length=20)
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=12)
    address_country = models.CharField(max_length=2)
    phone = models.CharField(max_length=32)
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    contact_phone = models.CharField(max_length=32)
    emergency_phone = models.CharField(max_length=32)
    svi_number = models.UUIDField(null=True, blank=True, unique=True)
    svi_consent = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tax_country__regex=r"^[A-Z]{2}$", address_country__regex=r"^[A-Z]{2}$"),
                name="profile_countries_are_iso_alpha_2",
            ),
            models.UniqueConstraint(
                fields=["tax_country", "tax_id"], name="profile_tax_id_used_once"
            ),
        ]

    def __str__(self) -> str:
        return f"profile of {self.carrier_id}"
