"""Alerts as the tests write them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.cast import TESTER
from trustedtruck.accounts.models import Agency
from trustedtruck.alerts.drafts import Draft, Wanted
from trustedtruck.alerts.models import Alert
from trustedtruck.alerts.services.alerts import issue_alert


def agency(code: str = "US-CBP", country: str = "US") -> Agency:
    found, _new = Agency.objects.get_or_create(
        code=code, defaults={"name": f"Agency {code}", "country": country}
    )
    return found


def draft(*criteria: tuple[str, str] | list[tuple[str, str]], **changes: Any) -> Draft:
    """Each criterion is a clause of its own; a list of them is one clause."""
    wanted = []
    for clause, part in enumerate(criteria):
        for kind, text in part if isinstance(part, list) else [part]:
            wanted.append(Wanted(clause, kind, text))
    now = timezone.now()
    values: dict[str, Any] = {
        "category": "narcotics",
        "severity": "high",
        "mark": "amber",
        "reason": "Seen at a warehouse under watch, says Juan Perez.",
        "instruction": "Scan, then examine the front wall.",
        "valid_from": now - timedelta(minutes=1),
        "valid_until": now + timedelta(days=90),
        "review_date": (now + timedelta(days=30)).date(),
    }
    return Draft(criteria=tuple(wanted), **(values | changes))


def issue(
    *criteria: tuple[str, str] | list[tuple[str, str]],
    owner: str = "US-CBP",
    at: datetime | None = None,
    **changes: Any,
) -> Alert:
    return issue_alert(
        draft=draft(*criteria, **changes),
        owner=agency(owner),
        by=TESTER,
        at=at or timezone.now(),
    )
