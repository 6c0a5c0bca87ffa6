"""Numbers of the dashboard: fleet, documents, compliance, waits against the port's others."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now

from lanes.models import Assignment
from lanes.reasons import NOT_THE_CARRIERS
from trustedtruck.carriers.models import Carrier, Document, Driver, Insurance, Trailer, Truck
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.states import CredentialState

NEAR = DAYS = timedelta(days=30)
OTHERS_SECONDS = 600
SHOWN = 20
FEWEST_OTHERS = 3


@dataclass(frozen=True)
class Counts:
    trucks: int
    trailers: int
    drivers: int
    credentials: int


@dataclass(frozen=True)
class Rates:
    """Crossings of 30 days. `kept` are those where no condition failed that is the carrier's own.

    `wait` is the mean from approach to primary in minutes, None without passages; as the RFID
    measurement of the Federal Highway Administration has it: R1 to R2.
    """

    crossings: int
    fast: int
    kept: int
    wait: float | None

    @property
    def compliance(self) -> int | None:
        """Percent of crossings, rounded down: 100 is said of all of them or of none."""
        return 100 * self.kept // self.crossings if self.crossings else None

    @property
    def fast_percent(self) -> int | None:
        return 100 * self.fast // self.crossings if self.crossings else None


@dataclass(frozen=True)
class Figures:
    """A carrier's rates, and those of all others at the ports where it crossed.

    Of fewer than `FEWEST_OTHERS` carriers nothing is said: no carrier reads the figures of another.
    """

    ours: Rates
    others: Rates


_NONE = Rates(0, 0, 0, None)


def counts(carrier: Carrier) -> Counts:
    """What is in the fleet, and how many credentials hold."""
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
    documents = Document.objects.in_use().filter(**near).order_by("expires_date", "pk")
    policies = Insurance.objects.filter(**near).order_by("expires_date", "pk")
    found: list[Document | Insurance] = [
        *documents.select_related("truck", "trailer", "driver")[:SHOWN],
        *policies[:SHOWN],
    ]
    return sorted(found, key=lambda paper: paper.expires_date)[:SHOWN]


def figures(carrier: Carrier) -> Figures:
    """Both sides. The others' are kept for ten minutes: they are many, and change little."""
    mine = Assignment.objects.filter(carrier=carrier, decided_at__gt=Now() - DAYS)
    ports = sorted(mine.values_list("port_id", flat=True).distinct().order_by())
    if not ports:
        return Figures(_NONE, _NONE)
    others = cache.get_or_set(
        f"portal-rates-{carrier.pk}-{'-'.join(ports)}",
        lambda: _rates("<>", carrier, ports, fewest=FEWEST_OTHERS),
        OTHERS_SECONDS,
    )
    return Figures(_rates("=", carrier, ports, fewest=1), others or _NONE)


def _rates(whose: str, carrier: Carrier, ports: list[str], *, fewest: int) -> Rates:
    """`whose` compares with the carrier: `=` its own, `<>` the others', of at least so many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH crossing AS (
                SELECT a.carrier_id, a.route, a.reasons <@ %(kept)s::varchar[] AS kept, (
                    SELECT extract(epoch FROM
                        min(p.at) FILTER (WHERE p.point = 'primary')
                        - min(p.at) FILTER (WHERE p.point = 'approach')) / 60
                    FROM lanes_passage p
                    WHERE p.arrival_id = a.arrival_id AND p.point IN ('approach', 'primary')
                ) AS minutes
                FROM lanes_assignment a
                WHERE a.carrier_id {whose} %(carrier)s AND a.port_id = ANY(%(ports)s)
                  AND a.decided_at > now() - make_interval(days => %(days)s)
            )
            SELECT count(*), count(*) FILTER (WHERE route = 'fast'),
                   count(*) FILTER (WHERE kept), avg(minutes), count(DISTINCT carrier_id)
            FROM crossing
            """,  # noqa: S608 - `whose` is one of two signs, written in this file
            {
                "carrier": carrier.pk,
                "ports": ports,
                "kept": sorted(NOT_THE_CARRIERS),
                "days": DAYS.days,
            },
        )
        crossings, fast, kept, wait, carriers = cursor.fetchone()
    if carriers < fewest:
        return _NONE
    return Rates(crossings, fast, kept, None if wait is None else round(float(wait), 1))
