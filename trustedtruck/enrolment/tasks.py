"""What Celery runs for vetting and standing."""

import structlog
from celery import shared_task
from django.utils import timezone

from trustedtruck.audit.actors import system
from trustedtruck.carriers.models import Application, Measure
from trustedtruck.carriers.states import MeasureState
from trustedtruck.enrolment.services import crossings, standing, vetting

log = structlog.get_logger(__name__)
WORKER, BEAT = system("worker"), system("beat")


@shared_task(name="trustedtruck.enrolment.tasks.vet_application")
def vet_application(application_id: int, **_later_arguments: object) -> int:
    """Run the checks that have no result yet; running it twice does nothing the second time."""
    application = Application.objects.select_related("carrier").get(pk=application_id)
    return len(vetting.vet(application=application, by=WORKER, at=timezone.now()))


@shared_task(name="trustedtruck.enrolment.tasks.resume_vetting")
def resume_vetting(**_later_arguments: object) -> int:
    found = vetting.unfinished()
    for application in found:
        vetting.vet(application=application, by=WORKER, at=timezone.now())
    return len(found)


@shared_task(name="trustedtruck.enrolment.tasks.announce_crossings")
def announce_crossings(**_later_arguments: object) -> int:
    return crossings.announce(at=timezone.now())


@shared_task(name="trustedtruck.enrolment.tasks.end_measures")
def end_measures(**_later_arguments: object) -> int:
    """Give privileges back on the day that was named."""
    at = timezone.now()
    over = Measure.objects.filter(
        state=MeasureState.IN_FORCE, ends_date__isnull=False, ends_date__lte=at.date()
    )
    ended = 0
    for measure in over:
        try:
            standing.end_due(measure=measure, by=BEAT, at=at)
        except Exception:
            # What is wrong with one carrier keeps no other waiting for its privileges.
            log.exception("measure_not_ended", measure=measure.pk)
        else:
            ended += 1
    return ended
