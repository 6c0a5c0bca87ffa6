"""Finding people by name although their names are sealed.

Each word of a name leaves marks: one for the word, and one for the word without each of its
letters. Two words that differ in one letter share a mark, so that a name is found as it is written,
and with one letter wrong, missing, or too many in each word. A mark is a keyed hash: the index says
nothing to whoever lacks the key. (The idea is the deletion neighbourhood of Bocek, Hunt and
Stiller, 2007, known from SymSpell.)
"""

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from trustedtruck.core.sealing import mark

# A shorter word says too little once a letter is gone.
SHORTEST_CLOSE = 4
_WORD = re.compile(r"[A-Z0-9]{2,}")


def words_of(text: str) -> list[str]:
    """The words of a name in capitals, without accents; single letters are left out.

    A name of single letters, or of another script than the Latin, is one word as it stands.
    """
    found = unicodedata.normalize("NFKD", text.upper())
    plain = "".join(c for c in found if not unicodedata.combining(c))
    whole = " ".join(plain.split())
    return _WORD.findall(plain) or ([whole] if whole else [])


def marks_of(word: str) -> set[int]:
    """The marks of one word."""
    found = {mark("name", word)}
    if len(word) >= SHORTEST_CLOSE:
        found |= {mark("name", word[:i] + word[i + 1 :]) for i in range(len(word))}
    return found


def called(text: str) -> Q:
    """Drivers each of whose asked words is, or nearly is, a word of the name; none for no words."""
    words = words_of(text)
    if not words:
        return Q(pk__in=[])
    condition = Q()
    for word in words:
        condition &= Q(name_marks__overlap=sorted(marks_of(word)))
    return condition


if TYPE_CHECKING:
    _ArrayField = ArrayField[Any, Any]
else:
    _ArrayField = ArrayField


class NameMarksField(_ArrayField):
    """The marks of the fields named in `names`, made whenever the row is written."""

    def __init__(self, *, names: tuple[str, ...], **options: Any) -> None:
        self.names = names
        options |= {"base_field": models.BigIntegerField(), "editable": False, "default": list}
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        for ours in ("base_field", "editable", "default"):
            options.pop(ours, None)
        return name, path, args, options | {"names": self.names}

    def pre_save(self, model_instance: models.Model, add: bool) -> list[int]:
        text = " ".join(getattr(model_instance, name) for name in self.names)
        marks = sorted({one for word in words_of(text) for one in marks_of(word)})
        setattr(model_instance, self.attname, marks)
        return marks
