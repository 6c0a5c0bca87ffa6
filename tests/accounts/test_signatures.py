"""Signed requests (RFC 9421) through the gate's door, and everything that is refused of them."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from tests.cast import PORT, TESTER, Cast, make_cast, make_device
from trustedtruck.accounts import services, signatures
from trustedtruck.accounts.models import Device, MachineKey, UsedNonce
from trustedtruck.accounts.roles import Scope
from trustedtruck.audit.models import Event
from trustedtruck.core.errors import Invalid
from trustedtruck.core.ids import uuid7

ARRIVALS = "/api/v1/arrivals/"
HOST = "gate.trusted.example"
SCOPES = [Scope.ARRIVALS_WRITE, Scope.LANES_READ]
COVERED = ("@method", "@authority", "@path", "content-digest")


class SigningDevice:
    """A gate computer that signs by hand, from the text of RFC 9421 and no library of ours."""

    def __init__(self, device: Device, **options: Any) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.key = services.register_public_key(
            device=device,
            public_key=self.private.public_key().public_bytes_raw().hex(),
            scopes=SCOPES,
            by=TESTER,
            at=timezone.now(),
            **options,
        )
        self.client = Client(raise_request_exception=False)

    def headers(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        covered: tuple[str, ...] = COVERED,
        host: str = HOST,
        created: int | None = None,
        nonce: str | None = None,
        more: str = ';tag="trustedtruck"',
    ) -> dict[str, str]:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        path, _mark, query = path.partition("?")
        values = {
            "@method": method,
            "@authority": host,
            "@path": path,
            "@query": f"?{query}",
            "content-digest": f"sha-256=:{digest}:",
        }
        names = [name for name in covered if body or name != "content-digest"]
        components = " ".join(f'"{name}"' for name in names)
        nonce = nonce or uuid7().hex
        created = int(time.time()) if created is None else created
        params = f'({components});created={created};keyid="{self.key.prefix}";nonce="{nonce}"{more}'
        lines = [f'"{name}": {values[name]}' for name in names]
        base = "\n".join([*lines, f'"@signature-params": {params}'])
        signature = base64.b64encode(self.private.sign(base.encode())).decode()
        found = {
            "Host": HOST,
            "Signature-Input": f"gate={params}",
            "Signature": f"gate=:{signature}:",
        }
        return found | ({"Content-Digest": values["content-digest"]} if body else {})

    def post(self, body: bytes, headers: dict[str, str], path: str = ARRIVALS) -> Any:
        sent = {**headers, "Prefer": "respond-async"}
        return self.client.post(path, body, content_type="application/json", headers=sent)

    def arrive(self, body: Any, **options: Any) -> Any:
        raw = json.dumps(body).encode()
        return self.post(raw, self.headers("POST", ARRIVALS, raw, **options))


@pytest.fixture(autouse=True)
def _our_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [HOST, "elsewhere.example"]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def gate(cast: Cast) -> SigningDevice:
    return SigningDevice(cast.device)


def code(response: Any) -> str:
    assert response.status_code == 401, response.content
    return str(response.json()["code"])


def test_a_signed_arrival_is_taken(gate: SigningDevice, cast: Cast) -> None:
    answer = gate.arrive(cast.arrival())
    assert answer.status_code == 202, answer.content
    assert UsedNonce.objects.filter(key=gate.key).count() == 1


def test_a_signed_question_needs_no_digest(gate: SigningDevice) -> None:
    path = f"/api/v1/ports/{PORT}/lanes/"
    assert gate.client.get(path, headers=gate.headers("GET", path)).status_code == 200


def test_a_query_must_be_signed_too(gate: SigningDevice) -> None:
    path = f"/api/v1/ports/{PORT}/lanes/?a=b%20c"
    unsigned = gate.client.get(path, headers=gate.headers("GET", path))
    assert code(unsigned) == "signature_covers_too_little"
    headers = gate.headers("GET", path, covered=("@method", "@authority", "@path", "@query"))
    assert gate.client.get(path, headers=headers).status_code == 200


def test_a_replay_is_refused(gate: SigningDevice, cast: Cast) -> None:
    raw = json.dumps(cast.arrival()).encode()
    headers = gate.headers("POST", ARRIVALS, raw)
    assert gate.post(raw, headers).status_code == 202
    assert code(gate.post(raw, headers)) == "signature_replayed"


def test_of_eight_copies_at_once_one_counts(gate: SigningDevice, cast: Cast) -> None:
    raw = json.dumps(cast.arrival()).encode()
    headers = gate.headers("POST", ARRIVALS, raw)
    start, found = threading.Barrier(8), []

    def send() -> None:
        start.wait()
        try:
            client = Client(raise_request_exception=False)
            sent = {**headers, "Prefer": "respond-async"}
            answer = client.post(ARRIVALS, raw, content_type="application/json", headers=sent)
            found.append(answer.status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [202] + [401] * 7


def test_a_body_put_in_place_of_the_signed_one_is_refused(gate: SigningDevice, cast: Cast) -> None:
    raw = json.dumps(cast.arrival()).encode()
    headers = gate.headers("POST", ARRIVALS, raw)
    other = json.dumps(cast.arrival(gross_weight_kg=1)).encode()
    assert code(gate.post(other, headers)) == "content_digest_mismatch"
    swapped = headers | {"Content-Digest": gate.headers("POST", ARRIVALS, other)["Content-Digest"]}
    assert code(gate.post(other, swapped)) == "signature_invalid"
    # What was refused has used nothing up.
    assert gate.post(raw, headers).status_code == 202


def test_a_request_held_back_and_sent_later_is_refused(gate: SigningDevice, cast: Cast) -> None:
    now = int(time.time())
    raw = json.dumps(cast.arrival()).encode()
    held_back = gate.headers("POST", ARRIVALS, raw, created=now - 20)
    assert gate.arrive(cast.arrival(), created=now).status_code == 202
    assert code(gate.post(raw, held_back)) == "signature_out_of_order"


def test_requests_under_way_together_may_overtake_each_other(
    gate: SigningDevice, cast: Cast
) -> None:
    now = int(time.time())
    for created in (now, now - 2, now - 1):
        assert gate.arrive(cast.arrival(), created=created).status_code == 202


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-90, "signature_old"), (60, "signature_from_future")]
)
def test_the_databases_clock_judges_the_time(
    gate: SigningDevice, cast: Cast, seconds: int, expected: str
) -> None:
    created = int(time.time()) + seconds
    assert code(gate.arrive(cast.arrival(), created=created)) == expected


def test_the_signature_of_another_gate_is_refused(gate: SigningDevice, cast: Cast) -> None:
    device, _bearer = make_device(code="gate-7")
    other = SigningDevice(device)
    raw = json.dumps(cast.arrival()).encode()
    headers = other.headers("POST", ARRIVALS, raw)
    mine = headers["Signature-Input"].replace(other.key.prefix, gate.key.prefix)
    assert code(gate.post(raw, headers | {"Signature-Input": mine})) == "signature_invalid"


def test_a_gate_of_another_port_reports_nothing_here(cast: Cast) -> None:
    device, _bearer = make_device("2506", "far")
    refused = SigningDevice(device).arrive(cast.arrival())
    assert (refused.status_code, refused.json()["code"]) == (403, "key_of_another_port")


@pytest.mark.parametrize(
    "edit",
    [
        lambda gate, raw: gate.headers("POST", "/api/v1/manifests/", raw),
        lambda gate, raw: gate.headers("PUT", ARRIVALS, raw),
        lambda gate, raw: gate.headers("POST", ARRIVALS, raw, host="elsewhere.example"),
        lambda gate, raw: gate.headers("POST", ARRIVALS, raw) | {"Host": "elsewhere.example"},
    ],
    ids=["another address", "another method", "another host signed", "sent to another host"],
)
def test_a_signature_is_good_for_its_own_request_only(
    gate: SigningDevice, cast: Cast, edit: Callable[[SigningDevice, bytes], dict[str, str]]
) -> None:
    raw = json.dumps(cast.arrival()).encode()
    assert code(gate.post(raw, edit(gate, raw))) == "signature_invalid"


@pytest.mark.parametrize("lacking", COVERED)
def test_what_a_signature_must_cover(gate: SigningDevice, cast: Cast, lacking: str) -> None:
    covered = tuple(name for name in COVERED if name != lacking)
    refused = gate.arrive(cast.arrival(), covered=covered)
    assert code(refused) == "signature_covers_too_little"
    assert lacking in refused.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Signature-Input": ""},
        {"Signature-Input": "gate=("},
        {"Signature-Input": "gate=1"},
        {"Signature-Input": 'gate=("@method");created=1;keyid="x"'},
        {"Signature-Input": 'gate=();created="1";keyid="x";nonce="0123456789abcdef"'},
        {"Signature-Input": "g" * 10_000},
        {"Signature": ""},
        {"Signature": "gate=:AAAA:"},
        {"Signature": "other=:AAAA:"},
        {"Signature": "\u00ff"},
        {"Content-Digest": "sha-256=:AAAA:"},
        {"Content-Digest": ""},
    ],
)
def test_broken_signatures_are_refused(
    gate: SigningDevice, cast: Cast, headers: dict[str, str]
) -> None:
    raw = json.dumps(cast.arrival()).encode()
    refused = gate.post(raw, gate.headers("POST", ARRIVALS, raw) | headers)
    assert code(refused) in {"signature_malformed", "signature_invalid", "content_digest_mismatch"}


@pytest.mark.parametrize(
    "more",
    ["", ';tag="other"', ';tag="trustedtruck";alg="hmac-sha256"', ';tag="trustedtruck";evil=1'],
)
def test_a_signature_for_something_else_is_refused(
    gate: SigningDevice, cast: Cast, more: str
) -> None:
    refused = gate.arrive(cast.arrival(), more=more)
    assert code(refused) in {"signature_malformed", "signature_invalid"}


def test_a_short_nonce_is_refused(gate: SigningDevice, cast: Cast) -> None:
    assert code(gate.arrive(cast.arrival(), nonce="7")) == "signature_malformed"


def test_forwarding_headers_change_nothing(gate: SigningDevice, cast: Cast) -> None:
    raw = json.dumps(cast.arrival()).encode()
    spoofed = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=10.0.0.1;host=elsewhere.example",
    }
    elsewhere = gate.headers("POST", ARRIVALS, raw, host="elsewhere.example")
    assert code(gate.post(raw, elsewhere | spoofed)) == "signature_invalid"
    assert gate.post(raw, gate.headers("POST", ARRIVALS, raw) | spoofed).status_code == 202
    received = Event.objects.filter(action="arrival.received").latest("pk")
    assert "10.0.0.1" not in str(received.__dict__)


def test_a_revoked_key_is_refused_at_once(gate: SigningDevice, cast: Cast) -> None:
    assert gate.arrive(cast.arrival()).status_code == 202
    services.revoke_key(key=gate.key, by=TESTER, at=timezone.now())
    assert code(gate.arrive(cast.arrival())) == "key_refused"


def test_a_revoked_device_is_refused_at_once(gate: SigningDevice, cast: Cast) -> None:
    services.revoke_device(device=cast.device, by=TESTER, at=timezone.now())
    assert code(gate.arrive(cast.arrival())) == "key_refused"


def test_an_unknown_key_is_told_nothing(gate: SigningDevice, cast: Cast) -> None:
    gate.key.prefix = "0123456789ab"
    assert code(gate.arrive(cast.arrival())) == "key_refused"


def test_a_bearer_key_signs_nothing_and_a_signing_key_is_no_bearer(
    gate: SigningDevice, cast: Cast
) -> None:
    prefix = gate.key.prefix
    gate.key.prefix = cast.key.split("_")[1]
    assert code(gate.arrive(cast.arrival())) == "key_refused"
    bearer = {"Host": HOST, "Authorization": f"Bearer tt_{prefix}_{'A' * 43}"}
    assert code(gate.client.get(f"/api/v1/ports/{PORT}/lanes/", headers=bearer)) == "key_refused"


def test_a_key_changes_over_with_an_overlap(gate: SigningDevice, cast: Cast) -> None:
    new = SigningDevice(cast.device, overlap=timedelta(hours=1))
    for device in (gate, new):
        assert device.arrive(cast.arrival()).status_code == 202
    MachineKey.objects.filter(pk=gate.key.pk).update(
        created_at=timezone.now() - timedelta(hours=2),
        expires_at=timezone.now() - timedelta(seconds=1),
    )
    assert code(gate.arrive(cast.arrival())) == "key_refused"
    assert new.arrive(cast.arrival()).status_code == 202


def test_a_key_that_another_one_follows_is_on_record(gate: SigningDevice, cast: Cast) -> None:
    SigningDevice(cast.device, overlap=timedelta(hours=1))
    event = Event.objects.get(action="key.rotated")
    ends = MachineKey.objects.get(pk=gate.key.pk).expires_at
    assert ends is not None
    assert (event.subject_id, event.port_code) == (gate.key.prefix, PORT)
    assert event.data == {"ends_at": ends.isoformat()}


def test_a_key_is_revoked_once(gate: SigningDevice) -> None:
    first = timezone.now()
    for at in (first, first + timedelta(hours=1)):
        services.revoke_key(key=gate.key, by=TESTER, at=at)
    assert MachineKey.objects.get(pk=gate.key.pk).revoked_at == first
    assert Event.objects.get(action="key.revoked").port_code == PORT


def test_of_two_who_register_the_same_key_one_is_told(cast: Cast) -> None:
    """Neither sees the other's row yet; the database does."""
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    together = threading.Barrier(2)
    found: list[str] = []

    def register() -> None:
        try:
            with transaction.atomic():
                together.wait()
                services.register_public_key(
                    device=cast.device,
                    public_key=raw,
                    scopes=SCOPES,
                    by=TESTER,
                    at=timezone.now(),
                )
            found.append("")
        except Invalid as refused:
            found.append(refused.errors[0].code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=register) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["", "public_key_registered"]


