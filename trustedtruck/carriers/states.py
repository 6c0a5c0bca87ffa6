"""The life of a carrier in the programme, and of all that changes on the way."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
            "apply_again",
            frozenset({S.REJECTED, S.REMOVED}),
            S.PRE_APPLICANT,
            "carrier",
            "carrier.applied_again",
            _("applies again"),
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


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("being filled in")
    SUBMITTED = "submitted", _("submitted")
    INFORMATION = "information", _("waiting for information")
    ADVISED = "advised", _("waiting for the second officer")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", pgettext_lazy("application", "rejected")
    LAPSED = "lapsed", _("lapsed")


A = ApplicationState
# Nothing more happens to these; the carrier may have another one.
CLOSED = frozenset({A.APPROVED, A.REJECTED, A.LAPSED})
OFFICER = "enrolment_officer"
APPLICATION = Table(
    _("This application"),
    [
        Transition(
            "open", frozenset({""}), A.DRAFT, "carrier", "application.opened", _("is opened")
        ),
        Transition(
            "submit",
            frozenset({A.DRAFT}),
            A.SUBMITTED,
            "carrier",
            "application.submitted",
            _("is submitted"),
            notify="carrier",
        ),
        Transition(
            "lapse",
            frozenset({A.DRAFT}),
            A.LAPSED,
            "system",
            "application.lapsed",
            _("lapses because its deadline has passed"),
            notify="carrier",
        ),
        Transition(
            "ask",
            frozenset({A.SUBMITTED}),
            A.INFORMATION,
            OFFICER,
            "application.information_requested",
            _("needs more information"),
            notify="carrier",
        ),
        Transition(
            "answer",
            frozenset({A.INFORMATION}),
            A.SUBMITTED,
            "carrier",
            "application.information_given",
            _("has the information asked for"),
        ),
        Transition(
            "advise",
            frozenset({A.SUBMITTED}),
            A.ADVISED,
            OFFICER,
            "application.advised",
            _("has the first officer’s advice"),
        ),
        Transition(
            "send_back",
            frozenset({A.ADVISED}),
            A.SUBMITTED,
            OFFICER,
            "application.sent_back",
            _("goes back to the first officer"),
        ),
        Transition(
            "approve",
            frozenset({A.ADVISED}),
            A.APPROVED,
            OFFICER,
            "application.approved",
            _("is approved"),
            notify="carrier",
        ),
        Transition(
            "reject",
            frozenset({A.ADVISED}),
            A.REJECTED,
            OFFICER,
            "application.rejected",
            pgettext_lazy("application", "is rejected"),
            notify="carrier",
        ),
    ],
)


class ImportState(models.TextChoices):
    CHECKING = "checking", _("being checked")
    READY = "ready", _("ready to import")
    FAULTY = "faulty", _("has errors")
    IMPORTING = "importing", _("being imported")
    DONE = "done", _("imported")
    DROPPED = "dropped", _("discarded")


I = ImportState  # noqa: E741
IMPORT = Table(
    _("This import"),
    [
        Transition(
            "upload", frozenset({""}), I.CHECKING, "carrier", "import.uploaded", _("is uploaded")
        ),
        Transition(
            "pass_check",
            frozenset({I.CHECKING}),
            I.READY,
            "system",
            "import.checked",
            _("has no errors"),
        ),
        Transition(
            "fail_check",
            frozenset({I.CHECKING, I.IMPORTING}),
            I.FAULTY,
            "system",
            "import.refused",
            _("has errors"),
            notify="carrier",
        ),
        Transition(
            "confirm",
            frozenset({I.READY}),
            I.IMPORTING,
            "carrier",
            "import.confirmed",
            _("is confirmed"),
        ),
        Transition(
            "finish",
            frozenset({I.IMPORTING}),
            I.DONE,
            "system",
            "import.done",
            _("is imported"),
            notify="carrier",
        ),
        Transition(
            "drop",
            frozenset({I.CHECKING, I.READY, I.FAULTY}),
            I.DROPPED,
            "carrier",
            "import.dropped",
            _("is discarded"),
        ),
    ],
)


class MeasureState(models.TextChoices):
    IN_FORCE = "in_force", _("in force")
    LIFTED = "lifted", _("lifted")
    ENDED = "ended", pgettext_lazy("measure", "ended")


M = MeasureState
MEASURE = Table(
    _("This measure"),
    [
        Transition(
            "impose",
            frozenset({""}),
            M.IN_FORCE,
            OFFICER,
            "measure.imposed",
            _("is imposed"),
            notify="carrier",
        ),
        Transition(
            "lift",
            frozenset({M.IN_FORCE}),
            M.LIFTED,
            OFFICER,
            "measure.lifted",
            _("is lifted"),
            notify="carrier",
        ),
        Transition(
            "end",
            frozenset({M.IN_FORCE}),
            M.ENDED,
            "system",
            "measure.ended",
            _("ends with its time"),
            notify="carrier",
        ),
    ],
)


class PlanState(models.TextChoices):
    FILED = "filed", _("filed")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned")


PLAN = Table(
    _("This corrective action plan"),
    [
        Transition(
            "file", frozenset({""}), PlanState.FILED, "carrier", "plan.filed", _("is filed")
        ),
        Transition(
            "accept",
            frozenset({PlanState.FILED}),
            PlanState.ACCEPTED,
            OFFICER,
            "plan.accepted",
            _("is accepted"),
            notify="carrier",
        ),
        Transition(
            "return",
            frozenset({PlanState.FILED}),
            PlanState.RETURNED,
            OFFICER,
            "plan.returned",
            _("is returned with reasons"),
            notify="carrier",
        ),
    ],
)


class AppealState(models.TextChoices):
    FILED = "filed", pgettext_lazy("appeal", "filed")
    GRANTED = "granted", _("granted")
    DENIED = "denied", _("denied")


APPEAL = Table(
    _("This appeal"),
    [
        Transition(
            "file", frozenset({""}), AppealState.FILED, "carrier", "appeal.filed", _("is filed")
        ),
        Transition(
            "grant",
            frozenset({AppealState.FILED}),
            AppealState.GRANTED,
            OFFICER,
            "appeal.granted",
            _("is granted"),
            notify="carrier",
        ),
        Transition(
            "deny",
            frozenset({AppealState.FILED}),
            AppealState.DENIED,
            OFFICER,
            "appeal.denied",
            _("is denied"),
            notify="carrier",
        ),
    ],
)
TABLES = {
    "carrier": CARRIER,
    "application": APPLICATION,
    "import": IMPORT,
    "measure": MEASURE,
    "plan": PLAN,
    "appeal": APPEAL,
}
