"""From the first form to the submitted application."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import User
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.criteria import CriteriaSet, criteria_of, newest
from trustedtruck.carriers.models import (
    Answer,
    Application,
    Carrier,
    InformationRequest,
    Membership,
    Profile,
)
from trustedtruck.carriers.models.members import MemberRole
from trustedtruck.carriers.services.carrier import change_carrier, correct_carrier, register_carrier
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.members import add_member
from trustedtruck.carriers.services.notify import tell, tell_reviewers
from trustedtruck.carriers.services.stale import Stale
from trustedtruck.carriers.states import APPLICATION, ApplicationState, CarrierState
from trustedtruck.core.errors import FieldError, Invalid, Refused
from trustedtruck.core.work import after_commit
from trustedtruck.identifiers import tax_id

# The security profile is due 30 days after the company profile, the answer 90 days after that.
PROFILE_DAYS, ANSWER_DAYS = 30, 90
PROFILE_FIELDS = (
    "street",
    "city",
    "region",
    "postal_code",
    "address_country",
    "phone",
    "contact_name",
    "contact_email",
    "contact_phone",
    "emergency_phone",
)


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
    """The first application, or another one after a rejection or a lapse."""
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    if carrier.state == CarrierState.REJECTED:
        carrier = change_carrier("apply_again", carrier=carrier, by=by, at=at)
    if carrier.state != CarrierState.PRE_APPLICANT:
        raise Refused("cannot_apply", _("Your company cannot open an application now."))
    change = APPLICATION.check("open", "")
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
def save_profile(
    *, carrier: Carrier, values: Mapping[str, str], version: int, by: Actor, at: datetime
) -> Profile:
    """Save the company profile whole. `version` is what the form was drawn from; 0 for none yet.

    Raises `Invalid` with every wrong field, `Stale` when the profile changed in the meantime.
    """
    entries = Entries()
    found = {name: entries.need(name, values.get(name, "")) for name in PROFILE_FIELDS}
    country = entries.need("tax_country", values.get("tax_country", ""))
    number = entries.take(
        "tax_id", values.get("tax_id", ""), lambda text: tax_id.check(text, country)
    )
    entries.done()
    profile = Profile.objects.select_for_update().filter(carrier=carrier).first()
    if (profile.version if profile else 0) != version:
        raise Stale
    profile = profile or Profile(carrier=carrier, version=0)
    for name, value in found.items():
        setattr(profile, name, value)
    profile.trade_name = values.get("trade_name", "").strip()
    profile.tax_country, profile.tax_id = country, number
    profile.version += 1
    profile.changed_by, profile.changed_at = str(by), at
    insert(profile.save)
    audit.record(
        "carrier.profile_saved",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"version": profile.version},
    )
    return profile


@transaction.atomic
def save_answers(
    *,
    application: Application,
    answers: Mapping[str, tuple[str, str, int]],
    by: Actor,
    at: datetime,
) -> None:
    """Save what was typed to some criteria: criterion -> (status, text, version seen).

    An answer without a status is left alone. Raises `Stale` when one of them changed in the
    meantime, `TransitionRefused` when the application is no longer with the carrier.
    """
    application = lock(application)
    check_user_can_answer(application)
    criteria = criteria_of(application)
    known = {a.criterion: a for a in application.answers.select_for_update()}
    changed = []
    for criterion, (status, text, version) in answers.items():
        if criterion not in criteria.by_id or not status:
            continue
        answer = known.get(criterion)
        if (answer.version if answer else 0) != version:
            if answer and (answer.status, answer.text) == (status, text.strip()):
                continue
            raise Stale
        if answer and (answer.status, answer.text) == (status, text.strip()):
            continue
        answer = answer or Answer(application=application, criterion=criterion, version=0)
        answer.status, answer.text = status, text.strip()
        answer.version += 1
        answer.changed_by, answer.changed_at = str(by), at
        answer.save()
        changed.append(criterion)
    if changed:
        record("application.answered", application, by, criteria=changed)


def check_user_can_answer(application: Application) -> None:
    """Answers and evidence change only while the application is with the carrier."""
    if application.state not in (ApplicationState.DRAFT, ApplicationState.INFORMATION):
        raise Refused(
            "application_not_yours_now",
            _("The application is with the officers now; answers can no longer be changed."),
        )


def missing(application: Application) -> list[FieldError]:
    """Everything that keeps an application from being submitted, each with its place."""
    found: list[FieldError] = []
    if not Profile.objects.filter(carrier=application.carrier_id).exists():
        found.append(FieldError("company", "required", _("The company profile is not filled in.")))
    criteria: CriteriaSet = criteria_of(application)
    answers = {a.criterion: a for a in application.answers.all()}
    for criterion in criteria.by_id.values():
        answer = answers.get(criterion.id)
        if answer is None:
            found.append(FieldError(criterion.id, "required", _("There is no answer yet.")))
        elif not answer.text and (criterion.must or answer.status != Answer.Status.MET):
            found.append(FieldError(criterion.id, "text_required", _("Describe how, or why not.")))
    with_evidence = set(application.evidence.values_list("criterion", flat=True))
    found += [
        FieldError(c.id, "evidence_required", _("Evidence is required here: attach a file."))
        for c in criteria.by_id.values()
        if c.evidence_required
        and c.id not in with_evidence
        and (a := answers.get(c.id)) is not None
        and a.status == Answer.Status.MET
    ]
    return found


@transaction.atomic
def submit(*, application: Application, by: Actor, at: datetime) -> Application:
    """Hand the application to the officers; vetting begins. `Invalid` names all that lacks."""
    application = lock(application)
    change = APPLICATION.check("submit", application.state)
    if at >= application.profile_due_at:
        raise Refused("deadline_passed", _("The deadline has passed. Open a new application."))
    if errors := missing(application):
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


def lock(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=["self"])
        .select_related("carrier")
        .get(pk=application.pk)
    )


def record(action: str, application: Application, by: Actor, **data: object) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="application",
        subject_id=application.pk,
        data={"carrier": application.carrier_id, **data},
    )
