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
    """What the database knows at this moment: in a registry of each answer's own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.oldest = Gauge(
            "trustedtruck_oldest_waiting_seconds",
            "How long the oldest arrival without a lane has waited",
            registry=registry,
        )
        self.processes = Gauge(
            "trustedtruck_processes", "Processes that renew their row", ["kind"], registry=registry
        )
        self.up = Gauge(
            "trustedtruck_database_up", "1 when the database answers", registry=registry
        )
