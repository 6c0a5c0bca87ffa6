"""Credentials for a whole fleet, in portions that a worker commits one by one.

A job's row is the truth and the lock: its position moves in the transaction that issues, so that a
worker which dies loses no more than a portion, and two workers never do the same one twice.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.core.errors import DomainError, Refused
from trustedtruck.core.work import after_commit
from trustedtruck.credentials.models import BulkJob, Credential
from trustedtruck.credentials.services.issue import issue_credentials
from trustedtruck.credentials.services.life import replace_many
from trustedtruck.credentials.services.notices import tell_carriers
from trustedtruck.credentials.services.subjects import Subject
from trustedtruck.credentials.states import CREDENTIAL, LIVE, CredentialState, Kind, Reason

PORTION = 100
# A job that nobody has worked on for so long has lost its worker.
ABANDONED = timedelta(seconds=30)
_MODELS: tuple[tuple[str, type[Truck] | type[Driver] | type[Trailer]], ...] = (
    (Kind.TRUCK.value, Truck),
    (Kind.DRIVER.value, Driver),
    (Kind.TRAILER.value, Trailer),
)


@transaction.atomic
def start_bulk(*, carrier: Carrier, action: str, by: Actor, at: datetime) -> BulkJob:
    """Ask for credentials for a fleet. Raises `Refused` while another job of the carrier runs."""
    total = sum(_subjects(model, carrier.pk).count() for _kind, model in _MODELS)
    try:
        with transaction.atomic():
            job = BulkJob.objects.create(
                carrier=carrier,
                action=BulkJob.Action(action),
                requested_by={"kind": by.kind, "id": by.id, "label": by.label},
                requested_at=at,
                total=total,
            )
    except IntegrityError as error:
        raise Refused(
            "bulk_job_running", _("A job for this carrier's fleet is running already.")
        ) from error
    audit.record(
        "bulk_job.started",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"job": str(job.public_id), "action": action, "total": total},
    )
    after_commit("credentials.work_off_bulk_job", job_id=job.pk)
    return job


def work_off(job_id: int, *, at: datetime) -> bool:
    """Do the next portion; whether more is left. A refusal ends the job with its code."""
    try:
        return _portion(job_id, at)
    except DomainError as error:
        _fail(job_id, error.code, at)
        return False


def abandoned(*, at: datetime) -> list[int]:
    """Jobs that wait or that nobody works on any more."""
    return list(
        BulkJob.objects.filter(state__in=[BulkJob.State.WAITING, BulkJob.State.RUNNING])
        .exclude(worked_at__gt=at - ABANDONED)
        .values_list("pk", flat=True)
    )


@transaction.atomic
def _portion(job_id: int, at: datetime) -> bool:
    job = (
        BulkJob.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=job_id, state__in=[BulkJob.State.WAITING, BulkJob.State.RUNNING])
        .first()
    )
    if job is None:
        return False
    kind, subjects = _next(job)
    job.worked_at, job.state = at, BulkJob.State.RUNNING
    if subjects:
        by = Actor(**job.requested_by)
        act = _issue if job.action == BulkJob.Action.ISSUE else _renew
        job.made += act(kind, subjects, by=by, at=at)
        job.done = min(job.total, job.done + len(subjects))
        job.position_kind, job.position_id = kind, subjects[-1].pk
    else:
        job.state, job.finished_at, job.done = BulkJob.State.DONE, at, job.total
        _record_end(job, at)
    job.save()
    return bool(subjects)


def _next(job: BulkJob) -> tuple[str, list[Subject]]:
    """The next portion, in the order of `_MODELS` and ids; a portion has one kind."""
    reached = not job.position_kind
    for kind, model in _MODELS:
        after = 0
        if kind == job.position_kind:
            reached, after = True, job.position_id
        if not reached:
            continue
        rows: list[Subject] = list(
            _subjects(model, job.carrier_id).filter(pk__gt=after).order_by("pk")[:PORTION]
        )
        if rows:
            return kind, rows
    return "", []


def _subjects(
    model: type[Truck] | type[Driver] | type[Trailer], carrier_id: int
) -> models.QuerySet[Truck] | models.QuerySet[Driver] | models.QuerySet[Trailer]:
    return model._default_manager.filter(carrier_id=carrier_id, retired_at__isnull=True)


def _issue(kind: str, subjects: list[Subject], *, by: Actor, at: datetime) -> int:
    field = f"{kind}_id"
    have = set(
        Credential.objects.filter(
            **{f"{field}__in": [s.pk for s in subjects]}, state__in=LIVE
        ).values_list(field, flat=True)
    )
    lacking = [s for s in subjects if s.pk not in have]
    return len(issue_credentials(lacking, by=by, at=at, notify=False))


def _renew(kind: str, subjects: list[Subject], *, by: Actor, at: datetime) -> int:
    rows = Credential.objects.filter(
        **{f"{kind}_id__in": [s.pk for s in subjects]}, state=CredentialState.ACTIVE
    ).order_by("pk")
    made = replace_many("renew", list(rows), by=by, at=at, reason=Reason.RENEWAL_DUE, notify=False)
    return len(made)


@transaction.atomic
def _fail(job_id: int, code: str, at: datetime) -> None:
    job = BulkJob.objects.select_for_update().get(pk=job_id)
    job.state, job.finished_at, job.error = BulkJob.State.FAILED, at, code
    job.save(update_fields=["state", "finished_at", "error"])
    _record_end(job, at)


def _record_end(job: BulkJob, at: datetime) -> None:
    turn = CREDENTIAL["issue" if job.action == BulkJob.Action.ISSUE else "renew"]
    reason = Reason.FIRST_ISSUE if turn.name == "issue" else Reason.RENEWAL_DUE
    # One notice for the whole job, also for what a job that failed has made before.
    tell_carriers(turn, [job.carrier_id] * job.made, at=at, reason=reason)
    audit.record(
        "bulk_job.ended",
        by=Actor(**job.requested_by),
        subject_kind="carrier",
        subject_id=job.carrier_id,
        data={"job": str(job.public_id), "state": job.state, "made": job.made, "code": job.error},
    )
