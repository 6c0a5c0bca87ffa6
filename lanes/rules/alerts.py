"""Rules about alerts and holds: what an agency or an officer wants to see inspected."""

from lanes.rules.facts import Facts
from lanes.rules.policy import Policy
from lanes.rules.registry import rule


@rule
def hold_placed(facts: Facts, policy: Policy) -> bool:
    """An officer has placed a hold on the truck or its driver.

    Read again by the statement that commits the decision. It ends when an officer lifts it.
    """
    return facts.held


@rule
def alert_matches(facts: Facts, policy: Policy) -> bool:
    """The truck, its driver, its trip or its goods match an alert in force.

    Everything that is known of the truck and of what was filed for it is compared. Read again by
    the statement that commits the decision. A match that an officer dismissed does not count.
    """
    return any(not alert.close for alert in facts.alerts)


@rule
def alert_possible(facts: Facts, policy: Policy) -> bool:
    """A name is close to one of an alert in force, and no officer has said whether it is the same.

    Transliterations, accents and initials make one name look like another: a doubt is inspected.
    """
    return any(alert.close for alert in facts.alerts)


@rule
def alerts_not_checked(facts: Facts, policy: Policy) -> bool:
    """What was filed for this trip has not been compared with the alerts.

    Filings are compared when they come in. One that was not is missing data, which is never a pass.
    """
    return not facts.alerts_checked
