"""Deciding the past again: with the policy of then, or with another one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lanes.queries.decisions import Policies, Stored, stored_decisions
from lanes.rules import Policy, decide
from lanes.rules.version import RULES_VERSION
from trustedtruck.core.fields import instant

CLOSED_WITH = {"deadline_passed", "overload", "gave_up"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One arrival whose decision comes out otherwise. `error` says why none came out at all."""

    stored: Stored
    route: str | None = None
    reasons: tuple[str, ...] = ()
    lane_id: int | None = None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        stored = self.stored
        return {
            "arrival": str(stored.arrival_id),
            "port": stored.port_code,
            "decided_at": instant(stored.decided_at),
            "policy_version": stored.policy_version,
            "same_rules": stored.rules_version == RULES_VERSION,
            "stored": {
                "route": stored.route,
                "reasons": list(stored.reasons),
                "lane": stored.lane_id,
            },
            "recomputed": (
                {"error": self.error}
                if self.error
                else {"route": self.route, "reasons": list(self.reasons), "lane": self.lane_id}
            ),
        }


@dataclass
class Report:
    """How a period comes out. `moves` counts trucks by (route then, route now)."""

    decisions: int = 0
    closed_without_rules: int = 0
    differences: list[Difference] = field(default_factory=list)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons_then: Counter[str] = field(default_factory=Counter)
    reasons_now: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "decisions": self.decisions,
            "closed_without_rules": self.closed_without_rules,
            "same": self.decisions - self.closed_without_rules - len(self.differences),
            "moves": {f"{a} to {b}": n for (a, b), n in sorted(self.moves.items())},
            "reasons_then": dict(self.reasons_then.most_common()),
            "reasons_now": dict(self.reasons_now.most_common()),
            "differences": [difference.as_json() for difference in self.differences],
        }


def reproduce(port_code: str | None, start: datetime, end: datetime) -> Report:
    """Every decision once more, from its facts, its draw and the policy that it was made under."""
    policies = Policies()
    return _report(
        (stored, policies.get(stored.port_code, stored.policy_version))
        for stored in stored_decisions(port_code, start, end)
    )


def under(policy: Policy, port_code: str, start: datetime, end: datetime) -> Report:
    """Every decision of a port as this policy would have made it, with the same draws."""
    return _report((stored, policy) for stored in stored_decisions(port_code, start, end))


def _report(pairs: Iterable[tuple[Stored, Policy | None]]) -> Report:
    report = Report()
    for stored, policy in pairs:
        report.decisions += 1
        report.closed_without_rules += not stored.by_rules
        found = compare(stored, policy)
        now = stored.reasons if found is None else found.reasons
        if found is not None:
            report.differences.append(found)
        if stored.by_rules and not (found and found.error):
            route = stored.route if found is None or found.route is None else found.route
            report.moves[stored.route, route] += 1
            report.reasons_then.update(stored.reasons)
            report.reasons_now.update(now)
    return report


def compare(stored: Stored, policy: Policy | None) -> Difference | None:
    """The decision again; None when it comes out the same."""
    if not stored.by_rules:
        # Nothing was looked at, so nothing but inspection may have come out.
        if stored.route == "inspection" and set(stored.reasons) <= CLOSED_WITH:
            return None
        return Difference(stored, error="closed without rules, but not with inspection")
    if policy is None:
        return Difference(stored, error=f"there is no policy version {stored.policy_version}")
    try:
        decision = decide(stored.read_facts(), policy, stored.draw)
    except (KeyError, TypeError, ValueError) as error:
        return Difference(stored, error=f"the facts cannot be read: {error!r}")
    now = (decision.route, tuple(decision.reasons), decision.lane_id)
    if now == (stored.route, stored.reasons, stored.lane_id):
        return None
    return Difference(stored, *now)


def otherwise(policy: Policy, stored: Iterable[Stored]) -> Iterator[Difference]:
    """Only those that this policy sends another way or for other reasons."""
    for one in stored:
        if one.by_rules:
            found = compare(one, policy)
            if found and (found.error or (found.route, found.reasons) != (one.route, one.reasons)):
                yield found
