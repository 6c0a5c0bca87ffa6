"""The lives of a trip, of a trade partner in the register, and of a plant-health certificate."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.transitions import Table, Transition


class TripState(models.TextChoices):
    PRELIMINARY = "preliminary", _("preliminary")
    FILED = "filed", _("filed")
    ARRIVED = "arrived", _("arrived")
    CANCELLED = "cancelled", _("cancelled")


NEW = ""
T = TripState
OPEN = frozenset({T.PRELIMINARY, T.FILED})
TRIP = Table(
    _("This trip"),
    [
        Transition(
            "draft",
            frozenset({NEW, T.PRELIMINARY}),
            T.PRELIMINARY,
            "carrier",
            "trip.drafted",
            _("is announced, not yet complete"),
        ),
        Transition(
            "file",
            frozenset({NEW, T.PRELIMINARY}),
            T.FILED,
            "carrier",
            "trip.filed",
            _("is filed"),
        ),
        Transition(
            "amend",
            frozenset({T.FILED}),
            T.FILED,
            "carrier",
            "trip.amended",
            _("is amended"),
        ),
        Transition(
            "reopen",
            frozenset({T.FILED}),
            T.PRELIMINARY,
            "carrier",
            "trip.reopened",
            _("is no longer complete"),
        ),
        Transition(
            "cancel",
            OPEN,
            T.CANCELLED,
            "carrier",
            "trip.cancelled",
            _("is cancelled"),
        ),
        Transition(
            "arrive",
            OPEN,
            T.ARRIVED,
            "system",
            "trip.arrived",
            _("has arrived"),
        ),
    ],
)


class PartnerState(models.TextChoices):
    CERTIFIED = "certified", _("certified")
    SUSPENDED = "suspended", _("suspended")
    REMOVED = "removed", _("removed")


P = PartnerState
PARTNER = Table(
    _("This trade partner"),
    [
        Transition(
            "register",
            frozenset({NEW}),
            P.CERTIFIED,
            "enrolment_officer",
            "trade_partner.registered",
            _("is registered as certified"),
        ),
        Transition(
            "suspend",
            frozenset({P.CERTIFIED}),
            P.SUSPENDED,
            "enrolment_officer",
            "trade_partner.suspended",
            _("is suspended"),
        ),
        Transition(
            "reinstate",
            frozenset({P.SUSPENDED}),
            P.CERTIFIED,
            "enrolment_officer",
            "trade_partner.reinstated",
            _("is reinstated"),
        ),
        Transition(
            "remove",
            frozenset({P.CERTIFIED, P.SUSPENDED}),
            P.REMOVED,
            "enrolment_officer",
            "trade_partner.removed",
            _("is removed from the programme"),
        ),
    ],
)


class CertificateState(models.TextChoices):
    ISSUED = "issued", _("issued")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REPLACED = "replaced", _("replaced")


C = CertificateState
CERTIFICATE = Table(
    _("This plant-health certificate"),
    [
        Transition(
            "issue",
            frozenset({NEW, C.ISSUED}),
            C.ISSUED,
            "system",
            "certificate.received",
            _("is received as issued"),
        ),
        Transition(
            "withdraw",
            frozenset({NEW, C.ISSUED, C.REPLACED}),
            C.WITHDRAWN,
            "system",
            "certificate.withdrawn",
            _("is withdrawn by its issuer"),
        ),
        Transition(
            "replace",
            frozenset({NEW, C.ISSUED}),
            C.REPLACED,
            "system",
            "certificate.replaced",
            _("is replaced by its issuer"),
        ),
    ],
)
