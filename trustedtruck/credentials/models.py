"""Signing keys (their public part and life), status lists, sanctions, credentials.

No private key is ever in the database: it stays in the store of `keystore`.
"""

from django.db import models
from django.db.models import F, Q

from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedTextField
from trustedtruck.credentials.states import LIVE, CredentialState, Kind, Reason

STATUS_LIST_SIZE = 131_072


class Purpose(models.TextChoices):
    """What a key may sign. A signature of a key of another purpose is refused."""

    CREDENTIAL = "credential", "credentials (ES256)"
    STATUS = "status", "status lists (ES256)"
    BUNDLE = "bundle", "lane bundles (ES256)"
    DATA_INTEGRITY = "integrity", "Data Integrity proofs (Ed25519)"


class SigningKey(models.Model):
    """The public part and the life of one key.

    It is published from `published_at`, signs from `active_from` until `retired_at`, and verifies
    until its last credential has ended. From `distrusted_at` nothing signed by it is accepted.
    `base_url` is the issuer's identity (its did:web and every address in what it signs).
    """

    kid = models.CharField(max_length=11, primary_key=True)
    purpose = models.CharField(max_length=16, choices=Purpose)
    alg = models.CharField(max_length=8, choices=[("ES256", "ES256"), ("Ed25519", "Ed25519")])
    public_jwk = models.JSONField()
    base_url = models.CharField(max_length=200)
    store = models.CharField(max_length=8, choices=[("files", "files"), ("pkcs11", "PKCS#11")])
    published_at = models.DateTimeField()
    active_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    distrusted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kid__regex=r"^[A-Za-z0-9_-]{11}$"), name="signing_key_kid_shape"
            ),
            models.CheckConstraint(
                condition=Q(active_from__gte=F("published_at")),
                name="signing_key_published_before_use",
            ),
            models.CheckConstraint(
                condition=~Q(public_jwk__has_key="d"), name="signing_key_holds_no_private_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.kid}"


class StatusList(models.Model):
    """One pair of Bitstring lists (revocation, suspension) and one Token Status List.

    `shuffle_key` seeds the permutation by which indices are handed out, so that they tell nothing
    of the order of issue.
    """

    number = models.PositiveIntegerField(primary_key=True)
    size = models.PositiveIntegerField(default=STATUS_LIST_SIZE)
    shuffle_key = models.BinaryField(max_length=16)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=STATUS_LIST_SIZE), name="status_list_hides_in_a_herd"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)


