"""What arrived against what was filed: what agrees, what does not, and what cannot be compared.

Pure: plain values in, plain values out, in a fixed order. It decides nothing; a comparison that
cannot be made has `agrees=None`, which whoever decides must not take for a pass.
"""

from dataclasses import asdict, dataclass
from typing import Any

from trustedtruck.manifests.facts import TripFacts

DEADLINE_MINUTES = 60
FAST_DEADLINE_MINUTES = 30  # from memory, not from a published rule: pass the policy's own
WEIGHT_TOLERANCE = 0.10


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the gate's readers saw. `""` and `None` are not known; `seals` None were not read."""

    arrived_at: float
    port: str
    tag_epc: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
    trailer_plate: str = ""
    seals: tuple[str, ...] | None = None
    fast_card: str = ""
    driver_public_id: str = ""
    gross_weight_kg: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: `filed` and `seen` as short texts for people."""

    name: str
    agrees: bool | None
    filed: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """All comparisons of one arrival with its trip. `found` False: there is no trip to compare."""

    found: bool
    comparisons: tuple[Comparison, ...] = ()

    def __getitem__(self, name: str) -> Comparison:
        return next(c for c in self.comparisons if c.name == name)

    @property
    def disagrees(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.comparisons if c.agrees is False)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.comparisons if c.agrees is None)

    @property
    def all_agree(self) -> bool:
        return self.found and all(c.agrees for c in self.comparisons)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def match(
    arrived: Arrived,
    trip: TripFacts | None,
    *,
    fast: bool = True,
    deadline_minutes: int = DEADLINE_MINUTES,
    fast_deadline_minutes: int = FAST_DEADLINE_MINUTES,
    weight_tolerance: float = WEIGHT_TOLERANCE,
    certificates_for: tuple[str, ...] = (),
) -> Match:
    """Compare an arrival with its trip.

    Names: `port`, `state`, `deadline`, `plate`, `tag`, `driver`, and for a laden truck `seals`,
    `seal_grade`, `certificates`, `weight`; `trailer` where a trailer's plate was read.
    """
    if trip is None:
        return Match(False)
    minutes = fast_deadline_minutes if fast else deadline_minutes
    made = [
        Comparison("port", arrived.port == trip.port, trip.port, arrived.port),
        Comparison("state", trip.state == "filed", trip.state),
        _deadline(arrived, trip, minutes),
        _same(
            "plate",
            f"{trip.plate_jurisdiction} {trip.plate_number}".strip(),
            f"{arrived.plate_jurisdiction or trip.plate_jurisdiction} {arrived.plate_number}"
            if arrived.plate_number
            else "",
        ),
        _same("tag", trip.tag_epc, arrived.tag_epc),
        _driver(arrived, trip),
    ]
    if arrived.trailer_plate:
        plates = {t.plate_number for t in trip.trailers if t.plate_number}
        made.append(
            Comparison(
                "trailer",
                arrived.trailer_plate in plates if plates else None,
                ", ".join(sorted(plates)),
                arrived.trailer_plate,
            )
        )
    if trip.laden:
        made += [_seals(arrived, trip), _grade(trip), _certificates(trip, certificates_for)]
    made.append(_weight(arrived, trip, weight_tolerance))
    return Match(True, tuple(made))


def _same(name: str, filed: str, seen: str) -> Comparison:
    return Comparison(name, filed == seen if filed and seen else None, filed, seen)


def _deadline(arrived: Arrived, trip: TripFacts, minutes: int) -> Comparison:
    """19 CFR 123.92: the manifest is on file so long before the truck arrives."""
    if trip.filed_at is None:
        return Comparison("deadline", None)
    ahead = (arrived.arrived_at - trip.filed_at) / 60
    return Comparison("deadline", ahead >= minutes, f"{ahead:.0f} min", f"{minutes} min")


def _driver(arrived: Arrived, trip: TripFacts) -> Comparison:
    drivers = trip.drivers
    filed = ", ".join(d.fast_card or "?" for d in drivers)
    if arrived.driver_public_id:
        known = {d.driver_public_id for d in drivers if d.driver_public_id}
        agrees = arrived.driver_public_id in known
        return Comparison("driver", agrees, filed, arrived.driver_public_id)
    if arrived.fast_card:
        return Comparison(
            "driver",
            any(d.fast_card == arrived.fast_card for d in drivers),
            filed,
            arrived.fast_card,
        )
    return Comparison("driver", None, filed)


def _seals(arrived: Arrived, trip: TripFacts) -> Comparison:
    """All that were filed were seen, and no other."""
    filed = {s.number for s in trip.seals}
    if arrived.seals is None:
        return Comparison("seals", None, ", ".join(sorted(filed)))
    seen = set(arrived.seals)
    agrees = bool(filed) and filed == seen
    return Comparison("seals", agrees, ", ".join(sorted(filed)), ", ".join(sorted(seen)))


def _grade(trip: TripFacts) -> Comparison:
    """Every loaded trailer has a seal, and every seal is high-security (ISO 17712 class H)."""
    bare = [t.number for t in trip.trailers if t.loaded and not t.seals]
    grades = sorted({s.grade or "?" for s in trip.seals})
    low = any(s.grade in ("S", "I") for s in trip.seals)
    if bare or low or not trip.seals:
        return Comparison("seal_grade", False, ", ".join(grades), ", ".join(bare))
    agrees = None if any(not s.grade for s in trip.seals) else True
    return Comparison("seal_grade", agrees, ", ".join(grades))


def _certificates(trip: TripFacts, prefixes: tuple[str, ...]) -> Comparison:
    """Each shipment that needs a plant-health certificate has one that agrees with it."""
    needing = [s.control_number for s in trip.shipments if s.may_hold(prefixes)]
    good = {c.control_number for c in trip.certificates if c.agrees}
    missing = [number for number in needing if number not in good]
    wrong = sorted(
        {f"{c.number}: {m}" for c in trip.certificates for m in c.mismatches or (c.state,)}
    )
    return Comparison("certificates", not missing, ", ".join(missing), "; ".join(wrong)[:200])


def _weight(arrived: Arrived, trip: TripFacts, tolerance: float) -> Comparison:
    """The scale against the declared weight of the whole truck, either way."""
    filed, seen = trip.gross_weight_kg, arrived.gross_weight_kg
    if filed is None or seen is None:
        return Comparison("weight", None, _kg(filed), _kg(seen))
    return Comparison("weight", abs(seen - filed) <= tolerance * filed, _kg(filed), _kg(seen))


def _kg(weight: int | None) -> str:
    return "" if weight is None else f"{weight} kg"
