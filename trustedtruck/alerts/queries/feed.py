"""What a partner may read now: its releases, by agreements that are still in force."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from trustedtruck.alerts.marks import RELEASABLE
from trustedtruck.alerts.models import Partner, Release
from trustedtruck.core.sealing import unseal


def readable(partner: Partner, at: datetime) -> QuerySet[Release]:
    """Checked at every reading: the mark, and that the agreement still holds. Recalls always."""
    holds = (
        Q(agreement__ended_at__isnull=True)
        & Q(agreement__valid_from__lte=at)
        & (Q(agreement__valid_until__isnull=True) | Q(agreement__valid_until__gt=at))
        & Q(mark__in=[mark.value for mark in RELEASABLE])
    )
    return Release.objects.filter(
        Q(kind=Release.Kind.RECALL) | holds, partner=partner, gone_at__isnull=True
    )


def page(partner: Partner, *, after: int, limit: int, at: datetime) -> list[Release]:
    """The next releases after a cursor, in order."""
    return list(readable(partner, at).filter(seq__gt=after).order_by("seq")[:limit])


_RAW = """
SELECT r.seq, r.payload FROM alerts_release r JOIN alerts_agreement a ON a.id = r.agreement_id
WHERE r.partner_id = %s AND r.seq > %s AND r.gone_at IS NULL
  AND (r.kind = 'recall' OR (
       a.ended_at IS NULL AND a.valid_from <= %s AND (a.valid_until IS NULL OR a.valid_until > %s)
       AND r.mark = ANY(%s)))
ORDER BY r.seq LIMIT %s
"""


def raw_page(
    partner: Partner, *, after: int, limit: int, at: datetime
) -> tuple[int | None, Iterable[str]]:
    """The same as `page`, as text: (the last cursor, the copies as JSON). For large feeds."""
    marks = [mark.value for mark in RELEASABLE]
    with connection.cursor() as cursor:
        cursor.execute(_RAW, [partner.pk, after, at, at, marks, limit])
        rows = cursor.fetchall()
    return (rows[-1][0] if rows else None), [unseal(row[1]) for row in rows]
