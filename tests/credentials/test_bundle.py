"""The lane bundle: built from changes, verified and applied off line, refused when it is wrong."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests.cast import TESTER, Cast, make_cast, make_device
from tests.credentials import forge
from tests.credentials.forge import truck
from tests.lanes.conftest import worker
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.credentials import services, tasks
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import bundle as format_
from trustedtruck.credentials.formats import jws, strict_json
from trustedtruck.credentials.formats.bundle import LaneBundle, open_document
from trustedtruck.credentials.models import Bundle, BundleShard, Credential, Purpose, SigningKey
from trustedtruck.credentials.queries import bundle as queries
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services.bundle import build_bundle
from trustedtruck.credentials.services.holds import lift_hold, place_hold
from trustedtruck.credentials.services.keys import distrust, signer_of
from trustedtruck.credentials.states import Reason

__all__ = ["worker"]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def pull(since: int | None = None) -> bytes:
    found = queries.document(since)
    assert found is not None
    return found[1]


def build(at: datetime | None = None) -> LaneBundle:
    at = at or timezone.now()
    build_bundle(at=at)
    return open_document(pull(), keys=all_keys(), at=at)


def codes(held: LaneBundle, row: Credential, tag: str | None = None) -> tuple[str, ...]:
    return held.judge(tag or row.tag_epc, row.qr, at=timezone.now()).codes


def test_a_good_truck_passes_and_nobody_else(cast: Cast) -> None:
    held, row, other = build(), truck(cast), cast.credentials["other_truck"]
    assert held.judge(row.tag_epc, row.qr, at=timezone.now()).ok
    assert codes(held, row, other.tag_epc) == ("tag_mismatch", "superseded")
    assert codes(held, row, "0" * 24) == ("tag_mismatch", "tag_unknown")
    assert codes(held, cast.credentials["rosa"], row.tag_epc) == ("tag_mismatch", "superseded")
    assert held.judge(row.tag_epc, None, at=timezone.now()).codes == ("not_text",)


def test_changes_arrive_as_a_small_delta(cast: Cast) -> None:
    at = timezone.now()
    held, row, other = build(at), truck(cast), cast.credentials["other_truck"]
    assert build_bundle(at=at) is None
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    services.revoke(credential=other, by=TESTER, at=at, reason=Reason.FRAUD)
    build_bundle(at=at)
    delta = pull(since=held.seq)
    assert len(json.loads(delta)["shards"]) == 1
    newer = open_document(delta, keys=all_keys(), at=at, held=held)
    assert codes(newer, row) == ("suspended",)
    assert codes(newer, other) == ("revoked", "tag_unknown")
    services.reinstate(credential=row, by=TESTER, at=at)
    build_bundle(at=at)
    newest = open_document(pull(since=newer.seq), keys=all_keys(), at=at, held=newer)
    assert codes(newest, row) == ()


def test_a_successor_and_a_sanction_are_seen(cast: Cast) -> None:
    at, old = timezone.now(), truck(cast)
    new = services.reissue(credential=old, by=TESTER, at=at, reason=Reason.LOST)
    held = build(at)
    assert codes(held, new) == ()
    assert codes(held, old) == ("revoked",)
    services.sanction_carrier(carrier=cast.norte, by=TESTER, at=at, reason=Reason.FRAUD)
    assert codes(build(at), new) == ("suspended",)


def test_a_hold_is_seen_until_it_is_lifted(cast: Cast) -> None:
    at, row = timezone.now(), truck(cast)
    hold = place_hold(credential=row, note="ask the driver", by=TESTER, at=at)
    assert codes(build(at), row) == ("held",)
    lift_hold(hold=hold, by=TESTER, at=at)
    assert codes(build(at), row) == ()


def test_a_hold_outlives_the_credential_that_it_was_placed_on(cast: Cast) -> None:
    """A lane that is cut off is shown the successor, and knows no other."""
    at, row = timezone.now(), truck(cast)
    hold = place_hold(credential=row, note="ask the driver", by=TESTER, at=at)
    new = services.reissue(credential=row, by=TESTER, at=at, reason=Reason.LOST)
    assert codes(build(at), new) == ("held",)
    assert codes(build(at), cast.credentials["other_truck"]) == ()
    services.revoke(credential=new, by=TESTER, at=at, reason=Reason.ISSUED_IN_ERROR)
    (third,) = services.issue_credentials([cast.truck], by=TESTER, at=at)
    assert codes(build(at), third) == ("held",)
    lift_hold(hold=hold, by=TESTER, at=at)
    assert codes(build(at), third) == ()


def test_a_hold_on_what_was_replaced_meanwhile_holds_the_successor(cast: Cast) -> None:
    """The officer's page still shows the credential that the truck crossed with."""
    at, row = timezone.now(), truck(cast)
    new = services.reissue(credential=row, by=TESTER, at=at, reason=Reason.LOST)
    place_hold(credential=row, note="ask the driver", by=TESTER, at=at)
    assert codes(build(at), new) == ("held",)


