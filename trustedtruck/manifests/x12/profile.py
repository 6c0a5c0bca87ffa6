"""Where the truck manifest stands in the segments of 309 and 358.

The order of segments and the lengths are public (CBP's truck guides, X12 004060 and 005020). Where
no public source names the element, the place is ours, and said here once:

- M1007 trip number, M1009 manifest type: C complete, P preliminary, A amendment, D delete (X is
  read as D). In 005020 M1013 says the same: 00, 04, 01; P only in M1009.
- P401 port, P402 and P405 expected arrival, in UTC.
- VID01 TR is a tractor, TV a straight truck, CN a container, CH a chassis, anything else a trailer;
  VID02 and VID03 together are the number; VID04, VID05 seals; VID10 L or E.
- REF01 LV is a plate (REF02) and its jurisdiction (REF03); SN a seal and its grade of ISO 17712;
  ZZ something that REF03 names. REF04-2 is the number of the equipment it belongs to.
- M13 in a 358 puts a shipment on the trip (M1303 A) or takes it off (D); in a 309 M1303 A adds,
  C replaces and D deletes it. The shipment's number is M1309 and M1304 together.
"""

import datetime as dt
from decimal import Decimal

from trustedtruck.manifests.x12.writer import COMPONENT

TYPES = {"complete": "C", "preliminary": "P", "amendment": "A", "delete": "D"}
PURPOSES = {"C": "complete", "P": "preliminary", "A": "amendment", "D": "delete", "X": "delete"}
SET_PURPOSES = {"complete": "00", "preliminary": "00", "amendment": "04", "delete": "01"}
PURPOSES_OF_SET = {
    "00": "complete", "01": "delete", "03": "delete", "04": "amendment", "05": "amendment",
}  # fmt: skip
EQUIPMENT = {"trailer": "TL", "container": "CN", "chassis": "CH"}
EQUIPMENT_OF = {"CN": "container", "CH": "chassis"}
CONVEYANCE = {"tractor": "TR", "straight_truck": "TV"}
CONVEYANCE_OF = {"TR": "tractor", "TV": "straight_truck"}
PARTIES = {
    "shipper": "SH", "consignee": "CN", "manufacturer": "MF", "importer": "IM", "broker": "CB",
}  # fmt: skip
PARTIES_OF = {code: role for role, code in PARTIES.items()}
CREW = {"driver": "DR", "crew": "CW", "passenger": "PA"}
CREW_OF = {code: role for role, code in CREW.items()}
RELEASES = {
    "paps": "PAPS", "brass": "BRASS", "in_bond": "INBOND", "section_321": "SEC321",
    "goods_astray": "ASTRAY", "informal": "INFORMAL",
}  # fmt: skip
RELEASES_OF = {code: release for release, code in RELEASES.items()}
DOCUMENTS = {
    "passport": "PASSPORT", "drivers_licence": "LICENCE", "visa": "VISA",
    "permanent_resident": "RESIDENT", "birth_certificate": "BIRTH",
    "border_crossing_card": "BCC",
}  # fmt: skip
DOCUMENTS_OF = {code: kind for kind, code in DOCUMENTS.items()}
FAST, VIN, TAG, USDOT, GROSS, COUNTRY, PEDIMENTO, RELEASE = (
    "FAST", "VIN", "TAG", "USDOT", "GROSS", "COUNTRY", "PEDIMENTO", "RELEASE",
)  # fmt: skip


def belongs_to(number: str) -> str:
    """REF04: the equipment that a reference belongs to."""
    return f"EQ{COMPONENT}{number}"


def number_text(value: Decimal | int) -> str:
    """A decimal without exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant(day: str, time: str) -> dt.datetime | None:
    """P402 and P405 in UTC; None where they are no instant."""
    if len(day) != 8 or not (day.isascii() and day.isdigit()):
        return None
    time = time or "0000"
    if len(time) not in (4, 6, 7, 8) or not (time.isascii() and time.isdigit()):
        return None
    try:
        return dt.datetime(
            int(day[:4]), int(day[4:6]), int(day[6:]), int(time[:2]), int(time[2:4]),
            int(time[4:6] or 0), tzinfo=dt.UTC,
        )  # fmt: skip
    except ValueError:
        return None
