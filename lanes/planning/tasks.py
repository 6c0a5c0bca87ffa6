"""What Celery runs for planners. A task is a hint: what is to be run is in the database's rows."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from lanes.planning.models import SimulationRun
from lanes.planning.services import perform_run, take_up_again
from lanes.planning.states import RunState
from trustedtruck.audit.actors import system

WORKER = system("worker")
STANDS_STILL = timedelta(minutes=3)


@shared_task(name="lanes.planning.tasks.run_simulation", acks_late=False)
def run_simulation(run_id: int, **_later_arguments: object) -> str:
    """Acknowledged early: a run may last longer than the broker waits, and beat asks again."""
    return perform_run(run_id=run_id, by=WORKER, at=timezone.now())


@shared_task(name="lanes.planning.tasks.resume_simulations")
def resume_simulations(**_later_arguments: object) -> int:
    """Run what no worker took, and what stood still for minutes because its worker died."""
    now = timezone.now()
    waiting = SimulationRun.objects.filter(
        state=RunState.QUEUED, started_at__lt=now - timedelta(minutes=1)
    )
    for run in waiting:
        perform_run(run_id=run.pk, by=WORKER, at=timezone.now())
    stuck = SimulationRun.objects.filter(state=RunState.RUNNING, seen_at__lt=now - STANDS_STILL)
    for run in stuck:
        take_up_again(run=run, by=WORKER, at=timezone.now())
    return len(waiting) + len(stuck)
