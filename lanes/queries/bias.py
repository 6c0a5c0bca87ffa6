"""What the bias report is made from: decisions, passages, and what officers signed."""

import uuid
from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from lanes import draws
from lanes.bias.report import Act, Truck
from lanes.models import Alarm, Lane, Override, Port, Route
from lanes.queries.decisions import Policies, Stored, stored_decisions
from lanes.rules.decision import NO_FAST_LANE, TRUSTED
from lanes.rules.sampling import SAMPLING, rate_of
from trustedtruck.audit.models import Event

DRAWN = {rule.code for rule in SAMPLING}
SIGNED = ("arrival.overridden", "arrival.override_requested")


def observed(
    port_code: str, start: datetime, end: datetime
) -> tuple[list[Truck], list[Act], dict[str, set[int]]]:
    """Trucks, acts against decisions, and each officer's hours at a port in a period."""
    zone = ZoneInfo(Port.objects.get(pk=port_code).timezone)
    lanes = dict(Lane.objects.filter(port=port_code).values_list("pk", "code"))
    trucks = _trucks(port_code, start, end, zone, lanes)
    acts = [
        Act(trucks[arrival], route)
        for arrival, route in _sent_elsewhere(port_code, start, end)
        if arrival in trucks
    ]
    duty: dict[str, set[int]] = defaultdict(set)
    events = Event.objects.filter(
        port_code=port_code, actor_kind="user", at__gte=start, at__lt=end
    ).values_list("actor_id", "actor_label", "at", "action", "subject_id", "data")
    for actor, label, at, action, subject, data in events.iterator():
        officer = f"{actor} {label}".strip()
        duty[officer].add(_hour(at))
        if action in SIGNED and (truck := trucks.get(uuid.UUID(subject))):
            acts.append(Act(truck, data["route"], officer))
    return list(trucks.values()), acts, dict(duty)


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // 3600


def _trucks(
    port_code: str, start: datetime, end: datetime, zone: ZoneInfo, lanes: dict[int, str]
) -> dict[uuid.UUID, Truck]:
    policies = Policies()
    asked: set[tuple[str, float | None]] = set()
    found = {}
    for stored in stored_decisions(port_code, start, end):
        rate = _rate(stored, policies, asked)
        found[stored.arrival_id] = Truck(
            carrier=(stored.facts.get("carrier") or {}).get("scac", "unknown"),
            lane=lanes.get(stored.lane_id or 0, "none"),
            hour=_hour(stored.decided_at),
            day_hour=stored.decided_at.astimezone(zone).hour,
            route=stored.route,
            rate=rate,
            drawn=bool(DRAWN.intersection(stored.reasons)),
        )
    return found


def _rate(stored: Stored, policies: Policies, asked: set[tuple[str, float | None]]) -> float | None:
    """The chance of being drawn, once for each draw: a truck that comes again proves nothing."""
    if not stored.by_rules or not set(stored.reasons) <= DRAWN | {TRUSTED, NO_FAST_LANE}:
        return None
    policy = policies.get(port_code=stored.port_code, version=stored.policy_version)
    try:
        facts = stored.read_facts()
    except (KeyError, TypeError, ValueError):
        return None  # of a form that we no longer read: `replay` names it
    draw = (draws.identity(facts), stored.draw)
    if policy is None or draw in asked:
        return None
    asked.add(draw)
    return rate_of(facts, policy)


def _sent_elsewhere(port_code: str, start: datetime, end: datetime) -> list[tuple[uuid.UUID, str]]:
    """Arrivals that officers sent elsewhere, or that went through a fast lane undecided.

    The latter by the alarm that came with the passage: what the policy itself sent to an idle fast
    lane is none, and a lane may have been of another route then. An order and an alarm keep their
    arrival from the archive.
    """
    overridden = Override.objects.filter(
        port=port_code, effective_at__gte=start, effective_at__lt=end
    ).values_list("arrival_id", "route")
    let_through = Alarm.objects.filter(
        port=port_code,
        kind=Alarm.Kind.FAST_WITHOUT_DECISION,
        at__gte=start,
        at__lt=end,
        arrival__assignment__route=Route.INSPECTION,
    ).values_list("arrival_id", flat=True)
    return sorted({*overridden, *((arrival, Route.FAST.value) for arrival in let_through)}, key=str)
