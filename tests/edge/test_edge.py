"""The bundle of a port and its journal, through the doors that an edge uses.

One database stands for both sides here.
"""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from lanes.edge import format as format_
from lanes.edge.parts import TABLES, digest
from lanes.edge.services import apply, journal
from lanes.edge.wire import Encoder
from lanes.models import (
    Alarm,
    Arrival,
    Assignment,
    HeldBundle,
    JournalEntry,
    Override,
    Passage,
)
from lanes.models import Refusal as KeptRefusal
from lanes.queries import port as kept_ports
from tests.cast import PORT, TESTER, Cast, file_trip, make_cast, make_device
from tests.credentials.forge import STRANGER
from tests.lanes.conftest import Gate, decide_now
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.audit import retention
from trustedtruck.audit.actors import Actor
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.credentials import services as credentials
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats.bundle import sign_manifest
from trustedtruck.credentials.keyset import KeySet, VerifyKey, did_web
from trustedtruck.credentials.models import Credential, Hold, Purpose, SigningKey
from trustedtruck.credentials.queries.keys import verify_key
from trustedtruck.credentials.services.holds import place_hold
from trustedtruck.credentials.services.keys import signer_of
from trustedtruck.manifests.models import Certificate, CertificateMessage
from trustedtruck.manifests.samples import sample_certificate
from trustedtruck.manifests.services.arrivals import mark_arrived
from trustedtruck.manifests.services.certificates import receive

__all__ = ["decide_now"]
Decide = Callable[[], int]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast: Cast) -> Gate:
    return Gate(cast.key)


class Edge:
    """A port's own installation as headquarters sees it: a device with the scope `edge:run`."""

    def __init__(self, port: str = PORT) -> None:
        self.device, _gate_key = make_device(port, "edge")
        key = issue_key(scopes=[Scope.EDGE_RUN], by=TESTER, at=timezone.now(), device=self.device)
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, path: str, body: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, raw, content_type="application/json", headers=self.headers)

    def bundle(self, have: dict[str, str] | None = None) -> dict[str, Any]:
        response = self.post("/api/v1/edge/bundle/", {"have": have or {}})
        assert response.status_code == 200, response.content
        found: dict[str, Any] = response.json()
        return found

    def hold(
        self, document: dict[str, Any] | None = None, *, at: datetime | None = None
    ) -> HeldBundle:
        return apply.apply_bundle(
            document=document or self.bundle(),
            port_code=PORT,
            pinned=pinned(),
            at=at or timezone.now(),
        )

    def report(self, entries: list[Any]) -> list[dict[str, Any]]:
        response = self.post("/api/v1/edge/journal/", json.loads(to_json({"entries": entries})))
        assert response.status_code == 200, response.content
        found: list[dict[str, Any]] = response.json()["results"]
        return found


def to_json(value: Any) -> str:
    return json.dumps(value, cls=Encoder)


def pinned() -> KeySet:
    row = SigningKey.objects.get(purpose=Purpose.BUNDLE)
    return KeySet([verify_key(row)])


@pytest.fixture
def edge(cast: Cast) -> Edge:
    return Edge()


def decided(gate: Gate, decide: Decide, body: dict[str, Any]) -> Assignment:
    answer = gate.arrive(body, "respond-async")
    assert answer.status_code == 202, answer.content
    decide()
    return Assignment.objects.get(arrival_id=answer.json()["id"])


