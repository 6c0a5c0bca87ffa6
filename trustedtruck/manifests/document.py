"""A truck manifest as plain values, whatever format it came in.

Named tuples and not data classes: a manifest of twenty shipments makes some two hundred of them,
and a file makes a thousand times that. Texts are in the normal form of their identifier; `""` and
`None` mean “not given”. Weights are kg, values whole US dollars, days `YYYY-MM-DD`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

KG_PER_LB = Decimal("0.45359237")
MAX_SHIPMENTS = 9_999  # LX01 of a 309 has four digits
MAX_ITEMS = 999  # of anything else that stands in a list

PURPOSES = ("complete", "preliminary", "amendment", "delete")
CONVEYANCE_KINDS = ("tractor", "straight_truck")
EQUIPMENT_KINDS = ("trailer", "container", "chassis")
SEAL_GRADES = ("H", "S", "I")  # ISO 17712: high security, security, indicative
CREW_ROLES = ("driver", "crew", "passenger")
GENDERS = ("M", "F", "X")
PARTY_ROLES = ("shipper", "consignee", "manufacturer", "importer", "broker")
RELEASES = ("paps", "brass", "in_bond", "section_321", "goods_astray", "informal")
DOCUMENT_KINDS = (
    "passport",
    "drivers_licence",
    "visa",
    "permanent_resident",
    "birth_certificate",
    "border_crossing_card",
)


class Plate(NamedTuple):
    number: str = ""
    jurisdiction: str = ""


class Seal(NamedTuple):
    """`grade` is the class of ISO 17712: H, S, I, or empty where the filer does not say."""

    number: str
    grade: str = ""


class Conveyance(NamedTuple):
    kind: str = "tractor"
    number: str = ""
    vin: str = ""
    plate: Plate = Plate()
    usdot: str = ""
    tag_epc: str = ""
    seals: tuple[Seal, ...] = ()


class Equipment(NamedTuple):
    """A trailer, container or chassis that the conveyance pulls or carries."""

    kind: str = "trailer"
    number: str = ""
    plate: Plate = Plate()
    loaded: bool = True
    seals: tuple[Seal, ...] = ()


class PersonDocument(NamedTuple):
    kind: str
    number: str
    country: str = ""


class Person(NamedTuple):
    role: str = "driver"
    given_names: str = ""
    family_names: str = ""
    birth_date: str = ""
    citizenship: str = ""
    gender: str = ""
    fast_card: str = ""
    documents: tuple[PersonDocument, ...] = ()


class Party(NamedTuple):
    """`programme_number` is the trusted-trader number that the filer states for it."""

    role: str
    name: str = ""
    line: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    programme_number: str = ""


class Commodity(NamedTuple):
    """`quantity` counts the lowest packaging unit: 200 cartons, not 10 pallets."""

    description: str = ""
    quantity: int = 0
    unit: str = "CTN"
    weight_kg: Decimal = Decimal(0)
    hs_code: str = ""
    origin_country: str = ""
    value_usd: int | None = None
    un_number: str = ""


class Shipment(NamedTuple):
    control_number: str = ""
    release: str = "paps"
    equipment: str = ""
    parties: tuple[Party, ...] = ()
    commodities: tuple[Commodity, ...] = ()
    pedimento: str = ""


class Trip(NamedTuple):
    """The trip without its shipments. `gross_weight_kg` is the whole truck's, as declared."""

    port: str = ""
    estimated_arrival_at: datetime | None = None
    conveyance: Conveyance | None = None
    equipment: tuple[Equipment, ...] = ()
    crew: tuple[Person, ...] = ()
    gross_weight_kg: int | None = None


class Filing(NamedTuple):
    """One message of a carrier about one trip.

    `trip` is None where the message speaks of shipments only; `port` is then theirs. `replaces`
    means that `shipments` is the whole list; otherwise they are added to, or replaced in, what is
    on file. `links` puts shipments already on file on the trip, `delinks` takes them off,
    `deletes` deletes them.
    """

    purpose: str
    scac: str
    trip_number: str
    control_number: str = ""
    port: str = ""
    trip: Trip | None = None
    shipments: tuple[Shipment, ...] = ()
    links: tuple[str, ...] = ()
    delinks: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    replaces: bool = False


def as_json(value: Any) -> Any:
    """The document as JSON values: objects, lists, texts and numbers."""
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return {name: as_json(item) for name, item in zip(value._fields, value, strict=True)}
        return [as_json(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
