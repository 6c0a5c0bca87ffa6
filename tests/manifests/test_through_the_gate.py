"""From the filing to the lane, through the addresses that carriers, agencies and gates use."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from lanes import queries
from lanes.queries.replay import reproduce, under
from lanes.services import assign
from lanes.services.policies import approve_policy, draft_policy
from tests.cast import PORT, Cast, make_cast
from tests.lanes.conftest import Gate
from tests.manifests.conftest import TESTER, Filer
from trustedtruck.accounts.models import Agency
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit.actors import Actor
from trustedtruck.manifests.models import Trip
from trustedtruck.manifests.samples import sample_certificate, sample_manifest
from trustedtruck.manifests.services.seals import NewSeal, replace_seals

pytestmark = pytest.mark.django_db(transaction=True)
TRIP = "NRTE20269999"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def norte_files(cast: Cast) -> Filer:
    key = issue_key(
        scopes=[Scope.MANIFESTS_WRITE], by=TESTER, at=timezone.now(), carrier_id=cast.norte.pk
    )
    return Filer(key, cast.norte)


@pytest.fixture
def senasica(cast: Cast) -> Filer:
    made = Agency.objects.create(code="SENASICA", name="SENASICA", country="MX")
    return Filer(
        issue_key(scopes=[Scope.MANIFESTS_WRITE], by=TESTER, at=timezone.now(), agency=made)
    )


def filing(cast: Cast, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "scac": "NRTE",
        "trip_number": TRIP,
        "port": PORT,
        "plate": cast.truck.plate_number,
        "jurisdiction": cast.truck.plate_jurisdiction,
        "vin": cast.truck.vin,
        "tag_epc": cast.truck.tag_epc or "",
        "fast_card": cast.rosa.fast_card or "",
        "seals": ("GATE001",),
        "hs_code": "08044000",
        "description": "FRESH AVOCADOS",
        "estimated_arrival_at": timezone.now() + dt.timedelta(minutes=30),
    }
    return sample_manifest(**(given | changes))


def file(filer: Filer, cast: Cast, **changes: Any) -> None:
    response = filer.post(filing(cast, **changes))
    assert response.status_code == 201, response.content


def certify(filer: Filer, **changes: Any) -> None:
    given: dict[str, Any] = {"number": "MX-1", "seal": "GATE001", "issued_at": timezone.now()}
    response = filer.post(
        sample_certificate(**(given | changes)),
        "application/xml",
        url="/api/v1/plant-health-certificates/",
    )
    assert response.status_code == 201, response.content


def arrive(cast: Cast, **changes: Any) -> tuple[str, set[str]]:
    gate = Gate(cast.key)
    seen: dict[str, Any] = {"trip_number": TRIP, "seals": ["GATE001"]}
    response = gate.arrive(cast.arrival(**(seen | changes)), "respond-async")
    assert response.status_code == 202, response.content
    assign.assign_waiting(port_code=PORT, limit=64, lease_ms=2000)
    answer = gate.get(response["Location"]).json()
    return answer["route"], {reason["code"] for reason in answer["reasons"]}


def test_all_agrees_and_the_truck_goes_fast(
    cast: Cast, norte_files: Filer, senasica: Filer
) -> None:
    file(norte_files, cast)
    certify(senasica)

    assert arrive(cast) == ("fast", {"trusted"})


def test_without_the_certificate_it_is_inspected(cast: Cast, norte_files: Filer) -> None:
    file(norte_files, cast)

    assert arrive(cast) == ("inspection", {"plant_health_certificate_missing"})


@pytest.mark.parametrize(
    "changes", [{"seal": "OTHER1"}, {"weight_kg": 100}, {"consignee": "Nobody"}, {"status": "40"}]
)
def test_a_certificate_that_disagrees_is_none(
    cast: Cast, norte_files: Filer, senasica: Filer, changes: dict[str, Any]
) -> None:
    file(norte_files, cast)
    certify(senasica, **changes)

    assert arrive(cast) == ("inspection", {"plant_health_certificate_missing"})


def test_another_seal_than_filed_is_inspected(
    cast: Cast, norte_files: Filer, senasica: Filer
) -> None:
    file(norte_files, cast)
    certify(senasica)

    assert arrive(cast, seals=["GATE002"]) == ("inspection", {"seals_disagree"})


def test_another_truck_than_filed_is_inspected(
    cast: Cast, norte_files: Filer, senasica: Filer
) -> None:
    file(norte_files, cast, plate="OTHER99", vin="", tag_epc="")
    certify(senasica)

    assert arrive(cast) == ("inspection", {"vehicle_not_on_manifest"})


def test_a_cancelled_manifest_is_none(cast: Cast, norte_files: Filer, senasica: Filer) -> None:
    file(norte_files, cast)
    certify(senasica)
    norte_files.post({"purpose": "delete", "trip_number": TRIP})

    route, reasons = arrive(cast)

    assert route == "inspection"
    assert "manifest_missing" in reasons


def test_the_trip_is_found_without_its_number(
    cast: Cast, norte_files: Filer, senasica: Filer
) -> None:
    norte_files.post({"purpose": "delete", "trip_number": "NRTE20260001"})
    file(norte_files, cast)
    certify(senasica)

    assert arrive(cast, trip_number=None) == ("fast", {"trusted"})


def test_which_goods_need_a_certificate_is_changed_by_two(
    cast: Cast, norte_files: Filer, senasica: Filer
) -> None:
    """Wood: fast, until the port's next version asks for its certificate, and again with one."""
    file(norte_files, cast, hs_code="44071000", description="SAWN PINE")
    assert arrive(cast) == ("fast", {"trusted"})

    live = queries.policy_in_force(PORT)
    body = live.as_json() | {"certificates_required": ["08", "4407"]}
    draft = draft_policy(port=cast.port, body=body, by=Actor("user", "1"), at=timezone.now())
    assert arrive(cast) == ("fast", {"trusted"})
    approve_policy(policy=draft, by=Actor("user", "2"), at=timezone.now())
    assert arrive(cast) == ("inspection", {"plant_health_certificate_missing"})

    certify(senasica, hs_code="440710")
    assert arrive(cast) == ("fast", {"trusted"})

    begin, end = (
        draft.drafted_at - dt.timedelta(minutes=1),
        timezone.now() + dt.timedelta(minutes=1),
    )
    report = reproduce(PORT, begin, end)
    assert (report.decisions, report.differences) == (4, [])
    before = under(live, PORT, begin, end)
    assert before.moves == {("fast", "fast"): 3, ("inspection", "fast"): 1}


