"""The two charts of `docs/performance.md`, drawn by `manage.py bench --write` beside its table."""

from collections.abc import Sequence

from django.conf import settings

from lanes.benchmarks import charts
from trustedtruck.core.bench import Result

SERIES = ("bare insert", "textbook", "ours")


def draw(results: Sequence[Result]) -> None:
    """Throughput and latency, from the results by their names."""
    found = {result.name: result.value for result in results}
    for name, title, unit, groups, figure in (
        ("throughput", "Answers at full load", "per second", ("1", "8", "32"), "{}, {} clients"),
        ("latency", "Time to the lane, p50", "ms", ("20", "60", "150"), "{}, {} a second, p50"),
    ):
        suffix = " clients" if name == "throughput" else " a second"
        series = {s: [found[figure.format(s, g)] for g in groups] for s in SERIES}
        drawn = charts.bars(title, unit, series, [g + suffix for g in groups])
        (settings.BASE_DIR / "docs" / f"performance-{name}.svg").write_text(drawn)
