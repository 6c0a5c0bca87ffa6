"""What Celery runs for the alerts. A task is a hint: what waits is in the database's rows."""

from celery import shared_task
from django.utils import timezone

from trustedtruck.alerts.services import alerts, screening
from trustedtruck.audit.actors import system

BEAT = system("beat")


@shared_task(name="trustedtruck.alerts.tasks.tend_alerts")
def tend_alerts(**_later_arguments: object) -> None:
    """End what is past its period, drop what filings said once they are long over."""
    at = timezone.now()
    alerts.expire_due(by=BEAT, at=at)
    screening.forget_filings(at=at)
