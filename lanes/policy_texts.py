"""The difference between two versions of a policy, as sentences in the reader's language."""

from django.utils.translation import gettext

from lanes.rules.policy import Policy
from lanes.rules.policy_diff import changes


def sentences(old: Policy, new: Policy) -> list[str]:
    """One sentence for each difference, in the order of the policy's fields."""
    return [gettext(found.text) % found.params for found in changes(old, new)]
