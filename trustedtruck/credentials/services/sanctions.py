"""A sanction on a carrier: the carrier and all that hangs on it, in one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.services import change_carrier
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.models import Credential, Sanction
from trustedtruck.credentials.services.life import change_many
from trustedtruck.credentials.states import LIVE, CredentialState, Reason


@transaction.atomic
def sanction_carrier(*, carrier: Carrier, by: Actor, at: datetime, reason: str) -> Sanction:
    """Suspend the carrier and every active credential of its own, its fleet and its drivers.

    What was suspended before keeps its own ground. Raises `TransitionRefused`.
    """
    change_carrier("suspend", carrier=carrier, by=by, at=at, reason=Reason(reason))
    sanction = Sanction.objects.create(carrier=carrier, reason=Reason(reason), imposed_at=at)
    rows = _locked(carrier, [CredentialState.ACTIVE])
    change_many(rows, "suspend", by=by, at=at, reason=Reason.CARRIER_SANCTION, sanction=sanction)
    return sanction


@transaction.atomic
def lift_sanction(*, carrier: Carrier, by: Actor, at: datetime) -> Sanction:
    """Reinstate the carrier and exactly what its sanction took.

    Raises `TransitionRefused`, or `Refused` (`no_sanction`).
    """
    change_carrier("reinstate", carrier=carrier, by=by, at=at, reason=Reason.CLEARED)
    sanction = Sanction.objects.select_for_update().filter(carrier=carrier, lifted_at=None).first()
    if sanction is None:
        raise Refused("no_sanction", _("No sanction on this carrier is in force."))
    rows = [
        row
        for row in _locked(carrier, [CredentialState.SUSPENDED])
        if row.sanction_id == sanction.pk
    ]
    change_many(rows, "reinstate", by=by, at=at, reason=Reason.CLEARED)
    sanction.lifted_at = at
    sanction.save(update_fields=["lifted_at"])
    return sanction


@transaction.atomic
def remove_carrier(*, carrier: Carrier, by: Actor, at: datetime) -> Carrier:
    """Remove the carrier from the programme and revoke all that hangs on it."""
    removed = change_carrier("remove", carrier=carrier, by=by, at=at, reason=Reason.CARRIER_REMOVED)
    rows = _locked(carrier, LIVE)
    change_many(rows, "revoke", by=by, at=at, reason=Reason.CARRIER_REMOVED)
    Sanction.objects.filter(carrier=carrier, lifted_at=None).update(lifted_at=at)
    return removed


def _locked(carrier: Carrier, states: tuple[str, ...] | list[str]) -> list[Credential]:
    return list(
        Credential.objects.select_for_update(no_key=True)
        .filter(carrier=carrier, state__in=states)
        .defer("qr", "vc_jwt")
        .order_by("pk")
    )
