"""A partner with an agreement and a key, and what it sends."""

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from tests.alerts.writing import agency
from tests.cast import TESTER
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.alerts.models import Agreement, Partner
from trustedtruck.alerts.services.agreements import Terms, register_partner, sign_agreement
from trustedtruck.core.fields import instant

MEXICO = "MX-ANAM"


def terms(**changes: Any) -> Terms:
    usual = Terms(
        title="Exchange on narcotics",
        categories=["narcotics"],
        fields=["vehicle", "cargo", "carrier", "instruction"],
        max_mark="amber",
        accepts=[],
        valid_from=timezone.now() - timedelta(minutes=1),
        valid_until=None,
    )
    return usual._replace(**changes)


@dataclass
class Mexico:
    """The Mexican customs' system, as ours sees it: a key, a secret, and HTTP."""

    partner: Partner
    secret: str
    key: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def agree(self, **changes: Any) -> Agreement:
        return sign_agreement(
            partner=self.partner, terms=terms(**changes), by=TESTER, at=timezone.now()
        )

    def get(self, path: str, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.get(path, query, headers=headers)

    def feed(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.get("/api/v1/alerts/feed/", after=after)
        assert answer.status_code == 200, answer.content
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def send(self, body: Any, path: str = "messages/", kind: str = "application/json") -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.post(f"/api/v1/alerts/{path}", raw, content_type=kind, headers=headers)

    def sign(
        self, data: Any, *, message_id: str = "", secret: str = "", age: int = 0
    ) -> tuple[str, dict[str, str]]:
        """A body and the headers with which its system would send it."""
        body = json.dumps({"type": "alerts.x", "timestamp": "now", "data": data})
        at = timezone.now() - timedelta(seconds=age)
        message_id = message_id or f"msg_{uuid.uuid4().hex}"
        return body, {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(time.time()) - age),
            "webhook-signature": Webhook(secret or self.secret).sign(message_id, at, body),
        }

    def post_signed(self, body: str, headers: dict[str, str]) -> Any:
        return self.client.post(
            f"/api/v1/alerts/inbox/{MEXICO}/",
            body,
            content_type="application/json",
            headers=headers,
        )


def make_partner(code: str = MEXICO, country: str = "MX") -> Mexico:
    customs = agency(code, country)
    partner, secret = register_partner(agency=customs, by=TESTER, at=timezone.now())
    key = issue_key(
        scopes=[Scope.ALERTS_READ, Scope.ALERTS_WRITE],
        by=TESTER,
        at=timezone.now(),
        agency=customs,
    )
    return Mexico(partner, secret, key)


def warning(**changes: Any) -> dict[str, Any]:
    """A warning of the Mexican customs on Truck One's plate; None leaves a field out."""
    body: dict[str, Any] = {
        "kind": "warning",
        "id": "anam-2026-17",
        "version": 1,
        "owner": MEXICO,
        "mark": "amber",
        "category": "narcotics",
        "severity": "high",
        "valid_from": instant(timezone.now() - timedelta(minutes=1)),
        "valid_until": instant(timezone.now() + timedelta(days=30)),
        "criteria": [[{"kind": "plate", "value": "TX NPL81"}]],
    }
    return {k: v for k, v in (body | changes).items() if v is not None}


def feedback(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "feedback",
        "id": "anam-f-1",
        "version": 1,
        "owner": MEXICO,
        "mark": "green",
        "warning": "anam-2026-17",
        "result": "found",
        "sent_at": instant(timezone.now()),
    } | changes


def seizure(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "seizure",
        "id": "anam-s-1",
        "version": 1,
        "owner": MEXICO,
        "mark": "green",
        "feedback": "anam-f-1",
        "category": "narcotics",
        "quantity": "12.5",
        "unit": "kg",
        "seized_at": instant(timezone.now() - timedelta(minutes=5)),
        "sent_at": instant(timezone.now()),
    } | changes
