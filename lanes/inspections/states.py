"""The life of an inspection, of its exams, and of what a joint one comes to."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trustedtruck.core.transitions import Table, Transition


class InspectionState(models.TextChoices):
    REFERRED = "referred", _("referred")
    ORDERED = "ordered", _("ordered to a station")
    AT_STATION = "at_station", _("at the station")
    HELD = "held", _("held")
    RELEASED = "released", _("released")
    SEIZED = "seized", _("seized")
    RETURNED = "returned", _("returned")
    LEFT = "left", _("left after the booth")


# Why the system itself holds a truck; what an officer writes stands beside these as it is.
AGENCIES_DISAGREE, JOINT_KEEPS_IT = "agencies_disagree", "joint_keeps_it"
HOLD_TEXTS = {
    AGENCIES_DISAGREE: _("Two agencies disagree."),
    JOINT_KEEPS_IT: _("Joint inspection: the truck must not leave."),
}

S = InspectionState
OPEN = (S.REFERRED, S.ORDERED, S.AT_STATION, S.HELD)
CLOSED = (S.RELEASED, S.SEIZED, S.RETURNED, S.LEFT)
INSPECTOR = "inspector"
INSPECTION = Table(
    _("This inspection"),
    [
        Transition(
            "refer",
            frozenset({""}),
            S.REFERRED,
            "system",
            "inspection.opened",
            _("is opened when its truck is sent to inspection"),
        ),
        Transition(
            "order",
            frozenset({S.REFERRED, S.ORDERED, S.AT_STATION, S.HELD}),
            S.ORDERED,
            INSPECTOR,
            "inspection.ordered",
            _("is ordered to a station"),
        ),
        Transition(
            "excuse",
            frozenset({S.ORDERED}),
            S.REFERRED,
            INSPECTOR,
            "inspection.excused",
            _("is excused from its station"),
        ),
        Transition(
            "hold_again",
            frozenset({S.ORDERED}),
            S.HELD,
            INSPECTOR,
            "inspection.held_again",
            _("is excused from its station, and held as before"),
        ),
        Transition(
            "appear",
            frozenset({S.ORDERED}),
            S.AT_STATION,
            "device or inspector",
            "inspection.appeared",
            _("appears at its station"),
        ),
        Transition(
            "hold",
            frozenset({S.REFERRED, S.ORDERED, S.AT_STATION}),
            S.HELD,
            INSPECTOR,
            "inspection.held",
            _("is held"),
        ),
        Transition(
            "release",
            frozenset({S.REFERRED, S.AT_STATION, S.HELD}),
            S.RELEASED,
            INSPECTOR,
            "inspection.released",
            _("is released"),
        ),
        Transition(
            "seize",
            frozenset({S.AT_STATION, S.HELD}),
            S.SEIZED,
            INSPECTOR,
            "inspection.seized",
            _("ends with a seizure"),
            notify="carrier",
        ),
        Transition(
            "return",
            frozenset({S.REFERRED, S.AT_STATION, S.HELD}),
            S.RETURNED,
            INSPECTOR,
            "inspection.returned",
            _("is sent back"),
        ),
        Transition(
            "leave",
            frozenset({S.REFERRED}),
            S.LEFT,
            "system",
            "inspection.left",
            _("left the port after the booth, with no station ordered"),
        ),
    ],
)


class ExamState(models.TextChoices):
    DRAFT = "draft", _("being filled in")
    SUBMITTED = "submitted", _("waiting for approval")
    APPROVED = "approved", pgettext_lazy("exam", "approved")


E = ExamState
EXAM = Table(
    _("This exam"),
    [
        Transition("open", frozenset({""}), E.DRAFT, INSPECTOR, "exam.opened", _("is opened")),
        Transition(
            "submit", frozenset({E.DRAFT}), E.SUBMITTED, INSPECTOR, "exam.submitted", _("is signed")
        ),
        Transition(
            "send_back",
            frozenset({E.SUBMITTED}),
            E.DRAFT,
            "another inspector",
            "exam.sent_back",
            _("is sent back"),
        ),
        Transition(
            "approve",
            frozenset({E.SUBMITTED}),
            E.APPROVED,
            "another inspector",
            "exam.approved",
            _("is approved"),
        ),
    ],
)


class JointState(models.TextChoices):
    OPEN = "open", _("waiting for both agencies")
    DISAGREED = "disagreed", _("the agencies disagree")
    AGREED = "agreed", _("both agencies agree")
    STRICTER = "stricter", _("the stricter verdict stands")


J = JointState
JOINT = Table(
    _("This joint inspection"),
    [
        Transition("open", frozenset({""}), J.OPEN, INSPECTOR, "joint.opened", _("is opened")),
        Transition(
            "agree",
            frozenset({J.OPEN, J.DISAGREED}),
            J.AGREED,
            "both agencies",
            "joint.agreed",
            _("has one verdict of both agencies"),
        ),
        Transition(
            "disagree",
            frozenset({J.OPEN}),
            J.DISAGREED,
            "both agencies",
            "joint.disagreed",
            _("has two different verdicts; other officers look again"),
        ),
        Transition(
            "settle",
            frozenset({J.DISAGREED}),
            J.STRICTER,
            "both agencies",
            "joint.settled",
            _("still has two verdicts, and the stricter one stands"),
        ),
    ],
)


class ProposalState(models.TextChoices):
    OPEN = "open", _("waits for an officer")
    CONFIRMED = "confirmed", _("confirmed")
    DISMISSED = "dismissed", _("dismissed")


P = ProposalState
PROPOSAL = Table(
    _("This proposal"),
    [
        Transition(
            "propose",
            frozenset({""}),
            P.OPEN,
            "system",
            "proposal.made",
            _("follows a record"),
        ),
        Transition(
            "confirm",
            frozenset({P.OPEN}),
            P.CONFIRMED,
            "enrolment_officer",
            "proposal.confirmed",
            _("is confirmed"),
        ),
        Transition(
            "dismiss",
            frozenset({P.OPEN}),
            P.DISMISSED,
            "enrolment_officer",
            "proposal.dismissed",
            _("is dismissed"),
        ),
    ],
)
