"""Where pictures lie: under MEDIA_ROOT by their hash, which no address serves by itself."""

import hashlib
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image

from lanes.inspections.services.common import wrong
from trustedtruck.carriers.damaged import DAMAGED
from trustedtruck.core.api import TooLarge
from trustedtruck.core.errors import Unavailable

log = structlog.get_logger(__name__)
# As many pixels as a portal's picture of a whole truck has; a bomb has more.
MAX_PIXELS = 60_000_000
PREVIEW_SIDE = 6_000
FORMATS = {"PNG": "image/png", "TIFF": "image/tiff", "JPEG": "image/jpeg"}
_CHUNK = 256 * 1024


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that came in whole and is not yet in its place."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What was really in the file."""

    media_type: str
    width: int
    height: int


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "scans"


def path_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def preview_of(sha256: str) -> Path:
    """The picture as browsers show it: eight bits, JPEG, at most `PREVIEW_SIDE` pixels long."""
    return folder() / sha256[:2] / f"{sha256}.jpg"


def take_in(stream: Readable, *, limit: int) -> Arrived:
    """Write a stream to the disk, hashing it on the way. Raises `TooLarge`; keeps nothing then."""
    path = folder() / "incoming" / uuid.uuid4().hex
    digest, size = hashlib.sha256(), 0
    with _stored(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            path.chmod(0o600)
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                digest.update(chunk)
                file.write(chunk)
    return Arrived(path, digest.hexdigest(), size)


def settle(arrived: Arrived) -> Picture:
    """Decode the picture, write its preview, and put both in their place. Raises `Invalid`."""
    picture, preview = _decoded(arrived.path)
    target = path_of(arrived.sha256)
    draft = arrived.path.with_suffix(".jpg")
    with _stored(draft):
        target.parent.mkdir(parents=True, exist_ok=True)
        preview.save(draft, format="JPEG", quality=90)
        draft.chmod(0o600)
        draft.replace(preview_of(arrived.sha256))
        arrived.path.replace(target)
    return picture


@contextmanager
def _stored(path: Path) -> Iterator[None]:
    """Keep nothing at `path` of what goes wrong. Raises `Unavailable` where the disk does."""
    try:
        yield
    except BaseException as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        # A full disk, or a scanner that broke off: it sends the picture again.
        log.error("picture_not_stored", error=repr(error))
        raise Unavailable(
            "picture_not_stored", _("The picture could not be stored. Send it again.")
        ) from error


def _decoded(path: Path) -> tuple[Picture, Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=list(FORMATS)) as found:
                if found.width * found.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                found.load()
                picture = Picture(FORMATS[str(found.format)], found.width, found.height)
                return picture, _for_browsers(found)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise wrong(
            "image", "image_too_many_pixels", _("The picture has more than 60 million pixels.")
        ) from None
    except DAMAGED:
        raise wrong(
            "image", "not_an_image", _("This is not a picture that can be read (PNG, TIFF, JPEG).")
        ) from None


def _for_browsers(found: Image.Image) -> Image.Image:
    """Eight bits a channel; deeper pictures are stretched over what they use of their depth."""
    if found.mode.startswith(("I", "F")):
        import numpy  # only for scanners that send more than eight bits

        values = numpy.asarray(found, dtype=numpy.float32)
        low, high = float(values.min()), float(values.max())
        scaled = (values - low) * (255.0 / (high - low) if high > low else 0.0)
        shown = Image.fromarray(scaled.astype(numpy.uint8))
    else:
        shown = found.convert("L" if found.mode in ("1", "L", "LA") else "RGB")
    shown.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return shown
