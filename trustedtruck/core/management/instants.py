"""An instant as a person types it after a command's option."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime


def instant(text: str) -> datetime:
    """RFC 3339 with its offset, or a date or minute in UTC: `2026-03-01`, `2026-03-01T16:00`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"not an instant: {text!r}; write it as 2026-01-31T17:45:00+00:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
