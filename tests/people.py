"""People of the tests: members of carriers and officers, logged in with their second factor.

Marta administers Norte, Flor keeps its fleet, Vera looks; Sonia administers Sur. Olga and Omar are
enrolment officers.
"""

from datetime import datetime
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.actors import system
from trustedtruck.carriers.models import Carrier, Membership
from trustedtruck.carriers.services.members import add_member

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@cache
def _hash() -> str:
    return make_password(PASSWORD)


def make_user(name: str, **fields: Any) -> User:
    user = User.objects.create(
        username=name.lower(),
        email=f"{name.lower()}@example.org",
        password=_hash(),
        first_name=name,
        **fields,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_member(
    name: str, carrier: Carrier, role: str, *, at: datetime | None = None
) -> Membership:
    user = make_user(name)
    return add_member(
        carrier=carrier, user=user, role=role, by=system("test"), at=at or timezone.now()
    )


def make_officer(name: str, role: Role = Role.ENROLMENT_OFFICER, **fields: Any) -> User:
    agency, _new = Agency.objects.get_or_create(
        code="US-CBP", defaults={"name": "Customs and Border Protection", "country": "US"}
    )
    return make_user(name, roles=[role], agency=agency, **fields)


def give_second_factor(user: User) -> None:
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, SECRET)
        RecoveryCodes.activate(user)


def log_in(user: User) -> Client:
    """A browser in which this person is signed in, with a second factor on record."""
    give_second_factor(user)
    client = Client(raise_request_exception=True)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client
