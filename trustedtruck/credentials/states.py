"""The life of a credential, and the coded reasons for every turn it takes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.transitions import Table, Transition


class Kind(models.TextChoices):
    """What a credential is about."""

    CARRIER = "carrier", _("carrier")
    DRIVER = "driver", _("driver")
    TRUCK = "truck", _("truck")
    TRAILER = "trailer", _("trailer")


class CredentialState(models.TextChoices):
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")
    SUPERSEDED = "superseded", _("superseded")


LIVE = (CredentialState.ACTIVE, CredentialState.SUSPENDED)


class Reason(models.TextChoices):
    """Why a credential changed. The code is stored; the sentence is for people."""

    FIRST_ISSUE = "first_issue", _("first issue")
    RENEWAL_DUE = "renewal_due", _("it was about to end")
    DATA_CHANGED = "data_changed", _("what it says has changed")
    LOST = "lost", _("it was lost")
    STOLEN = "stolen", _("it was stolen")
    DAMAGED = "damaged", _("it was damaged")
    KEY_COMPROMISED = "key_compromised", _("the key that signed it can no longer be trusted")
    DOCUMENT_EXPIRED = "document_expired", _("a document that it stands on has ended")
    UNDER_INVESTIGATION = "under_investigation", _("an investigation is open")
    SECURITY_INCIDENT = "security_incident", _("a security incident is being cleared up")
    CARRIER_SANCTION = "carrier_sanction", _("a sanction on its carrier")
    CLEARED = "cleared", _("the reason for the suspension is gone")
    NO_LONGER_EMPLOYED = "no_longer_employed", _("the driver no longer works for the carrier")
    NO_LONGER_OWNED = "no_longer_owned", _("the vehicle has left the fleet")
    FRAUD = "fraud", _("it was obtained or used fraudulently")
    ISSUED_IN_ERROR = "issued_in_error", _("it should not have been issued")
    CARRIER_REMOVED = "carrier_removed", _("its carrier has left the programme")
    TIME_PASSED = "time_passed", _("its time has passed")


S = CredentialState
OFFICER = "enrolment_officer"
CREDENTIAL = Table(
    _("This credential"),
    [
        Transition(
            "issue",
            frozenset({""}),
            S.ACTIVE,
            OFFICER,
            "credential.issued",
            _("is issued"),
            notify="carrier",
        ),
        Transition(
            "renew",
            frozenset({S.ACTIVE, S.EXPIRED}),
            S.SUPERSEDED,
            OFFICER,
            "credential.renewed",
            _("is renewed by another"),
            notify="carrier",
        ),
        # Not from suspended: a replacement must not be a way out of a suspension.
        Transition(
            "reissue",
            frozenset({S.ACTIVE}),
            S.SUPERSEDED,
            OFFICER,
            "credential.reissued",
            _("is replaced by another"),
            notify="carrier",
        ),
        Transition(
            "suspend",
            frozenset({S.ACTIVE}),
            S.SUSPENDED,
            OFFICER,
            "credential.suspended",
            _("is suspended"),
            notify="carrier",
        ),
        # A second ground, of its own, beside the sanction that took the credential: lifting the
        # sanction alone no longer brings it back.
        Transition(
            "suspend_also",
            frozenset({S.SUSPENDED}),
            S.SUSPENDED,
            OFFICER,
            "credential.suspended_also",
            _("is suspended for a reason of its own as well"),
            notify="carrier",
        ),
        Transition(
            "reinstate",
            frozenset({S.SUSPENDED}),
            S.ACTIVE,
            OFFICER,
            "credential.reinstated",
            _("is valid again"),
            notify="carrier",
        ),
        Transition(
            "revoke",
            frozenset({S.ACTIVE, S.SUSPENDED}),
            S.REVOKED,
            OFFICER,
            "credential.revoked",
            _("is revoked for good"),
            notify="carrier",
        ),
        Transition(
            "expire",
            frozenset({S.ACTIVE}),
            S.EXPIRED,
            "system",
            "credential.expired",
            _("has ended"),
            notify="carrier",
        ),
    ],
)
