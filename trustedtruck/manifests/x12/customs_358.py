"""358, the consist: trip, conveyance, crew, equipment, and which shipments ride. Read and write.

ST M10 M7* (NM1 DMG? REF* N3* N4?)* P4* VID* M13* SE. The places are in `profile`.
"""

from trustedtruck.manifests import document as doc
from trustedtruck.manifests.x12 import profile
from trustedtruck.manifests.x12.customs_309 import header, m10, m13, number_of, p4
from trustedtruck.manifests.x12.envelope import Segment, TransactionSet
from trustedtruck.manifests.x12.segments import OUT_OF_SEQUENCE, SegmentError
from trustedtruck.manifests.x12.writer import Set, segment

CODE = "358"
TAGS = frozenset(["M10", "M7", "NM1", "DMG", "REF", "N9", "N3", "N4", "P4", "VID", "M13"])
_RANK = {tag: i for i, tag in enumerate(["M10", "M7", "NM1", "P4", "VID", "M13"])}
_PAD = [""] * 16


class _Loose:
    """References as they come, sorted to conveyance, equipment and seals at the end."""

    def __init__(self) -> None:
        self.plates: dict[str, doc.Plate] = {}
        self.seals: dict[str, list[doc.Seal]] = {}
        self.named: dict[str, str] = {}

    def seal(self, owner: str, number: str, grade: str = "") -> None:
        seals = self.seals.setdefault(owner, [])
        for i, known in enumerate(seals):
            if known.number == number:
                seals[i] = doc.Seal(number, grade or known.grade)
                return
        seals.append(doc.Seal(number, grade))


def read(one: TransactionSet, component: str) -> tuple[doc.Filing, list[SegmentError]]:
    """The filing of a 358 whose elements passed `segments.check`, and errors of order."""
    filing, errors = header(one)
    if errors:
        return filing, errors
    loose = _Loose()
    people: list[doc.Person] = []
    equipment: list[doc.Equipment] = []
    conveyance: doc.Conveyance | None = None
    links: list[str] = []
    delinks: list[str] = []
    port, eta = filing.port, None
    rank = owner = 0
    last_vehicle = ""
    for position, found in enumerate(one.segments, 2):
        tag = found[0]
        at = _RANK.get(tag)
        if at is not None:
            if at < rank:
                errors.append(SegmentError(tag, position, OUT_OF_SEQUENCE))
            rank = max(rank, at)
        if tag == "VID":
            owner = 1
            vid = found + _PAD
            number = vid[2] + vid[3]
            if vid[1] in profile.CONVEYANCE_OF and conveyance is None:
                conveyance = doc.Conveyance(kind=profile.CONVEYANCE_OF[vid[1]], number=number)
                last_vehicle = ""
            else:
                kind = profile.EQUIPMENT_OF.get(vid[1], "trailer")
                equipment.append(doc.Equipment(kind, number, loaded=vid[10] != "E"))
                last_vehicle = number
            for seal in vid[4:6]:
                if seal:
                    loose.seal(last_vehicle, seal)
        elif tag == "NM1":
            nm1 = found + _PAD
            role = profile.CREW_OF.get(nm1[1], "crew" if people else "driver")
            people.append(doc.Person(role, nm1[4], nm1[3]))
        elif tag == "DMG" and people:
            dmg = found + _PAD
            people[-1] = people[-1]._replace(
                birth_date=_day(dmg[2]), gender=dmg[3], citizenship=dmg[7]
            )
        elif tag in ("REF", "N9"):
            _reference(found + _PAD, component, loose, people, last_vehicle if owner else "")
        elif tag == "M7":
            for seal in found[1:5]:
                if seal:
                    loose.seal("", seal)
        elif tag == "P4":
            p4_ = found + _PAD
            port, eta = p4_[1], profile.instant(p4_[2], p4_[5])
        elif tag == "M13":
            one_ = found + _PAD
            number = number_of(one_[9] or one_[1], one_[4])
            (delinks if one_[3] == "D" else links).append(number)
    trip = None
    if filing.purpose != "delete":
        trip = _trip(port, eta, conveyance, equipment, people, loose)
    return (
        filing._replace(
            port=port, trip=trip, links=tuple(links), delinks=tuple(delinks), replaces=False
        ),
        errors,
    )


