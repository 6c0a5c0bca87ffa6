"""Rules about the arrival itself: when it was reported and what the sensors say."""

from lanes.rules.facts import Facts
from lanes.rules.policy import Policy
from lanes.rules.registry import rule


@rule
def reported_late(facts: Facts, policy: Policy) -> bool:
    """The arrival was reported long after the truck was seen, as after an outage at the gate.

    The gate inspects whatever it gets no answer for; a report from its journal cannot change that.
    """
    # Asked this way round, a value that is no number counts as late.
    return not facts.seen.received_at - facts.seen.observed_at <= policy.late_report_s


@rule
def radiation_alarm(facts: Facts, policy: Policy) -> bool:
    """The radiation portal raised an alarm.

    A gate without a portal reports nothing; an alarm is never overruled by anything else.
    """
    return facts.seen.radiation_alarm is True