def test_a_hold_is_lifted_once(cast: Cast) -> None:
    at = timezone.now()
    hold = place_hold(credential=truck(cast), note="ask the driver", by=TESTER, at=at)
    for later in (at, at + timedelta(hours=1)):
        assert lift_hold(hold=hold, by=TESTER, at=later).lifted_at == at


def test_a_change_in_an_open_transaction_is_not_missed(cast: Cast) -> None:
    """A revocation that begins before a build and commits after it comes with the next."""
    at, row = timezone.now(), truck(cast)
    begun, built = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                services.revoke(credential=row, by=TESTER, at=at, reason=Reason.FRAUD)
                begun.set()
                built.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    begun.wait(10)
    assert codes(build(at), row) == ()
    built.set()
    thread.join()
    assert "revoked" in codes(build(at), row)


def test_an_unchanged_bundle_is_signed_anew_before_it_goes_stale(cast: Cast) -> None:
    at = timezone.now()
    first = build(at)
    again = build_bundle(at=at + timedelta(seconds=61))
    assert again is not None
    assert again.seq > first.seq
    assert Bundle.objects.count() == 2


def test_a_loaded_dump_is_noticed(cast: Cast) -> None:
    at, row = timezone.now(), truck(cast)
    build(at)
    Bundle.objects.update(watermark=1 << 60)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE credentials_credential SET changed_xid = %s", [1 << 60])
        cursor.execute("SET session_replication_role = origin")
    services.revoke(credential=row, by=TESTER, at=at, reason=Reason.FRAUD)
    assert "revoked" in codes(build(at), row)
    services.revoke(
        credential=cast.credentials["other_truck"], by=TESTER, at=at, reason=Reason.FRAUD
    )
    assert codes(build(at), cast.credentials["other_truck"]) == ("revoked", "tag_unknown")


@pytest.mark.usefixtures("worker")
def test_a_worker_builds_it_every_other_second(cast: Cast) -> None:
    """Which leaves three of the five seconds; how long it takes is measured, not tested."""
    every: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE["bundle"]
    assert every["task"] == tasks.build.name
    assert every["schedule"] <= 2
    started = time.monotonic()
    tasks.build.delay()
    while queries.newest_seq() is None:
        assert time.monotonic() - started < 60
        time.sleep(0.05)


def test_stale_means_no(cast: Cast) -> None:
    held, row = build(), truck(cast)
    late = held.expires_at + timedelta(seconds=1)
    assert held.judge(row.tag_epc, row.qr, at=late).codes == ("bundle_stale",)
    early = held.made_at - timedelta(minutes=5)
    assert held.judge(row.tag_epc, row.qr, at=early).codes == ("bundle_from_future",)


def test_a_distrusted_key_verifies_nothing(cast: Cast) -> None:
    at, row = timezone.now(), truck(cast)
    distrust(kid=row.kid, after=at, by=TESTER, at=at)
    assert codes(build(at), row) == ("key_distrusted",)
    new = services.reissue(credential=row, by=TESTER, at=at, reason=Reason.KEY_COMPROMISED)
    assert new.kid != row.kid
    assert codes(build(at), new) == ()


