"""A port's policy as the rules read it: numbers and switches, no behaviour."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Policy:
    """One version. Rates are probabilities in [0, 1] by tier ("1", "2", "3").

    `late_report_s`: an arrival observed longer ago than this was already handled at the gate.
    """

    version: int
    sampling_by_tier: Mapping[str, float] = field(
        default_factory=lambda: {"1": 0.10, "2": 0.05, "3": 0.02}
    )
    late_report_s: float = 300.0

    def as_json(self) -> dict[str, Any]:
        body = asdict(self)
        del body["version"]
        return body

    @classmethod
    def from_json(cls, version: int, body: Mapping[str, Any]) -> "Policy":
        return cls(version=version, **body)
