"""`POST /api/v1/manifests/` with JSON."""

from typing import Any

import pytest

from tests.manifests.conftest import URL, Filer, body
from trustedtruck.audit.models import Event
from trustedtruck.manifests.models import Shipment, Trip, Version

pytestmark = pytest.mark.django_db


def codes(response: Any) -> dict[str, str]:
    return {e["field"]: e["code"] for e in response.json()["errors"]}


def test_a_good_manifest_is_filed(norte: Filer) -> None:
    response = norte.post(body())

    assert response.status_code == 201, response.content
    answer = response.json()
    assert answer["state"] == "filed"
    assert answer["version"] == 1
    assert answer["shipments"] == ["NRTE0001"]
    assert answer["filed_at"]
    assert Event.objects.filter(action="trip.filed", subject_id="NRTE0001").count() == 1


def test_what_was_filed_is_read_back(norte: Filer) -> None:
    given = body()
    norte.post(given)

    read = norte.get(f"{URL}NRTE0001/").json()

    assert read["shipments"][0]["commodities"][0]["hs_code"] == "853710"
    assert read["equipment"][0]["seals"] == [{"number": "S0001", "grade": "H"}]
    assert read["conveyance"]["plate"] == {"number": "ABC1234", "jurisdiction": "TX"}
    assert [v["purpose"] for v in read["versions"]] == ["complete"]


def test_the_same_body_again_is_the_same_answer_once(norte: Filer) -> None:
    given = body()
    first, second = norte.post(given), norte.post(given)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["repeated"] is True
    assert first.json()["id"] == second.json()["id"]
    assert Version.objects.count() == 1


def test_another_original_for_the_trip_is_refused(norte: Filer) -> None:
    norte.post(body())
    response = norte.post(body(plate="XYZ9876"))

    assert response.status_code == 409
    assert response.json()["code"] == "trip_exists"


def test_an_amendment_replaces_and_keeps_history(norte: Filer) -> None:
    norte.post(body())
    response = norte.post(body(plate="XYZ9876") | {"purpose": "amendment"})

    assert response.status_code == 201, response.content
    assert response.json()["version"] == 2
    trip = Trip.objects.get()
    assert trip.plate_number == "XYZ9876"
    assert [v.document["trip"]["conveyance"]["plate"]["number"] for v in trip.versions.all()] == [
        "ABC1234",
        "XYZ9876",
    ]


def test_an_amendment_that_another_followed_is_not_filed_again_unasked(norte: Filer) -> None:
    norte.post(body())
    earlier = body(plate="AAA1") | {"purpose": "amendment"}
    norte.post(earlier)
    norte.post(body(plate="BBB2") | {"purpose": "amendment"})

    again = norte.post(earlier)

    assert (again.status_code, again.json()["code"]) == (409, "overtaken")
    assert norte.post(earlier | {"control_number": "BACK-1"}).json()["version"] == 4
    assert Trip.objects.get().plate_number == "AAA1"


def test_an_original_sent_again_after_an_amendment_is_the_same_answer(norte: Filer) -> None:
    given = body()
    norte.post(given)
    norte.post(body(plate="BBB2") | {"purpose": "amendment"})

    again = norte.post(given)

    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert Trip.objects.get().plate_number == "BBB2"


def test_shipments_filed_ahead_stay_linked_through_amendments(norte: Filer) -> None:
    other = body("NRTE0009")
    more = other["shipments"][0] | {"control_number": "NRTE5555"}
    linking = {"shipments": [], "links": ["NRTE5555"]}
    norte.post(other | {"shipments": [*other["shipments"], more]})
    assert norte.post(other | {"purpose": "amendment", "delinks": ["NRTE5555"]}).status_code == 201
    assert Shipment.objects.get(control_number="NRTE5555").trip is None

    assert norte.post(body() | linking).status_code == 201
    changed = body(plate="XYZ9876") | {"purpose": "amendment"} | linking
    assert norte.post(changed).status_code == 201

    assert [s.control_number for s in Trip.objects.get(plate_number="XYZ9876").shipments.all()] == [
        "NRTE5555"
    ]


def test_a_cancellation_that_names_shipments_is_refused(norte: Filer) -> None:
    norte.post(body())

    response = norte.post(body(shipment_number="NRTE6666") | {"purpose": "delete"})

    assert codes(response) == {"shipments": "not_with_delete"}
    assert Trip.objects.get().state == "filed"
    assert Shipment.objects.count() == 1


