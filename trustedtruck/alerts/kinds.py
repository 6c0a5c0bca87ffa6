"""What an alert can be on, and the keys by which it is found.

A criterion has one key. What is known of a truck has one or more: a commodity code answers to its
chapter too, a plate also without its jurisdiction. The keys of names are keyed hashes: an index of
them says nothing about people to whoever lacks the key (`core.sealing.mark`).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from trustedtruck.alerts import closeness
from trustedtruck.core.names import words
from trustedtruck.core.sealing import mark
from trustedtruck.identifiers import (
    epc,
    fast_card,
    iso6346,
    jurisdiction,
    plate,
    port_code,
    seal,
    vin,
)
from trustedtruck.identifiers.characters import DIGITS, LETTERS_AND_DIGITS, compact, made_of
from trustedtruck.identifiers.checked import Checked, Finding


class Kind(models.TextChoices):
    """The most telling first: a combination is looked for by its first kind in this order."""

    VIN = "vin", _("VIN")
    TAG = "tag", _("tag (EPC)")
    SEAL = "seal", _("seal")
    CONTAINER = "container", _("container")
    DRIVER = "driver", _("driver’s FAST card")
    PLATE = "plate", _("plate")
    TRAILER = "trailer", _("trailer number")
    TRUCK = "truck", _("truck number")
    DRIVER_NAME = "driver_name", _("name of a person aboard")
    CONSIGNEE = "consignee", _("consignee")
    SHIPPER = "shipper", _("shipper")
    CARRIER_NAME = "carrier_name", _("name of the carrier")
    CARRIER = "carrier", _("carrier (SCAC, USDOT, RFC, CAAT)")
    HS = "hs", _("commodity code (HS), or its beginning")
    ORIGIN = "origin", _("country of origin")
    ROUTE = "route", _("route (port, with or without direction)")


NAMES = frozenset({Kind.DRIVER_NAME, Kind.CONSIGNEE, Kind.SHIPPER, Kind.CARRIER_NAME})
_IN_TWO = frozenset({Kind.PLATE, Kind.TRUCK, Kind.ROUTE})
_PLACE = {kind.value: n for n, kind in enumerate(Kind)}
MAX_NAME = 120


class Value(NamedTuple):
    """One thing known of a truck or filing, or one criterion of an alert, in its normal form."""

    kind: str
    value: str


def check(kind: str, text: str) -> Checked:
    """The normal form of a criterion's value, and what is wrong with it."""
    if kind in NAMES:
        return _name(text)
    return _CHECKS[Kind(kind)](text)


def key(value: Value) -> str:
    """By which a criterion is found."""
    if value.kind in NAMES:
        return _hidden(value.kind, "=", " ".join(sorted(words(value.value))))
    return f"{value.kind}={value.value}"


def keys_on(value: Value) -> list[str]:
    """The keys of an alert on this, in an order of their own: the first is its `key`, the others
    those by which close names are found."""
    if value.kind not in NAMES:
        return [key(value)]
    blocks = sorted(closeness.blocks(value.value))
    return [key(value), *(_hidden(value.kind, "~", block) for block in blocks)]


def _hidden(kind: str, sign: str, text: str) -> str:
    return f"{kind}{sign}{mark(f'alert {kind}{sign}', text) & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def keys_of(values: Iterable[Value]) -> set[str]:
    """All keys to which what is known of a truck answers, those of close names among them."""
    values = list(values)
    found = plain_keys_of(values)
    for value in values:
        if value.kind in NAMES:
            found |= _keys_of_name(value, settings.SECRET_KEY)
    return found


# The same carriers come all day; to make the keys of a name takes longer than to look for them.
@lru_cache(20_000)
def _keys_of_name(value: Value, _secret_key: str) -> frozenset[str]:
    """What the marks hang on is named, so that nothing made under another key is kept."""
    asks = closeness.asks(value.value)
    return frozenset({key(value), *(_hidden(value.kind, "~", block) for block in asks)})


def forget() -> None:
    """Make the keys of every name again: to measure it."""
    _keys_of_name.cache_clear()
    closeness.forget()


