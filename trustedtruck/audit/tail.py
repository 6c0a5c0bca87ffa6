"""Reading committed events once each, although ids commit out of order and some never do.

An id is drawn before its transaction commits, so a reader that only asks for “greater than the
last one” misses what commits late. This one remembers the gaps it jumped over, looks into them
again, and gives a gap up once every transaction that could fill it has ended.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

Execute = Callable[[str, list[Any]], Sequence[tuple[Any, ...]]]
# So many gaps fit into a place's text.
_NAMED = 64
_PLACE = re.compile(r"([0-9]{1,18})((?:~[0-9]{1,18}-[0-9]{1,18}){0,64})", re.ASCII)


@dataclass(slots=True)
class Gap:
    """Ids `first` to `last` that nobody has seen. They may commit while `horizon` is open."""

    first: int
    last: int
    horizon: int
    seen_at: float


# Statement and snapshot are one: what the snapshot says of transactions holds for these rows.
_READ = """
SELECT pg_snapshot_xmin(s.snapshot)::text::bigint, pg_snapshot_xmax(s.snapshot)::text::bigint, e.*
FROM (SELECT pg_current_snapshot() AS snapshot) s
LEFT JOIN (
    (SELECT {columns} FROM audit_event e WHERE e.id > %s ORDER BY e.id LIMIT %s)
    UNION ALL
    SELECT {columns} FROM unnest(%s::bigint[], %s::bigint[]) g(a, b)
    JOIN audit_event e ON e.id BETWEEN g.a AND g.b
) e ON true ORDER BY e.id
"""


@dataclass
class Tail:
    """A place in the stream of events. `columns` is SQL over `e`; the first is `e.id`.

    `patience_s` is how long a gap is looked into at least: a belt for the instant between drawing
    an id and opening its transaction.
    """

    columns: str
    top: int = 0
    patience_s: float = 2.0
    gaps: list[Gap] = field(default_factory=list)

    def read(self, execute: Execute, *, limit: int = 2000) -> list[tuple[Any, ...]]:
        """The rows that appeared since the last call, in the order of their ids."""
        return [row for _place, row in self.read_placed(execute, limit=limit)]

    def read_placed(
        self, execute: Execute, *, limit: int = 2000
    ) -> list[tuple[str, tuple[Any, ...]]]:
        """The same, each row with the place from which a reader that has it would go on."""
        found = execute(
            _READ.format(columns=self.columns),
            [self.top, limit, [g.first for g in self.gaps], [g.last for g in self.gaps]],
        )
        oldest_open, newest = found[0][0], found[0][1]
        rows = [row[2:] for row in found if row[2] is not None]
        now = time.monotonic()
        placed = []
        for row in rows:
            self.note(row[0], newest, now)
            placed.append((self.place, row))
        self.gaps = [
            gap
            for gap in self.gaps
            if oldest_open < gap.horizon or now - gap.seen_at < self.patience_s
        ]
        return placed

    def note(self, event_id: int, horizon: int, now: float) -> None:
        """This id has been seen; ids that it jumps over may commit until `horizon` has ended."""
        if event_id > self.top:
            if event_id > self.top + 1:
                self.gaps.append(Gap(self.top + 1, event_id - 1, horizon, now))
            self.top = event_id
            return
        for index, gap in enumerate(self.gaps):
            if gap.first <= event_id <= gap.last:
                rest = [
                    Gap(first, last, gap.horizon, gap.seen_at)
                    for first, last in ((gap.first, event_id - 1), (event_id + 1, gap.last))
                    if first <= last
                ]
                self.gaps[index : index + 1] = rest
                return

    @property
    def place(self) -> str:
        """This place as a text from which `at` goes on: `1042`, or `1042~1038-1040`."""
        if len(self.gaps) > _NAMED:
            return str(self.gaps[0].first - 1)  # some events twice, but none missed
        return f"{self.top}" + "".join(f"~{gap.first}-{gap.last}" for gap in self.gaps)

    @classmethod
    def at(cls, place: str, columns: str) -> Self | None:
        """The tail that goes on from `place`; None when the text is no place."""
        match = _PLACE.fullmatch(place)
        if match is None:
            return None
        now = time.monotonic()
        gaps = [
            # With the horizon out of reach: whatever became of these ids is looked for once more.
            Gap(int(first), int(last), 2**63 - 1, now)
            for first, last in (part.split("-") for part in match[2].split("~")[1:])
        ]
        return cls(columns, top=int(match[1]), gaps=gaps)
