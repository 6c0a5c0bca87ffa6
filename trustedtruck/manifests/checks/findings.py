"""One field at a time: its normal form, and what is wrong or odd about it."""

import datetime as dt
import re
from collections.abc import Callable, Sized
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError, Text
from trustedtruck.identifiers import shipment_control_number
from trustedtruck.identifiers.checked import Checked

_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[A-Z0-9-]{1,17}")

Check = Callable[[str], Checked]


@lru_cache(maxsize=8192)
def _cached(check_one: Check, text: str) -> Checked:
    return check_one(text)


class Findings:
    """What was found so far. Every field is given by its path, and answered in normal form."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self.errors: list[FieldError] = []
        self.warnings: list[FieldError] = []

    def odd(self, path: str, code: str, text: Text) -> None:
        self.warnings.append(FieldError(path, code, text))

    def wrong(self, path: str, code: str, text: Text) -> None:
        self.errors.append(FieldError(path, code, text))

    def missing(self, path: str) -> None:
        self.wrong(path, "required", _("This is missing."))

    def identifier(self, path: str, text: str, check_one: Check, *, required: bool = False) -> str:
        if not text:
            if required:
                self.missing(path)
            return ""
        checked = _cached(check_one, text)
        if checked.errors or checked.warnings:
            for found in checked.errors:
                self.wrong(path, found.code, gettext(found.text) % found.params)
            for found in checked.warnings:
                self.odd(path, found.code, gettext(found.text) % found.params)
        return checked.value

    def text(self, path: str, text: str, most: int, *, required: bool = False) -> str:
        if not text:
            if required:
                self.missing(path)
        elif len(text) > most:
            self.wrong(
                path, "too_long", _("At most %(most)d characters fit here.") % {"most": most}
            )
        elif not text.isprintable():
            self.wrong(path, "unprintable", _("This holds a character that cannot be printed."))
        return text

    def shape(
        self, path: str, text: str, pattern: re.Pattern[str], code: str, say: Text, required: bool
    ) -> str:
        value = text.upper()
        if not value:
            if required:
                self.missing(path)
        elif not pattern.fullmatch(value):
            self.wrong(path, code, say)
        return value

    def one_of(self, path: str, value: str, allowed: tuple[str, ...]) -> str:
        """A code that may be left out, where the reader does not see to that."""
        if value and value not in allowed:
            text = _("Use one of: %(allowed)s.") % {"allowed": ", ".join(allowed)}
            self.wrong(path, "not_one_of", text)
        return value

    def at_most(self, path: str, given: Sized, limit: int) -> None:
        if len(given) > limit:
            text = _("At most %(limit)d may stand here.") % {"limit": limit}
            self.wrong(path, "too_many", text)

    def country(self, path: str, text: str, *, required: bool = False) -> str:
        say = _("Write the two letters of the country, like US or MX.")
        return self.shape(path, text, _COUNTRY, "country", say, required)

    def own_number(self, path: str, text: str, *, required: bool) -> str:
        say = _("Use 1 to 17 letters, digits and hyphens.")
        return self.shape(path, text.replace(" ", ""), _NUMBER, "number", say, required)

    def control_number(self, path: str, text: str, carrier: str) -> str:
        if not text:
            self.missing(path)
            return ""
        return self.of_carrier(path, text, shipment_control_number.check, carrier)

    def of_carrier(
        self, path: str, text: str, check_one: Callable[[str, str], Checked], carrier: str
    ) -> str:
        """A number that begins with the SCAC of its carrier, where that is one."""
        checked = check_one(text, carrier if len(carrier) == 4 else "")
        for found in checked.errors:
            self.wrong(path, found.code, gettext(found.text) % found.params)
        return checked.value

    def range(self, path: str, most: Decimal | int) -> None:
        self.wrong(
            path,
            "out_of_range",
            _("This must be more than 0 and at most %(most)s.") % {"most": most},
        )

    def once(self, places: list[tuple[str, str]], say: Text) -> None:
        seen: set[str] = set()
        for path, value in places:
            if value and value in seen:
                self.wrong(path, "duplicate", say)
            seen.add(value)
