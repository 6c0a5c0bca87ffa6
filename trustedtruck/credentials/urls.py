"""Addresses of credentials: public documents, VC-API."""

from django.urls import URLPattern, path

from trustedtruck.credentials.api import documents, vc_api

urlpatterns: list[URLPattern] = [
    path(".well-known/did.json", documents.did, name="did"),
    path(".well-known/jwks.json", documents.jwks, name="jwks"),
    path("contexts/v1", documents.context, name="vc-context"),
    path("schemas/<slug:kind>-v1.json", documents.schema, name="vc-schema"),
    path("status/tokens/<int:number>", documents.status_tokens, name="status-tokens"),
    path("status/<slug:purpose>/<int:number>", documents.status_list, name="status-list"),
    path("credentials/issue", vc_api.Issue.as_view(), name="vc-issue"),
    path("credentials/status", vc_api.Status.as_view(), name="vc-status"),
    path("credentials/verify", vc_api.Verify.as_view(), name="vc-verify"),
    path(
        "presentations/verify", vc_api.VerifyPresentation.as_view(), name="vc-verify-presentation"
    ),
]
