"""One object of a JSON body, read field by field: shape and types only."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError, Text

T = TypeVar("T")
TEXT_LIMIT = 4_000


class Reader:
    """One JSON object at `path`; wrong fields are collected in `errors`, never raised."""

    def __init__(self, value: Any, path: str, errors: list[FieldError]) -> None:
        self.path = path
        self.errors = errors
        self.seen: set[str] = set()
        self.value: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self.value = value
        else:
            self.error("", "not_an_object", _("Write an object here, in braces."))

    def at(self, name: str) -> str:
        if not name:
            return self.path
        return f"{self.path}.{name}" if self.path else name

    def error(self, name: str, code: str, text: Text) -> None:
        self.errors.append(FieldError(self.at(name), code, text))

    def take(self, name: str) -> Any:
        self.seen.add(name)
        return self.value.get(name)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.take(name)
        if value is None or value == "":
            if required:
                self.error(name, "required", _("This is missing."))
            return ""
        if not isinstance(value, str):
            self.error(name, "not_a_text", _("Write a text here, in quotation marks."))
            return ""
        if len(value) > TEXT_LIMIT:
            self.error(name, "too_long", _("This text is too long."))
            return ""
        return value.strip()

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name)
        if not value:
            return default
        if value not in allowed:
            text = _("Use one of: %(allowed)s.") % {"allowed": ", ".join(a for a in allowed if a)}
            self.error(name, "not_one_of", text)
            return default
        return value

    def number(self, name: str) -> Decimal | None:
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.error(name, "not_a_number", _("Write a number here, without quotation marks."))
            return None
        if not -1e15 < value < 1e15:
            self.error(name, "out_of_range", _("This number is far out of range."))
            return None
        return Decimal(str(value))

    def whole(self, name: str) -> int | None:
        value = self.number(name)
        if value is None:
            return None
        if value != value.to_integral_value():
            self.error(name, "not_whole", _("Write a whole number here."))
            return None
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.error(name, "not_a_flag", _("Write true or false here."))
            return default
        return value

    def instant(self, name: str) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        try:
            value = parse_datetime(text)
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            self.error(
                name,
                "not_an_instant",
                _("Write date and time with their offset, like 2026-11-24T08:30:00-06:00."),
            )
            return None
        return value

    def each(
        self, name: str, read: Callable[[Any, str, list[FieldError]], T], *, limit: int
    ) -> tuple[T, ...]:
        value = self.take(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.error(name, "not_a_list", _("Write a list here, in brackets."))
            return ()
        if len(value) > limit:
            self.error(name, "too_many", _("At most %(limit)d may stand here.") % {"limit": limit})
            return ()
        path = self.at(name)
        return tuple(read(v, f"{path}.{i}", self.errors) for i, v in enumerate(value))

    def close(self) -> None:
        """Name every field that nobody asked for: a misspelt name must not pass in silence."""
        for name in self.value:
            if name not in self.seen:
                self.error(str(name)[:64], "unknown_field", _("There is no such field."))
