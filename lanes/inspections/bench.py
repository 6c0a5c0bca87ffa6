"""How fast a scanner's picture of 64 MB is taken in, against a plain upload of the same bytes.

No database and no network: what is compared is hashing, decoding and the preview.
"""

import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.test.utils import override_settings
from PIL import Image

from lanes.inspections import storage
from trustedtruck.core.bench import Result

WIDTH, HEIGHT = 8_000, 4_180  # 16 bits a pixel: just under 64 MB
LIMIT = 64 * 1024 * 1024
ROUNDS = 3


def measured_scans() -> Iterator[Result]:
    """What `manage.py bench scans` prints."""
    content = picture()
    with tempfile.TemporaryDirectory() as home, override_settings(MEDIA_ROOT=home):
        plain = _best(lambda: _plain(content, Path(home)))
        taken = _best(lambda: _taken_in(content).path.unlink())
        before = _peak_mb()
        whole = _best(lambda: _whole(content))
        grown = _peak_mb() - before
    megabytes = len(content) / 1e6
    yield Result("size of the picture", megabytes, "MB")
    yield Result("a plain upload of the same bytes", plain, "s")
    yield Result("taken in: hashed and written", taken, "s")
    yield Result("taken in, against a plain upload", taken / plain, "times")
    yield Result("from the first byte to stored, with preview", whole, "s", 10.0, False)
    yield Result("memory for one picture, at most", grown, "MB", 500, False)


def picture() -> bytes:
    """A TIFF as deep as portals write them, of noise, which no format makes smaller."""
    noise = numpy.random.default_rng(64).integers(0, 1 << 16, (HEIGHT, WIDTH), dtype=numpy.uint16)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "TIFF")
    return out.getvalue()


def _plain(content: bytes, home: Path) -> None:
    """What a web application does with an upload: it writes it down, in pieces."""
    place = FileSystemStorage(str(home / "plain"))
    place.delete(place.save("scan.tiff", File(io.BytesIO(content))))


def _taken_in(content: bytes) -> storage.Arrived:
    return storage.take_in(io.BytesIO(content), limit=LIMIT)


def _whole(content: bytes) -> None:
    storage.settle(_taken_in(content))


def _best(work: Callable[[], object]) -> float:
    """Seconds of the best round, which is the one that nobody disturbed."""
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS = {"scans": measured_scans}
