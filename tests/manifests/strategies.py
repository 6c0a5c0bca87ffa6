"""Filings as hypothesis draws them: everything that the formats allow, and every sign in texts."""

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from trustedtruck.manifests import document as doc

UPPER = "ABCDEFGHJKLMNPRSTUVWXYZ"
DIGITS = "0123456789"


def coded(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


def words(most: int) -> st.SearchStrategy[str]:
    """Printable texts, the usual delimiters among them, without a space at either end."""
    signs = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
    one = st.text(signs, min_size=1, max_size=most)
    return one | st.text("*~>^:|ABC ñ", min_size=1, max_size=most).map(lambda t: t.strip() or "x")


COUNTRY = st.sampled_from(["US", "MX", "CA"])
SCAC = "NRTE"
PLATES = st.builds(doc.Plate, coded(UPPER + DIGITS, 1, 10), st.sampled_from(["TX", "TAM"]))
SEALS = st.builds(doc.Seal, coded(UPPER + DIGITS, 2, 15), st.sampled_from(["", "H", "S", "I"]))
CONVEYANCES = st.builds(
    doc.Conveyance,
    kind=st.sampled_from(doc.CONVEYANCE_KINDS),
    number=coded(UPPER + DIGITS, 1, 17),
    vin=st.just("1M8GDM9AXKP042788") | st.just(""),
    plate=PLATES,
    usdot=coded(DIGITS, 1, 8),
    tag_epc=st.sampled_from(["", "341800004000000000000001"]),
    seals=st.lists(SEALS, max_size=3, unique_by=lambda s: s.number).map(tuple),
)
EQUIPMENT = st.builds(
    doc.Equipment,
    kind=st.sampled_from(["trailer", "chassis"]),
    number=coded(UPPER + DIGITS, 1, 17),
    plate=PLATES,
    loaded=st.booleans(),
    seals=st.lists(SEALS, max_size=4, unique_by=lambda s: s.number).map(tuple),
) | st.builds(
    doc.Equipment,
    kind=st.just("container"),
    number=st.just("TASU1170000"),
    plate=st.just(doc.Plate()),
    loaded=st.booleans(),
    seals=st.just(()),
)
PEOPLE = st.builds(
    doc.Person,
    role=st.sampled_from(doc.CREW_ROLES),
    given_names=words(30),
    family_names=words(30),
    birth_date=st.dates(dt.date(1930, 1, 1), dt.date(2005, 1, 1)).map(str),
    citizenship=COUNTRY,
    gender=st.sampled_from(["", "M", "F", "X"]),
    fast_card=st.sampled_from(["", "01234567890123"]),
    documents=st.lists(
        st.builds(
            doc.PersonDocument,
            st.sampled_from(doc.DOCUMENT_KINDS),
            coded(UPPER + DIGITS, 1, 30),
            COUNTRY | st.just(""),
        ),
        max_size=2,
    ).map(tuple),
)
PARTIES = st.builds(
    doc.Party,
    role=st.sampled_from(doc.PARTY_ROLES),
    name=words(60),
    line=words(110).filter(lambda t: " " not in t) | st.just(""),
    city=words(60),
    region=st.sampled_from(["", "TX"]),
    postal_code=coded(DIGITS, 0, 9),
    country=COUNTRY,
    programme_number=coded(UPPER + DIGITS, 0, 32),
)
COMMODITIES = st.builds(
    doc.Commodity,
    description=words(200),
    quantity=st.integers(1, 999_999_999),
    unit=st.sampled_from(["CTN", "PCS", "BX"]),
    weight_kg=st.decimals(Decimal("0.001"), 99_999, places=3),
    hs_code=coded(DIGITS, 6, 10) | st.just(""),
    origin_country=COUNTRY,
    value_usd=st.none() | st.integers(0, 9_999_999_999),
    un_number=st.just("") | coded(DIGITS, 4, 4),
)
NUMBERS = coded(UPPER + DIGITS, 4, 12).map(lambda rest: SCAC + rest)
SHIPMENTS = st.builds(
    doc.Shipment,
    control_number=NUMBERS,
    release=st.sampled_from(doc.RELEASES),
    equipment=coded(UPPER + DIGITS, 0, 17),
    parties=st.lists(PARTIES, max_size=4).map(tuple),
    commodities=st.lists(COMMODITIES, min_size=1, max_size=3).map(tuple),
    pedimento=st.just("") | coded(DIGITS, 15, 15),
)
TRIP_NUMBERS = coded(UPPER + DIGITS, 4, 21).map(lambda rest: SCAC + rest)
TRIPS = st.builds(
    doc.Trip,
    port=coded(DIGITS, 4, 4),
    estimated_arrival_at=st.integers(946_684_800, 4_070_908_800).map(
        lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC)
    ),
    conveyance=CONVEYANCES,
    equipment=st.lists(EQUIPMENT, max_size=3, unique_by=lambda e: e.number).map(tuple),
    crew=st.lists(PEOPLE, min_size=1, max_size=3).map(tuple),
    gross_weight_kg=st.none() | st.integers(1, 99_999),
)


@st.composite
def consists(draw: st.DrawFn) -> doc.Filing:
    """What a 358 says: a trip, and shipments on and off it."""
    trip = draw(TRIPS)
    return doc.Filing(
        purpose=draw(st.sampled_from(["complete", "preliminary", "amendment"])),
        scac=SCAC,
        trip_number=draw(TRIP_NUMBERS),
        port=trip.port,
        trip=trip,
        links=tuple(draw(st.lists(NUMBERS, max_size=3))),
        delinks=tuple(draw(st.lists(NUMBERS, max_size=3))),
    )


@st.composite
def manifests(draw: st.DrawFn) -> doc.Filing:
    """What a 309 says: shipments, and which to delete."""
    purpose = draw(st.sampled_from(["complete", "preliminary", "amendment"]))
    return doc.Filing(
        purpose=purpose,
        scac=SCAC,
        trip_number=draw(TRIP_NUMBERS | st.just("")),
        port=draw(coded(DIGITS, 4, 4)),
        shipments=tuple(draw(st.lists(SHIPMENTS, min_size=1, max_size=3))),
        deletes=tuple(draw(st.lists(NUMBERS, max_size=2))) if purpose == "amendment" else (),
    )
