"""Patterns worth a look, by rows that show them and rows that do not."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.alerts.writing import agency, issue
from tests.cast import SEALS, TESTER, TRIP, Cast, good_vin, tag
from trustedtruck.alerts.models import Filing, Finding, Hit
from trustedtruck.alerts.services import patterns
from trustedtruck.alerts.services.messages import Taken, give_feedback, report_seizure
from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.manifests.models import Commodity, Party, Shipment
from trustedtruck.manifests.services import patterns as filed_patterns


def found(pattern: str) -> list[Finding]:
    return list(Finding.objects.filter(pattern=pattern))


def test_carriers_that_share_plates_are_found_once(cast: Cast) -> None:
    now = timezone.now()
    for n, truck in enumerate((cast.truck, cast.other_truck), 50):
        Truck.objects.create(
            carrier=cast.sur,
            number=f"S{n}",
            vin=good_vin(n),
            tag_epc=tag(n),
            plate_number=truck.plate_number,
            plate_jurisdiction=truck.plate_jurisdiction,
            created_at=now,
            retired_at=now,
        )
    assert patterns.find_patterns(by=TESTER, at=now) == 1
    assert patterns.find_patterns(by=TESTER, at=now) == 0
    (one,) = found("shell")
    assert one.subject == "NRTE, SURR"
    assert one.evidence["things"] == [["plate", "TX NPL81"], ["plate", "TX NPL82"]]


def _sold(cast: Cast, number: int, truck: Truck) -> None:
    """The other carrier had a truck with this plate once."""
    now = timezone.now()
    Truck.objects.create(
        carrier=cast.sur,
        number=f"S{number}",
        vin=good_vin(number),
        tag_epc=tag(number),
        plate_number=truck.plate_number,
        plate_jurisdiction=truck.plate_jurisdiction,
        created_at=now,
        retired_at=now,
    )


def test_one_truck_that_was_sold_is_no_pattern(cast: Cast) -> None:
    _sold(cast, 50, cast.truck)
    assert patterns.find_patterns(by=TESTER, at=timezone.now()) == 0


def test_a_plate_of_another_jurisdiction_is_another_plate(cast: Cast) -> None:
    for n, truck in enumerate((cast.truck, cast.other_truck), 50):
        truck.plate_jurisdiction = "NL"
        _sold(cast, n, truck)
    assert patterns.find_patterns(by=TESTER, at=timezone.now()) == 0


def test_drivers_without_a_card_are_not_one_driver(cast: Cast) -> None:
    """An empty card or address is nothing that two carriers share."""
    Driver.objects.update(fast_card=None)
    _sold(cast, 50, cast.truck)
    assert patterns.find_patterns(by=TESTER, at=timezone.now()) == 0


def lines(cast: Cast, count: int, **changes: Any) -> None:
    """So many shipments of one shipper, each with one line of goods."""
    values: dict[str, Any] = {"hs_code": "080550", "origin_country": "MX", "value_usd": 1000}
    for _ in range(count):
        n = Shipment.objects.count()
        shipment = Shipment.objects.create(
            carrier=cast.norte, control_number=f"NRTEP{n:06d}", release="entry"
        )
        Party.objects.create(
            shipment=shipment, role="shipper", name="Limones del Sur", name_key="LIMONESDELSUR"
        )
        Commodity.objects.create(
            shipment=shipment,
            position=0,
            description="lemons",
            quantity=10,
            unit="CTN",
            weight_kg=Decimal(1000),
            **(values | changes),
        )


def test_an_origin_against_the_shippers_history(cast: Cast) -> None:
    lines(cast, 9)
    assert filed_patterns.find_patterns(by=TESTER, at=timezone.now()) == 0
    lines(cast, 1, origin_country="GT")
    filed_patterns.find_patterns(by=TESTER, at=timezone.now())
    (one,) = found("origin")
    assert one.subject == "Limones del Sur"
    assert ": GT" in one.evidence["otherwise"][0]


def test_more_of_the_usual_does_not_note_the_same_odd_one_again(cast: Cast) -> None:
    lines(cast, 9)
    lines(cast, 1, origin_country="GT", value_usd=100)
    assert filed_patterns.find_patterns(by=TESTER, at=timezone.now()) == 2
    lines(cast, 2, value_usd=1100)
    assert filed_patterns.find_patterns(by=TESTER, at=timezone.now()) == 0
    lines(cast, 1, origin_country="GT")
    assert filed_patterns.find_patterns(by=TESTER, at=timezone.now()) == 1


def test_a_price_far_from_the_others(cast: Cast) -> None:
    for value in (950, 1000, 1050, 1000, 980, 1020, 1010, 990):
        lines(cast, 1, value_usd=value)
    lines(cast, 1, value_usd=100)
    filed_patterns.find_patterns(by=TESTER, at=timezone.now())
    (one,) = found("price")
    assert one.evidence["this one"] == "0.10 USD/kg"


@pytest.mark.parametrize("misses", [1, 2])
def test_near_misses_before_a_seizure(cast: Cast, misses: int) -> None:
    now = timezone.now()
    issue(("seal", SEALS[0]))
    hit = Hit.objects.get(ref=TRIP)
    before = now - timedelta(days=3)
    for n in range(misses):
        Filing.objects.create(
            ref=f"NRTEM{n}",
            port_code="2304",
            scac="NRTE",
            values=[],
            keys=[],
            open=False,
            screened_at=before,
        )
        Hit.objects.create(
            alert=hit.alert,
            subject_kind="trip",
            ref=f"NRTEM{n}",
            signature="s",
            matched=[],
            close=False,
            state="dismissed",
            at=before,
            judged_by="t",
            judged_at=before,
            note="n",
        )
    feedback = give_feedback(
        alert=hit.alert,
        hit=hit,
        result="found",
        note="",
        mark="amber",
        agency=agency(),
        by=TESTER,
        at=now,
    )
    report_seizure(
        feedback=feedback,
        taken=Taken("narcotics", "Bricks", Decimal(1), "kg", now),
        mark="amber",
        agency=agency(),
        by=TESTER,
        at=now,
    )
    patterns.find_patterns(by=TESTER, at=now)
    assert len(found("near_misses")) == (misses == 2)
