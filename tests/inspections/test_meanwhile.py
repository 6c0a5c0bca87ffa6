"""What inspections bring about between a truck's decision and its lane counts all the same."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from lanes.models import Assignment, OwedExam
from lanes.services import assign
from lanes.services.owed import order_exam
from tests.cast import TESTER
from tests.inspections.conftest import Yard
from tests.inspections.test_exams import CARGO, NARCOTICS, examined
from tests.lanes.test_commit import proposals


@pytest.fixture(autouse=True)
def _pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def decided(yard: Yard, **changes: Any) -> assign.Proposal:
    """A truck is found good for the fast lane; its lane is not given yet."""
    yard.staff.gate.arrive(yard.staff.cast.arrival(**changes), "respond-async")
    (held,) = proposals()
    assert held.decision.route == "fast"
    return held


def outcome(held: assign.Proposal) -> str:
    return assign.commit([held])[held.arrival_id]


def test_an_order_to_a_station_meanwhile_is_doubt(yard: Yard) -> None:
    inspection = yard.referred()
    held = decided(yard)
    yard.act("ines", inspection, "order", station="nii-1")
    assert outcome(held) == "doubt"


def test_the_drivers_order_meanwhile_is_doubt_whatever_truck_he_drives(yard: Yard) -> None:
    inspection = yard.referred()
    held = decided(yard)
    yard.act("ines", inspection, "order", station="nii-1")
    OwedExam.objects.update(truck=yard.staff.cast.other_truck)
    assert outcome(held) == "doubt"


def test_an_order_that_was_settled_meanwhile_is_none(yard: Yard) -> None:
    inspection = yard.referred()
    held = decided(yard)
    yard.act("ines", inspection, "order", station="nii-1")
    yard.act("ines", inspection, "excuse", note="The portal broke down.")
    assert outcome(held) == "assigned"


def test_a_lane_waits_for_the_order_that_is_being_written(yard: Yard) -> None:
    """The order holds what the lane stands on: the lane comes before it, or sees it."""
    inspection = yard.referred()
    held = decided(yard)
    found: list[str] = []

    def give_lane() -> None:
        try:
            found.append(outcome(held))
        finally:
            connections.close_all()

    lane = threading.Thread(target=give_lane)
    now = timezone.now()
    with transaction.atomic():
        order_exam(
            assignment=inspection.assignment,
            station="nii-1",
            due_at=now + timedelta(minutes=20),
            by=TESTER,
            at=now,
        )
        lane.start()
        lane.join(0.15)  # well within the lock timeout of the committing statement
        assert found == [], "the lane did not wait"
    lane.join()
    assert found == ["doubt"]


def test_a_seizure_meanwhile_is_doubt_for_every_truck_of_the_carrier(yard: Yard) -> None:
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    # As if the other truck of the fleet had been examined, with the other driver.
    cast = yard.staff.cast
    OwedExam.objects.update(truck=cast.other_truck, driver=cast.luis)
    held = decided(yard)
    yard.act("ines", inspection, "seize", note="Handed to the investigators.")
    assert outcome(held) == "doubt"
    assert not Assignment.objects.filter(route="fast").exists()
