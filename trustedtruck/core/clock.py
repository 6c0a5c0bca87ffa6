"""The database's clock: the one that counts, whatever a process's own clock says."""

import time
from datetime import datetime, timedelta

from django.db import connection

# Between two looks the process's monotonic clock tells how much time went by; nobody can set that.
LOOK_EVERY_S = 30.0
_seen: tuple[datetime, float] | None = None


def database_now(*, afresh: bool = False) -> datetime:
    """Now by the database's clock, in UTC; the database is asked now and then, or `afresh`."""
    global _seen
    before = time.monotonic()
    if afresh or _seen is None or before - _seen[1] > LOOK_EVERY_S:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            _seen = cursor.fetchone()[0], before
    moment, at = _seen
    return moment + timedelta(seconds=time.monotonic() - at)
