"""Scans as those who read them need them."""

import uuid
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from lanes.inspections.models import Scan

EARLIER = 6


def scan_of(port_code: str, scan_id: uuid.UUID, *, only: Q) -> Scan | None:
    """With all that its page shows, where it is among those that `only` says."""
    rows = Scan.objects.select_related("inspection__assignment__arrival", "station", "port")
    return (
        rows.prefetch_related("images", "verdicts").filter(only, port=port_code, pk=scan_id).first()
    )


def earlier_of(scan: Scan, *, only: Q) -> QuerySet[Scan]:
    """Earlier scans of the same trailer, at whatever port, the newest first."""
    rows = Scan.objects.select_related("port", "station").prefetch_related("images", "verdicts")
    if not scan.trailers:
        return rows.none()
    older = rows.filter(only, trailers__overlap=scan.trailers, received_at__lt=scan.received_at)
    return older.exclude(pk=scan.pk).order_by("-received_at")[:EARLIER]


def unread_by(ports: Sequence[str], reader: str) -> QuerySet[Scan]:
    """Scans that wait for this reader: all pictures here, no final verdict, none of the own."""
    rows = Scan.objects.filter(port__in=ports, inspection__closed_at__isnull=True)
    return (
        rows.exclude(images__received_at__isnull=True)
        .exclude(verdicts__final=True)
        .exclude(verdicts__given_by=reader)
    )
