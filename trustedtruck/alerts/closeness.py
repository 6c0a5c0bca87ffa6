"""Whether two names may be the same, written differently: transliteration, accents, initials.

Pure. A name is found through its `blocks`, short keys that close names share, and then compared
word by word. What is close is a possible match, for an officer to confirm or dismiss.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from trustedtruck.core.names import words
from trustedtruck.identifiers.characters import codes

# Spellings of one sound: b/v/w, c/k/q, s/z/x, i/j/y, f/ph; h is silent or breath.
_SOUNDS = [
    (re.compile(r"PH"), "F"),
    (re.compile(r"SH|SCH|CH|ZH|TCH|CZ|SZ"), "X"),
    (re.compile(r"CE|CI"), "SE"),
    (re.compile(r"[KQC]"), "K"),
    (re.compile(r"[VWB]"), "B"),
    (re.compile(r"[SZX]"), "S"),
    (re.compile(r"LL|[IJY]"), "I"),
    (re.compile(r"H"), ""),
]
_VOWELS = re.compile(r"[AEIOU]")
_DOUBLE = re.compile(r"(.)\1+")
# Words that half of all carriers and traders have in their names.
_COMMON = codes(
    "TRANSPORTES TRANSPORTE TRANSPORT TRANSPORTATION TRUCKING LOGISTICS LOGISTICA LINES LINEAS"
    " FREIGHT EXPRESS SERVICES SERVICIOS GRUPO GROUP INTERNATIONAL INTERNACIONAL IMPORT EXPORT"
    " IMPORTS EXPORTS IMPORTADORA EXPORTADORA COMERCIALIZADORA TRADING DE DEL LA LAS LOS Y AND THE"
    " OF EL"
)
_LEAST = 0.90
_SHORTEST = 3
# A name of more words is found by so many of them: its keys grow with their cube.
_MOST = 10
_KEPT = 20_000


def blocks(name: str) -> frozenset[str]:
    """By which a listed name is found. A close one `asks` for one of them.

    A key is the skeleton of a word with the initials of others: of two others, as names of three
    and more words share them, or of one other where one of the two names has but two words.
    """
    found = _telling(name)[:_MOST]
    if len(found) == 1:
        return frozenset(f"1{skeleton}" for skeleton, _others in _anchors(found, 0))
    if len(found) == 2:
        return _keys("2", found, 1)
    return _keys("3", found, 2) | _keys("+", found, 1)


def asks(name: str) -> frozenset[str]:
    """The blocks of listed names to which this one may be close."""
    found = _telling(name)[:_MOST]
    if len(found) == 1:
        return blocks(name)
    if len(found) == 2:
        return _keys("2", found, 1) | _keys("+", found, 1)
    return _keys("3", found, 2) | _keys("2", found, 1)


def _keys(kind: str, found: tuple[str, ...], others: int) -> frozenset[str]:
    return frozenset(
        f"{kind}{skeleton}+{initials}" for skeleton, initials in _anchors(found, others)
    )


def _anchors(found: tuple[str, ...], others: int) -> Iterator[tuple[str, str]]:
    """The skeleton of each whole word, with the initials of so many others."""
    initials = [_initial(word) for word in found]
    for n, word in enumerate(found):
        if len(word) >= _SHORTEST:
            skeleton, rest = _skeleton(word), initials[:n] + initials[n + 1 :]
            for some in combinations(rest, others):
                yield skeleton, "".join(sorted(some))


def same(one: str, other: str) -> bool:
    """The same words, in whatever order, accents, signs and legal forms aside."""
    return sorted(_words(one)) == sorted(_words(other))


def close(one: str, other: str) -> bool:
    """Every word of the shorter name has a word of its own in the longer one.

    A word answers to the same word, to one that sounds or looks like it, or to its initial. At
    least one pair are whole words, and a name of one word answers only to another of one word.
    """
    short, long = _compared(one), _compared(other)
    if len(long) < len(short):
        short, long = long, short
    if not short or (len(short) == 1 and len(long) != 1):
        return False
    # Most names that are found by a block have a word to which nothing answers, and to see that
    # takes the least: only then is it asked who gets which.
    for word in short:
        for candidate in long:
            if _likeness(word, candidate):
                break
        else:
            return False
    return _each_has_its_own(short, long)


def _each_has_its_own(short: tuple["_Word", ...], long: tuple["_Word", ...]) -> bool:
    left = list(long)
    whole = 0
    # Whole words first, so that an initial cannot take the word that another needs.
    for word in sorted(short, key=lambda w: len(w.text), reverse=True):
        found = max(left, key=lambda candidate, w=word: _likeness(w, candidate))  # type: ignore[misc]
        if not _likeness(word, found):
            return False
        left.remove(found)
        whole += min(len(word.text), len(found.text)) > 1
    return whole > 0


class _Word(NamedTuple):
    text: str
    initial: str
    skeleton: str


def _likeness(one: _Word, other: _Word) -> float:
    """1 for the same word, less for a similar one or an initial, 0 for another word."""
    text, initial, skeleton = one
    its_text, its_initial, its_skeleton = other
    if text == its_text:
        return 1.0
    shorter = min(len(text), len(its_text))
    if shorter == 1:
        return 0.5 if initial == its_initial else 0.0
    if shorter < _SHORTEST:
        return 0.0
    if skeleton == its_skeleton:
        return 0.95
    likeness = JaroWinkler.similarity(text, its_text)
    return likeness if likeness >= _LEAST else 0.0


# A truck's names are compared with many, and each listed one with many trucks'.
@lru_cache(_KEPT)
def _words(name: str) -> tuple[str, ...]:
    return tuple(words(name))


@lru_cache(_KEPT)
def _telling(name: str) -> tuple[str, ...]:
    """The words that say who it is; all of them where only common ones are left."""
    found = _words(name)
    return tuple(word for word in found if word not in _COMMON) or found


@lru_cache(_KEPT)
def _compared(name: str) -> tuple[_Word, ...]:
    return tuple(_Word(word, _initial(word), _skeleton(word)) for word in _telling(name))


def forget() -> None:
    """Take every name apart again, into words that are known: to measure it."""
    for kept in (_words, _telling, _compared):
        kept.cache_clear()


def _initial(word: str) -> str:
    return _sound(word)[:1] or word[:1]


@lru_cache(_KEPT)
def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


@lru_cache(_KEPT)
def _skeleton(word: str) -> str:
    """The consonants of a word by their sound, and its beginning."""
    sounds = _sound(word)
    return _DOUBLE.sub(r"\1", sounds[:1] + _VOWELS.sub("", sounds[1:])) or word
