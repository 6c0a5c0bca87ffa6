"""The clock's part: reminders, lapses, late answers, documents that end. Beat calls it hourly."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Application, Carrier, Document, Insurance, SiteVisit
from trustedtruck.carriers.services.application import lock, record
from trustedtruck.carriers.services.notify import tell, tell_reviewers
from trustedtruck.carriers.states import APPLICATION, ApplicationState, CarrierState
from trustedtruck.core.days import western_day

REMIND_BEFORE = timedelta(days=7)
DOCUMENTS_BEFORE = timedelta(days=30)
PAGE = "/portal/application/"
_WITH_OFFICERS = (
    ApplicationState.SUBMITTED,
    ApplicationState.INFORMATION,
    ApplicationState.ADVISED,
)


def watch(*, by: Actor, at: datetime) -> dict[str, int]:
    """Everything that the passing of time does; how many of each."""
    return {
        "lapsed": sum(
            _lapse(a, by=by, at=at)
            for a in _drafts().filter(profile_due_at__date__lt=western_day(at))
        ),
        "reminded": sum(
            _remind(a, at=at)
            for a in _drafts().filter(
                profile_due_at__gt=at,
                profile_due_at__lte=at + REMIND_BEFORE,
                reminded_at__isnull=True,
            )
        ),
        "overdue": sum(
            _overdue(a, by=by, at=at)
            for a in Application.objects.filter(
                state__in=_WITH_OFFICERS, answer_due_at__lte=at, overdue_at__isnull=True
            )
        ),
        "documents": _documents(at=at),
        "visits": _visits(at=at),
    }


def _drafts() -> QuerySet[Application]:
    return Application.objects.filter(state=ApplicationState.DRAFT)


@transaction.atomic
def _lapse(application: Application, *, by: Actor, at: datetime) -> int:
    application = lock(application)
    if application.state != ApplicationState.DRAFT or not application.is_late(at=at):
        return 0
    change = APPLICATION.check("lapse", application.state)
    application.state = change.target
    application.save(update_fields=["state"])
    record(change.action, application, by)
    tell("application_lapsed", carrier=application.carrier, at=at, path=PAGE)
    return 1


@transaction.atomic
def _remind(application: Application, *, at: datetime) -> int:
    application = lock(application)
    if application.state != ApplicationState.DRAFT or application.reminded_at is not None:
        return 0
    application.reminded_at = at
    application.save(update_fields=["reminded_at"])
    due = application.profile_due_at.date().isoformat()
    tell("profile_due_soon", carrier=application.carrier, at=at, path=PAGE, due=due)
    return 1


@transaction.atomic
def _overdue(application: Application, *, by: Actor, at: datetime) -> int:
    application = lock(application)
    due_at = application.answer_due_at
    if application.state not in _WITH_OFFICERS or application.overdue_at or due_at is None:
        return 0
    application.overdue_at = at
    application.save(update_fields=["overdue_at"])
    record("application.answer_overdue", application, by)
    due = due_at.date().isoformat()
    tell("answer_overdue", carrier=application.carrier, at=at, path=PAGE, due=due)
    # The carrier is told that a supervisor knows: so all who may read of it are told.
    tell_reviewers(
        "answer_overdue", application, at=at, permission=Permission.ENROLMENT_READ, due=due
    )
    return 1


@transaction.atomic
def _documents(*, at: datetime) -> int:
    """One notice for each carrier with documents that begin to be near their end."""
    last = (at + DOCUMENTS_BEFORE).date()
    found: dict[int, list[date]] = defaultdict(list)
    near = {"expires_date__lte": last, "warned_at__isnull": True}
    papers = Document.objects.in_use().filter(**near)
    policies = Insurance.objects.filter(**near)
    # Those that are read: one that comes in this moment is told of the next time.
    read: list[Document | Insurance] = [
        *papers.select_for_update(of=["self"], skip_locked=True),
        *policies.select_for_update(of=["self"], skip_locked=True),
    ]
    for row in read:
        found[row.carrier_id].append(row.expires_date)
    for model in (Document, Insurance):
        told = [row.pk for row in read if isinstance(row, model)]
        model._default_manager.filter(pk__in=told).update(warned_at=at)
    for carrier in Carrier.objects.filter(pk__in=found):
        days = found[carrier.pk]
        tell(
            "documents_ending",
            carrier=carrier,
            at=at,
            path="/portal/documents/",
            count=len(days),
            due=min(days).isoformat(),
        )
    return len(found)


@transaction.atomic
def _visits(*, at: datetime) -> int:
    """Tell of visits that are due within 30 days, once."""
    near = SiteVisit.objects.select_for_update(of=["self"]).filter(
        reported_at__isnull=True,
        overdue_at__isnull=True,
        carrier__state__in=[CarrierState.CERTIFIED, CarrierState.SUSPENDED],
        due_date__lte=(at + DOCUMENTS_BEFORE).date(),
    )
    visits = list(near.select_related("carrier"))
    for visit in visits:
        visit.overdue_at = at
        visit.save(update_fields=["overdue_at"])
        due = visit.due_date.isoformat()
        tell("visit_due", carrier=visit.carrier, at=at, path="/portal/standing/", due=due)
    return len(visits)
