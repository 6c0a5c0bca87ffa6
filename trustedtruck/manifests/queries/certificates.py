"""Which plant-health certificates speak of a shipment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from trustedtruck.manifests.ephyto import binding
from trustedtruck.manifests.facts import CertificateFacts
from trustedtruck.manifests.models import (
    Certificate,
    CertificateLine,
    CertificateMessage,
    CertificateSeal,
    Party,
    ReplacedSeal,
    Seal,
    Shipment,
)
from trustedtruck.manifests.states import TripState

IMPORT_COUNTRY = "US"  # ports are Schedule D: all of them are in the United States


class Goods(NamedTuple):
    """A line of a shipment's goods; `hs_code` is `""` where none is given."""

    hs_code: str
    origin_country: str
    weight_kg: Decimal


def bound_certificates(
    trip_ids: list[int], goods: Mapping[int, list[Goods]], prefixes: tuple[str, ...]
) -> dict[int, list[CertificateFacts]]:
    """Certificates that name a seal of the trip, or whose consignee and goods are a shipment's.

    `goods` are those of each shipment of the trips, and `prefixes` the HS prefixes of those that
    need one. What a carrier sent by itself proves nothing (`sender`), and a seal that came through
    a port on another trip carries no second truck (`used`). Six queries, or none where no
    certificate comes into question.
    """
    found: dict[int, list[CertificateFacts]] = defaultdict(list)
    lines = {
        shipment_id: needing
        for shipment_id, all_of_it in goods.items()
        if (needing := [g for g in all_of_it if g.hs_code and g.hs_code.startswith(prefixes)])
    }
    if not lines:
        return found
    shipments = list(Shipment.objects.filter(pk__in=lines))
    consignees = dict(
        Party.objects.filter(shipment__in=shipments, role="consignee").values_list(
            "shipment_id", "name_key"
        )
    )
    seals: dict[int, set[tuple[str, str]]] = defaultdict(set)
    own = Seal.objects.filter(trip__in=trip_ids)
    # A certificate names the seal of its day; an officer may have replaced it since.
    before = ReplacedSeal.objects.filter(trip__in=trip_ids)
    for trip_id, number, where in own.values_list("trip_id", "number", "equipment__number").union(
        before.values_list("trip_id", "old_number", "equipment_number")
    ):
        seals[trip_id].add((number, where or ""))
    papers = _papers(
        {number for pairs in seals.values() for number, _where in pairs},
        {key for key in consignees.values() if key},
    )
    sources = _sources([certificate for certificate, _paper in papers])
    used = _used({number for _certificate, paper in papers for number in paper.seals})
    for shipment in shipments:
        its_goods = _goods(shipment, lines[shipment.pk], consignees, seals)
        for certificate, paper in papers:
            wrong = binding.mismatches(its_goods, paper)
            # Neither seal nor both of consignee and goods: it speaks of something else.
            if "seal" in wrong and ("consignee" in wrong or "commodity" in wrong):
                continue
            source = sources[certificate.pk]
            if source == "carrier":
                wrong += ("sender",)
            assert shipment.trip_id is not None  # noqa: S101 - filtered by trip
            if any(used[number] - {shipment.trip_id} for number in its_goods.seals & paper.seals):
                wrong += ("used",)
            found[shipment.trip_id].append(
                CertificateFacts(
                    public_id=str(certificate.public_id),
                    number=certificate.number,
                    state=certificate.state,
                    control_number=shipment.control_number,
                    seal_bound="seal" not in wrong,
                    source=source,
                    mismatches=wrong,
                )
            )
    return found


def _goods(
    shipment: Shipment,
    lines: list[Goods],
    consignees: dict[int, str],
    seals: dict[int, set[tuple[str, str]]],
) -> binding.Goods:
    assert shipment.trip_id is not None  # noqa: S101 - filtered by trip
    where = shipment.equipment_number
    return binding.Goods(
        seals=frozenset(
            number for number, on in seals[shipment.trip_id] if not where or on in ("", where)
        ),
        hs_codes=frozenset(code for code, _country, _weight in lines),
        consignee_key=consignees.get(shipment.pk, ""),
        weight_kg=sum((weight for _code, _country, weight in lines), Decimal(0)),
        import_country=IMPORT_COUNTRY,
        origin_countries=frozenset(country for _code, country, _weight in lines),
    )


def _papers(seals: set[str], consignees: set[str]) -> list[tuple[Certificate, binding.Paper]]:
    certificates = list(
        Certificate.objects.filter(
            Q(pk__in=CertificateSeal.objects.filter(number__in=seals).values("certificate"))
            | Q(consignee_key__in=consignees)
        ).order_by("pk")
    )
    numbers: dict[int, set[str]] = defaultdict(set)
    for pk, number in CertificateSeal.objects.filter(certificate__in=certificates).values_list(
        "certificate_id", "number"
    ):
        numbers[pk].add(number)
    lines: dict[int, list[CertificateLine]] = defaultdict(list)
    for line in CertificateLine.objects.filter(certificate__in=certificates):
        lines[line.certificate_id].append(line)
    return [(c, paper(c, numbers[c.pk], lines[c.pk])) for c in certificates]


def _sources(certificates: list[Certificate]) -> dict[int, str]:
    """Whose word each certificate stands as, the last: `agency`, `device` or `carrier`."""
    messages = CertificateMessage.objects.filter(certificate__in=certificates).order_by("id")
    return {
        pk: sender.partition(":")[0]
        for pk, sender in messages.values_list("certificate_id", "received_from")
    }


def _used(numbers: set[str]) -> dict[str, set[int]]:
    """The trips that have come through a port under each of these seals."""
    arrived = {"trip__state": TripState.ARRIVED}
    own = Seal.objects.filter(number__in=numbers, **arrived).values_list("number", "trip_id")
    before = ReplacedSeal.objects.filter(old_number__in=numbers, **arrived)
    found: dict[str, set[int]] = defaultdict(set)
    for number, trip_id in own.union(before.values_list("old_number", "trip_id")):
        found[number].add(trip_id)
    return found


def paper(
    certificate: Certificate, seals: Iterable[str], lines: list[CertificateLine]
) -> binding.Paper:
    """The certificate's side. Gross weight where every line gives one, else net."""
    gross = [line.gross_weight_kg for line in lines if line.gross_weight_kg is not None]
    net = [line.net_weight_kg for line in lines if line.net_weight_kg is not None]
    weights = gross if lines and len(gross) == len(lines) else net
    return binding.Paper(
        seals=frozenset(seals),
        hs_codes=frozenset(line.hs_code for line in lines if line.hs_code),
        consignee_key=certificate.consignee_key,
        weight_kg=sum(weights, Decimal(0)) if weights else None,
        import_country=certificate.import_country,
        origin_countries=frozenset(line.origin_country for line in lines if line.origin_country)
        or frozenset({certificate.export_country} - {""}),
    )
