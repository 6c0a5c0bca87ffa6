"""Invented companies, trucks and people with valid identifiers, the same at every start."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from stdnum.mx import rfc as mx_rfc

from trustedtruck.carriers.models import Carrier
from trustedtruck.carriers.services import NewDriver, NewTrailer, NewTruck
from trustedtruck.identifiers import epc, vin

SEED = 2304
CARRIERS, TRUCKS_EACH = 40, 10

_FIRST = ("Autotransportes", "Transportes", "Fletes", "Logística", "Carga", "Express", "Líneas")
_SECOND = ("del Norte", "Río Bravo", "Sierra Madre", "Monterrey", "Bajío", "Frontera", "Coahuila")
_US_FIRST = ("Lone Star", "Rio Grande", "Pecos", "Gulf", "Mesquite", "Laredo", "Brazos", "Alamo")
_US_SECOND = ("Freight Lines", "Trucking", "Motor Express", "Carriers", "Logistics", "Transport")
_GIVEN = ("José Luis", "María", "Juan Carlos", "Ana", "Miguel", "Guadalupe", "Roberto", "Laura")
_FAMILY = ("García", "Hernández", "Martínez", "López", "Treviño", "Garza", "Cantú", "Villarreal")
# Makers' real prefixes: world maker, vehicle type and model; the rest of a VIN is a serial.
_MAKERS = ("1FUJGLDR", "3AKJHHDR", "1XKAD49X", "3HSDJAPR", "1XPBDP9X", "4V4NC9EH")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Company:
    """One invented carrier with its fleet and drivers."""

    legal_name: str
    country: str
    kind: str
    identifiers: dict[str, str]
    trucks: list[NewTruck]
    trailers: list[NewTrailer]
    drivers: list[NewDriver]


def companies(today: date) -> Iterator[Company]:
    """The 40 carriers of the demonstration, ten trucks, trailers and drivers each."""
    chance = random.Random(SEED)
    for index in range(CARRIERS):
        mexican = index % 2 == 0
        scac = _scac(index)
        if mexican:
            name = f"{_FIRST[index % 7]} {_SECOND[index // 6]} S.A. de C.V."
            kind, country = Carrier.Kind.MX_LONG_HAUL, "MX"
        else:
            name = f"{_US_FIRST[index // 5]} {_US_SECOND[index % 6]} LLC"
            kind, country = Carrier.Kind.US_HIGHWAY, "US"
        identifiers = {"scac": scac, "usdot": str(1_800_000 + 37 * index)}
        if mexican:
            identifiers |= {"rfc": _rfc(scac, chance), "caat": f"{index + 10:02d}{scac[2:]}"}
        yield Company(
            name,
            country,
            kind,
            identifiers,
            [_truck(index, n, scac, chance) for n in range(TRUCKS_EACH)],
            [_trailer(index, n, scac) for n in range(TRUCKS_EACH)],
            [_driver(index, n, mexican, today, chance) for n in range(TRUCKS_EACH)],
        )


@cache
def cards_by_vin() -> dict[str, str]:
    """The FAST card of the driver who drives each truck of the demonstration, by the truck's VIN.

    Whatever else visitors add to the fleets is not in it.
    """
    return {
        truck.vin: driver.fast_card
        for company in companies(date.today())  # noqa: DTZ011 - only the cards' ends hang on it
        for truck, driver in zip(company.trucks, company.drivers, strict=True)
    }


def _scac(index: int) -> str:
    return f"TT{_LETTERS[index // 26]}{_LETTERS[index % 26]}"


def _rfc(scac: str, chance: random.Random) -> str:
    body = f"{scac[1:]}{chance.randint(0, 23):02d}{chance.randint(1, 12):02d}" + (
        f"{chance.randint(1, 28):02d}A{chance.randint(1, 9)}"
    )
    return body + str(mx_rfc.calc_check_digit(body))


def _truck(carrier: int, n: int, scac: str, chance: random.Random) -> NewTruck:
    serial = carrier * TRUCKS_EACH + n
    start = _MAKERS[serial % len(_MAKERS)]
    draft = f"{start}0{'PRST'[chance.randrange(4)]}{_LETTERS[10 + chance.randrange(3)]}" + (
        f"{serial:06d}"
    )
    return NewTruck(
        number=f"{scac}{n + 1:03d}",
        vin=draft[:8] + vin.check_digit(draft) + draft[9:],
        plate_number=f"{_LETTERS[carrier % 26]}{carrier % 10}{serial:04d}",
        plate_jurisdiction="TX" if carrier % 2 else "TAM",
        tag_epc=tag(serial + 1),
    )


def tag(serial: int) -> str:
    """A GIAI-96 tag of the demonstration's company prefix."""
    return epc.to_hex(epc.Epc(epc.Scheme.GIAI_96, 0, "0860001", str(serial)))


def _trailer(carrier: int, n: int, scac: str) -> NewTrailer:
    return NewTrailer(
        number=f"{scac}R{n + 1:03d}",
        plate_number=f"R{carrier:02d}{n:03d}",
        plate_jurisdiction="TX" if carrier % 2 else "TAM",
    )


def _driver(carrier: int, n: int, mexican: bool, today: date, chance: random.Random) -> NewDriver:
    serial = carrier * TRUCKS_EACH + n
    return NewDriver(
        given_names=chance.choice(_GIVEN),
        family_names=f"{chance.choice(_FAMILY)} {chance.choice(_FAMILY)}",
        birth_date=date(1965, 1, 1) + timedelta(days=chance.randrange(12_000)),
        citizenship="MX" if mexican else "US",
        fast_card=f"41{serial:012d}",
        fast_card_expires_date=today + timedelta(days=365 + 30 * (serial % 40)),
    )
