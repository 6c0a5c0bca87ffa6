"""The facts of the trips that arriving trucks belong to."""

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from tests.manifests.conftest import TESTER, Filer, body
from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.manifests.facts import SealFacts, TripFacts
from trustedtruck.manifests.queries import Asked, trips_for_arrivals
from trustedtruck.manifests.services.arrivals import mark_arrived

pytestmark = pytest.mark.django_db
TAG = "341800004000000000000001"


@pytest.mark.usefixtures("certified_partners")
def test_a_trip_with_all_its_facts(norte: Filer, rosa: Driver) -> None:
    norte.post(body(tag_epc=TAG))

    facts = trips_for_arrivals([Asked("a", "2304", trip_number="NRTE0001")])["a"]

    assert facts.scac == "NRTE"
    assert (facts.state, facts.found_by, facts.laden) == ("filed", "trip_number", True)
    assert facts.seals == (SealFacts("S0001", "H"),)
    assert facts.trailers[0].seals == facts.seals
    assert facts.drivers[0].driver_public_id == str(rosa.public_id)
    assert facts.shipments[0].manufacturer_certified is True
    assert facts.shipments[0].importer_certified is True
    assert not facts.shipments[0].may_hold(("08",))
    assert facts.cargo_weight_kg == 8150
    assert facts.filed_at is not None
    assert TripFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_an_unknown_partner_is_not_certified(norte: Filer) -> None:
    norte.post(body())

    facts = trips_for_arrivals([Asked("a", "2304", trip_number="NRTE0001")])["a"]

    assert facts.shipments[0].manufacturer_certified is False
    assert facts.drivers[0].driver_id is None


def test_goods_are_found_under_their_hs_prefix(norte: Filer) -> None:
    norte.post(body(hs_code="08044000", description="FRESH AVOCADOS"))

    facts = trips_for_arrivals([Asked("a", "2304", trip_number="NRTE0001")])["a"]

    assert facts.shipments[0].may_hold(("08",))
    assert not facts.shipments[0].may_hold(("0805",))
    assert not facts.shipments[0].may_hold(())
    assert facts.certificates == ()


def test_goods_without_a_code_could_be_any(norte: Filer) -> None:
    norte.post(body(hs_code="", description="FRESH AVOCADOS"))

    facts = trips_for_arrivals([Asked("a", "2304", trip_number="NRTE0001")])["a"]

    assert facts.shipments[0].unnamed
    assert facts.shipments[0].may_hold(("08",))


def test_older_facts_are_read_as_they_are(norte: Filer) -> None:
    """Those that say whether a certificate was required, before the policy said it."""
    norte.post(body())
    facts = trips_for_arrivals([Asked("a", "2304", trip_number="NRTE0001")])["a"]
    old = json.loads(json.dumps(facts.as_json()))
    for shipment in old["shipments"]:
        del shipment["unnamed"]
        shipment["certificate_required"] = True

    assert TripFacts.from_json(old) == facts


def test_found_by_tag_by_enrolled_truck_and_by_plate(norte: Filer) -> None:
    norte.post(body("NRTE0001", plate="AAA1", tag_epc=TAG))
    norte.post(body("NRTE0002", plate="BBB2", vin="1M8GDM9AXKP042788"))
    other_tag = TAG[:-1] + "2"
    assert norte.carrier is not None
    Truck.objects.create(
        carrier=norte.carrier,
        number="T2",
        plate_number="BBB2",
        plate_jurisdiction="TX",
        vin="1M8GDM9AXKP042788",
        tag_epc=other_tag,
        created_at=timezone.now(),
    )

    found = trips_for_arrivals(
        [
            Asked(1, "2304", tag_epc=TAG),
            Asked(2, "2304", tag_epc=other_tag),
            Asked(3, "2304", plate="BBB2"),
            Asked(4, "2304", plate="BBB2", scac="SURX"),
            Asked(5, "2501", plate="BBB2"),
            Asked(6, "2304"),
        ]
    )

    assert {key: (f.trip_number, f.found_by) for key, f in found.items()} == {
        1: ("NRTE0001", "tag"),
        2: ("NRTE0002", "vin"),
        3: ("NRTE0002", "plate"),
    }


def test_of_several_open_trips_the_one_expected_now(norte: Filer) -> None:
    soon = timezone.now() + dt.timedelta(minutes=10)
    norte.post(body("NRTE0001", estimated_arrival_at=soon - dt.timedelta(hours=6)))
    norte.post(body("NRTE0002", estimated_arrival_at=soon))
    norte.post(body("NRTE0003", estimated_arrival_at=soon + dt.timedelta(hours=9)))

    found = trips_for_arrivals([Asked("a", "2304", plate="ABC1234")])
    assert found["a"].trip_number == "NRTE0002"

    mark_arrived(trip_number="NRTE0002", by=TESTER, at=timezone.now())
    found = trips_for_arrivals([Asked("a", "2304", plate="ABC1234")])
    assert found["a"].trip_number == "NRTE0001"


@pytest.mark.usefixtures("certified_partners", "rosa")
def test_the_number_of_queries_does_not_grow(
    norte: Filer, django_assert_max_num_queries: Any
) -> None:
    for n in range(1, 13):
        norte.post(body(f"NRTE{n:04d}", plate=f"P{n}", hs_code="080440"))

    for many in (1, 12):
        asked = [Asked(n, "2304", plate=f"P{n}") for n in range(1, many + 1)]
        with django_assert_max_num_queries(18) as seen:
            assert len(trips_for_arrivals(asked)) == many
        if many == 1:
            alone = len(seen)
    assert len(seen) == alone