# --- The bundle ---------------------------------------------------------------------------------
def test_a_port_decides_from_its_bundle_as_headquarters_would(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    held = edge.hold()
    made = decided(gate, decide_now, cast.arrival())
    assert (made.route, made.reasons) == ("fast", ["trusted"])
    assert made.facts["bundle"] == {"seq": held.seq, "expires_at": held.expires_at.timestamp()}


def test_every_table_comes_through(edge: Edge, cast: Cast) -> None:
    before = {t.name: list(t.rows(PORT).order_by("pk").values(*t.columns)) for t in TABLES}
    edge.hold()
    for table in TABLES:
        assert list(table.rows(PORT).order_by("pk").values(*table.columns)) == before[table.name]
    assert sum(map(bool, before.values())) > 12


def test_only_what_changed_travels(edge: Edge, cast: Cast) -> None:
    held = edge.hold()
    same = edge.bundle(held.parts)
    assert same["parts"] == {}
    assert edge.hold(same).seq == held.seq
    credentials.suspend(
        credential=cast.credentials["truck"], by=TESTER, at=timezone.now(), reason="stolen"
    )
    changed = edge.bundle(held.parts)
    names = {name.split("/")[0] for name in changed["parts"]}
    assert names == {"credentials_credential"}
    assert edge.hold(changed).seq > held.seq


def test_no_paper_and_no_birthday_travels(edge: Edge, cast: Cast) -> None:
    text = json.dumps(edge.bundle())
    row = cast.credentials["truck"]
    assert row.qr not in text
    assert row.vc_jwt not in text
    for driver in Driver.objects.all():
        assert driver.birth_date.isoformat() not in text


CERTIFICATES = tuple(f"manifests_certificate{part}" for part in ("message", "line", "seal", ""))


def test_an_edge_knows_a_certificate_and_who_sent_it(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    """Of an agency it lets the truck through, of the carrier alone it does not."""
    goods = {"hs_code": "08044000", "seals": ("AVO1",), "trip_number": "NRTE20260002"}
    file_trip(cast.norte, cast.truck, cast.rosa, **goods)
    truck = cast.arrival(trip_number="NRTE20260002", seals=["AVO1"])
    at = timezone.now()
    paper = sample_certificate(number="MX-1", seal="AVO1", issued_at=at)
    for sender, route in ((f"carrier:{cast.norte.pk}", "inspection"), ("agency:SENASICA", "fast")):
        receive(body=paper, by=Actor(*sender.split(":")), at=at)
        document = edge.bundle()
        emptied(*CERTIFICATES)
        HeldBundle.objects.all().delete()
        edge.hold(document)
        made = decided(gate, decide_now, truck | {"event_id": sender})
        assert made.route == route, made.reasons
    assert not any(bytes(one.body) for one in CertificateMessage.objects.all())
    # Once its trip is over, the certificate is not in the port's bundle any more.
    mark_arrived(trip_number="NRTE20260002", by=TESTER, at=at)
    emptied("manifests_crewdocument")  # which an edge never has
    edge.hold()
    assert Certificate.objects.exists()


def test_what_headquarters_no_longer_gives_is_no_longer_trusted(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    edge.hold()
    document = edge.bundle()
    credentials.revoke(
        credential=cast.credentials["truck"], by=TESTER, at=timezone.now(), reason="stolen"
    )
    later = edge.bundle()
    # Back to what the edge knew before it heard of that.
    edge_knows = Credential.objects.filter(pk=cast.credentials["truck"].pk)
    edge_knows.update(state="active")
    HeldBundle.objects.update(seq=0)
    edge.hold(document)
    assert decided(gate, decide_now, cast.arrival()).route == "fast"
    edge.hold(later)
    assert edge_knows.get().state == "expired"
    made = decided(gate, decide_now, cast.arrival())
    assert made.route == "inspection"
    assert "truck_credential_invalid" in made.reasons


def test_who_left_long_ago_is_forgotten_at_the_port_too(edge: Edge, cast: Cast) -> None:
    edge.hold()
    credentials.revoke(
        credential=cast.credentials["rosa"], by=TESTER, at=timezone.now(), reason="lost"
    )
    edge.hold()
    driver = cast.credentials["rosa"].driver
    assert driver is not None
    rosa = Driver.objects.filter(pk=driver.pk)
    left = timezone.now() - timedelta(days=settings.RETENTION_DAYS["drivers"] + 1)
    assert rosa.exclude(retired_at=None).update(retired_at=left) == 1
    HeldBundle.objects.update(parts={})  # as if others of her part had changed since
    edge.hold()
    assert rosa.get().retired_at == left
    retention.purge(by=TESTER, at=timezone.now())
    assert rosa.get().family_names == ""


def test_an_edge_purges_and_settles_copied_tags_by_the_clock() -> None:
    script = "from trustedtruck.settings import CELERY_BEAT_SCHEDULE as s; print(*sorted(s))"
    given = os.environ | {"EDGE_HEADQUARTERS": "https://headquarters.example"}
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=given,
        check=True,
        capture_output=True,
        text=True,
    )
    due = told.stdout.split()
    assert {"purge", "clones", "inspections"} <= set(due)
    assert not {"bundle", "vetting", "webhooks"} & set(due)


def test_a_tag_may_move_to_another_truck(edge: Edge, cast: Cast) -> None:
    edge.hold()
    tag, other = cast.truck.tag_epc, cast.credentials["other_truck"].truck
    assert other is not None
    Truck.objects.filter(pk=cast.truck.pk).update(tag_epc=None)
    Truck.objects.filter(pk=other.pk).update(tag_epc=tag)
    document = edge.bundle()
    Truck.objects.filter(pk=other.pk).update(tag_epc=None)
    Truck.objects.filter(pk=cast.truck.pk).update(tag_epc=tag)
    edge.hold(document)
    assert Truck.objects.get(tag_epc=tag).pk == other.pk


def test_a_hold_of_headquarters_holds_at_the_port(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    place_hold(credential=cast.credentials["truck"], note="look", by=TESTER, at=timezone.now())
    document = edge.bundle()
    Hold.objects.all().delete()
    edge.hold(document)
    assert "hold_placed" in decided(gate, decide_now, cast.arrival()).reasons


def test_a_stale_bundle_means_inspection(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    edge.hold()
    HeldBundle.objects.update(
        made_at=timezone.now() - timedelta(minutes=11),
        expires_at=timezone.now() - timedelta(seconds=1),
    )
    kept_ports.forget()
    made = decided(gate, decide_now, cast.arrival())
    assert (made.route, made.reasons) == ("inspection", ["bundle_stale"])
    edge.hold()
    assert decided(gate, decide_now, cast.arrival()).route == "fast"


def test_a_bundle_that_ends_while_a_truck_is_decided_is_noticed(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    """The decision was made from a fresh bundle; the committing statement looks again."""
    edge.hold()
    gate.arrive(cast.arrival(), "respond-async")
    kept_ports.policy_in_force(PORT)  # what is kept says that the bundle is fresh
    HeldBundle.objects.update(
        made_at=timezone.now() - timedelta(minutes=11),
        expires_at=timezone.now() - timedelta(milliseconds=1),
    )
    decide_now()
    assert not Assignment.objects.filter(route="fast").exists()


def test_an_edge_that_was_told_nothing_inspects(
    cast: Cast, gate: Gate, settings: Any, decide_now: Decide
) -> None:
    settings.EDGE_HEADQUARTERS = "https://headquarters.example"
    made = decided(gate, decide_now, cast.arrival())
    assert made.reasons == ["bundle_stale"]


# --- Bundles that are refused -------------------------------------------------------------------
def resigned(edge: Edge, *, signer: Any = None, **changes: Any) -> dict[str, Any]:
    """The port's bundle with another manifest, signed by headquarters' key or by `signer`."""
    document = edge.bundle()
    key = SigningKey.objects.get(purpose=Purpose.BUNDLE)
    manifest = format_.open_manifest(
        document["manifest"], port_code=PORT, keys=pinned(), at=timezone.now()
    )
    values: dict[str, Any] = {
        "port_code": PORT,
        "seq": manifest.seq,
        "at": timezone.now(),
        "issuer": manifest.issuer,
        "kid": key.kid,
        "parts": manifest.parts,
    } | changes
    token = format_.sign(values.pop("parts"), signer=signer or signer_of(key), **values)
    return document | {"manifest": token}


def of_another_key(edge: Edge) -> dict[str, Any]:
    return resigned(edge, signer=STRANGER)


def with_an_altered_part(edge: Edge) -> dict[str, Any]:
    document = edge.bundle()
    name = next(
        n for n, t in document["parts"].items() if "credentials_credential" in n and len(t) > 9
    )
    document["parts"][name] = document["parts"][name].replace('"active"', '"Active"')
    return document


def without_a_part(edge: Edge) -> dict[str, Any]:
    document = edge.bundle()
    document["parts"].pop("carriers_carrier/0")
    return document


def lane_bundle() -> str:
    key = SigningKey.objects.get(purpose=Purpose.BUNDLE)
    return sign_manifest(
        {},
        seq=10**9,
        at=timezone.now(),
        issuer=did_web(key.base_url),
        kid=key.kid,
        signer=signer_of(key),
    )


FORGED: dict[str, tuple[str, Callable[[Edge], Any]]] = {
    "no manifest": ("bundle_malformed", lambda e: {"parts": {}}),
    "parts that are none": ("bundle_malformed", lambda e: e.bundle() | {"parts": []}),
    "another key": ("signature_invalid", of_another_key),
    "a key of nobody": ("kid_unknown", lambda e: resigned(e, kid="AAAAAAAAAAA")),
    "another issuer": ("issuer_mismatch", lambda e: resigned(e, issuer="did:web:evil.example")),
    "another port": ("bundle_port", lambda e: resigned(e, port_code="2506")),
    "an old one": (
        "bundle_stale",
        lambda e: resigned(e, at=timezone.now() - timedelta(minutes=11)),
    ),
    "one from the future": (
        "bundle_from_future",
        lambda e: resigned(e, at=timezone.now() + timedelta(minutes=5)),
    ),
    "an altered part": ("bundle_digest", with_an_altered_part),
    "a part that is missing": ("bundle_gap", without_a_part),
    "a table that is no port's": (
        "bundle_malformed",
        lambda e: (
            e.bundle()
            | resigned(e, parts={"accounts_user/0": digest("[]")})
            | {"parts": {"accounts_user/0": "[]"}}
        ),
    ),
    "a lane bundle for a manifest": (
        "bundle_typ",
        lambda e: {"manifest": lane_bundle(), "parts": {}},
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_bundles_are_refused_and_change_nothing(name: str, edge: Edge) -> None:
    code, make = FORGED[name]
    held = edge.hold()
    HeldBundle.objects.update(parts={})  # as if all of it were new
    with pytest.raises(Refusal) as refused:
        edge.hold(make(edge))
    assert refused.value.failure.code == code
    assert HeldBundle.objects.get().seq == held.seq


def test_there_is_no_way_back(edge: Edge, cast: Cast) -> None:
    old = edge.bundle()
    credentials.revoke(
        credential=cast.credentials["truck"], by=TESTER, at=timezone.now(), reason="stolen"
    )
    held = edge.hold()
    with pytest.raises(Refusal) as refused:
        edge.hold(old)
    assert refused.value.failure.code == "bundle_rolled_back"
    assert HeldBundle.objects.get().seq == held.seq
    assert Credential.objects.get(pk=cast.credentials["truck"].pk).state != "active"


def test_a_distrusted_key_makes_no_bundle(edge: Edge) -> None:
    document = edge.bundle()
    row = SigningKey.objects.get(purpose=Purpose.BUNDLE)
    row.distrusted_at = timezone.now() - timedelta(seconds=1)
    keys = KeySet([verify_key(row)])
    with pytest.raises(Refusal) as refused:
        format_.open_manifest(document["manifest"], port_code=PORT, keys=keys, at=timezone.now())
    assert refused.value.failure.code == "key_distrusted"


def test_a_credential_key_signs_no_bundle(edge: Edge) -> None:
    key = SigningKey.objects.get(purpose=Purpose.CREDENTIAL)
    forged = resigned(edge, signer=signer_of(key), kid=key.kid)
    keys = KeySet([verify_key(key)])
    assert isinstance(keys[key.kid], VerifyKey)
    with pytest.raises(Refusal) as refused:
        format_.open_manifest(forged["manifest"], port_code=PORT, keys=keys, at=timezone.now())
    assert refused.value.failure.code == "key_purpose"


@pytest.mark.parametrize("path", ["/api/v1/edge/bundle/", "/api/v1/edge/journal/"])
def test_the_doors_are_for_edges(path: str, cast: Cast, gate: Gate) -> None:
    assert gate.post(path, {"have": {}}).json()["code"] == "scope_missing"
    assert Client().post(path, b"{}", content_type="application/json").status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/edge/bundle/", "/api/v1/edge/journal/"])
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"have": 1}', b'{"entries": [1]}', b'{"have": {}, "x": 1}', b"\xff"],
)
def test_broken_questions_get_a_clear_answer(path: str, body: bytes, edge: Edge) -> None:
    response = edge.post(path, body)
    assert response.status_code == 400, response.content
    assert response.json()["code"] in {"invalid", "malformed_json"}


# --- The journal --------------------------------------------------------------------------------
def emptied(*tables: str) -> None:
    """As headquarters is, which has not heard of any of it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET session_replication_role = origin")


EVERYTHING = ("lanes_passage", "lanes_assignment", "lanes_arrival")


def a_day_at_the_edge(cast: Cast, gate: Gate, edge: Edge, decide: Decide) -> list[Any]:
    """Three trucks with a passage each; their entries as an edge sends them."""
    edge.hold()
    for n in range(3):
        made = decided(gate, decide, cast.arrival(gross_weight_kg=None if n else 17_000))
        lane = made.lane
        assert lane is not None
        gate.post(
            f"/api/v1/arrivals/{made.arrival_id}/passages/",
            {
                "event_id": f"p-{n}",
                "point": "lane",
                "lane": lane.code,
                "at": timezone.now().isoformat(),
            },
        )
    entries = json.loads(to_json(journal.pending()))
    assert len(entries) == 3
    return list(entries)


def test_nothing_is_journalled_where_there_is_no_edge(
    cast: Cast, gate: Gate, decide_now: Decide
) -> None:
    decided(gate, decide_now, cast.arrival())
    assert not JournalEntry.objects.exists()


def test_the_journal_arrives_once_however_often_it_is_sent(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    entries = a_day_at_the_edge(cast, gate, edge, decide_now)
    before = list(Assignment.objects.order_by("pk").values())
    passages = list(Passage.objects.order_by("event_id").values("arrival_id", "event_id", "lane"))
    HeldBundle.objects.all().delete()
    emptied(*EVERYTHING)
    for _time in range(3):
        assert not any(result.get("code") for result in edge.report(entries))
    assert list(Assignment.objects.order_by("pk").values()) == before
    assert (
        list(Passage.objects.order_by("event_id").values("arrival_id", "event_id", "lane"))
        == passages
    )
    assert Event.objects.filter(action="arrival.journalled").count() == 3


def test_what_headquarters_has_taken_is_struck_out(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    entries = a_day_at_the_edge(cast, gate, edge, decide_now)
    results = edge.report(entries)
    # One more passage came while the journal was under way: that entry stays.
    arrival = entries[0]["arrival"]["id"]
    gate.post(
        f"/api/v1/arrivals/{arrival}/passages/",
        {"event_id": "p-exit", "point": "exit", "at": timezone.now().isoformat()},
    )
    assert journal.settle(results=results) == 2
    assert [entry["arrival"]["id"] for entry in journal.pending()] == [uuid.UUID(arrival)]


def test_of_a_tag_at_two_gates_headquarters_hears_however_late(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    edge.hold()
    first = decided(gate, decide_now, cast.arrival())
    _device, key = make_device(PORT, "gate-2")
    second = decided(Gate(key), decide_now, cast.arrival())
    assert (first.route, second.reasons[0]) == ("fast", "tag_at_two_gates")
    entries = json.loads(to_json(journal.pending()))
    HeldBundle.objects.all().delete()
    emptied(*EVERYTHING, "lanes_alarm", "lanes_override")
    for _time in range(2):
        assert not any(result.get("code") for result in edge.report(entries))
        clones = Alarm.objects.filter(kind="clone").values_list("arrival", flat=True)
        assert set(clones) == {first.pk, second.pk}
        assert Override.objects.get().arrival_id == first.pk


def test_a_truck_that_its_gate_reported_to_both_is_one_truck(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    entries = a_day_at_the_edge(cast, gate, edge, decide_now)
    other = [
        {**entry, "arrival": {**entry["arrival"], "id": str(uuid.uuid4())}} for entry in entries
    ]
    assert not any(result.get("code") for result in edge.report(other))
    assert Arrival.objects.count() == Assignment.objects.count() == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: e.pop("assignment"),
        lambda e: e["arrival"].update(id="x"),
        lambda e: e["arrival"].update(port_id="2506"),
        lambda e: e["arrival"].update(received_at="yesterday"),
        lambda e: e["assignment"].update(route="sideways"),
        lambda e: e["assignment"].update(lane_id=10**9),
        lambda e: e["assignment"].update(reasons=[]),
        lambda e: e["passages"].append({"point": "moon"}),
        lambda e: e.update(arrival=[]),
    ],
)
def test_an_entry_that_is_broken_is_kept_and_stops_no_other(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide, spoil: Callable[[Any], Any]
) -> None:
    entries = a_day_at_the_edge(cast, gate, edge, decide_now)
    HeldBundle.objects.all().delete()
    emptied(*EVERYTHING)
    spoil(entries[1])
    results = edge.report(entries)
    assert [result.get("code") for result in results] == [None, "journal_entry_malformed", None]
    assert Assignment.objects.count() == Arrival.objects.count() == 2
    assert KeptRefusal.objects.get().code == "journal_entry_malformed"


def test_a_journal_is_bounded(edge: Edge) -> None:
    assert edge.post("/api/v1/edge/journal/", {"entries": [{}] * 51}).status_code == 400


def test_a_trip_that_has_served_at_the_port_is_not_opened_again(
    cast: Cast, gate: Gate, edge: Edge, decide_now: Decide
) -> None:
    edge.hold()
    before = edge.bundle()  # headquarters has not heard of the exit
    made = decided(gate, decide_now, cast.arrival())
    gate.post(
        f"/api/v1/arrivals/{made.arrival_id}/passages/",
        {"event_id": "out", "point": "exit", "at": timezone.now().isoformat()},
    )
    HeldBundle.objects.update(parts={}, made_at=datetime(2020, 1, 1, tzinfo=UTC))
    edge.hold(before)
    again = decided(gate, decide_now, cast.arrival())
    assert "manifest_missing" in again.reasons
