"""What officers were told, after they have read it; where people were signed in from."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.utils.translation import gettext_lazy as _

from trustedtruck.accounts.models import OfficerNotice
from trustedtruck.audit.retention import Kind, delete_some


def _notices(before: datetime, limit: int) -> int:
    return delete_some(OfficerNotice.objects.filter(at__lt=before), limit)


def _sessions(before: datetime, limit: int) -> int:
    return delete_some(UserSession.objects.filter(last_seen_at__lt=before), limit)


KINDS = [
    Kind("notices", _("Notices to officers go; the audit keeps what they told of."), _notices),
    Kind("sessions", _("Addresses from which people were signed in go."), _sessions),
]
