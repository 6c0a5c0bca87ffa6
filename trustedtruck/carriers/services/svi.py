"""The Status Verification Interface: opaque numbers, consenting certified members, no other."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Carrier, Profile
from trustedtruck.carriers.states import CarrierState
from trustedtruck.core.errors import DomainError, NotFound, Refused

PER_HOUR = 20
LOOKED_UP = "svi.looked_up"


class TooMany(DomainError):
    """More than the rate that the look-up allows."""

    def __init__(self) -> None:
        super().__init__(
            "too_many_look_ups",
            _("Your company has looked up too many. Try again in an hour."),
            HTTPStatus.TOO_MANY_REQUESTS,
        )


@dataclass(frozen=True)
class Partner:
    legal_name: str
    scac: str
    country: str
    certified_at: datetime | None


def look_up(*, number: str, carrier: Carrier, by: Actor, at: datetime) -> Partner:
    """Twenty look-ups an hour for each carrier, counted in the audit; more raise `TooMany`.

    Raises `Refused` for an asker that is not certified or does not consent to be found, and
    `NotFound` for whatever is unknown, not certified, or does not consent: the three look alike.
    """
    own = Profile.objects.filter(carrier=carrier).first()
    if carrier.state != CarrierState.CERTIFIED or own is None or not own.svi_consent:
        raise Refused(
            "svi_not_open",
            _("Only certified members that consent to be looked up can look up others."),
        )
    asked = Event.objects.filter(
        action=LOOKED_UP,
        subject_kind="carrier",
        subject_id=str(carrier.pk),
        at__gt=at - timedelta(hours=1),
    )
    if asked.count() >= PER_HOUR:
        raise TooMany
    try:
        wanted = uuid.UUID(number)
    except ValueError:
        wanted = None
    found = (
        Profile.objects.select_related("carrier")
        .filter(svi_number=wanted, svi_consent=True, carrier__state=CarrierState.CERTIFIED)
        .first()
        if wanted
        else None
    )
    # In a transaction of its own: a look-up that found nothing is kept as well.
    with transaction.atomic():
        audit.record(
            LOOKED_UP,
            by=by,
            subject_kind="carrier",
            subject_id=carrier.pk,
            data={"found": found.carrier_id if found else None},
        )
    if found is None:
        raise NotFound("partner_not_found", _("Partner ID not found"))
    partner = found.carrier
    return Partner(partner.legal_name, partner.scac, partner.country, partner.certified_at)


@transaction.atomic
def choose_consent(*, carrier: Carrier, consent: bool, by: Actor, at: datetime) -> None:
    """Whether other members may look this carrier up. Refused before there is a profile."""
    profile = Profile.objects.select_for_update().filter(carrier=carrier).first()
    if profile is None:
        raise Refused("profile_missing", _("Fill in the company profile first."))
    profile.svi_consent = consent
    profile.save(update_fields=["svi_consent"])
    audit.record(
        "svi.consent_changed",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"consent": consent},
    )
