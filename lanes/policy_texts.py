"""A policy, and the difference between two versions, in the reader's language."""

from django.utils.translation import gettext

from lanes.rules.policy import Policy
from lanes.rules.policy_diff import CAMPAIGN, changes, parts


def sentences(old: Policy, new: Policy) -> list[str]:
    """One sentence for each difference, in the order of the policy's fields."""
    return [gettext(found.text) % found.params for found in changes(old, new)]


def campaign_texts(policy: Policy) -> list[str]:
    """Each campaign in a line."""
    return [gettext(CAMPAIGN) % parts(campaign) for campaign in policy.campaigns]
