"""Addresses of the partner API and of TAXII."""

from django.urls import URLPattern, path

from trustedtruck.alerts.api import taxii, views

_COLLECTION = "taxii2/alerts/collections/<uuid:public_id>/"
urlpatterns: list[URLPattern] = [
    path("api/v1/alerts/feed/", views.Feed.as_view(), name="alerts-feed"),
    path("api/v1/alerts/feed.csv", views.FeedCSV.as_view(), name="alerts-feed-csv"),
    path("api/v1/alerts/stix/", views.Stix.as_view(), name="alerts-stix"),
    path("api/v1/alerts/messages/", views.Messages.as_view(), name="alerts-messages"),
    path("api/v1/alerts/inbox/<str:code>/", views.Inbox.as_view(), name="alerts-inbox"),
    path("taxii2/extension.json", views.Extension.as_view(), name="alerts-extension"),
    path("taxii2/", taxii.Discovery.as_view(), name="taxii-discovery"),
    path("taxii2/alerts/", taxii.Root.as_view(), name="taxii-root"),
    path("taxii2/alerts/collections/", taxii.Collections.as_view(), name="taxii-collections"),
    path(_COLLECTION, taxii.Collection.as_view(), name="taxii-collection"),
    path(f"{_COLLECTION}objects/", taxii.Objects.as_view(), name="taxii-objects"),
    path(f"{_COLLECTION}objects/<str:object_id>/", taxii.Object.as_view(), name="taxii-object"),
    path(f"{_COLLECTION}manifest/", taxii.Manifest.as_view(), name="taxii-manifest"),
]
