"""309, the customs manifest: shipments, on a trip or ahead of one. Reading and writing.

ST M10 P4 (LX [M13] M11 N9* (N1 N3* N4)* (VID M7* (N10 H1?)*)*)* SE. The places are in `profile`.
"""

from decimal import Decimal

from trustedtruck.manifests import document as doc
from trustedtruck.manifests.x12 import profile
from trustedtruck.manifests.x12.envelope import Segment, TransactionSet
from trustedtruck.manifests.x12.segments import (
    OUT_OF_SEQUENCE,
    SEGMENT_MISSING,
    SegmentError,
)
from trustedtruck.manifests.x12.writer import Set, segment

CODE = "309"
TAGS = frozenset(
    ["M10", "P4", "LX", "M13", "M11", "N9", "N1", "N3", "N4", "VID", "M7", "N10", "H1"]
)
_PAD = [""] * 16


def header(one: TransactionSet) -> tuple[doc.Filing, list[SegmentError]]:
    """Purpose, carrier, trip and port from M10 and P4, and what is wrong with the order."""
    errors: list[SegmentError] = []
    first = one.segments[0] if one.segments else [""]
    if first[0] != "M10":
        return doc.Filing("complete", "", ""), [SegmentError("M10", 2, SEGMENT_MISSING)]
    m10 = first + _PAD
    ports = [s for s in one.segments if s[0] == "P4"]
    if not ports:
        errors.append(SegmentError("P4", 3, SEGMENT_MISSING))
    purpose = profile.PURPOSES.get(m10[9], "")
    if m10[13] and purpose != "preliminary":
        purpose = profile.PURPOSES_OF_SET.get(m10[13], purpose)
    return (
        doc.Filing(
            purpose=purpose or "complete",
            scac=m10[1],
            trip_number=m10[7] or m10[12],
            port=ports[0][1] if ports and len(ports[0]) > 1 else "",
        ),
        errors,
    )


def read(one: TransactionSet) -> tuple[doc.Filing, list[SegmentError]]:
    """The filing of a 309 whose elements passed `segments.check`, and errors of order."""
    filing, errors = header(one)
    if errors:
        return filing, errors
    shipments: list[doc.Shipment] = []
    deletes: list[str] = []
    loops: list[tuple[int, list[Segment]]] = []
    current: list[Segment] | None = None
    for position, found in enumerate(one.segments, 2):
        tag = found[0]
        if tag == "LX":
            current = []
            loops.append((position, current))
        elif current is not None:
            current.append(found)
        elif tag not in ("M10", "P4") and tag in TAGS:
            errors.append(SegmentError(tag, position, OUT_OF_SEQUENCE))
    for position, loop in loops:
        tags = {s[0] for s in loop}
        if "M13" in tags:
            m13 = next(s for s in loop if s[0] == "M13") + _PAD
            if m13[3] == "D":
                deletes.append(number_of(m13[9] or m13[1], m13[4]))
                continue
        if "M11" not in tags:
            errors.append(SegmentError("M11", position + 1, SEGMENT_MISSING))
            continue
        if filing.purpose == "delete":
            m11 = next(s for s in loop if s[0] == "M11") + _PAD
            deletes.append(number_of(m11[12] or filing.scac, m11[1]))
            continue
        shipments.append(_shipment(loop, filing.scac))
    return filing._replace(shipments=tuple(shipments), deletes=tuple(deletes)), errors


def number_of(scac: str, rest: str) -> str:
    """The shipment control number: the SCAC is written once, whether in its element or before."""
    return rest if rest.startswith(scac) and len(rest) > 12 else scac + rest


def _shipment(loop: list[Segment], scac: str) -> doc.Shipment:
    number = equipment = pedimento = ""
    release = "paps"
    parties: list[doc.Party] = []
    commodities: list[doc.Commodity] = []
    for found in loop:
        tag = found[0]
        if tag == "N10":
            commodities.append(_commodity(found))
        elif tag == "N1":
            n1 = found + _PAD
            parties.append(
                doc.Party(
                    profile.PARTIES_OF.get(n1[1], n1[1].lower()), n1[2], programme_number=n1[4]
                )
            )
        elif tag == "N3" and parties:
            line, more = found[1], found[2] if len(found) > 2 else ""
            # A line of full width goes on in the next; a shorter one ends there.
            joint = "" if len(line) == 55 or not more else " "
            parties[-1] = parties[-1]._replace(line=line + joint + more)
        elif tag == "N4" and parties:
            n4 = found + _PAD
            parties[-1] = parties[-1]._replace(
                city=n4[1], region=n4[2], postal_code=n4[3], country=n4[4]
            )
        elif tag == "M11":
            m11 = found + _PAD
            number = number_of(m11[12] or scac, m11[1])
        elif tag == "N9":
            n9 = found + _PAD
            if n9[3] == profile.RELEASE:
                release = profile.RELEASES_OF.get(n9[2], n9[2].lower())
            elif n9[3] == profile.PEDIMENTO:
                pedimento = n9[2]
        elif tag == "VID":
            equipment = equipment or (found[2] if len(found) > 2 else "") + found[3]
        elif tag == "H1" and commodities:
            commodities[-1] = commodities[-1]._replace(un_number=found[1].removeprefix("UN"))
    return doc.Shipment(number, release, equipment, tuple(parties), tuple(commodities), pedimento)


