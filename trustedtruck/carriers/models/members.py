"""A carrier's people, and the invitations by which they come."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User
from trustedtruck.carriers.models.carrier import Carrier
from trustedtruck.carriers.models.pairs import together
from trustedtruck.carriers.topics import Topic, all_topics


class MemberRole(models.TextChoices):
    """What a member may do. An administrator may do everything."""

    ADMINISTRATOR = "administrator", _("Administrator")
    FLEET = "fleet", _("Fleet")
    VIEWER = "viewer", _("Viewer")


class Membership(models.Model):
    """A person belongs to one carrier: nobody can show one carrier's data to another by mistake.

    `mail_topics` are the notices that this person wants by e-mail.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="membership")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=MemberRole)
    created_at = models.DateTimeField()
    mail_topics = ArrayField(models.CharField(max_length=32, choices=Topic), default=all_topics)
    notices_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["administrator", "fleet", "viewer"]),
                name="membership_role_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.carrier_id}"

    @property
    def is_administrator(self) -> bool:
        return self.role == MemberRole.ADMINISTRATOR


class Invitation(models.Model):
    """An address that may join a carrier. Only the hash of its token is stored."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=MemberRole)
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    invited_by = models.CharField(max_length=64)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=64, blank=True, default="")
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=64, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            together("accepted", "invitation_accepted_by_whom_and_when"),
            together("withdrawn", "invitation_withdrawn_by_whom_and_when"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="invitation_ends_in_one_way",
            ),
            models.UniqueConstraint(
                fields=["carrier", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_id} {self.email}"
