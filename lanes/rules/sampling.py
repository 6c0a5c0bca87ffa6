"""The random part of the decision."""

from lanes.rules.facts import Facts
from lanes.rules.policy import Policy

DRAWN = "drawn_at_random"
DRAWN_TEXT = "The truck was drawn at random for inspection."


def drawn(facts: Facts, policy: Policy, draw: float | None) -> bool:
    """Whether the draw falls under the carrier's rate. No draw, or no rate for the tier, is a hit.

    `draw` is in [0, 1). A rate of 0 never draws; a rate of 1 always does.
    """
    tier = None if facts.carrier is None else facts.carrier.tier
    rate = policy.sampling_by_tier.get(str(tier), 1.0)
    # Asked this way round, a value that is no number counts as drawn.
    return rate != 0 and (draw is None or not draw >= rate)
