"""Rules about inspections that an earlier arrival of the truck or its driver left open."""

from lanes.rules.facts import Facts
from lanes.rules.policy import Policy
from lanes.rules.registry import rule


@rule
def exam_owed(facts: Facts, policy: Policy) -> bool:
    """The truck or its driver still owes an exam that was ordered at an earlier arrival.

    An order to a station stands until an officer closes the inspection.
    """
    return bool(facts.owed)


@rule
def exam_not_appeared(facts: Facts, policy: Policy) -> bool:
    """The truck or its driver was ordered to a station and did not appear there in time.

    Measured by the database's clock. Whoever avoids a scan does not get past the next gate
    (holders of FAST cards lose the card for it).
    """
    return any(
        exam.appeared_at is None and not facts.seen.received_at <= exam.due_at
        for exam in facts.owed
    )
