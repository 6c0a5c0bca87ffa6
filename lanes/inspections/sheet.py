"""The sheets of exams: what they ask, and how what was typed is read.

A draft is a flat table of texts, as a form sends it: `result_tyres`, `note_tyres`;
`finding_1_category`, `seal_1_old`. Reading it names every wrong field at once.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lanes.inspections.models import Exam, Finding, SealChange
from trustedtruck.core.errors import FieldError, Text
from trustedtruck.identifiers import seal

# The 17 points of a tractor and trailer, then pests and the seal (CTPAT).
POINTS: dict[str, Text] = {
    "bumper": _("Bumper"),
    "engine": _("Engine"),
    "tyres": _("Tyres"),
    "cab_floor": _("Floor of the cab"),
    "fuel_tanks": _("Fuel tanks"),
    "cab": _("Cab and storage"),
    "air_tanks": _("Air tanks"),
    "drive_axles": _("Drive axles"),
    "fifth_wheel": _("Fifth wheel"),
    "undercarriage": _("Undercarriage"),
    "doors": _("Doors, inside and outside"),
    "floor": _("Floor of the trailer"),
    "side_walls": _("Side walls"),
    "front_wall": _("Front wall"),
    "roof": _("Ceiling and roof"),
    "refrigeration": _("Refrigeration unit"),
    "exhaust": _("Exhaust"),
    "pests": _("Pests"),
    "seal": _("Seal: view, verify, tug, twist and turn"),
}
FINDINGS, SEALS = 6, 4
NOTE_LIMIT, TEXT_LIMIT, UNIT_LIMIT = 2000, 500, 16
_FINDING = ("category", "description", "quantity", "unit", "seized")
_FIELDS = {
    Exam.Kind.CONVEYANCE: {"note"}
    | {f"{part}_{point}" for part in ("result", "note") for point in POINTS},
    Exam.Kind.CARGO: {"note"}
    | {f"finding_{row}_{part}" for row in range(1, FINDINGS + 1) for part in _FINDING}
    | {f"seal_{row}_{part}" for row in range(1, SEALS + 1) for part in ("old", "new", "grade")},
}


@dataclass(frozen=True, slots=True)
class PointEntry:
    point: str
    passed: bool
    note: str


@dataclass(frozen=True, slots=True)
class FindingEntry:
    row: int
    category: str
    description: str
    quantity: Decimal
    unit: str
    seized: bool


@dataclass(frozen=True, slots=True)
class SealEntry:
    """`grade` is empty where the officer did not say."""

    row: int
    old: str
    new: str
    grade: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read. An exam passes when nothing failed and nothing was found."""

    points: tuple[PointEntry, ...] = ()
    findings: tuple[FindingEntry, ...] = ()
    seals: tuple[SealEntry, ...] = ()
    note: str = ""

    @property
    def passed(self) -> bool:
        return all(point.passed for point in self.points) and not self.findings


def plain(kind: str, draft: Mapping[str, object]) -> dict[str, str]:
    """The fields of this sheet that hold a text, cut to what one may hold."""
    known = _FIELDS[Exam.Kind(kind)]
    return {
        name: value[:NOTE_LIMIT].replace("\0", "")
        for name, value in draft.items()
        if name in known and isinstance(value, str) and value.strip()
    }


def read(
    kind: str, draft: Mapping[str, str], photographed: Set[str]
) -> tuple[Sheet, tuple[FieldError, ...]]:
    """The sheet, and all that is wrong with it. `photographed` are the points with a photo."""
    if kind == Exam.Kind.CONVEYANCE:
        return _read_points(draft, photographed)
    return _read_cargo(draft)


def _read_points(
    draft: Mapping[str, str], photographed: Set[str]
) -> tuple[Sheet, tuple[FieldError, ...]]:
    errors, entries = [], []
    for point in POINTS:
        result = draft.get(f"result_{point}", "")
        note = draft.get(f"note_{point}", "").strip()
        if result not in ("pass", "fail"):
            errors.append(
                FieldError(f"result_{point}", "blank", _("Nothing may stay blank: pass or fail?"))
            )
            continue
        if result == "fail" and not note:
            errors.append(
                FieldError(f"note_{point}", "note_needed", _("A fail needs a note: what is wrong?"))
            )
        if result == "fail" and point not in photographed:
            errors.append(FieldError(f"photo_{point}", "photo_needed", _("A fail needs a photo.")))
        entries.append(PointEntry(point, result == "pass", note))
    return Sheet(points=tuple(entries), note=draft.get("note", "").strip()), tuple(errors)


