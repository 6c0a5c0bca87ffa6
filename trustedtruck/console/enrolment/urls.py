"""The addresses of enrolment officers' pages, under `/console/enrolment/`."""

from django.urls import path

from trustedtruck.console.enrolment import applications, carriers

app_name = "enrolment"
urlpatterns = [
    path("", applications.applications, name="applications"),
    path("applications/<uuid:public_id>/", applications.application, name="application"),
    path("applications/<uuid:public_id>/ask/", applications.ask, name="ask"),
    path("applications/<uuid:public_id>/advise/", applications.advise, name="advise"),
    path("applications/<uuid:public_id>/decide/", applications.decide, name="decide"),
    path("evidence/<uuid:public_id>/", applications.evidence, name="evidence"),
    path("carriers/", carriers.carriers, name="carriers"),
    path("carriers/<uuid:public_id>/", carriers.carrier, name="carrier"),
    path("carriers/<uuid:public_id>/measures/", carriers.impose, name="impose"),
    path("visits/<uuid:public_id>/report/", carriers.report_visit, name="visit"),
    path("measures/<uuid:public_id>/lift/", carriers.lift, name="lift"),
    path("plans/<int:pk>/review/", carriers.review_plan, name="plan"),
    path("appeals/<uuid:public_id>/decide/", carriers.decide_appeal, name="appeal"),
]
