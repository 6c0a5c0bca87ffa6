"""Each sampling rule by a truck that has everything in order."""

from dataclasses import replace
from typing import Any

import pytest

from lanes.rules import Policy, decide
from lanes.rules.policy import Campaign
from lanes.rules.sampling import SAMPLING, rate_of, record_of
from tests.lanes.facts import NOW, TRUSTED_FACTS, with_
from trustedtruck.manifests.facts import ShipmentFacts

NEVER = {"1": 0.0, "2": 0.0, "3": 0.0}


def reasons(facts: Any = TRUSTED_FACTS, draw: float | None = 0.3, **body: Any) -> tuple[str, ...]:
    usual = {"sampling_by_tier": NEVER, "certificates_required": ()}
    return decide(facts, Policy(1, **usual | body), draw).reasons


def carrying(*hs_codes: str) -> Any:
    shipment = ShipmentFacts(
        "NRTE0001A", hs_codes=hs_codes, manufacturer_certified=True, importer_certified=True
    )
    return with_(trip={"shipments": (shipment,)})


def test_drawn_at_random() -> None:
    assert reasons(sampling_by_tier={"3": 0.31}) == ("drawn_at_random",)
    assert reasons(sampling_by_tier={"3": 0.30}) == ("trusted",)


def test_drawn_for_goods() -> None:
    rates = {"07": 0.31, "08": 0.2}
    assert reasons(carrying("070200"), sampling_by_commodity=rates) == ("drawn_for_goods",)
    assert reasons(carrying("080550"), sampling_by_commodity=rates) == ("trusted",)
    assert reasons(carrying("870830"), sampling_by_commodity=rates) == ("trusted",)
    assert reasons(carrying("080550", "070200"), sampling_by_commodity=rates) == (
        "drawn_for_goods",
    )


def test_drawn_for_goods_that_nobody_named() -> None:
    rates = {"07": 0.31, "08": 0.2}
    assert reasons(carrying(), sampling_by_commodity=rates) == ("drawn_for_goods",)
    assert carrying("870830").trip is not None
    half = replace(carrying("870830").trip.shipments[0], unnamed=True)
    named_in_part = with_(trip={"shipments": (half,)})
    assert reasons(named_in_part, sampling_by_commodity=rates) == ("drawn_for_goods",)
    empty = with_(trip={"shipments": (), "laden": False})
    assert reasons(empty, sampling_by_commodity=rates) == ("trusted",)


@pytest.mark.parametrize(
    ("exams", "findings", "record"),
    [
        (None, None, "unknown"),
        (0, 0, "unknown"),
        (5, None, "unknown"),
        (5, 0, "clean"),
        (5, 1, "findings"),
    ],
)
def test_drawn_for_record(exams: int | None, findings: int | None, record: str) -> None:
    facts = with_(carrier={"exams": exams, "findings": findings})
    assert record_of(facts) == record
    rates = {"clean": 0.0, "findings": 0.0, "unknown": 0.0}
    assert reasons(facts, sampling_by_record=rates) == ("trusted",)
    assert reasons(facts, sampling_by_record=rates | {record: 0.31}) == ("drawn_for_record",)


def test_drawn_for_record_without_a_rate() -> None:
    assert reasons(sampling_by_record={"clean": 0.0}) == ("drawn_for_record",)


@pytest.mark.parametrize(
    ("campaign", "hit"),
    [
        ({}, True),
        ({"begins_at": NOW + 1}, False),
        ({"ends_at": NOW}, False),
        ({"ends_at": NOW + 1}, True),
        ({"rate": 0.3}, False),
        ({"tiers": (3,)}, True),
        ({"tiers": (1, 2)}, False),
        ({"carriers": ("NRTE",)}, True),
        ({"carriers": ("SURR",)}, False),
        ({"chapters": ("07",)}, True),
        ({"chapters": ("08",)}, False),
        ({"chapters": ("07",), "tiers": (1,)}, False),
    ],
    ids=str,
)
def test_drawn_in_campaign(campaign: dict[str, Any], hit: bool) -> None:
    usual: dict[str, Any] = {"name": "x", "rate": 0.31, "begins_at": NOW - 10}
    found = reasons(carrying("070200"), campaigns=(Campaign(**usual | campaign),))
    assert found == (("drawn_in_campaign",) if hit else ("trusted",))


def test_drawn_in_campaign_for_goods_that_nobody_named() -> None:
    campaign = Campaign("x", 0.31, NOW - 10, chapters=("07",))
    assert reasons(carrying(), campaigns=(campaign,)) == ("drawn_in_campaign",)


def test_the_highest_rate_counts_and_all_that_draw_are_named() -> None:
    body: dict[str, Any] = {
        "certificates_required": (),
        "sampling_by_tier": {"3": 0.4},
        "sampling_by_commodity": {"07": 0.5},
        "sampling_by_record": {"unknown": 0.1},
    }
    assert reasons(carrying("070200"), **body) == ("drawn_at_random", "drawn_for_goods")
    assert rate_of(carrying("070200"), Policy(1, **body)) == 0.5


def test_no_draw_hits_wherever_there_is_a_rate() -> None:
    assert reasons(draw=None) == ("trusted",)
    assert reasons(draw=None, sampling_by_tier={"3": 1e-9}) == ("drawn_at_random",)


def test_every_sampling_rule_has_a_test_of_its_name() -> None:
    missing = [r.code for r in SAMPLING if not any(n == f"test_{r.code}" for n in globals())]
    assert missing == []
