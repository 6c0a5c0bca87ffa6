"""One trip as its carrier or an officer reads it."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Carrier
from trustedtruck.core.errors import NotFound
from trustedtruck.identifiers import trip_number as trip_numbers
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.models import Submission, Trip, Version
from trustedtruck.manifests.x12 import replies, writer


def visible_trip(trip_number: str, *, carrier: Carrier | None, port_code: str = "") -> Trip:
    """The trip, for its carrier or its port. `NotFound` looks the same for another's and none."""
    trips = Trip.objects.select_related("carrier").filter(
        trip_number=trip_numbers.normalise(trip_number)
    )
    if carrier is not None:
        trips = trips.filter(carrier=carrier)
    if port_code:
        trips = trips.filter(port_code=port_code)
    trip = trips.first()
    if trip is None:
        raise NotFound("no_such_trip", _("There is no such trip on file."))
    return trip


def describe(trip: Trip) -> dict[str, Any]:
    """The trip as JSON, in the shape in which it is filed, with its state and history."""
    return {
        "id": str(trip.public_id),
        "trip_number": trip.trip_number,
        "scac": trip.carrier.scac,
        "state": trip.state,
        "purpose": trip.purpose,
        "version": trip.version,
        "port": trip.port_code,
        "estimated_arrival_at": trip.estimated_arrival_at,
        "filed_at": trip.filed_at,
        "changed_at": trip.changed_at,
        "arrived_at": trip.arrived_at,
        "cancelled_at": trip.cancelled_at,
        "gross_weight_kg": trip.gross_weight_kg,
        "conveyance": _conveyance(trip),
        "equipment": [
            {
                "kind": e.kind,
                "number": e.number,
                "plate": _plate(e.plate_number, e.plate_jurisdiction),
                "loaded": e.loaded,
                "seals": [{"number": s.number, "grade": s.grade} for s in e.seals.all()],
            }
            for e in trip.equipment.prefetch_related("seals")
        ],
        "crew": [
            {
                "role": p.role,
                "given_names": p.given_names,
                "family_names": p.family_names,
                "birth_date": p.birth_date,
                "citizenship": p.citizenship,
                "gender": p.gender,
                "fast_card": p.fast_card,
                "documents": [
                    {"kind": d.kind, "number": d.number, "country": d.country}
                    for d in p.documents.all()
                ],
            }
            for p in trip.crew.prefetch_related("documents")
        ],
        "shipments": shipments(trip),
        "versions": [
            {
                "number": v.number,
                "purpose": v.purpose,
                "source": v.source,
                "control_number": v.control_number,
                "filed_by": v.filed_by,
                "filed_at": v.filed_at,
            }
            for v in Version.objects.filter(trip=trip).defer("document")
        ],
    }


def _conveyance(trip: Trip) -> dict[str, Any] | None:
    if not trip.conveyance_kind:
        return None
    return {
        "kind": trip.conveyance_kind,
        "number": trip.truck_number,
        "vin": trip.vin,
        "plate": _plate(trip.plate_number, trip.plate_jurisdiction),
        "usdot": trip.usdot,
        "tag_epc": trip.tag_epc,
        "seals": [
            {"number": s.number, "grade": s.grade}
            for s in trip.seals.filter(equipment__isnull=True)
        ],
    }


def _plate(number: str, jurisdiction: str) -> dict[str, str] | None:
    return {"number": number, "jurisdiction": jurisdiction} if number else None


def shipments(trip: Trip) -> list[dict[str, Any]]:
    """The shipments of a trip as the API shows them: kg, whole US dollars."""
    return [
        {
            "control_number": s.control_number,
            "release": s.release,
            "equipment": s.equipment_number,
            "pedimento": s.pedimento,
            "filed_at": s.filed_at,
            "parties": [
                {
                    "role": p.role,
                    "name": p.name,
                    "line": p.line,
                    "city": p.city,
                    "region": p.region,
                    "postal_code": p.postal_code,
                    "country": p.country,
                    "programme_number": p.programme_number,
                }
                for p in s.parties.all()
            ],
            "commodities": [
                {
                    "description": c.description,
                    "quantity": c.quantity,
                    "unit": c.unit,
                    "weight_kg": float(c.weight_kg),
                    "hs_code": c.hs_code,
                    "origin_country": c.origin_country,
                    "value_usd": c.value_usd,
                    "un_number": c.un_number,
                }
                for c in s.commodities.all()
            ],
        }
        for s in trip.shipments.prefetch_related("parties", "commodities")
    ]


def replies_about(trip: Trip) -> list[Submission]:
    """The messages of its carrier and its port about the trip, with their replies, newest first."""
    rows = (
        Submission.objects.filter(trip_number=trip.trip_number)
        .filter(Q(carrier=trip.carrier_id) | Q(port_code=trip.port_code))
        .defer("body")
        .order_by("-received_at")[:100]
    )
    return [row for row in rows if may_read_reply(row, trip)]


def may_read_reply(row: Submission, trip: Trip) -> bool:
    """Whether a message is the carrier's own, or its port's about this trip and no other.

    A port may file the trips of several carriers in one X12 message: its replies name them all.
    """
    if row.carrier_id == trip.carrier_id:
        return True
    if (row.trip_number, row.port_code) != (trip.trip_number, trip.port_code):
        return False
    if row.kind != Submission.Kind.X12:
        return True
    sets = row.result.get("sets", [])
    read = row.result.get("accepted", 0) + row.result.get("rejected", 0)
    return len(sets) == read and all(one["trip_number"] == trip.trip_number for one in sets)


# X4-07: codes of ours, said in words in the K1 that follows.
_STATUS = {
    "preliminary": ("PR", "PRELIMINARY, NOT COMPLETE"),
    "filed": ("FI", "COMPLETE AND ON FILE"),
    "arrived": ("AR", "ARRIVED"),
    "cancelled": ("CA", "CANCELLED"),
}


def status_350(trip: Trip, *, at: dt.datetime) -> str:
    """The state of a trip and of its shipments as a 350."""
    code, text = _STATUS[trip.state]
    since = trip.arrived_at or trip.cancelled_at or trip.filed_at or trip.changed_at
    statuses = [replies.Status(code, since, "", text)]
    statuses += [
        replies.Status("ON", filed_at, number, "SHIPMENT ON FILE")
        for number, filed_at in trip.shipments.values_list("control_number", "filed_at")
    ]
    filing = doc.Filing("complete", trip.carrier.scac, trip.trip_number, port=trip.port_code)
    head = writer.Head("TRUSTEDTRUCK", trip.carrier.scac, at, trip.pk % 999_999_999 + 1, "AU")
    return writer.write(head, [replies.write_350(filing, statuses, version=head.version)])
