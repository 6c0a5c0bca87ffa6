"""The cast: Norte files its own trips, Sur is another carrier, the gate of 2304 files for all."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from trustedtruck.accounts.models import Agency
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key, register_device
from trustedtruck.audit.actors import system
from trustedtruck.carriers.models import Carrier, Driver
from trustedtruck.manifests.samples import SAMPLE_PARTNERS, sample_manifest
from trustedtruck.manifests.services import partners

TESTER = system("test")
URL = "/api/v1/manifests/"


@dataclass
class Filer:
    """Somebody with a key, who speaks to the real addresses."""

    key: str
    carrier: Carrier | None = None

    def post(
        self, body: Any, content_type: str = "application/json", url: str = URL, **query: str
    ) -> Any:
        return Client(headers={"authorization": f"Bearer {self.key}"}).post(
            url, body, content_type=content_type, query_params=query
        )

    def get(self, url: str) -> Any:
        return Client(headers={"authorization": f"Bearer {self.key}"}).get(url)


def make_filer(scac: str, *scopes: str) -> Filer:
    now = timezone.now()
    carrier = Carrier.objects.create(
        legal_name=f"Transportes {scac}",
        country="MX",
        kind="mx_long_haul",
        scac=scac,
        state="certified",
        tier=3,
        certified_at=now,
        created_at=now,
    )
    key = issue_key(
        scopes=scopes or (Scope.MANIFESTS_WRITE,), by=TESTER, at=now, carrier_id=carrier.pk
    )
    return Filer(key, carrier)


@pytest.fixture
def norte(db: None) -> Filer:
    return make_filer("NRTE")


@pytest.fixture
def sur(db: None) -> Filer:
    return make_filer("SURX")


@pytest.fixture
def gate(db: None) -> Filer:
    device = register_device(port_code="2304", code="office", name="Office", by=TESTER)
    return Filer(
        issue_key(scopes=[Scope.MANIFESTS_WRITE], by=TESTER, at=timezone.now(), device=device)
    )


@pytest.fixture
def agency(db: None) -> Filer:
    made = Agency.objects.create(code="ANAM", name="Aduanas", country="MX")
    return Filer(
        issue_key(scopes=[Scope.MANIFESTS_WRITE], by=TESTER, at=timezone.now(), agency=made)
    )


@pytest.fixture
def rosa(norte: Filer) -> Driver:
    assert norte.carrier is not None
    return Driver.objects.create(
        carrier=norte.carrier,
        given_names="ROSA",
        family_names="GARZA LUNA",
        birth_date=dt.date(1984, 5, 17),
        citizenship="MX",
        fast_card="01234567890123",
        fast_card_expires_date=dt.date(2030, 1, 1),
        created_at=timezone.now(),
    )


@pytest.fixture
def certified_partners(db: None) -> None:
    for partner in SAMPLE_PARTNERS:
        partners.register(**partner, by=TESTER, at=timezone.now())


def body(trip_number: str = "NRTE0001", **changes: Any) -> dict[str, Any]:
    """Norte's good manifest; `changes` are arguments of the sample."""
    given: dict[str, Any] = {
        "scac": trip_number[:4],
        "trip_number": trip_number,
        "port": "2304",
        "plate": "ABC1234",
        "fast_card": "01234567890123",
        "estimated_arrival_at": timezone.now() + dt.timedelta(hours=2),
    }
    return sample_manifest(**(given | changes))
