"""JSON with one meaning only, for what is signed: errors are `Refusal`s with a `json_...` code."""

import json
import math
import re
from typing import Any

from trustedtruck.credentials.failures import Refusal

DEPTH = 12


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("json_duplicate_name")
    return found


def _constant(_name: str) -> Any:
    raise Refusal("json_constant")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _constant(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_finite)


def object_of(data: bytes) -> dict[str, Any]:
    """The object that `data` holds: UTF-8, no name twice, no NaN, at most `DEPTH` levels."""
    # Before parsing, so that the parser never needs to recurse far.
    if data.count(b"{") + data.count(b"[") > DEPTH and _too_deep(data):
        raise Refusal("json_depth")
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refusal("json_not_utf8") from None
    except (ValueError, RecursionError):
        raise Refusal("json_malformed") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return value


_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _too_deep(data: bytes) -> bool:
    """Whether brackets nest deeper than `DEPTH`: peeled layer by layer, without a loop over bytes.
    Brackets inside of texts are taken out only when they could have made the difference."""
    return _deep(data) and _deep(_TEXT.sub(b"", data))


def _deep(data: bytes) -> bool:
    skeleton = data.translate(None, _NO_BRACKETS)
    for _layer in range(DEPTH):
        skeleton = skeleton.replace(b"[]", b"").replace(b"{}", b"")
    return bool(skeleton)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def dumps(value: Any) -> bytes:
    """Compact UTF-8. `value` must not contain itself."""
    return _ENCODER.encode(value).encode()
