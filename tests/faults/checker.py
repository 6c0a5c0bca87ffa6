"""Judges a history against what the database says in the end. Knows nothing of how faults are made.

`python -m tests.faults.checker HISTORY TRUTH` judges a kept history again.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.history import Entry, read

DEADLINE, SLACK = 1.5, 0.5
# How long after a fault's end everything must be as before.
RECOVERY = 30.0
HEALTHY_SHARE, RECOVERED_SHARE = 0.995, 0.99
CLOCK_OFF = 60.0
# Broken by a machine that has no time, too; every other rule holds on the slowest one.
OF_SPEED = {
    "answered late",
    "not answered, healthy",
    "too few fast, healthy",
    "too few fast, recovered",
    "lost nudges are not made good",
}


@dataclass
class Verdict:
    """`violations[rule]`: the events that break it. `counts`: what the report shows."""

    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    @property
    def good(self) -> bool:
        return not self.violations

    def as_json(self) -> dict[str, Any]:
        return {
            "good": self.good,
            "violations": {rule: events[:10] for rule, events in self.violations.items()},
            "broken": {rule: len(events) for rule, events in self.violations.items()},
            "counts": dict(self.counts),
            "slowest_answer_s": self.slowest,
        }


def judge(history: list[Entry], truth: list[Entry]) -> Verdict:
    """`truth` has a row for each arrival in the database, with its assignments and passages."""
    found = Verdict()
    rows: dict[str, list[Entry]] = defaultdict(list)
    for row in truth:
        rows[row["event"]].append(row)
    trucks = {entry["event"]: entry for entry in history if entry["kind"] == "execute"}
    found.counts["trucks"] = len(trucks)
    _stored_once(found, trucks, rows)
    _answers(found, history, rows)
    _executed(found, history, trucks, rows)
    _revoked(found, history, truth)
    _shares(found, history)
    _burst(found, history)
    _clocks(found, history, rows)
    return found


def _stored_once(found: Verdict, trucks: Iterable[str], rows: dict[str, list[Entry]]) -> None:
    for event in trucks:
        stored = rows.get(event, [])
        if not stored:
            found.violations["lost"].append(event)
        elif len(stored) > 1 or any(row["assignments"] > 1 for row in stored):
            found.violations["doubled"].append(event)
        elif stored[0]["assignments"] == 0:
            found.violations["never decided"].append(event)


def _answers(found: Verdict, history: list[Entry], rows: dict[str, list[Entry]]) -> None:
    said: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    broken = min((entry["at"] for entry in history if entry["kind"] == "fault"), default=1e9)
    for entry in history:
        if entry["kind"] not in ("answer", "replay"):
            continue
        found.counts[f"answers {entry['outcome']}"] += 1
        if entry["outcome"] != "ok" and entry["at"] < broken:
            found.violations["not answered, healthy"].append(entry["event"])
        if entry["kind"] == "answer" and entry["status"]:
            found.slowest = max(found.slowest, entry["seconds"])
            if entry["seconds"] > DEADLINE + SLACK:
                found.violations["answered late"].append(entry["event"])
        if entry["status"] >= 500 and entry["status"] != 503:
            found.violations["server error"].append(entry["event"])
        if entry["outcome"] != "ok":
            continue
        if entry.get("state") != "assigned":
            found.violations["no decision at the deadline"].append(entry["event"])
            continue
        lane = (entry.get("lane") or {}).get("code")
        said[entry["event"]].add((entry["id"], entry["route"], lane))
    for event, answers in said.items():
        if len(answers) > 1:
            found.violations["two answers to one event"].append(event)


def _executed(
    found: Verdict, history: list[Entry], trucks: dict[str, Entry], rows: dict[str, list[Entry]]
) -> None:
    eligible = {entry["event"]: entry["eligible"] for entry in history if entry["kind"] == "invoke"}
    for event, entry in trucks.items():
        stored = rows.get(event, [])
        routes = {row["route"] for row in stored}
        found.counts[f"executed {entry['route']}"] += 1
        if entry["route"] == "fast" and "fast" not in routes:
            found.violations["fast without a decision"].append(event)
        if entry["route"] == "fast" and eligible.get(event) is False:
            found.violations["fast though not eligible"].append(event)
        for row in stored:
            late = row["route"] == "fast" and row["decided_at"] > row["deadline_at"]
            if late:
                found.violations["fast after the deadline"].append(event)
            if row["executed"] != entry["route"]:
                found.violations["executed and recorded disagree"].append(event)


def _revoked(found: Verdict, history: list[Entry], truth: list[Entry]) -> None:
    """Between the commit of a suspension and its lifting, by the database's clock, none is fast."""
    for entry in history:
        if entry["kind"] != "suspended":
            continue
        found.counts["suspensions"] += 1
        for row in truth:
            inside = entry["from"] < (row["decided_at"] or 0) < entry["until"]
            if inside and row["route"] == "fast" and row["credential"] == entry["credential"]:
                found.violations["fast after a committed revocation"].append(row["event"])


