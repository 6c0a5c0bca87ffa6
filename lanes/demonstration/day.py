"""A day of arrivals after a real month: how many trucks come, and in which hour."""

import csv
import random
from calendar import monthrange
from dataclasses import dataclass
from pathlib import Path

COUNTS = Path(__file__).parent / "data" / "northbound_trucks_monthly_2018_2023.csv"
CROSSING = "World Trade Bridge"
# The port is open for about 17 hours. The share of each hour is an assumption: published counts
# are monthly. It rises to the early afternoon, as border waits do.
OPENS = 7
SHARES = (3, 5, 6, 7, 7, 8, 8, 8, 8, 7, 7, 6, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Month:
    """A month's count of northbound trucks (CBP, by way of the published series)."""

    year: int
    month: int
    trucks: int

    @property
    def a_day(self) -> int:
        return round(self.trucks / monthrange(self.year, self.month)[1])


def month(text: str) -> Month:
    """The month `YYYY-MM`. Raises ValueError with the months that there are."""
    with COUNTS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["crossing"] == CROSSING]
    months = {
        f"{int(row['year'])}-{int(row['month']):02d}": Month(
            int(row["year"]), int(row["month"]), int(row["trucks"])
        )
        for row in rows
    }
    if text not in months:
        raise ValueError(f"no count for {text}: there are {min(months)} to {max(months)}")
    return months[text]


def instants(trucks: int, chance: random.Random) -> list[float]:
    """Seconds since midnight at which so many trucks arrive over the day, in order."""
    hours = chance.choices(range(len(SHARES)), weights=SHARES, k=trucks)
    return sorted((OPENS + hour) * 3600 + chance.random() * 3600 for hour in hours)
