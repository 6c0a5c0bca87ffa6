"""What a forger, a careless issuer or a bad line would make of our credentials."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from tests.cast import TESTER, Cast
from trustedtruck.credentials.formats import base45, cbor, jws, strict_json
from trustedtruck.credentials.keyset import b64url
from trustedtruck.credentials.keystore import Signer
from trustedtruck.credentials.keystore.files import Es256Signer
from trustedtruck.credentials.models import Credential, Purpose, SigningKey
from trustedtruck.credentials.services.keys import ensure_key, signer_of

STRANGER = Es256Signer(generate_private_key(SECP256R1()))
Edit = Callable[[dict[Any, Any]], Any]


def signer(row: Credential) -> Signer:
    return signer_of(SigningKey.objects.get(pk=row.kid))


def other_key(purpose: str = Purpose.STATUS) -> SigningKey:
    return ensure_key(purpose, by=TESTER, at=datetime.now(UTC))


def keep(value: dict[Any, Any]) -> None:
    """Change nothing."""


def put(**entries: Any) -> Edit:
    return lambda value: value.update(entries)


def drop(name: Any) -> Edit:
    return lambda value: value.pop(name)


# --- QR --------------------------------------------------------------------------------


def qr_bytes(row: Credential) -> bytes:
    return base45.decode(row.qr[4:])


def text(data: bytes) -> str:
    return "TT1:" + base45.encode(data)


def qr(
    row: Credential,
    *,
    header: Edit = keep,
    claims: Edit = keep,
    by: Signer | None = None,
    payload: bytes | None = None,
    raw_header: bytes | None = None,
    unprotected: Mapping[Any, Any] | None = None,
) -> str:
    """The credential's QR code with edits, properly signed by `by` (the right key by default)."""
    _tag, (protected, _none, body, _signature) = 0, cbor2.loads(qr_bytes(row)).value
    head, value = cbor2.loads(protected), cbor2.loads(body)
    header(head)
    claims(value)
    new_head = cbor2.dumps(head) if raw_header is None else raw_header
    new_body = cbor2.dumps(value) if payload is None else payload
    message = b"\x84\x6aSignature1" + cbor.byte_string(new_head) + b"\x40"
    signature = (by or signer(row)).sign(message + cbor.byte_string(new_body))
    return text(b"\xd2" + cbor2.dumps([new_head, dict(unprotected or {}), new_body, signature]))


def about(index: int, value: Any) -> Edit:
    """Change one entry of the claim about the subject."""

    def edit(claims: dict[Any, Any]) -> None:
        claims[-70000][index] = value

    return edit


# --- vc+jwt


def jwt_parts(row: Credential) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, body, signature = row.vc_jwt.split(".")
    return json.loads(jws.unb64url(head)), json.loads(jws.unb64url(body)), signature


def jwt(
    row: Credential,
    *,
    header: Edit = keep,
    claims: Edit = keep,
    by: Signer | None = None,
    payload: bytes | None = None,
    raw_header: bytes | None = None,
) -> str:
    """The credential's `vc+jwt` with edits, properly signed by `by` (the right key by default)."""
    head, body, _signature = jwt_parts(row)
    header(head)
    claims(body)
    new_head = b64url(strict_json.dumps(head) if raw_header is None else raw_header)
    new_body = strict_json.dumps(body) if payload is None else payload
    return jws.sign(new_head, new_body, by or signer(row))


def subject(**entries: Any) -> Edit:
    """Change entries of the credential's subject."""
    return lambda body: body["credentialSubject"].update(entries)


def status(number: int, **entries: Any) -> Edit:
    return lambda body: body["credentialStatus"][number].update(entries)


def truck(cast: Cast) -> Credential:
    return cast.credentials["truck"]