def _shares(found: Verdict, history: list[Entry]) -> None:
    """Of the eligible: fast while nothing is broken, and soon after something was."""
    faults = [entry for entry in history if entry["kind"] == "fault"]
    found.counts["faults"] = len(faults)
    first = {
        entry["event"]: entry
        for entry in reversed(history)
        if entry["kind"] == "invoke" and entry["eligible"] and not entry.get("probe")
    }
    routes = {entry["event"]: entry["route"] for entry in history if entry["kind"] == "execute"}
    healthy: list[str] = []
    after: list[str] = []
    for event, entry in first.items():
        at = entry["at"]
        begun = [fault for fault in faults if fault["at"] <= at + DEADLINE]
        if not begun:
            healthy.append(event)
        elif all(fault["ended"] + RECOVERY <= at for fault in begun):
            after.append(event)
    for name, events, share in (
        ("healthy", healthy, HEALTHY_SHARE),
        ("recovered", after, RECOVERED_SHARE),
    ):
        fast = [event for event in events if routes.get(event) == "fast"]
        found.counts[f"eligible {name}"] = len(events)
        found.counts[f"eligible {name}, fast"] = len(fast)
        # One truck of a short campaign is no share: it may be the one that was unlucky.
        if len(events) - len(fast) > max(1.0, (1 - share) * len(events)):
            found.violations[f"too few fast, {name}"] += sorted(set(events) - set(fast))
    _lost_nudges(found, first_of(history, "nudge"), routes)


def first_of(history: list[Entry], probe: str) -> list[str]:
    return [e["event"] for e in history if e["kind"] == "invoke" and e.get("probe") == probe]


def _lost_nudges(found: Verdict, probes: list[str], routes: dict[str, str]) -> None:
    """A nudge that the broker refused costs time: the sweep asks again before the deadline."""
    fast = [event for event in probes if routes.get(event) == "fast"]
    found.counts["lost nudges"] = len(probes)
    found.counts["lost nudges, fast all the same"] = len(fast)
    if len(probes) >= 3 and len(fast) * 2 < len(probes):
        found.violations["lost nudges are not made good"] += probes


def _burst(found: Verdict, history: list[Entry]) -> None:
    """Shown only: a burst may meet another fault. Its trucks obey every rule as all others do."""
    burst = set(first_of(history, "burst"))
    answers = [e for e in history if e["kind"] == "answer" and e["event"] in burst]
    found.counts["burst"] = len(burst)
    found.counts["burst, answered"] = sum(entry["outcome"] == "ok" for entry in answers)


def _clocks(found: Verdict, history: list[Entry], rows: dict[str, list[Entry]]) -> None:
    """What the database received is dated by the database, whatever clock a process has."""
    sent = {entry["event"]: entry["wall"] for entry in history if "wall" in entry}
    for event, wall in sent.items():
        for row in rows.get(event, []):
            if not -CLOCK_OFF < row["received_at"] - wall < 10 * CLOCK_OFF:
                found.violations["dated by a wrong clock"].append(event)


def main() -> None:
    verdict = judge(read(Path(sys.argv[1])), read(Path(sys.argv[2])))
    for rule, events in verdict.violations.items():
        sys.stdout.write(f"{rule}: {len(events)}, as {', '.join(events[:5])}\n")
    sys.stdout.write("good\n" if verdict.good else "BROKEN\n")
    sys.exit(not verdict.good)


if __name__ == "__main__":
    main()
