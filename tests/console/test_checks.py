"""Looking back in the console: what a draft would change, and whether chance was fair."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lanes.models import Arrival, Policy
from lanes.services import shadow
from lanes.services.overrides import approve_fast, request_fast
from lanes.services.policies import draft_policy
from tests.cast import PORT, PORTS_CLOCK
from tests.console.conftest import Staff
from tests.people import log_in, make_officer
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.actors import Actor

COMPARE = f"/console/ports/{PORT}/policies/2/compare/"
BIAS = f"/console/ports/{PORT}/bias/"
FORMAT = "%Y-%m-%d %H:%M"


def today() -> dict[str, str]:
    now = timezone.localtime(timezone=PORTS_CLOCK)
    ends = now + timedelta(minutes=2)
    return {"start": (now - timedelta(hours=1)).strftime(FORMAT), "end": ends.strftime(FORMAT)}


@pytest.fixture
def every(staff: Staff) -> Policy:
    """A draft that draws every truck, and two trucks under the policy in force: one was fast."""
    staff.truck()
    staff.truck(seals=["OTHER"])
    return draft_policy(
        port=staff.cast.port,
        body=Policy.objects.get(port=PORT, version=1).body
        | {"sampling_by_tier": {"1": 1, "2": 1, "3": 1}},
        by=Actor("user", "1"),
        at=timezone.now(),
    )


def shown(client: Client, path: str, query: dict[str, str]) -> Any:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer


def test_a_past_period_is_shown_in_sum_and_truck_by_truck(staff: Staff, every: Policy) -> None:
    page = shown(staff.browser("simon"), COMPARE, today())
    past = page.context["past"]
    assert past.decisions == 2
    assert past.moves == [("fast", "inspection", 1), ("inspection", "inspection", 1)]
    (truck,) = past.trucks
    assert (truck.plate, truck.then_route, truck.now_route) == ("NPL81", "fast", "inspection")
    assert f"arrivals/{truck.arrival_id}/" in page.content.decode()
    arrived_at = Arrival.objects.get(pk=truck.arrival_id).received_at
    shown_at = arrived_at.astimezone(PORTS_CLOCK)
    assert f"{shown_at:%Y-%m-%d %H:%M:%S %Z}" in page.content.decode()
    assert "The truck was drawn at random for inspection." in page.content.decode()


def test_the_shadow_beside_the_live_policy_is_shown(staff: Staff, every: Policy) -> None:
    begun = shadow.start_shadow(policy=every, by=Actor("user", "1"), at=timezone.now())
    staff.truck()
    shadow.follow_shadow(run_id=begun.pk, at=timezone.now() + shadow.SETTLED)
    page = shown(staff.browser("simon"), COMPARE, {})
    assert page.context["live"].moves == [("fast", "inspection", 1)]
    assert page.context["past"] is None
    policy = staff.browser("simon").get(f"/console/ports/{PORT}/policies/2/").content.decode()
    assert COMPARE in policy


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"start": "x", "end": "2026-01-02 00:00"}, {"start"}),
        ({"start": "2026-01-02 00:00", "end": "2026-01-02 00:00"}, {"end"}),
        ({"start": "2026-01-02 00:00", "end": "2026-03-02 00:00"}, {"end"}),
        ({"start": "2026-01-02 00:00"}, {"end"}),
        ({"start": "0001-01-01 00:00", "end": "9999-12-31 23:59"}, {"end"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [COMPARE, BIAS])
def test_a_wrong_period_is_said_beside_its_field(
    staff: Staff, every: Policy, path: str, query: dict[str, str], wrong: set[str]
) -> None:
    answer = staff.browser("aurelia").get(path, query)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == wrong


def test_an_officer_who_favours_a_carrier_is_on_the_page(staff: Staff) -> None:
    """Eight trucks, all let through by the same two officers: no chance explains that."""
    for n in range(8):
        arrival = staff.truck(seals=[f"OTHER{n}"])
        now = timezone.now()
        asked = request_fast(
            arrival_id=uuid.UUID(arrival),
            port_code=PORT,
            reason="known",
            by=staff.petra.actor,
            at=now,
        )
        approve_fast(override=asked, by=staff.simon.actor, at=now)
    page = shown(staff.browser("aurelia"), BIAS, today())
    assert page.context["questions"] > 0
    assert "Let into the fast lane against the decision" in page.content.decode()
    assert "Petra" in page.content.decode()


def test_without_a_period_nothing_is_counted(staff: Staff) -> None:
    page = shown(staff.browser("aurelia"), BIAS, {})
    assert not page.context["asked"]


def test_a_policy_is_read_in_words(staff: Staff) -> None:
    draft_policy(
        port=staff.cast.port,
        body={
            "sampling_by_tier": {"1": 0.5, "2": 0.0005, "3": 0},
            "lane_policy": "priority",
            "campaigns": [
                {"name": "Limes", "rate": 0.25, "from": "2026-12-01T00:00:00Z", "chapters": ["08"]}
            ],
        },
        by=Actor("user", "1"),
        at=timezone.now(),
    )
    page = staff.browser("simon").get(f"/console/ports/{PORT}/policies/2/").content.decode()
    assert "2: 0.05 %" in page
    assert "fast trucks may use every lane, ahead of the others" in page
    assert "“Limes”: 25 % from 2026-11-30 18:00 CST until –; tiers all; HS chapters 08" in page
    assert "06, 07, 08, 09, 10, 11, 12, 13, 14" in page


@pytest.mark.parametrize(
    "rates", ["1", "1: often", ": 5 %", "1: 1\n1: 2", "1: 5 % of", "1: sNaN", "1: 1e99999999999"]
)
def test_a_rate_that_is_none_is_said_beside_its_box(staff: Staff, rates: str) -> None:
    pia = log_in(make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT]))
    page = pia.post(
        f"/console/ports/{PORT}/policies/draft/", {"note": "x", "sampling_by_record": rates}
    )
    assert page.status_code == 400
    assert "is not a line such as" in str(page.context["form"].errors["sampling_by_record"])
    assert not Policy.objects.filter(version=2).exists()
