"""The register of manufacturers and importers in a trusted-trader programme."""

import datetime as dt

from django.db import transaction

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.manifests.models import TradePartner
from trustedtruck.manifests.states import NEW, PARTNER


@transaction.atomic
def register(
    *,
    programme_number: str,
    name: str,
    country: str,
    makes: bool,
    imports: bool,
    by: Actor,
    at: dt.datetime,
) -> TradePartner:
    """Enter a certified manufacturer, importer, or both. The same number again: the first."""
    number = programme_number.strip().upper()
    step = PARTNER.check("register", NEW)
    partner, made = TradePartner.objects.get_or_create(
        programme_number=number,
        defaults={
            "name": name,
            "country": country,
            "makes": makes,
            "imports": imports,
            "state": step.target,
            "registered_at": at,
        },
    )
    if made:
        audit.record(
            step.action,
            by=by,
            subject_kind="trade_partner",
            subject_id=number,
            data={"name": name, "makes": makes, "imports": imports},
        )
    return partner


@transaction.atomic
def change(*, partner: TradePartner, transition: str, by: Actor, at: dt.datetime) -> None:
    """`suspend`, `reinstate` or `remove` a partner; else `TransitionRefused`."""
    locked = TradePartner.objects.select_for_update().get(pk=partner.pk)
    step = PARTNER.check(transition, locked.state)
    locked.state = step.target
    locked.save(update_fields=["state"])
    audit.record(
        step.action, by=by, subject_kind="trade_partner", subject_id=locked.programme_number
    )
