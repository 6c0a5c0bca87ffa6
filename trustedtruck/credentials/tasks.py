"""Celery's part: build the lane bundle, work off fleet jobs, mark what has ended.

Each task is a hint; the rows say what there is to do.
"""

from typing import Any

from celery import shared_task
from django.utils import timezone

from trustedtruck.audit.actors import system
from trustedtruck.credentials.services import bulk, expire_due
from trustedtruck.credentials.services.bundle import build_bundle


@shared_task(name="credentials.build_bundle")
def build(**_kwargs: Any) -> None:
    """Build the lane bundle if something changed. By beat, every two seconds."""
    build_bundle(at=timezone.now())


@shared_task(name="credentials.work_off_bulk_job")
def work_off_bulk_job(job_id: int, **_kwargs: Any) -> None:
    """Work a fleet's job off to its end."""
    while bulk.work_off(job_id, at=timezone.now()):
        pass


@shared_task(name="credentials.resume_bulk_jobs")
def resume_bulk_jobs(**_kwargs: Any) -> None:
    """Take up the jobs whose hint or worker was lost. By beat, every thirty seconds."""
    for job_id in bulk.abandoned(at=timezone.now()):
        work_off_bulk_job(job_id)


@shared_task(name="credentials.expire")
def expire(**_kwargs: Any) -> None:
    """Mark the credentials whose time has passed. By beat, every minute."""
    expire_due(by=system("expiry"), at=timezone.now())
