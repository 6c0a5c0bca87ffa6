"""The life of a carrier in the programme."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.transitions import Table, Transition


class CarrierState(models.TextChoices):
    PRE_APPLICANT = "pre_applicant", _("pre-applicant")
    APPLICANT = "applicant", _("applicant")
    CERTIFIED = "certified", _("certified")
    SUSPENDED = "suspended", _("suspended")
    REJECTED = "rejected", _("rejected")
    REMOVED = "removed", _("removed")


S = CarrierState
CARRIER = Table(
    _("This carrier"),
    [
        Transition(
            "submit",
            frozenset({S.PRE_APPLICANT}),
            S.APPLICANT,
            "carrier",
            "carrier.submitted",
            _("submits its security profile"),
        ),
        Transition(
            "certify",
            frozenset({S.APPLICANT}),
            S.CERTIFIED,
            "enrolment_officer",
            "carrier.certified",
            _("is certified"),
            notify="carrier",
        ),
        Transition(
            "reject",
            frozenset({S.APPLICANT}),
            S.REJECTED,
            "enrolment_officer",
            "carrier.rejected",
            _("is rejected"),
            notify="carrier",
        ),
        Transition(
            "suspend",
            frozenset({S.CERTIFIED}),
            S.SUSPENDED,
            "enrolment_officer",
            "carrier.suspended",
            _("is suspended"),
            notify="carrier",
        ),
        Transition(
            "reinstate",
            frozenset({S.SUSPENDED}),
            S.CERTIFIED,
            "enrolment_officer",
            "carrier.reinstated",
            _("is reinstated"),
            notify="carrier",
        ),
        Transition(
            "remove",
            frozenset({S.CERTIFIED, S.SUSPENDED}),
            S.REMOVED,
            "enrolment_officer",
            "carrier.removed",
            _("is removed from the programme"),
            notify="carrier",
        ),
    ],
)
