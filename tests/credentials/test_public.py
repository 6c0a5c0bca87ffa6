"""What everybody may fetch and ask: documents, status lists, VC-API, the verifier's page."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.cast import TESTER, Cast
from tests.credentials import forge
from tests.credentials.forge import truck
from trustedtruck.accounts.models import Agency
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.credentials import services
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import bitstring, images, jws, status_list, vcdm
from trustedtruck.credentials.keyset import did_web
from trustedtruck.credentials.models import Credential, Purpose, SigningKey
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services.keys import signer_of
from trustedtruck.credentials.services.publish import with_data_integrity
from trustedtruck.credentials.states import Reason
from trustedtruck.credentials.verify import envelope, verify_data_integrity, verify_vc_jwt

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency(cast: Cast) -> Callable[..., Any]:
    Agency.objects.create(code="CBP", name="CBP", country="US")
    key = issue_key(
        scopes=[Scope.CREDENTIALS_ISSUE, Scope.CREDENTIALS_READ],
        by=TESTER,
        at=timezone.now(),
        agency=Agency.objects.get(code="CBP"),
    )
    return poster(key)


def poster(key: str = "") -> Callable[..., Any]:
    client = Client()
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    def post(path: str, body: Any) -> Any:
        return client.post(path, json.dumps(body), "application/json", headers=headers)

    return post


# --- Documents


def test_the_did_document_and_the_jwks_name_the_keys(cast: Cast) -> None:
    did, jwks = (
        Client().get("/.well-known/did.json").json(),
        Client().get("/.well-known/jwks.json").json(),
    )
    assert did["id"] == did_web(settings.BASE_URL)
    assert f"{did['id']}#{truck(cast).kid}" in did["assertionMethod"]
    assert truck(cast).kid in {key["kid"] for key in jwks["keys"]}
    assert not any("d" in key for key in jwks["keys"])


def test_documents_have_etags(cast: Cast) -> None:
    for path in ("/.well-known/did.json", "/contexts/v1", "/schemas/truck-v1.json"):
        first = Client().get(path)
        assert first.status_code == 200
        again = Client().get(path, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert Client().get("/schemas/boat-v1.json").json()["code"] == "schema_unknown"


def test_the_context_defines_every_term_and_no_vocabulary(cast: Cast) -> None:
    context = Client().get("/contexts/v1").json()["@context"]
    assert "@vocab" not in json.dumps(context)
    for terms in vcdm.SUBJECT_TERMS.values():
        assert terms <= context.keys()
    assert {vcdm.CREDENTIAL_TYPE, *vcdm.SUBJECT_TYPES.values()} <= context.keys()


def test_issued_credentials_match_their_schema(cast: Cast) -> None:
    rows = [*cast.credentials.values()]
    rows += services.issue_credentials([cast.norte], by=TESTER, at=timezone.now())
    for row in rows:
        schema = Client().get(f"/schemas/{row.kind}-v1.json").json()
        body = json.loads(jws.unb64url(row.vc_jwt.split(".")[1]))
        jsonschema_rs.validate(schema, body)


def listed(purpose: str, row: Credential) -> bool:
    response = Client().get(f"/status/{purpose}/{row.status_list_id}")
    assert response["Content-Type"] == "application/vc+jwt"
    found = status_list.open_list(response.content.decode(), keys=all_keys(), at=timezone.now())
    assert found.purpose == purpose
    return found.has(row.status_index)


def test_the_lists_follow_the_credentials(cast: Cast) -> None:
    row, other, at = truck(cast), cast.credentials["other_truck"], timezone.now()
    assert not listed("revocation", row)
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    services.revoke(credential=other, by=TESTER, at=at, reason=Reason.FRAUD)
    assert (listed("revocation", row), listed("suspension", row)) == (False, True)
    assert (listed("revocation", other), listed("suspension", other)) == (True, False)
    packed = Client().get(f"/status/tokens/{row.status_list_id}")
    assert packed["Content-Type"] == "application/statuslist+jwt"
    subject, bits = status_list.open_token_list(packed.content.decode(), keys=all_keys(), at=at)
    assert subject == f"{settings.BASE_URL}/status/tokens/{row.status_list_id}"
    assert bitstring.token_status(bits, row.status_index) == bitstring.SUSPENDED
    assert bitstring.token_status(bits, other.status_index) == bitstring.INVALID
    assert bitstring.token_status(bits, cast.credentials["rosa"].status_index) == bitstring.VALID


def test_a_list_keeps_its_etag_until_it_changes(cast: Cast) -> None:
    path = f"/status/revocation/{truck(cast).status_list_id}"
    first = Client().get(path)
    same = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert same.status_code in (200, 304)
    services.revoke(credential=truck(cast), by=TESTER, at=timezone.now(), reason=Reason.FRAUD)
    assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert Client().get("/status/revocation/77").json()["code"] == "status_list_unknown"
    assert Client().get("/status/mood/0").json()["code"] == "status_list_unknown"


def test_bits_are_counted_from_the_right_end() -> None:
    bits = bitstring.decode_bitstring(bitstring.encode_bitstring([0, 9], 131_072))
    assert bits[:2] == b"\x80\x40"  # Bitstring: most significant first
    packed = bitstring.decode_token_list(bitstring.encode_token_list({0: 1, 5: 2}, 131_072))
    assert packed[:2] == b"\x01\x08"  # Token Status List: least significant first


def test_the_lists_of_others_are_refused(cast: Cast) -> None:
    at, row = timezone.now(), truck(cast)
    key = forge.other_key(Purpose.STATUS)
    issuer = did_web(key.base_url)

    def code(**change: Any) -> str:
        body = status_list.list_credential(
            "revocation",
            0,
            change.pop("encoded", bitstring.encode_bitstring([], 131_072)),
            base_url=key.base_url,
            issuer=change.pop("issuer", issuer),
            valid_from=change.pop("valid_from", at),
        )
        typ, by = change.pop("typ", "vc+jwt"), change.pop("by", key)
        head = jws.header(typ=typ, kid=f"{issuer}#{by.kid}")
        token = jws.sign(head, json.dumps({**body, **change}).encode(), signer_of(by))
        with pytest.raises(Refusal) as caught:
            status_list.open_list(token, keys=all_keys(), at=at)
        return caught.value.failure.code

    assert code(issuer="did:web:evil.example") == "status_list_issuer"
    assert code(typ="JWT") == "status_list_typ"
    assert code(type=["VerifiableCredential"]) == "status_list_typ"
    assert code(valid_from=at - timedelta(hours=2)) == "status_list_expired"
    assert code(valid_from=at + timedelta(hours=2)) == "status_list_expired"
    assert code(encoded="u!!") == "status_list_encoding"
    assert code(encoded=bitstring.encode_bitstring([], 1_024)) == "status_list_too_short"
    assert code(encoded=bitstring.encode_bitstring([], 1 << 24)) == "status_list_too_long"
    assert code(by=SigningKey.objects.get(pk=row.kid)) == "key_purpose"


def test_status_off_line(cast: Cast) -> None:
    at, row = timezone.now(), truck(cast)
    claims = verify_vc_jwt(row.vc_jwt, at=at, keys=all_keys()).claims

    def lists() -> list[status_list.OpenedList]:
        return [
            status_list.open_list(
                Client().get(f"/status/{purpose}/{row.status_list_id}").content.decode(),
                keys=all_keys(),
                at=at,
            )
            for purpose in vcdm.PURPOSES
        ]

    def codes(found: list[status_list.OpenedList]) -> list[str]:
        return status_list.check_status(claims, found, base_url=settings.BASE_URL)

    both = lists()
    assert codes(both) == []
    assert codes([]) == codes(both[:1]) == ["status_list_unknown"]
    swapped = status_list.OpenedList(both[0].issuer, both[0].url, "suspension", both[0].bits)
    assert codes([swapped, both[1]]) == ["status_purpose"]
    foreign = status_list.OpenedList("did:web:evil", both[0].url, "revocation", both[0].bits)
    assert codes([foreign, both[1]]) == ["status_list_issuer"]
    services.suspend(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    assert codes(lists()) == ["suspended"]
    services.revoke(credential=row, by=TESTER, at=at, reason=Reason.STOLEN)
    assert codes(lists()) == ["revoked"]


# --- Data Integrity


def test_data_integrity_holds_and_breaks(cast: Cast) -> None:
    at = timezone.now().replace(microsecond=0)
    good = with_data_integrity(truck(cast), by=TESTER, at=at)
    keys = all_keys()

    def codes(value: Any) -> tuple[str, ...]:
        return verify_data_integrity(value, at=at, keys=keys).codes

    def proof(**change: Any) -> dict[str, Any]:
        return {**good, "proof": {**good["proof"], **change}}

    assert codes(good) == ()
    assert codes([good]) == ("json_not_object",)
    assert codes({**good, "validUntil": "2099-01-01T00:00:00Z"}) == ("signature_invalid",)
    assert codes({k: v for k, v in good.items() if k != "proof"}) == ("proof_missing",)
    assert codes({**good, "proof": [good["proof"]]}) == ("proof_shape",)
    assert codes(proof(domain="x")) == ("proof_shape",)
    assert codes(proof(cryptosuite="eddsa-rdfc-2022")) == ("proof_suite",)
    assert codes(proof(proofPurpose="authentication")) == ("proof_purpose",)
    assert codes(proof(proofValue="u123")) == ("proof_value",)
    assert codes(proof(proofValue="z0OIl")) == ("proof_value",)
    assert codes(proof(created="2099-01-01T00:00:00Z")) == ("proof_date",)
    assert codes(proof(verificationMethod=None)) == ("kid_missing",)
    assert codes(proof(verificationMethod="key-1")) == ("kid_malformed",)
    assert codes(proof(verificationMethod="did:web:x#AAAAAAAAAAA")) == ("kid_unknown",)
    assert codes(proof(**{"@context": ["https://evil.example"]})) == ("context_wrong",)
    es256 = f"{did_web(settings.BASE_URL)}#{truck(cast).kid}"
    assert codes(proof(verificationMethod=es256)) == ("key_purpose",)
    assert codes({**good, "x": float("nan")}) == ("not_canonical",)


# --- VC-API


def test_verify_answers_for_every_format(cast: Cast) -> None:
    post, row = poster(), truck(cast)
    integrity = with_data_integrity(row, by=TESTER, at=timezone.now())
    for value in (row.qr, row.vc_jwt, envelope(row.vc_jwt), integrity, json.dumps(integrity)):
        answer = post("/credentials/verify", {"verifiableCredential": value, "options": {}})
        assert answer.status_code == 200
        assert answer.json()["verified"], answer.json()
        assert answer.json()["credential"]["plate"]["number"] == row.plate_number
    services.suspend(credential=row, by=TESTER, at=timezone.now(), reason=Reason.STOLEN)
    answer = post("/credentials/verify", {"verifiableCredential": row.vc_jwt}).json()
    assert (answer["verified"], [e["code"] for e in answer["errors"]]) == (False, ["suspended"])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "invalid"),
        (5, "not_text"),
        ("", "empty"),
        ("hello", "format_unknown"),
        ("a.b.c", "base64_invalid"),
        ("TT1:!", "base45_invalid"),
        ({}, "proof_missing"),
        ([], "not_text"),
        ("{", "json_malformed"),
    ],
)
def test_what_is_no_credential_is_400(cast: Cast, value: Any, code: str) -> None:
    answer = poster()("/credentials/verify", {"verifiableCredential": value})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_forged_one_is_200_and_not_verified(cast: Cast) -> None:
    forged = forge.jwt(truck(cast), by=forge.STRANGER)
    answer = poster()("/credentials/verify", {"verifiableCredential": forged})
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["code"] == "signature_invalid"
    assert answer.json()["credential"] is None


def test_what_was_signed_but_never_issued_is_told(cast: Cast) -> None:
    stray = forge.jwt(
        truck(cast), claims=forge.put(id="urn:uuid:01a20f4f-2354-70a9-aa8b-196b2eeb8ad1")
    )
    answer = poster()("/credentials/verify", {"verifiableCredential": stray}).json()
    assert [error["code"] for error in answer["errors"]] == ["not_issued"]


def test_presentations(cast: Cast) -> None:
    post = poster()

    def present(**entries: Any) -> Any:
        return post("/presentations/verify", {"verifiablePresentation": entries})

    kind, good = "VerifiablePresentation", envelope(truck(cast).vc_jwt)
    bad = envelope(forge.jwt(truck(cast), by=forge.STRANGER))
    assert present(type=kind, verifiableCredential=[good]).json()["verified"]
    mixed = present(type=[kind], verifiableCredential=[good, bad]).json()
    assert [r["verified"] for r in mixed["credentialResults"]] == [True, False]
    assert not mixed["verified"]
    assert present(type="x").json()["code"] == "presentation_shape"
    assert present(type=kind).json()["code"] == "presentation_empty"
    many = present(type=kind, verifiableCredential=[good] * 17)
    assert many.json()["code"] == "presentation_too_many"


def test_issue_and_status_need_an_agency(cast: Cast, agency: Callable[..., Any]) -> None:
    body = {"credential": {"credentialSubject": {"id": f"urn:uuid:{cast.norte.public_id}"}}}
    assert poster()("/credentials/issue", body).status_code == 401
    assert poster(cast.key)("/credentials/issue", body).status_code == 403
    own = issue_key(
        scopes=[Scope.CREDENTIALS_ISSUE],
        by=TESTER,
        at=timezone.now(),
        carrier_id=cast.norte.pk,
    )
    assert poster(own)("/credentials/issue", body).status_code == 403
    made = agency("/credentials/issue", body)
    assert made.status_code == 201
    signed = made.json()["verifiableCredential"]
    assert signed["type"] == "EnvelopedVerifiableCredential"
    assert poster()("/credentials/verify", {"verifiableCredential": signed}).json()["verified"]
    assert agency("/credentials/issue", body).json()["code"] == "already_issued"


def test_issue_with_data_integrity_and_an_end(cast: Cast, agency: Callable[..., Any]) -> None:
    ends = (timezone.now() + timedelta(days=9)).isoformat(timespec="seconds")
    body = {
        "credential": {
            "credentialSubject": {"id": f"urn:uuid:{cast.norte.public_id}", "legalName": "Norte"},
            "validUntil": ends,
        },
        "options": {"format": "eddsa-jcs-2022"},
    }
    signed = agency("/credentials/issue", body).json()["verifiableCredential"]
    assert signed["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert poster()("/credentials/verify", {"verifiableCredential": signed}).json()["verified"]


def test_an_end_that_has_passed_is_named(cast: Cast, agency: Callable[..., Any]) -> None:
    subject = {"id": f"urn:uuid:{cast.norte.public_id}"}
    body = {"credentialSubject": subject, "validUntil": "2020-01-01T00:00:00Z"}
    answer = agency("/credentials/issue", {"credential": body})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("credential.validUntil", "in_the_past")


def test_the_issuer_signs_its_record_only(cast: Cast, agency: Callable[..., Any]) -> None:
    subject = {"id": f"urn:uuid:{cast.norte.public_id}", "legalName": "Sinaloa Inc", "x": 1}
    answer = agency("/credentials/issue", {"credential": {"credentialSubject": subject}})
    assert answer.status_code == 400
    assert {e["field"] for e in answer.json()["errors"]} == {
        "credential.credentialSubject.legalName",
        "credential.credentialSubject.x",
    }
    nobody = {"credentialSubject": {"id": "urn:uuid:01a20f4f-2354-70a9-aa8b-196b2eeb8ad1"}}
    assert agency("/credentials/issue", {"credential": nobody}).json()["code"] == "subject_unknown"
    wrong = {"credential": {"credentialSubject": {"id": "truck-7"}}}
    assert agency("/credentials/issue", wrong).json()["errors"][0]["code"] == "not_a_uuid"


def test_status_suspends_reinstates_and_revokes(cast: Cast, agency: Callable[..., Any]) -> None:
    row = truck(cast)

    def change(purpose: str, value: Any) -> Any:
        return agency(
            "/credentials/status",
            {
                "credentialId": f"urn:uuid:{row.public_id}",
                "credentialStatus": {"statusPurpose": purpose, "status": value},
                "reason": "stolen",
            },
        )

    assert change("suspension", "1").json()["state"] == "suspended"
    assert change("suspension", "0").json()["state"] == "active"
    assert change("revocation", False).json()["errors"][0]["code"] == "revocation_is_final"
    assert change("revocation", True).json()["state"] == "revoked"
    assert change("suspension", True).json()["code"] == "transition_refused"
    assert change("mood", True).status_code == 400


# --- The page


def check(text: str = "", picture: bytes | None = None, **headers: str) -> Any:
    data: dict[str, Any] = {"credential": text}
    if picture is not None:
        data["picture"] = SimpleUploadedFile("qr.png", picture)
    return Client().post("/verify/check", data, headers=headers)


def test_the_page_says_what_holds(cast: Cast) -> None:
    row = truck(cast)
    assert "Verify a credential" in Client().get("/verify/").content.decode()
    page = check(row.vc_jwt).content.decode()
    assert "This credential is valid" in page
    assert row.plate_number in page
    assert f"{row.valid_until:%-d %b %Y, %H:%M} UTC" in page
    services.revoke(credential=row, by=TESTER, at=timezone.now(), reason=Reason.FRAUD)
    page = check(row.qr).content.decode()
    assert "genuine, but does not count now" in page
    assert "It has been revoked." in page
    page = check(forge.qr(row, by=forge.STRANGER)).content.decode()
    assert "This is no credential of the programme" in page


def test_the_page_reads_pictures(cast: Cast) -> None:
    row = truck(cast)
    assert "This credential is valid" in check(picture=images.png(row.qr)).content.decode()
    answer = check(picture=images.png(row.qr), **{"X-Camera": "1"})
    assert "This credential is valid" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert check(picture=b"nothing", **{"X-Camera": "1"}).status_code == 204
    wrong = check(picture=b"nothing")
    assert wrong.status_code == 400
    assert "not a picture" in wrong.content.decode()
    assert "Paste a credential" in check().content.decode()


def test_the_language_can_be_changed_after_a_check(cast: Cast) -> None:
    """The choice comes back to the address that the check was sent to."""
    client = Client()
    client.post("/verify/check", {"credential": truck(cast).qr})
    chosen = {"language": "es", "next": "/verify/check"}
    page = client.post("/i18n/setlang/", chosen, follow=True)
    assert page.status_code == 200
    assert "Verificar una credencial" in page.content.decode()


def test_the_public_addresses_are_limited(cast: Cast) -> None:
    client = Client()
    statuses = [client.post("/verify/check", {"credential": "x"}).status_code for _ in range(242)]
    assert statuses[:240] == [200] * 240
    assert statuses[240:] == [429, 429]
