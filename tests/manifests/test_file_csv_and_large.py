"""CSV tables of shipments, and messages so large that a worker reads them."""

import json
from typing import Any

import pytest

from tests.manifests.conftest import Filer, body
from trustedtruck.manifests.models import Shipment, Submission, Trip
from trustedtruck.manifests.services import intake
from trustedtruck.manifests.tasks import work_off_waiting

pytestmark = pytest.mark.django_db
HEAD = (
    "control_number,description,quantity,weight_kg,hs_code,origin_country,"
    "shipper_name,consignee_name\n"
)


def table(*numbers: str) -> str:
    return HEAD + "".join(
        f'{n},"PANELS, STEEL",40,1250.5,853710,MX,Norte SA,Lone Star Inc\n' for n in numbers
    )


def test_a_table_goes_on_a_trip(norte: Filer) -> None:
    norte.post(body())

    response = norte.post(table("NRTE2222", "NRTE3333"), "text/csv", trip_number="NRTE0001")

    assert response.status_code == 201, response.content
    assert response.json()["version"] == 2
    assert Trip.objects.get().shipments.count() == 3


def test_a_table_without_a_trip_is_kept_for_one(norte: Filer) -> None:
    response = norte.post(
        table("NRTE2222").replace(",", ";").replace("PANELS;", "PANELS,"), "text/csv"
    )

    assert response.status_code == 201, response.content
    assert Shipment.objects.get().trip is None


def test_lines_of_one_number_are_one_shipment(norte: Filer) -> None:
    norte.post(table("NRTE2222", "NRTE2222"), "text/csv")
    assert Shipment.objects.get().commodities.count() == 2


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\n", "required"),
        (b"nothing,known\n1,2\n", "unknown_field"),
        (b"control_number,quantity\nNRTE2222,many\n", "not_a_number"),
        (b"control_number,quantity\nNRTE2222,1e99999999\n", "not_a_number"),
        (b'control_number,quantity\n"NRTE2222,1\n', "not_csv"),
        (b"control_number\n\xff\xff\n", "encoding"),
        (b"control_number\nNRTE\x002222\n", "encoding"),
        (b"control_number,quantity,weight_kg\nNRTE2222,-1,-5\n", "out_of_range"),
        (b"control_number,quantity\nNRTE2222,1.5\n", "not_whole"),
        (b"control_number,value_usd\nNRTE2222,99.5\n", "not_whole"),
        (b"control_number,quantity\nNRTE2222,1,250\n", "too_many_values"),
        (b"control_number,quantity,quantity\nNRTE2222,1,2\n", "duplicate"),
        (b"control_number,equipment\nNRTE2222,R1\nNRTE2222,R2\n", "differs"),
        (b"control_number,shipper_name\nNRTE2222,A\nNRTE2222,B\n", "differs"),
        (b"control_number,description\nNRTE2222," + b"x" * 140_000, "not_csv"),
        (b"control_number,quantity\n" + b"NRTE2222,1\n" * 1_000, "too_many"),
        (b"control_number,quantity\n" + b"\n" * 50_001, "too_many"),
    ],
)
def test_bad_tables_are_refused_in_words(norte: Filer, sent: bytes, code: str) -> None:
    response = norte.post(sent, "text/csv")

    assert response.status_code == 400, response.content
    assert code in {e["code"] for e in response.json()["errors"]}
    assert not Shipment.objects.exists()


def large(count: int) -> dict[str, Any]:
    given = body(gross_weight_kg=None)
    first = given["shipments"][0]
    given["shipments"] = [first | {"control_number": f"NRTE{n:06d}"} for n in range(count)]
    return given


def test_a_large_manifest_waits_for_a_worker_and_tells_how_far_it_is(norte: Filer) -> None:
    sent = large(600)
    response = norte.post(sent)

    assert response.status_code == 202
    assert response.json()["state_of_message"] == "waiting"
    assert not Trip.objects.exists()
    status = norte.get(response["Location"]).json()
    assert status["state_of_message"] == "waiting"

    work_off_waiting()

    status = norte.get(response["Location"]).json()
    assert status["state_of_message"] == "accepted"
    assert status["result"]["trip_number"] == "NRTE0001"
    assert status["done"] == status["total"] == 600
    assert Trip.objects.get().shipments.count() == 600
    again = norte.post(sent)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert Trip.objects.get().version == 1


def test_ten_thousand_shipments_are_one_too_many(norte: Filer) -> None:
    response = norte.post(large(10_000))
    assert response.status_code == 202

    work_off_waiting()

    status = norte.get(response["Location"]).json()
    assert status["state_of_message"] == "rejected"
    assert status["result"]["errors"][0]["code"] == "too_many"
    assert not Trip.objects.exists()


def test_a_message_that_kills_its_worker_is_given_up(norte: Filer) -> None:
    location = norte.post(large(600))["Location"]
    Submission.objects.update(attempts=intake.MAX_ATTEMPTS)

    work_off_waiting()

    assert norte.get(location).json()["result"]["code"] == "gave_up"


def test_a_message_that_fails_does_not_keep_those_behind_it_waiting(norte: Filer) -> None:
    first, second = (norte.post(large(count))["Location"] for count in (600, 601))
    # What no reader of ours foresees: a row that names no sender.
    Submission.objects.filter(pk=Submission.objects.earliest("pk").pk).update(actor=[])

    for _ in range(intake.MAX_ATTEMPTS + 1):
        work_off_waiting()

    assert norte.get(second).json()["state_of_message"] == "accepted"
    assert norte.get(first).json()["state_of_message"] == "waiting"


def test_what_is_no_json_is_answered_once_and_waits_for_nobody(norte: Filer) -> None:
    assert norte.post(b"{").json()["code"] == "malformed_json"
    (row,) = Submission.objects.all()
    assert (row.state, row.result["code"]) == ("rejected", "malformed_json")


def test_more_than_sixteen_megabytes_are_refused(norte: Filer) -> None:
    response = norte.post(json.dumps({"trip_number": "X" * (16 * 1024 * 1024)}).encode())
    assert response.status_code == 413


def test_the_status_of_another_is_not_found(norte: Filer, sur: Filer) -> None:
    location = norte.post(large(600))["Location"]
    assert sur.get(location).status_code == 404