def test_less_than_a_gram_is_nothing(norte: Filer) -> None:
    given = body()
    given["shipments"][0]["commodities"][0]["weight_kg"] = 0.0001

    assert codes(norte.post(given)) == {"shipments.0.commodities.0.weight_kg": "out_of_range"}


def test_a_trip_is_cancelled_and_stays_so(norte: Filer) -> None:
    norte.post(body())
    response = norte.post({"purpose": "delete", "trip_number": "NRTE0001"})

    assert response.status_code == 201, response.content
    assert response.json()["state"] == "cancelled"
    again = norte.post(body(plate="XYZ9876") | {"purpose": "amendment"})
    assert again.json()["code"] == "transition_refused"


def test_preliminary_then_complete(norte: Filer) -> None:
    early = body() | {"purpose": "preliminary"}
    assert norte.post(early).json()["state"] == "preliminary"
    assert Trip.objects.get().filed_at is None

    assert norte.post(body()).json()["state"] == "filed"


def test_a_control_number_cannot_be_used_twice_in_three_years(norte: Filer) -> None:
    norte.post(body(shipment_number="NRTE777777"))
    response = norte.post(body("NRTE0002", shipment_number="NRTE777777"))

    assert response.status_code == 400
    assert codes(response) == {"shipments.0.control_number": "control_number_used"}
    assert Trip.objects.count() == 1


def test_every_error_is_named_at_once(norte: Filer) -> None:
    given = body()
    given["port"] = "23"
    given["conveyance"]["plate"]["number"] = "TOO-LONG-A-PLATE"
    given["crew"][0]["birth_date"] = "17/05/1984"
    given["shipments"][0]["commodities"][0] |= {
        "hs_code": "85",
        "quantity": -4,
        "weight_kg": 1e14,
        "hs_cod": "x",
    }
    del given["shipments"][0]["parties"][1]

    response = norte.post(given)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert codes(response) == {
        "port": "port_code_length",
        "conveyance.plate.number": "plate_length",
        "crew.0.birth_date": "date",
        "shipments.0.commodities.0.hs_code": "hs_length",
        "shipments.0.commodities.0.quantity": "out_of_range",
        "shipments.0.commodities.0.weight_kg": "out_of_range",
        "shipments.0.commodities.0.hs_cod": "unknown_field",
        "shipments.0.parties": "no_consignee",
        "gross_weight_kg": "less_than_cargo",
    }
    assert not Trip.objects.exists()
    assert not Shipment.objects.exists()


def test_sur_files_nothing_for_norte(norte: Filer, sur: Filer) -> None:
    response = sur.post(body())

    assert response.status_code == 400
    assert codes(response) == {
        "trip_number": "trip_number_other_scac",
        "shipments.0.control_number": "shipment_control_number_other_scac",
    }
    assert not Trip.objects.exists()


def test_sur_cannot_read_the_trip_of_norte(norte: Filer, sur: Filer) -> None:
    norte.post(body())

    assert sur.get(f"{URL}NRTE0001/").status_code == 404
    assert norte.get(f"{URL}NRTE0001/").status_code == 200


def test_the_gate_files_at_its_port_only(gate: Filer, norte: Filer) -> None:
    assert gate.post(body()).status_code == 201
    other = gate.post(body("NRTE0009", port="2501"))
    assert codes(other) == {"port": "not_your_port"}


def test_an_agency_files_nothing(agency: Filer) -> None:
    assert agency.post(body()).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe{}",
        b'{"trip_number": 5}',
        b'{"trip_number": "NRTE0001", "shipments": {"a": 1}}',
        b'{"trip_number": "NRTE0001", "crew": [1, null, "x"]}',
        b'{"trip_number": "NRTE0001", "conveyance": [], "equipment": [[]]}',
        b'{"trip_number": "NRTE0001", "gross_weight_kg": 1e400}',
        b'{"trip_number": "NRTE0001", "gross_weight_kg": NaN}',
        b'{"trip_number": "NRTE0001", "estimated_arrival_at": "2026-13-45T99:00:00Z"}',
        b'{"trip_number": "NRTE0001", "estimated_arrival_at": "0001-01-01T00:00:00+14:00"}',
        b'{"trip_number": "NRTE\\u0000001"}',
        b'{"purpose": "delete", "trip_number": "NRTE9999"}',
        b'{"purpose": "amendment", "trip_number": "NRTE9999"}',
    ],
)
def test_broken_bodies_are_refused_in_words(norte: Filer, sent: bytes) -> None:
    response = norte.post(sent)

    assert 400 <= response.status_code < 500, response.content
    assert response.json()["code"]
    assert not Trip.objects.exists()
