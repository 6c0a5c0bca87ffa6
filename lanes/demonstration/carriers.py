"""The demonstration's 40 carriers: most certified, some suspended, some expired, some not yet."""

from datetime import datetime, timedelta

from lanes.demonstration.identities import companies
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.carriers.services import (
    add_drivers,
    add_trailers,
    add_trucks,
    change_carrier,
    register_carrier,
)
from trustedtruck.credentials import services as credentials
from trustedtruck.credentials.states import Reason

# Carriers by their place in the list: tier 3 up to 20, tier 2 up to 28, tier 1 up to 37; of those
# the 35th and 36th are suspended and the 37th is removed; 38 and 39 have applied, 40 has begun.
_TIERS = [3] * 20 + [2] * 8 + [1] * 9
SUSPENDED, REMOVED, APPLICANTS = (34, 35), (36,), (37, 38)


def make_carriers(*, by: Actor, at: datetime) -> None:
    """Register, certify and equip all carriers, through the services that officers use."""
    for index, company in enumerate(companies(at.date())):
        carrier = register_carrier(
            legal_name=company.legal_name,
            country=company.country,
            kind=company.kind,
            identifiers=company.identifiers,
            by=by,
            at=at,
        )
        trucks = add_trucks(carrier=carrier, trucks=company.trucks, by=by, at=at)
        add_trailers(carrier=carrier, trailers=company.trailers, by=by, at=at)
        drivers = add_drivers(carrier=carrier, drivers=company.drivers, by=by, at=at)
        if index < len(_TIERS) or index in APPLICANTS:
            carrier = change_carrier("submit", carrier=carrier, by=by, at=at)
        if index < len(_TIERS):
            carrier = change_carrier("certify", carrier=carrier, by=by, at=at, tier=_TIERS[index])
            _issue(carrier, trucks, drivers, index=index, by=by, at=at)
        if index in SUSPENDED:
            credentials.sanction_carrier(
                carrier=carrier, by=by, at=at, reason=Reason.SECURITY_INCIDENT
            )
        if index in REMOVED:
            credentials.remove_carrier(carrier=carrier, by=by, at=at)


def _issue(
    carrier: Carrier,
    trucks: list[Truck],
    drivers: list[Driver],
    *,
    index: int,
    by: Actor,
    at: datetime,
) -> None:
    """Credentials for all; in the tiers 1 and 2 the last truck's is expired, the one before's
    suspended."""
    year = timedelta(days=365)
    if _TIERS[index] == 3:
        credentials.issue_credentials([*trucks, *drivers], by=by, at=at)
        return
    made = credentials.issue_credentials([*trucks[:-1], *drivers], by=by, at=at)
    credentials.issue_credentials(
        trucks[-1:], by=by, at=at - year, valid_until=at - timedelta(days=30)
    )
    credentials.suspend(
        credential=next(c for c in made if c.truck_id == trucks[-2].pk),
        by=by,
        at=at,
        reason=Reason.DOCUMENT_EXPIRED,
    )
