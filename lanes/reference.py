"""What the reference in the docs lists of the lanes: the reasons of a decision, and the metrics."""

from collections.abc import Mapping

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from lanes import metrics, reasons
from lanes.rules import RULES
from lanes.rules.sampling import SAMPLING
from trustedtruck.core.reference.tables import page, spanish, table


def pages() -> Mapping[str, str]:
    return {"reasons.md": _reasons(), "metrics.md": _metrics()}


def _reasons() -> str:
    kinds = {rule.code: "rule" for rule in RULES} | {rule.code: "draw" for rule in SAMPLING}
    rows = []
    for code, text in reasons.TEXTS.items():
        shown = reasons.for_carriers([code])[0]
        rows.append(
            (
                f"`{code}`",
                kinds.get(code, ""),
                text,
                spanish(text),
                "" if shown == code else f"`{shown}`",
                "" if code in reasons.NOT_THE_CARRIERS else "●",
            )
        )
    return page(
        "Reasons of a decision",
        "The `code` of each reason, which stays. *Carriers see* names the code that stands in its"
        " place for them; *theirs* marks what says that the carrier did not keep its side. The"
        " rules in full are in [the page of the rules](../rules.md).",
        table(("code", "from a", "sentence", "in Spanish", "carriers see", "theirs"), rows),
    )


def _metrics() -> str:
    now = CollectorRegistry()
    metrics.Now(now)
    # The registries know the metrics as objects, with their labels, only within.
    known = [*REGISTRY._collector_to_names, *now._collector_to_names]
    rows = [
        (
            f"`{metric._name}{'_total' if metric._type == 'counter' else ''}`",
            metric._type,
            ", ".join(metric._labelnames),
            metric._documentation,
        )
        for metric in known
        if isinstance(metric, MetricWrapperBase) and metric._name.startswith("trustedtruck_")
    ]
    return page(
        "Metrics",
        "What `/metrics` gives to Prometheus, all processes of an installation together.",
        table(("name", "kind", "labels", "what it measures"), sorted(rows)),
    )
