"""OpenID4VCI 1.0, pre-authorised code flow, for a driver's wallet.

Refusals are in OAuth's own form (`error`, `error_description`), because wallets read nothing else.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trustedtruck.accounts.roles import Scope
from trustedtruck.core.fields import instant
from trustedtruck.core.openapi import PROBLEMS
from trustedtruck.credentials.api import access, serializers
from trustedtruck.credentials.api.documents import fetched_json
from trustedtruck.credentials.api.throttle import limited
from trustedtruck.credentials.api.vc_api import issuer
from trustedtruck.credentials.failures import Refusal
from trustedtruck.credentials.formats import sd_jwt, strict_json
from trustedtruck.credentials.keyset import did_web
from trustedtruck.credentials.queries import documents
from trustedtruck.credentials.queries.keys import all_keys
from trustedtruck.credentials.services import wallet
from trustedtruck.credentials.services.wallet import WalletError

View = Callable[[HttpRequest], HttpResponse]
_NAMES = {
    "given_names": "Given names",
    "family_names": "Family names",
    "fast_card": "FAST card",
    "carrier_name": "Carrier",
    "carrier_scac": "SCAC",
}


def in_oauth_words(view: View) -> View:
    """Limit by address, and answer a `WalletError` as OAuth does."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if limited(request):
            return _error("slow_down", "Too many requests.", HTTPStatus.TOO_MANY_REQUESTS)
        try:
            response = view(request)
        except WalletError as error:
            return _error(error.error, error.description, error.status)
        response["Cache-Control"] = "no-store"
        return response

    return answered


def _error(error: str, description: str, status: int) -> JsonResponse:
    response = JsonResponse({"error": error, "error_description": description}, status=status)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = f'Bearer error="{error}"'
    return response


@require_safe
def issuer_metadata(request: HttpRequest) -> HttpResponse:
    """`/.well-known/openid-credential-issuer`."""
    base = settings.BASE_URL
    value = {
        "credential_issuer": base,
        "credential_endpoint": f"{base}/oid4vci/credential",
        "nonce_endpoint": f"{base}/oid4vci/nonce",
        "display": [{"name": "TrustedTruck", "locale": "en"}],
        "credential_configurations_supported": {
            wallet.CONFIGURATION: {
                "format": sd_jwt.TYP,
                "vct": sd_jwt.vct_url(base),
                "cryptographic_binding_methods_supported": ["jwk"],
                "credential_signing_alg_values_supported": ["ES256"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
                "credential_metadata": {
                    "display": [{"name": "Trusted driver", "locale": "en"}],
                    "claims": [
                        {"path": [name], "display": [{"name": text, "locale": "en"}]}
                        for name, text in _NAMES.items()
                    ],
                },
            }
        },
    }
    return fetched_json(request, value)


@require_safe
def server_metadata(request: HttpRequest) -> HttpResponse:
    """`/.well-known/oauth-authorization-server` (RFC 8414)."""
    base = settings.BASE_URL
    return fetched_json(
        request,
        {
            "issuer": base,
            "token_endpoint": f"{base}/oid4vci/token",
            "grant_types_supported": [wallet.GRANT],
            "token_endpoint_auth_methods_supported": ["none"],
            "pre-authorized_grant_anonymous_access_supported": True,
            "response_types_supported": ["none"],
        },
    )


@require_safe
def vc_issuer(request: HttpRequest) -> HttpResponse:
    """`/.well-known/jwt-vc-issuer` (SD-JWT VC, section 5)."""
    keys = documents.jwks(all_keys(), settings.BASE_URL, timezone.now())
    # Credentials name their key by its DID URL; here each stands under that name.
    named = [{**key, "kid": f"{did_web(settings.BASE_URL)}#{key['kid']}"} for key in keys["keys"]]
    return fetched_json(request, {"issuer": settings.BASE_URL, "jwks": {"keys": named}})


@require_safe
def type_metadata(request: HttpRequest) -> HttpResponse:
    """What the `vct` of a driver's credential stands for."""
    return fetched_json(
        request,
        {
            "vct": sd_jwt.vct_url(settings.BASE_URL),
            "name": "Trusted driver",
            "display": [{"locale": "en", "name": "Trusted driver"}],
            "claims": [
                {"path": [name], "sd": "always", "display": [{"locale": "en", "label": text}]}
                for name, text in _NAMES.items()
            ],
        },
    )


@in_oauth_words
def token(request: HttpRequest) -> HttpResponse:
    """Code and PIN for an access token."""
    if request.POST.get("grant_type") != wallet.GRANT:
        raise WalletError("unsupported_grant_type", "Only pre-authorised codes are taken.")
    made = wallet.exchange(
        code=request.POST.get("pre-authorized_code", ""),
        pin=request.POST.get("tx_code", ""),
        at=timezone.now(),
    )
    life = int(wallet.OFFER_LIFE.total_seconds())
    return JsonResponse({"access_token": made, "token_type": "Bearer", "expires_in": life})


@in_oauth_words
def nonce(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"c_nonce": wallet.nonce()})


@in_oauth_words
def credential(request: HttpRequest) -> HttpResponse:
    """The credential itself, for a token and a proof of the wallet's key."""
    scheme, _space, held = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not held:
        raise WalletError("invalid_token", "A bearer token is needed.", 401)
    body = _body(request)
    if body.get("credential_configuration_id") != wallet.CONFIGURATION:
        raise WalletError("unknown_credential_configuration", "Only drivers' credentials.")
    proofs = body.get("proofs")
    found = proofs.get("jwt") if isinstance(proofs, dict) else None
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], str):
        raise WalletError("invalid_proof", "Exactly one proof of type jwt is needed.")
    made = wallet.collect(token=held, proof=found[0], base_url=settings.BASE_URL, at=timezone.now())
    return JsonResponse({"credentials": [{"credential": made}]})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        return strict_json.object_of(request.body)
    except Refusal:
        raise WalletError("invalid_credential_request", "The body is not JSON.") from None


class WalletOffers(APIView):
    """Offer a driver's credential to their wallet; hand the PIN over by another way."""

    scope = Scope.CREDENTIALS_ISSUE

    @extend_schema(
        operation_id="wallet_offer",
        request=serializers.OfferRequest,
        responses={201: serializers.OfferAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = serializers.read(serializers.OfferRequest, request.data)
        by = issuer(request).actor
        row = access.visible_credential(request, body["credential"])
        made = wallet.offer(credential=row, base_url=settings.BASE_URL, by=by, at=timezone.now())
        answer = {"uri": made.uri, "pin": made.pin, "expires_at": instant(made.expires_at)}
        return Response(answer, status=HTTPStatus.CREATED)
