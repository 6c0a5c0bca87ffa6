"""A company in the programme: registered, and moved through its states."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.services.entries import Entries, insert
from trustedtruck.carriers.services.notify import tell
from trustedtruck.carriers.services.stale import Stale
from trustedtruck.carriers.states import CARRIER, CarrierState
from trustedtruck.core.errors import Refused
from trustedtruck.identifiers import caat, rfc, scac, usdot

_CHECKS = {"scac": scac.check, "usdot": usdot.check, "rfc": rfc.check, "caat": caat.check}


@transaction.atomic
def register_carrier(
    *,
    legal_name: str,
    country: str,
    kind: str,
    identifiers: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> Carrier:
    """A company begins its application. `identifiers` has `scac`, and `usdot`, `rfc`, `caat`.

    Raises `Invalid` with every wrong identifier, `Refused` when one is in use already.
    """
    values = _checked(identifiers)
    carrier = Carrier(legal_name=legal_name, country=country, kind=kind, created_at=at, **values)
    insert(lambda: carrier.save(force_insert=True))
    audit.record(
        "carrier.registered",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"legal_name": legal_name, **values},
    )
    return carrier


@transaction.atomic
def correct_carrier(
    *,
    carrier: Carrier,
    legal_name: str,
    country: str,
    identifiers: Mapping[str, str],
    seen: str,
    by: Actor,
    at: datetime,
) -> Carrier:
    """Correct what a company said of itself at its beginning; never once it is certified.

    `seen` is the `identity_mark` of what was corrected. Raises as `register_carrier` does, `Stale`
    when somebody else was faster, and `Refused` when the company has been judged by its name.
    """
    values = _checked(identifiers)
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    applies = carrier.state in (CarrierState.PRE_APPLICANT, CarrierState.APPLICANT)
    # A company that was removed and applies anew keeps the name that it was removed under.
    if not applies or carrier.certified_at is not None:
        raise Refused(
            "identity_is_fixed",
            _("Your company has been examined under this name and these numbers. Ask the office."),
        )
    new = {
        "legal_name": legal_name,
        "country": country,
        **{name: values.get(name) for name in _CHECKS},
    }
    before = {name: getattr(carrier, name) for name in new if getattr(carrier, name) != new[name]}
    if not before:
        return carrier
    if seen != identity_mark(carrier):
        raise Stale
    for name, value in new.items():
        setattr(carrier, name, value)
    insert(lambda: carrier.save(update_fields=list(new)))
    audit.record(
        "carrier.corrected",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"before": before, "after": {name: new[name] for name in before}},
    )
    return carrier


def identity_mark(carrier: Carrier) -> str:
    """Names a state of name and numbers, so that a form drawn from an older one is noticed."""
    held = [carrier.legal_name, carrier.country, *(getattr(carrier, name) for name in _CHECKS)]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:16]


def _checked(identifiers: Mapping[str, str]) -> dict[str, str]:
    """The identifiers in their normal form, without those that are empty. Raises `Invalid`."""
    entries = Entries()
    values = {
        name: entries.take(name, identifiers.get(name, ""), check)
        for name, check in _CHECKS.items()
        if name == "scac" or identifiers.get(name)
    }
    entries.done()
    return values


@transaction.atomic
def change_carrier(
    transition: str,
    *,
    carrier: Carrier,
    by: Actor,
    at: datetime,
    reason: str = "",
    tier: int | None = None,
) -> Carrier:
    """One transition of the carrier's table; `certify` needs the tier, `apply_again` takes it.

    Locks the carrier's row, so that a lane's decision comes before this change or sees it. Raises
    `TransitionRefused`.
    """
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    change = CARRIER.check(transition, carrier.state)
    before = carrier.state
    carrier.state = change.target
    if transition == "certify":
        if tier is None:
            raise ValueError("a carrier is certified at a tier")
        carrier.tier, carrier.certified_at = tier, at
    elif transition == "apply_again":
        carrier.tier = None
    carrier.save(update_fields=["state", "tier", "certified_at"])
    audit.record(
        change.action,
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"before": before, "after": carrier.state, "tier": carrier.tier, "reason": reason},
    )
    return carrier


@transaction.atomic
def change_tier(*, carrier: Carrier, tier: int, reason: str, by: Actor, at: datetime) -> Carrier:
    """Another tier than the last visit gave, with a reason that the carrier is told."""
    carrier = Carrier.objects.select_for_update().get(pk=carrier.pk)
    if not 1 <= tier <= 3 or carrier.tier is None or tier == carrier.tier:
        raise Refused("tier_not_changed", _("The carrier cannot go to that tier."))
    before, carrier.tier = carrier.tier, tier
    carrier.save(update_fields=["tier"])
    audit.record(
        "carrier.tier_changed",
        by=by,
        subject_kind="carrier",
        subject_id=carrier.pk,
        data={"before": before, "tier": tier, "reason": reason},
    )
    tell(
        "tier_changed", carrier=carrier, at=at, path="/portal/standing/", tier=tier, reasons=reason
    )
    return carrier
