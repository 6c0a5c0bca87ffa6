"""Rules about the arrival itself: when it was reported and what the sensors say."""

from lanes.rules.facts import Elsewhere, Facts
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

    An alarm is never overruled by anything else.
    """
    return facts.seen.radiation_alarm is True


@rule
def radiation_not_measured(facts: Facts, policy: Policy) -> bool:
    """The radiation portal reported nothing.

    A gate without a portal needs a policy that says so.
    """
    return facts.seen.radiation_alarm is None and policy.require_radiation


@rule
def bundle_stale(facts: Facts, policy: Policy) -> bool:
    """The port is cut off, and what headquarters told it last is too old to be believed.

    An edge decides from its bundle until that ends. Read again by the statement that commits the
    decision.
    """
    bundle = facts.bundle
    return bundle is not None and not facts.seen.received_at < bundle.expires_at


@rule
def tag_at_two_gates(facts: Facts, policy: Policy) -> bool:
    """The same tag was seen at another gate in so short a time that one of the two must be a clone.

    The policy's shortest time lies between two gates of a port; between ports it is an hour at
    least. Both trucks are inspected, also one that has its lane already, and an alarm is raised.
    """
    return _impossible(facts.elsewhere, policy)


@rule
def qr_at_two_gates(facts: Facts, policy: Policy) -> bool:
    """The same QR code was shown at another gate in so short a time that one must be a copy.

    A QR code is easily photographed. The times are those of the tag, and so is what follows.
    """
    return _impossible(facts.qr_elsewhere, policy)


def _impossible(other: Elsewhere | None, policy: Policy) -> bool:
    if other is None:
        return False
    minutes = policy.clone_minutes if other.same_port else max(policy.clone_minutes, 60.0)
    # Asked this way round, a value that is no number counts as too short.
    return not other.seconds_before >= minutes * 60
