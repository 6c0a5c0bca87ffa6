"""A carrier's record: how often its trucks comply, how sure that is, and its points."""

import math
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from lanes.inspections.models import Exam, Finding, Inspection
from trustedtruck.carriers.models import Carrier

YEAR = timedelta(days=365)
Z_95 = 1.959963984540054
# The graded scale: what one finding costs, and a failed sheet without any. Points last a year.
POINTS = {
    "narcotics": 30,
    "human_smuggling": 30,
    "weapon": 25,
    "currency": 15,
    "agricultural_pest": 10,
    "duty_evasion": 10,
    "false_origin": 10,
    "transshipment": 10,
    "consumer_safety": 8,
    "intellectual_property": 8,
}
FAILED_SHEET = 4


@dataclass(frozen=True, slots=True)
class Rate:
    """So many compliant of `n`, with the 95 % interval of Wilson; None where n is 0."""

    compliant: int
    n: int

    @property
    def value(self) -> float | None:
        return self.compliant / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.compliant, self.n)


@dataclass(frozen=True, slots=True)
class Record:
    """Random exams estimate how often trucks comply; targeted ones only say what was found."""

    random: Rate
    targeted: Rate
    points: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"interval": self.random.interval}


def wilson(hits: int, n: int, z: float = Z_95) -> tuple[float, float] | None:
    """The score interval of a share (Wilson 1927): honest for small n and for shares near 1."""
    if n == 0:
        return None
    share, square = hits / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def record_of(carrier: Carrier, *, at: datetime) -> Record:
    """The last year of a carrier."""
    seen = Inspection.objects.filter(
        carrier=carrier, closed_at__gt=at - YEAR, closed_at__lte=at
    ).exclude(result="")
    found = seen.aggregate(
        **{
            f"{basis}_{what}": Count("pk", filter=Q(basis=basis) & more)
            for basis in ("random", "targeted")
            for what, more in (("n", Q()), ("good", Q(result="compliant")))
        }
    )
    return Record(
        Rate(found["random_good"], found["random_n"]),
        Rate(found["targeted_good"], found["targeted_n"]),
        points_of(carrier, at=at),
    )


def points_of(carrier: Carrier, *, at: datetime) -> int:
    """Findings of the last year by the graded scale, and failed sheets."""
    period = {"approved_at__gt": at - YEAR, "approved_at__lte": at, "state": "approved"}
    categories = Finding.objects.filter(
        exam__inspection__carrier=carrier,
        **{f"exam__{name}": value for name, value in period.items()},
    ).values_list("category", flat=True)
    failed = Exam.objects.filter(
        inspection__carrier=carrier, passed=False, findings__isnull=True, **period
    )
    return sum(POINTS[category] for category in categories) + FAILED_SHEET * failed.count()
