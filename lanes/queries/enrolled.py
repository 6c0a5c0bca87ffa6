"""Trucks and drivers in use, as far as a decision asks of them: rows, for a batch reads many."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from trustedtruck.core.abreast import Ask, Question
from trustedtruck.core.sealing import unseal


class EnrolledTruck(NamedTuple):
    """A truck with its carrier; `tag_epc` is `""` where it has none."""

    id: int
    public_id: uuid.UUID
    number: str
    vin: str
    tag_epc: str
    plate_number: str
    plate_jurisdiction: str
    carrier_id: int
    scac: str
    carrier_state: str
    tier: int | None
    legal_name: str
    usdot: str | None
    rfc: str | None
    caat: str | None


_TRUCKS = """
SELECT t.id, t.public_id, t.number, t.vin, coalesce(t.tag_epc, ''), t.plate_number,
       t.plate_jurisdiction, c.id, c.scac, c.state, c.tier, c.legal_name, c.usdot, c.rfc, c.caat
FROM carriers_truck t JOIN carriers_carrier c ON c.id = t.carrier_id
WHERE (t.tag_epc = ANY(%s::varchar[]) OR t.public_id = ANY(%s::uuid[])) AND t.retired_at IS NULL
"""


def trucks_in_use(
    tags: Iterable[str], public_ids: Iterable[uuid.UUID]
) -> Question[dict[str | uuid.UUID | None, EnrolledTruck]]:
    """By tag and by public id, their carriers with them. One query."""
    values = [list(tags), list(public_ids)]
    if not any(values):
        return {}
    [found] = yield [Ask(_TRUCKS, values)]
    rows = [EnrolledTruck(*row) for row in found]
    return {key: truck for truck in rows for key in (truck.tag_epc, truck.public_id) if key}


class EnrolledDriver(NamedTuple):
    """A driver; `fast_card` is `""` where there is none. What he is called is sealed."""

    id: int
    public_id: uuid.UUID
    carrier_id: int
    fast_card: str
    fast_card_expires_date: date | None
    given_names: str
    family_names: str

    @property
    def name(self) -> str:
        return f"{unseal(self.given_names)} {unseal(self.family_names)}"


_DRIVERS = """
SELECT id, public_id, carrier_id, coalesce(fast_card, ''), fast_card_expires_date, given_names,
       family_names
FROM carriers_driver
WHERE (fast_card = ANY(%s::varchar[]) OR public_id = ANY(%s::uuid[])) AND retired_at IS NULL
"""


def drivers_in_use(
    cards: Iterable[str], public_ids: Iterable[uuid.UUID]
) -> Question[dict[str | uuid.UUID | None, EnrolledDriver]]:
    """By card number and by public id. One query."""
    values = [list(cards), list(public_ids)]
    if not any(values):
        return {}
    [found] = yield [Ask(_DRIVERS, values)]
    rows = [EnrolledDriver(*row) for row in found]
    return {key: driver for driver in rows for key in (driver.fast_card, driver.public_id) if key}
