"""The minimum security criteria: versioned data files, one set for each kind of carrier.

An application keeps the version that it was opened under. A new version is a new file; files of
old versions stay as long as an application points at them.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import get_language

if TYPE_CHECKING:
    from trustedtruck.carriers.models import Application

DIRECTORY = Path(__file__).parent / "data" / "criteria"


@dataclass(frozen=True)
class Words:
    """A text in both languages; `str()` is the reader's."""

    en: str
    es: str

    def __str__(self) -> str:
        return self.es if (get_language() or "en").startswith("es") else self.en


@dataclass(frozen=True)
class Criterion:
    """One criterion. `id` is stable over versions, such as `US-6.2`."""

    id: str
    must: bool
    text: Words
    guidance: Words
    evidence_required: bool


@dataclass(frozen=True)
class Category:
    number: int
    title: Words
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class CriteriaSet:
    code: str
    version: str
    categories: tuple[Category, ...]

    @property
    def by_id(self) -> dict[str, Criterion]:
        return {c.id: c for category in self.categories for c in category.criteria}


@cache
def load(code: str, version: str) -> CriteriaSet:
    """Raises `FileNotFoundError` for a set or version that was never published."""
    body = json.loads((DIRECTORY / f"{code}_{version}.json").read_text(encoding="utf-8"))
    return CriteriaSet(
        code,
        version,
        tuple(
            Category(
                category["number"],
                Words(**category["title"]),
                tuple(
                    Criterion(
                        c["id"],
                        c["level"] == "must",
                        Words(**c["text"]),
                        Words(**c["guidance"]),
                        c.get("evidence", False),
                    )
                    for c in category["criteria"]
                ),
            )
            for category in body["categories"]
        ),
    )


@cache
def newest(code: str) -> CriteriaSet:
    """The set in force for a kind of carrier: the newest version by name."""
    names = sorted(path.stem for path in DIRECTORY.glob(f"{code}_*.json"))
    return load(code, names[-1].removeprefix(f"{code}_"))


def criteria_of(application: "Application") -> CriteriaSet:
    return load(application.criteria_set, application.criteria_version)
