"""None of the broken, forged, expired or revoked credentials reaches the fast lane."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from lanes.models import Assignment
from tests.cast import TESTER, Cast, make_cast
from tests.credentials import test_refused_jwt, test_refused_qr
from tests.credentials.forge import truck
from tests.lanes.conftest import Gate, decide_now
from trustedtruck.credentials import services
from trustedtruck.credentials.states import Reason

__all__ = ["decide_now"]
DISTRUSTED = {"shown_credential_refused", "truck_credential_not_shown"}
GOOD_NO_MORE = {"truck_credential_invalid", "truck_credential_not_shown"}
Decide = Callable[[], int]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast: Cast) -> Gate:
    return Gate(cast.key)


def routed(gate: Gate, decide: Decide, body: dict[str, object]) -> tuple[str, set[str]]:
    """Route and reasons; `refused` where the gate's report is not even taken."""
    response = gate.arrive(body, "respond-async")
    if response.status_code == 400:
        return "refused", set()
    assert response.status_code == 202, response.content
    decide()
    row = Assignment.objects.get(arrival_id=response.json()["id"])
    return row.route, set(row.reasons)


@pytest.mark.slow
def test_no_bad_credential_goes_fast(cast: Cast, gate: Gate, decide_now: Decide) -> None:
    assert routed(gate, decide_now, cast.arrival()) == ("fast", {"trusted"})
    taken = 0
    for cases, field in ((test_refused_qr.CASES, "qr"), (test_refused_jwt.CASES, "credential")):
        for name, (_code, make) in cases.items():
            body = cast.arrival(qr=None) | {field: make(cast)}
            route, reasons = routed(gate, decide_now, body)
            assert route in ("inspection", "refused"), name
            # For its own sake, not because the truck was seen a moment ago.
            assert route == "refused" or reasons & DISTRUSTED, name
            taken += route == "inspection"
    assert taken >= 50
    assert not Assignment.objects.filter(route="fast").exclude(reasons=["trusted"]).exists()


@pytest.mark.parametrize("change", ["suspend", "revoke", "sanction", "reissue"])
def test_what_was_good_is_good_no_more(
    cast: Cast, gate: Gate, decide_now: Decide, change: str
) -> None:
    # The process knows the credential by now, and asks all the same.
    assert routed(gate, decide_now, cast.arrival()) == ("fast", {"trusted"})
    row, at = truck(cast), timezone.now()
    if change == "sanction":
        services.sanction_carrier(carrier=cast.norte, by=TESTER, at=at, reason=Reason.FRAUD)
    else:
        turn = {"suspend": services.suspend, "revoke": services.revoke, "reissue": services.reissue}
        turn[change](credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    route, reasons = routed(gate, decide_now, cast.arrival())
    assert (route, bool(reasons & GOOD_NO_MORE)) == ("inspection", True), reasons
