"""The addresses of the port: the lane-assignment API, health and metrics."""

from django.urls import path

from lanes.api import crossings, draws, health, numbers, views, wait_times

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", numbers.metrics, name="metrics"),
    path("api/v1/arrivals/", views.ArrivalsView.as_view(), name="arrivals"),
    path("api/v1/arrivals/<uuid:arrival_id>/", views.ArrivalView.as_view(), name="arrival"),
    path(
        "api/v1/arrivals/<uuid:arrival_id>/passages/",
        views.PassagesView.as_view(),
        name="passages",
    ),
    path("api/v1/crossings/", crossings.CrossingsView.as_view(), name="crossings"),
    path("api/v1/wait-times/", wait_times.WaitTimesView.as_view(), name="wait-times"),
    path("api/v1/draws/", draws.DrawsView.as_view(), name="draws"),
    path("api/v1/ports/<str:code>/lanes/", views.LanesView.as_view(), name="lanes"),
]
