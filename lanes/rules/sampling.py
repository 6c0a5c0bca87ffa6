"""The random part of the decision: how often a truck like this is drawn, and whether this one is.

A sampling rule gives a rate; the truck is drawn when its draw falls under it. One draw serves all
rules, so that the highest rate that applies is the chance of being inspected.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc

from lanes.rules.facts import Facts
from lanes.rules.policy import Campaign, Policy

Rate = Callable[[Facts, Policy], float]


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """`code` is stable and public; `text` is the user's sentence (English, the key to Spanish)."""

    code: str
    text: str
    explanation: str
    rate: Rate


def sampling(rate: Rate) -> SamplingRule:
    """Make a function a sampling rule under its own name."""
    text, _blank, explanation = (getdoc(rate) or "").partition("\n\n")
    return SamplingRule(rate.__name__, " ".join(text.split()), explanation.strip(), rate)


@sampling
def drawn_at_random(facts: Facts, policy: Policy) -> float:
    """The truck was drawn at random for inspection.

    The rate of the carrier's tier. A tier without a rate, and a carrier without a tier, is always
    drawn.
    """
    tier = None if facts.carrier is None else facts.carrier.tier
    return policy.sampling_by_tier.get(str(tier), 1.0)


@sampling
def drawn_for_goods(facts: Facts, policy: Policy) -> float:
    """The truck was drawn at random for inspection, at the rate for its goods.

    The highest rate of the HS chapters aboard. Goods that nobody named could be any, and count as
    those with the highest rate of all.
    """
    rates = policy.sampling_by_commodity
    if not rates:
        return 0.0
    if _goods_unknown(facts):
        return max(rates.values())
    return max((rates.get(chapter, 0.0) for chapter in _chapters(facts)), default=0.0)


@sampling
def drawn_for_record(facts: Facts, policy: Policy) -> float:
    """The truck was drawn at random for inspection, at the rate for its carrier’s record.

    The record is what exams of the carrier's trucks found before. A carrier that was never examined
    has an unknown record, not a clean one; a record without a rate is always drawn.
    """
    rates = policy.sampling_by_record
    return rates.get(record_of(facts), 1.0) if rates else 0.0


@sampling
def drawn_in_campaign(facts: Facts, policy: Policy) -> float:
    """The truck was drawn at random for inspection, in a campaign.

    The highest rate of the campaigns that run when the truck comes and that it falls under.
    """
    return max((c.rate for c in policy.campaigns if _falls_under(facts, c)), default=0.0)


SAMPLING = (drawn_at_random, drawn_for_goods, drawn_for_record, drawn_in_campaign)


def drawn(facts: Facts, policy: Policy, draw: float | None) -> tuple[str, ...]:
    """The codes of all rules that draw this truck. No draw is a hit wherever the rate is not 0.

    `draw` is in [0, 1). A rate of 0 never draws; a rate of 1 always does.
    """
    return tuple(rule.code for rule in SAMPLING if _hit(rule.rate(facts, policy), draw))


def rate_of(facts: Facts, policy: Policy) -> float:
    """The chance with which a truck with these facts is drawn."""
    return max(rule.rate(facts, policy) for rule in SAMPLING)


def record_of(facts: Facts) -> str:
    """`clean`, `findings` or `unknown`."""
    carrier = facts.carrier
    if carrier is None or not carrier.exams or carrier.findings is None:
        return "unknown"
    return "findings" if carrier.findings else "clean"


def _hit(rate: float, draw: float | None) -> bool:
    # Asked this way round, a value that is no number counts as drawn.
    return rate != 0 and (draw is None or not draw >= rate)


def _chapters(facts: Facts) -> set[str]:
    return {code[:2] for code in facts.trip.hs_codes} if facts.trip else set()


def _goods_unknown(facts: Facts) -> bool:
    return facts.trip is None or any(not shipment.goods_known for shipment in facts.trip.shipments)


def _falls_under(facts: Facts, campaign: Campaign) -> bool:
    """What is not known of the truck is taken to be what the campaign is after."""
    at, carrier = facts.seen.received_at, facts.carrier
    if at < campaign.begins_at or (campaign.ends_at is not None and at >= campaign.ends_at):
        return False
    if carrier is not None:
        if campaign.tiers and carrier.tier is not None and carrier.tier not in campaign.tiers:
            return False
        if campaign.carriers and carrier.scac not in campaign.carriers:
            return False
    return (
        not campaign.chapters
        or _goods_unknown(facts)
        or not _chapters(facts).isdisjoint(campaign.chapters)
    )
