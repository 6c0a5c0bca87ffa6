"""The bodies as OpenAPI 3 describes them, written from the same lists that the reader uses."""

from typing import Any

from trustedtruck.manifests import document as doc


def text(pattern: str = "", most: int = 0, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "string", **more}
    if pattern:
        made["pattern"] = pattern
    if most:
        made["maxLength"] = most
    return made


def one_of(names: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


def listed(item: dict[str, Any], most: int = doc.MAX_ITEMS) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": most}


def made_of(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


COUNTRY = text(r"^[A-Z]{2}$")
INSTANT = text(format="date-time")
WHOLE = {"type": "integer", "minimum": 1}
PLATE = made_of(["number", "jurisdiction"], number=text(most=10), jurisdiction=text(most=3))
SEAL = made_of(["number"], number=text(most=15), grade=one_of(doc.SEAL_GRADES))
CONVEYANCE = made_of(
    ["number", "plate"],
    kind=one_of(doc.CONVEYANCE_KINDS),
    number=text(most=17),
    vin=text(most=17),
    plate=PLATE,
    usdot=text(most=8),
    tag_epc=text(r"^[0-9A-F]{24}$"),
    seals=listed(SEAL),
)
EQUIPMENT = made_of(
    ["number"],
    kind=one_of(doc.EQUIPMENT_KINDS),
    number=text(most=17),
    plate=PLATE,
    loaded={"type": "boolean"},
    seals=listed(SEAL),
)
PERSON = made_of(
    ["given_names", "family_names", "birth_date", "citizenship"],
    role=one_of(doc.CREW_ROLES),
    given_names=text(most=30),
    family_names=text(most=30),
    birth_date=text(format="date"),
    citizenship=COUNTRY,
    gender=one_of(doc.GENDERS),
    fast_card=text(r"^[0-9A-Z]{14}$"),
    documents=listed(
        made_of(["number"], kind=one_of(doc.DOCUMENT_KINDS), number=text(most=30), country=COUNTRY)
    ),
)
PARTY = made_of(
    ["role", "name"],
    role=one_of(doc.PARTY_ROLES),
    name=text(most=60),
    line=text(most=110),
    city=text(most=60),
    region=text(most=3),
    postal_code=text(most=15),
    country=COUNTRY,
    programme_number=text(most=32),
)
COMMODITY = made_of(
    ["description", "quantity", "weight_kg", "origin_country"],
    description=text(most=512),
    quantity=WHOLE,
    unit=text(most=3),
    weight_kg={"type": "number", "exclusiveMinimum": True, "minimum": 0},
    hs_code=text(r"^[0-9]{6,10}$"),
    origin_country=COUNTRY,
    value_usd={"type": "integer", "minimum": 0},
    un_number=text(r"^[0-9]{4}$"),
)
SHIPMENT = made_of(
    ["control_number", "parties", "commodities"],
    control_number=text(r"^[A-Z]{4}[A-Z0-9]{4,12}$"),
    release=one_of(doc.RELEASES),
    equipment=text(most=17),
    parties=listed(PARTY),
    commodities=listed(COMMODITY),
    pedimento=text(r"^[0-9]{15}$"),
)
MANIFEST = made_of(
    ["trip_number"],
    purpose=one_of(doc.PURPOSES),
    trip_number=text(r"^[A-Z]{4}[A-Z0-9]{4,21}$"),
    scac=text(r"^[A-Z]{4}$"),
    control_number=text(most=32),
    port=text(r"^[0-9]{4}$"),
    estimated_arrival_at=INSTANT,
    gross_weight_kg=WHOLE,
    conveyance=CONVEYANCE,
    equipment=listed(EQUIPMENT),
    crew=listed(PERSON),
    shipments=listed(SHIPMENT, doc.MAX_SHIPMENTS),
    links=listed(text(most=16), doc.MAX_SHIPMENTS),
    delinks=listed(text(most=16), doc.MAX_SHIPMENTS),
)
TRIP = made_of(
    ["id", "trip_number", "state", "version"],
    id=text(format="uuid"),
    trip_number=text(),
    scac=text(),
    state=one_of(("preliminary", "filed", "arrived", "cancelled")),
    purpose=text(),
    version={"type": "integer"},
    port=text(),
    estimated_arrival_at=text(format="date-time", nullable=True),
    filed_at=text(format="date-time", nullable=True),
    changed_at=INSTANT,
    arrived_at=text(format="date-time", nullable=True),
    cancelled_at=text(format="date-time", nullable=True),
    gross_weight_kg={"type": "integer", "nullable": True},
    conveyance={"type": "object", "nullable": True},
    equipment=listed({"type": "object"}),
    crew=listed({"type": "object"}),
    shipments=listed({"type": "object"}, doc.MAX_SHIPMENTS),
    versions=listed({"type": "object"}, doc.MAX_SHIPMENTS),
)
SUBMISSION = made_of(
    ["submission"],
    submission=text(format="uuid"),
    repeated={"type": "boolean"},
    state_of_message=one_of(("waiting", "accepted", "rejected")),
    trip_number=text(),
    state=text(),
    version={"type": "integer"},
    warnings=listed({"type": "object"}),
    result={"type": "object"},
    reply=text(),
)
CERTIFICATE = made_of(
    ["id", "number", "state"],
    id=text(format="uuid"),
    number=text(),
    issuing_country=text(),
    type_code=text(),
    state=one_of(("issued", "withdrawn", "replaced")),
    issued_at=text(format="date-time", nullable=True),
    issuer=text(),
    consignor=text(),
    consignee=text(),
    export_country=text(),
    import_country=text(),
    replaces=text(),
    seals=listed({"type": "object"}),
    lines=listed({"type": "object"}, 1000),
    not_understood=listed(text(), 999),
    repeated={"type": "boolean"},
)
