"""Everything a decision is made from, as plain values that survive a round trip through JSON.

`None` means “not known”, which is never a pass. Instants are POSIX seconds (UTC), weights kg.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from trustedtruck.manifests.facts import TripFacts


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gate's readers saw, in the normal form of each identifier."""

    observed_at: float
    received_at: float
    direction: str
    lane_group: str = ""
    tag_epc: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
    trip_number: str = ""
    seals: tuple[str, ...] = ()
    gross_weight_kg: int | None = None
    radiation_alarm: bool | None = None


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """`exams` of its trucks and how many of them found something (`findings`); None: not known."""

    id: int
    scac: str
    state: str
    tier: int | None
    exams: int | None = None
    findings: int | None = None


@dataclass(frozen=True, slots=True)
class TruckFacts:
    id: int
    carrier_id: int
    tag_epc: str
    plate_number: str
    plate_jurisdiction: str


@dataclass(frozen=True, slots=True)
class DriverFacts:
    id: int
    carrier_id: int
    fast_card: str
    fast_card_expires_at: float | None


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """The newest credential of a truck or driver, as the database has it."""

    id: int
    public_id: str
    subject_id: int
    state: str
    valid_from: float
    valid_until: float
    tag_epc: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential that was shown (QR, `vc+jwt` or card) and what checking it gave.

    `failures` are the verifier's codes; an empty tuple means that signature, form and dates hold.
    """

    kind: str
    public_id: str
    tag_epc: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where this tag or QR code was seen at another gate, nearest in time to this arrival.

    `seconds_before` is the time between the two, whichever came first.
    """

    arrival_id: str
    device_id: int
    same_port: bool
    seconds_before: float


@dataclass(frozen=True, slots=True)
class Owed:
    """An exam that this truck or its driver owes from an earlier arrival, and by when."""

    arrival_id: str
    station: str
    due_at: float
    appeared_at: float | None = None


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """The bundle that an edge knows everything from, and until when it may be believed."""

    seq: int
    expires_at: float


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """A lane at the moment of the decision. `queue` counts trucks sent and not yet through.

    `fast_queue` are those of them with the fast route; None: not counted.
    """

    id: int
    code: str
    route: str
    group: str
    open: bool
    directions: tuple[str, ...]
    load: str
    queue: int
    service_seconds: float
    fast_queue: int | None = None

    def longer(self, trucks: int, *, fast: bool) -> "LaneFacts":
        """The lane with so many trucks more in its line."""
        if not trucks:
            return self
        counted = self.fast_queue if not fast else (self.fast_queue or 0) + trucks
        return replace(self, queue=self.queue + trucks, fast_queue=counted)


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """An alert that stands against the truck or its trip; `close` where only names are close."""

    id: str
    close: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """What the committing statement looks at again: the keys by which alerts find this truck.

    `passed` are the index rows that were compared in full and stand against nothing.
    """

    keys: tuple[str, ...]
    passed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about one arrival when it is decided."""

    seen: Seen
    port: str = ""
    carrier: CarrierFacts | None = None
    truck: TruckFacts | None = None
    truck_credential: CredentialFacts | None = None
    driver: DriverFacts | None = None
    driver_credential: CredentialFacts | None = None
    presented: tuple[Presented, ...] = ()
    trip: TripFacts | None = None
    elsewhere: Elsewhere | None = None
    qr_elsewhere: Elsewhere | None = None
    held: bool = False
    alerts: tuple[AlertFacts, ...] = ()
    alerts_checked: bool = True
    owed: tuple[Owed, ...] = ()
    lanes: tuple[LaneFacts, ...] = ()
    # Only at an edge; headquarters looks at its own tables.
    bundle: BundleFacts | None = None
    # For the commit alone: no rule looks at it, and it is not kept.
    watch: Watch | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers; `Facts.from_json` gives an equal object back.

        Lanes are rows without names: every decision stores all of them.
        """
        return {
            "seen": _as_dict(self.seen),
            "port": self.port,
            "carrier": _as_dict(self.carrier),
            "truck": _as_dict(self.truck),
            "truck_credential": _as_dict(self.truck_credential),
            "driver": _as_dict(self.driver),
            "driver_credential": _as_dict(self.driver_credential),
            "presented": [_as_dict(shown) for shown in self.presented],
            "trip": self.trip.as_json() if self.trip else None,
            "elsewhere": _as_dict(self.elsewhere),
            "qr_elsewhere": _as_dict(self.qr_elsewhere),
            "held": self.held,
            "alerts": [_as_dict(alert) for alert in self.alerts],
            "alerts_checked": self.alerts_checked,
            "owed": [_as_dict(exam) for exam in self.owed],
            "lanes": [list(_as_dict(lane).values()) for lane in self.lanes],
            "bundle": _as_dict(self.bundle),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Facts":
        return cls(
            seen=_from_dict(Seen, value["seen"]),
            port=value["port"],
            carrier=_from_dict(CarrierFacts, value["carrier"]),
            truck=_from_dict(TruckFacts, value["truck"]),
            truck_credential=_from_dict(CredentialFacts, value["truck_credential"]),
            driver=_from_dict(DriverFacts, value["driver"]),
            driver_credential=_from_dict(CredentialFacts, value["driver_credential"]),
            presented=tuple(_from_dict(Presented, item) for item in value["presented"]),
            trip=TripFacts.from_json(value["trip"]) if value["trip"] else None,
            elsewhere=_from_dict(Elsewhere, value["elsewhere"]),
            # Decisions of before QR codes were compared say nothing of them.
            qr_elsewhere=_from_dict(Elsewhere, value.get("qr_elsewhere")),
            # Decisions from before there were alerts looked at none.
            held=value.get("held", False),
            alerts=tuple(_from_dict(AlertFacts, item) for item in value.get("alerts", ())),
            alerts_checked=value.get("alerts_checked", True),
            # Decisions of before exams were owed say nothing of them: none was known then.
            owed=tuple(_from_dict(Owed, item) for item in value.get("owed", ())),
            lanes=tuple(
                # Decisions of before fast trucks were counted apart have shorter rows.
                _from_dict(LaneFacts, dict(zip(LaneFacts.__slots__, row, strict=False)))
                for row in value["lanes"]
            ),
            bundle=_from_dict(BundleFacts, value.get("bundle")),
        )


def _as_dict(item: Any) -> Any:
    """A flat dataclass as a dict; `dataclasses.asdict` copies deeply and takes far longer."""
    return None if item is None else {name: getattr(item, name) for name in item.__slots__}


def _from_dict(kind: type[Any], item: dict[str, Any] | None) -> Any:
    if item is None:
        return None
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in item.items()})
