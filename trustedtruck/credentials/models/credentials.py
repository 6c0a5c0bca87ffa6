"""Credentials, the status lists that they are on, and what is held against them."""

from django.db import models
from django.db.models import F, Q

from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.core.ids import uuid7
from trustedtruck.core.sealed import SealedTextField
from trustedtruck.credentials.states import LIVE, CredentialState, Kind, Reason

STATUS_LIST_SIZE = 131_072


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
