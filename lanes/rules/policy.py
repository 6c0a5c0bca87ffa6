"""A port's policy as the rules read it: numbers and switches, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

LANE_POLICIES = ("dedicated", "open", "priority")
RECORDS = ("clean", "findings", "unknown")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A sampling rate for a while. The period's end is exclusive; None means open.

    An empty tuple matches every truck; several kinds of match must all hold.
    """

    name: str
    rate: float
    begins_at: float
    ends_at: float | None = None
    tiers: tuple[int, ...] = ()
    chapters: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rate": self.rate,
            "from": _instant(self.begins_at),
            "until": None if self.ends_at is None else _instant(self.ends_at),
            "tiers": list(self.tiers),
            "chapters": list(self.chapters),
            "carriers": list(self.carriers),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Campaign":
        until = value.get("until")
        return cls(
            name=value["name"],
            rate=value["rate"],
            begins_at=seconds_of(value["from"]),
            ends_at=None if until is None else seconds_of(until),
            tiers=tuple(value.get("tiers", ())),
            chapters=tuple(value.get("chapters", ())),
            carriers=tuple(value.get("carriers", ())),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """One version. Rates are probabilities in [0, 1]; the highest that applies to a truck counts.

    - `sampling_by_tier`: by the carrier's tier ("1", "2", "3").
    - `sampling_by_commodity`: by HS chapter ("07"), for goods that need more looking at.
    - `sampling_by_record`: by what earlier exams of the carrier found: "clean", "findings", or
      "unknown" where there was none. Empty: not asked.
    - `certificates_required`: the goods that need a plant-health certificate, by HS prefix ("08",
      "080440"). A draft that asks for more than was asked finds no certificate in the facts of
      then, for none was looked for.
    - `campaigns`: rates for a period, for whom they name.
    - `late_report_s`: an arrival observed longer ago than this was already handled at the gate.
    - `filing_minutes`, `fast_filing_minutes`: how long before arrival a manifest must be complete
      (CBP: 60, and 30 for FAST); the second binds here, the first is what carriers are told.
    - `trip_window_hours`: how far from its expected arrival a trip may be.
    - `weight_tolerance`: the share by which the scale may differ from the manifest.
    - `require_weight`, `require_radiation`: off only where the gates have no scale or portal.
    - `clone_minutes`: the shortest time between two gates for one and the same tag.
    - `lane_policy`: `dedicated` fast lanes serve fast trucks only; `open` lets others use a fast
      lane that stands idle; `priority` lets fast trucks use every lane, ahead of the others.
    - `deadline_ms`: how long a truck waits for its decision at most; None: the port's own time.
    - `no_show_minutes`: how soon a truck must appear at the station that it is ordered to.
    - `second_look_score`: a scan with a mark of this score, or a radiation alarm, is cleared only
      by two people.
    - `long_stop_minutes`: how long a jointly released truck may take to the second point.
    """

    version: int
    sampling_by_tier: Mapping[str, float] = field(
        default_factory=lambda: {"1": 0.10, "2": 0.05, "3": 0.02}
    )
    sampling_by_commodity: Mapping[str, float] = field(default_factory=dict)
    sampling_by_record: Mapping[str, float] = field(default_factory=dict)
    # Plants and their products; which of them need one is national policy.
    certificates_required: tuple[str, ...] = tuple(f"{chapter:02}" for chapter in range(6, 15))
    campaigns: tuple[Campaign, ...] = ()
    late_report_s: float = 300.0
    filing_minutes: float = 60.0
    fast_filing_minutes: float = 30.0
    trip_window_hours: float = 24.0
    weight_tolerance: float = 0.05
    require_weight: bool = True
    require_radiation: bool = True
    clone_minutes: float = 10.0
    lane_policy: str = "dedicated"
    deadline_ms: float | None = None
    no_show_minutes: float = 20.0
    second_look_score: float = 0.7
    long_stop_minutes: float = 5.0

    def as_json(self) -> dict[str, Any]:
        """Every field but the version, in plain JSON; `Policy.from_json` gives an equal one."""
        return {name: _plain(getattr(self, name)) for name in BODY}

    @classmethod
    def from_json(cls, version: int, body: Mapping[str, Any]) -> "Policy":
        values = dict(body)
        values["campaigns"] = tuple(Campaign.from_json(item) for item in body.get("campaigns", ()))
        if "certificates_required" in body:
            values["certificates_required"] = tuple(body["certificates_required"])
        return cls(version=version, **values)


BODY = tuple(found.name for found in fields(Policy) if found.name != "version")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [item.as_json() if isinstance(item, Campaign) else item for item in value]
    return value


def seconds_of(text: str) -> float:
    """POSIX seconds of an RFC 3339 instant. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.timestamp()


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
