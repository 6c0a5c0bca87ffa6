"""Telling officers: a row for each one's list in the console, and mail for what is urgent."""

from collections.abc import Collection
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import override

from trustedtruck.accounts import notices
from trustedtruck.accounts.models import OfficerNotice, User
from trustedtruck.accounts.roles import ROLES, Permission
from trustedtruck.audit.actors import Actor
from trustedtruck.core.work import after_commit

log = structlog.get_logger(__name__)
MOST_MAILED_AT_ONCE = 200


def who_may(permission: Permission, *, port_code: str = "", agency: str = "") -> QuerySet[User]:
    """Officers at work who hold the permission; with a port or an agency, those who work there."""
    roles = [role.value for role, found in ROLES.items() if permission in found.permissions]
    officers = User.objects.filter(is_active=True, roles__overlap=roles)
    here = Q(ports__contains=[port_code]) if port_code else Q()
    return officers.filter(here | Q(agency=agency) if agency else here)


def tell_officers(
    code: str,
    *,
    permission: Permission,
    at: datetime,
    port_code: str = "",
    agency: str = "",
    kept_from: Collection[str] = (),
    path: str = "",
    by: Actor | None = None,
    **data: Any,
) -> int:
    """Tell everybody who holds `permission` (at the port, or of the agency wherever its officers
    work), within the change that it tells of; nobody of the agencies that it is kept from.

    The words are `notices.WORDS[code]`, filled from `data`; `path` is the page in the console where
    the matter waits. Whoever caused it (`by`) is not told. Mail follows the commit. The count told.
    """
    urgent = notices.WORDS[code].urgent
    officers = [
        officer
        for officer in who_may(permission, port_code=port_code, agency=agency)
        if officer.agency_id not in kept_from and (by is None or str(officer.actor) != str(by))
    ]
    OfficerNotice.objects.bulk_create(
        OfficerNotice(
            officer=officer,
            code=code,
            data=data,
            path=path,
            port_code=port_code,
            at=at,
            mail_due=bool(officer.email) and officer.wants_mail(urgent=urgent),
        )
        for officer in officers
    )
    after_commit("trustedtruck.accounts.tasks.mail_officers")
    return len(officers)


@transaction.atomic
def mark_read(*, officer: User, at: datetime, up_to: int) -> int:
    """The officer has seen the list as it stood, up to the notice with this id."""
    unread = OfficerNotice.objects.filter(officer=officer, read_at__isnull=True, pk__lte=up_to)
    return unread.update(read_at=at)


@transaction.atomic
def choose_mail(*, officer: User, choice: str) -> None:
    """Which notices also come by e-mail: a value of `User.Mail`."""
    officer.notices_by_mail = choice
    officer.save(update_fields=["notices_by_mail"])


def mail_due(*, at: datetime) -> int:
    """Send what is due, each in its officer's language; a mail that fails stays due."""
    sent = 0
    while sent < MOST_MAILED_AT_ONCE and _mail_one(at):
        sent += 1
    return sent


@transaction.atomic
def _mail_one(at: datetime) -> bool:
    due = OfficerNotice.objects.filter(mail_due=True, mailed_at__isnull=True)
    found = (
        due.select_for_update(of=["self"], skip_locked=True)
        .select_related("officer")
        .order_by("pk")
        .first()
    )
    if found is None:
        return False
    officer = found.officer
    if officer.is_active and officer.email:
        _be_patient()
        try:
            _mail(found).send()
        except SMTPRecipientsRefused as error:
            # It would be refused again, and those behind it wait: the console has the notice.
            log.error("mail_refused", notice=found.pk, error=str(error))
    found.mailed_at = at
    found.save(update_fields=["mailed_at"])
    return True


def _be_patient() -> None:
    """A mail server may take longer than a transaction may usually stand idle; the mail would go
    out again and again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")


def _mail(notice: OfficerNotice) -> EmailMessage:
    with override(notice.officer.language):
        lines = [notice.body, f"{settings.BASE_URL}{notice.path}" if notice.path else ""]
        return EmailMessage(
            f"TrustedTruck: {notice.title}",
            "\n\n".join(line for line in lines if line),
            to=[notice.officer.email],
        )
