"""Hits on arrivals: of the alerts that a decision met, and of those that came after it."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from lanes import queries
from lanes.models import Alarm, Assignment
from lanes.queries.subjects import alerts_now
from lanes.services.alarms import raise_alarm
from trustedtruck.alerts.models import Alert, Hit
from trustedtruck.alerts.queries.alerts import unmatched
from trustedtruck.alerts.services.hits import Met, record_hits
from trustedtruck.audit.actors import Actor, system

log = structlog.get_logger(__name__)
# A truck that nobody saw leave is taken to be here for so long.
HERE = timedelta(hours=12)
LATELY = timedelta(minutes=30)
BATCH = 64
MET = ("alert_matches", "alert_possible")


def note_decided(arrival_ids: Iterable[uuid.UUID], *, port_code: str) -> None:
    """Write the hits of decisions just made. Whatever goes wrong here is made good by `catch_up`.

    The gate has its answer already: nothing of it may hang on this.
    """
    ids = list(arrival_ids)
    if not ids:
        return
    try:
        write_hits(ids, port_code=port_code, by=system("worker"), at=timezone.now())
    except Exception:
        log.exception("hits_not_written", arrivals=[str(i) for i in ids])


@transaction.atomic
def write_hits(
    arrival_ids: Iterable[uuid.UUID], *, port_code: str, by: Actor, at: datetime
) -> list[Hit]:
    """Hits of the alerts in force on these arrivals. Those that are new."""
    standing = alerts_now(queries.reported(arrival_ids))
    met = [
        Met(match, Hit.Subject.ARRIVAL, str(arrival_id), port_code)
        for arrival_id, stand in standing.items()
        for match in stand.looked.matches
    ]
    return record_hits(met=met, by=by, at=at)


def catch_up(*, by: Actor, at: datetime) -> int:
    """Write the hits of decisions whose worker died before it could."""
    rows = Assignment.objects.filter(decided_at__gt=at - LATELY, reasons__overlap=list(MET))
    found = {str(pk): port for pk, port in rows.values_list("pk", "port_id")}
    known = Hit.objects.filter(subject_kind=Hit.Subject.ARRIVAL, ref__in=found)
    missing = found.keys() - set(known.values_list("ref", flat=True))
    for ref in missing:
        write_hits([uuid.UUID(ref)], port_code=found[ref], by=by, at=at)
    return len(missing)


def match_arrivals(*, by: Actor, at: datetime) -> int:
    """Look again at every truck that is here, where there are new alerts. How many new hits.

    Each is an alarm at its port, for the truck is past its decision.
    """
    new = list(unmatched(at).values_list("pk", "version"))
    if not new:
        return 0
    total = 0
    for port_code, ids in _here(at):
        for first in range(0, len(ids), BATCH):
            some = ids[first : first + BATCH]
            with transaction.atomic():
                made = write_hits(some, port_code=port_code, by=by, at=at)
                _raise_alarms(made, by, at)
            total += len(made)
    for pk, version in new:
        Alert.objects.filter(pk=pk, version=version).update(matched_at=at)
    return total


def _here(at: datetime) -> Iterator[tuple[str, list[uuid.UUID]]]:
    """Trucks with a lane that have not left, by port."""
    rows = (
        Assignment.objects.filter(decided_at__gt=at - HERE)
        .exclude(arrival__passages__point="exit")
        .order_by("port_id", "decided_at")
        .values_list("port_id", "pk")
    )
    ports: dict[str, list[uuid.UUID]] = {}
    for port_code, pk in rows:
        ports.setdefault(port_code, []).append(pk)
    yield from ports.items()


def _raise_alarms(hits: Iterable[Hit], by: Actor, at: datetime) -> None:
    for hit in hits:
        raise_alarm(
            kind=Alarm.Kind.ALERT,
            arrival_id=uuid.UUID(hit.ref),
            port_code=hit.port_code,
            data={"alert": str(hit.alert.public_id), "close": hit.close},
            by=by,
            at=at,
        )
