"""The addresses of enrolment officers' pages, under `/console/enrolment/`."""

from django.urls import path

from trustedtruck.console.enrolment import views

app_name = "enrolment"
urlpatterns = [
    path("", views.applications, name="applications"),
    path("applications/<uuid:public_id>/", views.application, name="application"),
    path("applications/<uuid:public_id>/ask/", views.ask, name="ask"),
    path("applications/<uuid:public_id>/advise/", views.advise, name="advise"),
    path("applications/<uuid:public_id>/decide/", views.decide, name="decide"),
    path("evidence/<uuid:public_id>/", views.evidence, name="evidence"),
    path("carriers/", views.carriers, name="carriers"),
    path("carriers/<uuid:public_id>/", views.carrier, name="carrier"),
    path("carriers/<uuid:public_id>/measures/", views.impose, name="impose"),
    path("visits/<uuid:public_id>/report/", views.report_visit, name="visit"),
    path("measures/<uuid:public_id>/lift/", views.lift, name="lift"),
    path("plans/<int:pk>/review/", views.review_plan, name="plan"),
    path("appeals/<uuid:public_id>/decide/", views.decide_appeal, name="appeal"),
]