def test_an_overlap_lengthens_no_key(gate: SigningDevice, cast: Cast) -> None:
    ends = timezone.now() + timedelta(minutes=5)
    MachineKey.objects.filter(pk=gate.key.pk).update(expires_at=ends)
    SigningDevice(cast.device, overlap=timedelta(hours=1))
    assert MachineKey.objects.get(pk=gate.key.pk).expires_at == ends


def test_a_scope_binds_a_signing_key_too(gate: SigningDevice, cast: Cast) -> None:
    MachineKey.objects.filter(pk=gate.key.pk).update(scopes=[Scope.LANES_READ])
    refused = gate.arrive(cast.arrival())
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_refusals_are_in_the_audit_once_a_minute(gate: SigningDevice, cast: Cast) -> None:
    for _n in range(3):
        code(gate.arrive(cast.arrival(), created=int(time.time()) - 90))
    event = Event.objects.get(action="key.signature_refused")
    assert event.data == {"code": "signature_old", "path": ARRIVALS}
    assert (event.subject_id, event.port_code) == (gate.key.prefix, PORT)


def test_nonces_are_forgotten_when_no_signature_can_use_them(
    gate: SigningDevice, cast: Cast
) -> None:
    gate.arrive(cast.arrival())
    assert signatures.forget_nonces(at=timezone.now()) == 0
    assert signatures.forget_nonces(at=timezone.now() + 2 * signatures.KEEP_NONCES) == 1
