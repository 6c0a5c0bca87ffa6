"""A carrier's own systems read its crossings, page by page, and nobody else's."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lanes.api import crossings
from lanes.models import Passage
from lanes.services.overrides import override_to_inspection
from tests.cast import PORT, TESTER, TRIP, Cast
from tests.lanes.conftest import Gate
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier

URL = "/api/v1/crossings/"
Decide = Callable[[], int]


@pytest.fixture(autouse=True)
def _settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossings, "SETTLED", timedelta(0))


def reader(carrier: Carrier, scope: Scope = Scope.CROSSINGS_READ) -> Client:
    key = issue_key(scopes=[scope], by=TESTER, at=timezone.now(), carrier_id=carrier.pk)
    return Client(headers={"Authorization": f"Bearer {key}"})


def cross(cast: Cast, gate: Gate, decide: Decide, **changes: Any) -> str:
    answer = gate.arrive(cast.arrival(**changes), "respond-async")
    assert answer.status_code == 202
    decide()
    return str(answer.json()["id"])


def test_a_crossing_says_what_was_decided_and_why(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    mine = cross(cast, gate, decide_now)
    gate.post(
        f"/api/v1/arrivals/{mine}/passages/",
        {"event_id": "p-1", "point": "exit", "at": timezone.now().isoformat()},
    )
    (item,) = reader(cast.norte).get(URL).json()["items"]
    assert (item["id"], item["port"], item["truck"], item["trip_number"]) == (
        *(mine, PORT),
        *(cast.truck.number, TRIP),
    )
    assert (item["route"], [r["code"] for r in item["reasons"]]) == ("fast", ["trusted"])
    assert item["lane"]["code"]
    assert item["override"] is None
    assert [p["point"] for p in item["passages"]] == ["exit"]
    assert Passage.objects.count() == 1


def test_another_carriers_crossings_never_show(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    cross(cast, gate, decide_now)
    cross(cast, gate, decide_now, tag_epc=None, qr=None)  # of no enrolled truck: nobody's
    assert len(reader(cast.norte).get(URL).json()["items"]) == 1
    assert reader(cast.sur).get(URL).json() == {"items": [], "next": "", "more": False}


def test_papers_of_another_are_not_named(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    """A gate may read any trip's number: only the carrier's own is repeated to it."""
    cross(cast, gate, decide_now, trip_number="SURX00000001")
    (item,) = reader(cast.norte).get(URL).json()["items"]
    assert item["trip_number"] == ""


def test_pages_follow_each_other_from_the_oldest_on(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    ids = [cross(cast, gate, decide_now) for _ in range(5)]
    client, seen, after, more = reader(cast.norte), [], "", True
    while more:
        page = client.get(URL, {"after": after, "limit": "2"}).json()
        seen += [item["id"] for item in page["items"]]
        after, more = page["next"], page["more"]
    assert seen == ids
    assert client.get(URL, {"after": after}).json() == {"items": [], "next": after, "more": False}
    sixth = cross(cast, gate, decide_now)
    later = client.get(URL, {"after": after}).json()["items"]
    assert [item["id"] for item in later] == [sixth]


def test_a_page_costs_no_more_queries_than_one_crossing(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    for _ in range(4):
        cross(cast, gate, decide_now)
    client = reader(cast.norte)
    client.get(URL)
    counts = []
    for limit in (1, 4):
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(URL, {"limit": limit}).json()["items"]) == limit
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_was_decided_a_moment_ago_waits_for_the_next_page(
    cast: Cast, gate: Gate, decide_now: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossings, "SETTLED", timedelta(minutes=1))
    cross(cast, gate, decide_now)
    assert reader(cast.norte).get(URL).json()["items"] == []


def test_an_officers_order_is_said_without_the_officers_words(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    mine = cross(cast, gate, decide_now)
    override_to_inspection(
        arrival_id=uuid.UUID(mine),
        port_code=PORT,
        reason="Nervous driver.",
        by=Actor("user", "1"),
        at=timezone.now(),
    )
    (item,) = reader(cast.norte).get(URL).json()["items"]
    assert (item["route"], item["override"]["route"]) == ("fast", "inspection")
    assert item["override"]["reason"] == ""


def test_every_wrong_field_is_named(cast: Cast) -> None:
    answer = reader(cast.norte).get(URL, {"after": "7", "limit": "0"})
    assert answer.status_code == 400
    assert {e["field"]: e["code"] for e in answer.json()["errors"]} == {
        "after": "cursor_unknown",
        "limit": "out_of_range",
    }


@pytest.mark.parametrize(
    "after", ["x", "1-2", f"{10**17 - 1}-01a223b0-7389-7625-bba0-4ac53a6a308f", "\x00", "-1", "١-٢"]
)
def test_no_cursor_breaks_it(cast: Cast, after: str) -> None:
    assert reader(cast.norte).get(URL, {"after": after}).status_code in (200, 400)


def test_only_a_carriers_key_with_the_right_to_it_reads(cast: Cast, gate: Gate) -> None:
    assert Client().get(URL).status_code == 401
    assert gate.get(URL).status_code == 403
    assert reader(cast.norte, Scope.MANIFESTS_WRITE).get(URL).status_code == 403
    key = issue_key(scopes=[Scope.CROSSINGS_READ], by=TESTER, at=timezone.now(), device=cast.device)
    refused = Client(headers={"Authorization": f"Bearer {key}"}).get(URL)
    assert (refused.status_code, refused.json()["code"]) == (403, "carrier_key_needed")
