"""The addresses of inspections; `console.urls` takes them into its own."""

from django.urls import path

from trustedtruck.console.inspections import (
    cases,
    exams,
    figures,
    joint,
    proposals,
    scans,
    stations,
)

_ONE = "ports/<str:code>/inspections/<uuid:inspection_id>/"
inspection_pages = [
    path("ports/<str:code>/inspections/", cases.inspections, name="inspections"),
    path(_ONE, cases.inspection, name="inspection"),
    path(f"{_ONE}joint/", joint.begin, name="joint-open"),
    path(f"{_ONE}joint/verdict/", joint.judge, name="joint-verdict"),
    path(f"{_ONE}joint/document/", joint.document, name="joint-document"),
    path(f"{_ONE}<str:action>/", cases.act, name="inspection-act"),
    path(f"{_ONE}exams/<str:kind>/", exams.open_exam, name="exam-open"),
    path("ports/<str:code>/exams/<int:exam_id>/", exams.exam, name="exam"),
    path("ports/<str:code>/exams/<int:exam_id>/draft/", exams.draft, name="exam-draft"),
    path("ports/<str:code>/exams/<int:exam_id>/photos/", exams.add_photo, name="exam-photo"),
    path("ports/<str:code>/exams/<int:exam_id>/approve/", exams.approve, name="exam-approve"),
    path("ports/<str:code>/photos/<int:photo_id>/", exams.photo, name="photo"),
    path("ports/<str:code>/scans/<uuid:scan_id>/", scans.scan, name="scan"),
    path(
        "ports/<str:code>/scans/<uuid:scan_id>/images/<int:position>/",
        scans.image,
        name="scan-image",
    ),
    path("ports/<str:code>/figures/", figures.port_figures, name="figures"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:proposal_id>/", proposals.decide, name="proposal-decide"),
    path("ports/<str:code>/stations/", stations.stations, name="stations"),
    path("ports/<str:code>/stations/<str:station>/turn/", stations.turn, name="station-turn"),
]