def plain_keys_of(values: Iterable[Value]) -> set[str]:
    """Those of what is no name."""
    found = set()
    for kind, value in values:
        if kind in NAMES:
            continue
        found.add(f"{kind}={value}")
        if kind == Kind.HS:
            found.update(f"{kind}={value[:length]}" for length in range(2, len(value), 2))
        elif kind in _IN_TWO and " " in value:
            # Without the jurisdiction, the carrier, the direction.
            first, _space, second = value.partition(" ")
            found.add(f"{kind}={first if kind == Kind.ROUTE else second}")
    return found


def most_telling(values: Iterable[Value]) -> Value:
    """The one by which a combination is looked for: the fewest trucks have it."""
    return min(values, key=lambda v: (_PLACE[v.kind], -len(v.value), v.value))


def _name(text: str) -> Checked:
    value = " ".join(text.split())
    if not 1 <= len(value) <= MAX_NAME:
        return _wrong(value, "name_length", gettext_noop("A name has 1 to 120 characters."))
    if not words(value):
        return _wrong(value, "name_empty", gettext_noop("A name has at least one letter or digit."))
    return Checked(value)


def _plate(text: str) -> Checked:
    """`TX ABC1234`, or the number alone."""
    place, _space, number = text.strip().rpartition(" ")
    checked = plate.check(number)
    if not place:
        return checked
    where = jurisdiction.check(place)
    return Checked(
        f"{where.value} {checked.value}", (*checked.errors, *where.errors), where.warnings
    )


def _truck(text: str) -> Checked:
    """`NRTE N1`, the carrier's own number after its SCAC, or the number alone."""
    parts = [compact(part) for part in text.split()]
    value = " ".join(parts)
    if 1 <= len(parts) <= 2 and all(_is_code(part, 1, 17) for part in parts):
        return Checked(value)
    return _wrong(
        value, "truck_shape", gettext_noop("Write a truck’s number, or its SCAC and number.")
    )


def _code(text: str) -> Checked:
    value = compact(text)
    if _is_code(value, 2, 17):
        return Checked(value)
    return _wrong(value, "code_shape", gettext_noop("Use 2 to 17 letters and digits."))


def _is_code(value: str, least: int, most: int) -> bool:
    return least <= len(value) <= most and made_of(value, LETTERS_AND_DIGITS | {"&"})


def _tag(text: str) -> Checked:
    """Any 96 bits: a reader also sees tags of schemes that we do not issue."""
    checked = epc.check(text)
    wrong = tuple(e for e in checked.errors if e.code in ("epc_length", "epc_characters"))
    return Checked(checked.value, wrong)


def _hs(text: str) -> Checked:
    value = compact(text)
    if len(value) in (2, 4, 6, 8, 10) and made_of(value, DIGITS):
        return Checked(value)
    return _wrong(
        value, "hs_beginning", gettext_noop("Write 2, 4, 6, 8 or 10 digits of the HS code.")
    )


def _origin(text: str) -> Checked:
    value = compact(text)
    if len(value) == 2 and value.isascii() and value.isalpha():
        return Checked(value)
    return _wrong(value, "country_shape", gettext_noop("A country has two letters (ISO 3166-1)."))


def _route(text: str) -> Checked:
    """`2304`, or `2304 northbound`."""
    first, _space, direction = text.strip().lower().partition(" ")
    checked = port_code.check(first)
    value = f"{checked.value} {direction}".strip()
    if direction not in ("", "northbound", "southbound"):
        return _wrong(
            value,
            "route_shape",
            gettext_noop("Write a port, or a port and northbound or southbound."),
        )
    return Checked(value, checked.errors)


def _wrong(value: str, code: str, text: str) -> Checked:
    return Checked(value, (Finding(code, text),))


_CHECKS = {
    Kind.VIN: vin.check,
    Kind.TAG: _tag,
    Kind.SEAL: seal.check,
    Kind.CONTAINER: iso6346.check,
    Kind.DRIVER: fast_card.check,
    Kind.PLATE: _plate,
    Kind.TRAILER: _code,
    Kind.TRUCK: _truck,
    Kind.CARRIER: _code,
    Kind.HS: _hs,
    Kind.ORIGIN: _origin,
    Kind.ROUTE: _route,
}
