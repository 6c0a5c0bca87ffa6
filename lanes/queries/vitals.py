"""What the database knows about the health of an installation, for /metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

_BUNDLES = """
SELECT kind, extract(epoch FROM clock_timestamp() - made_at)::float8,
       extract(epoch FROM expires_at - clock_timestamp())::float8
FROM ((SELECT 'lanes' AS kind, made_at, expires_at FROM credentials_bundle
       ORDER BY seq DESC LIMIT 1)
      UNION ALL SELECT 'port', made_at, expires_at FROM lanes_heldbundle) held
"""
# The youngest events only: whatever is older than the last link is the verifier's affair.
_UNSEALED = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float8 FROM audit_event
WHERE id > (SELECT coalesce(max(event_id), 0) FROM audit_link)
"""
_ALARMS = "SELECT kind, count(*) FROM lanes_alarm WHERE closed_at IS NULL GROUP BY kind"
_JOURNAL = """
SELECT count(*) FILTER (WHERE refused = ''), count(*) FILTER (WHERE refused <> '')
FROM lanes_journalentry
"""


@dataclass(frozen=True)
class Bundle:
    """Seconds; `remaining` is negative once the bundle is stale."""

    age: float
    remaining: float


@dataclass(frozen=True)
class Vitals:
    """`bundles` by kind: `lanes` is made here for gates, `port` is held here from headquarters."""

    unsealed_seconds: float
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    open_alarms: Mapping[str, int] = field(default_factory=dict)
    journal_waiting: int = 0
    journal_refused: int = 0


def vitals() -> Vitals:
    """In four short queries, for /metrics."""
    with connection.cursor() as cursor:
        cursor.execute(_BUNDLES)
        bundles = {kind: Bundle(age, remaining) for kind, age, remaining in cursor.fetchall()}
        cursor.execute(_UNSEALED)
        (unsealed,) = cursor.fetchone()
        cursor.execute(_ALARMS)
        alarms = dict(cursor.fetchall())
        cursor.execute(_JOURNAL)
        waiting, refused = cursor.fetchone()
    return Vitals(unsealed, bundles, alarms, waiting, refused)
