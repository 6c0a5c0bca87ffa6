"""Waiting arrivals get their lanes: by the rules through workers, or closed with inspection."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from lanes import draws, metrics, queries, reasons
from lanes.models import Assignment, Route
from lanes.rules import Decision, Facts, Policy, decide
from lanes.rules.version import RULES_VERSION
from lanes.services import clones, hits, shifts
from trustedtruck.core.prepared import prepared_cursor

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `lanes_commit` is asked to write for one arrival."""

    arrival_id: uuid.UUID
    decision: Decision
    facts: Facts | None
    policy_version: int
    draw: float | None
    decided_by: str
    clone_minutes: float = Policy(0).clone_minutes

    @property
    def met_alert(self) -> bool:
        return bool(self.facts and self.facts.alerts)

    def as_json(self) -> dict[str, Any]:
        facts, decision = self.facts, self.decision
        fast = decision.route == Route.FAST
        return {
            "arrival": str(self.arrival_id),
            "route": decision.route,
            "lane": decision.lane_id,
            "reasons": decision.reasons,
            "facts": facts.as_json() | {"rules": RULES_VERSION} if facts else {},
            "policy_version": self.policy_version,
            "draw": self.draw,
            "decided_by": self.decided_by,
            "carrier": facts.carrier.id if facts and facts.carrier else None,
            "truck": facts.truck.id if facts and facts.truck else None,
            "driver": facts.driver.id if facts and facts.driver else None,
            "lane_kind": self._lane_kind(),
            "clone_minutes": self.clone_minutes,
            # Only what would be fast is looked at again.
            "alert_keys": facts.watch.keys if fast and facts and facts.watch else None,
            "alerts_passed": facts.watch.passed if fast and facts and facts.watch else [],
            "truck_credential": (
                facts.truck_credential.id if facts and facts.truck_credential else None
            ),
            "driver_credential": (
                facts.driver_credential.id if facts and facts.driver_credential else None
            ),
        }

    def _lane_kind(self) -> dict[str, Any] | None:
        """What the chosen lane was when the rules chose it."""
        for lane in self.facts.lanes if self.facts else ():
            if lane.id == self.decision.lane_id:
                return {
                    "route": lane.route,
                    "group": lane.group,
                    "directions": lane.directions,
                    "load": lane.load,
                }
        return None


def commit(proposals: Sequence[Proposal]) -> dict[uuid.UUID, str]:
    """Commit proposals in one autocommit statement; the outcome of each by arrival id.

    Outcomes are those of the function `lanes_commit`: assigned, already, late, doubt.
    """
    if not proposals:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(
            "SELECT arrival_id, outcome FROM lanes_commit(%s::jsonb)",
            [json.dumps([p.as_json() for p in proposals])],
        )
        outcomes: dict[uuid.UUID, str] = dict(cursor.fetchall())
    for proposal in proposals:
        if outcomes[proposal.arrival_id] == "assigned":
            decision = proposal.decision
            metrics.assignments.labels(decision.route, proposal.decided_by).inc()
            for reason in decision.reasons:
                metrics.reasons.labels(reason).inc()
            log.info(
                "arrival_assigned",
                arrival=str(proposal.arrival_id),
                route=decision.route,
                reasons=decision.reasons,
                decided_by=proposal.decided_by,
            )
    return outcomes


def assign_waiting(*, port_code: str | None, limit: int, lease_ms: int) -> int:
    """Claim, decide and commit one batch of waiting arrivals; how many were claimed.

    Of all ports when none is named, which share what a batch costs. An arrival whose decision fails
    stays waiting and is tried again on its own; after `MAX_ATTEMPTS` it goes to inspection without
    being looked at again.
    """
    claimed = queries.claim(port_code, limit=limit, lease_ms=lease_ms)
    if not claimed:
        return 0
    ports = {arrival.id: arrival.port for arrival in claimed}
    readable = queries.read_ports(set(ports.values()))
    fresh = [a for a in claimed if a.attempts <= MAX_ATTEMPTS and a.port in readable]
    spent = [a.id for a in claimed if a.attempts > MAX_ATTEMPTS]
    if spent:
        close(spent, by=Assignment.By.WORKER, reason=reasons.GAVE_UP)
    gathered = queries.gather_facts(fresh)
    proposals = []
    for arrival in fresh:
        port_code = arrival.port
        try:
            policy = queries.policy_in_force(port_code)
            # Each decision sees the trucks that the ones before it sent to a lane.
            facts = replace(gathered[arrival.id], lanes=queries.lanes_of(port_code))
            seed = shifts.seed_for(port_code, facts.seen.received_at)
            proposal = propose(arrival.id, facts, policy, seed)
        except Exception:
            # Fail closed: no proposal, so the arrival is tried again and then inspected.
            log.exception("decision_failed", arrival=str(arrival.id))
        else:
            queries.note_sent(port_code, proposal.decision.lane_id, proposal.decision.route)
            proposals.append(proposal)
    outcomes = commit(proposals)
    assigned = [p for p in proposals if outcomes[p.arrival_id] == "assigned"]
    met = defaultdict(list)
    for proposal in assigned:
        if proposal.met_alert:
            met[ports[proposal.arrival_id]].append(proposal.arrival_id)
    for port_code, ids in met.items():
        hits.note_decided(ids, port_code=port_code)
    clones.note_decided(
        p.arrival_id for p in assigned if clones.MET.intersection(p.decision.reasons)
    )
    doubtful = [arrival for arrival, outcome in outcomes.items() if outcome == "doubt"]
    if doubtful:
        # A lane may have closed since it was read.
        for port_code in {ports[arrival] for arrival in doubtful}:
            queries.forget(port_code)
        queries.release(doubtful)
        log.info("decided_again", arrivals=[str(a) for a in doubtful])
    return len(claimed)


def propose(arrival_id: uuid.UUID, facts: Facts, policy: Policy, seed: bytes | None) -> Proposal:
    """The decision on one arrival by the rules; without a seed there is no draw."""
    draw = draws.draw(facts, seed)
    decision = decide(facts, policy, draw)
    return Proposal(
        arrival_id,
        decision,
        facts,
        policy.version,
        draw,
        decided_by=Assignment.By.WORKER,
        clone_minutes=policy.clone_minutes,
    )


def close(arrival_ids: Iterable[uuid.UUID], *, by: str, reason: str) -> dict[uuid.UUID, str]:
    """Send arrivals to inspection without the rules: the deadline, the sweep, the overload guard.

    Harmless for arrivals that have a lane already. Needs neither broker nor credentials.
    """
    return commit(
        [
            Proposal(
                arrival_id,
                Decision(Route.INSPECTION, (reason,), lane_id),
                None,
                policy_version,
                None,
                by,
            )
            for arrival_id, lane_id, policy_version in queries.for_closing(arrival_ids)
        ]
    )
