"""The journal of an edge: what it did by itself, told to headquarters once and exactly."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.dateparse import parse_datetime

from lanes.models import Arrival, Assignment, JournalEntry, Lane, Passage, Refusal
from lanes.services import clones
from lanes.services.passages import report_passage
from trustedtruck.accounts.models import Device
from trustedtruck.audit import services as audit
from trustedtruck.core.errors import DomainError

AT_ONCE = 50
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, DataError, IntegrityError)
_ARRIVAL = [f.attname for f in Arrival._meta.concrete_fields]
_ASSIGNMENT = [f.attname for f in Assignment._meta.concrete_fields if f.attname != "arrival_id"]
_PASSAGE = ("event_id", "point", "lane_id", "at", "device_id")


# --- At the edge --------------------------------------------------------------------------------
def pending() -> list[dict[str, Any]]:
    """The oldest arrivals that headquarters does not know fully, each with all that is known."""
    entries = (
        JournalEntry.objects.filter(refused="", arrival__assignment__isnull=False)
        .select_related("arrival__assignment")
        .prefetch_related("arrival__passages")
        .order_by("arrival_id")[:AT_ONCE]
    )
    return [
        {
            "version": entry.version,
            "arrival": {name: getattr(entry.arrival, name) for name in _ARRIVAL}
            | {"body_sha256": bytes(entry.arrival.body_sha256).hex()},
            "assignment": {name: getattr(entry.arrival.assignment, name) for name in _ASSIGNMENT},
            "passages": [
                {name: getattr(passage, name) for name in _PASSAGE}
                for passage in sorted(entry.arrival.passages.all(), key=lambda p: p.pk)
            ],
        }
        for entry in entries
    ]


@transaction.atomic
def settle(*, results: Iterable[Mapping[str, Any]]) -> int:
    """Strike out what headquarters has taken; what it refused stays, with its code. The number
    struck out. An entry that grew meanwhile stays and is sent again."""
    struck = 0
    for result in results:
        rows = JournalEntry.objects.filter(arrival_id=result["arrival"], version=result["version"])
        if code := result.get("code"):
            rows.update(refused=str(code)[:64])
        else:
            struck += rows.delete()[0]
    return struck


# --- At headquarters ----------------------------------------------------------------------------
def take(*, entries: Iterable[Mapping[str, Any]], edge: Device) -> list[dict[str, Any]]:
    """Write what an edge reports, each entry in a transaction of its own; what became of each.

    The same entry again changes nothing. One that cannot be written is kept as a refusal and
    answered with its code.
    """
    results = [_take(entry, edge) for entry in entries]
    # Nobody signs in at an edge: of a tag at two of its gates the officers hear here, however late.
    taken = [result["arrival"] for result in results if "code" not in result]
    twice = Assignment.objects.filter(pk__in=taken, reasons__overlap=sorted(clones.MET))
    clones.note_decided(twice.order_by("pk").values_list("pk", flat=True))
    return results


def _take(entry: Mapping[str, Any], edge: Device) -> dict[str, Any]:
    arrival = entry.get("arrival")
    answer: dict[str, Any] = {
        "arrival": arrival.get("id") if isinstance(arrival, dict) else None,
        "version": entry.get("version"),
    }
    try:
        with transaction.atomic():
            _write(entry, edge)
    except DomainError as error:
        code = error.code
    except (ValidationError, ObjectDoesNotExist, *_BROKEN):
        code = "journal_entry_malformed"
    else:
        return answer
    _keep(entry, edge, code)
    return answer | {"code": code}


def _write(entry: Mapping[str, Any], edge: Device) -> None:
    told, decided = entry["arrival"], entry["assignment"]
    if told["port_id"] != edge.port_code:
        raise ValueError("another port")
    arrival_id = uuid.UUID(told["id"])
    values = {name: told[name] for name in _ARRIVAL}
    values |= {"id": arrival_id, "body_sha256": bytes.fromhex(told["body_sha256"])}
    Arrival.objects.bulk_create([Arrival(**values)], ignore_conflicts=True)
    known = Arrival.objects.filter(port_id=edge.port_code, event_id=told["event_id"]).first()
    if known is None:
        raise ValueError("nothing was written")
    if known.pk != arrival_id:
        # The gate told headquarters itself, before or after: one truck, one arrival.
        _record(edge, known.pk, twice=str(arrival_id))
        return
    row = Assignment(arrival_id=arrival_id, **{name: decided[name] for name in _ASSIGNMENT})
    if not Assignment.objects.filter(arrival_id=arrival_id).exists():
        row.save(force_insert=True)
        _record(edge, arrival_id)
    for passage in entry["passages"]:
        _pass(passage, arrival_id, edge)
    # Foreign keys are looked at here, so that a wrong one refuses this entry and no other.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _pass(told: Mapping[str, Any], arrival_id: uuid.UUID, edge: Device) -> None:
    lane = Lane.objects.get(pk=told["lane_id"]) if told["lane_id"] else None
    when = parse_datetime(told["at"])
    if when is None or told["point"] not in Passage.Point.values:
        raise ValueError("no passage")
    report_passage(
        arrival_id=arrival_id,
        device=Device.objects.get(pk=told["device_id"]),
        event_id=told["event_id"],
        point=told["point"],
        lane=lane,
        at=when,
        port_code=edge.port_code,
    )


def _record(edge: Device, arrival_id: uuid.UUID, **data: str) -> None:
    audit.record(
        "arrival.journalled",
        by=edge.actor,
        subject_kind="arrival",
        subject_id=arrival_id,
        port_code=edge.port_code,
        data=data,
    )


@transaction.atomic
def _keep(entry: Mapping[str, Any], edge: Device, code: str) -> None:
    refusal = Refusal.objects.create(
        device=edge, code=code, body=entry, errors=[], port_code=edge.port_code
    )
    audit.record(
        "arrival.journal_refused",
        by=edge.actor,
        subject_kind="refusal",
        subject_id=refusal.pk,
        port_code=edge.port_code,
        data={"code": code},
    )
