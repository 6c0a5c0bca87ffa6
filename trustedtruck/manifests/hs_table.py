"""The Harmonized System of 2022: what a commodity code means. `data/harmonized_system_2022.csv`."""

import csv
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "harmonized_system_2022.csv"


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["hscode"]: row["description"] for row in csv.DictReader(lines)}


def is_known(code: str) -> bool:
    """Whether the first six digits are in the nomenclature."""
    return code[:6] in _table()


def describe(code: str) -> str:
    """The English description of the longest known part of a code; `""` where none is known."""
    table = _table()
    return next((table[code[:n]] for n in (6, 4, 2) if code[:n] in table), "")
