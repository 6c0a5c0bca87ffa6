"""People, agencies, devices and the keys of machines."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts import notices
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

    class Mail(models.TextChoices):
        ALL = "all", _("every notice")
        URGENT = "urgent", _("only what is urgent")
        NONE = "none", _("nothing")

    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True)
    roles = ArrayField(models.CharField(max_length=32, choices=Role), default=list, blank=True)
    ports = ArrayField(
        models.CharField(max_length=4, validators=[port_code_validator]), default=list, blank=True
    )
    language = models.CharField(
        max_length=2, choices=[("en", "English"), ("es", "Español")], default="en"
    )
    notices_by_mail = models.CharField(max_length=8, choices=Mail, default=Mail.URGENT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(roles=[]) | Q(agency__isnull=False), name="officer_has_an_agency"
            ),
            # People sign in by it however they write it; of two alike, neither could.
            models.UniqueConstraint(Lower("username"), name="user_names_differ_not_by_case_alone"),
        ]

    @property
    def is_officer(self) -> bool:
        return bool(self.roles)

    def has_role(self, *roles: str) -> bool:
        return bool(set(roles) & set(self.roles))

    def works_at(self, port_code: str) -> bool:
        return port_code in self.ports

    def wants_mail(self, *, urgent: bool) -> bool:
        return self.notices_by_mail == self.Mail.ALL or (
            urgent and self.notices_by_mail == self.Mail.URGENT
        )

    @property
    def actor(self) -> Actor:
        return Actor("user", str(self.pk), self.get_full_name() or self.username)


class OfficerNotice(models.Model):
    """Something that one officer should know. The words for `code` are in `accounts.notices`.

    `path` is the page where the matter waits. A row with `mail_due` and no `mailed_at` waits for a
    worker.
    """

    officer = models.ForeignKey(User, models.CASCADE, related_name="notices")
    code = models.CharField(max_length=48)
    data = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True, default="")
    port_code = models.CharField(max_length=4, blank=True, default="")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mailed_at__isnull=True) | Q(mail_due=True),
                name="officer_notice_mailed_because_it_was_due",
            ),
        ]
        indexes = [
            models.Index(fields=["officer", "-id"], name="notice_by_officer"),
            models.Index(
                fields=["officer"], condition=Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=["id"],
                condition=Q(mail_due=True, mailed_at__isnull=True),
                name="notice_to_be_mailed",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        return notices.title(self.code, self.data)

    @property
    def body(self) -> str:
        return notices.body(self.code, self.data)


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
    """A key of one device, partner agency or carrier: a bearer key, or one that signs requests.

    Of a bearer key, `tt_<prefix>_<secret>`, only the hash is stored; the secret has 256 random
    bits, so that a slow hash would add nothing. Of a signing key only the public part (Ed25519, 32
    bytes) ever comes here; `prefix` is its `keyid`.
    """

    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.BinaryField(max_length=32, null=True)
    public_key = models.BinaryField(max_length=32, null=True, unique=True)
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
                condition=Q(secret_sha256__isnull=False, public_key__isnull=True)
                | Q(secret_sha256__isnull=True, public_key__isnull=False),
                name="key_is_a_secret_or_signs",
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


class UsedNonce(models.Model):
    """A signed request that was counted. It is refused when it comes again."""

    key = models.ForeignKey(MachineKey, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    created = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_used_once")]
        indexes = [
            models.Index(fields=["key", "-created"], name="nonce_newest_of_key"),
            models.Index(fields=["created"], name="nonce_by_age"),
        ]

    def __str__(self) -> str:
        return self.nonce


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
