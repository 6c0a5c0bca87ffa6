"""Telling a carrier: a row for its page, mail to its people, messages to its webhooks.

And telling officers what waits for them with it.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from trustedtruck.accounts.notify import tell_officers
from trustedtruck.accounts.roles import Permission
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import (
    Application,
    Carrier,
    Notice,
    WebhookDelivery,
    WebhookEndpoint,
)
from trustedtruck.carriers.notices import WORDS
from trustedtruck.core.work import after_commit


def tell(
    code: str,
    *,
    carrier: Carrier,
    at: datetime,
    path: str = "",
    every_webhook: bool = False,
    **data: Any,
) -> Notice:
    """Write one notice within the change that it tells of; mail and webhooks follow its commit.

    Webhooks that listen to its topic get it, or `every_webhook` of the carrier.
    """
    topic = WORDS[code][0]
    notice = Notice.objects.create(
        carrier=carrier, topic=topic, code=code, data=data, path=path, at=at
    )
    endpoints = WebhookEndpoint.objects.filter(carrier=carrier, ended_at__isnull=True)
    if not every_webhook:
        endpoints = endpoints.filter(topics__contains=[topic])
    _enqueue(endpoints, notice)
    after_commit("trustedtruck.carriers.tasks.mail_notice", notice_id=notice.pk)
    wake()
    return notice


def tell_reviewers(
    code: str,
    application: Application,
    *,
    at: datetime,
    permission: Permission = Permission.ENROLMENT_WRITE,
    by: Actor | None = None,
    **data: Any,
) -> None:
    """Officers whose turn it is with an application; `permission` is whom it concerns."""
    tell_officers(
        code,
        permission=permission,
        at=at,
        path=f"/console/enrolment/applications/{application.public_id}/",
        by=by,
        carrier=application.carrier.legal_name,
        **data,
    )


def _enqueue(endpoints: Iterable[WebhookEndpoint], notice: Notice) -> None:
    """One waiting delivery for each of these."""
    body = json.dumps(
        {
            "type": f"{notice.topic}.{notice.code}",
            "timestamp": notice.at.isoformat(),
            "data": notice.data,
        },
        ensure_ascii=False,
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            message_id=f"msg_{notice.public_id.hex}",
            topic=notice.topic,
            body=body,
            next_attempt_at=notice.at,
            created_at=notice.at,
        )
        for endpoint in endpoints
    )


def replay(*, delivery: WebhookDelivery, at: datetime) -> None:
    """Send a message once more, under its old id: the receiver may recognise it."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.WAITING,
        next_attempt_at=at,
        attempts=0,
        last_error="",
    )
    wake()


def wake() -> None:
    """Ask a worker to send what waits; beat asks again each minute in any case."""
    after_commit("trustedtruck.carriers.tasks.send_webhooks")
