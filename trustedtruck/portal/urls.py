"""The addresses of the first page."""

from django.urls import path

from trustedtruck.portal import views

urlpatterns = [path("", views.home, name="home")]
