"""From a field of the manifest back to the segment and element that it was read from.

Only walked when something is wrong, so that a good message pays nothing for it.
"""

from typing import NamedTuple

from trustedtruck.manifests.x12.envelope import TransactionSet

_LAST: dict[tuple[str, str], tuple[str, int]] = {
    ("", "scac"): ("M10", 1), ("", "trip_number"): ("M10", 7), ("", "purpose"): ("M10", 9),
    ("", "port"): ("P4", 1), ("", "estimated_arrival_at"): ("P4", 2),
    ("shipments", "control_number"): ("M11", 1), ("shipments", "equipment"): ("VID", 3),
    ("shipments", "pedimento"): ("N9", 2), ("shipments", "parties"): ("N1", 1),
    ("shipments", "commodities"): ("N10", 1), ("shipments", "release"): ("N9", 2),
    ("parties", "name"): ("N1", 2), ("parties", "programme_number"): ("N1", 4),
    ("parties", "line"): ("N3", 1), ("parties", "city"): ("N4", 1),
    ("parties", "region"): ("N4", 2),
    ("parties", "postal_code"): ("N4", 3), ("parties", "country"): ("N4", 4),
    ("commodities", "quantity"): ("N10", 1), ("commodities", "description"): ("N10", 2),
    ("commodities", "hs_code"): ("N10", 5), ("commodities", "value_usd"): ("N10", 6),
    ("commodities", "weight_kg"): ("N10", 8), ("commodities", "unit"): ("N10", 10),
    ("commodities", "origin_country"): ("N10", 11), ("commodities", "un_number"): ("H1", 1),
    ("conveyance", "number"): ("VID", 3), ("equipment", "number"): ("VID", 3),
    ("plate", "number"): ("REF", 2), ("plate", "jurisdiction"): ("REF", 3),
    ("crew", "family_names"): ("NM1", 3), ("crew", "given_names"): ("NM1", 4),
    ("crew", "birth_date"): ("DMG", 2), ("crew", "citizenship"): ("DMG", 7),
    ("crew", "gender"): ("DMG", 3), ("seals", "grade"): ("REF", 3),
    ("crew", "fast_card"): ("REF", 2), ("links", ""): ("M13", 4), ("delinks", ""): ("M13", 4),
    ("deletes", ""): ("M13", 4),
}  # fmt: skip


class Place(NamedTuple):
    """`segment` counts ST as 1; 0 where nothing can be named, as for what is missing altogether."""

    segment: int
    tag: str
    element: int

    def __str__(self) -> str:
        where = f"segment {self.segment}" if self.segment else ""
        what = f"{self.tag}{self.element:02d}" if self.tag else ""
        return " ".join(x for x in (what, where) if x)


def locate(one: TransactionSet, path: str) -> Place:
    """The place of a field path such as `shipments.3.commodities.0.hs_code`."""
    parts = path.split(".")
    names = [p for p in parts if not p.isdigit()]
    indexes = [int(p) for p in parts if p.isdigit()]
    parent = names[-2] if len(names) > 1 else ""
    if len(names) == 1 and indexes:
        parent, last = names[0], ""
    else:
        last = names[-1]
    tag, number = _LAST.get((parent, last), ("", 0))
    start = 0
    if names[0] == "shipments" and indexes:
        start = _nth(one, "LX", indexes[0], 0)
        if len(names) > 1 and len(indexes) > 1:
            outer = {"parties": "N1", "commodities": "N10"}.get(names[1], "LX")
            start = _nth(one, outer, indexes[1], start)
    elif names[0] == "equipment" and indexes:
        vehicles = [s for s in one.segments if s[0] == "VID"]
        skip = sum(1 for s in vehicles if len(s) > 1 and s[1] in ("TR", "TV"))
        start = _nth(one, "VID", indexes[0] + skip, 0)
    elif names[0] == "crew" and indexes:
        start = _nth(one, "NM1", indexes[0], 0)
    elif names[0] in ("links", "delinks", "deletes") and indexes:
        start = _nth(one, "M13", indexes[0], 0)
    found = _nth(one, tag, 0, start) if tag else start
    return Place(found or start, tag, number)


def _nth(one: TransactionSet, tag: str, n: int, after: int) -> int:
    """The number of the n-th segment with a tag, at or after a number; 0 where there is none."""
    for number, segment in enumerate(one.segments, 2):
        if number >= after and segment[0] == tag:
            if n == 0:
                return number
            n -= 1
    return 0
