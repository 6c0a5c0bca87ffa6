"""The segments of truck manifests: how long each element may be and what it is made of.

Checked before the manifest is read, so that a 997 can name segment and element (AK3, AK4).
"""

import re
from typing import NamedTuple

from trustedtruck.manifests.x12.envelope import Segment, TransactionSet

MANDATORY_MISSING, TOO_SHORT, TOO_LONG, BAD_CHARACTER, BAD_DATE, BAD_TIME = (
    "1", "4", "5", "6", "8", "9",
)  # fmt: skip
SEGMENT_MISSING, OUT_OF_SEQUENCE, HAS_ELEMENT_ERRORS, UNRECOGNISED = "3", "7", "8", "1"


class Element(NamedTuple):
    number: int
    least: int
    most: int
    kind: str = "AN"
    mandatory: bool = False


class ElementError(NamedTuple):
    """AK4: the element's position in its segment, its number in the dictionary, code, bad data."""

    position: int
    number: int
    code: str
    data: str


class SegmentError(NamedTuple):
    """AK3: tag, position in the transaction set with ST as 1, code, and the elements."""

    tag: str
    position: int
    code: str
    elements: tuple[ElementError, ...] = ()


_NUMERIC = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)


def _e(number: int, least: int, most: int, kind: str = "AN", mandatory: bool = False) -> Element:
    return Element(number, least, most, kind, mandatory)


_REFERENCE = (
    _e(128, 2, 3, "ID", True), _e(127, 1, 50), _e(352, 1, 80), _e(40, 1, 80, "C"),
    _e(40, 1, 80, "C"),
)  # fmt: skip
SEGMENTS: dict[str, tuple[Element, ...]] = {
    "M10": (
        _e(140, 2, 4, "ID", True), _e(91, 1, 2, "ID", True), _e(26, 2, 3, "ID"),
        _e(597, 1, 8, "ID"), _e(182, 2, 28), _e(55, 1, 10), _e(127, 1, 50), _e(380, 1, 15, "R"),
        _e(256, 1, 1, "ID"), _e(897, 1, 1, "ID"), _e(1073, 1, 1, "ID"), _e(127, 1, 50),
        _e(353, 2, 2, "ID"), _e(346, 2, 2, "ID"),
    ),
    "P4": (
        _e(310, 1, 30, "AN", True), _e(373, 8, 8, "DT", True), _e(380, 1, 15, "R"),
        _e(310, 1, 30), _e(337, 4, 8, "TM"),
    ),
    "LX": (_e(554, 1, 6, "N0", True),),
    "M7": (
        _e(225, 1, 15, "AN", True), _e(225, 1, 15), _e(225, 1, 15), _e(225, 1, 15),
        _e(98, 2, 3, "ID"),
    ),
    "M11": (
        _e(598, 1, 16, "AN", True), _e(310, 1, 30), _e(380, 1, 15, "R"), _e(599, 1, 3, "ID"),
        _e(81, 1, 10, "R"), _e(188, 1, 1, "ID"), _e(183, 1, 8, "R"), _e(184, 1, 1, "ID"),
        _e(1, 1, 60), _e(2, 1, 3), _e(3, 1, 60), _e(140, 2, 4, "ID"),
    ),
    "M13": (
        _e(140, 2, 4, "ID", True), _e(310, 1, 30), _e(580, 1, 1, "ID"),
        _e(598, 1, 16, "AN", True), _e(380, 1, 15, "R"), _e(393, 2, 2, "ID"), _e(306, 1, 2, "ID"),
        _e(598, 1, 16), _e(140, 2, 4, "ID"), _e(140, 2, 4, "ID"),
    ),
    "N1": (
        _e(98, 2, 3, "ID", True), _e(93, 1, 60), _e(66, 1, 2, "ID"), _e(67, 1, 80),
    ),
    "N3": (_e(166, 1, 55, "AN", True), _e(166, 1, 55)),
    "N4": (_e(19, 1, 60), _e(156, 1, 3), _e(116, 1, 15), _e(26, 2, 3, "ID")),
    "N9": _REFERENCE,
    "REF": _REFERENCE,
    "N10": (
        _e(380, 1, 15, "R"), _e(369, 1, 512), _e(87, 1, 48), _e(23, 1, 1, "ID"), _e(22, 1, 30),
        _e(602, 1, 10, "R"), _e(188, 1, 1, "ID"), _e(81, 1, 16, "R"), _e(127, 1, 50),
        _e(599, 1, 3, "ID"), _e(26, 2, 3, "ID"),
    ),
    "H1": (_e(62, 4, 10, "AN", True),),
    "VID": (
        _e(40, 2, 2, "ID", True), _e(206, 1, 4), _e(207, 1, 17, "AN", True), _e(225, 1, 15),
        _e(225, 1, 15), _e(567, 4, 5, "N0"), _e(65, 1, 8, "R"), _e(189, 1, 8, "R"),
        _e(24, 4, 4), _e(322, 1, 1, "ID"), _e(56, 2, 2), _e(310, 1, 30), _e(140, 2, 4, "ID"),
    ),
    "NM1": (
        _e(98, 2, 3, "ID", True), _e(1065, 1, 1, "ID", True), _e(1035, 1, 60), _e(1036, 1, 35),
        _e(1037, 1, 25),
    ),
    "DMG": (
        _e(1250, 2, 3, "ID"), _e(1251, 8, 8, "DT"), _e(1068, 1, 1, "ID"), _e(1067, 1, 1),
        _e(1109, 1, 1), _e(1066, 1, 2), _e(26, 2, 3, "ID"),
    ),
    "M15": (
        _e(557, 1, 1, "ID", True), _e(127, 1, 50, "AN", True), _e(373, 8, 8, "DT", True),
        _e(310, 1, 30), _e(140, 2, 4, "ID"), _e(337, 4, 8, "TM"),
    ),
}  # fmt: skip
# Segments of the public guides that say nothing a truck manifest of ours keeps.
PASSED_OVER = frozenset({"M12", "R4", "PER", "VEH", "H2", "MAN", "CII", "K1", "VC", "N7", "H3"})


