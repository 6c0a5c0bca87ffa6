"""Dates inside identifiers."""

import datetime


def is_date(yymmdd: str, *, century: int) -> bool:
    """Whether six ASCII digits name a day of that century (1900 or 2000)."""
    year, month, day = (int(yymmdd[i : i + 2]) for i in (0, 2, 4))
    try:
        datetime.date(century + year, month, day)
    except ValueError:
        return False
    return True
