"""What the officers of one system do, by name and with plain values: for two systems alike."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.alerts.sharing import terms
from tests.alerts.writing import agency, issue
from tests.cast import TESTER
from trustedtruck.alerts.models import Alert, Feedback, Inbound, Partner, Seizure
from trustedtruck.alerts.services.agreements import (
    change_partner,
    register_partner,
    sign_agreement,
)
from trustedtruck.alerts.services.messages import Taken, give_feedback, report_seizure
from trustedtruck.alerts.services.push import push_due


def meet(own: str, other: str) -> str:
    """Take the other agency in as a partner; the secret of our inbox for it."""
    agency(own, own[:2])
    partner, secret = register_partner(
        agency=agency(other, other[:2]), by=TESTER, at=timezone.now()
    )
    agreed = terms(accepts=["narcotics"])
    sign_agreement(partner=partner, terms=agreed, by=TESTER, at=timezone.now())
    return secret


def connect(other: str, url: str, secret: str) -> None:
    change_partner(
        partner=Partner.objects.get(pk=other),
        inbox_url=url,
        secret=secret,
        messages_per_minute=600,
        by=TESTER,
        at=timezone.now(),
    )


def warn(own: str, criteria: list[list[list[str]]], mark: str) -> str:
    clauses = [[(kind, value) for kind, value in clause] for clause in criteria]
    return str(issue(*clauses, owner=own, mark=mark).public_id)


def answer(own: str, warning: str) -> None:
    """Feedback on the other's warning, and the seizure after it."""
    now = timezone.now()
    feedback = give_feedback(
        alert=Alert.objects.get(origin_ref=warning),
        result="found",
        note="Juan Perez confessed.",
        mark="green",
        agency=agency(own),
        by=TESTER,
        at=now,
    )
    taken = Taken("narcotics", "Bricks of Juan Perez", Decimal("12.5"), "kg", now)
    report_seizure(
        feedback=feedback, taken=taken, mark="green", agency=agency(own), by=TESTER, at=now
    )


def push() -> list[Any]:
    """How many messages the other side confirmed, and what it said last where it did not."""
    sent = push_due(at=timezone.now() + timedelta(seconds=1))
    return [sent, *Partner.objects.values_list("last_error", flat=True)]


def known() -> dict[str, Any]:
    """What this system has: the others' alerts with their criteria, answers, and raw messages."""
    return {
        "alerts": [
            {
                "ref": alert.origin_ref,
                "owner": alert.owner_id,
                "state": alert.state,
                "criteria": [f"{c.kind} {c.value}" for c in alert.criteria.all()],
            }
            for alert in Alert.objects.exclude(origin_ref="")
        ],
        "feedback": [
            [str(one.alert.public_id), one.agency_id, one.result] for one in Feedback.objects.all()
        ],
        "seizures": [
            [str(one.feedback.alert.public_id), one.agency_id, str(one.quantity)]
            for one in Seizure.objects.all()
        ],
        "raw": [row.body for row in Inbound.objects.all()],
    }
