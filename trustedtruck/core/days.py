"""Days in the reader's language."""

from datetime import date

from django.utils.formats import date_format

DAY = "j M Y"


def readable_day(text: str) -> str:
    """An ISO day as people read it, 28 Nov 2026: no order of numbers that two countries dispute."""
    return date_format(date.fromisoformat(text), DAY)
