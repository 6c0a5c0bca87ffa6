"""Telling a carrier's own system of each decision, apart from the decision itself.

The lanes know nothing of webhooks: a gate must never wait for them. This reads what was decided
and ordered since the last look and queues a message for each address that listens.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import override

from lanes.models import Assignment, Override, Redirection
from lanes.reasons import for_carriers, own_words, reason_text
from trustedtruck.carriers.models import WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.services.notify import wake
from trustedtruck.carriers.topics import Topic
from trustedtruck.core.fields import instant

AT_ONCE = 500
# A decision may be committed a little after another with a later time.
OVERLAP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _News:
    """One thing to tell; its id is made from what it tells of, so that it is told once."""

    message_id: str
    at: datetime
    event: str
    data: dict[str, Any]


def announce(*, at: datetime) -> int:
    """Queue a message for each decision, override and redirection at each address that listens.

    How many were new.
    """
    endpoints = WebhookEndpoint.objects.filter(
        ended_at__isnull=True, topics__contains=[Topic.CROSSINGS]
    )
    made = sum(_announce_to(endpoint, at) for endpoint in endpoints)
    if made:
        wake()
    return made


@transaction.atomic
def _announce_to(endpoint: WebhookEndpoint, at: datetime) -> int:
    """The unique message id makes a second look, or a second worker, harmless."""
    with override("en"):
        news = [
            one
            for event, read in _KINDS.items()
            for one in read(endpoint, _since(endpoint, event, at))
        ]
    known = set(
        endpoint.deliveries.filter(message_id__in=[n.message_id for n in news]).values_list(
            "message_id", flat=True
        )
    )
    new = [
        WebhookDelivery(
            endpoint=endpoint,
            message_id=one.message_id,
            topic=Topic.CROSSINGS,
            body=_body(one),
            next_attempt_at=at,
            # The cursor of the next look: the event's own time, not the clock's.
            created_at=one.at,
        )
        for one in news
        if one.message_id not in known
    ]
    WebhookDelivery.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _since(endpoint: WebhookEndpoint, event: str, at: datetime) -> datetime:
    """What came later may not have been told yet. Each kind has a cursor of its own.

    Messages are purged in time, and the cursor with them: what is as old as that was told long ago.
    """
    kept = at - timedelta(days=settings.RETENTION_DAYS["deliveries"])
    told = endpoint.deliveries.filter(
        topic=Topic.CROSSINGS, message_id__regex=f"^{_PREFIXES[event]}[0-9a-f]+$"
    ).aggregate(last=Max("created_at"))
    # Nothing of before the address listened.
    return max((told["last"] or endpoint.added_at) - OVERLAP, endpoint.added_at, kept)


def _decided(endpoint: WebhookEndpoint, since: datetime) -> list[_News]:
    rows = (
        Assignment.objects.filter(carrier_id=endpoint.carrier_id, decided_at__gte=since)
        .select_related("lane", "truck")
        .defer("facts")
        .order_by("decided_at")[:AT_ONCE]
    )
    return [
        _News(
            _id("decided", row.pk.hex),
            row.decided_at,
            "decided",
            _truck(row)
            | {
                "route": row.route,
                "lane": row.lane.code if row.lane else None,
                "reasons": _reasons(row.reasons),
                "decided_at": instant(row.decided_at),
            },
        )
        for row in rows
    ]


def _overridden(endpoint: WebhookEndpoint, since: datetime) -> list[_News]:
    """As an officer ordered it. Why stays with the officers, but for what the system ordered."""
    rows = (
        Override.objects.filter(
            arrival__assignment__carrier=endpoint.carrier_id, effective_at__gte=since
        )
        .select_related("lane", "arrival__assignment__truck")
        .order_by("effective_at")[:AT_ONCE]
    )
    found = []
    for row in rows:
        decision = row.arrival.assignment
        at = row.effective_at
        assert at is not None  # noqa: S101 - filtered by it
        data = _truck(decision) | {
            "route": row.route,
            "lane": row.lane.code if row.lane else None,
            "reasons": _reasons([f"overridden_to_{row.route}"]),
            "override": {
                "at": instant(at),
                "expires_at": instant(row.expires_at),
                "reason": own_words(row.reason) or None,
                "decided_route": decision.route,
                "decided_reasons": _reasons(decision.reasons),
            },
        }
        found.append(_News(_id("overridden", str(row.pk)), at, "overridden", data))
    return found


def _redirected(endpoint: WebhookEndpoint, since: datetime) -> list[_News]:
    rows = (
        Redirection.objects.filter(
            arrival__assignment__carrier=endpoint.carrier_id, redirected_at__gte=since
        )
        .select_related("lane", "from_lane", "arrival__assignment__truck")
        .order_by("redirected_at")[:AT_ONCE]
    )
    return [
        _News(
            _id("redirected", str(row.pk)),
            row.redirected_at,
            "redirected",
            _truck(row.arrival.assignment)
            | {
                "route": row.route,
                "lane": row.lane.code,
                "redirection": {
                    "at": instant(row.redirected_at),
                    "from_lane": row.from_lane.code,
                    "why": {"code": row.why, "text": row.get_why_display()},
                },
            },
        )
        for row in rows
    ]


_KINDS: dict[str, Callable[[WebhookEndpoint, datetime], list[_News]]] = {
    "decided": _decided,
    "overridden": _overridden,
    "redirected": _redirected,
}


# What follows is hexadecimal, so that none is the beginning of another.
_PREFIXES = {
    "decided": "msg_",
    "overridden": "msg_overridden_",
    "redirected": "msg_redirected_",
}


def _id(event: str, of: str) -> str:
    return _PREFIXES[event] + of


def _truck(row: Assignment) -> dict[str, Any]:
    return {
        "arrival": str(row.pk),
        "port": row.port_id,
        "truck": row.truck.number if row.truck else None,
    }


def _reasons(codes: list[str]) -> list[dict[str, str]]:
    """As the lane-assignment API words them, in English."""
    return [{"code": code, "text": str(reason_text(code))} for code in for_carriers(codes)]


def _body(news: _News) -> str:
    kind = f"{Topic.CROSSINGS}.{news.event}"
    return json.dumps({"type": kind, "timestamp": instant(news.at), "data": news.data})
