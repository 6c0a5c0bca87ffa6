"""What a PDF does when it is opened."""

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

__all__ = ["PdfReader", "PyPdfError", "is_active"]

MAX_OBJECTS = 200_000
# What makes a PDF act: scripts, programs to launch, files inside, forms of the XFA kind.
_ACTIVE = {"/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/XFA", "/RichMedia"}


def is_active(reader: PdfReader) -> bool:
    """Walks every object that can be reached, whatever it is called from."""
    waiting: list[object] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    visited = 0
    while waiting:
        thing = waiting.pop()
        visited += 1
        if visited > MAX_OBJECTS:
            return True
        if isinstance(thing, IndirectObject):
            place = (thing.idnum, thing.generation)
            if place not in seen:
                seen.add(place)
                waiting.append(thing.get_object())
        elif isinstance(thing, DictionaryObject):
            if _ACTIVE & set(thing) or thing.get("/S") in _ACTIVE or thing.get("/Type") in _ACTIVE:
                return True
            waiting += thing.values()
        elif isinstance(thing, ArrayObject):
            waiting += list(thing)
    return False
