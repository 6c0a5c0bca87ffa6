"""What Celery runs for inspections."""

from celery import shared_task
from django.utils import timezone

from lanes.inspections.services.watch import watch
from trustedtruck.audit.actors import system


@shared_task(name="lanes.inspections.tasks.watch_inspections")
def watch_inspections(**_later_arguments: object) -> None:
    """Appearances, no-shows, long stops and departures that are due."""
    watch(by=system("beat"), at=timezone.now())
