"""The addresses that a port's own installation asks headquarters at."""

from django.urls import path

from lanes.edge import api

urlpatterns = [
    path("api/v1/edge/bundle/", api.EdgeBundle.as_view(), name="edge-bundle"),
    path("api/v1/edge/journal/", api.EdgeJournal.as_view(), name="edge-journal"),
]
