"""The table of the decision: every two things that can be wrong with a truck, and what is said.

Each row of `WRONG` spoils one thing and names the reasons that this alone gives. For every pair the
reasons must be exactly those of both, in the order of the rules: none hidden, none invented.
"""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from lanes.rules import RULES, Facts, Policy, decide
from lanes.rules.facts import AlertFacts, BundleFacts, Elsewhere, Owed, Presented
from tests.lanes.facts import LANES, NO_DRAW, NOW, POLICY, TRUSTED_FACTS, with_
from trustedtruck.manifests.facts import CrewFacts, SealFacts, ShipmentFacts, TrailerFacts

SHOWN = TRUSTED_FACTS.presented
H, LOW = SealFacts("SEAL1", "H"), SealFacts("SEAL1", "I")
NEEDS_PAPER = ShipmentFacts(
    "NRTE0001A",
    hs_codes=("080440",),
    manufacturer_certified=True,
    importer_certified=True,
)
STRANGER = ShipmentFacts(
    "NRTE0001A", hs_codes=("870830",), manufacturer_certified=False, importer_certified=True
)

# Name, what is changed, the reasons that it gives on its own.
WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("bundle stale", {"bundle": BundleFacts(7, NOW)}, {"bundle_stale"}),
    ("carrier suspended", {"carrier": {"state": "suspended"}}, {"carrier_not_certified"}),
    ("truck's revoked", {"truck_credential": {"state": "revoked"}}, {"truck_credential_invalid"}),
    ("QR not shown", {"presented": SHOWN[1:]}, {"truck_credential_not_shown"}),
    (
        "somebody's card",
        {"presented": (*SHOWN, Presented("driver", "d-99"))},
        {"shown_credential_refused"},
    ),
    ("tag moved", {"truck_credential": {"tag_epc": "OTHER"}}, {"tag_mismatch"}),
    (
        "plate misread",
        {"seen": {"plate_number": "XYZ999"}},
        {"plate_mismatch", "vehicle_not_on_manifest"},
    ),
    ("other's driver", {"driver": {"carrier_id": 2}}, {"driver_not_of_carrier"}),
    (
        "driver's suspended",
        {"driver_credential": {"state": "suspended"}},
        {"driver_credential_invalid"},
    ),
    ("card over", {"driver": {"fast_card_expires_at": NOW}}, {"fast_card_expired"}),
    ("preliminary", {"trip": {"state": "preliminary"}}, {"manifest_missing"}),
    ("filed late", {"trip": {"filed_at": NOW - 600}}, {"manifest_filed_late"}),
    ("other port", {"trip": {"port": "2506"}}, {"trip_not_expected"}),
    ("other carrier's trip", {"trip": {"carrier_id": 2}}, {"trip_of_another_carrier"}),
    ("trip's tag", {"trip": {"tag_epc": "OTHER"}}, {"vehicle_not_on_manifest"}),
    (
        "other crew",
        {"trip": {"crew": (CrewFacts("driver", "41000000000009", 9),)}},
        {"driver_not_on_manifest"},
    ),
    ("seal missing", {"seen": {"seals": ()}}, {"seals_disagree"}),
    (
        "weak seal",
        {"trip": {"trailers": (TrailerFacts("trailer", "R1", "R1P", "TX", True, (LOW,)),)}},
        {"seal_not_high_security"},
    ),
    (
        "unknown maker",
        {"trip": {"shipments": (STRANGER,)}},
        {"trade_partner_not_certified"},
    ),
    ("no shipment", {"trip": {"shipments": ()}}, {"laden_without_shipments"}),
    (
        "no plant paper",
        {"trip": {"shipments": (NEEDS_PAPER,)}},
        {"plant_health_certificate_missing"},
    ),
    ("too heavy", {"seen": {"gross_weight_kg": 35_000}}, {"weight_disagrees"}),
    ("hold", {"held": True}, {"hold_placed"}),
    ("alert", {"alerts": (AlertFacts("a", False),)}, {"alert_matches"}),
    ("a name is close", {"alerts": (AlertFacts("a", True),)}, {"alert_possible"}),
    ("not compared", {"alerts_checked": False}, {"alerts_not_checked"}),
    ("late report", {"seen": {"observed_at": NOW - 3600}}, {"reported_late"}),
    ("radiation", {"seen": {"radiation_alarm": True}}, {"radiation_alarm"}),
    ("portal silent", {"seen": {"radiation_alarm": None}}, {"radiation_not_measured"}),
    ("tag twice", {"elsewhere": Elsewhere("a", 2, True, 60.0)}, {"tag_at_two_gates"}),
    ("QR twice", {"qr_elsewhere": Elsewhere("a", 2, True, 60.0)}, {"qr_at_two_gates"}),
    ("owes an exam", {"owed": (Owed("a", "NII", NOW + 60),)}, {"exam_owed"}),
    (
        "never appeared",
        {"owed": (Owed("a", "NII", NOW - 60),)},
        {"exam_owed", "exam_not_appeared"},
    ),
]
# Both change the same thing in ways that cannot be had together.
_EITHER = [
    {"radiation", "portal silent"},
    {"owes an exam", "never appeared"},
    {"alert", "a name is close"},
    {"unknown maker", "no shipment"},
    {"unknown maker", "no plant paper"},
    {"no shipment", "no plant paper"},
    {"QR not shown", "somebody's card"},
]
PAIRS = [pair for pair in combinations(WRONG, 2) if {pair[0][0], pair[1][0]} not in _EITHER]
ORDER = [rule.code for rule in RULES]


