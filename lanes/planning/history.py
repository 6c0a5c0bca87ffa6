"""Published counts of northbound trucks, by crossing and month."""

import csv

from lanes.demonstration.day import COUNTS, CROSSING
from lanes.planning.forecast import Count


def crossings() -> dict[str, list[Count]]:
    """Every crossing of the series with its months in order."""
    found: dict[str, list[Count]] = {}
    with COUNTS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            count = Count(int(row["year"]), int(row["month"]), float(row["trucks"]))
            found.setdefault(row["crossing"], []).append(count)
    return {name: sorted(found[name], key=lambda c: (c.year, c.month)) for name in sorted(found)}


def world_trade(text: str) -> float:
    """Trucks of the month `YYYY-MM` at World Trade Bridge. Raises KeyError."""
    counts = {f"{c.year}-{c.month:02d}": c.trucks for c in crossings()[CROSSING]}
    return counts[text]
