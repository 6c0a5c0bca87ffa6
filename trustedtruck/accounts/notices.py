"""The words of every notice to officers, by its code, with `%(name)s` places from its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from trustedtruck.audit.sentences import WORDS as WORDS_OF_VALUES
from trustedtruck.core.days import readable_day


@dataclass(frozen=True, slots=True)
class Words:
    """`urgent` is what cannot wait for the officer to look: it goes out by e-mail as well."""

    title: str
    body: str
    urgent: bool = False


WORDS: dict[str, Words] = {
    # At a port
    "alarm_raised": Words(
        gettext_noop("Alarm: %(kind)s"),
        gettext_noop("Look at the truck, then close the alarm with a note of what you found."),
        urgent=True,
    ),
    "fast_requested": Words(
        gettext_noop("A second officer is asked to let a truck into the fast lane"),
        gettext_noop("%(reason)s"),
        urgent=True,
    ),
    "policy_drafted": Words(
        gettext_noop("Version %(version)s of the policy waits for approval"),
        gettext_noop("Somebody other than its author must approve it before it takes effect."),
    ),
    # Alerts. The instruction is what everybody may read who meets the truck.
    "alert_met_arrival": Words(
        gettext_noop("An alert of %(owner)s is on trucks at the port: %(count)s"),
        gettext_noop("%(instruction)s"),
        urgent=True,
    ),
    "alert_met_trip": Words(
        gettext_noop("An alert of %(owner)s is on filed trips: %(count)s"),
        gettext_noop("%(instruction)s"),
    ),
    "messages_quarantined": Words(
        gettext_noop("Messages of %(partner)s wait in quarantine: %(count)s"),
        gettext_noop("No agreement takes them in by itself. Accept or reject each of them."),
        urgent=True,
    ),
    # Enrolment
    "application_submitted": Words(
        gettext_noop("%(carrier)s has submitted its application"),
        gettext_noop("An answer is due by %(due)s."),
    ),
    "application_advised": Words(
        gettext_noop("The application of %(carrier)s waits for a second officer"),
        gettext_noop("The first officer has given advice; another one decides."),
    ),
    "information_given": Words(
        gettext_noop("%(carrier)s has answered a question"),
        gettext_noop("The application can be reviewed again."),
    ),
    "answer_overdue": Words(
        gettext_noop("The answer to %(carrier)s is late"),
        gettext_noop("It was due by %(due)s. The application still waits."),
        urgent=True,
    ),
    "appeal_filed": Words(
        gettext_noop("%(carrier)s has appealed"),
        gettext_noop("An officer who did not make the decision must decide the appeal."),
    ),
    "plan_filed": Words(
        gettext_noop("%(carrier)s has filed a corrective action plan"),
        gettext_noop("Accept it, or return it with reasons."),
    ),
}


def title(code: str, data: Mapping[str, Any]) -> str:
    return _filled(WORDS[code].title, data) if code in WORDS else code


def body(code: str, data: Mapping[str, Any]) -> str:
    return _filled(WORDS[code].body, data) if code in WORDS else ""


def _filled(text: str, data: Mapping[str, Any]) -> str:
    """Values that the audit has words for (the kind of an alarm) are told in those words."""
    try:
        told = {name: _told(value) for name, value in data.items()}
        if "due" in told:
            told["due"] = readable_day(told["due"])
        return gettext(text) % told
    except KeyError:
        # A notice written by an older version may lack a place of today's sentence.
        return gettext(text)


def _told(value: Any) -> Any:
    known = isinstance(value, str) and value in WORDS_OF_VALUES
    return gettext(WORDS_OF_VALUES[value]) if known else value
