"""What Celery runs for the audit and for what is kept of people."""

from celery import shared_task
from django.utils import timezone

from trustedtruck.audit import retention
from trustedtruck.audit.actors import system


@shared_task(name="trustedtruck.audit.tasks.purge")
def purge(**_later_arguments: object) -> dict[str, int]:
    return retention.purge(by=system("beat"), at=timezone.now())
