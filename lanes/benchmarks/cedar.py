"""The rules once more for the policy engine Cedar, so that both can be measured on the same facts.

Cedar knows no floating point, no null and no loop: instants are milliseconds, rates millionths,
what is not known is left out, and what needs a loop over trailers or shipments is counted
beforehand, at no cost to Cedar in the measurement.
"""

import json
from typing import Any

from lanes.rules import Facts, Policy
from lanes.rules.facts import CredentialFacts
from lanes.rules.sampling import rate_of

PERMIT = 'permit(principal, action == Action::"fast", resource);'
# One forbid for each rule, by its code.
FORBIDS: dict[str, str] = {
    "truck_unknown": "!(context has truck)",
    "carrier_not_certified": '!(context has carrier) || context.carrier.state != "certified"'
    " || !(context.carrier has tier)",
    "truck_credential_invalid": "!(context has truck_credential)"
    ' || context.truck_credential.state != "active"'
    " || context.seen.received < context.truck_credential.from"
    " || context.seen.received >= context.truck_credential.until",
    "truck_credential_not_shown": "!(context has truck_credential)"
    " || !context.shown.good_trucks.contains(context.truck_credential.id)",
    "shown_credential_refused": "context.shown.bad > 0"
    " || !context.shown.known.containsAll(context.shown.all)",
    "tag_mismatch": 'context.seen.tag == "" || ![context.seen.tag].containsAll(context.bound_tags)',
    "plate_mismatch": 'context.seen.plate == ""'
    " || ![context.seen.full_plate].containsAll(context.bound_plates)",
    "driver_unknown": "!(context has driver)",
    "driver_not_of_carrier": "context has driver && context has carrier"
    " && context.driver.carrier != context.carrier.id",
    "driver_credential_invalid": "!(context has driver_credential)"
    ' || context.driver_credential.state != "active"'
    " || context.seen.received < context.driver_credential.from"
    " || context.seen.received >= context.driver_credential.until",
    "fast_card_expired": "context has driver && (!(context.driver has card_ends)"
    " || context.driver.card_ends <= context.seen.received)",
    "manifest_missing": '!(context has trip) || context.trip.state != "filed"'
    " || !(context.trip has filed)",
    "manifest_filed_late": "context has trip && context.trip has filed"
    " && context.seen.received - context.trip.filed < context.policy.fast_filing",
    "trip_not_expected": "context has trip && (context.trip.port != context.port"
    " || !(context.trip has expected)"
    " || context.seen.received - context.trip.expected > context.policy.trip_window"
    " || context.trip.expected - context.seen.received > context.policy.trip_window)",
    "trip_of_another_carrier": "context has trip && context has carrier"
    " && context.trip.carrier != context.carrier.id",
    "vehicle_not_on_manifest": "context has trip"
    " && (context.trip.full_plate != context.seen.full_plate"
    ' || (context.trip.tag != "" && context.trip.tag != context.seen.tag))',
    "driver_not_on_manifest": "context has trip && context has driver"
    " && !context.trip.drivers.contains(context.driver.id)",
    "seals_disagree": "context has trip && context.seen.seals != context.trip.seals",
    "seal_not_high_security": "context has trip && context.trip.laden"
    " && context.trip.units_unsealed > 0",
    "trade_partner_not_certified": "context has trip && context.trip.partners_uncertified > 0",
    "laden_without_shipments": "context has trip && context.trip.laden"
    " && context.trip.shipments == 0",
    "plant_health_certificate_missing": "context has trip"
    " && !context.trip.certified.containsAll(context.trip.certificates_needed)",
    "weight_disagrees": "if context.seen has weight && context has trip"
    " && context.trip has weight && context.trip.weight > 0"
    " then context.seen.weight - context.trip.weight > context.trip.weight_slack"
    " || context.trip.weight - context.seen.weight > context.trip.weight_slack"
    " else context.policy.require_weight",
    "hold_placed": "context.held",
    "alert_matches": "context.alerts.exact > 0",
    "alert_possible": "context.alerts.close > 0",
    "alerts_not_checked": "!context.alerts.checked",
    "reported_late": "context.seen.received - context.seen.observed > context.policy.late_report",
    "radiation_alarm": "context.seen has alarm && context.seen.alarm",
    "radiation_not_measured": "!(context.seen has alarm) && context.policy.require_radiation",
    "bundle_stale": "context has bundle && context.seen.received >= context.bundle.expires",
    "tag_at_two_gates": "context has elsewhere"
    " && context.elsewhere.before < context.elsewhere.shortest",
    "qr_at_two_gates": "context has qr_elsewhere"
    " && context.qr_elsewhere.before < context.qr_elsewhere.shortest",
    "exam_owed": "context.owed.open > 0",
    "exam_not_appeared": "context.owed.missed > 0",
}


def policies() -> str:
    """The policy set's text, each policy annotated with its code."""
    forbids = [
        f'@id("{code}")\nforbid(principal, action == Action::"fast", resource) when {{ {text} }};'
        for code, text in FORBIDS.items()
    ]
    return "\n".join([f'@id("trusted")\n{PERMIT}', *forbids, f'@id("drawn_at_random")\n{DRAWN}'])


# A draw counts only where no rule stands against the truck; which is for the reader of the reasons.
DRAWN = (
    'forbid(principal, action == Action::"fast", resource)'
    " when { context.policy.rate > 0 && context.policy.draw < context.policy.rate };"
)


