"""JSON with one meaning only, for what is signed: errors are `Refusal`s with a `json_...` code."""

import json
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


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)


def object_of(data: bytes) -> dict[str, Any]:
    """The object that `data` holds: UTF-8, no name twice, no NaN, at most `DEPTH` levels."""
    # Before parsing, so that no recursion of the parser is ever needed; brackets inside of texts
    # count too, which only a hostile text would notice.
    if data.count(b"{") + data.count(b"[") > DEPTH and _depth(data) > DEPTH:
        raise Refusal("json_depth")
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refusal("json_not_utf8") from None
    except ValueError:
        raise Refusal("json_malformed") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return value


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for byte in data:
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


def dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
