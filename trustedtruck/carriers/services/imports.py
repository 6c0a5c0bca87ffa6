"""A file's way into the fleet: uploaded, checked, shown, confirmed, imported whole or not."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.imports.checking import RowError, check_rows
from trustedtruck.carriers.imports.reading import read_rows
from trustedtruck.carriers.models import Carrier, ImportJob
from trustedtruck.carriers.services.evidence import safe_name
from trustedtruck.carriers.services.fleet import (
    NewDriver,
    NewTrailer,
    NewTruck,
    add_drivers,
    add_trailers,
    add_trucks,
)
from trustedtruck.carriers.services.notify import tell
from trustedtruck.carriers.states import IMPORT, ImportState
from trustedtruck.core.errors import DomainError
from trustedtruck.core.work import after_commit

RUN = "trustedtruck.carriers.tasks.run_import"
MAX_SHOWN_ERRORS = 2_000


@transaction.atomic
def upload(
    *, carrier: Carrier, kind: str, file_name: str, content: bytes, by: Actor, at: datetime
) -> ImportJob:
    """Read a file and have a worker check it. Raises `Invalid` for a file that cannot be read."""
    rows = read_rows(kind, content)
    change = IMPORT.check("upload", "")
    job = ImportJob.objects.create(
        carrier=carrier,
        kind=kind,
        state=change.target,
        file_name=safe_name(file_name),
        rows=rows,
        total=len(rows),
        uploaded_by=str(by),
        uploaded_at=at,
    )
    _record(change.action, job, by, rows=len(rows))
    after_commit(RUN, import_id=job.pk)
    return job


@transaction.atomic
def confirm(*, job: ImportJob, by: Actor, at: datetime) -> ImportJob:
    """The carrier has seen the preview and wants it."""
    job = _locked(job)
    job = _move(job, "confirm", by)
    job.done = 0
    job.save(update_fields=["state", "done"])
    after_commit(RUN, import_id=job.pk)
    return job


@transaction.atomic
def drop(*, job: ImportJob, by: Actor, at: datetime) -> ImportJob:
    """The rows go; that there was a file stays."""
    job = _move(_locked(job), "drop", by)
    job.rows, job.errors, job.finished_at = [], [], at
    job.save(update_fields=["state", "rows", "errors", "finished_at"])
    return job


def run(*, job: ImportJob, by: Actor, at: datetime) -> ImportJob:
    """What a worker does next: check, or import. Nothing where there is nothing to do."""
    if job.state == ImportState.CHECKING:
        return _check(job, by, at)
    if job.state == ImportState.IMPORTING:
        return _import(job, by, at)
    return job


def _check(job: ImportJob, by: Actor, at: datetime) -> ImportJob:
    def progress(done: int) -> None:
        ImportJob.objects.filter(pk=job.pk).update(done=done)

    rows, errors = check_rows(job.kind, job.carrier, job.rows, progress, today=at.date())
    with transaction.atomic():
        job = _locked(job)
        if job.state != ImportState.CHECKING:
            return job
        if errors:
            return _fail(job, errors, by, at)
        job = _move(job, "pass_check", by)
        job.rows = rows
        job.save(update_fields=["state", "rows"])
    return job


@transaction.atomic
def _import(job: ImportJob, by: Actor, at: datetime) -> ImportJob:
    job = _locked(job)
    if job.state != ImportState.IMPORTING:
        return job
    try:
        with transaction.atomic():
            _add(job, by, at)
    except DomainError as error:
        # Somebody took a number, plate or tag between the check and now.
        refused: list[RowError] = [
            {
                "row": "",
                "field": "",
                "code": error.code,
                "text": gettext_noop(
                    "Something in the file came into use in the meantime. Upload it again."
                ),
                "params": {},
            }
        ]
        return _fail(job, refused, by, at)
    job = _move(job, "finish", by)
    job.done, job.rows, job.finished_at = job.total, [], at
    job.save(update_fields=["state", "done", "rows", "finished_at"])
    tell(
        "import_done",
        carrier=job.carrier,
        at=at,
        path=f"/portal/imports/{job.public_id}/",
        count=job.total,
        file=job.file_name,
    )
    return job


def _add(job: ImportJob, by: Actor, at: datetime) -> None:
    rows = [{k: v for k, v in row.items() if k != "row"} for row in job.rows]
    if job.kind == ImportJob.Kind.TRUCKS:
        add_trucks(carrier=job.carrier, trucks=[NewTruck(**row) for row in rows], by=by, at=at)
    elif job.kind == ImportJob.Kind.TRAILERS:
        trailers = [NewTrailer(**row) for row in rows]
        add_trailers(carrier=job.carrier, trailers=trailers, by=by, at=at)
    else:
        drivers = [
            NewDriver(
                given_names=row["given_names"],
                family_names=row["family_names"],
                birth_date=date.fromisoformat(row["birth_date"]),
                citizenship=row["citizenship"],
                fast_card=row["fast_card"],
                fast_card_expires_date=(
                    date.fromisoformat(row["fast_card_expires_date"])
                    if row["fast_card_expires_date"]
                    else None
                ),
            )
            for row in rows
        ]
        add_drivers(carrier=job.carrier, drivers=drivers, by=by, at=at)


def _fail(job: ImportJob, errors: list[RowError], by: Actor, at: datetime) -> ImportJob:
    job = _move(job, "fail_check", by)
    job.errors, job.finished_at = errors[:MAX_SHOWN_ERRORS], at
    job.save(update_fields=["state", "errors", "finished_at"])
    tell(
        "import_refused",
        carrier=job.carrier,
        at=at,
        path=f"/portal/imports/{job.public_id}/",
        count=len(errors),
        file=job.file_name,
    )
    return job


def _locked(job: ImportJob) -> ImportJob:
    return ImportJob.objects.select_for_update(of=["self"]).select_related("carrier").get(pk=job.pk)


def _move(job: ImportJob, name: str, by: Actor) -> ImportJob:
    change = IMPORT.check(name, job.state)
    job.state = change.target
    _record(change.action, job, by)
    return job


def _record(action: str, job: ImportJob, by: Actor, **data: object) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="import",
        subject_id=job.pk,
        data={"carrier": job.carrier_id, "kind": job.kind, **data},
    )
