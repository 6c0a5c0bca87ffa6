"""People, agencies, devices and the keys of machines."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.roles import Role, Scope
from trustedtruck.audit.actors import Actor

port_code_validator = RegexValidator(r"^[0-9]{4}\Z", _("A port code is four digits (Schedule D)."))


class Agency(models.Model):
    """A customs, border, agriculture or investigating agency of one country."""

    code = models.CharField(max_length=16, primary_key=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="agency_country_is_iso_alpha_2"
            )
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person: an officer with roles at ports, or a member of a carrier.

    `roles` and `ports` bound what an officer may do and where; a carrier's people have none.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    roles = ArrayField(models.CharField(max_length=32, choices=Role), default=list, blank=True)
    ports = ArrayField(
        models.CharField(max_length=4, validators=[port_code_validator]), default=list, blank=True
    )
    language = models.CharField(
        max_length=2, choices=[("en", "English"), ("es", "Español")], default="en"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(roles=[]) | Q(agency__isnull=False), name="officer_has_an_agency"
            )
        ]

    @property
    def is_officer(self) -> bool:
        return bool(self.roles)

    def has_role(self, *roles: str) -> bool:
        return bool(set(roles) & set(self.roles))

    def works_at(self, port_code: str) -> bool:
        return port_code in self.ports

    @property
    def actor(self) -> Actor:
        return Actor("user", str(self.pk), self.get_full_name() or self.username)


class Device(models.Model):
    """A reader, camera, scale, gate computer or scanner at one port.

    `port_code` is the port's natural key: ports live further up in the house.
    """

    port_code = models.CharField(max_length=4, validators=[port_code_validator])
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["port_code", "code"], name="device_code_unique_in_port"
            ),
            models.CheckConstraint(
                condition=Q(port_code__regex=r"^[0-9]{4}$"), name="device_port_is_four_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.port_code}/{self.code}"

    @property
    def actor(self) -> Actor:
        return Actor("device", str(self.pk), str(self))


class MachineKey(models.Model):
    """The bearer key of one device, partner agency or carrier. Only its hash is stored.

    The full key is `tt_<prefix>_<secret>`; `secret_sha256` hashes the secret, which has 256 random
    bits, so that a slow hash would add nothing.
    """

    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.BinaryField(max_length=32)
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="keys")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="keys")
    carrier_id = models.BigIntegerField(null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(device__isnull=False, agency__isnull=True, carrier_id__isnull=True)
                    | Q(device__isnull=True, agency__isnull=False, carrier_id__isnull=True)
                    | Q(device__isnull=True, agency__isnull=True, carrier_id__isnull=False)
                ),
                name="key_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="key_expires_after_its_creation",
            ),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def actor(self) -> Actor:
        if self.device is not None:
            return self.device.actor
        if self.agency_id is not None:
            return Actor("agency", self.agency_id)
        return Actor("carrier", str(self.carrier_id))


class CacheEntry(models.Model):
    """The table of Django's database cache: rate limits and used codes, shared by all processes.

    In the database and not in Redis, so that people can log in while the broker is away.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cache_entry"
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key
