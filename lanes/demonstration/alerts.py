"""The demonstration's alerts, and a partner with an agreement and a key."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from trustedtruck.accounts.models import Agency, MachineKey
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.alerts.drafts import Draft, Wanted
from trustedtruck.alerts.models import Alert, Partner
from trustedtruck.alerts.services.agreements import Terms, register_partner, sign_agreement
from trustedtruck.alerts.services.alerts import issue_alert
from trustedtruck.audit.actors import Actor

PARTNER = "MX-ANAM"
_SCOPES = [Scope.ALERTS_READ, Scope.ALERTS_WRITE]
# category, severity, mark, reason, instruction, clauses; on trucks that no sample is.
_ALERTS: list[tuple[str, str, str, str, str, list[list[tuple[str, str]]]]] = [
    (
        "narcotics",
        "high",
        "amber",
        "Seen twice at a warehouse under watch.",
        "Scan the truck, then examine the front wall of the trailer.",
        [[("plate", "TX WATCH01")], [("seal", "WATCH0001")]],
    ),
    (
        "transshipment",
        "medium",
        "green",
        "Fruit of another origin was declared as Mexican before.",
        "Compare the marks on the boxes with the declared origin.",
        [[("carrier", "ZZZX"), ("hs", "0805"), ("origin", "MX")]],
    ),
    (
        "agricultural_pest",
        "low",
        "clear",
        "A pest was found in the last shipment of this consignee.",
        "Call the plant-health inspector.",
        [[("consignee", "Watchlist Produce Inc")]],
    ),
    (
        "human_smuggling",
        "high",
        "amber+strict",
        "A source speaks of hidden compartments.",
        "Scan the cab. Tell the supervisor before opening anything.",
        [[("trailer", "WATCH77")]],
    ),
]


@transaction.atomic
def make_alerts(*, known: dict[str, Any], by: Actor, at: datetime) -> dict[str, Any]:
    """Made once; the partner's key of an earlier start is kept. By the partner's code."""
    customs = Agency.objects.get(code="US-CBP")
    agency = Agency.objects.get(code=PARTNER)
    if not Alert.objects.exists():
        for category, severity, mark, reason, instruction, clauses in _ALERTS:
            draft = Draft(
                category=category,
                severity=severity,
                mark=mark,
                reason=reason,
                instruction=instruction,
                valid_from=at,
                valid_until=at + timedelta(days=180),
                review_date=(at + timedelta(days=30)).date(),
                criteria=tuple(
                    Wanted(clause, kind, value)
                    for clause, some in enumerate(clauses)
                    for kind, value in some
                ),
            )
            issue_alert(draft=draft, owner=customs, by=by, at=at)
    given = known.get(PARTNER, {})
    if not Partner.objects.filter(pk=agency.pk).exists():
        partner, secret = register_partner(agency=agency, by=by, at=at)
        terms = Terms(
            "Exchange on narcotics, transshipment and pests",
            ["narcotics", "transshipment", "agricultural_pest"],
            ["carrier", "vehicle", "cargo", "instruction"],
            "amber",
            ["agricultural_pest"],
            at,
            None,
        )
        sign_agreement(partner=partner, terms=terms, by=by, at=at)
        given = {**given, "inbox_secret": secret}
    key = given.get("key", "")
    prefix = key.split("_")[1] if key.count("_") >= 2 else ""
    working = MachineKey.objects.filter(prefix=prefix, agency=agency, revoked_at=None)
    if not working.exists():
        key = issue_key(scopes=_SCOPES, by=by, at=at, agency=agency)
    return {PARTNER: {**given, "key": key}}
