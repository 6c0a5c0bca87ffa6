"""The texts of the product and their catalogue, without GNU gettext on the machine.

Babel and polib are needed only by those who change texts; the product reads the compiled catalogue.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation.template import templatize

# What marks a text: the arguments that are singular, plural and context.
_CONTEXT = (1, "c")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": (_CONTEXT, 2),
    "pgettext_lazy": (_CONTEXT, 2),
    "npgettext": (_CONTEXT, 2, 3),
    "npgettext_lazy": (_CONTEXT, 2, 3),
}
_PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_QUOTED = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
_CALL = re.compile(rf"""(?<!\w)(?:n?p?gettext|_)\((?:{_QUOTED}|[^'"()])*\)""")
HEADER = {
    "Project-Id-Version": "TrustedTruck",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


@dataclass(frozen=True, order=True)
class Message:
    """A text to translate; `context` and `plural` are empty where there is none."""

    text: str
    plural: str = ""
    context: str = ""


def marked_texts() -> dict[Message, set[str]]:
    """Every marked text of the product, with the files that it stands in."""
    found: dict[Message, set[str]] = {}
    for message, place in _marked():
        found.setdefault(message, set()).add(place)
    return found


def _marked() -> Iterator[tuple[Message, str]]:
    for root in settings.TEXT_ROOTS:
        for path in sorted((settings.BASE_DIR / root).rglob("*")):
            place = str(path.relative_to(settings.BASE_DIR))
            if path.suffix == ".py":
                yield from ((message, place) for message in in_python(path.read_bytes()))
            elif path.suffix in (".html", ".txt") and path.is_file():
                source = path.read_text(encoding="utf-8")
                yield from ((message, place) for message in in_template(source, place))
    for name in settings.TEXT_TABLES:
        for text in _values(import_string(name)):
            yield Message(text), name


def _values(table: Mapping[str, str] | Callable[[], Iterable[str]]) -> Iterable[str]:
    return table.values() if isinstance(table, Mapping) else table()


def in_python(source: bytes) -> Iterator[Message]:
    for _line, texts, _comments, context in extract(
        "python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}
    ):
        text, plural = (texts, "") if isinstance(texts, str) else texts
        yield Message(text, plural, context or "")


def in_template(source: str, place: str) -> Iterator[Message]:
    """Django rewrites a template so that only its marked texts are left, as calls of Python."""
    code = templatize(source, origin=place)
    # What stood around them keeps its indentation, which Python's tokenizer would refuse.
    return in_python("\n".join(_CALL.findall(code)).encode())


def load(path: Path) -> polib.POFile:
    """The catalogue as it stands; a new one where there is none."""
    catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
    catalogue.metadata = HEADER | {"Language": path.parent.parent.name}
    catalogue.wrapwidth = 100
    return catalogue


def key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def update(catalogue: polib.POFile, texts: Mapping[Message, set[str]]) -> None:
    """Bring the catalogue to these texts; a changed text keeps its old translation as fuzzy."""
    known = {key(entry): entry for entry in catalogue if not entry.obsolete}
    stale = {message.text: entry for message, entry in known.items() if message not in texts}
    del catalogue[:]
    for message in sorted(texts):
        entry = known.get(message) or _new(message, stale)
        entry.occurrences = [(place, "") for place in sorted(texts[message])]
        catalogue.append(entry)


def _new(message: Message, stale: Mapping[str, polib.POEntry]) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: "", 1: ""}
    elif near := get_close_matches(message.text, stale, n=1, cutoff=0.8):
        entry.msgstr = stale[near[0]].msgstr
        entry.flags.append("fuzzy")
    return entry


def faults(catalogue: polib.POFile, texts: Mapping[Message, set[str]]) -> Iterator[str]:
    """What keeps the catalogue from being whole, a sentence each."""
    known = {key(entry): entry for entry in catalogue if not entry.obsolete}
    for message in sorted(known.keys() - texts.keys()):
        yield f"stale: {message.text!r} is marked nowhere"
    for message in sorted(texts):
        where = ", ".join(sorted(texts[message]))
        entry = known.get(message)
        if entry is None:
            yield f"missing: {message.text!r} ({where})"
        elif entry.fuzzy:
            yield f"fuzzy: {message.text!r} ({where})"
        elif not entry.translated():
            yield f"untranslated: {message.text!r} ({where})"
        elif not _same_places(entry):
            yield f"other places than the original: {message.text!r} ({where})"


def _same_places(entry: polib.POEntry) -> bool:
    """A translation with other `%(name)s` than its text would raise when it is filled in."""
    allowed = set(_PLACES.findall(entry.msgid)) | set(_PLACES.findall(entry.msgid_plural))
    if entry.msgid_plural:
        return all(set(_PLACES.findall(text)) <= allowed for text in entry.msgstr_plural.values())
    return set(_PLACES.findall(entry.msgstr)) == allowed
