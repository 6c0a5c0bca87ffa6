"""The officers' part of an application: ask, advise, decide. Two officers, never one."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import (
    Application,
    InformationRequest,
    Profile,
    SiteVisit,
    VettingCheck,
)
from trustedtruck.carriers.services.application import lock, record
from trustedtruck.carriers.services.carrier import change_carrier
from trustedtruck.carriers.services.entries import Entries
from trustedtruck.carriers.services.notify import tell, tell_reviewers
from trustedtruck.carriers.states import APPLICATION
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.services import issue_credentials
from trustedtruck.enrolment.services.vetting import lacking

PAGE = "/portal/application/"
# The first site visit follows certification within a year.
VALIDATION_WITHIN = timedelta(days=365)


def user_can_review(user: User) -> bool:
    return user.has_role(Role.ENROLMENT_OFFICER)


def user_can_decide(user: User, application: Application) -> bool:
    """Four eyes: who advised does not decide."""
    return user_can_review(user) and application.advised_by != str(user.actor)


@transaction.atomic
def ask(*, application: Application, text: str, by: Actor, at: datetime) -> InformationRequest:
    """Send the application back to the carrier with a question."""
    entries = Entries()
    question = entries.need("text", text)
    entries.done()
    application = lock(application)
    change = APPLICATION.check("ask", application.state)
    application.state = change.target
    application.save(update_fields=["state"])
    request = InformationRequest.objects.create(
        application=application, text=question, asked_by=str(by), asked_at=at
    )
    record(change.action, application, by, request=request.pk)
    tell("information_requested", carrier=application.carrier, at=at, path=PAGE, text=question)
    return request


@transaction.atomic
def advise(
    *, application: Application, advice: str, reasons: str, by: Actor, at: datetime
) -> Application:
    """The first officer's advice, with reasons.

    Needs a result of each check that is newer than what the carrier changed last.
    """
    entries = Entries()
    written = entries.need("reasons", reasons)
    if advice not in Application.Advice.values:
        entries.wrong("advice", "required", _("Choose what you advise."))
    entries.done()
    application = lock(application)
    change = APPLICATION.check("advise", application.state)
    if lacking(application):
        raise Refused("vetting_unfinished", _("The checks are not finished yet. Wait a minute."))
    application.state = change.target
    application.advice, application.advice_reasons = advice, written
    application.advised_by, application.advised_at = str(by), at
    application.save()
    record(change.action, application, by, advice=advice)
    tell_reviewers("application_advised", application, at=at, by=by)
    return application


@transaction.atomic
def send_back(*, application: Application, reasons: str, by: Actor, at: datetime) -> Application:
    """The second officer wants the first to look again."""
    entries = Entries()
    written = entries.need("reasons", reasons)
    entries.done()
    application = lock(application)
    change = APPLICATION.check("send_back", application.state)
    application.state = change.target
    application.advice = application.advice_reasons = application.advised_by = ""
    application.advised_at = None
    application.save()
    record(change.action, application, by, reasons=written)
    return application


@transaction.atomic
def approve(*, application: Application, reasons: str, by: Actor, at: datetime) -> Application:
    """Certify the carrier at tier 1, give it its SVI number and its own credential.

    Raises `Refused` for the officer who advised, or while a check has failed.
    """
    application = _decide(application, "approve", reasons, by, at)
    carrier = change_carrier("certify", carrier=application.carrier, by=by, at=at, tier=1)
    profile = Profile.objects.select_for_update().get(carrier=carrier)
    if profile.svi_number is None:
        profile.svi_number = uuid4()
        profile.save(update_fields=["svi_number"])
    # One that was due before a removal may still be there.
    SiteVisit.objects.update_or_create(
        carrier=carrier,
        reported_at=None,
        defaults={
            "kind": SiteVisit.Kind.VALIDATION,
            "due_date": (at + VALIDATION_WITHIN).date(),
            "overdue_at": None,
        },
    )
    issue_credentials([carrier], by=by, at=at)
    tell("application_approved", carrier=carrier, at=at, path="/portal/", tier=1)
    return application


@transaction.atomic
def reject(*, application: Application, reasons: str, by: Actor, at: datetime) -> Application:
    """Reject with written reasons; the carrier may appeal and may apply again."""
    application = _decide(application, "reject", reasons, by, at)
    carrier = change_carrier(
        "reject", carrier=application.carrier, by=by, at=at, reason=application.decision_reasons
    )
    tell(
        "application_rejected",
        carrier=carrier,
        at=at,
        path=PAGE,
        reasons=application.decision_reasons,
    )
    return application


def _decide(
    application: Application, transition: str, reasons: str, by: Actor, at: datetime
) -> Application:
    entries = Entries()
    written = entries.need("reasons", reasons)
    entries.done()
    application = lock(application)
    change = APPLICATION.check(transition, application.state)
    if application.advised_by == str(by):
        raise Refused(
            "same_officer",
            _("You gave the advice on this application. Another officer must decide."),
        )
    failed = application.checks.filter(outcome=VettingCheck.Outcome.FAIL)
    if transition == "approve" and failed.exists():
        raise Refused(
            "vetting_failed",
            _("A check has failed. Ask the carrier to mend it, or reject the application."),
        )
    application.state = change.target
    application.decision_reasons = written
    application.decided_by, application.decided_at = str(by), at
    application.save()
    record(change.action, application, by, reasons=written)
    return application
