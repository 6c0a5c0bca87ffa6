"""The lives of an alert, of a hit, of a message from a partner, and of a pattern."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trustedtruck.core.transitions import Table, Transition

NEW = ""


class AlertState(models.TextChoices):
    ACTIVE = "active", _("in force")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", pgettext_lazy("alert", "withdrawn")
    RECALLED = "recalled", _("recalled by its agency")


A = AlertState
ALERT = Table(
    _("This alert"),
    [
        Transition(
            "issue",
            frozenset({NEW}),
            A.ACTIVE,
            "inspector",
            "alert.issued",
            _("is issued"),
            notify="partners by agreement",
        ),
        Transition(
            "amend",
            frozenset({A.ACTIVE}),
            A.ACTIVE,
            "owner agency",
            "alert.amended",
            _("is changed"),
            notify="partners by agreement",
        ),
        Transition(
            "review",
            frozenset({A.ACTIVE}),
            A.ACTIVE,
            "owner agency",
            "alert.reviewed",
            _("is looked at again and kept"),
        ),
        Transition(
            "withdraw",
            frozenset({A.ACTIVE, A.EXPIRED}),
            A.WITHDRAWN,
            "owner agency",
            "alert.withdrawn",
            _("is withdrawn"),
            notify="whoever received it",
        ),
        Transition(
            "recall",
            frozenset({A.ACTIVE, A.EXPIRED}),
            A.RECALLED,
            "partner",
            "alert.recalled",
            _("is recalled by the agency that sent it"),
        ),
        Transition(
            "expire",
            frozenset({A.ACTIVE}),
            A.EXPIRED,
            "system",
            "alert.expired",
            _("is past its period"),
            notify="whoever received it",
        ),
        Transition(
            "renew",
            frozenset({A.EXPIRED}),
            A.ACTIVE,
            "owner agency",
            "alert.renewed",
            _("is put in force again"),
            notify="partners by agreement",
        ),
        Transition(
            "reissue",
            frozenset({A.RECALLED}),
            A.ACTIVE,
            "partner",
            "alert.reissued",
            _("is sent again by the agency that recalled it"),
        ),
    ],
)


class HitState(models.TextChoices):
    POSSIBLE = "possible", _("possible: the names are close")
    OPEN = "open", _("matches")
    DISMISSED = "dismissed", _("dismissed: somebody else")
    ANSWERED = "answered", _("feedback given")


H = HitState
HIT = Table(
    _("This hit"),
    [
        Transition(
            "note",
            frozenset({NEW}),
            H.OPEN,
            "system",
            "alert_hit.noted",
            _("is found"),
            notify="owner agency",
        ),
        Transition(
            "suspect",
            frozenset({NEW}),
            H.POSSIBLE,
            "system",
            "alert_hit.suspected",
            _("is possible: the names are close"),
        ),
        Transition(
            "confirm",
            frozenset({H.POSSIBLE}),
            H.OPEN,
            "inspector",
            "alert_hit.confirmed",
            _("is the one that is meant"),
            notify="owner agency",
        ),
        Transition(
            "dismiss",
            frozenset({H.POSSIBLE, H.OPEN}),
            H.DISMISSED,
            "inspector",
            "alert_hit.dismissed",
            _("is somebody else"),
        ),
        Transition(
            "answer",
            frozenset({H.OPEN, H.ANSWERED}),
            H.ANSWERED,
            "inspector",
            "alert_hit.answered",
            _("has feedback"),
            notify="owner agency",
        ),
    ],
)


class InboundState(models.TextChoices):
    QUARANTINED = "quarantined", _("in quarantine")
    CONFLICTING = "conflicting", _("contradicts what came before")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")


I = InboundState  # noqa: E741 - as the others
INBOUND = Table(
    _("This message"),
    [
        Transition(
            "quarantine",
            frozenset({NEW}),
            I.QUARANTINED,
            "partner",
            "partner_message.received",
            _("waits for an officer"),
            notify="officers",
        ),
        Transition(
            "contradict",
            frozenset({NEW}),
            I.CONFLICTING,
            "partner",
            "partner_message.contradicted",
            _("says otherwise than the same version did before"),
            notify="officers",
        ),
        Transition(
            "accept",
            frozenset({I.QUARANTINED, I.CONFLICTING}),
            I.ACCEPTED,
            "supervisor",
            "partner_message.accepted",
            _("is taken in, by an officer or by the rule of its agreement"),
        ),
        Transition(
            "reject",
            frozenset({I.QUARANTINED, I.CONFLICTING}),
            I.REJECTED,
            "supervisor",
            "partner_message.rejected",
            _("is not taken in"),
        ),
    ],
)


class FindingState(models.TextChoices):
    OPEN = "open", _("to be looked at")
    FOLLOWED = "followed", _("followed up")
    CLOSED = "closed", _("closed: an explanation was found")


F = FindingState
FINDING = Table(
    _("This pattern"),
    [
        Transition(
            "find",
            frozenset({NEW}),
            F.OPEN,
            "system",
            "pattern.found",
            _("is found"),
            notify="officers",
        ),
        Transition(
            "follow",
            frozenset({F.OPEN}),
            F.FOLLOWED,
            "inspector",
            "pattern.followed",
            _("is followed up"),
        ),
        Transition(
            "close",
            frozenset({F.OPEN, F.FOLLOWED}),
            F.CLOSED,
            "inspector",
            "pattern.closed",
            _("has an explanation"),
        ),
    ],
)