class Sanction(models.Model):
    """One suspension of a carrier with everything that hangs on it."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="sanctions")
    reason = models.CharField(max_length=32, choices=Reason)
    imposed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carrier"],
                condition=Q(lifted_at__isnull=True),
                name="sanction_one_in_force_per_carrier",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("imposed_at")),
                name="sanction_lifted_after_it_was_imposed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_id}: {self.reason}"


def _about(kind: Kind) -> Q:
    parts = {"driver__isnull": True, "truck__isnull": True, "trailer__isnull": True}
    if kind != Kind.CARRIER:
        parts[f"{kind}__isnull"] = False
    return Q(kind=kind, **parts)


class Credential(models.Model):
    """One signed credential. `carrier` is its subject, or the carrier that its subject belongs to.

    `tag_epc` and the plate are what a truck's credential is bound to at issue. `sanction` is the
    sanction that took it, so that lifting restores this one and no other. The period's end is
    exclusive.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="credentials")
    driver = models.ForeignKey(
        Driver, models.PROTECT, null=True, blank=True, related_name="credentials"
    )
    truck = models.ForeignKey(
        Truck, models.PROTECT, null=True, blank=True, related_name="credentials"
    )
    trailer = models.ForeignKey(
        Trailer, models.PROTECT, null=True, blank=True, related_name="credentials"
    )
    state = models.CharField(max_length=16, choices=CredentialState)
    reason = models.CharField(max_length=32, choices=Reason)
    issued_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    tag_epc = models.CharField(max_length=24, blank=True, db_default="")
    plate_number = models.CharField(max_length=10, blank=True, db_default="")
    plate_jurisdiction = models.CharField(max_length=3, blank=True, db_default="")
    kid = models.CharField(max_length=11)
    status_list = models.ForeignKey(StatusList, models.PROTECT, related_name="credentials")
    status_index = models.PositiveIntegerField()
    sanction = models.ForeignKey(
        Sanction, models.PROTECT, null=True, blank=True, related_name="credentials"
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    qr = models.TextField()
    vc_jwt = SealedTextField()
    # The transaction that last wrote the row, set by a trigger: how the lane bundle finds changes.
    changed_xid = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["changed_xid"], name="credential_by_change"),
            models.Index(
                fields=["tag_epc"],
                condition=Q(state__in=LIVE) & ~Q(tag_epc=""),
                name="credential_by_live_tag",
            ),
            models.Index(
                fields=["status_list", "status_index"],
                condition=~Q(state__in=("active", "expired")),
                name="credential_by_set_status",
            ),
            models.Index(fields=["carrier", "state"], name="credential_by_carrier"),
            models.Index(fields=["truck"], name="credential_by_truck"),
            models.Index(fields=["driver"], name="credential_by_driver"),
            models.Index(fields=["kid", "valid_until"], name="credential_by_key"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=_about(Kind.CARRIER)
                | _about(Kind.DRIVER)
                | _about(Kind.TRUCK)
                | _about(Kind.TRAILER),
                name="credential_subject_is_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["carrier"],
                condition=Q(kind=Kind.CARRIER, state__in=LIVE),
                name="credential_one_live_per_carrier",
            ),
            models.UniqueConstraint(
                fields=["driver"],
                condition=Q(state__in=LIVE),
                name="credential_one_live_per_driver",
            ),
            models.UniqueConstraint(
                fields=["truck"], condition=Q(state__in=LIVE), name="credential_one_live_per_truck"
            ),
            models.UniqueConstraint(
                fields=["trailer"],
                condition=Q(state__in=LIVE),
                name="credential_one_live_per_trailer",
            ),
            models.UniqueConstraint(
                fields=["status_list", "status_index"], name="credential_status_index_used_once"
            ),
            models.CheckConstraint(
                condition=Q(status_index__lt=STATUS_LIST_SIZE),
                name="credential_status_index_in_its_list",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="credential_period_is_forward"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CredentialState.values), name="credential_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(tag_epc="") | Q(tag_epc__regex=r"^[0-9A-F]{24}$", kind=Kind.TRUCK),
                name="credential_tag_is_of_a_truck",
            ),
            models.CheckConstraint(
                condition=Q(sanction__isnull=True) | Q(state=CredentialState.SUSPENDED),
                name="credential_sanctioned_is_suspended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Hold(models.Model):
    """A hold on one credential's subject: the lanes inspect it until the hold is lifted."""

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="holds")
    note = models.CharField(max_length=200)
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("placed_at")),
                name="hold_lifted_after_it_was_placed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.credential_id}: {self.note}"


class Bundle(models.Model):
    """One signed manifest of the lane bundle. `seq` only ever grows.

    `watermark` is the oldest transaction that was still open when it was made: rows written by it
    or later are read again for the next. `content` names what it says, without its dates.
    """

    seq = models.BigAutoField(primary_key=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    watermark = models.BigIntegerField()
    content = models.CharField(max_length=64)
    manifest = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="bundle_expires_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return str(self.seq)


class BundleShard(models.Model):
    """One of the parts of the tag map, as text, with the sequence number that last changed it."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    digest = models.CharField(max_length=43)
    body = models.TextField()

    def __str__(self) -> str:
        return str(self.number)


class BulkJob(models.Model):
    """Credentials for a whole fleet, made in portions by a worker; it resumes where it stopped.

    `position` is the last subject done (`kind`, id), in the order of `services.bulk`.
    """

    class Action(models.TextChoices):
        ISSUE = "issue", "issue to all that have none"
        RENEW = "renew", "renew all that are active"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="bulk_jobs")
    action = models.CharField(max_length=8, choices=Action)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    requested_by = models.JSONField()
    requested_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    position_kind = models.CharField(max_length=8, blank=True, default="")
    position_id = models.BigIntegerField(default=0)
    worked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carrier"],
                condition=Q(state__in=("waiting", "running")),
                name="bulk_job_one_at_work_per_carrier",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), finished_at__isnull=True)
                | Q(state__in=("done", "failed"), finished_at__isnull=False),
                name="bulk_job_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="bulk_job_done_within_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.done}/{self.total}"


class WalletOffer(models.Model):
    """An offer of a driver's credential to their wallet (OpenID4VCI, pre-authorised code).

    Code, PIN and token are stored as hashes. One offer gives one credential, to one holder key.
    """

    credential = models.ForeignKey(Credential, models.PROTECT, related_name="wallet_offers")
    code_sha256 = models.BinaryField(max_length=32, unique=True)
    pin_sha256 = models.BinaryField(max_length=32)
    token_sha256 = models.BinaryField(max_length=32, null=True, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True, blank=True)
    holder_kid = models.CharField(max_length=43, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(collected_at__isnull=True, holder_kid="")
                | (Q(collected_at__isnull=False) & ~Q(holder_kid="")),
                name="wallet_offer_collected_by_a_holder",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="wallet_offer_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"offer of {self.credential_id}"
