"""The draws of a shift once more, from its seed and the stored facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lanes import draws
from lanes.models import Shift
from lanes.queries.decisions import Stored, stored_decisions


@dataclass(frozen=True, slots=True)
class Checked:
    """One decision of a shift. `wrong` is empty where its draw is what it must be."""

    stored: Stored
    expected: float | None
    wrong: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "arrival": str(self.stored.arrival_id),
            "draw": self.stored.draw,
            "expected": self.expected,
            "wrong": self.wrong,
        }


def check_draws(shift: Shift, seed: bytes) -> Iterator[Checked]:
    """Every decision on an arrival of the shift, with the draw that its seed gives."""
    for stored in stored_decisions(shift.port_id, shift.starts_at, shift.ends_at, received=True):
        if not stored.by_rules:
            wrong = "" if stored.draw is None else "closed without the rules, but drawn"
            yield Checked(stored, None, wrong)
            continue
        try:
            expected = draws.draw(stored.read_facts(), seed)
        except (KeyError, TypeError, ValueError) as error:
            yield Checked(stored, None, f"the facts cannot be read: {error!r}")
            continue
        if stored.draw is None:
            yield Checked(stored, expected, "no draw was made")
        else:
            yield Checked(stored, expected, "" if stored.draw == expected else "another draw")


def published(port_code: str | None, limit: int) -> list[Shift]:
    """The newest shifts, of one port or of all, the latest first."""
    rows = Shift.objects.order_by("-starts_at", "port_id")
    return list((rows.filter(port=port_code) if port_code else rows)[:limit])
