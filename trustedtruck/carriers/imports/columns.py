"""What the columns of an import are called, and how one cell of each is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from trustedtruck.identifiers import epc, fast_card, jurisdiction, plate, vin
from trustedtruck.identifiers.checked import Checked, Finding


@dataclass(frozen=True)
class Column:
    """`names` are the headings that are recognised, in both languages; `label` is for people."""

    name: str
    label: str | Promise
    names: tuple[str, ...]
    check: Callable[[str], Checked]
    required: bool
    example: str


def _text(limit: int) -> Callable[[str], Checked]:
    def check(text: str) -> Checked:
        if len(text) <= limit:
            return Checked(text)
        too_long = Finding(
            "too_long",
            gettext_noop("Longer than %(limit)s characters."),
            {"limit": limit},
        )
        return Checked(text, (too_long,))

    return check


def _date(text: str) -> Checked:
    try:
        return Checked(date.fromisoformat(text).isoformat())
    except ValueError:
        wrong = Finding("date", gettext_noop("Write the date as YYYY-MM-DD, such as 1980-05-17."))
        return Checked(text, (wrong,))


def _country(text: str) -> Checked:
    value = text.strip().upper()
    if len(value) == 2 and value.isascii() and value.isalpha():
        return Checked(value)
    wrong = Finding("country", gettext_noop("Write the country with two letters, such as MX."))
    return Checked(value, (wrong,))


_NUMBER = Column(
    "number", _("Unit number"), ("number", "número", "numero", "unidad"), _text(17), True, "T-101"
)
_PLATE = Column(
    "plate_number", _("Plate"), ("plate", "placa", "placas"), plate.check, True, "ABC1234"
)
_STATE = Column(
    "plate_jurisdiction",
    _("State of the plate"),
    ("state", "estado", "entidad"),
    jurisdiction.check,
    True,
    "TX",
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "trucks": (
        _NUMBER,
        Column(
            "vin",
            _("VIN"),
            ("vin", "niv", "serie"),
            vin.check,
            True,
            "1M8GDM9AXKP042788",
        ),
        _PLATE,
        _STATE,
        Column(
            "tag_epc", _("Windscreen tag (EPC)"), ("tag", "etiqueta", "epc"), epc.check, False, ""
        ),
    ),
    "trailers": (_NUMBER, _PLATE, _STATE),
    "drivers": (
        Column(
            "given_names",
            _("Given names"),
            ("given names", "nombres", "nombre"),
            _text(30),
            True,
            "Rosa",
        ),
        Column(
            "family_names",
            _("Family names"),
            ("family names", "apellidos", "apellido"),
            _text(30),
            True,
            "Luna",
        ),
        Column(
            "birth_date",
            _("Birth date"),
            ("birth date", "fecha de nacimiento"),
            _date,
            True,
            "1980-05-17",
        ),
        Column(
            "citizenship", _("Citizenship"), ("citizenship", "nacionalidad"), _country, True, "MX"
        ),
        Column(
            "fast_card", _("FAST card"), ("fast card", "tarjeta fast"), fast_card.check, False, ""
        ),
        Column(
            "fast_card_expires_date",
            _("The FAST card ends on"),
            ("fast card expires", "vencimiento fast"),
            _date,
            False,
            "",
        ),
    ),
}
# What must not stand twice in a file, nor be in use in any fleet already.
UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "trucks": (("number",), ("vin",), ("plate_jurisdiction", "plate_number"), ("tag_epc",)),
    "trailers": (("number",), ("plate_jurisdiction", "plate_number")),
    "drivers": (("fast_card",),),
}
