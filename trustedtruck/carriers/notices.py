"""The words of every notice, by its code: title and body, with `%(name)s` places from its data."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from trustedtruck.carriers.topics import Topic
from trustedtruck.core.days import readable_day

WORDS: dict[str, tuple[Topic, str, str]] = {
    "application_opened": (
        Topic.APPLICATION,
        gettext_noop("Your application is open"),
        gettext_noop("Complete the company profile and the security profile by %(due)s."),
    ),
    "profile_due_soon": (
        Topic.APPLICATION,
        gettext_noop("Your security profile is due soon"),
        gettext_noop("Submit it by %(due)s, or the application lapses."),
    ),
    "application_lapsed": (
        Topic.APPLICATION,
        gettext_noop("Your application has lapsed"),
        gettext_noop("The profile was not submitted in 30 days. You may open a new application."),
    ),
    "application_submitted": (
        Topic.APPLICATION,
        gettext_noop("Your application has been submitted"),
        gettext_noop("You will have an answer by %(due)s."),
    ),
    "answer_overdue": (
        Topic.APPLICATION,
        gettext_noop("The answer to your application is late"),
        gettext_noop("The programme owed you an answer by %(due)s. A supervisor has been told."),
    ),
    "information_requested": (
        Topic.APPLICATION,
        gettext_noop("An officer asks for information"),
        gettext_noop("%(text)s"),
    ),
    "application_approved": (
        Topic.APPLICATION,
        gettext_noop("Your company is certified"),
        gettext_noop("Your tier is %(tier)s. You may now have credentials issued."),
    ),
    "application_rejected": (
        Topic.APPLICATION,
        gettext_noop("Your application has been rejected"),
        gettext_noop("Reasons: %(reasons)s You may appeal, and you may apply again."),
    ),
    "visit_due": (
        Topic.STANDING,
        gettext_noop("A site visit is due"),
        gettext_noop("An officer will visit your site by %(due)s."),
    ),
    "tier_changed": (
        Topic.STANDING,
        gettext_noop("Your tier is now %(tier)s"),
        gettext_noop("%(reasons)s"),
    ),
    "visit_reported": (
        Topic.STANDING,
        gettext_noop("The report of the site visit is there"),
        gettext_noop("Your tier is now %(tier)s."),
    ),
    "measure_imposed": (
        Topic.STANDING,
        gettext_noop("A sanction has been imposed"),
        gettext_noop("Reasons: %(reasons)s You may appeal. “Standing” shows what else you may do."),
    ),
    "measure_lifted": (
        Topic.STANDING,
        gettext_noop("A sanction has ended"),
        gettext_noop("%(reasons)s"),
    ),
    "plan_accepted": (
        Topic.STANDING,
        gettext_noop("Your corrective action plan has been accepted"),
        gettext_noop("%(reasons)s"),
    ),
    "plan_returned": (
        Topic.STANDING,
        gettext_noop("Your corrective action plan has been returned"),
        gettext_noop("Reasons: %(reasons)s"),
    ),
    "appeal_granted": (
        Topic.STANDING,
        gettext_noop("Your appeal has been granted"),
        gettext_noop("Reasons: %(reasons)s"),
    ),
    "appeal_denied": (
        Topic.STANDING,
        gettext_noop("Your appeal has been denied"),
        gettext_noop("Reasons: %(reasons)s"),
    ),
    "credential_issued": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials have been issued"),
        gettext_noop("Issued to your company: %(count)s."),
    ),
    "credential_renewed": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials have been renewed"),
        gettext_noop("Renewed: %(count)s. The old ones are no longer valid."),
    ),
    "credential_reissued": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials have been replaced"),
        gettext_noop("Replaced: %(count)s. The old ones are no longer valid."),
    ),
    "credential_suspended": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials are suspended"),
        gettext_noop("Suspended: %(count)s. The list says why."),
    ),
    "credential_suspended_also": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials are suspended for one more reason"),
        gettext_noop("With a reason of their own now as well: %(count)s."),
    ),
    "credential_reinstated": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials are valid again"),
        gettext_noop("Valid again: %(count)s."),
    ),
    "credential_revoked": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials are revoked"),
        gettext_noop("Revoked for good: %(count)s. The list says why."),
    ),
    "credential_expired": (
        Topic.CREDENTIALS,
        gettext_noop("Credentials have ended"),
        gettext_noop("Ended: %(count)s. Have them renewed."),
    ),
    "documents_ending": (
        Topic.DOCUMENTS,
        gettext_noop("Documents are about to end"),
        gettext_noop("Documents that end within 30 days: %(count)s, the first on %(due)s."),
    ),
    "import_done": (
        Topic.FLEET,
        gettext_noop("An import is complete"),
        gettext_noop("Rows of %(file)s that are in your fleet now: %(count)s."),
    ),
    "import_refused": (
        Topic.FLEET,
        gettext_noop("An import has errors"),
        gettext_noop("Nothing of %(file)s has been imported. Errors listed: %(count)s."),
    ),
    "webhook_test": (
        Topic.CROSSINGS,
        gettext_noop("A test of your webhook"),
        gettext_noop("This message was sent because somebody asked for it."),
    ),
}


def title(code: str, data: Mapping[str, Any]) -> str:
    return _filled(WORDS[code][1], data) if code in WORDS else code


def body(code: str, data: Mapping[str, Any]) -> str:
    return _filled(WORDS[code][2], data) if code in WORDS else ""


def _filled(text: str, data: Mapping[str, Any]) -> str:
    told = dict(data)
    if "due" in told:
        told["due"] = readable_day(told["due"])
    try:
        return gettext(text) % told
    except KeyError:
        # A notice written by an older version may lack a place of today's sentence.
        return gettext(text)
