"""The demonstration's carrier people, and one company whose application waits for the officers."""

from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from lanes.demonstration.port import password_of
from trustedtruck.accounts.models import User
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.criteria import criteria_of
from trustedtruck.carriers.models import Application, Carrier, Profile
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.services import (
    NewDriver,
    NewTruck,
    add_drivers,
    add_trucks,
    documents,
    enrolment,
    evidence,
    svi,
)
from trustedtruck.carriers.services.answers import save_answers
from trustedtruck.carriers.services.members import add_member
from trustedtruck.carriers.services.profile import save_profile
from trustedtruck.identifiers import vin

_MEMBERS = {
    "carrier": ("Marta", "Luna", MemberRole.ADMINISTRATOR),
    "carrier_fleet": ("Flor", "Vega", MemberRole.FLEET),
    "carrier_viewer": ("Vera", "Ríos", MemberRole.VIEWER),
}
_NEW = "carrier_new"
_ADDRESS = {
    "street": "Mines Road 1200",
    "city": "Laredo",
    "region": "Texas",
    "postal_code": "78045",
    "address_country": "US",
    "phone": "+1 956 555 0100",
    "contact_name": "Marta Luna",
    "contact_email": "security@example.org",
    "contact_phone": "+1 956 555 0101",
    "emergency_phone": "+1 956 555 0102",
    "tax_country": "US",
}
# The smallest picture: evidence must be a file that is what it says.
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


@transaction.atomic
def make_members(*, known: dict[str, Any], by: Actor, at: datetime) -> dict[str, Any]:
    """Log-ins of one tier-3 carrier by role, and of a company that has applied."""
    carrier = Carrier.objects.filter(state="certified", tier=3).order_by("pk")[0]
    found = {}
    for name, (given, family, role) in _MEMBERS.items():
        user, found[name] = _person(name, given, family, known)
        if not hasattr(user, "membership"):
            add_member(carrier=carrier, user=user, role=role, by=by, at=at)
    if not Profile.objects.filter(carrier=carrier).exists():
        values = _ADDRESS | {"tax_id": "12-3456789"}
        save_profile(carrier=carrier, values=values, version=0, by=by, at=at)
        svi.choose_consent(carrier=carrier, consent=True, by=by, at=at)
    user, found[_NEW] = _person(_NEW, "Nadia", "Soto", known)
    if not hasattr(user, "membership"):
        _apply(user, at)
    return found


def _person(name: str, given: str, family: str, known: dict[str, Any]) -> tuple[User, Any]:
    username = name.replace("_", "-")
    password = password_of(username, known.get(name, {}))
    user = User.objects.filter(username=username).select_related("membership").first()
    if user is None:
        user = User.objects.create(
            username=username,
            password=make_password(password),
            email=f"{username}@example.org",
            first_name=given,
            last_name=family,
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user, {"username": username, "password": password}


def _apply(user: User, at: datetime) -> None:
    """A whole application through the services that carriers use; a worker runs the checks."""
    by = user.actor
    carrier = enrolment.begin_enrolment(
        user=user,
        legal_name="Bravo Valley Freight LLC",
        country="US",
        kind=Carrier.Kind.US_HIGHWAY,
        identifiers={"scac": "BVFX", "usdot": "3141592"},
        by=by,
        at=at,
    ).carrier
    values = _ADDRESS | {"tax_id": "98-7654321", "contact_name": "Nadia Soto"}
    save_profile(carrier=carrier, values=values, version=0, by=by, at=at)
    draft = "1XPBDP9X0PD990001"
    truck = NewTruck("B-1", draft[:8] + vin.check_digit(draft) + draft[9:], "BVF0001", "TX")
    add_trucks(carrier=carrier, trucks=[truck], by=by, at=at)
    driver = NewDriver("Noel", "Paz", date(1985, 3, 2), "US")
    add_drivers(carrier=carrier, drivers=[driver], by=by, at=at)
    documents.add_insurance(
        carrier=carrier,
        insurer="Lone Star Mutual",
        policy_number="LSM-2201",
        liability_usd=1_000_000,
        starts_date=at.date(),
        expires_date=at.date() + timedelta(days=365),
        by=by,
        at=at,
    )
    application = Application.objects.get(carrier=carrier)
    criteria = criteria_of(application).by_id.values()
    answers = {
        c.id: ("met", "Done each day and written down in the terminal’s log.", 0) for c in criteria
    }
    save_answers(application=application, answers=answers, by=by, at=at)
    for criterion in criteria:
        if criterion.evidence_required:
            evidence.add_evidence(
                application=application,
                criterion=criterion.id,
                name="log.png",
                content=_PICTURE,
                by=by,
                at=at,
            )
    enrolment.submit(application=application, by=by, at=at)
