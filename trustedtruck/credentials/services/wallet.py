"""A driver's credential into the driver's wallet: OpenID4VCI 1.0, pre-authorised code flow.

The office makes an offer and hands over its PIN by another way; the wallet exchanges code and PIN
for a token, proves a key of its own, and gets one SD-JWT VC bound to that key.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import Actor
from trustedtruck.core.errors import Refused
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import jws, sd_jwt, strict_json
from trustedtruck.credentials.keyset import (
    b64url,
    check_raw,
    did_web,
    from_jwk,
    public_jwk,
    thumbprint,
)
from trustedtruck.credentials.models import Credential, Purpose, WalletOffer
from trustedtruck.credentials.services.drafts import draft_of
from trustedtruck.credentials.services.keys import ensure_key, signer_of
from trustedtruck.credentials.states import CredentialState, Kind

CONFIGURATION = "TrustedDriver"
GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
PROOF_TYP = "openid4vci-proof+jwt"
OFFER_LIFE, NONCE_SECONDS = timedelta(minutes=30), 300
MAX_ATTEMPTS = 5
_SALT = "trustedtruck.credentials.wallet.nonce"


class WalletError(Exception):
    """A refusal in the words of OAuth and OpenID4VCI: `invalid_grant`, `invalid_proof` ..."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True)
class Offer:
    """What the office hands over: the link (or its QR code) and, apart from it, the PIN."""

    uri: str
    pin: str
    expires_at: datetime


@transaction.atomic
def offer(*, credential: Credential, base_url: str, by: Actor, at: datetime) -> Offer:
    """Offer a driver's active credential. Raises `Refused`."""
    if credential.kind != Kind.DRIVER or credential.state != CredentialState.ACTIVE:
        raise Refused(
            "not_for_a_wallet", _("Only a driver's active credential goes into a wallet.")
        )
    code, pin = secrets.token_urlsafe(32), f"{secrets.randbelow(1_000_000):06d}"
    row = WalletOffer.objects.create(
        credential=credential,
        code_sha256=_sha256(code),
        pin_sha256=_sha256(code + pin),
        created_at=at,
        expires_at=at + OFFER_LIFE,
    )
    _record("wallet.offered", row, by)
    content = {
        "credential_issuer": base_url,
        "credential_configuration_ids": [CONFIGURATION],
        "grants": {
            GRANT: {
                "pre-authorized_code": code,
                "tx_code": {"input_mode": "numeric", "length": 6},
            }
        },
    }
    uri = "openid-credential-offer://?credential_offer=" + quote(json.dumps(content), safe="")
    return Offer(uri, pin, row.expires_at)


def exchange(*, code: str, pin: str, at: datetime) -> str:
    """The access token for code and PIN, once. Raises `WalletError`; wrong PINs are counted."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = WalletOffer.objects.select_for_update().filter(code_sha256=_sha256(code)).first()
        if row is None or row.expires_at <= at or row.token_sha256 is not None:
            raise WalletError("invalid_grant", "The code is unknown, used or expired.")
        if row.attempts >= MAX_ATTEMPTS:
            raise WalletError("invalid_grant", "Too many wrong PINs.")
        good = hmac.compare_digest(bytes(row.pin_sha256), _sha256(code + pin))
        if good:
            row.token_sha256 = _sha256(token)
        else:
            row.attempts += 1
        row.save(update_fields=["attempts", "token_sha256"])
    if not good:
        raise WalletError("invalid_grant", "The PIN is wrong.")
    return token


def nonce() -> str:
    """A fresh value that a wallet's proof must answer within `NONCE_SECONDS`; kept nowhere."""
    return signing.TimestampSigner(salt=_SALT).sign(secrets.token_urlsafe(12))


@transaction.atomic
def collect(*, token: str, proof: str, base_url: str, at: datetime) -> str:
    """The SD-JWT VC, bound to the key that `proof` proves. Raises `WalletError`."""
    row = (
        WalletOffer.objects.select_for_update(of=("self",))
        .select_related("credential__driver__carrier", "credential__carrier")
        .filter(token_sha256=_sha256(token))
        .first()
    )
    if row is None or row.expires_at <= at or row.collected_at is not None:
        raise WalletError("invalid_token", "The token is unknown, used or expired.", 401)
    credential = row.credential
    if credential.state != CredentialState.ACTIVE or credential.valid_until <= at:
        raise WalletError("credential_request_denied", "The credential is no longer in force.")
    holder = _proven(proof, base_url, at)
    key = ensure_key(Purpose.CREDENTIAL, by=_WALLET, at=at)
    made = sd_jwt.encode(
        draft_of(credential),
        base_url=key.base_url,
        kid=f"{did_web(key.base_url)}#{key.kid}",
        holder=holder,
        signer=signer_of(key),
    )
    row.collected_at, row.holder_kid = at, b64url(thumbprint(holder))
    row.save(update_fields=["collected_at", "holder_kid"])
    _record("wallet.collected", row, _WALLET)
    return made


_WALLET = Actor("system", "wallet", "wallet")


def _proven(proof: str, base_url: str, at: datetime) -> dict[str, str]:
    """The public JWK of a wallet's key proof (OpenID4VCI 1.0, appendix F.1)."""
    try:
        return _open_proof(proof, base_url, at)
    except (Refusal, ValueError) as error:
        why = error.failure.code if isinstance(error, Refusal) else "the key is not a P-256 key"
        raise WalletError("invalid_proof", f"The proof was refused: {why}.") from None
    except signing.BadSignature:
        raise WalletError("invalid_nonce", "Ask for a new nonce.") from None


def _open_proof(proof: str, base_url: str, at: datetime) -> dict[str, str]:
    parts = proof.split(".")
    if len(proof) > 8_192 or len(parts) != 3:
        raise Refusal("jwt_parts")
    head = strict_json.object_of(jws.unb64url(parts[0]))
    jws.check_header(head, typ=PROOF_TYP, also=frozenset({"jwk"}))
    jwk = head.get("jwk")
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or "d" in jwk:
        raise ValueError("no public P-256 key")
    key = from_jwk(jwk)
    if not check_raw(key, jws.unb64url(parts[2]), f"{parts[0]}.{parts[1]}".encode()):
        raise Refusal("key_binding_signature")
    value = strict_json.object_of(jws.unb64url(parts[1]))
    if value.get("aud") != base_url:
        raise Refusal("key_binding_audience")
    made = value.get("iat")
    if type(made) is not int or abs(at.timestamp() - made) > NONCE_SECONDS:
        raise Refusal("key_binding_time")
    answered = value.get("nonce")
    if not isinstance(answered, str):
        raise Refusal("key_binding_nonce")
    signing.TimestampSigner(salt=_SALT).unsign(answered, max_age=NONCE_SECONDS)
    return public_jwk(key)


def _record(action: str, row: WalletOffer, by: Actor) -> None:
    audit.record(
        action,
        by=by,
        subject_kind="credential",
        subject_id=row.credential_id,
        data={"offer": row.pk, "holder": row.holder_kid},
    )


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
