"""The numbers that say how a port is doing, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

answer_seconds = Histogram(
    "trustedtruck_answer_seconds",
    "From an arrival's report to its answer",
    ["port"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.5, 2.0, 3.0),
)
assignments = Counter(
    "trustedtruck_assignments_total",
    "Decided arrivals by route and by what decided",
    ["route", "decided_by"],
)
reasons = Counter("trustedtruck_reasons_total", "Reasons given, by code", ["reason"])
refusals = Counter("trustedtruck_refused_events_total", "Refused arrivals, by code", ["code"])


class Now:
    """What is known at this moment: in a registry of each answer's own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"trustedtruck_{name}", text, labels, registry=registry)

        self.oldest = gauge(
            "oldest_waiting_seconds", "How long the oldest arrival without a lane has waited"
        )
        self.processes = gauge("processes", "Processes that renew their row", "kind")
        self.up = gauge("database_up", "1 when the database answers")
        self.broker = gauge("broker_up", "1 when the broker answers")
        self.free = gauge("home_free_bytes", "Free bytes on the disk of the installation")
        self.age = gauge("bundle_age_seconds", "How long ago the bundle was made", "bundle")
        self.left = gauge("bundle_remaining_seconds", "Until the bundle is stale", "bundle")
        self.unsealed = gauge(
            "audit_unsealed_seconds", "Age of the oldest audit event that is not yet sealed"
        )
        self.alarms = gauge("open_alarms", "Alarms that no officer has closed", "kind")
        self.journal = gauge("journal_entries", "An edge’s entries for headquarters", "state")
