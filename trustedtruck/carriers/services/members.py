"""A carrier's people: joined by invitation, given a role, taken out."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts import mail
from trustedtruck.accounts.models import User
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Invitation, Membership
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.services.entries import insert
from trustedtruck.core.errors import FieldError, Invalid, NotFound, Refused

INVITATION_LASTS = timedelta(days=14)
INVITATIONS_PER_DAY = 50


@transaction.atomic
def add_member(*, carrier: Carrier, user: User, role: str, by: Actor, at: datetime) -> Membership:
    """Raises `Refused` when the person belongs to a carrier already, or is an officer."""
    if user.is_officer:
        raise Refused("officer_cannot_join", _("An officer cannot be a member of a carrier."))
    if Membership.objects.filter(user=user).exists():
        raise Refused("already_a_member", _("This person is a member of a carrier already."))
    member = Membership(carrier=carrier, user=user, role=role, created_at=at)
    insert(member.save)
    _record("member.added", member, by)
    return member


@transaction.atomic
def invite(
    *, carrier: Carrier, email: str, role: str, language: str, by: Actor, at: datetime
) -> str:
    """Send an invitation by mail; returns the token, which only the mail carries.

    A new invitation to the same address takes the place of the one that was open. Raises `Invalid`
    for a member, `Refused` for more than fifty in a day: our mail must not serve to molest.
    """
    address = email.strip().lower()
    # Two who invite the same person in one moment: the second takes the place of the first.
    Carrier.objects.select_for_update().get(pk=carrier.pk)
    if Membership.objects.filter(carrier=carrier, user__email__iexact=address).exists():
        raise Invalid(
            (FieldError("email", "member_already", _("This person is a member already.")),),
            _("Some fields are wrong."),
        )
    today = Invitation.objects.filter(carrier=carrier, invited_at__gt=at - timedelta(days=1))
    if today.count() >= INVITATIONS_PER_DAY:
        raise Refused(
            "too_many_invitations",
            _("Your company has sent fifty invitations today. Go on tomorrow."),
        )
    Invitation.objects.filter(
        carrier=carrier, email=address, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).update(withdrawn_by=str(by), withdrawn_at=at)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        carrier=carrier,
        email=address,
        role=role,
        token_sha256=_digest(token),
        invited_by=str(by),
        invited_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    audit.record(
        "member.invited",
        by=by,
        subject_kind="invitation",
        subject_id=invitation.pk,
        data={"carrier": carrier.pk, "role": role},
    )
    with override(language):
        mail.send(
            to=[address],
            subject="TrustedTruck: "
            + gettext("%(carrier)s invites you") % {"carrier": carrier.legal_name},
            body=gettext(
                "You are invited to the carrier portal of %(carrier)s. Sign in or create an account"
                " with this address, then open:\n\n%(link)s\n\nThe invitation ends in 14 days."
            )
            % {
                "carrier": carrier.legal_name,
                "link": f"{settings.BASE_URL}/portal/invitation/{token}/",
            },
        )
    return token


def open_invitation(token: str, *, at: datetime) -> Invitation:
    """Raises `NotFound` for an unknown, used, withdrawn or ended invitation alike."""
    invitation = (
        Invitation.objects.select_related("carrier")
        .filter(
            token_sha256=_digest(token),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=at,
        )
        .first()
    )
    if invitation is None:
        raise NotFound(
            "invitation_unknown", _("This invitation is unknown, used already, or has ended.")
        )
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, user: User, at: datetime) -> Membership:
    """The person who holds the invited address joins. Raises `Refused` for any other."""
    # Before it is looked at again: it may be withdrawn in this moment.
    list(Invitation.objects.select_for_update().filter(token_sha256=_digest(token)))
    invitation = open_invitation(token, at=at)
    if user.email.lower() != invitation.email:
        raise Refused(
            "invitation_for_another",
            _("This invitation is for another address. Sign in with the address it was sent to."),
        )
    invitation.accepted_by, invitation.accepted_at = str(user.actor), at
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    return add_member(
        carrier=invitation.carrier, user=user, role=invitation.role, by=user.actor, at=at
    )


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Actor, at: datetime) -> None:
    """Its link no longer lets anybody in. Raises `Refused` where it did, or was withdrawn."""
    still_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    if not still_open.update(withdrawn_by=str(by), withdrawn_at=at):
        raise Refused(
            "invitation_over", _("This invitation has been accepted or withdrawn already.")
        )
    audit.record(
        "member.invitation_withdrawn",
        by=by,
        subject_kind="invitation",
        subject_id=invitation.pk,
        data={"carrier": invitation.carrier_id},
    )


@transaction.atomic
def change_role(*, member: Membership, role: str, by: Actor, at: datetime) -> Membership:
    """Raises `Refused` when the carrier would be left without an administrator."""
    member = _locked(member)
    if role != MemberRole.ADMINISTRATOR:
        _keep_one_administrator(member)
    member.role = role
    member.save(update_fields=["role"])
    _record("member.role_changed", member, by)
    return member


@transaction.atomic
def remove_member(*, member: Membership, by: Actor, at: datetime) -> None:
    """Raises `Refused` when the carrier would be left without an administrator."""
    member = _locked(member)
    _keep_one_administrator(member)
    _record("member.removed", member, by)
    member.delete()


@transaction.atomic
def choose_mail(*, member: Membership, topics: list[str], by: Actor, at: datetime) -> None:
    member.mail_topics = topics
    member.save(update_fields=["mail_topics"])


@transaction.atomic
def mark_notices_read(*, member: Membership, at: datetime) -> None:
    member.notices_read_at = at
    member.save(update_fields=["notices_read_at"])


def _locked(member: Membership) -> Membership:
    # The carrier's row first: two administrators who remove each other must not both succeed.
    Carrier.objects.select_for_update().get(pk=member.carrier_id)
    return Membership.objects.select_for_update().get(pk=member.pk)


def _keep_one_administrator(member: Membership) -> None:
    others = Membership.objects.filter(
        carrier=member.carrier_id, role=MemberRole.ADMINISTRATOR
    ).exclude(pk=member.pk)
    if member.is_administrator and not others.exists():
        raise Refused(
            "last_administrator",
            _("A company needs at least one administrator. Name another first."),
        )


def _record(action: str, member: Membership, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="membership",
        subject_id=member.pk,
        data={"carrier": member.carrier_id, "user": member.user_id, "role": member.role},
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
