"""Addresses of credentials: public documents, VC-API, wallet, bundle, cards, verifier."""

from django.urls import URLPattern, path

from trustedtruck.credentials import pages
from trustedtruck.credentials.api import documents, holders, vc_api, wallet

urlpatterns: list[URLPattern] = [
    path(".well-known/did.json", documents.did, name="did"),
    path(".well-known/jwks.json", documents.jwks, name="jwks"),
    path(".well-known/openid-credential-issuer", wallet.issuer_metadata, name="vci-issuer"),
    path(".well-known/oauth-authorization-server", wallet.server_metadata, name="vci-server"),
    path(".well-known/jwt-vc-issuer", wallet.vc_issuer, name="vc-issuer"),
    path("vct/driver-v1", wallet.type_metadata, name="vct"),
    path("oid4vci/token", wallet.token, name="vci-token"),
    path("oid4vci/nonce", wallet.nonce, name="vci-nonce"),
    path("oid4vci/credential", wallet.credential, name="vci-credential"),
    path("api/v1/wallet-offers/", wallet.WalletOffers.as_view(), name="wallet-offers"),
    path("verify/", pages.verify, name="verify"),
    path("verify/check", pages.verify_posted, name="verify-posted"),
    path("contexts/v1", documents.context, name="vc-context"),
    path("schemas/<slug:kind>-v1.json", documents.schema, name="vc-schema"),
    path("status/tokens/<int:number>", documents.status_tokens, name="status-tokens"),
    path("status/<slug:purpose>/<int:number>", documents.status_list, name="status-list"),
    path("credentials/issue", vc_api.Issue.as_view(), name="vc-issue"),
    path("credentials/status", vc_api.Status.as_view(), name="vc-status"),
    path("credentials/verify", vc_api.Verify.as_view(), name="vc-verify"),
    path("api/v1/lane-bundle/", holders.LaneBundle.as_view(), name="lane-bundle"),
    path(
        "api/v1/credentials/<uuid:public_id>/<str:form>",
        holders.CredentialCard.as_view(),
        name="credential-card",
    ),
    path(
        "api/v1/carriers/<uuid:public_id>/cards.zip",
        holders.FleetCards.as_view(),
        name="fleet-cards",
    ),
    path("api/v1/credential-jobs/", holders.BulkJobs.as_view(), name="bulk-jobs"),
    path(
        "api/v1/credential-jobs/<uuid:public_id>/",
        holders.BulkJobProgress.as_view(),
        name="bulk-job",
    ),
    path(
        "presentations/verify", vc_api.VerifyPresentation.as_view(), name="vc-verify-presentation"
    ),
]
