"""Days and instants in the reader's language."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext


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
