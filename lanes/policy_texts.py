"""A policy, and the difference between two versions, in the reader's language."""

from collections.abc import Mapping

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext

from lanes.rules.policy import Policy
from lanes.rules.policy_diff import ANY, CAMPAIGN, changes, parts


def sentences(old: Policy, new: Policy) -> list[str]:
    """One sentence for each difference, in the order of the policy's fields."""
    return [gettext(found.text) % _said(found.params) for found in changes(old, new)]


def campaign_texts(policy: Policy) -> list[str]:
    """Each campaign in a line."""
    return [gettext(CAMPAIGN) % _said(parts(campaign)) for campaign in policy.campaigns]


def _said(params: Mapping[str, object]) -> dict[str, object]:
    """A campaign's period and whom it matches as people read them; the rest stays as it is."""
    found = {
        name: pgettext("campaign", "all") if value == ANY else value
        for name, value in params.items()
    }
    for name in ("from", "until"):
        if name in found and (at := parse_datetime(str(found[name]))):
            found[name] = f"{localtime(at):%Y-%m-%d %H:%M %Z}"
    return found
