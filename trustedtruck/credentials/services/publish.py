"""Signing what the programme publishes: status lists, and a credential in another format."""

import functools
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from trustedtruck.audit.actors import Actor, system
from trustedtruck.core.errors import NotFound
from trustedtruck.credentials.formats import (
    bitstring,
    data_integrity,
    jws,
    status_list,
    strict_json,
    vc_jwt,
)
from trustedtruck.credentials.keyset import did_web
from trustedtruck.credentials.models import Credential, Purpose, SigningKey
from trustedtruck.credentials.queries.status import ListState, list_state, window
from trustedtruck.credentials.services.keys import ensure_key, signer_of

PUBLISHER = system("publisher")
JWT, DATA_INTEGRITY = "application/vc+jwt", "application/vc"


@dataclass(frozen=True)
class Published:
    """A signed document as it goes out. The tag names the content, not the signature's bytes."""

    body: bytes
    media_type: str
    etag: str


def bitstring_list(purpose: str, number: int, *, media_type: str, at: datetime) -> Published:
    """A Bitstring list, as `application/vc+jwt` or with a Data Integrity proof."""
    state = _state(number)
    indices = state.revoked if purpose == "revocation" else state.suspended
    integrity = media_type == DATA_INTEGRITY
    key = _key(Purpose.DATA_INTEGRITY if integrity else Purpose.STATUS, at)
    return _bitstring(purpose, number, state.size, indices, window(at), key.pk, media_type)


def token_list(number: int, *, at: datetime) -> Published:
    """A Status List Token."""
    state = _state(number)
    return _token(
        number, state.size, state.revoked, state.suspended, window(at), _key(Purpose.STATUS, at).pk
    )


def with_data_integrity(credential: Credential, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The same credential with an `eddsa-jcs-2022` proof instead of the `vc+jwt` signature."""
    document = strict_json.object_of(jws.unb64url(credential.vc_jwt.split(".")[1]))
    key = ensure_key(Purpose.DATA_INTEGRITY, by=by, at=at)
    return data_integrity.secure(
        document,
        method=f"{did_web(key.base_url)}#{key.kid}",
        created=at.astimezone(UTC),
        signer=signer_of(key),
    )


def _state(number: int) -> ListState:
    state = list_state(number)
    if state is None:
        raise NotFound("status_list_unknown", _("There is no such status list."))
    return state


def _key(purpose: str, at: datetime) -> SigningKey:
    return ensure_key(purpose, by=PUBLISHER, at=at)


@functools.lru_cache(maxsize=16)
def _bitstring(
    purpose: str,
    number: int,
    size: int,
    indices: tuple[int, ...],
    valid_from: datetime,
    kid: str,
    media_type: str,
) -> Published:
    key = SigningKey.objects.get(pk=kid)
    issuer = did_web(key.base_url)
    encoded = bitstring.encode_bitstring(indices, size)
    document = status_list.list_credential(
        purpose, number, encoded, base_url=key.base_url, issuer=issuer, valid_from=valid_from
    )
    method = f"{issuer}#{kid}"
    if media_type == DATA_INTEGRITY:
        secured = data_integrity.secure(
            document, method=method, created=valid_from, signer=signer_of(key)
        )
        body = strict_json.dumps(secured)
    else:
        body = jws.sign(vc_jwt.header(method), strict_json.dumps(document), signer_of(key)).encode()
    return Published(body, media_type, _etag(document, kid))


@functools.lru_cache(maxsize=16)
def _token(
    number: int,
    size: int,
    revoked: tuple[int, ...],
    suspended: tuple[int, ...],
    valid_from: datetime,
    kid: str,
) -> Published:
    key = SigningKey.objects.get(pk=kid)
    statuses = dict.fromkeys(suspended, bitstring.SUSPENDED)
    statuses |= dict.fromkeys(revoked, bitstring.INVALID)
    claims = status_list.token_list(
        number, statuses, size, base_url=key.base_url, valid_from=valid_from
    )
    head = jws.header(typ=status_list.TOKEN_TYP, kid=f"{did_web(key.base_url)}#{kid}")
    token = jws.sign(head, strict_json.dumps(claims), signer_of(key))
    return Published(token.encode(), "application/statuslist+jwt", _etag(claims, kid))


def _etag(content: dict[str, Any], kid: str) -> str:
    digest = hashlib.sha256(strict_json.dumps(content) + kid.encode()).hexdigest()[:32]
    return f'W/"{digest}"'