def test_a_seal_that_an_officer_replaced_is_the_one_that_counts(
    cast: Cast, norte_files: Filer, senasica: Filer
) -> None:
    """The certificate still names the old one, and so does a carrier that files once more."""
    file(norte_files, cast)
    certify(senasica)
    trip = Trip.objects.get(trip_number=TRIP)
    new = [NewSeal("GATE001", "CBP777", "H")]
    replace_seals(trip_id=trip.pk, seals=new, by=TESTER, at=timezone.now())
    replace_seals(trip_id=trip.pk, seals=new, by=TESTER, at=timezone.now())

    assert arrive(cast, seals=["CBP777"]) == ("fast", {"trusted"})
    assert arrive(cast, seals=["GATE001"]) == ("inspection", {"seals_disagree"})

    later = timezone.now() + dt.timedelta(minutes=45)
    again = filing(cast, estimated_arrival_at=later) | {"purpose": "amendment"}
    answer = norte_files.post(again)
    assert answer.status_code in (200, 201), answer.content
    assert arrive(cast, seals=["CBP777"]) == ("fast", {"trusted"})


def test_a_cut_seal_that_nobody_declared_leaves_its_place_to_the_new_one(
    cast: Cast, norte_files: Filer
) -> None:
    file(norte_files, cast)
    trip = Trip.objects.get(trip_number=TRIP)
    new = [NewSeal("SECRET1", "CBP778", "")]
    replace_seals(trip_id=trip.pk, seals=new, by=TESTER, at=timezone.now())
    assert dict(trip.seals.values_list("number", "grade")) == {"GATE001": "H", "CBP778": ""}
    assert trip.seals.get(number="CBP778").equipment is not None
