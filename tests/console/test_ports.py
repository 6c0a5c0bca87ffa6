"""Administrators take in ports and add lanes; nobody else does, and every refusal is in words."""

from typing import Any

import pytest

from lanes.models import Lane, Port
from lanes.queries import policy_in_force
from tests.cast import PORT
from tests.console.conftest import Staff
from trustedtruck.audit.models import Event

NEW = {"code": "2305", "name": "Hidalgo", "country": "US", "timezone": "America/Chicago"}
LANE: dict[str, Any] = {
    "code": "05",
    "name": "Standard 5",
    "route": "inspection",
    "directions": ["northbound"],
    "load": "any",
    "group": "",
    "service_seconds": "75",
}


def test_a_port_is_taken_in(staff: Staff) -> None:
    answer = staff.browser("adrian").post("/console/ports/add/", NEW, follow=True)
    assert "Hidalgo" in answer.content.decode()
    assert Port.objects.get(code="2305").timezone == "America/Chicago"
    assert policy_in_force("2305").version == 0
    assert Event.objects.get(action="port.opened", port_code="2305").actor_label == "Adrian"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "230"}, "four digits"),
        ({"code": PORT}, "There is a port with this code."),
        ({"timezone": "Texas"}, "IANA list"),
        ({"name": ""}, "This field is required."),
        ({"country": "XX"}, "Select a valid choice"),
    ],
)
def test_a_port_that_is_wrong_is_refused_beside_its_field(
    staff: Staff, changes: dict[str, str], words: str
) -> None:
    answer = staff.browser("adrian").post("/console/ports/add/", NEW | changes)
    assert words in answer.content.decode()
    assert Port.objects.count() == 1


def test_a_lane_is_added_closed_and_its_gate_operator_opens_it(staff: Staff) -> None:
    staff.browser("adrian").post(f"/console/ports/{PORT}/lanes/add/", LANE)
    lane = Lane.objects.get(port=PORT, code="05")
    assert lane.state == "closed"
    assert Event.objects.filter(action="lane.added", subject_id=str(lane.pk)).exists()
    staff.browser("gus").post(f"/console/ports/{PORT}/lanes/05/turn/", {"to": "open"})
    lane.refresh_from_db()
    assert lane.state == "open"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "01"}, "There is a lane with this code at this port."),
        ({"code": "a b"}, "Letters, digits and hyphens"),
        ({"directions": []}, "This field is required."),
        ({"service_seconds": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_lane_that_is_wrong_is_refused_beside_its_field(
    staff: Staff, changes: dict[str, Any], words: str
) -> None:
    answer = staff.browser("adrian").post(f"/console/ports/{PORT}/lanes/add/", LANE | changes)
    assert words in answer.content.decode()
    assert Lane.objects.filter(port=PORT).count() == 4


def test_a_gate_operator_takes_in_no_port(staff: Staff) -> None:
    assert staff.browser("gus").post("/console/ports/add/", NEW).status_code == 403
