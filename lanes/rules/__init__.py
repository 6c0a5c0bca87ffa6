"""The decision, pure: `decide(facts, policy, draw) -> Decision`. No Django, no clock."""

from lanes.rules.decision import RULES, Decision, decide
from lanes.rules.facts import Facts
from lanes.rules.policy import Policy
from lanes.rules.registry import Rule

__all__ = ["RULES", "Decision", "Facts", "Policy", "Rule", "decide"]
