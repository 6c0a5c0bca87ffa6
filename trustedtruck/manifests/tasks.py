"""Large messages, worked off. The queue is a hint; the waiting row is the truth."""

import threading
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from trustedtruck.audit.actors import system
from trustedtruck.manifests.services import intake, patterns, screening

log = structlog.get_logger(__name__)
_hinting = threading.Lock()


@shared_task(name="manifests.work_off_waiting")
def work_off_waiting(**_kwargs: Any) -> None:
    """Work off whatever waits, the oldest first. Also for beat: a hint may be lost.

    A message that fails is left for the next time and does not keep those behind it waiting.
    """
    failed: set[int] = set()
    while waiting := intake.waiting(besides=failed):
        for submission_id in waiting:
            try:
                intake.work_off(submission_id, at=timezone.now())
            except Exception:  # whatever it is, the message counts its attempts
                log.exception("message_not_read", submission=submission_id)
                failed.add(submission_id)


@shared_task(name="trustedtruck.manifests.tasks.find_patterns")
def find_patterns(**_kwargs: Any) -> int:
    """Look for origins against a shipper's history, and for prices far from others'."""
    return patterns.find_patterns(by=system("beat"), at=timezone.now())


@shared_task(name="trustedtruck.manifests.tasks.screen_missing")
def screen_missing(**_kwargs: Any) -> int:
    """Let the alerts look at open trips that they never saw."""
    return screening.screen_missing(by=system("beat"), at=timezone.now())


def hint() -> None:
    """Tell the workers that messages wait; returns at once, whatever the broker does.

    While one hint is on its way no other is sent: it makes a worker take all that waits.
    """
    if _hinting.acquire(blocking=False):
        threading.Thread(target=_publish, name="manifest-hint", daemon=True).start()


def _publish() -> None:
    try:
        work_off_waiting.apply_async(retry=False)
    except Exception as error:  # whatever the broker's client raises, the row is safe
        log.warning("hint_not_sent", error=repr(error))
    finally:
        _hinting.release()
