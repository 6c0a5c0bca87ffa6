"""Serializer fields that take what they say and nothing that merely looks like it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from trustedtruck.identifiers.checked import Checked

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


class Strict(serializers.Serializer[Any]):
    """An object that refuses names it does not know: a typo must not pass as “not seen”."""

    default_error_messages = {"invalid": _("Write this as an object of names and values.")}

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = {}
        if isinstance(data, dict):
            unknown = {
                str(name): [
                    serializers.ErrorDetail(gettext("There is no such field."), "unknown_field")
                ]
                for name in data
                if name not in self.fields
            }
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError(error.detail | unknown) from None
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


class _NoSurrogates(ProhibitSurrogateCharactersValidator):
    """The same, without a look at each letter where all of them are ASCII."""

    def __call__(self, value: Any) -> None:
        if not str(value).isascii():
            super().__call__(value)


class TextField(serializers.CharField):
    """A JSON string; numbers and booleans are refused, not converted."""

    default_error_messages = {"not_a_string": _("Write this as a text, in quotes.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [
            _NoSurrogates() if isinstance(one, ProhibitSurrogateCharactersValidator) else one
            for one in self.validators
        ]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_a_string")
        return str(super().to_internal_value(data))


class OneOfField(serializers.ChoiceField):
    """One of a few words; the refusal names them all."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            text = gettext("Choose one of: %(all)s.") % {"all": ", ".join(map(str, self.choices))}
            raise serializers.ValidationError(text, "invalid_choice") from None


class WholeField(serializers.IntegerField):
    """A JSON number without a fraction."""

    default_error_messages = {"not_a_number": _("Write this as a whole number, without quotes.")}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("not_a_number")
        return int(super().to_internal_value(data))


class SwitchField(serializers.BooleanField):
    """JSON true or false."""

    default_error_messages = {"not_a_boolean": _("Write true or false, without quotes.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_a_boolean")
        return data


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, Any, str, Any]):
    """An instant as RFC 3339 with its offset; UTC inside."""

    default_error_messages = {
        "not_an_instant": _(
            "Write a date and time with its offset, as in 2026-03-01T14:05:00-06:00."
        )
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not _INSTANT.fullmatch(data):
            self.fail("not_an_instant")
        try:
            return datetime.fromisoformat(data.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("not_an_instant")

    def to_representation(self, value: datetime) -> str:
        return instant(value) or ""


class IdentifierField(TextField):
    """A text that one of our identifiers' checks accepts, stored in its normal form."""

    def __init__(self, check: Callable[[str], Checked], **options: Any) -> None:
        self.check = check
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        checked = self.check(super().to_internal_value(data))
        if checked.errors:
            raise serializers.ValidationError(
                [
                    serializers.ErrorDetail(gettext(e.text) % dict(e.params), e.code)
                    for e in checked.errors
                ]
            )
        return checked.value


def instant(value: datetime | None) -> str | None:
    """An instant as the API writes it: UTC with milliseconds and `Z`."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
