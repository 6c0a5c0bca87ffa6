"""A port's policy as the rules read it: numbers and switches, no behaviour."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Policy:
    """One version. Rates are probabilities in [0, 1] by tier ("1", "2", "3").

    - `late_report_s`: an arrival observed longer ago than this was already handled at the gate.
    - `filing_minutes`, `fast_filing_minutes`: how long before arrival a manifest must be complete
      (CBP: 60, and 30 for FAST); the second binds here, the first is what carriers are told.
    - `trip_window_hours`: how far from its expected arrival a trip may be.
    - `weight_tolerance`: the share by which the scale may differ from the manifest.
    - `require_weight`, `require_radiation`: off only where the gates have no scale or portal.
    - `clone_minutes`: the shortest time between two gates for one and the same tag.
    - `lane_policy`: `dedicated` fast lanes serve fast trucks only; `open` lets others use a fast
      lane that stands idle; `priority` lets fast trucks use every lane, ahead of the others.
    """

    version: int
    sampling_by_tier: Mapping[str, float] = field(
        default_factory=lambda: {"1": 0.10, "2": 0.05, "3": 0.02}
    )
    late_report_s: float = 300.0
    filing_minutes: float = 60.0
    fast_filing_minutes: float = 30.0
    trip_window_hours: float = 24.0
    weight_tolerance: float = 0.05
    require_weight: bool = True
    require_radiation: bool = True
    clone_minutes: float = 10.0
    lane_policy: str = "dedicated"

    def as_json(self) -> dict[str, Any]:
        body = asdict(self)
        del body["version"]
        return body

    @classmethod
    def from_json(cls, version: int, body: Mapping[str, Any]) -> "Policy":
        return cls(version=version, **body)