def request(facts: Facts, policy: Policy, draw: float) -> dict[str, Any]:
    """A request with everything that the policies read, its context already written as JSON."""
    return {
        "principal": 'Truck::"it"',
        "action": 'Action::"fast"',
        "resource": 'Port::"it"',
        "context": json.dumps(_context(facts, policy, draw)),
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _credential(credential: CredentialFacts) -> dict[str, Any]:
    return {
        "id": credential.public_id,
        "state": credential.state,
        "from": _ms(credential.valid_from),
        "until": _ms(credential.valid_until),
    }


def _plate(number: str, jurisdiction: str) -> str:
    return f"{number}/{jurisdiction}"


def _context(facts: Facts, policy: Policy, draw: float) -> dict[str, Any]:
    seen, trip, shown = facts.seen, facts.trip, facts.presented
    trucks = [s for s in shown if s.kind == "truck"]
    bound = [c for c in (facts.truck_credential,) if c] + trucks
    found: dict[str, Any] = {
        "port": facts.port,
        "held": facts.held,
        "alerts": {
            "exact": sum(not alert.close for alert in facts.alerts),
            "close": sum(alert.close for alert in facts.alerts),
            "checked": facts.alerts_checked,
        },
        "owed": {
            "open": len(facts.owed),
            "missed": sum(
                exam.appeared_at is None and seen.received_at > exam.due_at for exam in facts.owed
            ),
        },
        "seen": {
            "received": _ms(seen.received_at),
            "observed": _ms(seen.observed_at),
            "tag": seen.tag_epc,
            "plate": seen.plate_number,
            "full_plate": _plate(seen.plate_number, seen.plate_jurisdiction),
            "seals": list(seen.seals),
            "weight": seen.gross_weight_kg,
            "alarm": seen.radiation_alarm,
        },
        "shown": {
            "all": [s.public_id for s in shown],
            "good_trucks": [s.public_id for s in trucks if not s.failures],
            "bad": sum(bool(s.failures) for s in shown),
            "known": [c.public_id for c in (facts.truck_credential, facts.driver_credential) if c],
        },
        "bound_tags": [b.tag_epc for b in bound],
        "bound_plates": [_plate(b.plate_number, b.plate_jurisdiction) for b in bound],
        "policy": {
            "fast_filing": _ms(policy.fast_filing_minutes * 60),
            "trip_window": _ms(policy.trip_window_hours * 3600),
            "late_report": _ms(policy.late_report_s),
            "require_weight": policy.require_weight,
            "require_radiation": policy.require_radiation,
            "rate": round(rate_of(facts, policy) * 1e6),
            "draw": round(draw * 1e6),
        },
    }
    if facts.carrier:
        found["carrier"] = {
            "id": facts.carrier.id,
            "state": facts.carrier.state,
            "tier": facts.carrier.tier,
        }
    if facts.truck:
        found["truck"] = {"id": facts.truck.id}
    if facts.driver:
        ends = facts.driver.fast_card_expires_at
        found["driver"] = {
            "id": facts.driver.id,
            "carrier": facts.driver.carrier_id,
            "card_ends": None if ends is None else _ms(ends),
        }
    if facts.truck_credential:
        found["truck_credential"] = _credential(facts.truck_credential)
    if facts.driver_credential:
        found["driver_credential"] = _credential(facts.driver_credential)
    if facts.bundle:
        found["bundle"] = {"expires": _ms(facts.bundle.expires_at)}
    for name, other in (("elsewhere", facts.elsewhere), ("qr_elsewhere", facts.qr_elsewhere)):
        if other:
            minutes = policy.clone_minutes if other.same_port else max(policy.clone_minutes, 60.0)
            found[name] = {"before": _ms(other.seconds_before), "shortest": _ms(minutes * 60)}
    if trip:
        found["trip"] = _trip(facts, policy)
    return {name: _without_nulls(part) for name, part in found.items()}


def _trip(facts: Facts, policy: Policy) -> dict[str, Any]:
    trip = facts.trip
    if trip is None:
        return {}
    loaded = [unit for unit in trip.trailers if unit.loaded]
    sealed = [unit.seals for unit in loaded] or [trip.seals]
    weight = trip.gross_weight_kg
    return {
        "state": trip.state,
        "port": trip.port,
        "carrier": trip.carrier_id,
        "filed": None if trip.filed_at is None else _ms(trip.filed_at),
        "expected": (None if trip.estimated_arrival_at is None else _ms(trip.estimated_arrival_at)),
        "full_plate": _plate(trip.plate_number, trip.plate_jurisdiction),
        "tag": trip.tag_epc,
        "drivers": [d.driver_id for d in trip.drivers if d.driver_id is not None],
        "seals": [seal.number for seal in trip.seals],
        "laden": trip.laden,
        "units_unsealed": sum(all(seal.grade != "H" for seal in seals) for seals in sealed),
        "shipments": len(trip.shipments),
        "partners_uncertified": sum(
            s.manufacturer_certified is not True or s.importer_certified is not True
            for s in trip.shipments
        ),
        "certificates_needed": [
            s.control_number for s in trip.shipments if s.may_hold(policy.certificates_required)
        ],
        "certified": [c.control_number for c in trip.certificates if c.agrees],
        "weight": weight,
        "weight_slack": int(policy.weight_tolerance * weight) if weight else 0,
    }


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return value
