"""What Celery runs for the accounts: mail."""

from collections.abc import Sequence
from smtplib import SMTPException

from celery import shared_task
from django.core.mail import EmailMessage
from django.utils import timezone

from trustedtruck.accounts import notify, signatures


@shared_task(
    name="trustedtruck.accounts.tasks.send_mail",
    autoretry_for=(OSError, SMTPException),
    retry_backoff=30,
    max_retries=8,
)
def send_mail(*, to: Sequence[str], subject: str, body: str, **_later_arguments: object) -> None:
    EmailMessage(subject, body, to=list(to)).send()


@shared_task(name="trustedtruck.accounts.tasks.mail_officers")
def mail_officers(**_later_arguments: object) -> int:
    """Notices that are due by e-mail; what fails stays due, and beat asks again each minute."""
    return notify.mail_due(at=timezone.now())


@shared_task(name="trustedtruck.accounts.tasks.forget_nonces")
def forget_nonces(**_later_arguments: object) -> int:
    """Drop what no signature can be replayed with any more. By beat, every minute."""
    return signatures.forget_nonces(at=timezone.now())
