"""Opening hours: two times of day, of which the second may lie on the next day."""

from datetime import datetime, time
from zoneinfo import ZoneInfo


def open_at(opens: time | None, closes: time | None, *, at: datetime, timezone: str) -> bool:
    """Whether an instant lies in the hours, on the clock of the port. No hours: always open."""
    if opens is None or closes is None or opens == closes:
        return True
    clock = at.astimezone(ZoneInfo(timezone)).time()
    if opens < closes:
        return opens <= clock < closes
    return clock >= opens or clock < closes
