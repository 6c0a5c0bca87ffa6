"""Filings as they come in: looked at now, and kept for the alerts that come later."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from trustedtruck.alerts.kinds import Value
from trustedtruck.alerts.models import Filing, Hit
from trustedtruck.alerts.queries.matching import Known, look
from trustedtruck.alerts.services.hits import Met, record_hits
from trustedtruck.audit.actors import Actor

KEPT = timedelta(days=30)


@transaction.atomic
def screen_filing(
    *,
    ref: str,
    port_code: str,
    scac: str,
    values: Iterable[Value],
    open: bool,
    by: Actor,
    at: datetime,
) -> list[Hit]:
    """Keep what a filing says now, and write the hits of the alerts in force. The new hits.

    Called in the transaction that puts the filing on file: there is none that nobody looked at.
    """
    known = Known(frozenset(values), scac)
    Filing.objects.update_or_create(
        ref=ref,
        defaults={
            "port_code": port_code,
            "scac": scac,
            "values": sorted(list(value) for value in known.values),
            "open": open,
            "screened_at": at,
        },
    )
    if not open:
        return []
    found = look({ref: known})[ref]
    met = [Met(match, Hit.Subject.TRIP, ref, port_code) for match in found.matches]
    return record_hits(met=met, by=by, at=at)


def close_filing(*, ref: str) -> None:
    """The trip is over: new alerts no longer look at it."""
    Filing.objects.filter(ref=ref).update(open=False)


def forget_filings(*, at: datetime) -> int:
    """Drop what filings said once they are over for a while; the filings themselves stay."""
    return Filing.objects.filter(open=False, screened_at__lt=at - KEPT).delete()[0]
