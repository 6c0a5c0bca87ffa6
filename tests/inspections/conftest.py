"""A port with stations, its staff, and trucks that were sent to inspection.

Beside the console's people: Ivan inspects with Ines, Ada reads scans, Beto too; Paula and Pedro
work for the neighbour's customs; Olga and Omar look after carriers.
"""

import uuid
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lanes.inspections.models import Inspection
from lanes.inspections.services.stations import StationKind, save_station, set_joint_hours
from lanes.inspections.services.watch import watch
from lanes.models import Direction
from tests.browser import (  # noqa: F401
    accessibility_faults,
    allow_async,
    base_url,
    browser_type_launch_args,
    complaints,
)
from tests.cast import PORT, TESTER, make_device
from tests.console.conftest import Staff, staff  # noqa: F401
from tests.lanes.conftest import Gate
from tests.people import log_in, make_officer, make_user
from trustedtruck.accounts.models import Agency, User
from trustedtruck.accounts.roles import Role, Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit.actors import system

STATIONS = [
    StationKind("nii-1", "Portal 1", "nii_portal", 4),
    StationKind("dock-1", "Dock 1", "dock", 1),
    StationKind("air-1", "Air cargo dock", "dock", 2, "air_cargo"),
]


@dataclass
class Yard:
    """Where trucks are inspected."""

    staff: Staff
    scanner: Gate
    people: dict[str, User]

    def browser(self, name: str) -> Client:
        return log_in(self.people.get(name) or getattr(self.staff, name))

    def user(self, name: str) -> User:
        return self.people.get(name) or getattr(self.staff, name)

    def referred(self, **changes: Any) -> Inspection:
        """A truck is sent to inspection, here for a radiation alarm."""
        arrival = self.staff.truck(**{"radiation_alarm": True, **changes})
        return Inspection.objects.get(assignment=uuid.UUID(arrival))

    def act(self, name: str, inspection: Inspection, action: str, **fields: Any) -> Any:
        """An officer presses a button of the inspection's page."""
        path = f"/console/ports/{PORT}/inspections/{inspection.pk}/{action}/"
        return self.browser(name).post(path, fields, follow=True)

    def at_station(self, code: str = "dock-1", **changes: Any) -> Inspection:
        inspection = self.referred(**changes)
        self.act("ines", inspection, "order", station=code)
        self.act("ines", inspection, "appear")
        inspection.refresh_from_db()
        assert inspection.state == "at_station"
        return inspection

    def watch(self, **later: float) -> dict[str, int]:
        """The watch of some time later."""
        return watch(by=system("beat"), at=timezone.now() + timedelta(**later))


@pytest.fixture
def yard(staff: Staff) -> Yard:  # noqa: F811
    now = timezone.now()
    for kind in STATIONS:
        save_station(port=staff.cast.port, what=kind, by=TESTER, at=now)
    for direction in Direction.values:
        for facility in ("truck_lanes", "air_cargo"):
            set_joint_hours(
                port=staff.cast.port,
                direction=direction,
                facility=facility,
                opens=time(0),
                closes=time(0),
                by=TESTER,
                at=now,
            )
    device, _key = make_device(code="scanner-1")
    key = issue_key(
        scopes=[Scope.SCANS_WRITE, Scope.PASSAGES_WRITE], by=TESTER, at=now, device=device
    )
    neighbour = Agency.objects.create(code="MX-ANAM", name="Aduanas", country="MX")
    here: dict[str, Any] = {"ports": [PORT]}
    people = {
        "ivan": make_officer("Ivan", Role.INSPECTOR, **here),
        "ada": make_officer("Ada", Role.IMAGE_ANALYST, **here),
        "beto": make_officer("Beto", Role.IMAGE_ANALYST, **here),
        "olga": make_officer("Olga", Role.ENROLMENT_OFFICER, **here),
        "paula": make_user("Paula", roles=[Role.PARTNER_OFFICER], agency=neighbour, **here),
        "pedro": make_user("Pedro", roles=[Role.PARTNER_OFFICER], agency=neighbour, **here),
    }
    return Yard(staff, Gate(key), people)