def _commodity(found: Segment) -> doc.Commodity:
    n10 = found + _PAD
    weight = Decimal(n10[8] or 0)
    if n10[7] == "L":
        weight = round(weight * doc.KG_PER_LB, 3)
    quantity = Decimal(n10[1] or 0)
    return doc.Commodity(
        n10[2],
        int(quantity) if quantity == quantity.to_integral_value() else 0,
        n10[10] or "CTN",
        weight,
        n10[5],
        n10[11],
        int(Decimal(n10[6])) if n10[6] else None,
    )


def write(filing: doc.Filing, *, version: str) -> Set:
    """The filing's shipments and deletions as a 309; its trip is a 358's."""
    segments = [
        m10(filing, version=version, count=len(filing.shipments) + len(filing.deletes)),
        p4(filing.port or (filing.trip.port if filing.trip else ""), filing.trip),
    ]
    line = 0
    for shipment in filing.shipments:
        line += 1
        segments.append(segment("LX", str(line)))
        segments += _shipment_segments(shipment, filing)
    for number in filing.deletes:
        line += 1
        segments += [segment("LX", str(line)), m13(filing, "D", number)]
    return Set(CODE, segments)


def m10(filing: doc.Filing, *, version: str, count: int) -> Segment:
    return segment(
        "M10", filing.scac, "J", "", "", "", "", filing.trip_number, str(count),
        profile.TYPES[filing.purpose], "", "", "",
        profile.SET_PURPOSES[filing.purpose] if version == "005020" else "",
    )  # fmt: skip


def p4(port: str, trip: doc.Trip | None) -> Segment:
    eta = trip.estimated_arrival_at if trip else None
    if eta is None:
        return segment("P4", port, "19700101")
    return segment("P4", port, eta.strftime("%Y%m%d"), "", "", eta.strftime("%H%M%S"))


def m13(filing: doc.Filing, action: str, number: str) -> Segment:
    port = filing.trip.port if filing.trip else filing.port
    return segment("M13", filing.scac, port, action, number[4:], "", "", "", "", number[:4])


def _shipment_segments(s: doc.Shipment, filing: doc.Filing) -> list[Segment]:
    made = []
    if filing.purpose == "amendment":
        made.append(m13(filing, "C", s.control_number))
    quantity = sum(c.quantity for c in s.commodities)
    weight = sum((c.weight_kg for c in s.commodities), Decimal(0))
    made.append(
        segment(
            "M11", s.control_number[4:], "", str(quantity),
            s.commodities[0].unit if s.commodities else "", profile.number_text(round(weight)),
            "K", "", "", "", "", "", s.control_number[:4],
        )
    )  # fmt: skip
    made.append(segment("N9", "ZZ", profile.RELEASES[s.release], profile.RELEASE))
    if s.pedimento:
        made.append(segment("N9", "ZZ", s.pedimento, profile.PEDIMENTO))
    for p in s.parties:
        made.append(
            segment(
                "N1", profile.PARTIES[p.role], p.name,
                "ZZ" if p.programme_number else "", p.programme_number,
            )
        )  # fmt: skip
        if p.line:
            made.append(segment("N3", p.line[:55], p.line[55:]))
        if p.city or p.region or p.postal_code or p.country:
            made.append(segment("N4", p.city, p.region, p.postal_code, p.country))
    if s.equipment:
        made.append(segment("VID", "TL", "", s.equipment))
    for c in s.commodities:
        made.append(
            segment(
                "N10", str(c.quantity), c.description, "", "A" if c.hs_code else "", c.hs_code,
                "" if c.value_usd is None else str(c.value_usd), "K",
                profile.number_text(c.weight_kg), "", c.unit, c.origin_country,
            )
        )  # fmt: skip
        if c.un_number:
            made.append(segment("H1", f"UN{c.un_number}"))
    return made
