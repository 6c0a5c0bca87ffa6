"""What inspections left to know: exams that are owed, and the records of carriers."""

from collections.abc import Iterable
from dataclasses import dataclass

from lanes.queries.enrolled import EnrolledDriver, EnrolledTruck
from lanes.rules.facts import Owed
from trustedtruck.core.abreast import Ask, Question


@dataclass(frozen=True, slots=True)
class _Row:
    truck_id: int | None
    driver_id: int | None
    exam: Owed


@dataclass(frozen=True, slots=True)
class Known:
    """Answers for all arrivals of one batch. `records` are (exams, findings) by carrier."""

    open_exams: tuple[_Row, ...]
    records: dict[int, tuple[int, int]]

    def owed_by(
        self, truck: EnrolledTruck | None, driver: EnrolledDriver | None
    ) -> tuple[Owed, ...]:
        return tuple(
            row.exam
            for row in self.open_exams
            if (truck is not None and row.truck_id == truck.id)
            or (driver is not None and row.driver_id == driver.id)
        )

    def record_of(self, carrier_id: int) -> tuple[int, int]:
        """A carrier without a record was never examined."""
        return self.records.get(carrier_id, (0, 0))


# One statement for both, so that a batch asks once.
_KNOWN = """
SELECT NULL::bigint, o.truck_id, o.driver_id, o.arrival_id, o.station,
       extract(epoch FROM o.due_at), extract(epoch FROM o.appeared_at), NULL::int, NULL::int
FROM lanes_owedexam o
WHERE o.settled_at IS NULL
  AND (o.truck_id = ANY(%s::bigint[]) OR o.driver_id = ANY(%s::bigint[]))
UNION ALL
SELECT r.carrier_id, NULL, NULL, NULL, NULL, NULL, NULL, r.exams, r.findings
FROM lanes_carrierrecord r WHERE r.carrier_id = ANY(%s::bigint[])
"""


def known_of(trucks: Iterable[EnrolledTruck], drivers: Iterable[EnrolledDriver]) -> Question[Known]:
    """Open exams of these trucks and drivers, and the records of their carriers. One query."""
    fleet = {truck.id: truck.carrier_id for truck in trucks}
    people = {driver.id for driver in drivers}
    if not fleet and not people:
        return Known((), {})
    exams, records = [], {}
    values = [list(fleet), list(people), list(set(fleet.values()))]
    [rows] = yield [Ask(_KNOWN, values)]
    for carrier, truck, driver, arrival, station, due, appeared, count, found in rows:
        if carrier is not None:
            records[carrier] = (count, found)
        else:
            came = None if appeared is None else float(appeared)
            exams.append(_Row(truck, driver, Owed(str(arrival), station, float(due), came)))
    return Known(tuple(exams), records)
