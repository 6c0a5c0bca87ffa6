"""Alerts of US-CBP on the cast's trucks, and officers who write and read them.

Ines inspects and writes alerts, Simon supervises, Petra meets the trucks, all of US-CBP; Pablo is
an officer of the Mexican customs, Dora of the agency against drugs. All work at the port.
"""

from dataclasses import dataclass

import pytest

from tests.alerts.sharing import Mexico, make_partner
from tests.alerts.writing import agency
from tests.cast import PORT, Cast, make_cast
from tests.lanes.conftest import Gate, decide_now, worker  # noqa: F401
from tests.people import make_officer
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Role


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast: Cast) -> Gate:
    return Gate(cast.key)


@dataclass
class Officers:
    ines: User
    simon: User
    petra: User
    pablo: User
    dora: User


@pytest.fixture
def officers(cast: Cast) -> Officers:
    mexico, drugs = agency("MX-ANAM", "MX"), agency("US-DEA")
    found = Officers(
        ines=make_officer("Ines", Role.INSPECTOR, ports=[PORT]),
        simon=make_officer("Simon", Role.SUPERVISOR, ports=[PORT]),
        petra=make_officer("Petra", Role.PRIMARY_OFFICER, ports=[PORT]),
        pablo=make_officer("Pablo", Role.PARTNER_OFFICER, ports=[PORT]),
        dora=make_officer("Dora", Role.INSPECTOR, ports=[PORT]),
    )
    User.objects.filter(pk=found.pablo.pk).update(agency=mexico)
    User.objects.filter(pk=found.dora.pk).update(agency=drugs)
    found.pablo.refresh_from_db()
    found.dora.refresh_from_db()
    return found


@pytest.fixture
def mexico(cast: Cast) -> Mexico:
    return make_partner()
