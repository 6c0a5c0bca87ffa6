"""The addresses of inspections: the scanners' API."""

from django.urls import path

from lanes.inspections import pages
from lanes.inspections.api import views

urlpatterns = [
    path("releases/<str:token>/", pages.verify_release, name="verify-release"),
    path(
        "api/v1/arrivals/<uuid:arrival_id>/scans/", views.ScansView.as_view(), name="arrival-scans"
    ),
    path("api/v1/scans/<uuid:scan_id>/", views.ScanView.as_view(), name="scan"),
    path(
        "api/v1/scans/<uuid:scan_id>/images/<int:position>/",
        views.ScanImageView.as_view(),
        name="scan-image",
    ),
]
