"""The webhooks of carriers: signed, retried, replayed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier, WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.notify import tell
from trustedtruck.core.posting import Posted
from trustedtruck.core.sealing import seal
from trustedtruck.core.webhooks import DELAYS, new_secret, refuse_address, send_signed

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
    secret = new_secret()
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
    """Send nothing more there, not even what waits."""
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
    """To each address of the carrier, whatever it listens to."""
    page = "/portal/integration/"
    tell("webhook_test", carrier=carrier, at=at, path=page, every_webhook=True)


def send_due(*, at: datetime) -> int:
    """Send what is due, each row claimed by itself: a slow receiver keeps nobody else's waiting."""
    sent = 0
    while sent < BATCH and (delivery := _claim(at)) is not None:
        endpoint = delivery.endpoint
        _settle(
            delivery,
            send_signed(endpoint.url, endpoint.sealed_secret, delivery.message_id, delivery.body),
        )
        sent += 1
    return sent


@transaction.atomic
def _claim(at: datetime) -> WebhookDelivery | None:
    delivery = (
        WebhookDelivery.objects.select_for_update(of=["self"], skip_locked=True)
        .select_related("endpoint")
        .filter(
            state=WebhookDelivery.State.WAITING,
            next_attempt_at__lte=at,
            endpoint__ended_at__isnull=True,
        )
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


@transaction.atomic
def _settle(delivery: WebhookDelivery, posted: Posted) -> None:
    state = WebhookDelivery.State
    # While it was sent, its address may have been ended: what was given up stays so.
    delivery = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    delivery.last_status, delivery.last_error = posted.status, posted.error[:200]
    if posted.status is not None and 200 <= posted.status < 300:
        delivery.state, delivery.next_attempt_at = state.DELIVERED, None
    elif delivery.state == state.WAITING and (
        delivery.attempts >= len(DELAYS) or posted.status == 410
    ):
        delivery.state, delivery.next_attempt_at = state.FAILED, None
    delivery.save(update_fields=["state", "next_attempt_at", "last_status", "last_error"])