def _trip(
    port: str,
    eta: object,
    conveyance: doc.Conveyance | None,
    equipment: list[doc.Equipment],
    people: list[doc.Person],
    loose: _Loose,
) -> doc.Trip:
    if conveyance is not None:
        conveyance = conveyance._replace(
            vin=loose.named.get(profile.VIN, ""),
            tag_epc=loose.named.get(profile.TAG, ""),
            usdot=loose.named.get(profile.USDOT, ""),
            plate=loose.plates.get("", doc.Plate()),
            seals=tuple(loose.seals.get("", ())),
        )
    gross = loose.named.get(profile.GROSS, "")
    return doc.Trip(
        port=port,
        estimated_arrival_at=eta,  # type: ignore[arg-type]  # an instant or None
        conveyance=conveyance,
        equipment=tuple(
            e._replace(
                plate=loose.plates.get(e.number, doc.Plate()),
                seals=tuple(loose.seals.get(e.number, ())),
            )
            for e in equipment
        ),
        crew=tuple(people),
        gross_weight_kg=int(gross) if gross.isascii() and gross.isdigit() else None,
    )


def _reference(
    ref: Segment, component: str, loose: _Loose, people: list[doc.Person], vehicle: str
) -> None:
    qualifier, value, name = ref[1], ref[2], ref[3]
    composite = ref[4].split(component)
    second = composite[1] if len(composite) > 1 else ""
    if qualifier == "LV":
        loose.plates[second or vehicle] = doc.Plate(value, name)
    elif qualifier == "SN":
        loose.seal(second or vehicle, value, name)
    elif name in profile.DOCUMENTS_OF and people:
        document = doc.PersonDocument(profile.DOCUMENTS_OF[name], value, second)
        people[-1] = people[-1]._replace(documents=(*people[-1].documents, document))
    elif name == profile.FAST and people:
        people[-1] = people[-1]._replace(fast_card=value)
    else:
        loose.named[name] = value


def _day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 else text


def write(filing: doc.Filing, *, version: str) -> Set:
    """The filing's trip, links and delinks as a 358; its shipments are a 309's."""
    trip = filing.trip
    segments = [m10(filing, version=version, count=len(filing.links))]
    references = _references(trip) if trip else []
    for i, person in enumerate(trip.crew if trip else ()):
        segments += _person(person, references if i == 0 else [])
    if trip and not trip.crew:
        # Without a person the references have no loop to stand in; they stand before the port.
        segments += references
    segments.append(p4(trip.port if trip else filing.port, trip))
    if trip and trip.conveyance:
        c = trip.conveyance
        segments.append(segment("VID", profile.CONVEYANCE[c.kind], "", c.number))
    for e in trip.equipment if trip else ():
        initial, number = ("", e.number)
        if e.kind == "container":
            initial, number = e.number[:4], e.number[4:]
        segments.append(
            segment(
                "VID", profile.EQUIPMENT[e.kind], initial, number, "", "", "", "", "", "",
                "L" if e.loaded else "E",
            )
        )  # fmt: skip
    segments += [m13(filing, "A", number) for number in filing.links]
    segments += [m13(filing, "D", number) for number in filing.delinks]
    return Set(CODE, segments)


def _references(trip: doc.Trip) -> list[Segment]:
    made = []
    c = trip.conveyance
    if c is not None:
        if c.plate.number:
            made.append(segment("REF", "LV", c.plate.number, c.plate.jurisdiction))
        for name, value in (
            (profile.VIN, c.vin),
            (profile.TAG, c.tag_epc),
            (profile.USDOT, c.usdot),
        ):
            if value:
                made.append(segment("REF", "ZZ", value, name))
        made += [segment("REF", "SN", s.number, s.grade) for s in c.seals]
    if trip.gross_weight_kg is not None:
        made.append(segment("REF", "ZZ", str(trip.gross_weight_kg), profile.GROSS))
    for e in trip.equipment:
        owner = profile.belongs_to(e.number)
        if e.plate.number:
            made.append(segment("REF", "LV", e.plate.number, e.plate.jurisdiction, owner))
        made += [segment("REF", "SN", s.number, s.grade, owner) for s in e.seals]
    return made


def _person(p: doc.Person, references: list[Segment]) -> list[Segment]:
    made = [
        segment("NM1", profile.CREW[p.role], "1", p.family_names, p.given_names),
        segment("DMG", "D8", p.birth_date.replace("-", ""), p.gender, "", "", "", p.citizenship),
    ]
    if p.fast_card:
        made.append(segment("REF", "ZZ", p.fast_card, profile.FAST))
    made += [
        segment(
            "REF", "ZZ", d.number, profile.DOCUMENTS[d.kind],
            profile.belongs_to(d.country).replace("EQ", "CY") if d.country else "",
        )
        for d in p.documents
    ]  # fmt: skip
    return made + references
