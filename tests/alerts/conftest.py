"""Alerts of US-CBP on the cast's trucks, and officers who write and read them.

Ines inspects and writes alerts, Simon supervises, Petra meets the trucks, all of US-CBP; Pablo is
an officer of the Mexican customs, Dora of the agency against drugs. All work at the port.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.cast import PORT, TESTER, Cast, make_cast
from tests.lanes.conftest import Gate, decide_now, worker  # noqa: F401
from tests.people import make_officer
from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Role
from trustedtruck.alerts.drafts import Draft, Wanted
from trustedtruck.alerts.models import Alert
from trustedtruck.alerts.services.alerts import issue_alert


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast: Cast) -> Gate:
    return Gate(cast.key)


def agency(code: str = "US-CBP", country: str = "US") -> Agency:
    found, _new = Agency.objects.get_or_create(
        code=code, defaults={"name": f"Agency {code}", "country": country}
    )
    return found


def draft(*criteria: tuple[str, str] | list[tuple[str, str]], **changes: Any) -> Draft:
    """Each criterion is a clause of its own; a list of them is one clause."""
    wanted = []
    for clause, part in enumerate(criteria):
        for kind, text in part if isinstance(part, list) else [part]:
            wanted.append(Wanted(clause, kind, text))
    now = timezone.now()
    values: dict[str, Any] = {
        "category": "narcotics",
        "severity": "high",
        "mark": "amber",
        "reason": "Seen at a warehouse under watch, says Juan Perez.",
        "instruction": "Scan, then examine the front wall.",
        "valid_from": now - timedelta(minutes=1),
        "valid_until": now + timedelta(days=90),
        "review_date": (now + timedelta(days=30)).date(),
    }
    return Draft(criteria=tuple(wanted), **(values | changes))


def issue(
    *criteria: tuple[str, str] | list[tuple[str, str]],
    owner: str = "US-CBP",
    at: datetime | None = None,
    **changes: Any,
) -> Alert:
    return issue_alert(
        draft=draft(*criteria, **changes),
        owner=agency(owner),
        by=TESTER,
        at=at or timezone.now(),
    )


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
