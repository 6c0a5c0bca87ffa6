"""A driver's credential in the driver's wallet: OpenID4VCI from offer to presentation."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import TESTER, Cast
from tests.credentials import forge
from trustedtruck.core.errors import Refused
from trustedtruck.credentials import services
from trustedtruck.credentials.formats import sd_jwt, strict_json
from trustedtruck.credentials.formats.jws import unb64url
from trustedtruck.credentials.keyset import b64url, public_jwk
from trustedtruck.credentials.keystore.files import Es256Signer
from trustedtruck.credentials.models import SigningKey, WalletOffer
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services import wallet
from trustedtruck.credentials.states import Reason
from trustedtruck.credentials.verify import Binding, verify_any, verify_sd_jwt

pytestmark = pytest.mark.django_db
ASKED = Binding("https://gate.example", "n-1")


class Wallet:
    """A phone: a key of its own, and the calls of the protocol."""

    def __init__(self) -> None:
        key = generate_private_key(SECP256R1())
        self.jwk, self.signer, self.client = (
            public_jwk(key.public_key()),
            Es256Signer(key),
            Client(),
        )

    def sign(self, header: dict[str, Any], payload: dict[str, Any]) -> str:
        parts = [b64url(strict_json.dumps(part)) for part in (header, payload)]
        message = ".".join(parts)
        return f"{message}.{b64url(self.signer.sign(message.encode()))}"

    def token(self, offer: wallet.Offer, pin: str | None = None) -> Any:
        content = json.loads(parse_qs(urlsplit(offer.uri).query)["credential_offer"][0])
        code = content["grants"][wallet.GRANT]["pre-authorized_code"]
        form = {
            "grant_type": wallet.GRANT,
            "pre-authorized_code": code,
            "tx_code": pin or offer.pin,
        }
        return self.client.post("/oid4vci/token", form)

    def proof(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        nonce = self.client.post("/oid4vci/nonce").json()["c_nonce"]
        head = {"alg": "ES256", "typ": wallet.PROOF_TYP, "jwk": self.jwk, **(header or {})}
        now = int(timezone.now().timestamp())
        return self.sign(head, {"aud": settings.BASE_URL, "iat": now, "nonce": nonce, **claims})

    def collect(self, token: str, proof: str) -> Any:
        body = {
            "credential_configuration_id": wallet.CONFIGURATION,
            "proofs": {"jwt": [proof]},
        }
        return self.client.post(
            "/oid4vci/credential",
            json.dumps(body),
            "application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    def get(self, offer: wallet.Offer) -> str:
        token = self.token(offer).json()["access_token"]
        answer = self.collect(token, self.proof())
        assert answer.status_code == 200, answer.content
        return str(answer.json()["credentials"][0]["credential"])

    def present(self, held: str, *names: str, **changes: Any) -> str:
        """Show only these claims, and prove the key."""
        token, *disclosures, _end = held.split("~")
        chosen = [d for d in disclosures if json.loads(unb64url(d))[1] in names]
        shown = "~".join([token, *chosen, ""])
        digest = b64url(hashlib.sha256(shown.encode()).digest())
        claims = {
            "iat": int(timezone.now().timestamp()),
            "aud": ASKED.audience,
            "nonce": ASKED.nonce,
            "sd_hash": digest,
        }
        head = {"alg": "ES256", "typ": changes.pop("typ", sd_jwt.KB_TYP)}
        return shown + self.sign(head, claims | changes)


def offered(cast: Cast) -> wallet.Offer:
    return wallet.offer(
        credential=cast.credentials["rosa"],
        base_url=settings.BASE_URL,
        by=TESTER,
        at=timezone.now(),
    )


def codes(text: str, binding: Binding | None = ASKED, at: datetime | None = None) -> Any:
    return verify_sd_jwt(text, at=at or timezone.now(), keys=all_keys(), binding=binding).codes


def test_from_offer_to_presentation(cast: Cast) -> None:
    phone = Wallet()
    held = phone.get(offered(cast))
    verdict = verify_sd_jwt(held, at=timezone.now(), keys=all_keys())
    assert verdict.ok
    assert verdict.claims.details["given_names"] == "Rosa"
    shown = phone.present(held, "family_names")
    verdict = verify_sd_jwt(shown, at=timezone.now(), keys=all_keys(), binding=ASKED)
    assert verdict.ok
    assert verdict.claims.details == {"family_names": "Prueba"}
    assert verdict.claims.public_id == cast.credentials["rosa"].public_id
    assert verify_any(held, at=timezone.now(), keys=all_keys()).ok


def test_metadata_leads_from_one_to_the_other(cast: Cast) -> None:
    meta = Client().get("/.well-known/openid-credential-issuer").json()
    assert meta["credential_issuer"] == settings.BASE_URL
    configuration = meta["credential_configurations_supported"][wallet.CONFIGURATION]
    assert configuration["format"] == "dc+sd-jwt"
    server = Client().get("/.well-known/oauth-authorization-server").json()
    assert server["token_endpoint"] == f"{settings.BASE_URL}/oid4vci/token"
    keys = Client().get("/.well-known/jwt-vc-issuer").json()["jwks"]["keys"]
    assert any(key["kid"].endswith(cast.credentials["rosa"].kid) for key in keys)
    assert Client().get("/vct/driver-v1").json()["vct"] == configuration["vct"]


def test_only_an_active_drivers_credential_is_offered(cast: Cast) -> None:
    common = {"base_url": settings.BASE_URL, "by": TESTER, "at": timezone.now()}
    with pytest.raises(Refused, match="not_for_a_wallet"):
        wallet.offer(credential=cast.credentials["truck"], **common)


def test_code_and_pin_work_once(cast: Cast) -> None:
    phone, offer = Wallet(), offered(cast)
    assert phone.token(offer, "x").json()["error"] == "invalid_grant"
    assert phone.token(offer).status_code == 200
    assert phone.token(offer).json()["error"] == "invalid_grant"


def test_pins_cannot_be_tried_without_end(cast: Cast) -> None:
    phone, offer = Wallet(), offered(cast)
    for _ in range(wallet.MAX_ATTEMPTS):
        phone.token(offer, "x")
    assert phone.token(offer).json()["error"] == "invalid_grant"


def test_nothing_secret_is_stored(cast: Cast) -> None:
    offer = offered(cast)
    row = WalletOffer.objects.get()
    assert offer.pin.encode() not in bytes(row.pin_sha256)
    assert len(bytes(row.code_sha256)) == 32


def test_a_token_gives_one_credential(cast: Cast) -> None:
    phone = Wallet()
    token = phone.token(offered(cast)).json()["access_token"]
    assert phone.collect(token, phone.proof()).status_code == 200
    again = phone.collect(token, phone.proof())
    assert (again.status_code, again.json()["error"]) == (401, "invalid_token")


def test_proofs_that_prove_nothing_are_refused(cast: Cast) -> None:
    phone = Wallet()
    token = phone.token(offered(cast)).json()["access_token"]

    def error(proof: str) -> str:
        return str(phone.collect(token, proof).json()["error"])

    old = int((timezone.now() - timedelta(hours=1)).timestamp())
    assert error("x") == "invalid_proof"
    assert error(phone.proof(header={"alg": "none"})) == "invalid_proof"
    assert error(phone.proof(header={"typ": "JWT"})) == "invalid_proof"
    assert error(phone.proof(header={"jwk": Wallet().jwk})) == "invalid_proof"
    assert error(phone.proof(header={"jwk": {"kty": "oct", "k": "x"}})) == "invalid_proof"
    assert error(phone.proof(aud="https://evil.example")) == "invalid_proof"
    assert error(phone.proof(iat=old)) == "invalid_proof"
    assert error(phone.proof(nonce="mine")) == "invalid_nonce"
    assert phone.collect("x", phone.proof()).json()["error"] == "invalid_token"
    assert phone.collect(token, phone.proof()).status_code == 200


def test_a_suspended_credential_is_not_handed_out(cast: Cast) -> None:
    phone = Wallet()
    token = phone.token(offered(cast)).json()["access_token"]
    services.suspend(
        credential=cast.credentials["rosa"], by=TESTER, at=timezone.now(), reason=Reason.STOLEN
    )
    assert phone.collect(token, phone.proof()).json()["error"] == "credential_request_denied"


def test_broken_requests_get_oauths_answers(cast: Cast) -> None:
    client = Client()
    assert client.post("/oid4vci/token", {}).json()["error"] == "unsupported_grant_type"
    body = client.post(
        "/oid4vci/credential", "{", "application/json", headers={"Authorization": "Bearer x"}
    )
    assert body.json()["error"] == "invalid_credential_request"
    assert client.post("/oid4vci/credential").status_code == 401
    assert client.get("/oid4vci/token").status_code == 405


def test_nothing_is_dated_after_the_keys_retirement(cast: Cast) -> None:
    held, at = Wallet().get(offered(cast)), timezone.now()
    keys = SigningKey.objects.filter(kid=cast.credentials["rosa"].kid)
    keys.update(retired_at=at)
    assert codes(held, None) == ()
    keys.update(retired_at=at - timedelta(days=1))
    assert codes(held, None) == ("key_retired",)


def test_presentations_that_are_wrong_are_refused(cast: Cast) -> None:
    phone = Wallet()
    held = phone.get(offered(cast))
    token, *disclosures, _end = held.split("~")
    old = int((timezone.now() - timedelta(hours=1)).timestamp())
    stranger = Wallet()
    assert codes(held) == ("key_binding_missing",)
    assert codes(phone.present(held, aud="https://other.example")) == ("key_binding_audience",)
    assert codes(phone.present(held, nonce="n-0")) == ("key_binding_nonce",)
    assert codes(phone.present(held, iat=old)) == ("key_binding_time",)
    assert codes(phone.present(held, sd_hash="x")) == ("key_binding_hash",)
    assert codes(phone.present(held, typ="JWT")) == ("key_binding_typ",)
    assert codes(stranger.present(held)) == ("key_binding_signature",)
    assert codes(token, None) == ("sdjwt_shape",)
    assert codes(f"{token}~{disclosures[0]}~{disclosures[0]}~", None) == ("disclosure_twice",)
    mine = b64url(b'["salt","given_names","Eve"]')
    assert codes(f"{token}~{mine}~", None) == ("disclosure_unknown",)
    assert codes(f"{token}~!!~", None) == ("disclosure_malformed",)
    assert codes(held + "~" * 40, None) == ("oversized",)
    assert codes("x" * 20_000 + "~", None) == ("oversized",)


def test_sd_jwts_of_a_careless_issuer_are_refused(cast: Cast) -> None:
    row = cast.credentials["rosa"]
    held = Wallet().get(offered(cast))
    head, body, _signature = held.split("~")[0].split(".")
    signer = forge.signer(row)

    def code(header: dict[str, Any] | None = None, **change: Any) -> Any:
        value = {**json.loads(unb64url(body)), **change}
        value = {name: item for name, item in value.items() if item is not None}
        new = {**json.loads(unb64url(head)), **(header or {})}
        message = ".".join(b64url(strict_json.dumps(part)) for part in (new, value))
        return codes(f"{message}.{b64url(signer.sign(message.encode()))}~", None)

    assert code() == ()
    assert code({"typ": "vc+jwt"}) == ("typ_wrong",)
    assert code(_sd_alg="md5") == ("sd_alg_unsupported",)
    assert code(vct="https://evil.example") == ("vct_wrong",)
    assert code(iss="https://evil.example") == ("issuer_mismatch",)
    assert code(cnf=None) == ("claim_missing",)
    assert code(status=None) == ("status_missing",)
    assert code(extra=1) == ("claim_unknown",)
    assert code(cnf={"jwk": {"kty": "oct"}}) == ("claim_type",)
    assert code(exp=1) == ("validity_inverted", "expired")
    assert code(_sd="x") == ("claim_type",)
    sneaky = b64url(b'["salt","status","fine"]')
    digest = b64url(hashlib.sha256(sneaky.encode()).digest())
    value = {**json.loads(unb64url(body)), "_sd": [digest]}
    message = ".".join(b64url(part) for part in (unb64url(head), strict_json.dumps(value)))
    token = f"{message}.{b64url(signer.sign(message.encode()))}"
    assert codes(f"{token}~{sneaky}~", None) == ("disclosure_name",)
