"""Sending releases to partners' inboxes: in order, signed, tried again, one partner by itself."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from trustedtruck.alerts.models import Partner, Release
from trustedtruck.alerts.queries.feed import readable
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import system
from trustedtruck.core.fields import instant
from trustedtruck.core.posting import Posted
from trustedtruck.core.webhooks import DELAYS, send_signed

AT_ONCE = 200
# How long a sender may take before another takes its place.
LEASE = timedelta(minutes=5)


Clock = Callable[[], datetime]


def push_due(*, at: datetime) -> int:
    """Send to every partner what it has not confirmed yet. How many messages were confirmed.

    One slow inbox takes minutes: what comes after it is signed at its own time, not at `at`.
    """
    begun = time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=time.monotonic() - begun)

    sent = 0
    tried: set[str] = set()
    while (partner := _claim(now(), tried)) is not None:
        tried.add(partner.pk)
        sent += _push(partner, now)
    return sent


@transaction.atomic
def _claim(at: datetime, tried: set[str]) -> Partner | None:
    waiting = Release.objects.filter(
        partner=OuterRef("pk"), seq__gt=OuterRef("pushed"), gone_at__isnull=True
    )
    partner = (
        Partner.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(~Q(inbox_url=""), Exists(waiting))
        .filter(Q(next_push_at__isnull=True) | Q(next_push_at__lte=at))
        .exclude(pk__in=tried)
        .order_by("next_push_at", "pk")
        .first()
    )
    if partner is not None:
        partner.next_push_at = at + LEASE
        partner.save(update_fields=["next_push_at"])
    return partner


def _push(partner: Partner, now: Clock) -> int:
    """A failure ends the turn: what comes later may answer what was not received.

    What was recalled, or whose agreement ended, while others were sent is not sent any more.
    """
    sent = 0
    rows = readable(partner, now()).filter(seq__gt=partner.pushed).order_by("seq")
    for seq in list(rows.values_list("seq", flat=True)[:AT_ONCE]):
        at = now()
        release = readable(partner, at).select_related("alert").filter(seq=seq).first()
        if release is None:
            continue
        posted = send_signed(
            partner.inbox_url,
            partner.sealed_secret,
            f"rel_{release.subject_id.hex}_{release.seq}",
            body_of(release),
        )
        if not _confirmed(posted):
            _settle_failure(partner, posted, at)
            return sent
        if posted.status is not None and posted.status >= 400:
            _note_refusal(release, posted, at)
        sent += 1
        Partner.objects.filter(pk=partner.pk).update(
            pushed=release.seq,
            push_failures=0,
            last_status=posted.status,
            last_error="",
            next_push_at=now() + LEASE,
        )
    Partner.objects.filter(pk=partner.pk).update(next_push_at=None)
    return sent


@transaction.atomic
def _note_refusal(release: Release, posted: Posted, at: datetime) -> None:
    """What the other side will not take is shown to the agency whose alert it is."""
    why = f"{posted.status} {_words_of(posted)}".strip()[:200]
    Release.objects.filter(pk=release.pk).update(refused_at=at, refused_why=why)
    alert = release.alert
    audit.record(
        "release.refused",
        by=system("push"),
        subject_kind="release",
        subject_id=release.pk,
        data={
            "alert": str(alert.public_id),
            "partner": release.partner_id,
            "kind": release.kind,
            "why": why,
        },
    )


def _words_of(posted: Posted) -> str:
    """The code and detail of its problem document (RFC 9457), where it sent one."""
    try:
        problem = json.loads(posted.body)
    except ValueError:
        return ""
    if not isinstance(problem, dict):
        return ""
    words = [problem.get(name) for name in ("code", "detail")]
    return " ".join(word for word in words if isinstance(word, str)).replace("\x00", "")


def body_of(release: Release) -> str:
    """What is sent: Standard Webhooks' three fields."""
    return json.dumps(
        {
            "type": f"alerts.{release.kind}",
            "timestamp": instant(release.released_at),
            "data": release.payload,
        }
    )


def _confirmed(posted: Posted) -> bool:
    """Taken, or refused for good: what the other side cannot take must not block what follows."""
    return posted.status is not None and (
        200 <= posted.status < 300 or posted.status in (400, 409, 413, 422)
    )


def _settle_failure(partner: Partner, posted: Posted, at: datetime) -> None:
    delay = DELAYS[min(partner.push_failures, len(DELAYS) - 1)]
    Partner.objects.filter(pk=partner.pk).update(
        push_failures=F("push_failures") + 1,
        next_push_at=at + delay,
        last_status=posted.status,
        last_error=posted.error[:200],
    )
