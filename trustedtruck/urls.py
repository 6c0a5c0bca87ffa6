"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from trustedtruck.core import views as core

handler400 = core.bad_request
handler403 = core.permission_denied
handler404 = core.not_found
handler500 = core.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    # First, for addresses are tried in this order, and a truck waits.
    path("", include("lanes.urls")),
    path("", include("trustedtruck.portal.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("", include("trustedtruck.console.urls")),
    path("console/enrolment/", include("trustedtruck.console.enrolment.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(), name="api-docs"),
    path("api/docs/problems/", core.problems, name="problems"),
    path("", include("trustedtruck.credentials.urls")),
    path("", include("trustedtruck.alerts.urls")),
    path("", include("trustedtruck.manifests.urls")),
    path("", include("lanes.edge.urls")),
    path("", include("lanes.inspections.urls")),
]
