"""Telling a carrier's own system of each decision, apart from the decision itself.

The lanes know nothing of webhooks: a gate must never wait for them. This reads what was decided
since the last look and queues a message for each address that listens.
"""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import override

from lanes.models import Assignment
from lanes.reasons import for_carriers, reason_text
from trustedtruck.carriers.models import WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.services.notify import wake
from trustedtruck.carriers.topics import Topic
from trustedtruck.core.fields import instant

AT_ONCE = 500
# A decision may be committed a little after another with a later time.
OVERLAP = timedelta(seconds=30)


def announce(*, at: datetime) -> int:
    """Queue a message for each new decision at each address that listens; how many."""
    endpoints = WebhookEndpoint.objects.filter(
        ended_at__isnull=True, topics__contains=[Topic.CROSSINGS]
    )
    made = sum(_announce_to(endpoint, at) for endpoint in endpoints)
    if made:
        wake()
    return made


@transaction.atomic
def _announce_to(endpoint: WebhookEndpoint, at: datetime) -> int:
    """The unique message id of an arrival makes a second look, or a second worker, harmless."""
    told = endpoint.deliveries.filter(topic=Topic.CROSSINGS).aggregate(last=Max("created_at"))
    since = (told["last"] or endpoint.added_at) - OVERLAP
    rows = (
        Assignment.objects.filter(carrier_id=endpoint.carrier_id, decided_at__gt=since)
        .filter(decided_at__gte=endpoint.added_at)
        .select_related("lane", "truck")
        .order_by("decided_at")[:AT_ONCE]
    )
    wanted = {_message_id(row): row for row in rows}
    known = set(
        endpoint.deliveries.filter(message_id__in=wanted).values_list("message_id", flat=True)
    )
    new = [
        WebhookDelivery(
            endpoint=endpoint,
            message_id=message_id,
            topic=Topic.CROSSINGS,
            body=_body(row),
            next_attempt_at=at,
            # The cursor of the next look: the decision's own time, not the clock's.
            created_at=row.decided_at,
        )
        for message_id, row in wanted.items()
        if message_id not in known
    ]
    WebhookDelivery.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _message_id(row: Assignment) -> str:
    return f"msg_{row.arrival_id.hex}"


def _body(row: Assignment) -> str:
    """As the lane-assignment API words an answer, in English."""
    with override("en"):
        data = {
            "arrival": str(row.arrival_id),
            "port": row.port_id,
            "truck": row.truck.number if row.truck else None,
            "route": row.route,
            "lane": row.lane.code if row.lane else None,
            "reasons": [
                {"code": code, "text": str(reason_text(code))} for code in for_carriers(row.reasons)
            ],
            "decided_at": instant(row.decided_at),
        }
        kind = f"{Topic.CROSSINGS}.decided"
        return json.dumps({"type": kind, "timestamp": instant(row.decided_at), "data": data})
