"""How bodies come in and JSON goes out: bounded, strictly, and without a second meaning."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, renderers
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.request import Request

MAX_DEPTH = 24
_SURROGATE = re.compile("[\ud800-\udfff]")


class MalformedJSON(exceptions.ParseError):
    default_code = "malformed_json"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is larger than this address accepts.")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise MalformedJSON(_("The name “%(name)s” stands twice.") % {"name": key[:64]})
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise MalformedJSON(_("%(name)s is not JSON.") % {"name": name})


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise MalformedJSON(_("A number is too large."))
    return number


def strict_loads(body: bytes, *, limit: int = 1024 * 1024) -> Any:
    """RFC 8259 JSON and nothing else: UTF-8, no duplicate names, no NaN, bounded depth and size.

    Raises `TooLarge` or `MalformedJSON`, whose text names line and column.
    """
    if len(body) > limit:
        raise TooLarge
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise MalformedJSON(_("The body is not UTF-8.")) from None
    except RecursionError:
        raise MalformedJSON(_("The body is nested too deeply.")) from None
    except json.JSONDecodeError as error:
        raise MalformedJSON(
            _("Not JSON: %(why)s at line %(line)d, column %(column)d.")
            % {"why": error.msg, "line": error.lineno, "column": error.colno}
        ) from None
    except ValueError:  # an integer of thousands of digits
        raise MalformedJSON(_("A number is too long.")) from None
    _check(value, 0)
    return value


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise MalformedJSON(_("The body is nested too deeply."))
    if isinstance(value, str):
        # PostgreSQL stores neither; a lone surrogate could not even be logged.
        if "\x00" in value or (not value.isascii() and _SURROGATE.search(value)):
            raise MalformedJSON(_("A text holds a character that cannot be stored."))
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


class StrictJSONParser(JSONParser):
    """`application/json`, read by `strict_loads`."""

    limit = 1024 * 1024

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return strict_loads(stream.read(self.limit + 1), limit=self.limit)


class RawParser(BaseParser):
    """`request.data` is the bytes of the body, for `body_of`; a larger one is refused (413)."""

    limit = 1024 * 1024

    def parse(  # type: ignore[override]  # bytes, for `body_of` alone
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        body: bytes = stream.read(self.limit + 1)
        if len(body) > self.limit:
            raise TooLarge
        return body


def body_of(request: Request) -> bytes:
    """The body as a `RawParser` read it; empty where there was none."""
    data: Any = request.data
    return data if isinstance(data, bytes) else b""


class JSONRenderer(renderers.JSONRenderer):
    """Plain JSON; lazy texts and times as the encoder of REST framework writes them."""

    charset = None
