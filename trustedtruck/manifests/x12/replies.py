"""355, accept or reject, 350, status, and 353, event: what goes back to the carrier, and comes.

355: ST M10 K1* P4 (LX K1*)* SE, an LX for every error. 350: ST M10 P4 (X4 K1?)* SE. 353: ST M10 P4
(M15 K1?)* SE.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from trustedtruck.manifests import document as doc
from trustedtruck.manifests.x12 import profile
from trustedtruck.manifests.x12.customs_309 import m10, number_of
from trustedtruck.manifests.x12.envelope import Segment, TransactionSet, element
from trustedtruck.manifests.x12.segments import SEGMENT_MISSING, SegmentError
from trustedtruck.manifests.x12.writer import Set, segment

MAX_ERRORS = 999
LINE = 30  # K101 and K102 have up to 30 characters
EVENT_TAGS = frozenset({"M10", "P4", "M15"})


class Remark(NamedTuple):
    """One error: code, where it is (`N10 05, segment 12`), a sentence."""

    code: str
    place: str
    text: str


class Status(NamedTuple):
    """One line of a 350: a code of ours with two characters, when, and about which shipment."""

    code: str
    at: dt.datetime
    control_number: str = ""
    text: str = ""


class Event(NamedTuple):
    """One M15: A arrival, D departure, X export. `reference` is the trip or shipment number."""

    code: str
    reference: str
    at: dt.datetime
    port: str = ""
    scac: str = ""


def write_355(
    filing: doc.Filing,
    *,
    version: str,
    accepted: bool,
    errors: Sequence[Remark] = (),
    say: str = "",
) -> Set:
    """Accept or reject one transaction set; after an acceptance the errors are warnings."""
    verdict = "ACCEPTED" if accepted else "REJECTED"
    segments: list[Segment] = [
        m10(filing, version=version, count=len(filing.shipments)),
        segment("K1", verdict, say[:LINE]),
        segment(
            "P4", filing.port or (filing.trip.port if filing.trip else "") or "0000", "19700101"
        ),
    ]
    for i, error in enumerate(errors[:MAX_ERRORS], 1):
        segments.append(segment("LX", str(i)))
        segments.append(segment("K1", error.code[:LINE], error.place[:LINE]))
        if len(error.code) > LINE:
            segments.append(segment("K1", error.code[LINE : 2 * LINE]))
        pieces = wrap(error.text, 8)
        segments += [segment("K1", *pieces[j : j + 2]) for j in range(0, len(pieces), 2)]
    return Set("355", segments)


def wrap(text: str, most: int) -> list[str]:
    """The text in lines of 30 characters, broken at spaces; at most so many."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        while len(word) > LINE:
            word, rest = word[:LINE], word[LINE:]
            lines += [x for x in (line, word) if x]
            line, word = "", rest
        if line and len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [x for x in (*lines, line) if x][:most]


def write_350(filing: doc.Filing, statuses: Sequence[Status], *, version: str) -> Set:
    """The status of a trip and its shipments."""
    segments: list[Segment] = [
        m10(filing, version=version, count=len(statuses)),
        segment("P4", filing.port or "0000", "19700101"),
    ]
    for status in statuses:
        number = status.control_number
        segments.append(
            segment(
                "X4", number[4:], "", "", "", status.at.strftime("%Y%m%d"),
                status.at.strftime("%H%M%S"), status.code, "", number[:4] or filing.scac,
            )
        )  # fmt: skip
        pieces = wrap(status.text, 2)
        if pieces:
            segments.append(segment("K1", *pieces))
    return Set("350", segments)


def read_350(one: TransactionSet) -> tuple[str, list[Status]]:
    """The trip number and the statuses of a 350 of ours; lines without an instant are left out."""
    trip, statuses = "", []
    for found in one.segments:
        if found[0] == "M10":
            trip = element(found, 7)
        elif found[0] == "X4":
            at = profile.instant(element(found, 5), element(found, 6))
            if at is not None:
                rest = element(found, 1)
                number = number_of(element(found, 9), rest) if rest else ""
                statuses.append(Status(element(found, 7), at, number))
        elif found[0] == "K1" and statuses:
            text = " ".join(x for x in (element(found, 1), element(found, 2)) if x)
            statuses[-1] = statuses[-1]._replace(text=text)
    return trip, statuses


def write_353(filing: doc.Filing, events: Sequence[Event], *, version: str) -> Set:
    """Events of a conveyance or of cargo that moves in bond."""
    return Set(
        "353",
        [
            m10(filing, version=version, count=len(events)),
            segment("P4", filing.port or "0000", "19700101"),
            *(
                segment(
                    "M15", e.code, e.reference, e.at.strftime("%Y%m%d"), e.port, e.scac,
                    e.at.strftime("%H%M%S"),
                )
                for e in events
            ),
        ],
    )  # fmt: skip


def read_353(one: TransactionSet) -> tuple[list[Event], list[SegmentError]]:
    """The events of a 353 whose elements passed `segments.check`."""
    events, errors = [], []
    for position, found in enumerate(one.segments, 2):
        if found[0] != "M15":
            continue
        at = profile.instant(element(found, 3), element(found, 6))
        if at is None:
            errors.append(SegmentError("M15", position, "8"))
            continue
        events.append(
            Event(element(found, 1), element(found, 2), at, element(found, 4), element(found, 5))
        )
    if not events and not errors:
        errors.append(SegmentError("M15", 2, SEGMENT_MISSING))
    return events, errors
