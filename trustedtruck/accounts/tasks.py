"""What Celery runs for the accounts: mail."""

from collections.abc import Sequence
from smtplib import SMTPException

from celery import shared_task
from django.core.mail import EmailMessage


@shared_task(
    name="trustedtruck.accounts.tasks.send_mail",
    autoretry_for=(OSError, SMTPException),
    retry_backoff=30,
    max_retries=8,
)
def send_mail(*, to: Sequence[str], subject: str, body: str, **_later_arguments: object) -> None:
    EmailMessage(subject, body, to=list(to)).send()
