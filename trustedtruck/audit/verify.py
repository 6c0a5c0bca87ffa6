"""Is the audit still what was written? Recomputes the chain and holds it against the checkpoints.

What each kind of tampering leaves behind:
- edit: an event no longer gives its link's hash;
- deletion: a link without its event, or positions that are missing;
- insertion: an old event that no link holds;
- reordering: an event that fits another's place;
- cut tail: a checkpoint beyond the chain's end;
- rewrite: a chain that is sound in itself and is not the one that a checkpoint signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from trustedtruck.audit import checkpoints
from trustedtruck.audit.chain import CANONICAL, GENESIS, link_hash
from trustedtruck.audit.checkpoints import Checkpoint
from trustedtruck.audit.keys import public_keys

EDIT, DELETION, INSERTION = "edit", "deletion", "insertion"
REORDERING, CUT_TAIL, REWRITE, CHECKPOINT = "reordering", "cut_tail", "rewrite", "checkpoint"
# An event is sealed within seconds of its commit; a transaction that ran longer is no tampering.
BACKDATED_MINUTES = 15
_LOOKED_AT = 200


@dataclass(frozen=True)
class Finding:
    """One sign of tampering. `text` is English: it belongs in a report, with its numbers."""

    kind: str
    text: str
    position: int | None = None
    event_id: int | None = None


@dataclass
class Verdict:
    """`unsealed` counts events younger than the last seal: not yet in the chain."""

    sealed: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    last_checkpoint_at: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings


@dataclass(frozen=True)
class _Broken:
    """A link whose event does not give its hash."""

    position: int
    event_id: int
    before: bytes
    link: bytes
    row: tuple[Any, ...]


_LINKS = f"""
SELECT l.position, l.event_id, l.hash,
       l.sealed_at - e.at > interval '{BACKDATED_MINUTES} minutes' AND e.at < (
           SELECT b.sealed_at FROM audit_link b WHERE b.sealed_at < l.sealed_at
           ORDER BY b.position DESC LIMIT 1) - interval '{BACKDATED_MINUTES} minutes',
       {CANONICAL}
FROM audit_link l LEFT JOIN audit_event e ON e.id = l.event_id ORDER BY l.position
"""  # noqa: S608 (our own constants)
_UNLINKED = """
SELECT e.id, e.id < (SELECT coalesce(max(event_id), 0) FROM audit_link)
       AND e.at < (SELECT max(sealed_at) FROM audit_link) - interval '2 minutes'
FROM audit_event e WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.event_id = e.id)
ORDER BY e.id
"""


def verify() -> Verdict:
    """Read everything once, in one snapshot; writes nothing."""
    # Checkpoints first: what they say was committed before, so that the snapshot must have it.
    marks = list(checkpoints.read(public_keys()))
    verdict = Verdict(checkpoints=len(marks))
    for mark in marks:
        if mark.fault:
            verdict.findings.append(
                Finding(CHECKPOINT, f"{mark.file}, line {mark.line}, {mark.fault}")
            )
    good = [mark for mark in marks if not mark.fault]
    verdict.last_checkpoint_at = good[-1].at if good else ""
    with transaction.atomic():
        _be_patient()
        _Chain(verdict, good).follow()
        for event_id, old in _stream(_UNLINKED):
            if old:
                verdict.findings.append(
                    Finding(INSERTION, f"event {event_id} is in no link", event_id=event_id)
                )
            else:
                verdict.unsealed += 1
    return verdict


def _be_patient() -> None:
    """One consistent reading, however long it takes; the first statement of its transaction."""
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _stream(sql: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(5000):
            yield from rows


class _Chain:
    """One walk along the links."""

    def __init__(self, verdict: Verdict, marks: list[Checkpoint]) -> None:
        self._verdict = verdict
        self._marks: dict[int, set[bytes]] = {}
        for mark in marks:
            self._marks.setdefault(mark.position, set()).add(mark.hash)
        self._broken: list[_Broken] = []
        self._rewritten: list[int] = []

    def follow(self) -> None:
        expected, before = 1, GENESIS
        for position, event_id, stored, backdated, *row in _stream(_LINKS):
            if position > expected:
                self._found(DELETION, f"links {expected} to {position - 1} are gone", position)
            self._judge(position, event_id, before, bytes(stored), tuple(row))
            if backdated and row[0] is not None:
                self._found(
                    INSERTION, f"event {event_id} is older than its place", position, event_id
                )
            if self._marks.pop(position, {bytes(stored)}) != {bytes(stored)}:
                self._rewritten.append(position)
            expected, before = position + 1, bytes(stored)
        self._verdict.sealed = expected - 1
        self._explain()
        self._end(expected - 1)

    def _judge(
        self, position: int, event_id: int, before: bytes, stored: bytes, row: tuple[Any, ...]
    ) -> None:
        if row[0] is None:
            self._found(DELETION, f"event {event_id} is gone", position, event_id)
        elif link_hash(before, row) != stored:
            self._broken.append(_Broken(position, event_id, before, stored, row))

    def _explain(self) -> None:
        """An event that fits the place of another broken link was moved; the others were edited."""
        looked_at = self._broken[:_LOOKED_AT]
        for one in self._broken:
            moved = any(
                link_hash(one.before, (event_id, *other.row[1:])) == one.link
                for other in looked_at
                for event_id in {one.event_id, other.event_id}
                if other is not one
            )
            self._found(
                REORDERING if moved else EDIT,
                f"event {one.event_id} {'stands in another’s place' if moved else 'was changed'}",
                one.position,
                one.event_id,
            )

    def _end(self, last: int) -> None:
        beyond = sorted(position for position in self._marks if position > last)
        if beyond:
            self._found(
                CUT_TAIL, f"the chain ends at {last}; a checkpoint signed {beyond[-1]}", last
            )
        if self._rewritten:
            self._found(
                REWRITE,
                f"the chain is not the one that {len(self._rewritten)} checkpoints signed,"
                f" from {self._rewritten[0]} on",
                self._rewritten[0],
            )

    def _found(self, kind: str, text: str, position: int, event_id: int | None = None) -> None:
        self._verdict.findings.append(Finding(kind, text, position, event_id))
