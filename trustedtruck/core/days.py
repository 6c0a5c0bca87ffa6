"""Days and instants in the reader's language."""

from datetime import date, datetime, timedelta, timezone

from django.utils.formats import date_format
from django.utils.translation import gettext

# The westernmost clock of the border, without summer time: there a day ends last.
_WEST = timezone(timedelta(hours=-8))


def western_day(at: datetime) -> date:
    """The day that it still is in the west: so that the day of a deadline counts whole."""
    return at.astimezone(_WEST).date()


def day(value: date) -> str:
    """A day as people read it, 28 Nov 2026: no order of numbers that two countries dispute.

    Spanish writes months in small letters, so the format is one of the texts.
    """
    return date_format(value, gettext("j M Y"))


def moment(value: datetime) -> str:
    """An instant with the clock that it is of: 28 Nov 2026, 23:05 UTC."""
    return date_format(value, gettext("j M Y, H:i T"))


def readable_day(text: str) -> str:
    """The same of an ISO day."""
    return day(date.fromisoformat(text))
