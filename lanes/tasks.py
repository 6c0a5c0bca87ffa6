"""What Celery runs. A task says that there is work; the work itself is in the database's rows."""

import os
import time

import structlog
from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from lanes import heartbeat
from lanes.services import archive, assign, clones, hits, shadow, shifts
from trustedtruck.audit.actors import system

log = structlog.get_logger(__name__)
# A task ends after a while even under load, so that other ports' nudges get their turn.
TURN_SECONDS = 2.0


@shared_task(name="lanes.tasks.assign_arrivals", acks_late=False)
def assign_arrivals(_port_code: str, **_later_arguments: object) -> int:
    """Give lanes to all arrivals that wait, at whichever port; how many were taken up.

    The port is where the first truck was that asked: one alone would make small batches of many.
    Acknowledged early: a lost nudge is made good by the sweep, while a redelivered one would only
    find nothing to do.
    """
    ends = time.monotonic() + TURN_SECONDS
    total = 0
    while time.monotonic() < ends:
        taken = assign.assign_waiting(
            port_code=None, limit=settings.LANES_BATCH, lease_ms=settings.LANES_CLAIM_MS
        )
        total += taken
        if taken == 0:
            break
    return total


@shared_task(name="lanes.tasks.tend_shifts")
def tend_shifts(**_later_arguments: object) -> None:
    """Commit to the seeds of the coming day, and publish those of the shifts that are over."""
    at, by = timezone.now(), system("beat")
    shifts.reveal_due(by=by, at=at)
    shifts.commit_ahead(by=by, at=at)


@shared_task(name="lanes.tasks.archive_arrivals")
def archive_arrivals(**_later_arguments: object) -> int:
    """Move the days that are due into the archive; how many arrivals."""
    return archive.archive_due(by=system("beat"), at=timezone.now())


@shared_task(name="lanes.tasks.follow_shadows")
def follow_shadows(**_later_arguments: object) -> None:
    """Let the drafts that run in shadow decide what was decided lately."""
    for run_id in shadow.running():
        shadow.follow_shadow(run_id=run_id, at=timezone.now())


@shared_task(name="lanes.tasks.match_arrivals")
def match_arrivals(**_later_arguments: object) -> int:
    """Look at the trucks that are here once more, where alerts are new; how many were hit."""
    at, by = timezone.now(), system("worker")
    return hits.catch_up(by=by, at=at) + hits.match_arrivals(by=by, at=at)


@shared_task(name="lanes.tasks.keep_demonstration")
def keep_demonstration(**_later_arguments: object) -> None:
    """What demo.json shows must work as it stands, however long the demonstration runs."""
    call_command("demo")


@shared_task(name="lanes.tasks.settle_clones")
def settle_clones(**_later_arguments: object) -> int:
    """Inspect both of two trucks with one tag, where the worker that decided could not."""
    return clones.catch_up(by=system("worker"), at=timezone.now())


@worker_process_init.connect
def begin_heartbeat(**_arguments: object) -> None:
    """Every process of the lanes' pool tells that it is alive."""
    if os.environ.get("TRUSTEDTRUCK_PROCESS", "worker") == "worker":
        heartbeat.start("worker")
