"""Addresses of the advance data."""

from django.urls import URLPattern, path

from trustedtruck.manifests.api import certificates, manifests

urlpatterns: list[URLPattern] = [
    path("api/v1/manifests/", manifests.Manifests.as_view(), name="manifests"),
    path(
        "api/v1/manifests/<str:trip_number>/", manifests.ManifestOfTrip.as_view(), name="manifest"
    ),
    path(
        "api/v1/manifest-submissions/<uuid:public_id>/",
        manifests.SubmissionStatus.as_view(),
        name="manifest-submission",
    ),
    path(
        "api/v1/plant-health-certificates/",
        certificates.Certificates.as_view(),
        name="plant-health-certificates",
    ),
    path(
        "api/v1/plant-health-certificates/<uuid:public_id>/",
        certificates.CertificateByID.as_view(),
        name="plant-health-certificate",
    ),
]
