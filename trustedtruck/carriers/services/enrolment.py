"""From the first form to the submitted application."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.criteria import newest
from trustedtruck.carriers.models import (
    Application,
    Carrier,
    InformationRequest,
    Measure,
    Membership,
)
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.services.answers import check_user_can_answer, what_lacks
from trustedtruck.carriers.services.application import lock, record
from trustedtruck.carriers.services.carrier import change_carrier, correct_carrier, register_carrier
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.members import add_member
from trustedtruck.carriers.services.notify import tell, tell_reviewers
from trustedtruck.carriers.states import APPLICATION, CLOSED, CarrierState, MeasureState
from trustedtruck.core.errors import Invalid, Refused
from trustedtruck.core.work import after_commit

# The security profile is due 30 days after the company profile, the answer 90 days after that.
PROFILE_DAYS, ANSWER_DAYS = 30, 90


@transaction.atomic
def begin_enrolment(
    *,
    user: User,
    legal_name: str,
    country: str,
    kind: str,
    identifiers: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> Membership:
    """A company begins: its row, its first administrator, and an open application."""
    carrier = register_carrier(
        legal_name=legal_name, country=country, kind=kind, identifiers=identifiers, by=by, at=at
    )
    member = add_member(carrier=carrier, user=user, role=MemberRole.ADMINISTRATOR, by=by, at=at)
    open_application(carrier=carrier, by=by, at=at)
    return member


@transaction.atomic
def open_application(*, carrier: Carrier, by: Actor, at: datetime) -> Application:
    """The first application, or another one after a rejection, a lapse, or an undone removal."""
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    check_carrier_can_apply(carrier)
    if carrier.state != CarrierState.PRE_APPLICANT:
        carrier = change_carrier("apply_again", carrier=carrier, by=by, at=at)
    change = APPLICATION.check("open", "")
    if Application.objects.filter(carrier=carrier).exclude(state__in=CLOSED).exists():
        raise Refused("application_open", _("Your company has an open application already."))
    criteria = newest(carrier.kind)
    application = Application(
        carrier=carrier,
        criteria_set=criteria.code,
        criteria_version=criteria.version,
        state=change.target,
        opened_at=at,
        profile_due_at=at + timedelta(days=PROFILE_DAYS),
    )
    insert(lambda: application.save(force_insert=True))
    record(change.action, application, by)
    tell(
        "application_opened",
        carrier=carrier,
        at=at,
        path="/portal/application/",
        due=application.profile_due_at.date().isoformat(),
    )
    return application


def check_carrier_can_apply(carrier: Carrier) -> None:
    """A removed carrier may once an appeal against its removal has been granted."""
    if carrier.state in (CarrierState.PRE_APPLICANT, CarrierState.REJECTED):
        return
    if carrier.state == CarrierState.REMOVED:
        removals = Measure.objects.filter(carrier=carrier, grade=Measure.Grade.REMOVAL)
        newest = removals.order_by("-imposed_at", "-pk").first()
        if newest is not None and newest.state == MeasureState.LIFTED:
            return
        raise Refused(
            "removed_from_programme",
            _(
                "Your company has been removed from the programme. It may apply again once an"
                " appeal against the removal is granted."
            ),
        )
    raise Refused("cannot_apply", _("Your company cannot open an application now."))


@transaction.atomic
def correct_company(
    *,
    application: Application,
    legal_name: str,
    country: str,
    identifiers: Mapping[str, str],
    seen: str,
    by: Actor,
    at: datetime,
) -> Carrier:
    """Correct name and numbers, as long as the application is with the carrier.

    Raises what `correct_carrier` raises, and `Refused` while the officers have the application.
    """
    application = lock(application)
    check_user_can_answer(application)
    return correct_carrier(
        carrier=application.carrier,
        legal_name=legal_name,
        country=country,
        identifiers=identifiers,
        seen=seen,
        by=by,
        at=at,
    )


@transaction.atomic
def submit(*, application: Application, by: Actor, at: datetime) -> Application:
    """Hand the application to the officers; vetting begins. `Invalid` names all that lacks."""
    application = lock(application)
    change = APPLICATION.check("submit", application.state)
    if application.is_late(at=at):
        raise Refused("deadline_passed", _("The deadline has passed. Open a new application."))
    if errors := what_lacks(application):
        raise Invalid(tuple(errors), _("The application is not complete yet."))
    application.state = change.target
    application.submitted_by, application.submitted_at = str(by), at
    application.answer_due_at = at + timedelta(days=ANSWER_DAYS)
    application.save()
    change_carrier("submit", carrier=application.carrier, by=by, at=at)
    record(change.action, application, by)
    tell(
        "application_submitted",
        carrier=application.carrier,
        at=at,
        path="/portal/application/",
        due=application.answer_due_at.date().isoformat(),
    )
    tell_reviewers(
        "application_submitted",
        application,
        at=at,
        due=application.answer_due_at.date().isoformat(),
    )
    begin_vetting(application)
    return application


@transaction.atomic
def answer_information(
    *, request: InformationRequest, text: str, by: Actor, at: datetime
) -> Application:
    """The carrier answers what an officer asked; the application goes back and is vetted again."""
    entries = Entries()
    answer = entries.need("answer", text)
    entries.done()
    application = lock(request.application)
    change = APPLICATION.check("answer", application.state)
    request.answer, request.answered_by, request.answered_at = answer, str(by), at
    request.save(update_fields=["answer", "answered_by", "answered_at"])
    application.state = change.target
    application.save(update_fields=["state"])
    record(change.action, application, by, request=request.pk)
    tell_reviewers("information_given", application, at=at)
    begin_vetting(application)
    return application


def begin_vetting(application: Application) -> None:
    """Queue the checks once this change is committed; beat resumes what a worker left undone."""
    after_commit("trustedtruck.enrolment.tasks.vet_application", application_id=application.pk)
