"""What Celery runs for the carriers. A task is a hint: what waits is in the database's rows."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from trustedtruck.accounts import mail
from trustedtruck.audit.actors import system
from trustedtruck.carriers import notices
from trustedtruck.carriers.models import ImportJob, Membership, Notice
from trustedtruck.carriers.services import deadlines, imports, webhooks
from trustedtruck.carriers.states import ImportState

log = structlog.get_logger(__name__)
WORKER, BEAT = system("worker"), system("beat")


@shared_task(name="trustedtruck.carriers.tasks.mail_notice")
def mail_notice(notice_id: int, **_later_arguments: object) -> int:
    """One mail to each member who wants the topic, in that member's language."""
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None:
        return 0
    members = Membership.objects.filter(
        carrier_id=notice.carrier_id,
        mail_topics__contains=[notice.topic],
        user__is_active=True,
    ).select_related("user")
    for member in members:
        with override(member.user.language):
            lines = [notices.body(notice.code, notice.data)]
            if notice.path:
                lines.append(f"{settings.BASE_URL}{notice.path}")
            mail.send(
                to=[member.user.email],
                subject=f"TrustedTruck: {notices.title(notice.code, notice.data)}",
                body="\n\n".join(lines),
            )
    return len(members)


@shared_task(name="trustedtruck.carriers.tasks.run_import")
def run_import(import_id: int, **_later_arguments: object) -> str:
    job = ImportJob.objects.select_related("carrier").get(pk=import_id)
    return imports.run(job=job, by=WORKER, at=timezone.now()).state


@shared_task(name="trustedtruck.carriers.tasks.resume_imports")
def resume_imports(**_later_arguments: object) -> int:
    """Take up imports whose worker died: a minute old and still unfinished."""
    waiting = (
        ImportJob.objects.filter(
            state__in=[ImportState.CHECKING, ImportState.IMPORTING],
            uploaded_at__lt=timezone.now() - timedelta(minutes=1),
        )
        .select_related("carrier")
        .order_by("pk")
    )
    for job in waiting:
        try:
            imports.run(job=job, by=WORKER, at=timezone.now())
        except Exception:
            # What is wrong with one file keeps no other carrier's waiting.
            log.exception("import_not_resumed", job=job.pk)
    return len(waiting)


@shared_task(name="trustedtruck.carriers.tasks.send_webhooks")
def send_webhooks(**_later_arguments: object) -> int:
    return webhooks.send_due(at=timezone.now())


@shared_task(name="trustedtruck.carriers.tasks.watch_deadlines")
def watch_deadlines(**_later_arguments: object) -> dict[str, int]:
    """Lapse what is past its time, warn of what will be."""
    return deadlines.watch(by=BEAT, at=timezone.now())
