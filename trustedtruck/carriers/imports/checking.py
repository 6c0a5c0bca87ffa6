"""Every error of every row, as data: shown later in the reader's language."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypedDict

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_noop

from trustedtruck.carriers.imports.columns import COLUMNS, UNIQUE
from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck

Row = dict[str, str]
_MODELS: dict[str, type[Truck] | type[Trailer] | type[Driver]] = {
    "trucks": Truck,
    "trailers": Trailer,
    "drivers": Driver,
}
STEP = 500


class RowError(TypedDict):
    row: str
    field: str
    code: str
    text: str
    params: dict[str, Any]


def check_rows(
    kind: str,
    carrier: Carrier,
    rows: Sequence[Row],
    progress: Callable[[int], None],
    *,
    today: date,
) -> tuple[list[Row], list[RowError]]:
    """The rows in normal form, and all errors: cells, repeats in the file, repeats in any fleet.

    The number of queries depends on the number of unique columns, never on the rows.
    """
    normal: list[Row] = []
    errors: list[RowError] = []
    for position, row in enumerate(rows):
        found, wrong = _check_row(kind, row, today)
        normal.append(found)
        errors += wrong
        if position % STEP == STEP - 1:
            progress(position + 1)
    errors += _repeated(kind, normal)
    errors += _taken(kind, carrier, normal)
    progress(len(rows))
    order = {row["row"]: n for n, row in enumerate(normal)}
    return normal, sorted(errors, key=lambda e: order[e["row"]])


def _check_row(kind: str, row: Row, today: date) -> tuple[Row, list[RowError]]:
    normal, errors = {"row": row["row"]}, []
    for column in COLUMNS[kind]:
        text = row.get(column.name, "")
        if not text:
            normal[column.name] = ""
            if column.required:
                errors.append(
                    _error(row, column.name, "required", gettext_noop("This field is required."))
                )
            continue
        checked = column.check(text)
        normal[column.name] = checked.value
        errors += [_error(row, column.name, f.code, f.text, dict(f.params)) for f in checked.errors]
    if kind == "drivers":
        errors += _check_driver(row, normal, today, wrong={error["field"] for error in errors})
    return normal, errors


def _check_driver(row: Row, normal: Row, today: date, *, wrong: set[str]) -> Iterator[RowError]:
    """What the fleet's service asks of a driver beyond each cell."""
    if "birth_date" not in wrong and date.fromisoformat(normal["birth_date"]) >= today:
        yield _error(row, "birth_date", "future", gettext_noop("This day is still to come."))
    if normal["fast_card"] and not normal["fast_card_expires_date"]:
        text = gettext_noop("Give the date on which the FAST card ends.")
        yield _error(row, "fast_card_expires_date", "required", text)


def _error(
    row: Row, field: str, code: str, text: str, params: dict[str, Any] | None = None
) -> RowError:
    return {
        "row": row["row"],
        "field": field,
        "code": code,
        "text": text,
        "params": {k: str(v) for k, v in (params or {}).items()},
    }


def _key(row: Row, fields: tuple[str, ...]) -> tuple[str, ...] | None:
    values = tuple(row[field] for field in fields)
    return values if all(values) else None


def _repeated(kind: str, rows: Iterable[Row]) -> list[RowError]:
    errors = []
    for fields in UNIQUE[kind]:
        first: dict[tuple[str, ...], str] = {}
        for row in rows:
            key = _key(row, fields)
            if key is None:
                continue
            if key in first:
                errors.append(
                    _error(
                        row,
                        fields[-1],
                        "repeated",
                        gettext_noop("The same stands in row %(first)s already."),
                        {"first": first[key]},
                    )
                )
            first.setdefault(key, row["row"])
    return errors


def _taken(kind: str, carrier: Carrier, rows: Sequence[Row]) -> list[RowError]:
    errors = []
    for fields in UNIQUE[kind]:
        wanted = defaultdict(list)
        for row in rows:
            if key := _key(row, fields):
                wanted[key].append(row)
        for key in _in_use(_MODELS[kind], carrier, fields, list(wanted)):
            errors += [
                _error(
                    row,
                    fields[-1],
                    "already_in_use",
                    gettext_noop("This is in use already, in your fleet or in another."),
                )
                for row in wanted.get(key, [])
            ]
    return errors


def _in_use(
    model: type[Model], carrier: Carrier, fields: tuple[str, ...], keys: list[tuple[str, ...]]
) -> set[tuple[str, ...]]:
    living: QuerySet[Any] = model._default_manager.filter(retired_at__isnull=True)
    if fields == ("number",):
        living = living.filter(carrier=carrier)
    found = living.filter(**{f"{fields[-1]}__in": [key[-1] for key in keys]})
    return set(found.values_list(*fields))
