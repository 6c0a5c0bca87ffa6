"""Which alerts stand against trucks and filings: one look into the index for all of them.

A truck is looked up by every key that it answers to; what comes back is compared in full.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from trustedtruck.alerts import closeness
from trustedtruck.alerts.kinds import NAMES, Kind, Value, keys_of, plain_keys_of
from trustedtruck.alerts.models import Filing, Term
from trustedtruck.alerts.states import HitState
from trustedtruck.core.abreast import Ask, Question, answer_of
from trustedtruck.core.prepared import prepared_rows
from trustedtruck.core.sealing import mark, unseal

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Known:
    """What is known of one truck or filing, in normal forms, and whose it is (a SCAC, or `""`).

    `filed` is what its filing says, sealed: opened where an alert may stand against it, which is
    by its keys alone.
    """

    own: frozenset[Value]
    scac: str = ""
    keys: frozenset[str] = field(default=frozenset(), compare=False)
    filed: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            object.__setattr__(self, "keys", frozenset(keys_of(self.own)))

    def joined(self, *others: "Known") -> "Known":
        """The same with what else is known by now, of which nothing was filed."""
        own = self.own.union(*(other.own for other in others))
        keys = self.keys.union(*(other.keys for other in others))
        return Known(own, self.scac, keys, self.filed)

    @cached_property
    def values(self) -> frozenset[Value]:
        if not self.filed:
            return self.own
        return self.own | {Value(kind, value) for kind, value in json.loads(unseal(self.filed))}

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """Those of each kind."""
        found: dict[str, list[str]] = {}
        for kind, value in self.values:
            if kind in NAMES:
                found.setdefault(kind, []).append(value)
        return found

    @cached_property
    def answering(self) -> dict[str, list[Value]]:
        """The values that answer to each key, names aside."""
        found: dict[str, list[Value]] = {}
        for value in self.values:
            for key in plain_keys_of([value]):
                found.setdefault(key, []).append(value)
        return found


@dataclass(frozen=True, slots=True)
class Match:
    """An alert that stands against a truck or filing; `close` where only names are close."""

    alert_id: int
    public_id: str
    owner_id: str
    close: bool
    matched: tuple[Value, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found. `passed` are the terms that were looked at and stand against nothing."""

    matches: tuple[Match, ...] = ()
    passed: tuple[int, ...] = ()


class _Clause(NamedTuple):
    """A row of the index. A tuple: a truck is held against hundreds, and to make a model's object
    of each took longer than all the rest."""

    term_id: int
    key: str
    others: list[str]
    names: list[list[str]] | None
    alert_id: int


class _Named(NamedTuple):
    """What an alert is known by. Read only of those that match: most that are looked at do not."""

    public_id: str
    owner_id: str


class _Found(NamedTuple):
    clause: _Clause
    close: bool
    matched: set[Value]


def look(known: Mapping[K, Known]) -> dict[K, Looked]:
    """The alerts in force, by the database's clock, against each. One query, three where any is.

    A hit that an officer dismissed is not found again for the same values of the same carrier.
    """
    rows = _listed(known)
    if not rows:
        return dict.fromkeys(known, Looked())
    found: dict[K, dict[int, list[_Found]]] = {name: defaultdict(list) for name in known}
    seen: dict[K, set[int]] = {name: set() for name in known}
    for name, clause in _clauses(rows, known):
        seen[name].add(clause.term_id)
        if (hit := _judge(clause, known[name])) is not None:
            found[name][clause.alert_id].append(hit)
    named = _named({alert_id for alerts in found.values() for alert_id in alerts})
    matches = {
        name: [_match(named[alert_id], parts, known[name]) for alert_id, parts in alerts.items()]
        for name, alerts in found.items()
    }
    dismissed = _dismissed({m.signature for some in matches.values() for m in some})
    looked = {}
    for name, some in matches.items():
        kept = tuple(m for m in some if (m.alert_id, m.signature) not in dismissed)
        standing = {m.alert_id for m in kept}
        against = {
            hit.clause.term_id
            for alert_id, parts in found[name].items()
            if alert_id in standing
            for hit in parts
        }
        looked[name] = Looked(kept, tuple(sorted(seen[name] - against)))
    return looked


# All ask at once, by all their keys. The first of what else a clause needs is in the index too, so
# that of many alerts on the same goods or carrier only those are read whose other half may be a
# truck's; `''` stands for nothing else.
_LISTED = """
SELECT t.id, t.key, t.others, t.names, t.alert_id, t.clause
FROM (SELECT %s::text[] AS keys) asked
JOIN alerts_term t ON t.key = ANY(asked.keys)
  AND coalesce(t.others[1], '') = ANY(array_append(asked.keys, ''))
WHERE t.active AND t.valid_from <= statement_timestamp()
  AND (t.valid_until IS NULL OR t.valid_until > statement_timestamp())
ORDER BY t.id
"""


def _listed(known: Mapping[K, Known]) -> list[tuple[Any, ...]]:
    asked = set().union(*(one.keys for one in known.values()))
    return prepared_rows(_LISTED, [list(asked)]) if asked else []