def refusal(data: bytes, held: LaneBundle | None = None, at: datetime | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        open_document(data, keys=all_keys(), at=at or timezone.now(), held=held)
    return caught.value.failure.code


def edited(
    change: Callable[[dict[str, Any]], Any], *, typ: str = format_.TYP, kid: str = ""
) -> bytes:
    """The newest bundle with an edit, properly signed."""
    value = json.loads(pull())
    payload = json.loads(jws.unb64url(value["manifest"].split(".")[1]))
    change(payload)
    key = SigningKey.objects.get(purpose=Purpose.BUNDLE)
    head = jws.header(typ=typ, kid=kid or key.kid)
    value["manifest"] = jws.sign(head, strict_json.dumps(payload), signer_of(key))
    return json.dumps(value).encode()


def test_wrong_bundles_are_refused(cast: Cast) -> None:
    build()
    at = timezone.now()
    past = int((at - timedelta(hours=1)).timestamp())
    value = json.loads(pull())
    number = next(n for n, body in value["shards"].items() if body != format_.EMPTY)

    def with_shards(shards: Any) -> bytes:
        return json.dumps({**value, "shards": shards}).encode()

    assert refusal(b"{") == "bundle_malformed"
    assert refusal(b'{"manifest":1,"shards":{}}') == "bundle_malformed"
    assert refusal(edited(lambda v: None, typ="vc+jwt")) == "bundle_typ"
    assert refusal(edited(lambda v: None, kid="AAAAAAAAAAA")) == "kid_unknown"
    assert refusal(edited(lambda v: None, kid=truck(cast).kid)) == "key_purpose"
    assert refusal(edited(lambda v: v.update(iss="did:web:evil"))) == "bundle_issuer"
    assert refusal(edited(lambda v: v.update(exp=past))) == "bundle_stale"
    assert refusal(edited(lambda v: v.update(iat=v["exp"]))) == "bundle_from_future"
    assert refusal(edited(lambda v: v.update(shards=[]))) == "bundle_malformed"
    assert refusal(edited(lambda v: v.update(seq="7"))) == "bundle_malformed"
    assert refusal(edited(lambda v: v.pop("holds"))) == "bundle_malformed"
    assert refusal(edited(lambda v: v["status"].update({"0": ["x", "y"]}))) == (
        "status_list_encoding"
    )
    assert refusal(with_shards({**value["shards"], number: "{}"})) == "bundle_digest"
    assert refusal(with_shards({})) == "bundle_malformed"
    assert refusal(json.dumps({**value, "shards": {}, "since": 1}).encode()) == "bundle_gap"
    broken = json.loads(pull())
    broken["manifest"] = broken["manifest"][:-8] + "AAAAAAA" + broken["manifest"][-1]
    assert refusal(json.dumps(broken).encode()) == "signature_invalid"


def test_no_way_back(cast: Cast) -> None:
    at = timezone.now()
    build(at)
    old = pull()
    services.revoke(credential=truck(cast), by=TESTER, at=at, reason=Reason.FRAUD)
    newer = build(at)
    assert refusal(old, held=newer) == "bundle_rolled_back"


def test_an_index_outside_of_its_list_is_refused(cast: Cast) -> None:
    held, row = build(), truck(cast)
    status: dict[str, dict[str, Any]] = {
        "status_list": {"idx": 131_072, "uri": f"{all_keys()[row.kid].base_url}/status/tokens/0"}
    }
    forged = forge.qr(row, claims=lambda v: v.update({65535: status}))
    assert held.judge(row.tag_epc, forged, at=timezone.now()).codes == (
        "status_index_out_of_range",
    )
    status["status_list"]["uri"] = status["status_list"]["uri"][:-1] + "7"
    forged = forge.qr(row, claims=lambda v: v.update({65535: status}))
    assert "status_list_unknown" in held.judge(row.tag_epc, forged, at=timezone.now()).codes


def test_ports_pull_with_an_etag(cast: Cast) -> None:
    device, wrong = make_device(code="gate-9")
    key = issue_key(scopes=[Scope.CREDENTIALS_READ], by=TESTER, at=timezone.now(), device=device)
    client, headers = Client(), {"Authorization": f"Bearer {key}"}
    path = "/api/v1/lane-bundle/"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {wrong}"}).status_code == 403
    early = client.get(path, headers=headers)
    assert (early.status_code, early.json()["code"]) == (503, "bundle_not_built")
    held = build()
    first = client.get(path, headers=headers)
    assert first["ETag"] == f'"{held.seq}"'
    assert open_document(first.content, keys=all_keys(), at=timezone.now()).seq == held.seq
    same = client.get(path, headers={**headers, "If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    services.revoke(credential=truck(cast), by=TESTER, at=timezone.now(), reason=Reason.FRAUD)
    build()
    delta = client.get(
        f"{path}?since={held.seq}", headers={**headers, "If-None-Match": first["ETag"]}
    )
    assert delta.json()["since"] == held.seq
    assert client.get(f"{path}?since=x", headers=headers).json()["code"] == "invalid"


def test_a_revocation_in_a_large_fleet_rewrites_one_shard(cast: Cast) -> None:
    """How long it takes with 131,072 trucks says `manage.py bench credentials`."""
    row = truck(cast)
    with connection.cursor() as cursor:
        cursor.execute(_FLEET_TRUCKS, {"carrier": cast.norte.pk, "fleet": FLEET})
        cursor.execute(_FLEET_CREDENTIALS, {"model": row.pk})
    at = timezone.now()
    build_bundle(at=at, complete=True)
    held = open_document(pull(), keys=all_keys(), at=at)
    assert sum(len(shard) for shard in held.shards.values()) >= FLEET
    services.revoke(credential=row, by=TESTER, at=at, reason=Reason.FRAUD)
    made = build_bundle(at=at)
    assert made is not None
    assert BundleShard.objects.filter(seq=made.seq).count() == 1
    newer = open_document(pull(since=held.seq), keys=all_keys(), at=at, held=held)
    assert "revoked" in codes(newer, row)


FLEET = 16_384
_FLEET_TRUCKS = """
INSERT INTO carriers_truck (public_id, number, plate_number, plate_jurisdiction, created_at, vin,
                            tag_epc, carrier_id)
SELECT gen_random_uuid(), 'B' || n, 'B' || n, 'TX', now(), '1FUJ' || lpad(n::text, 13, '0'),
       'F0' || lpad(n::text, 22, '0'), %(carrier)s
FROM generate_series(1, %(fleet)s) n
"""
_FLEET_CREDENTIALS = """
INSERT INTO credentials_statuslist (number, size, shuffle_key) VALUES (99, 131072, '\\x00');
INSERT INTO credentials_credential (public_id, kind, carrier_id, truck_id, state, reason, issued_at,
    changed_at, valid_from, valid_until, tag_epc, plate_number, plate_jurisdiction, kid,
    status_list_id, status_index, qr, vc_jwt)
SELECT gen_random_uuid(), 'truck', t.carrier_id, t.id, 'active', 'first_issue', now(), now(), now(),
       now() + interval '1 year', t.tag_epc, t.plate_number, 'TX', m.kid, 99,
       row_number() OVER () - 1, 'x', 'x'
FROM carriers_truck t, credentials_credential m
WHERE m.id = %(model)s AND t.tag_epc LIKE 'F0%%'
"""


def test_a_carriers_key_does_not_fetch_what_names_the_others(cast: Cast) -> None:
    build()
    key = issue_key(
        scopes=[Scope.CREDENTIALS_READ], by=TESTER, at=timezone.now(), carrier_id=cast.norte.pk
    )
    answer = Client().get("/api/v1/lane-bundle/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403
    card = f"/api/v1/credentials/{truck(cast).public_id}/qr.png"
    assert Client().get(card, headers={"Authorization": f"Bearer {key}"}).status_code == 200
