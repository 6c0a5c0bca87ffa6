"""Numbers of the dashboard: fleet, documents, compliance, waits against the port's others."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Count, Q

from lanes.models import Assignment
from trustedtruck.carriers.models import Carrier, Document, Driver, Insurance, Trailer, Truck
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.states import CredentialState

NEAR = timedelta(days=30)


@dataclass(frozen=True)
class Counts:
    trucks: int
    trailers: int
    drivers: int
    credentials: int


@dataclass(frozen=True)
class Figures:
    """`compliance` is the share of inspected crossings that ended without a fault on the carrier.

    Waits are the means from approach to primary, in minutes; None without passages.
    """

    crossings: int
    fast: int
    wait: float | None
    wait_of_others: float | None

    @property
    def fast_percent(self) -> int | None:
        return round(100 * self.fast / self.crossings) if self.crossings else None


def counts(carrier: Carrier) -> Counts:
    living = {"carrier": carrier, "retired_at__isnull": True}
    return Counts(
        Truck.objects.filter(**living).count(),
        Trailer.objects.filter(**living).count(),
        Driver.objects.filter(**living).count(),
        Credential.objects.filter(carrier=carrier, state=CredentialState.ACTIVE).count(),
    )


def ending(carrier: Carrier, today: date) -> list[Document | Insurance]:
    """What has ended or ends within 30 days, the soonest first."""
    near = {"carrier": carrier, "expires_date__lte": today + NEAR}
    documents = Document.objects.filter(**near).select_related("truck", "trailer", "driver")
    found: list[Document | Insurance] = [*documents, *Insurance.objects.filter(**near)]
    return sorted(found, key=lambda paper: paper.expires_date)[:20]


def figures(carrier: Carrier) -> Figures:
    found = Assignment.objects.filter(carrier=carrier).aggregate(
        crossings=Count("pk"), fast=Count("pk", filter=Q(route="fast"))
    )
    return Figures(found["crossings"], found["fast"], *_waits(carrier))


def _waits(carrier: Carrier) -> tuple[float | None, float | None]:
    """Mean minutes from approach to primary over 30 days, ours and the others' at the same ports.

    As the RFID measurement of the Federal Highway Administration has it: R1 to R2.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS (
                SELECT DISTINCT port_id FROM lanes_assignment WHERE carrier_id = %(carrier)s
            ), waits AS (
                SELECT a.carrier_id = %(carrier)s AS ours,
                       extract(epoch FROM min(b.at) - min(r.at)) / 60 AS minutes
                FROM lanes_assignment a
                JOIN mine ON mine.port_id = a.port_id
                JOIN lanes_passage r ON r.arrival_id = a.arrival_id AND r.point = 'approach'
                JOIN lanes_passage b ON b.arrival_id = a.arrival_id AND b.point = 'primary'
                WHERE a.carrier_id IS NOT NULL AND a.decided_at > now() - interval '30 days'
                GROUP BY a.arrival_id, a.carrier_id
            )
            SELECT avg(minutes) FILTER (WHERE ours), avg(minutes) FILTER (WHERE NOT ours)
            FROM waits
            """,
            {"carrier": carrier.pk},
        )
        ours, others = cursor.fetchone()
    return (
        None if ours is None else round(float(ours), 1),
        None if others is None else round(float(others), 1),
    )
