"""Officers at a port that has seen trucks.

Gus operates the gates, Petra meets the trucks, Ines inspects, Simon leads the shift, Aurelia looks,
Adrian administers. All work at World Trade Bridge; Otto leads a shift at another port.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from lanes.services import assign
from tests.browser import (  # noqa: F401
    accessibility_faults,
    allow_async,
    base_url,
    browser_type_launch_args,
    complaints,
    pictures,
)
from tests.cast import PORT, Cast, make_cast
from tests.lanes.conftest import Gate
from tests.people import log_in, make_officer
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Role


@dataclass
class Staff:
    cast: Cast
    gate: Gate
    gus: User
    petra: User
    ines: User
    simon: User
    aurelia: User
    adrian: User
    otto: User

    def browser(self, name: str) -> Client:
        user: User = getattr(self, name)
        return log_in(user)

    def truck(self, **changes: Any) -> str:
        """A truck arrives and is decided at once; the id of its arrival."""
        answer = self.gate.arrive(self.cast.arrival(**changes), prefer="respond-async")
        assert answer.status_code == 202, answer.content
        assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
        return str(answer.json()["id"])


@pytest.fixture
def staff(transactional_db: None) -> Staff:
    cast = make_cast()
    here: Callable[..., User] = make_officer
    return Staff(
        cast,
        Gate(cast.key),
        gus=here("Gus", Role.GATE_OPERATOR, ports=[PORT]),
        petra=here("Petra", Role.PRIMARY_OFFICER, ports=[PORT]),
        ines=here("Ines", Role.INSPECTOR, ports=[PORT]),
        simon=here("Simon", Role.SUPERVISOR, ports=[PORT]),
        aurelia=here("Aurelia", Role.AUDITOR, ports=[PORT]),
        adrian=here("Adrian", Role.SYSTEM_ADMINISTRATOR, ports=[PORT]),
        otto=here("Otto", Role.SUPERVISOR, ports=["2506"]),
    )
