"""`vc+jwt`: a credential secured by JOSE (W3C VC-JOSE-COSE, section 3.1), ES256."""

from datetime import datetime

from trustedtruck.credentials.formats import jws, strict_json, vcdm
from trustedtruck.credentials.formats.claims import Claims, Draft
from trustedtruck.credentials.keyset import KeySet
from trustedtruck.credentials.keystore import Signer

TYP = "vc+jwt"
LIMIT = 16_384


def header(kid_url: str) -> str:
    return jws.header(typ=TYP, cty="vc", kid=kid_url)


def encode(draft: Draft, *, base_url: str, issuer: str, encoded_header: str, signer: Signer) -> str:
    body = vcdm.credential(draft, base_url=base_url, issuer=issuer)
    return jws.sign(encoded_header, strict_json.dumps(body), signer)


def decode(token: str, *, keys: KeySet, at: datetime) -> Claims:
    """The claims, once form, key and signature hold; dates are the caller's. Raises `Refusal`."""
    payload, key = jws.open_signed(
        token, keys=keys, purpose="credential", typ=TYP, limit=LIMIT, at=at
    )
    return vcdm.read(strict_json.object_of(payload), key)
