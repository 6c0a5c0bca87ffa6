"""QR codes as PNG, as SVG, and as modules for the printed card; and read back from a picture."""

import io

import segno
import zxingcpp
from PIL import Image, UnidentifiedImageError

QUIET = 4  # modules of white around, as ISO/IEC 18004 asks for
MAX_UPLOAD = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000


class NoPicture(ValueError):
    """Not a picture, too large, or with no QR code in it; the argument is a stable code."""


def _code(text: str) -> segno.QRCode:
    # A fixed mask: trying all eight takes ten times as long, and fleets print hundreds.
    return segno.make_qr(text, error="m", mask=2)


def matrix(text: str) -> list[list[bool]]:
    """The dark modules, row by row, without the quiet zone."""
    return [[bool(module) for module in row] for row in _code(text).matrix]


def png(text: str, *, scale: int = 8) -> bytes:
    """Black on white with its quiet zone; `scale` pixels a module."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", scale=scale, border=QUIET)
    return out.getvalue()


def svg(text: str) -> bytes:
    out = io.BytesIO()
    _code(text).save(out, kind="svg", border=QUIET, scale=8, svgclass=None, lineclass=None)
    return out.getvalue()


def read(data: bytes) -> str:
    """The text of the QR code in a picture. Raises `NoPicture`."""
    if len(data) > MAX_UPLOAD:
        raise NoPicture("picture_too_large")
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > MAX_PIXELS:
            raise NoPicture("picture_too_large")
        grey = picture.convert("L")
    except NoPicture:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NoPicture("picture_unreadable") from None
    for found in zxingcpp.read_barcodes(grey, zxingcpp.barcode_formats_from_str("QRCode")):
        if found.text:
            return str(found.text)
    raise NoPicture("picture_without_code")
