"""Shipments from CSV: a line for each commodity, lines of one control number belong together.

The first line names the columns, in any order. Parties have their role as prefix:
`consignee_name`. RFC 4180, UTF-8 with or without a byte order mark; comma, semicolon or tab.
"""

import csv
import io
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from trustedtruck.core.errors import FieldError
from trustedtruck.manifests import document as doc

SHIPMENT = ("control_number", "release", "equipment", "pedimento")
COMMODITY = (
    "description",
    "quantity",
    "unit",
    "weight_kg",
    "hs_code",
    "origin_country",
    "value_usd",
    "un_number",
)
PARTY = tuple(name for name in doc.Party._fields if name != "role")
COLUMNS = (
    *SHIPMENT,
    *COMMODITY,
    *(f"{role}_{name}" for role in doc.PARTY_ROLES for name in PARTY),
)
MAX_LINES = 50_000


def read_shipments(body: bytes) -> tuple[tuple[doc.Shipment, ...], list[FieldError]]:
    """The shipments and what is wrong with the table; errors name lines, as `line 12.quantity`."""
    errors: list[FieldError] = []
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return (), [FieldError("", "encoding", _("The table is not UTF-8."))]
    if "\x00" in text:
        return (), [FieldError("", "encoding", _("The table holds a character that is no text."))]
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    made: dict[str, doc.Shipment] = {}
    try:
        columns = [name.strip().lower() for name in next(lines, [])]
        unknown, twice = _("There is no such column."), _("This column stands twice.")
        for i, name in enumerate(columns):
            if name not in COLUMNS:
                errors.append(FieldError(f"columns.{name[:40]}", "unknown_field", unknown))
            elif name in columns[:i]:
                errors.append(FieldError(f"columns.{name}", "duplicate", twice))
        if "control_number" not in columns:
            errors.append(FieldError("columns.control_number", "required", _("This is missing.")))
        if errors:
            return (), errors
        for values in lines:
            path = f"line {lines.line_num}"
            if lines.line_num > MAX_LINES:
                too_long = _("The table has more than %(limit)d lines.") % {"limit": MAX_LINES}
                return (), [FieldError(path, "too_many", too_long)]
            if not any(values):
                continue
            if len(made) > doc.MAX_SHIPMENTS:
                text_ = _("At most %(limit)d may stand here.") % {"limit": doc.MAX_SHIPMENTS}
                return (), [FieldError("shipments", "too_many", text_)]
            if len(values) > len(columns):
                # A text with a comma and without quotation marks: the rest would slide.
                more = _("This line has more values than the table has columns.")
                errors.append(FieldError(path, "too_many_values", more))
                continue
            row = dict(zip(columns, map(str.strip, values), strict=False))
            _line(row, path, made, errors)
    except csv.Error:
        broken = _(
            "This is no CSV: a quotation mark is missing or too many, or a text is too long."
        )
        errors.append(FieldError(f"line {lines.line_num}", "not_csv", broken))
    return tuple(made.values()), errors


def _line(
    row: dict[str, str], path: str, made: dict[str, doc.Shipment], errors: list[FieldError]
) -> None:
    number = row.get("control_number", "")
    parties = tuple(
        doc.Party(role, **{name: row.get(f"{role}_{name}", "") for name in PARTY})
        for role in doc.PARTY_ROLES
        if any(row.get(f"{role}_{name}") for name in PARTY)
    )
    release = row.get("release") or "paps"
    if release not in doc.RELEASES:
        text = _("Use one of: %(allowed)s.") % {"allowed": ", ".join(doc.RELEASES)}
        errors.append(FieldError(f"{path}.release", "not_one_of", text))
        release = "paps"
    value = row.get("value_usd", "")
    commodity = doc.Commodity(
        description=row.get("description", ""),
        quantity=_whole(row.get("quantity", ""), f"{path}.quantity", errors),
        unit=row.get("unit") or "CTN",
        weight_kg=_number(row.get("weight_kg", ""), f"{path}.weight_kg", errors),
        hs_code=row.get("hs_code", ""),
        origin_country=row.get("origin_country", ""),
        value_usd=_whole(value, f"{path}.value_usd", errors) if value else None,
        un_number=row.get("un_number", ""),
    )
    known = made.get(number)
    if known is None:
        made[number] = doc.Shipment(
            control_number=number,
            release=release,
            equipment=row.get("equipment", ""),
            parties=parties,
            commodities=(commodity,),
            pedimento=row.get("pedimento", ""),
        )
        return
    _same_shipment(row, parties, known, path, errors)
    if len(known.commodities) <= doc.MAX_ITEMS:  # one more is refused as too many
        made[number] = known._replace(
            commodities=(*known.commodities, commodity), parties=known.parties or parties
        )


def _same_shipment(
    row: dict[str, str],
    parties: tuple[doc.Party, ...],
    known: doc.Shipment,
    path: str,
    errors: list[FieldError],
) -> None:
    """What a later line says of the shipment is what the first one said, or nothing."""
    differs = _("An earlier line says something else of this shipment.")
    errors += [
        FieldError(f"{path}.{name}", "differs", differs)
        for name in SHIPMENT
        if row.get(name) and row[name] != getattr(known, name)
    ]
    if parties and known.parties and parties != known.parties:
        errors.append(FieldError(f"{path}.parties", "differs", differs))


def _whole(text: str, path: str, errors: list[FieldError]) -> int:
    value = _number(text, path, errors)
    if value != value.to_integral_value():
        errors.append(FieldError(path, "not_whole", _("Write a whole number here.")))
    return int(value)


def _number(text: str, path: str, errors: list[FieldError]) -> Decimal:
    try:
        value = Decimal(text) if text.isascii() and len(text) < 20 and "_" not in text else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or value.adjusted() > 15:
        errors.append(FieldError(path, "not_a_number", _("Write a number here, like 1250.5.")))
        return Decimal(1)
    return value
