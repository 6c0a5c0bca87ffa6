"""What Celery runs for the alerts. A task is a hint: what waits is in the database's rows."""

from celery import shared_task
from django.utils import timezone

from trustedtruck.alerts.services import agreements, alerts, patterns, push, release, screening
from trustedtruck.audit.actors import system

BEAT = system("beat")


@shared_task(name="trustedtruck.alerts.tasks.tend_alerts")
def tend_alerts(**_later_arguments: object) -> None:
    """End what is past its period, release what new agreements cover, forget what is over."""
    at = timezone.now()
    alerts.expire_due(by=BEAT, at=at)
    screening.forget_filings(at=at)
    agreements.end_due(by=BEAT, at=at)
    release.release_missing(by=BEAT, at=at)


@shared_task(name="trustedtruck.alerts.tasks.find_patterns")
def find_patterns(**_later_arguments: object) -> int:
    """Look for carriers that share, and for near misses before a seizure."""
    return patterns.find_patterns(by=BEAT, at=timezone.now())


@shared_task(name="trustedtruck.alerts.tasks.push_releases")
def push_releases(**_later_arguments: object) -> int:
    """Send to partners' inboxes what they have not confirmed."""
    return push.push_due(at=timezone.now())
