"""The little of CBOR (RFC 8949) that a QR code holds, read strictly.

Integers, byte and text strings, arrays, maps; definite lengths in shortest form; at most `DEPTH`
levels. No tags, floats or simple values: whatever a general decoder could be made to blow up on is
not even parsed. Errors are `Refusal`s with a `cbor_...` code.
"""

from typing import Any

from trustedtruck.credentials.failures import Refusal

DEPTH = 6


def loads(data: bytes) -> Any:
    """The one value that `data` holds, and nothing after it."""
    value, end = _item(data, 0, 0)
    if end != len(data):
        raise Refusal("cbor_trailing")
    return value


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > DEPTH:
        raise Refusal("cbor_depth")
    major, value, at = _head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if value > len(data) - at:
        # Also for arrays and maps: every item takes a byte at least, so the claim is a lie.
        raise Refusal("cbor_length")
    if major == 2:
        return data[at : at + value], at + value
    if major == 3:
        try:
            return data[at : at + value].decode("utf-8"), at + value
        except UnicodeDecodeError:
            raise Refusal("cbor_text") from None
    if major == 4:
        items = []
        for _ in range(value):
            item, at = _item(data, at, depth + 1)
            items.append(item)
        return items, at
    found: dict[Any, Any] = {}
    for _ in range(value):
        key, at = _item(data, at, depth + 1)
        if not isinstance(key, (int, str)):
            raise Refusal("cbor_type")
        if key in found:
            raise Refusal("cbor_key_twice")
        found[key], at = _item(data, at, depth + 1)
    return found, at


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, argument, and where the content begins."""
    if at >= len(data):
        raise Refusal("cbor_truncated")
    first = data[at]
    major, info = first >> 5, first & 31
    at += 1
    if major > 5:  # tags, floats, simple values
        raise Refusal("cbor_type")
    if info < 24:
        return major, info, at
    if info == 31:
        raise Refusal("cbor_indefinite")
    if info > 27:
        raise Refusal("cbor_type")
    width = 1 << (info - 24)
    if at + width > len(data):
        raise Refusal("cbor_truncated")
    value = int.from_bytes(data[at : at + width], "big")
    if value < 24 or (width > 1 and value < 1 << (4 * width)):
        raise Refusal("cbor_not_shortest")
    return major, value, at + width


def head(major: int, value: int) -> bytes:
    """A shortest-form head, for the frames that are put together by hand."""
    if value < 24:
        return bytes([major << 5 | value])
    width = 1 if value < 1 << 8 else 2 if value < 1 << 16 else 4 if value < 1 << 32 else 8
    return bytes([major << 5 | (24 + width.bit_length() - 1)]) + value.to_bytes(width, "big")


_HEADS = tuple(head(2, length) for length in range(1024))


def byte_string(data: bytes) -> bytes:
    length = len(data)
    return (_HEADS[length] if length < len(_HEADS) else head(2, length)) + data