def _clauses(rows: list[tuple[Any, ...]], known: Mapping[K, Known]) -> Iterator[tuple[K, _Clause]]:
    """The clauses that may hold of each: of which all keys are among its own."""
    answering: dict[str, list[tuple[K, Known]]] = defaultdict(list)
    led = {row[1] for row in rows}
    for name, one in known.items():
        for key in one.keys & led:
            answering[key].append((name, one))
    # A clause has a row for each of its keys, all with the same names.
    opened: dict[tuple[int, int], list[list[str]]] = {}
    for term_id, key, others, sealed, alert_id, clause in rows:
        for name, one in answering[key]:
            if not one.keys.issuperset(others):
                continue
            names = None
            if sealed:
                names = opened.get((alert_id, clause))
                if names is None:
                    names = opened[alert_id, clause] = json.loads(unseal(sealed))
            yield name, _Clause(term_id, key, others, names, alert_id)


_NAMED = "SELECT id, public_id::text, owner_id FROM alerts_alert WHERE id = ANY(%s::bigint[])"


def _named(alert_ids: Iterable[int]) -> dict[int, _Named]:
    rows = prepared_rows(_NAMED, [ids]) if (ids := sorted(alert_ids)) else []
    return {alert_id: _Named(*named) for alert_id, *named in rows}


def _judge(clause: _Clause, known: Known) -> _Found | None:
    """Whether the whole clause holds of this truck or filing, and by which of its values."""
    if not known.keys.issuperset(clause.others):
        return None
    close = False
    matched = set()
    for kind, name in clause.names or ():
        options = known.names.get(kind, [])
        same = [other for other in options if closeness.same(name, other)]
        near = same or [other for other in options if closeness.close(name, other)]
        if not near:
            return None
        close = close or not same
        matched |= {Value(kind, other) for other in near}
    for key in (clause.key, *clause.others):
        matched.update(known.answering.get(key, ()))
    return _Found(clause, close, matched)


def _match(named: _Named, parts: list[_Found], known: Known) -> Match:
    """One alert by all its clauses that hold; by an exact one it is exact."""
    exact = [part for part in parts if not part.close]
    chosen = exact or parts
    matched = tuple(sorted({value for part in chosen for value in part.matched}))
    text = "|".join([known.scac, *(f"{kind}={value}" for kind, value in matched)])
    return Match(
        alert_id=parts[0].clause.alert_id,
        public_id=named.public_id,
        owner_id=named.owner_id,
        close=not exact,
        matched=matched,
        signature=signed(hashlib.sha256(text.encode()).hexdigest()),
    )


def signed(digest: str) -> str:
    """The digest of a name could be guessed at; one that hangs on our key says nothing."""
    return f"{mark('alert match', digest) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


_DISMISSED = """
SELECT alert_id, signature FROM alerts_hit WHERE signature = ANY(%s::varchar[]) AND state = %s
"""


def _dismissed(signatures: set[str]) -> set[tuple[int, str]]:
    if not signatures:
        return set()
    return {*prepared_rows(_DISMISSED, [sorted(signatures), HitState.DISMISSED.value])}


_FILED = """
SELECT ref, scac, keys, "values" FROM alerts_filing WHERE ref = ANY(%s::varchar[])
"""


def filings(refs: Iterable[str]) -> dict[str, Known]:
    """`filings_of`, asked by itself."""
    return answer_of(filings_of(refs))


def filings_of(refs: Iterable[str]) -> Question[dict[str, Known]]:
    """What filings say, by their number; one that was never screened is missing."""
    asked = [ref for ref in refs if ref]
    if not asked:
        return {}
    [rows] = yield [Ask(_FILED, [asked])]
    return {
        ref: Known(frozenset(), scac, frozenset(keys), filed) for ref, scac, keys, filed in rows
    }


def known_of(filing: Filing) -> Known:
    values = frozenset(Value(kind, value) for kind, value in filing.values)
    return Known(values, filing.scac, frozenset(filing.keys))


def filings_under(terms: Iterable[Term]) -> dict[Filing, Match]:
    """Open filings that these terms of one alert stand against."""
    terms = list(terms)
    # They may not be written yet: then they have no ids.
    clauses = [_Clause(t.pk, t.key, t.others, t.names, t.alert_id) for t in terms]
    rows = Filing.objects.filter(open=True, keys__overlap=sorted({c.key for c in clauses}))
    found = {}
    for filing in rows:
        known = known_of(filing)
        parts = [
            hit
            for clause in clauses
            if clause.key in known.keys and (hit := _judge(clause, known)) is not None
        ]
        if parts:
            alert = terms[0].alert
            found[filing] = _match(_Named(str(alert.public_id), alert.owner_id), parts, known)
    dismissed = _dismissed({m.signature for m in found.values()})
    return {f: m for f, m in found.items() if (m.alert_id, m.signature) not in dismissed}


def direction(port_code: str, way: str) -> Value:
    return Value(Kind.ROUTE, f"{port_code} {way}".strip())
