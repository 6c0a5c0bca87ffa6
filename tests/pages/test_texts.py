"""`manage.py texts` finds every marked text, and its check lets nothing untranslated pass."""

import io
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from trustedtruck.core import texts
from trustedtruck.core.texts import Message


def test_everything_is_translated() -> None:
    errors = io.StringIO()
    try:
        call_command("texts", "--check", stdout=io.StringIO(), stderr=errors)
    except CommandError:
        pytest.fail(errors.getvalue())


def test_finds_what_python_marks() -> None:
    source = b"""
_("One")
gettext_lazy("Two, " "continued")
ngettext("%(n)d truck", "%(n)d trucks", n)
pgettext_lazy("a lane", "open")
_(computed)
other("Not this")
"""
    assert set(texts.in_python(source)) == {
        Message("One"),
        Message("Two, continued"),
        Message("%(n)d truck", "%(n)d trucks"),
        Message("open", context="a lane"),
    }


def test_finds_what_templates_mark() -> None:
    source = """
      {% translate "It’s (one)" %} {% translate 'open' context 'a lane' %}
        {% include "x.html" with label=_("Label") %} not "this"
      {% blocktranslate with a=b trimmed %}
         Two
         {{ a }}
      {% endblocktranslate %}
    {% blocktranslate count n=n %}{{ n }} truck{% plural %}{{ n }} trucks{% endblocktranslate %}
    {# translate "Nor this" #}
    """
    assert set(texts.in_template(source, "here")) == {
        Message("It’s (one)"),
        Message("open", context="a lane"),
        Message("Label"),
        Message("Two %(a)s"),
        Message("%(n)s truck", "%(n)s trucks"),
    }


def test_the_rules_texts_and_the_identifiers_findings_are_among_them() -> None:
    found = texts.marked_texts()
    assert Message("The carrier is not certified, or is under a sanction.") in found
    assert (
        "trustedtruck/identifiers/vin.py"
        in found[Message("A VIN has 17 characters; this one has %(count)s.")]
    )


def catalogue(**translations: str) -> polib.POFile:
    made = polib.POFile()
    made.extend(polib.POEntry(msgid=text, msgstr=to) for text, to in translations.items())
    return made


@pytest.mark.parametrize(
    ("translations", "marked", "fault"),
    [
        ({}, "a", "missing"),
        ({"a": ""}, "a", "untranslated"),
        ({"a": "b", "old": "viejo"}, "a", "stale"),
        ({"%(a)s": "%(b)s"}, "%(a)s", "other places"),
        ({"%(a)s": "nada"}, "%(a)s", "other places"),
    ],
)
def test_names_what_is_wrong(translations: dict[str, str], marked: str, fault: str) -> None:
    found = list(texts.faults(catalogue(**translations), {Message(marked): {"here.py"}}))
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_a_changed_text_keeps_its_translation_but_must_be_looked_at() -> None:
    made = catalogue(**{"The truck is not known.": "No se conoce el camión."})
    marked = {Message("The truck is not known here."): {"here.py"}}
    texts.update(made, marked)
    assert [(entry.msgstr, entry.fuzzy) for entry in made] == [("No se conoce el camión.", True)]
    assert next(texts.faults(made, marked)).startswith("fuzzy")


@pytest.fixture
def small(tmp_path: Path, settings: Settings) -> Path:
    """A product with one text, not translated yet."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "one.py").write_text('_("One")\n', encoding="utf-8")
    settings.BASE_DIR, settings.TEXT_ROOTS, settings.TEXT_TABLES = tmp_path, ["code"], []
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path / "locale" / "es" / "LC_MESSAGES" / "django.po"


def check() -> str:
    errors = io.StringIO()
    with pytest.raises(CommandError, match="need work"):
        call_command("texts", "--check", stdout=io.StringIO(), stderr=errors)
    return errors.getvalue()


def test_update_then_translate_then_update_is_whole(small: Path) -> None:
    assert "missing" in check()
    call_command("texts", stdout=io.StringIO(), stderr=io.StringIO())
    assert "untranslated: 'One' (code/one.py)" in check()
    made = polib.pofile(str(small))
    made[0].msgstr = "Uno"
    made.save()
    assert "django.mo is not what django.po compiles to" in check()
    call_command("texts", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("texts", "--check", stdout=io.StringIO())