def in_order(codes: set[str]) -> tuple[str, ...]:
    return tuple(code for code in ORDER if code in codes)


def spoiled(*changes: dict[str, Any]) -> Facts:
    facts = TRUSTED_FACTS
    for change in changes:
        facts = with_(facts, **change)
    return facts


def test_the_table_has_more_than_200_combinations() -> None:
    assert len(PAIRS) >= 200


@pytest.mark.parametrize(("name", "change", "codes"), WRONG, ids=[row[0] for row in WRONG])
def test_one_thing_wrong(name: str, change: dict[str, Any], codes: set[str]) -> None:
    decision = decide(spoiled(change), POLICY, NO_DRAW)
    assert (decision.route, decision.reasons) == ("inspection", in_order(codes))


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{a[0]} and {b[0]}" for a, b in PAIRS])
def test_two_things_wrong(one: Any, other: Any) -> None:
    decision = decide(spoiled(one[1], other[1]), POLICY, NO_DRAW)
    assert (decision.route, decision.reasons) == ("inspection", in_order(one[2] | other[2]))


def test_nothing_that_is_not_in_the_table_stands_alone() -> None:
    """What the table leaves out cannot be had without something else being wrong too."""
    alone = set[str]().union(*(codes for _name, _change, codes in WRONG))
    assert set(ORDER) - alone == {"truck_unknown", "driver_unknown"}


@pytest.mark.parametrize("lanes", ["open", "fast closed"])
@pytest.mark.parametrize("draw", [0.0, 0.0199, 0.02, 0.0499, 0.05, 0.0999, 0.1, 0.999])
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_tier_draw_and_lanes(tier: int, draw: float, lanes: str) -> None:
    rate = {1: 0.1, 2: 0.05, 3: 0.02}[tier]
    facts = with_(carrier={"tier": tier})
    if lanes == "fast closed":
        facts = replace(facts, lanes=tuple(replace(one, open=one.route != "fast") for one in LANES))
    decision = decide(facts, Policy(1, sampling_by_tier=POLICY.sampling_by_tier), draw)
    if draw < rate:
        expected = ("inspection", ("drawn_at_random",))
    elif lanes == "fast closed":
        expected = ("inspection", ("no_fast_lane_open",))
    else:
        expected = ("fast", ("trusted",))
    assert (decision.route, decision.reasons) == expected
