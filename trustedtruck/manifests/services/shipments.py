"""The rows of shipments, and the use of their control numbers."""

from collections.abc import Sequence

from django.db import connection
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Carrier
from trustedtruck.core import names
from trustedtruck.core.errors import FieldError, Invalid
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.models import Commodity, ControlNumber, Party, Shipment, Trip

WRONG = _("The manifest has errors; nothing of it was stored.")

# One statement decides for all numbers at once, and the primary key decides between two carriers:
# a number is taken where nobody has it, where it is on this trip already, where the carrier filed
# it ahead on no trip, or where its last use is three years past (CBP's truck manifest).
_CLAIM = """
INSERT INTO manifests_controlnumber AS c (number, carrier_id, trip_number, used_at)
SELECT n, %(carrier)s, %(trip)s, statement_timestamp()
FROM unnest(%(numbers)s::varchar[]) AS n ORDER BY n
ON CONFLICT (number) DO UPDATE
SET carrier_id = excluded.carrier_id,
    trip_number = excluded.trip_number,
    deleted_at = NULL,
    used_at = CASE WHEN c.used_at < statement_timestamp() - interval '3 years'
                   THEN statement_timestamp() ELSE c.used_at END
WHERE c.used_at < statement_timestamp() - interval '3 years'
   OR (c.carrier_id = excluded.carrier_id
       AND (c.trip_number = excluded.trip_number
            OR (c.trip_number = '' AND c.deleted_at IS NULL)))
RETURNING number
"""


def _claim(numbers: Sequence[str], *, trip_number: str, carrier: Carrier, path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM, {"carrier": carrier.pk, "trip": trip_number, "numbers": list(numbers)}
        )
        taken = {row[0] for row in cursor.fetchall()}
    errors = tuple(
        FieldError(
            path % i,
            "control_number_used",
            _("This shipment control number is in use, or was less than three years ago."),
        )
        for i, number in enumerate(numbers)
        if number not in taken
    )
    if errors:
        raise Invalid(errors, WRONG)


def put(
    *, filing: doc.Filing, carrier: Carrier, trip: Trip | None, first_position: int
) -> list[str]:
    """Store the filing's shipments, in place of those with the same numbers. Returns the numbers.

    Raises `Invalid` naming every control number that is another's or was used within 3 years.
    """
    given = filing.shipments
    if not given:
        return []
    numbers = [s.control_number for s in given]
    _claim(
        numbers,
        trip_number=trip.trip_number if trip else "",
        carrier=carrier,
        path="shipments.%d.control_number",
    )
    Shipment.objects.filter(control_number__in=numbers, trip=trip).delete()
    Shipment.objects.filter(control_number__in=numbers, trip=None, carrier=carrier).delete()
    rows = Shipment.objects.bulk_create(
        (
            Shipment(
                carrier=carrier,
                trip=trip,
                position=first_position + i,
                control_number=s.control_number,
                release=s.release,
                equipment_number=s.equipment,
                pedimento=s.pedimento,
            )
            for i, s in enumerate(given)
        ),
        batch_size=2000,
    )
    Party.objects.bulk_create(
        (
            Party(
                shipment=row,
                name_key=names.key(p.name)[:60],
                **{name: getattr(p, name) for name in p._fields},
            )
            for row, s in zip(rows, given, strict=True)
            for p in s.parties
        ),
        batch_size=2000,
    )
    Commodity.objects.bulk_create(
        (
            Commodity(shipment=row, position=i, **{name: getattr(c, name) for name in c._fields})
            for row, s in zip(rows, given, strict=True)
            for i, c in enumerate(s.commodities)
        ),
        batch_size=2000,
    )
    return numbers


def keep_only(trip: Trip, numbers: Sequence[str]) -> None:
    """Delete the trip's other shipments; their numbers stay used."""
    gone = Shipment.objects.filter(trip=trip).exclude(control_number__in=numbers)
    ControlNumber.objects.filter(
        number__in=list(gone.values_list("control_number", flat=True))
    ).update(deleted_at=Now())
    gone.delete()


def link(numbers: Sequence[str], *, trip: Trip, carrier: Carrier) -> None:
    """Put shipments that the carrier filed ahead on the trip; `Invalid` names those it did not."""
    if not numbers:
        return
    there = {
        s.control_number: s
        for s in Shipment.objects.filter(carrier=carrier, control_number__in=numbers).filter(
            trip=None
        )
    }
    here = set(
        Shipment.objects.filter(trip=trip, control_number__in=numbers).values_list(
            "control_number", flat=True
        )
    )
    errors = tuple(
        FieldError(
            f"links.{i}", "no_such_shipment", _("You have no such shipment waiting for a trip.")
        )
        for i, number in enumerate(numbers)
        if number not in there and number not in here
    )
    if errors:
        raise Invalid(errors, WRONG)
    _claim(list(there), trip_number=trip.trip_number, carrier=carrier, path="links.%d")
    Shipment.objects.filter(pk__in=[s.pk for s in there.values()]).update(trip=trip)


def delink(numbers: Sequence[str], *, trip: Trip) -> None:
    """Take shipments off the trip; they stay on file and can go on another."""
    _require_on_trip(numbers, trip, "delinks")
    Shipment.objects.filter(trip=trip, control_number__in=numbers).update(trip=None)
    ControlNumber.objects.filter(number__in=numbers).update(trip_number="")


def delete(numbers: Sequence[str], *, trip: Trip, carrier: Carrier) -> None:
    """Delete shipments of the trip; their numbers stay used for three years."""
    _require_on_trip(numbers, trip, "deletes")
    Shipment.objects.filter(trip=trip, control_number__in=numbers).delete()
    ControlNumber.objects.filter(number__in=numbers, carrier=carrier).update(deleted_at=Now())


def _require_on_trip(numbers: Sequence[str], trip: Trip, path: str) -> None:
    if not numbers:
        return
    there = set(
        Shipment.objects.filter(trip=trip, control_number__in=numbers).values_list(
            "control_number", flat=True
        )
    )
    errors = tuple(
        FieldError(f"{path}.{i}", "not_on_trip", _("No such shipment is on this trip."))
        for i, number in enumerate(numbers)
        if number not in there
    )
    if errors:
        raise Invalid(errors, WRONG)
