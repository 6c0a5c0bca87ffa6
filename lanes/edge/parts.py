"""What of headquarters' tables a port is given, so that it can decide as headquarters would.

A table is cut into parts by its primary key; only parts that changed travel. No picture, no paper,
no name that no rule looks at is given away: `blank` columns are filled by the edge itself.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lanes.edge import owed
from lanes.edge.wire import Encoder
from lanes.models import CarrierRecord, Lane, Policy, Port
from trustedtruck.accounts.models import Agency, Device, MachineKey
from trustedtruck.alerts.models import Alert, Filing, Term
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.credentials.keyset import b64url
from trustedtruck.credentials.models import Credential, Hold, SigningKey, StatusList
from trustedtruck.credentials.states import LIVE, Kind
from trustedtruck.manifests.models import (
    Certificate,
    CertificateLine,
    CertificateMessage,
    CertificateSeal,
    Commodity,
    CrewMember,
    Equipment,
    Party,
    ReplacedSeal,
    Seal,
    Shipment,
    TradePartner,
    Trip,
)
from trustedtruck.manifests.states import OPEN

Rows = list[dict[str, Any]]
# A trip further off than this is not expected at the port while a bundle lasts.
TRIPS_AROUND = timedelta(days=2)


@dataclass(frozen=True)
class Table:
    """One table for a port.

    `gone` is what a row becomes that headquarters no longer gives; None: it is deleted; empty: it
    stays, for nothing is decided from it alone. `kept`
    columns are the port's own once the row is there. `only_new`: a row never changes.
    """

    model: type[models.Model]
    rows: Callable[[str], models.QuerySet[Any]]
    gone: dict[str, Any] | None = None
    shards: int = 1
    blank: dict[str, Any] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    only_new: bool = False
    more: Callable[[str], Rows] | None = None

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        return [f.attname for f in self.model._meta.concrete_fields if f.attname not in self.blank]

    def shard_of(self, pk: Any) -> int:
        return int(pk) % self.shards if self.shards > 1 else 0


def _trips(port: str) -> models.QuerySet[Trip]:
    now = timezone.now()
    near = Q(estimated_arrival_at__range=(now - TRIPS_AROUND, now + TRIPS_AROUND))
    return Trip.objects.filter(
        near | Q(estimated_arrival_at__isnull=True), port_code=port, state__in=OPEN
    )


def _credentials(_port: str) -> models.QuerySet[Credential]:
    return Credential.objects.filter(state__in=LIVE, kind__in=[Kind.TRUCK, Kind.DRIVER])


def _live_terms(_port: str) -> models.QuerySet[Term]:
    return Term.objects.filter(active=True)


def _policies(port: str) -> models.QuerySet[Policy]:
    """The one in force; a later one travels once it takes effect."""
    rows = Policy.objects.filter(port_id=port, effective_from__lte=timezone.now())
    newest = rows.order_by("-effective_from", "-version").values("pk")[:1]
    return Policy.objects.filter(pk__in=newest)


def _of_shipments(model: Any) -> Callable[[str], models.QuerySet[Any]]:
    return lambda port: model.objects.filter(shipment__trip__in=_trips(port))


def _of_trips(model: Any) -> Callable[[str], models.QuerySet[Any]]:
    return lambda port: model.objects.filter(trip__in=_trips(port))


def _certificates(port: str) -> models.QuerySet[Certificate]:
    numbers = Seal.objects.filter(trip__in=_trips(port)).values("number")
    before = ReplacedSeal.objects.filter(trip__in=_trips(port)).values("old_number")
    return Certificate.objects.filter(seals__number__in=numbers.union(before)).distinct()


def _of_certificates(model: Any) -> Callable[[str], models.QuerySet[Any]]:
    return lambda port: model.objects.filter(certificate__in=_certificates(port))


NO_DATE = date(1900, 1, 1)
# In the order in which they are written: what is pointed to before what points to it.
TABLES: tuple[Table, ...] = (
    Table(Agency, lambda port: Agency.objects.all(), gone={}),
    Table(Port, lambda port: Port.objects.filter(pk=port), gone={}),
    Table(
        Lane,
        lambda port: Lane.objects.filter(port_id=port),
        gone={},
        # Who opens a lane stands beside it.
        kept=("state",),
    ),
    Table(Policy, _policies, only_new=True),
    Table(
        Device,
        lambda port: Device.objects.filter(port_code=port),
        gone={"revoked_at": timezone.now},
    ),
    Table(
        MachineKey,
        lambda port: MachineKey.objects.filter(device__port_code=port),
        gone={"revoked_at": timezone.now},
    ),
    Table(
        SigningKey,
        lambda port: SigningKey.objects.all(),
        gone={"distrusted_at": timezone.now},
    ),
    Table(
        StatusList, lambda port: StatusList.objects.all(), gone={}, blank={"shuffle_key": b"edge"}
    ),
    Table(
        Carrier,
        lambda port: Carrier.objects.filter(credentials__in=_credentials(port)).distinct(),
        gone={"state": "suspended"},
        shards=16,
    ),
    Table(CarrierRecord, lambda port: CarrierRecord.objects.all(), gone={}),
    Table(
        Truck,
        lambda port: Truck.objects.filter(credentials__in=_credentials(port)),
        gone={"retired_at": timezone.now},
        shards=64,
    ),
    Table(
        Driver,
        lambda port: Driver.objects.filter(credentials__in=_credentials(port)),
        gone={"retired_at": timezone.now},
        shards=64,
        blank={"birth_date": NO_DATE},
    ),
    Table(
        Credential,
        _credentials,
        gone={"state": "expired"},
        shards=64,
        blank={"qr": "", "vc_jwt": "", "replaces_id": None, "sanction_id": None, "changed_xid": 0},
    ),
    Table(
        Hold,
        lambda port: Hold.objects.filter(lifted_at__isnull=True, credential__in=_credentials(port)),
        gone={"lifted_at": timezone.now},
        # An exam that is owed at headquarters or at another port holds the truck here.
        more=owed.as_holds,
    ),
    Table(
        Trip,
        _trips,
        gone={"state": "cancelled", "cancelled_at": timezone.now, "arrived_at": None},
        shards=16,
    ),
    Table(Equipment, _of_trips(Equipment), shards=16),
    Table(Seal, _of_trips(Seal), shards=16),
    Table(ReplacedSeal, _of_trips(ReplacedSeal), shards=16),
    Table(
        CrewMember,
        _of_trips(CrewMember),
        shards=16,
        blank={"given_names": "-", "family_names": "-", "birth_date": NO_DATE},
    ),
    Table(Shipment, _of_trips(Shipment), shards=16),
    Table(Commodity, _of_shipments(Commodity), shards=16),
    Table(Party, _of_shipments(Party), shards=16),
    Table(TradePartner, lambda port: TradePartner.objects.all()),
    # One whose trips are over stays: the messages that came with it are never deleted.
    Table(Certificate, _certificates, gone={}),
    # Who sent it, without what was sent.
    Table(
        CertificateMessage,
        _of_certificates(CertificateMessage),
        only_new=True,
        blank={"body": b""},
    ),
    Table(CertificateLine, _of_certificates(CertificateLine)),
    Table(CertificateSeal, _of_certificates(CertificateSeal)),
    Table(
        Alert,
        lambda port: Alert.objects.filter(terms__in=_live_terms(port)).distinct(),
        gone={},
        blank={"reason": "-", "instruction": "-", "end_note": ""},
    ),
    Table(Term, _live_terms),
    Table(
        Filing,
        lambda port: Filing.objects.filter(ref__in=_trips(port).values("trip_number")),
        # Keyed hashes of names: the edge makes them with a key of its own.
        blank={"keys": ()},
    ),
)
BY_NAME = {table.name: table for table in TABLES}


def texts_for(port_code: str) -> Iterator[tuple[str, str]]:
    """(name, text) of every part for a port, as the tables are now. A name is `table/shard`."""
    for table in TABLES:
        shards: list[Rows] = [[] for _ in range(table.shards)]
        rows = list(table.rows(port_code).order_by("pk").values(*table.columns))
        if table.more is not None:
            rows += table.more(port_code)
        key = table.model._meta.pk
        assert key is not None  # noqa: S101 - every model has one
        for row in rows:
            shards[table.shard_of(row[key.attname])].append(row)
        for number, some in enumerate(shards):
            yield f"{table.name}/{number}", json.dumps(some, cls=Encoder, separators=(",", ":"))


def digest(text: str) -> str:
    return b64url(hashlib.sha256(text.encode()).digest())
