"""Status lists as bits: Bitstring Status List (W3C) and Token Status List (IETF).

The two count bits from opposite ends of a byte: Bitstring from the most significant, Token from
the least. Mixing them up revokes somebody else.
"""

import gzip
import zlib
from collections.abc import Iterable, Mapping

from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats.jws import unb64url
from trustedtruck.credentials.keyset import b64url

MIN_BITS = 131_072
MAX_BYTES = 1024 * 1024
TOKEN_BITS = 2
VALID, INVALID, SUSPENDED = 0, 1, 2


def encode_bitstring(indices: Iterable[int], size: int) -> str:
    """Multibase base64url (`u`) of the gzipped bits; `indices` are those that are set."""
    bits = bytearray(size // 8)
    for index in indices:
        bits[index >> 3] |= 0x80 >> (index & 7)
    return "u" + b64url(gzip.compress(bytes(bits), 6, mtime=0))


def decode_bitstring(text: str) -> bytes:
    """The bits. Bounded: a list that would unpack to more than `MAX_BYTES` is refused."""
    if not text.startswith("u"):
        raise Refusal("status_list_encoding")
    bits = _inflate(text[1:], 31)
    if len(bits) * 8 < MIN_BITS:
        raise Refusal("status_list_too_short")
    return bits


def bitstring_has(bits: bytes, index: int) -> bool:
    if not 0 <= index < len(bits) * 8:
        raise Refusal("status_index_out_of_range")
    return bool(bits[index >> 3] & 0x80 >> (index & 7))


def encode_token_list(statuses: Mapping[int, int], size: int) -> str:
    """Base64url of the deflated list, two bits an entry; `statuses` are those that are not 0."""
    packed = bytearray(size * TOKEN_BITS // 8)
    for index, status in statuses.items():
        packed[index >> 2] |= status << (index & 3) * TOKEN_BITS
    return b64url(zlib.compress(bytes(packed), 9))


def decode_token_list(text: str) -> bytes:
    packed = _inflate(text, 15)
    if len(packed) * 8 // TOKEN_BITS < MIN_BITS:
        raise Refusal("status_list_too_short")
    return packed


def token_status(packed: bytes, index: int) -> int:
    if not 0 <= index < len(packed) * 8 // TOKEN_BITS:
        raise Refusal("status_index_out_of_range")
    return packed[index >> 2] >> (index & 3) * TOKEN_BITS & 3


def _inflate(text: str, window: int) -> bytes:
    try:
        packed = unb64url(text)
        unpacker = zlib.decompressobj(window)
        data = unpacker.decompress(packed, MAX_BYTES + 1)
    except (Refusal, zlib.error):
        raise Refusal("status_list_encoding") from None
    if len(data) > MAX_BYTES:
        raise Refusal("status_list_too_long")
    if not unpacker.eof or unpacker.unused_data:
        raise Refusal("status_list_encoding")
    return data
