"""The addresses of inspections; `console.urls` takes them into its own."""

from django.urls import path

from trustedtruck.console.inspections import cases, exams, scans, stations

_ONE = "ports/<str:code>/inspections/<uuid:inspection_id>/"
inspection_pages = [
    path("ports/<str:code>/inspections/", cases.inspections, name="inspections"),
    path(_ONE, cases.inspection, name="inspection"),
    path(f"{_ONE}<str:action>/", cases.act, name="inspection-act"),
    path(f"{_ONE}exams/<str:kind>/", exams.open_exam, name="exam-open"),
    path("ports/<str:code>/exams/<int:exam_id>/", exams.exam, name="exam"),
    path("ports/<str:code>/exams/<int:exam_id>/draft/", exams.draft, name="exam-draft"),
    path("ports/<str:code>/exams/<int:exam_id>/approve/", exams.approve, name="exam-approve"),
    path("ports/<str:code>/photos/<int:photo_id>/", exams.photo, name="photo"),
    path("ports/<str:code>/scans/<uuid:scan_id>/", scans.scan, name="scan"),
    path(
        "ports/<str:code>/scans/<uuid:scan_id>/images/<int:position>/",
        scans.image,
        name="scan-image",
    ),
    path("ports/<str:code>/stations/", stations.stations, name="stations"),
    path("ports/<str:code>/stations/<str:station>/turn/", stations.turn, name="station-turn"),
]
