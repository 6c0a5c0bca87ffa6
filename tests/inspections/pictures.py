"""Pictures as scanners make them."""

import hashlib
import io
import zlib

import numpy
from PIL import Image


def picture(kind: str = "PNG", *, width: int = 640, height: int = 200, shade: int = 90) -> bytes:
    """A truck's outline, in eight bits."""
    values = numpy.full((height, width), 235, dtype=numpy.uint8)
    values[height // 4 : height // 2, 20 : width - 20] = shade
    out = io.BytesIO()
    Image.fromarray(values).save(out, kind)
    return out.getvalue()


def deep_picture() -> bytes:
    """Sixteen bits, of which the scanner uses a small part, as TIFF."""
    values = numpy.tile(numpy.linspace(1000, 3000, 320, dtype=numpy.uint16), (100, 1))
    out = io.BytesIO()
    Image.fromarray(values).save(out, "TIFF")
    return out.getvalue()


def bomb() -> bytes:
    """A small file that says it is 100 000 pixels wide and as high."""
    raw = picture("PNG", width=8, height=8)
    header = (100_000).to_bytes(4, "big") * 2 + raw[24:29]
    crc = zlib.crc32(b"IHDR" + header).to_bytes(4, "big")
    return raw[:16] + header + crc + raw[33:]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
