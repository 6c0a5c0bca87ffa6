"""The words for every reason that a decision can give, in the reader's language."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from lanes.rules import RULES
from lanes.rules.decision import NO_FAST_LANE, TRUSTED
from lanes.rules.sampling import SAMPLING

# What closes an arrival in place of a worker's decision.
DEADLINE_PASSED = "deadline_passed"
OVERLOAD = "overload"
GAVE_UP = "gave_up"
# What a carrier reads in place of a reason that would warn it.
SELECTED = "selected"
CONFIDENTIAL = frozenset({"alert_matches", "alert_possible", "alerts_not_checked", "hold_placed"})
# What officers put above a decision.
OVERRIDDEN_TO_INSPECTION = "overridden_to_inspection"
OVERRIDDEN_TO_FAST = "overridden_to_fast"

# Reasons that say nothing about whether the carrier kept its side: luck, the port, an officer.
NOT_THE_CARRIERS = (
    CONFIDENTIAL
    | {TRUSTED, NO_FAST_LANE, DEADLINE_PASSED, OVERLOAD, GAVE_UP, SELECTED}
    | {OVERRIDDEN_TO_INSPECTION, OVERRIDDEN_TO_FAST}
    | {rule.code for rule in SAMPLING}
)

# What the system itself writes as the reason of an override, as an officer would.
CAME_ELSEWHERE = gettext_noop(
    "The same tag or QR code came to another gate within an impossible time."
)
LANE_GONE = gettext_noop("Its lane was closed or changed, and no other fast lane is open for it.")
_OWN_WORDS = frozenset({CAME_ELSEWHERE, LANE_GONE})

TEXTS: dict[str, str] = {
    TRUSTED: gettext_noop("All conditions for the fast lane hold."),
    NO_FAST_LANE: gettext_noop("No fast lane is open for this truck."),
    DEADLINE_PASSED: gettext_noop("No decision was made in time."),
    OVERLOAD: gettext_noop("Too many trucks were waiting for a decision."),
    SELECTED: gettext_noop("The port selected this truck for inspection."),
    GAVE_UP: gettext_noop("The decision failed repeatedly."),
    OVERRIDDEN_TO_INSPECTION: gettext_noop("An officer sent the truck to inspection."),
    OVERRIDDEN_TO_FAST: gettext_noop("Two officers let the truck into the fast lane."),
    **{rule.code: rule.text for rule in RULES},
    **{rule.code: rule.text for rule in SAMPLING},
}


def for_carriers(codes: Iterable[str]) -> list[str]:
    """The codes that a carrier may know: an alert is no use once whom it is on has heard of it."""
    shown = [SELECTED if code in CONFIDENTIAL else code for code in codes]
    return list(dict.fromkeys(shown))


def reason_text(code: str) -> str | Promise:
    """The sentence for a code; an unknown code of an older version stands for itself."""
    return gettext_lazy(TEXTS[code]) if code in TEXTS else code


def override_text(reason: str) -> str:
    """The reason of an override: an officer's own words, or ours in the reader's language."""
    return own_words(reason) or reason


def own_words(reason: str) -> str:
    """What the system itself gave as the reason of an override; empty for an officer's words.

    Those may name an alert, which is no use once whom it is on has heard of it.
    """
    return gettext(reason) if reason in _OWN_WORDS else ""