def _read_cargo(draft: Mapping[str, str]) -> tuple[Sheet, tuple[FieldError, ...]]:
    errors: list[FieldError] = []
    note = draft.get("note", "").strip()
    if not note:
        errors.append(FieldError("note", "required", _("Write what you examined, and how.")))
    findings = []
    for row in range(1, FINDINGS + 1):
        given = {part: draft.get(f"finding_{row}_{part}", "").strip() for part in _FINDING}
        if any(given.values()):
            findings.append(_finding(row, given, errors))
    seals = []
    for row in range(1, SEALS + 1):
        pair = [draft.get(f"seal_{row}_{part}", "").strip() for part in ("old", "new")]
        grade = draft.get(f"seal_{row}_grade", "").strip()
        if any(pair) or grade:
            seals.append(_seals(row, pair, grade, errors))
    errors += _seals_twice(seals)
    kept = tuple(found for found in findings if found is not None)
    return Sheet(findings=kept, seals=tuple(seals), note=note), tuple(errors)


def _finding(row: int, given: Mapping[str, str], errors: list[FieldError]) -> FindingEntry | None:
    before = len(errors)

    def wrong(part: str, code: str, text: Text) -> None:
        errors.append(FieldError(f"finding_{row}_{part}", code, text))

    if given["category"] not in Finding.Category.values:
        wrong("category", "required", _("Choose what kind of finding this is."))
    if not given["description"] or len(given["description"]) > TEXT_LIMIT:
        wrong("description", "required", _("Describe it, in at most 500 characters."))
    if not given["unit"] or len(given["unit"]) > UNIT_LIMIT:
        wrong("unit", "required", _("Name the unit: kg, pieces, persons, USD."))
    try:
        quantity = Decimal(given["quantity"].replace(",", "."))
        # Told apart from NaN and from what the column cannot hold.
        good = quantity.is_finite() and 0 < quantity < 10**9
    except InvalidOperation:
        quantity, good = Decimal(0), False
    if not good or quantity.quantize(Decimal("0.001")) <= 0:
        wrong("quantity", "not_a_quantity", _("Give a quantity above zero."))
    if len(errors) > before:
        return None
    return FindingEntry(
        row,
        given["category"],
        given["description"],
        quantity.quantize(Decimal("0.001")),
        given["unit"],
        given["seized"] == "yes",
    )


def _seals(row: int, pair: Iterable[str], grade: str, errors: list[FieldError]) -> SealEntry:
    found = []
    for part, number in zip(("old", "new"), pair, strict=True):
        if not number:
            text = _("Give both numbers, the old one and the new one.")
            errors.append(FieldError(f"seal_{row}_{part}", "required", text))
            found.append("")
            continue
        checked = seal.check(number)
        errors += [
            FieldError(f"seal_{row}_{part}", e.code, gettext(e.text) % dict(e.params))
            for e in checked.errors
        ]
        found.append(checked.value)
    if found[0] and found[0] == found[1]:
        errors.append(FieldError(f"seal_{row}_new", "same_seal", _("The new seal is the old one.")))
    if grade and grade not in SealChange.Grade.values:
        errors.append(
            FieldError(f"seal_{row}_grade", "unknown_grade", _("There is no such grade of a seal."))
        )
    return SealEntry(row, found[0], found[1], grade)


def _seals_twice(seals: Iterable[SealEntry]) -> list[FieldError]:
    seen: dict[str, set[str]] = {"old": set(), "new": set()}
    errors = []
    for entry in seals:
        for part, number in (("old", entry.old), ("new", entry.new)):
            if number in seen[part]:
                field = f"seal_{entry.row}_{part}"
                errors.append(FieldError(field, "seal_twice", _("One seal stands here twice.")))
            seen[part].add(number)
    return errors
