"""Why a credential, a list or a bundle was refused: stable codes and the sentences for them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXTS: dict[str, str | Promise] = {
    # What was handed in
    "not_text": _("This is not a text."),
    "empty": _("There is nothing to check."),
    "oversized": _("This is larger than any credential of the programme."),
    "format_unknown": _("This is no kind of credential that the programme issues."),
    # QR: prefix, Base45, CBOR, COSE
    "qr_prefix": _("The QR code is not one of the programme’s."),
    "base45_invalid": _("The QR code is damaged: it is not Base45."),
    "cbor_truncated": _("The QR code’s content ends too early."),
    "cbor_trailing": _("Something follows after the end of the QR code’s content."),
    "cbor_depth": _("The QR code’s content is nested too deeply."),
    "cbor_length": _("A length in the QR code’s content is larger than the content."),
    "cbor_indefinite": _("The QR code’s content has a part without a length."),
    "cbor_not_shortest": _("A number in the QR code’s content is not written in its short form."),
    "cbor_type": _("The QR code’s content has a part of a kind that does not belong there."),
    "cbor_text": _("A text in the QR code’s content is not UTF-8."),
    "cbor_key_twice": _("A name stands twice in the QR code’s content."),
    "cose_shape": _("The QR code’s content is not a signed message."),
    "cose_header": _("The header of the signed message is malformed."),
    "cose_unprotected": _("The signed message has a header that the signature does not protect."),
    "header_unknown": _("The header has an entry that the programme does not use."),
    "claims_shape": _("The claims are not a list of names and values."),
    "claim_unknown": _("There is a claim that the programme does not use."),
    # JSON and JWT
    "jwt_parts": _("A signed credential has three parts; this has not."),
    "base64_invalid": _("A part of the credential is not base64url."),
    "json_malformed": _("A part of the credential is not JSON."),
    "json_not_utf8": _("A part of the credential is not UTF-8."),
    "json_duplicate_name": _("A name stands twice in the credential."),
    "json_depth": _("The credential is nested too deeply."),
    "json_constant": _("The credential has a number that JSON does not know."),
    "json_not_object": _("A part of the credential is not a JSON object."),
    "header_key": _("The credential brings its own key; only published keys count."),
    "b64_false": _("The payload is not encoded as a credential’s must be."),
    # Key and signature
    "crit_unknown": _("The header demands something that the programme does not know."),
    "typ_missing": _("The header does not say what was signed."),
    "typ_wrong": _("What was signed is not a credential of this kind."),
    "alg_missing": _("The header names no algorithm."),
    "alg_none": _("The credential is not signed."),
    "alg_unsupported": _("It is signed by an algorithm that the programme does not use."),
    "alg_mismatch": _("The algorithm is not that of the key."),
    "kid_missing": _("The header names no key."),
    "kid_malformed": _("The name of the key is malformed."),
    "kid_unknown": _("The key is not one of the programme’s."),
    "key_purpose": _("The key is not one that signs credentials of this kind."),
    "key_retired": _("The key was no longer in use when this was signed."),
    "key_distrusted": _("The key has been declared untrustworthy."),
    "signature_length": _("The signature does not have the length of one."),
    "signature_invalid": _("The signature does not fit: this was altered or is a forgery."),
    # Claims
    "claim_missing": _("A claim is missing that every credential has."),
    "claim_type": _("A claim is of the wrong kind."),
    "issuer_mismatch": _("The issuer is not the one whose key signed this."),
    "kind_unknown": _("It is not about a carrier, driver, truck or trailer."),
    "tag_malformed": _("The tag’s number is malformed."),
    "plate_malformed": _("The plate is malformed."),
    "validity_inverted": _("Its period ends before it begins."),
    "issued_in_future": _("It says that it was issued in the future."),
    "expired": _("It has expired."),
    "not_yet_valid": _("It is not valid yet."),
    # Verifiable Credentials Data Model
    "context_wrong": _("The JSON-LD contexts are not the programme’s."),
    "term_undefined": _("There is a term that the contexts do not define."),
    "type_missing": _("The types of a credential of the programme are missing."),
    "type_undefined": _("There is a type that the contexts do not define."),
    "id_missing": _("An identifier is missing."),
    "id_relative": _("An identifier is not absolute."),
    "date_malformed": _("A date is malformed."),
    "schema_wrong": _("The schema named is not the programme’s."),
    "subject_shape": _("The subject is not exactly one object."),
    # Data Integrity
    "proof_missing": _("There is no proof."),
    "proof_shape": _("The proof is not exactly one object with the entries that it needs."),
    "proof_suite": _("The proof is of a kind that the programme does not use."),
    "proof_purpose": _("The proof was made for another purpose."),
    "proof_value": _("The proof’s value is not multibase base58."),
    "proof_date": _("The proof’s time is missing, malformed or in the future."),
    "not_canonical": _("The credential cannot be brought into canonical form."),
    # SD-JWT
    "sdjwt_shape": _("This is not an SD-JWT."),
    "disclosure_malformed": _("A disclosure is malformed."),
    "disclosure_unknown": _("A disclosure belongs to no claim."),
    "disclosure_twice": _("A disclosure stands twice."),
    "disclosure_name": _("A disclosure has a name that it must not have."),
    "sd_alg_unsupported": _("The disclosures are hashed by an algorithm that is not used."),
    "vct_wrong": _("The type of the credential is not the programme’s."),
    "key_binding_missing": _("The holder did not prove to hold the credential’s key."),
    "key_binding_typ": _("The holder’s proof is not a proof of that kind."),
    "key_binding_signature": _("The holder’s proof is not signed by the credential’s key."),
    "key_binding_nonce": _("The holder’s proof answers another question."),
    "key_binding_audience": _("The holder’s proof was made for another verifier."),
    "key_binding_time": _("The holder’s proof is too old, or from the future."),
    "key_binding_hash": _("The holder’s proof is about another presentation."),
    # Status
    "status_missing": _("It does not say where its status is published."),
    "status_malformed": _("Its status entry is malformed."),
    "status_list_unknown": _("The status list is not at hand."),
    "status_list_issuer": _("The status list was published by another issuer."),
    "status_list_typ": _("The status list is not a signed list."),
    "status_purpose": _("The status list serves another purpose."),
    "status_list_expired": _("The status list is out of date."),
    "status_list_encoding": _("The status list is damaged."),
    "status_list_too_short": _("The status list is shorter than a list must be."),
    "status_list_too_long": _("The status list is longer than any of the programme’s."),
    "status_index_out_of_range": _("The status entry lies outside of its list."),
    "revoked": _("It has been revoked."),
    "suspended": _("It is suspended."),
    "superseded": _("It has been replaced by another."),
    "not_issued": _("The programme has no record of having issued it."),
    # Lane bundle
    "bundle_port": _("The bundle was made for another port."),
    "bundle_malformed": _("The lane bundle is malformed."),
    "bundle_typ": _("This is not a lane bundle."),
    "bundle_issuer": _("The lane bundle was made by another issuer."),
    "bundle_stale": _("The lane bundle is out of date."),
    "bundle_from_future": _("The lane bundle is from the future."),
    "bundle_rolled_back": _("The lane bundle is older than the one already held."),
    "bundle_gap": _("The change does not fit the lane bundle that is held."),
    "bundle_digest": _("The lane bundle that results is not the one that was signed for."),
    "tag_unknown": _("The lane bundle does not have this tag."),
    "tag_mismatch": _("The credential belongs to another tag."),
    "held": _("There is a hold on it."),
    # Presentations
    "presentation_shape": _("This is not a presentation of credentials."),
    "presentation_empty": _("The presentation holds no credential."),
    "presentation_too_many": _("The presentation holds too many credentials."),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason for a refusal."""

    code: str

    @property
    def text(self) -> str | Promise:
        return TEXTS[self.code]


class Refusal(Exception):
    """Raised inside the verifiers and turned into a verdict at their door; never leaves them."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.failure = Failure(code)
