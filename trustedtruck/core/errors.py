"""What the services raise when they refuse: a stable code, a sentence, the wrong fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its path (`seals.0`, `plate.number`), a stable code, a sentence."""

    field: str
    code: str
    text: Text


@dataclass(eq=False)
class DomainError(Exception):
    """A refusal. `code` is stable and documented, `text` is a translatable sentence."""

    code: str
    text: Text
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    errors: tuple[FieldError, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class Refused(DomainError):
    """The state of things does not allow the change (409)."""

    def __init__(self, code: str, text: Text, **extra: Any) -> None:
        super().__init__(code, text, HTTPStatus.CONFLICT, extra=extra)


class NotFound(DomainError):
    """No such thing, or none that the caller may see (404): the two look alike from outside."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(code, text, HTTPStatus.NOT_FOUND)


class Invalid(DomainError):
    """Wrong input (400), with every wrong field named at once."""

    def __init__(self, errors: tuple[FieldError, ...], text: Text) -> None:
        super().__init__("invalid", text, HTTPStatus.BAD_REQUEST, errors=errors)


class Unavailable(DomainError):
    """A part that we need does not answer (503); the caller may try again."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(code, text, HTTPStatus.SERVICE_UNAVAILABLE)
