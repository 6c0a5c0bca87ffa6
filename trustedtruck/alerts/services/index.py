"""Keeping the index of matching: written last in an alert's transaction, behind one lock."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from trustedtruck.alerts.kinds import NAMES, Value, key, keys_on, most_telling
from trustedtruck.alerts.models import Alert, Term
from trustedtruck.alerts.states import AlertState

# `lanes_commit` takes it shared. An alert is either committed before a truck's lane, and seen by
# the statement that gives it, or it waits until that is committed.
LOCK = 7_215_701


def terms_of(alert: Alert, criteria: Iterable[tuple[int, Value]]) -> list[Term]:
    """The index rows of an alert; `criteria` are (clause, value) pairs."""
    clauses: dict[int, list[Value]] = defaultdict(list)
    for clause, value in criteria:
        clauses[clause].append(value)
    return [term for n, values in clauses.items() for term in _of_clause(alert, n, values)]


def _of_clause(alert: Alert, clause: int, values: list[Value]) -> list[Term]:
    first = most_telling(values)
    rest = [value for value in values if value != first]
    named = [[v.kind, v.value] for v in (first, *rest) if v.kind in NAMES]
    return [
        Term(
            alert=alert,
            clause=clause,
            kind=first.kind,
            slot=slot,
            key=found,
            others=sorted(key(v) for v in rest if v.kind not in NAMES),
            names=named or None,
            active=alert.state == AlertState.ACTIVE,
            valid_from=alert.valid_from,
            valid_until=alert.valid_until,
        )
        for slot, found in enumerate(keys_on(first))
    ]


def write(alert: Alert, terms: list[Term]) -> None:
    """Replace an alert's index rows. The last writing of its transaction: lanes wait behind it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    Term.objects.filter(alert=alert).delete()
    if alert.state == AlertState.ACTIVE:
        Term.objects.bulk_create(terms)
