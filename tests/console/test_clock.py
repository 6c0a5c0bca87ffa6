"""By which clock officers read and type times."""

from datetime import UTC, datetime

from django.utils import timezone

from lanes.models import Arrival, Policy
from lanes.services.policies import draft_policy
from tests.cast import PORT, PORTS_CLOCK
from tests.console.conftest import Staff
from trustedtruck.audit.actors import Actor

BOARD = f"/console/ports/{PORT}/"


def test_the_pages_of_a_port_go_by_its_clock_and_say_so(staff: Staff) -> None:
    truck = staff.truck()
    here = Arrival.objects.get().received_at.astimezone(PORTS_CLOCK)
    page = staff.browser("petra").get(f"{BOARD}arrivals/{truck}/").content.decode()
    assert f"{here:%Y-%m-%d %H:%M:%S %Z}" in page
    assert f"Times here: {here:%Z}, America/Chicago" in page


def test_pages_of_no_port_go_by_utc_and_say_so(staff: Staff) -> None:
    staff.truck()
    received = Arrival.objects.get().received_at
    page = staff.browser("aurelia").get("/console/audit/").content.decode()
    assert f"{received:%Y-%m-%d %H:%M:}" in page
    assert "When (UTC)" in page
    assert "Times here" not in page


def test_a_policy_comes_into_force_by_the_ports_clock(staff: Staff) -> None:
    draft_policy(
        port=staff.cast.port,
        body={"sampling_by_tier": {"1": 0.5, "2": 0.1, "3": 0}},
        by=Actor("user", "1"),
        at=timezone.now(),
    )
    policy, summer = f"{BOARD}policies/2/", "2101-07-01 06:00"
    staff.browser("simon").post(f"{policy}approve/", {"effective_from": summer})
    in_force = Policy.objects.get(port=PORT, version=2).effective_from
    assert in_force == datetime(2101, 7, 1, 11, tzinfo=UTC)
    assert f"{summer}:00 CDT" in staff.browser("simon").get(policy).content.decode()


def test_an_hour_that_the_ports_clock_skips_is_refused(staff: Staff) -> None:
    period = {"start": "2026-03-08 02:30", "end": "2026-03-09 00:00"}
    page = staff.browser("aurelia").get(f"{BOARD}bias/", period)
    assert set(page.context["form"].errors) == {"start"}
