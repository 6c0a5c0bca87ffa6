"""The decision: all rules, then the draw, then the lane."""

from dataclasses import dataclass

from lanes.rules import advance, alerts, arrival, identity, inspection
from lanes.rules.facts import Facts
from lanes.rules.lane_choice import choose_lane
from lanes.rules.policy import Policy
from lanes.rules.registry import rules_in
from lanes.rules.sampling import drawn

RULES = rules_in(identity, advance, alerts, arrival, inspection)
FAST, INSPECTION = "fast", "inspection"
TRUSTED = "trusted"
NO_FAST_LANE = "no_fast_lane_open"


@dataclass(frozen=True, slots=True)
class Decision:
    """`reasons` are codes in order, at least one; `lane_id` is None when no lane fits."""

    route: str
    reasons: tuple[str, ...]
    lane_id: int | None


def decide(facts: Facts, policy: Policy, draw: float | None) -> Decision:
    """Route, reasons and lane. Total: any facts give a decision, the same facts the same one.

    Every rule is asked; each that stands against the fast lane is a reason. Only when none does is
    the draw looked at, so that a draw never hides a rule.
    """
    reasons = tuple([rule.code for rule in RULES if rule.test(facts, policy)])
    reasons = reasons or drawn(facts, policy, draw)
    if not reasons:
        if lane := lane_for(facts, FAST, policy.lane_policy):
            return Decision(FAST, (TRUSTED,), lane)
        reasons = (NO_FAST_LANE,)
    return Decision(INSPECTION, reasons, lane_for(facts, INSPECTION, policy.lane_policy))


def lane_for(facts: Facts, route: str, lane_policy: str) -> int | None:
    """The id of the lane that a truck with this route is sent to; None where none fits."""
    seen = facts.seen
    load = None if facts.trip is None else "laden" if facts.trip.laden else "empty"
    # Better the wrong approach than no lane for inspection: an officer directs the truck.
    for group in (seen.lane_group, "") if route == INSPECTION else (seen.lane_group,):
        lane = choose_lane(
            facts.lanes,
            route=route,
            direction=seen.direction,
            group=group,
            load=load,
            lane_policy=lane_policy,
        )
        if lane is not None:
            return lane.id
    return None
