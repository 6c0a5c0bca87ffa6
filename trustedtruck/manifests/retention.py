"""Who was aboard, and the messages that said so, once the trip is long over."""

from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.retention import Kind, delete_some
from trustedtruck.core.sealed import may_tend_sealed
from trustedtruck.manifests.models import CrewMember, Submission, Version

_OVER = ("arrived", "cancelled")


def _aboard(before: datetime, limit: int) -> int:
    over = Q(trip__arrived_at__lt=before) | Q(trip__cancelled_at__lt=before)
    return delete_some(CrewMember.objects.filter(over, trip__state__in=_OVER), limit)


def _documents(before: datetime, limit: int) -> int:
    """Versions are never changed but for this: the digest of what was filed stays as evidence."""
    rows = Version.objects.filter(filed_at__lt=before, document__isnull=False)
    found = list(rows.values_list("pk", flat=True)[:limit])
    with connection.cursor() as cursor:
        may_tend_sealed(cursor)
    return Version.objects.filter(pk__in=found).update(document=None)


def _messages(before: datetime, limit: int) -> int:
    return delete_some(Submission.objects.filter(finished_at__lt=before), limit)


KINDS = [
    Kind("aboard", _("Who was aboard goes; the trip, its goods and seals stay."), _aboard),
    Kind(
        "filings",
        _("The text of a filed manifest goes; its digest and the trip stay."),
        _documents,
    ),
    Kind("messages", _("Messages as they came in go; what they filed stays."), _messages),
]
