"""What the advance data says about one trip, as plain values that survive a round trip in JSON.

`None` means “not known”, which is never a pass. Instants are POSIX seconds (UTC), weights kg,
identifiers in their normal form.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SealFacts:
    """`grade` is H, S or I of ISO 17712, or empty where the filer does not say."""

    number: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class TrailerFacts:
    kind: str
    number: str
    plate_number: str
    plate_jurisdiction: str
    loaded: bool
    seals: tuple[SealFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class CrewFacts:
    """A person aboard. `driver_id` is the carrier's enrolled driver who holds the FAST card now."""

    role: str
    fast_card: str = ""
    driver_id: int | None = None
    driver_public_id: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentFacts:
    """`…_certified`: True or False by the register of trade partners, None where none is named.

    `unnamed`: some of the goods have no HS code.
    """

    control_number: str
    equipment: str = ""
    hs_codes: tuple[str, ...] = ()
    origin_countries: tuple[str, ...] = ()
    weight_kg: int = 0
    manufacturer_certified: bool | None = None
    importer_certified: bool | None = None
    unnamed: bool = False

    @property
    def goods_known(self) -> bool:
        return bool(self.hs_codes) and not self.unnamed

    def may_hold(self, prefixes: tuple[str, ...]) -> bool:
        """Whether goods under one of these HS prefixes can be in it: what is unnamed could be any.

        Prefixes have at most six digits, which every HS code has.
        """
        return bool(prefixes) and (
            not self.goods_known or any(code.startswith(prefixes) for code in self.hs_codes)
        )


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A plant-health certificate that speaks of a shipment; `mismatches` are stable codes.

    `source` is who sent it: `agency`, `device` (a port) or `carrier`.
    """

    public_id: str
    number: str
    state: str
    control_number: str
    seal_bound: bool
    source: str = ""
    mismatches: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.state == "issued" and self.seal_bound and not self.mismatches


@dataclass(frozen=True, slots=True)
class TripFacts:
    """One trip. `found_by` is `trip_number`, `tag`, `vin` or `plate`."""

    id: int
    trip_number: str
    carrier_id: int
    scac: str
    port: str
    state: str
    purpose: str
    found_by: str
    changed_at: float
    filed_at: float | None = None
    estimated_arrival_at: float | None = None
    truck_number: str = ""
    plate_number: str = ""
    plate_jurisdiction: str = ""
    vin: str = ""
    tag_epc: str = ""
    gross_weight_kg: int | None = None
    cargo_weight_kg: int = 0
    laden: bool = False
    trailers: tuple[TrailerFacts, ...] = ()
    seals: tuple[SealFacts, ...] = ()
    crew: tuple[CrewFacts, ...] = ()
    shipments: tuple[ShipmentFacts, ...] = ()
    certificates: tuple[CertificateFacts, ...] = ()

    @property
    def hs_codes(self) -> tuple[str, ...]:
        return tuple(sorted({code for s in self.shipments for code in s.hs_codes}))

    @property
    def drivers(self) -> tuple[CrewFacts, ...]:
        return tuple(person for person in self.crew if person.role == "driver")

    def as_json(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers; `TripFacts.from_json` gives an equal object back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TripFacts":
        """Read what `as_json` wrote, also after a trip through JSON, which makes tuples lists."""
        parts = {
            "trailers": tuple(
                TrailerFacts(**{**t, "seals": tuple(SealFacts(**s) for s in t["seals"])})
                for t in value["trailers"]
            ),
            "seals": tuple(SealFacts(**s) for s in value["seals"]),
            "crew": tuple(CrewFacts(**c) for c in value["crew"]),
            "shipments": tuple(ShipmentFacts(**_tuples(_goods(s))) for s in value["shipments"]),
            "certificates": tuple(CertificateFacts(**_tuples(c)) for c in value["certificates"]),
        }
        return cls(**{**value, **parts})


def _goods(value: dict[str, Any]) -> dict[str, Any]:
    """Older facts also say whether a certificate was required, which is the policy's to say."""
    return {k: v for k, v in value.items() if k != "certificate_required"}


def _tuples(value: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
