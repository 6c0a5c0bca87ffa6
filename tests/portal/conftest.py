"""Norte and Sur with their people; a company that is only just applying."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.browser import (  # noqa: F401
    accessibility_faults,
    allow_async,
    base_url,
    browser_type_launch_args,
    complaints,
)
from tests.cast import make_carrier
from tests.people import log_in, make_member, make_officer, make_user
from trustedtruck.accounts.models import User
from trustedtruck.carriers.models import Application, Carrier, Membership
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.services import enrolment


@dataclass
class People:
    norte: Carrier
    sur: Carrier
    marta: Membership
    flor: Membership
    vera: Membership
    sonia: Membership
    olga: User
    omar: User

    def browser(self, name: str) -> Client:
        person = getattr(self, name)
        return log_in(person.user if isinstance(person, Membership) else person)


@pytest.fixture
def people(db: None) -> People:
    norte, sur = make_carrier("NRTE", "Norte"), make_carrier("SURR", "Sur")
    return People(
        norte,
        sur,
        make_member("Marta", norte, MemberRole.ADMINISTRATOR),
        make_member("Flor", norte, MemberRole.FLEET),
        make_member("Vera", norte, MemberRole.VIEWER),
        make_member("Sonia", sur, MemberRole.ADMINISTRATOR),
        make_officer("Olga"),
        make_officer("Omar"),
    )


PROFILE = {
    "version": "0",
    "trade_name": "",
    "tax_country": "US",
    "tax_id": "12-3456789",
    "street": "Calle 1",
    "city": "Laredo",
    "region": "Texas",
    "postal_code": "78040",
    "address_country": "US",
    "phone": "+1 956 555 0100",
    "contact_name": "Nadia",
    "contact_email": "nadia@example.org",
    "contact_phone": "+1 956 555 0101",
    "emergency_phone": "+1 956 555 0102",
}


@dataclass
class Newcomer:
    """Nadia, whose company has begun its application."""

    user: User
    client: Client
    carrier: Carrier
    application: Application


@pytest.fixture
def newcomer(db: None) -> Newcomer:
    user = make_user("Nadia")
    member = enrolment.begin_enrolment(
        user=user,
        legal_name="Nueva",
        country="US",
        kind=Carrier.Kind.US_HIGHWAY,
        identifiers={"scac": "NUEV", "usdot": "1234567"},
        by=user.actor,
        at=timezone.now(),
    )
    application = Application.objects.get(carrier=member.carrier)
    return Newcomer(user, log_in(user), member.carrier, application)


Words = Callable[[Any], str]


@pytest.fixture
def words() -> Words:
    """The text of an answer, for a test that looks for a sentence."""
    return lambda response: response.content.decode()
