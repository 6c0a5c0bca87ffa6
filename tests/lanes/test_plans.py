"""The plans of everything that one arrival asks the database, on tables that have grown.

`auto_explain` reports what really ran, the statements within the committing function included.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg import Connection, sql
from psycopg.errors import Diagnostic

from lanes import queries
from lanes.models import Port
from lanes.services import assign
from lanes.services.receive import Report, receive
from tests.cast import PORT, SEALS, TRIP, Cast
from trustedtruck.core.ids import uuid7
from trustedtruck.credentials.models import StatusList

ROWS = 20_000
# An index can be read from end to end as well. No truck of the cast has so many rows of its own.
FEW = 200
# What grows with the years, and which columns make a copy of a row another row.
GROWING: dict[str, dict[str, str]] = {
    "carriers_truck": {
        "public_id": "gen_random_uuid()",
        "number": "'G' || n",
        "vin": "'G' || lpad(n::text, 16, '0')",
        "plate_number": "'G' || n",
        "tag_epc": "'AB' || lpad(n::text, 22, '0')",
    },
    "carriers_driver": {
        "public_id": "gen_random_uuid()",
        "fast_card": "'99' || lpad(n::text, 12, '0')",
    },
    "manifests_trip": {
        "public_id": "gen_random_uuid()",
        "trip_number": "'NRTE' || lpad(n::text, 9, '0')",
        "vin": "''",
        "tag_epc": "''",
        "plate_number": "'G' || n",
    },
    "lanes_arrival": {
        "event_id": "'G' || n",
        "tag_epc": "'AB' || lpad(n::text, 22, '0')",
        "qr": "'TT1:G' || n",
    },
}


def grow(table: str, columns: dict[str, str]) -> None:
    """Copy the table's first row so many times; the ids run far above the others."""
    key = "gen_random_uuid()" if table == "lanes_arrival" else "1000000 + n"
    pairs = {"id": key, **columns}
    changes = ", ".join(f"'{name}', {value}" for name, value in pairs.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT made.* FROM (SELECT * FROM {table} LIMIT 1) one,"
            f" generate_series(1, {ROWS}) n, LATERAL jsonb_populate_record(NULL::{table},"
            f" to_jsonb(one) || jsonb_build_object({changes})) made"
        )


def grow_decisions() -> None:
    """A credential for each truck that was added, and a lane for each arrival."""
    StatusList.objects.create(number=9, shuffle_key=bytes(16))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO credentials_credential SELECT made.* FROM"
            " (SELECT * FROM credentials_credential WHERE kind = 'truck' ORDER BY id LIMIT 1) one,"
            " (SELECT id, row_number() OVER () AS n, tag_epc FROM carriers_truck"
            "  WHERE id > 1000000) t,"
            " LATERAL jsonb_populate_record(NULL::credentials_credential, to_jsonb(one) ||"
            " jsonb_build_object('id', 1000000 + t.n, 'public_id', gen_random_uuid(),"
            " 'truck_id', t.id, 'tag_epc', t.tag_epc, 'status_list_id', 9,"
            " 'status_index', t.n)) made"
        )
        cursor.execute(
            "INSERT INTO lanes_assignment SELECT made.* FROM"
            " (SELECT * FROM lanes_assignment LIMIT 1) one,"
            " (SELECT id, row_number() OVER () AS n FROM lanes_arrival"
            "  WHERE event_id LIKE 'G%') a,"
            " LATERAL jsonb_populate_record(NULL::lanes_assignment, to_jsonb(one) ||"
            " jsonb_build_object('arrival_id', a.id,"
            " 'decided_at', now() - a.n * interval '5 minutes')) made"
        )


@contextmanager
def reported() -> Iterator[list[tuple[str, str, Any, float]]]:
    """(kind of node, table, statement, rows looked at) of what this connection runs meanwhile."""
    found: list[tuple[str, str, Any, float]] = []

    def note(diagnostic: Diagnostic) -> None:
        text = diagnostic.message_primary or ""
        if match := re.search(r"plan:\s*(\{.*\})", text, re.DOTALL):
            report = json.loads(match[1])
            _walk(report["Plan"], report.get("Query Text", ""), found)

    connection.ensure_connection()
    raw: Connection[Any] = connection.connection
    raw.add_notice_handler(note)
    names = {
        "auto_explain.log_min_duration": "0",
        "auto_explain.log_nested_statements": "on",
        "auto_explain.log_analyze": "on",
        "auto_explain.log_timing": "off",
        "auto_explain.log_format": "json",
        "client_min_messages": "log",
    }
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        for name, value in names.items():
            cursor.execute(sql.SQL("SELECT set_config({}, {}, false)").format(name, value))
        try:
            yield found
        finally:
            for name in names:
                cursor.execute(f"RESET {name}")
            raw.remove_notice_handler(note)


def _walk(plan: dict[str, Any], query: str, found: list[tuple[str, str, Any, float]]) -> None:
    if "Relation Name" in plan:
        seen = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        rows = plan["Actual Loops"] * sum(plan.get(name, 0) for name in seen)
        found.append((plan["Node Type"], plan["Relation Name"], query, rows))
    for child in plan.get("Plans", ()):
        _walk(child, query, found)


def test_no_large_table_is_read_from_end_to_end(cast: Cast) -> None:
    Port.objects.update(deadline_ms=60_000)  # a slow machine decides as well

    def report() -> Report:
        body = cast.arrival()
        return Report(
            event_id=str(uuid7()),
            port=PORT,
            observed_at=timezone.now(),
            direction="northbound",
            tag_epc=body["tag_epc"],
            qr=body["qr"],
            plate_number=body["plate"]["number"],
            plate_jurisdiction=body["plate"]["jurisdiction"],
            driver_card=body["driver_card"],
            trip_number=TRIP,
            seals=SEALS,
            gross_weight_kg=24_000,
            radiation_alarm=False,
        )

    def arrive() -> str:
        arrival = uuid7()
        receive(report=report(), device=cast.device, arrival_id=arrival)
        assert assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400) == 1
        answer = queries.answer(arrival, PORT)
        assert answer is not None
        return str(answer.route)

    assert arrive() == "fast"
    for table, columns in GROWING.items():
        grow(table, columns)
    grow_decisions()
    large = {*GROWING, "credentials_credential", "lanes_assignment"}
    with connection.cursor() as cursor:
        for table in large:
            cursor.execute(f"ANALYZE {table}")
    queries.port.forget()
    with reported() as seen:
        assert arrive() == "fast"
    tables = {table for _node, table, _query, _rows in seen}
    assert large <= tables, "everything that grows is asked, the committing function included"
    large_ones = [one for one in seen if one[1] in large]
    assert not [(table, query) for node, table, query, _rows in large_ones if "Seq Scan" in node]
    assert not [(table, rows, query) for _node, table, query, rows in large_ones if rows > FEW]
