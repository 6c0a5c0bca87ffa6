"""What a plant-health certificate says, as plain values."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Line:
    """One trade line. Weights are kg."""

    hs_code: str = ""
    scientific_name: str = ""
    common_name: str = ""
    description: str = ""
    origin_country: str = ""
    net_weight_kg: Decimal | None = None
    gross_weight_kg: Decimal | None = None


@dataclass
class Parsed:
    """A certificate as read. `not_understood` says in words what was passed over, and where."""

    number: str = ""
    name: str = ""
    type_code: str = ""
    status_code: str = ""
    issued_at: dt.datetime | None = None
    issuer: str = ""
    consignor: str = ""
    consignee: str = ""
    export_country: str = ""
    import_country: str = ""
    replaces: str = ""
    seals: list[tuple[str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
