"""Each rule of the decision, by a truck that has everything in order but one thing."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanes.rules import RULES, Facts, Policy, decide
from lanes.rules.facts import BundleFacts, Elsewhere, Presented, Seen
from tests.lanes import test_rules_alerts, test_rules_inspection
from tests.lanes.facts import LANES, NO_DRAW, NOW, POLICY, TRUSTED_FACTS, judged, lane, with_
from tests.lanes.test_table import WRONG
from trustedtruck.manifests.facts import CertificateFacts, CrewFacts, SealFacts, TrailerFacts


def test_a_truck_with_everything_in_order_is_fast() -> None:
    decision = judged(TRUSTED_FACTS)
    assert (decision.route, decision.reasons) == ("fast", ("trusted",))


def test_truck_unknown() -> None:
    assert "truck_unknown" in judged(with_(truck=None)).reasons


@pytest.mark.parametrize(
    "state", ["pre_applicant", "applicant", "suspended", "rejected", "removed"]
)
def test_carrier_not_certified(state: str) -> None:
    assert judged(with_(carrier={"state": state})).reasons == ("carrier_not_certified",)


def test_carrier_not_certified_without_a_tier_or_a_carrier() -> None:
    assert "carrier_not_certified" in judged(with_(carrier={"tier": None})).reasons
    assert "carrier_not_certified" in judged(with_(carrier=None)).reasons


@pytest.mark.parametrize("state", ["suspended", "revoked", "expired", "superseded", "unheard-of"])
def test_truck_credential_invalid(state: str) -> None:
    assert judged(with_(truck_credential={"state": state})).reasons == ("truck_credential_invalid",)


@pytest.mark.parametrize(
    "dates",
    [{"valid_from": NOW + 1}, {"valid_until": NOW}, {"valid_until": NOW - 1}],
    ids=["not yet valid", "ends this instant", "expired"],
)
def test_truck_credential_invalid_by_its_dates(dates: dict[str, float]) -> None:
    assert judged(with_(truck_credential=dates)).reasons == ("truck_credential_invalid",)


def test_truck_credential_not_shown() -> None:
    only_driver = (TRUSTED_FACTS.presented[1],)
    assert judged(with_(presented=only_driver)).reasons == ("truck_credential_not_shown",)


def test_shown_credential_refused() -> None:
    forged = Presented("truck", "t-11", failures=("signature_invalid",))
    reasons = judged(with_(presented=(*TRUSTED_FACTS.presented, forged))).reasons
    assert "shown_credential_refused" in reasons


def test_shown_credential_refused_when_it_is_somebody_elses() -> None:
    seen = TRUSTED_FACTS.presented
    reasons = judged(with_(presented=(*seen, Presented("driver", "d-99")))).reasons
    assert reasons == ("shown_credential_refused",)


def test_tag_mismatch() -> None:
    assert "tag_mismatch" in judged(with_(truck_credential={"tag_epc": "30" * 12})).reasons
    assert "tag_mismatch" in judged(with_(seen={"tag_epc": ""})).reasons


def test_plate_mismatch() -> None:
    for seen in ({"plate_number": "ABC124"}, {"plate_jurisdiction": "NLE"}, {"plate_number": ""}):
        assert "plate_mismatch" in judged(with_(seen=seen)).reasons


def test_driver_unknown() -> None:
    assert "driver_unknown" in judged(with_(driver=None, driver_credential=None)).reasons


def test_driver_not_of_carrier() -> None:
    assert judged(with_(driver={"carrier_id": 2})).reasons == ("driver_not_of_carrier",)


def test_driver_credential_invalid() -> None:
    reasons = judged(with_(driver_credential={"state": "revoked"})).reasons
    assert reasons == ("driver_credential_invalid",)


def test_fast_card_expired() -> None:
    assert judged(with_(driver={"fast_card_expires_at": NOW})).reasons == ("fast_card_expired",)
    assert judged(with_(driver={"fast_card_expires_at": None})).reasons == ("fast_card_expired",)


def test_reported_late() -> None:
    assert judged(with_(seen={"observed_at": NOW - 301})).reasons == ("reported_late",)
    assert judged(with_(seen={"observed_at": NOW - 299})).route == "fast"


def test_radiation_alarm() -> None:
    assert judged(with_(seen={"radiation_alarm": True})).reasons == ("radiation_alarm",)


def test_radiation_not_measured() -> None:
    unmeasured = with_(seen={"radiation_alarm": None})
    assert judged(unmeasured).reasons == ("radiation_not_measured",)
    assert decide(unmeasured, replace(POLICY, require_radiation=False), NO_DRAW).route == "fast"


def test_bundle_stale() -> None:
    assert judged(with_(bundle=BundleFacts(7, NOW))).reasons == ("bundle_stale",)
    assert judged(with_(bundle=BundleFacts(7, NOW + 1))).route == "fast"
    assert judged(with_(bundle=BundleFacts(7, float("nan")))).reasons == ("bundle_stale",)


def test_tag_at_two_gates() -> None:
    def after(minutes: float, *, same_port: bool) -> tuple[str, ...]:
        return judged(with_(elsewhere=Elsewhere("a", 2, same_port, minutes * 60))).reasons

    assert after(9.9, same_port=True) == ("tag_at_two_gates",)
    assert after(10, same_port=True) == ("trusted",)
    assert after(59, same_port=False) == ("tag_at_two_gates",)
    assert after(60, same_port=False) == ("trusted",)


def test_qr_at_two_gates() -> None:
    def after(minutes: float, *, same_port: bool) -> tuple[str, ...]:
        return judged(with_(qr_elsewhere=Elsewhere("a", 2, same_port, minutes * 60))).reasons

    assert after(9.9, same_port=True) == ("qr_at_two_gates",)
    assert after(10, same_port=True) == ("trusted",)
    assert after(59, same_port=False) == ("qr_at_two_gates",)
    assert after(60, same_port=False) == ("trusted",)


def test_manifest_missing() -> None:
    assert judged(with_(trip=None)).reasons == ("manifest_missing", "weight_disagrees")
    for state in ("preliminary", "cancelled", "arrived"):
        assert judged(with_(trip={"state": state})).reasons == ("manifest_missing",)
    assert judged(with_(trip={"filed_at": None})).reasons == ("manifest_missing",)


def test_manifest_filed_late() -> None:
    assert judged(with_(trip={"filed_at": NOW - 29 * 60})).reasons == ("manifest_filed_late",)
    assert judged(with_(trip={"filed_at": NOW - 30 * 60})).route == "fast"


def test_trip_not_expected() -> None:
    for change in (
        {"port": "2506"},
        {"estimated_arrival_at": None},
        {"estimated_arrival_at": NOW + 25 * 3600},
        {"estimated_arrival_at": NOW - 25 * 3600},
    ):
        assert judged(with_(trip=change)).reasons == ("trip_not_expected",)


def test_trip_of_another_carrier() -> None:
    assert judged(with_(trip={"carrier_id": 2})).reasons == ("trip_of_another_carrier",)


def test_vehicle_not_on_manifest() -> None:
    for change in ({"plate_number": "XYZ"}, {"plate_jurisdiction": "CA"}, {"tag_epc": "30" * 12}):
        assert judged(with_(trip=change)).reasons == ("vehicle_not_on_manifest",)
    assert judged(with_(trip={"tag_epc": ""})).route == "fast"


def test_driver_not_on_manifest() -> None:
    for crew in ((), (CrewFacts("driver", "41", 6),), (CrewFacts("passenger", "41", 5),)):
        assert judged(with_(trip={"crew": crew})).reasons == ("driver_not_on_manifest",)


def test_seals_disagree() -> None:
    for seals in ((), ("SEAL2",), ("SEAL1", "SEAL2")):
        assert judged(with_(seen={"seals": seals})).reasons == ("seals_disagree",)


def test_seal_not_high_security() -> None:
    weak = (SealFacts("SEAL1", "S"),)
    trailers = (TrailerFacts("trailer", "R1", "R1P", "TX", True, weak),)
    reasons = judged(with_(trip={"seals": weak, "trailers": trailers})).reasons
    assert reasons == ("seal_not_high_security",)


def test_seal_not_high_security_on_one_of_two_trailers() -> None:
    assert TRUSTED_FACTS.trip is not None
    two = (*TRUSTED_FACTS.trip.trailers, TrailerFacts("trailer", "R2", "R2P", "TX", True, ()))
    assert judged(with_(trip={"trailers": two})).reasons == ("seal_not_high_security",)


def test_an_empty_truck_needs_no_seal() -> None:
    empty = {
        "laden": False,
        "seals": (),
        "shipments": (),
        "trailers": (TrailerFacts("trailer", "R1", "R1P", "TX", False),),
    }
    assert judged(with_(trip=empty, seen={"seals": ()})).route == "fast"


@pytest.mark.parametrize("known", [False, None])
@pytest.mark.parametrize("who", ["manufacturer_certified", "importer_certified"])
def test_trade_partner_not_certified(who: str, known: bool | None) -> None:
    assert TRUSTED_FACTS.trip is not None
    good = TRUSTED_FACTS.trip.shipments[0]
    change: dict[str, Any] = {who: known}
    shipments = (good, replace(good, **change))
    assert judged(with_(trip={"shipments": shipments})).reasons == ("trade_partner_not_certified",)


def test_laden_without_shipments() -> None:
    assert judged(with_(trip={"shipments": ()})).reasons == ("laden_without_shipments",)


def test_plant_health_certificate_missing() -> None:
    assert TRUSTED_FACTS.trip is not None
    needing = (replace(TRUSTED_FACTS.trip.shipments[0], hs_codes=("080440", "870830")),)
    good = CertificateFacts("c", "MX-1", "issued", "NRTE0001A", True)
    missing = ("plant_health_certificate_missing",)
    assert judged(with_(trip={"shipments": needing})).reasons == missing
    assert judged(with_(trip={"shipments": needing, "certificates": (good,)})).route == "fast"
    for spoiled in (
        replace(good, state="withdrawn"),
        replace(good, seal_bound=False),
        replace(good, mismatches=("consignee",)),
        replace(good, control_number="OTHER"),
    ):
        certified = {"shipments": needing, "certificates": (spoiled,)}
        assert judged(with_(trip=certified)).reasons == missing


def test_plant_health_certificate_missing_for_goods_that_nobody_named() -> None:
    assert TRUSTED_FACTS.trip is not None
    for change in ({"hs_codes": ()}, {"unnamed": True}):
        shipments = (replace(TRUSTED_FACTS.trip.shipments[0], **change),)
        facts = with_(trip={"shipments": shipments})
        assert judged(facts).reasons == ("plant_health_certificate_missing",)
        assert decide(facts, replace(POLICY, certificates_required=()), NO_DRAW).route == "fast"


def test_plant_health_certificate_missing_by_the_goods_of_the_policy() -> None:
    assert TRUSTED_FACTS.trip is not None
    wood = (replace(TRUSTED_FACTS.trip.shipments[0], hs_codes=("440710",)),)
    facts = with_(trip={"shipments": wood})
    assert judged(facts).route == "fast"
    for prefix in ("44", "4407", "440710"):
        asking = replace(POLICY, certificates_required=(prefix,))
        reasons = decide(facts, asking, NO_DRAW).reasons
        assert reasons == ("plant_health_certificate_missing",)
    other = replace(POLICY, certificates_required=("4403",))
    assert decide(facts, other, NO_DRAW).route == "fast"


def test_weight_disagrees() -> None:
    for seen in (28_499, 31_501, None):
        assert judged(with_(seen={"gross_weight_kg": seen})).reasons == ("weight_disagrees",)
    for seen in (28_500, 31_500):
        assert judged(with_(seen={"gross_weight_kg": seen})).route == "fast"
    assert judged(with_(trip={"gross_weight_kg": None})).reasons == ("weight_disagrees",)


def test_weight_is_not_asked_where_there_is_no_scale() -> None:
    no_scale = replace(POLICY, require_weight=False)
    unweighed = with_(seen={"gross_weight_kg": None})
    assert decide(unweighed, no_scale, NO_DRAW).route == "fast"


def test_drawn_at_random() -> None:
    assert judged(TRUSTED_FACTS, draw=0.0199).reasons == ("drawn_at_random",)
    assert judged(TRUSTED_FACTS, draw=0.02).route == "fast"


def test_no_draw_is_a_draw() -> None:
    assert judged(TRUSTED_FACTS, draw=None).reasons == ("drawn_at_random",)


def test_a_tier_without_a_rate_is_always_drawn() -> None:
    decision = decide(TRUSTED_FACTS, Policy(1, sampling_by_tier={}), 0.999)
    assert decision.reasons == ("drawn_at_random",)


def test_a_rate_of_zero_never_draws() -> None:
    assert decide(TRUSTED_FACTS, Policy(1, sampling_by_tier={"3": 0.0}), 0.0).route == "fast"


def test_no_fast_lane_open() -> None:
    closed = tuple(lane(n, "fast", open=False) for n in (1, 2)) + LANES[2:]
    decision = judged(with_(lanes=closed))
    assert (decision.reasons, decision.lane_id) == (("no_fast_lane_open",), 3)


def test_every_reason_is_given_not_only_the_first() -> None:
    spoiled = with_(carrier={"state": "suspended"}, seen={"plate_number": "X"}, driver=None)
    assert judged(spoiled).reasons == (
        "carrier_not_certified",
        "plate_mismatch",
        "driver_unknown",
        "vehicle_not_on_manifest",
    )


def test_every_rule_has_a_test_of_its_name() -> None:
    names = [*globals(), *vars(test_rules_alerts), *vars(test_rules_inspection)]
    missing = [r.code for r in RULES if not any(n.startswith(f"test_{r.code}") for n in names)]
    assert missing == []


def test_shortest_expected_wait_wins() -> None:
    lanes = (lane(1, "fast", queue=3), lane(2, "fast", queue=2, service_seconds=60.0), *LANES[2:])
    assert judged(with_(lanes=lanes)).lane_id == 1


def test_equal_waits_go_to_the_lower_code() -> None:
    assert judged(with_(lanes=tuple(reversed(LANES)))).lane_id == 1


def test_a_lane_of_the_other_direction_is_not_chosen() -> None:
    lanes = (lane(1, "fast", directions=("southbound",)), *LANES[1:])
    assert judged(with_(lanes=lanes)).lane_id == 2


def test_a_group_keeps_to_its_lanes() -> None:
    lanes = (lane(1, "fast", group="west"), lane(2, "fast", group="east"), *LANES[2:])
    assert judged(with_(lanes=lanes, seen={"lane_group": "east"})).lane_id == 2


def test_inspection_without_a_fitting_lane_takes_any_approach() -> None:
    lanes = (lane(3, "inspection", group="west"),)
    unknown = with_(truck=None, lanes=lanes, seen={"lane_group": "east"})
    assert judged(unknown).lane_id == 3


def test_no_lane_at_all_is_still_a_decision() -> None:
    decision = judged(with_(lanes=()))
    assert (decision.route, decision.reasons, decision.lane_id) == (
        "inspection",
        ("no_fast_lane_open",),
        None,
    )


def test_facts_survive_json() -> None:
    assert Facts.from_json(TRUSTED_FACTS.as_json()) == TRUSTED_FACTS


# Ways to spoil a truck; any set of them, in any order, must keep it out of the fast lane.
SPOILERS = [
    {"truck": None},
    {"carrier": None},
    {"carrier": {"state": "suspended"}},
    {"truck_credential": None},
    {"truck_credential": {"state": "revoked"}},
    {"driver": None},
    {"driver_credential": None},
    {"presented": ()},
    {"seen": {"tag_epc": ""}},
    {"seen": {"plate_number": "OTHER"}},
    {"seen": {"radiation_alarm": True}},
    {"seen": {"observed_at": NOW - 4000}},
    {"lanes": ()},
    {"trip": None},
    {"trip": {"state": "cancelled"}},
    {"trip": {"port": "9999"}},
    {"trip": {"crew": ()}},
    {"seen": {"seals": ("OTHER",)}},
    {"seen": {"gross_weight_kg": None}},
    {"elsewhere": Elsewhere("a", 2, True, 1.0)},
    *(change for _name, change, _codes in WRONG),
]


@given(st.lists(st.sampled_from(SPOILERS), min_size=1), st.floats(0, 1, exclude_max=True))
def test_a_bad_fact_never_turns_inspection_into_fast(
    spoilers: list[dict[str, Any]], draw: float
) -> None:
    facts = TRUSTED_FACTS
    inspected = False
    for spoiler in spoilers:
        parts = {
            name: value
            for name, value in spoiler.items()
            if not (isinstance(value, dict) and getattr(facts, name) is None)
        }
        facts = with_(facts, **parts)
        inspected = inspected or judged(facts, draw).route == "inspection"
        assert judged(facts, draw).route == "inspection"


maybe_text = st.text(max_size=8)


@given(
    st.builds(
        Facts,
        seen=st.builds(
            Seen,
            observed_at=st.floats(allow_nan=True),
            received_at=st.floats(allow_nan=True),
            direction=maybe_text,
            tag_epc=maybe_text,
        ),
        lanes=st.lists(st.sampled_from(LANES)).map(tuple),
    ),
    st.none() | st.floats(),
)
def test_any_facts_give_the_same_decision_twice_with_a_reason(
    facts: Facts, draw: float | None
) -> None:
    decision = decide(facts, POLICY, draw)
    assert decision == decide(facts, POLICY, draw)
    assert decision.route == "inspection"
    assert decision.reasons


def lane_of(facts: Facts, lane_policy: str, draw: float = NO_DRAW) -> tuple[str, int | None]:
    decision = decide(facts, replace(POLICY, lane_policy=lane_policy), draw)
    return decision.route, decision.lane_id


def test_lane_policy_open_lets_others_into_a_fast_lane_that_stands_idle() -> None:
    idle = (lane(1, "fast"), lane(2, "inspection", queue=3))
    busy = (lane(1, "fast", queue=1), lane(2, "inspection", queue=3))
    spoiled = with_(seen={"radiation_alarm": True})
    assert lane_of(replace(spoiled, lanes=idle), "dedicated") == ("inspection", 2)
    assert lane_of(replace(spoiled, lanes=idle), "open") == ("inspection", 1)
    assert lane_of(replace(spoiled, lanes=busy), "open") == ("inspection", 2)
    assert lane_of(with_(lanes=idle), "open") == ("fast", 1)


def test_lane_policy_priority_lets_fast_trucks_into_every_lane() -> None:
    lanes = (lane(1, "fast", queue=3), lane(2, "inspection", queue=1))
    assert lane_of(with_(lanes=lanes), "dedicated") == ("fast", 1)
    assert lane_of(with_(lanes=lanes), "priority") == ("fast", 2)
    others = with_(seen={"radiation_alarm": True}, lanes=(lane(1, "fast"), lanes[1]))
    assert lane_of(others, "priority") == ("inspection", 2)


def test_with_priority_only_those_count_who_stand_before_the_truck() -> None:
    """Nine in line, one of them fast: a fast truck has that one before it and the booth's."""
    lanes = (
        lane(1, "fast", queue=3, fast_queue=3),
        lane(2, "inspection", queue=9, fast_queue=1),
        lane(3, "inspection", queue=4, fast_queue=4),
    )
    assert lane_of(with_(lanes=lanes), "priority") == ("fast", 2)
    assert lane_of(with_(lanes=lanes), "dedicated") == ("fast", 1)
    others = with_(seen={"radiation_alarm": True}, lanes=lanes[1:])
    assert lane_of(others, "priority") == ("inspection", 3)
    # Decisions of before fast trucks were counted apart are made again as they were.
    older = tuple(replace(one, fast_queue=None) for one in lanes)
    assert lane_of(with_(lanes=older), "priority") == ("fast", 1)


def test_lanes_of_older_decisions_are_read() -> None:
    stored = with_(lanes=(lane(1, "fast", queue=2, fast_queue=2),)).as_json()
    stored["lanes"] = [row[:9] for row in stored["lanes"]]
    assert Facts.from_json(stored).lanes == (lane(1, "fast", queue=2),)
