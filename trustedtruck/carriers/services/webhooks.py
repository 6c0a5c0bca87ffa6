"""Webhooks by the Standard Webhooks specification: signed, retried, replayed, and never inwards."""

import base64
import ipaddress
import secrets
import socket
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from standardwebhooks.webhooks import Webhook

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.notify import tell
from trustedtruck.carriers.services.posting import Posted, post
from trustedtruck.core.sealing import seal, unseal

# After each failure; the last one is followed by giving up.
DELAYS = tuple(
    timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
BATCH = 50


@transaction.atomic
def add_endpoint(
    *, carrier: Carrier, url: str, topics: list[str], by: Actor, at: datetime
) -> tuple[WebhookEndpoint, str]:
    """Returns the endpoint and its signing secret, which is shown this once.

    Raises `Invalid` for an address that is not https, or that leads into a private network.
    """
    entries = Entries()
    url = url.strip()
    if refusal := refuse_address(url):
        entries.wrong("url", "webhook_address", refusal)
    if not topics:
        entries.wrong("topics", "required", _("Choose at least one topic."))
    entries.done()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    endpoint = WebhookEndpoint(
        carrier=carrier,
        url=url,
        topics=topics,
        sealed_secret=seal(secret),
        added_by=str(by),
        added_at=at,
    )
    insert(endpoint.save)
    audit.record(
        "webhook.added",
        by=by,
        subject_kind="webhook",
        subject_id=endpoint.pk,
        data={"carrier": carrier.pk, "url": url, "topics": topics},
    )
    return endpoint, secret


@transaction.atomic
def end_endpoint(*, endpoint: WebhookEndpoint, by: Actor, at: datetime) -> None:
    endpoint.ended_by, endpoint.ended_at = str(by), at
    endpoint.save(update_fields=["ended_by", "ended_at"])
    endpoint.deliveries.filter(state=WebhookDelivery.State.WAITING).update(
        state=WebhookDelivery.State.FAILED, next_attempt_at=None
    )
    audit.record(
        "webhook.ended",
        by=by,
        subject_kind="webhook",
        subject_id=endpoint.pk,
        data={"carrier": endpoint.carrier_id},
    )


@transaction.atomic
def send_test(*, carrier: Carrier, by: Actor, at: datetime) -> None:
    tell("webhook_test", carrier=carrier, at=at, path="/portal/integration/")


def refuse_address(url: str) -> str:
    """Why an address is not taken, empty when it is. Names are resolved now and at each sending."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        return str(_("This is no web address."))
    if parts.scheme != "https" and not settings.WEBHOOKS_ALLOW_PRIVATE:
        return str(_("The address must begin with https://."))
    if not host or parts.username or parts.password:
        return str(_("This is no web address."))
    try:
        addresses = resolve(host, port)
    except OSError:
        return str(_("There is no such host."))
    if not addresses:
        return str(_("This address lies in a private network, where we send nothing."))
    return ""


def resolve(host: str, port: int) -> list[str]:
    """The public addresses of a host; an empty list as soon as one of them is not public."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if settings.WEBHOOKS_ALLOW_PRIVATE:
        return sorted(found)
    return sorted(found) if all(_is_public(address) for address in found) else []


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not (mapped or ip).is_multicast


def send_due(*, at: datetime) -> int:
    """Send what is due, each row claimed by itself: a slow receiver keeps nobody else's waiting."""
    sent = 0
    while sent < BATCH and (delivery := _claim(at)) is not None:
        _settle(delivery, _send(delivery, at), at)
        sent += 1
    return sent


@transaction.atomic
def _claim(at: datetime) -> WebhookDelivery | None:
    delivery = (
        WebhookDelivery.objects.select_for_update(of=["self"], skip_locked=True)
        .select_related("endpoint")
        .filter(state=WebhookDelivery.State.WAITING, next_attempt_at__lte=at)
        .order_by("next_attempt_at")
        .first()
    )
    if delivery is None:
        return None
    delivery.attempts += 1
    # The time of the next try is set before this one: a worker that dies has lost nothing.
    delivery.next_attempt_at = at + DELAYS[min(delivery.attempts, len(DELAYS)) - 1]
    delivery.save(update_fields=["attempts", "next_attempt_at"])
    return delivery


def _send(delivery: WebhookDelivery, at: datetime) -> Posted:
    parts = urlsplit(delivery.endpoint.url)
    try:
        addresses = resolve(parts.hostname or "", parts.port or 443)
    except OSError as error:
        return Posted(None, str(error))
    if not addresses:
        return Posted(None, "the address lies in a private network")
    secret = unseal(delivery.endpoint.sealed_secret)
    signature = Webhook(secret).sign(delivery.message_id, at, delivery.body)
    return post(
        delivery.endpoint.url,
        addresses[0],
        delivery.body.encode(),
        {
            "content-type": "application/json",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        },
    )


@transaction.atomic
def _settle(delivery: WebhookDelivery, posted: Posted, at: datetime) -> None:
    state = WebhookDelivery.State
    delivery.last_status, delivery.last_error = posted.status, posted.error[:200]
    if posted.status is not None and 200 <= posted.status < 300:
        delivery.state, delivery.next_attempt_at = state.DELIVERED, None
    elif delivery.attempts >= len(DELAYS) or posted.status == 410:
        delivery.state, delivery.next_attempt_at = state.FAILED, None
    delivery.save(update_fields=["state", "next_attempt_at", "last_status", "last_error"])
