"""A CSV or XLSX file as rows of texts."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.damaged import DAMAGED
from trustedtruck.carriers.imports.columns import COLUMNS, Column
from trustedtruck.core.errors import FieldError, Invalid, Text

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_ROWS = 10_000
# As many as Excel knows.
MAX_LINES = 1_048_576
MAX_CELL = 200
MAX_COLUMNS = 40


def _refuse(code: str, text: Text) -> Invalid:
    return Invalid((FieldError("file", code, text),), _("Some fields are wrong."))


def read_rows(kind: str, content: bytes) -> list[dict[str, str]]:
    """The rows below the heading, by column name; `row` is the line in the file.

    Raises `Invalid` for a file that is no CSV or XLSX, lacks columns, or has too many rows.
    """
    if not content:
        raise _refuse("file_empty", _("The file is empty."))
    if len(content) > MAX_BYTES:
        raise _refuse("file_too_large", _("The file is larger than 5 MB."))
    lines = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    rows: list[dict[str, str]] = []
    places: dict[str, int] | None = None
    for number, cells in lines:
        if not any(cells):
            continue
        if places is None:
            places = _places(kind, cells)
            continue
        if len(rows) >= MAX_ROWS:
            raise _refuse("too_many_rows", _("There are more than 10,000 rows. Split the file."))
        rows.append(
            {
                "row": str(number),
                **{
                    name: cells[at][:MAX_CELL] if at < len(cells) else ""
                    for name, at in places.items()
                },
            }
        )
    if not rows:
        raise _refuse("no_rows", _("The file holds no rows below its heading."))
    return rows


def _places(kind: str, heading: list[str]) -> dict[str, int]:
    """Which column stands where. Raises `Invalid` with every column that is missing."""
    found: dict[str, int] = {}
    for at, title in enumerate(heading):
        plain = " ".join(title.lower().replace("_", " ").split())
        for column in COLUMNS[kind]:
            if plain == column.name.replace("_", " ") or plain in column.names:
                found.setdefault(column.name, at)
    missing = [f"{c.label} ({c.name})" for c in COLUMNS[kind] if c.required and c.name not in found]
    if missing:
        raise _refuse(
            "columns_missing",
            _("These columns are missing: %(names)s.") % {"names": ", ".join(missing)},
        )
    return found


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise _refuse("file_kind", _("Only CSV and XLSX files are taken, and this is neither."))
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error:
        raise _refuse("file_damaged", _("The file is damaged and cannot be read.")) from None


def _xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    # Here, because it takes a third of a second that no start of a process should pay.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise _refuse("file_too_large", _("The file unpacks to more than 60 MB."))
            if any("vbaProject" in entry.filename for entry in archive.infolist()):
                raise _refuse("file_macro", _("The workbook holds macros. Save it as plain XLSX."))
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        # Bounded, because a small file can claim any number of rows, of sixteen thousand columns.
        found = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_LINES)
        for number, cells in enumerate(found, 1):
            # A sheet may be formatted far below its last row.
            if cells.count(None) < len(cells):
                yield number, [_cell(value) for value in cells]
    except (InvalidFileException, *DAMAGED):
        raise _refuse("file_damaged", _("The file is damaged and cannot be read.")) from None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\0", "").strip()


def heading(kind: str) -> list[str]:
    return [column.name for column in COLUMNS[kind]]


def example(kind: str) -> list[str]:
    return [column.example for column in COLUMNS[kind]]


def column(kind: str, name: str) -> Column:
    return next(c for c in COLUMNS[kind] if c.name == name)
