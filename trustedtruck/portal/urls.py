"""The addresses of the first page and of the carriers' pages."""

from django.urls import include, path

from trustedtruck.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("demonstration/mail/", views.mailbox, name="mailbox"),
    path("portal/", include("trustedtruck.portal.routes")),
]