def check(one: TransactionSet, known: frozenset[str]) -> tuple[SegmentError, ...]:
    """Errors of segments and elements, by position; `known` are the set's own segments."""
    errors: list[SegmentError] = []
    for position, segment in enumerate(one.segments, 2):
        tag = segment[0]
        layout = SEGMENTS.get(tag)
        if layout is None or tag not in known:
            if tag not in PASSED_OVER:
                errors.append(SegmentError(tag[:3], position, UNRECOGNISED))
            continue
        found = _elements(segment, layout)
        if found:
            errors.append(SegmentError(tag, position, HAS_ELEMENT_ERRORS, tuple(found)))
    return tuple(errors)


def _elements(segment: Segment, layout: tuple[Element, ...]) -> list[ElementError]:
    # The one loop that runs for every element of every message: nothing is called without need.
    found: list[ElementError] = []
    have = len(segment) - 1
    for i, (number, least, most, kind, mandatory) in enumerate(layout, 1):
        text = segment[i] if i <= have else ""
        if not text:
            if mandatory:
                found.append(ElementError(i, number, MANDATORY_MISSING, ""))
            continue
        length = len(text)
        if length > most:
            found.append(ElementError(i, number, TOO_LONG, text[:99]))
        elif length < least:
            found.append(ElementError(i, number, TOO_SHORT, text))
        elif kind not in ("AN", "ID", "C"):
            if code := _wrong(text, kind):
                found.append(ElementError(i, number, code, text))
        elif kind != "C" and not text.isprintable():
            found.append(ElementError(i, number, BAD_CHARACTER, text[:99]))
    if have > len(layout):
        found.append(ElementError(len(layout) + 1, 0, "3", segment[len(layout) + 1][:99]))
    return found


def _wrong(text: str, kind: str) -> str:
    if kind == "R" or kind == "N0":
        return "" if _NUMERIC.fullmatch(text) else BAD_CHARACTER
    if not (text.isascii() and text.isdigit()):
        return BAD_DATE if kind == "DT" else BAD_TIME
    if kind == "DT":
        month, day = int(text[4:6]), int(text[6:8])
        return "" if 1 <= month <= 12 and 1 <= day <= 31 else BAD_DATE
    return "" if int(text[:2]) < 24 and int(text[2:4]) < 60 else BAD_TIME
