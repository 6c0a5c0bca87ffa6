"""Large messages, worked off. The queue is a hint; the waiting row is the truth."""

from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from trustedtruck.manifests.services import intake

log = structlog.get_logger(__name__)


@shared_task(name="manifests.work_off")
def work_off(submission_id: int, **_kwargs: Any) -> None:
    """Work off one message."""
    intake.work_off(submission_id, at=timezone.now())


@shared_task(name="manifests.work_off_waiting")
def work_off_waiting(**_kwargs: Any) -> None:
    """Work off whatever waits, for messages whose hint was lost. Meant for beat, every minute."""
    for submission_id in intake.waiting():
        intake.work_off(submission_id, at=timezone.now())


def hint(submission_id: int) -> None:
    """Tell a worker that a message waits. A broker that is down costs a minute, no message."""
    try:
        work_off.apply_async((submission_id,), retry=False)
    except Exception as error:  # whatever the broker's client raises, the row is safe
        log.warning("hint_not_sent", submission=submission_id, error=str(error))
