"""Every way in which a `vc+jwt` can be wrong is refused with a code of its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from tests.credentials import forge
from tests.credentials.forge import drop, jwt, jwt_parts, put, status, subject, truck
from trustedtruck.credentials.formats import vcdm
from trustedtruck.credentials.formats.jws import unb64url
from trustedtruck.credentials.keyset import KeySet, b64url
from trustedtruck.credentials.models import Purpose
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services.keys import signer_of
from trustedtruck.credentials.verify import verify_any, verify_vc_jwt

Maker = Callable[[Cast], Any]


def payload(cast: Cast) -> bytes:
    return unb64url(truck(cast).vc_jwt.split(".")[1])


def unsigned(cast: Cast) -> str:
    head, body, _signature = truck(cast).vc_jwt.split(".")
    none = b64url(json.dumps({**json.loads(unb64url(head)), "alg": "none"}).encode())
    return f"{none}.{body}."


def altered(cast: Cast) -> str:
    head, _body, signature = truck(cast).vc_jwt.split(".")
    body = payload(cast).replace(b"TrustedTruck", b"TrustedTrick", 1)
    return f"{head}.{b64url(body)}.{signature}"


def short_signature(cast: Cast) -> str:
    begin, _dot, signature = truck(cast).vc_jwt.rpartition(".")
    return f"{begin}.{b64url(unb64url(signature)[:-1])}"


CASES: dict[str, tuple[str, Maker]] = {
    "not a text": ("not_text", lambda c: {"a": 1}),
    "nothing": ("empty", lambda c: ""),
    "two parts": ("jwt_parts", lambda c: truck(c).vc_jwt.rpartition(".")[0]),
    "far too long": ("oversized", lambda c: truck(c).vc_jwt + "A" * 20_000),
    "not base64url": ("base64_invalid", lambda c: "!" + truck(c).vc_jwt),
    "padded": ("base64_invalid", lambda c: "e30=.e30.e30"),
    "header not JSON": ("json_malformed", lambda c: b64url(b"{") + ".e30.e30"),
    "header not an object": ("json_not_object", lambda c: b64url(b"[]") + ".e30.e30"),
    "header not UTF-8": ("json_not_utf8", lambda c: b64url(b'{"\xff":1}') + ".e30.e30"),
    "deep nesting": ("json_depth", lambda c: b64url(b'{"a":' * 900 + b"1" + b"}" * 900) + ".e30."),
    "NaN": ("json_constant", lambda c: b64url(b'{"alg":NaN}') + ".e30.e30"),
    "no end of a number": ("json_constant", lambda c: b64url(b'{"alg":1e999}') + ".e30.e30"),
    "a name twice in the header": (
        "json_duplicate_name",
        lambda c: jwt(truck(c), raw_header=b'{"alg":"none","alg":"ES256"}'),
    ),
    "a name twice in the payload": (
        "json_duplicate_name",
        lambda c: jwt(truck(c), payload=payload(c)[:-1] + b',"issuer":"did:web:evil"}'),
    ),
    "alg none": ("alg_none", unsigned),
    "no alg": ("alg_missing", lambda c: jwt(truck(c), header=drop("alg"))),
    "alg swapped for HMAC": ("alg_unsupported", lambda c: jwt(truck(c), header=put(alg="HS256"))),
    "alg swapped for EdDSA": ("alg_unsupported", lambda c: jwt(truck(c), header=put(alg="EdDSA"))),
    "no typ": ("typ_missing", lambda c: jwt(truck(c), header=drop("typ"))),
    "typ of another token": ("typ_wrong", lambda c: jwt(truck(c), header=put(typ="JWT"))),
    "crit": ("crit_unknown", lambda c: jwt(truck(c), header=put(crit=["exp"]))),
    "b64 false": ("b64_false", lambda c: jwt(truck(c), header=put(b64=False))),
    "a key of its own": ("header_key", lambda c: jwt(truck(c), header=put(jwk={"kty": "EC"}))),
    "a key elsewhere": (
        "header_key",
        lambda c: jwt(truck(c), header=put(jku="https://evil.example/jwks")),
    ),
    "an entry too many": ("header_unknown", lambda c: jwt(truck(c), header=put(zip="DEF"))),
    "no kid": ("kid_missing", lambda c: jwt(truck(c), header=drop("kid"))),
    "kid not a text": ("kid_malformed", lambda c: jwt(truck(c), header=put(kid=5))),
    "kid of nobody": ("kid_unknown", lambda c: jwt(truck(c), header=put(kid="did:web:x#abc"))),
    "kid of another's DID": (
        "issuer_mismatch",
        lambda c: jwt(truck(c), header=put(kid=f"did:web:evil.example#{truck(c).kid}")),
    ),
    "a stranger's signature": ("signature_invalid", lambda c: jwt(truck(c), by=forge.STRANGER)),
    "an altered payload": ("signature_invalid", altered),
    "a cut signature": ("signature_length", short_signature),
    "another context": (
        "context_wrong",
        lambda c: jwt(
            truck(c), claims=put(**{"@context": ["https://www.w3.org/ns/credentials/v2"]})
        ),
    ),
    "an undefined term": ("term_undefined", lambda c: jwt(truck(c), claims=put(holder="x"))),
    "an undefined term of the subject": (
        "term_undefined",
        lambda c: jwt(truck(c), claims=subject(fastLane="yes")),
    ),
    "an undefined type": (
        "type_undefined",
        lambda c: jwt(
            truck(c), claims=put(type=["VerifiableCredential", "TrustedTradeCredential", "Vip"])
        ),
    ),
    "no type": ("type_missing", lambda c: jwt(truck(c), claims=drop("type"))),
    "a subject of no type": (
        "type_undefined",
        lambda c: jwt(truck(c), claims=subject(type="Boat")),
    ),
    "no id": ("id_missing", lambda c: jwt(truck(c), claims=drop("id"))),
    "a relative id": ("id_relative", lambda c: jwt(truck(c), claims=put(id="credential-7"))),
    "a relative subject": ("id_relative", lambda c: jwt(truck(c), claims=subject(id="truck-7"))),
    "a relative issuer": ("id_relative", lambda c: jwt(truck(c), claims=put(issuer="customs"))),
    "another issuer": (
        "issuer_mismatch",
        lambda c: jwt(truck(c), claims=put(issuer="did:web:evil.example")),
    ),
    "two subjects": (
        "subject_shape",
        lambda c: jwt(truck(c), claims=put(credentialSubject=[{}, {}])),
    ),
    "a tag of another shape": (
        "tag_malformed",
        lambda c: jwt(truck(c), claims=subject(tagEpc="1")),
    ),
    "a plate of another shape": (
        "plate_malformed",
        lambda c: jwt(truck(c), claims=subject(plateNumber="a b")),
    ),
    "a number for a text": ("claim_type", lambda c: jwt(truck(c), claims=subject(vin=5))),
    "no status": ("status_missing", lambda c: jwt(truck(c), claims=drop("credentialStatus"))),
    "one status of two": (
        "status_malformed",
        lambda c: jwt(truck(c), claims=lambda b: b["credentialStatus"].pop()),
    ),
    "two indices": ("status_malformed", lambda c: jwt(truck(c), claims=_other_index)),
    "a list of another issuer": (
        "status_malformed",
        lambda c: jwt(
            truck(c), claims=status(0, statusListCredential="https://evil.example/1", id="x#1")
        ),
    ),
    "another schema": (
        "schema_wrong",
        lambda c: jwt(truck(c), claims=put(credentialSchema={"id": "x", "type": "JsonSchema"})),
    ),
    "no end": ("claim_missing", lambda c: jwt(truck(c), claims=drop("validUntil"))),
    "a date without a zone": (
        "date_malformed",
        lambda c: jwt(truck(c), claims=put(validUntil="2027-01-01T00:00:00")),
    ),
    "the 30th of February": (
        "date_malformed",
        lambda c: jwt(truck(c), claims=put(validUntil="2027-02-30T00:00:00Z")),
    ),
    "expired": (
        "expired",
        lambda c: jwt(
            truck(c),
            claims=put(validFrom="2020-01-01T00:00:00Z", validUntil="2021-01-01T00:00:00Z"),
        ),
    ),
    "not yet valid": (
        "not_yet_valid",
        lambda c: jwt(
            truck(c),
            claims=put(validFrom="2090-01-01T00:00:00Z", validUntil="2091-01-01T00:00:00Z"),
        ),
    ),
    "a period backwards": (
        "validity_inverted",
        lambda c: jwt(truck(c), claims=put(validUntil="2001-01-01T00:00:00Z")),
    ),
}


def _other_index(body: dict[str, Any]) -> None:
    entry = body["credentialStatus"][1]
    entry["statusListIndex"] = "7"
    entry["id"] = f"{entry['statusListCredential']}#7"


@pytest.mark.parametrize("name", CASES)
def test_refused(name: str, cast: Cast, keys: KeySet) -> None:
    code, make = CASES[name]
    verdict = verify_vc_jwt(make(cast), at=timezone.now(), keys=keys)
    assert not verdict.ok
    assert code in verdict.codes


def test_a_status_key_signs_no_credential(cast: Cast) -> None:
    key = forge.other_key(Purpose.STATUS)
    forged = jwt(truck(cast), header=put(kid=key.kid), by=signer_of(key))
    assert verify_vc_jwt(forged, at=timezone.now(), keys=all_keys()).codes == ("key_purpose",)


def test_a_key_of_another_algorithm_verifies_no_es256(cast: Cast) -> None:
    key = forge.other_key(Purpose.DATA_INTEGRITY)
    verify = all_keys()[key.kid]
    keys = KeySet([_as_credential_key(verify)])
    forged = jwt(truck(cast), header=put(kid=key.kid))
    assert verify_vc_jwt(forged, at=timezone.now(), keys=keys).codes == ("alg_mismatch",)


def _as_credential_key(key: Any) -> Any:
    return type(key)(
        key.kid, "credential", key.alg, key.base_url, key.key, key.active_from, None, None
    )


@given(value=st.one_of(st.text(max_size=300), st.integers(), st.none(), st.binary(max_size=50)))
@settings(max_examples=200, deadline=None)
def test_anything_gets_a_verdict(value: object) -> None:
    assert not verify_vc_jwt(value, at=timezone.now(), keys=KeySet([])).ok


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@context", "type", "id", "issuer", "credentialSubject", "proof"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(value=st.one_of(_JSON, st.text().map("{}~".format), st.text().map("TT1:{}".format)))
@settings(max_examples=400, deadline=None)
def test_whatever_is_pasted_gets_a_verdict(value: object) -> None:
    assert not verify_any(value, at=timezone.now(), keys=KeySet([])).ok


@given(value=_JSON, name=st.sampled_from(sorted(vcdm.TOP_TERMS)))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_a_key_signs_gets_a_verdict(
    cast: Cast, keys: KeySet, value: object, name: str
) -> None:
    signed = jwt(truck(cast), claims=put(**{name: value}))
    verdict = verify_vc_jwt(signed, at=timezone.now(), keys=keys)
    assert not verdict.ok or jwt_parts(truck(cast))[1][name] == value
