"""How a page of the reference is put together."""

from collections.abc import Iterable, Sequence

from django.utils import translation


def page(title: str, introduction: str, *parts: str) -> str:
    """A page that says what it is and where it comes from."""
    written = "Written by `manage.py reference` from the code; `make check` compares the two."
    return "\n".join([f"# {title}", "", introduction, written, "", *parts])


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a stroke within a cell does not end it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(c) for c in cells)} |\n" for cells in lines)


def spanish(text: str) -> str:
    """The text in Spanish, as a reader gets it."""
    with translation.override("es"):
        return translation.gettext(text)


def _cell(content: object) -> str:
    return " ".join(str(content).split()).replace("|", "\\|")
