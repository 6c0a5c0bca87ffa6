"""The addresses of the console, and of a port's live events."""

from django.contrib import admin
from django.urls import include, path

from trustedtruck.console.alerts.urls import alert_pages
from trustedtruck.console.inspections.urls import inspection_pages
from trustedtruck.console.live.views import EventsView
from trustedtruck.console.pages import (
    alarms,
    arrivals,
    audit,
    board,
    checks,
    devices,
    home,
    lanes,
    notices,
    officers,
    papers,
    people,
    policies,
    ports,
    search,
    shift,
    things,
)
from trustedtruck.console.planning import views as planning

app_pages = [
    path("", home.home, name="home"),
    path("roles/", home.roles, name="roles"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.seen, name="notices-seen"),
    path("notices/mail/", notices.mail, name="notices-mail"),
    path("search/", search.search, name="search"),
    path("audit/", audit.events, name="audit"),
    path("audit/export/", audit.export, name="audit-export"),
    path("audit/<int:event_id>/", audit.event, name="audit-event"),
    path("devices/", devices.devices, name="devices"),
    path("devices/add/", devices.register, name="device-add"),
    path("devices/<int:device_id>/", devices.device, name="device"),
    path("devices/<int:device_id>/revoke/", devices.revoke_device, name="device-revoke"),
    path("devices/<int:device_id>/keys/", devices.issue_key, name="key-issue"),
    path("devices/<int:device_id>/public-keys/", devices.register_public_key, name="public-key"),
    path("keys/<str:prefix>/revoke/", devices.revoke_key, name="key-revoke"),
    path("officers/", officers.officers, name="officers"),
    path("officers/add/", officers.add, name="officer-add"),
    path("officers/<int:user_id>/", officers.officer, name="officer"),
    path("officers/<int:user_id>/block/", officers.block, name="officer-block"),
    path("trucks/<uuid:public_id>/", things.truck, name="truck"),
    path("trips/<str:number>/", things.trip, name="trip"),
    path("drivers/<uuid:public_id>/", people.driver, name="driver"),
    path("drivers/<uuid:public_id>/export/", people.export, name="person-export"),
    path("documents/<uuid:public_id>/", papers.document, name="document"),
    path("ports/", ports.ports, name="ports"),
    path("ports/add/", ports.add, name="port-add"),
    path("ports/<str:code>/", board.board, name="board"),
    path("ports/<str:code>/lanes/add/", lanes.add, name="lane-add"),
    path("ports/<str:code>/lanes/<str:lane>/", lanes.lane, name="lane"),
    path("ports/<str:code>/lanes/<str:lane>/turn/", lanes.turn, name="lane-turn"),
    path("ports/<str:code>/alarms/", alarms.alarms, name="alarms"),
    path("ports/<str:code>/alarms/<int:alarm_id>/close/", alarms.close, name="alarm-close"),
    path("ports/<str:code>/arrivals/<uuid:arrival_id>/", arrivals.arrival, name="arrival"),
    path("ports/<str:code>/arrivals/<uuid:arrival_id>/hold/", arrivals.hold, name="hold"),
    path("ports/<str:code>/arrivals/<uuid:arrival_id>/refer/", arrivals.refer, name="refer"),
    path("ports/<str:code>/arrivals/<uuid:arrival_id>/ask/", arrivals.ask_fast, name="ask-fast"),
    path("ports/<str:code>/requests/<int:override_id>/", arrivals.approve, name="approve-fast"),
    path("ports/<str:code>/holds/<int:hold_id>/lift/", arrivals.lift, name="hold-lift"),
    path("ports/<str:code>/shift/", shift.handover, name="shift"),
    path("ports/<str:code>/planning/", planning.planning, name="planning"),
    path("ports/<str:code>/planning/<uuid:run_id>/", planning.simulation, name="simulation"),
    path(
        "ports/<str:code>/planning/<uuid:run_id>/cancel/",
        planning.cancel,
        name="simulation-cancel",
    ),
    path("ports/<str:code>/planning/<uuid:run_id>/save/", planning.save, name="simulation-save"),
    path(
        "ports/<str:code>/planning/<uuid:run_id>/compare/",
        planning.compare,
        name="simulation-compare",
    ),
    path(
        "ports/<str:code>/planning/scenarios/<uuid:scenario_id>/",
        planning.scenario,
        name="scenario",
    ),
    path("ports/<str:code>/policies/", policies.policies, name="policies"),
    path("ports/<str:code>/policies/draft/", policies.draft, name="policy-draft"),
    path("ports/<str:code>/policies/<int:version>/", policies.policy, name="policy"),
    path(
        "ports/<str:code>/policies/<int:version>/approve/",
        policies.approve,
        name="policy-approve",
    ),
    path(
        "ports/<str:code>/policies/<int:version>/withdraw/",
        policies.withdraw,
        name="policy-withdraw",
    ),
    path("ports/<str:code>/policies/<int:version>/compare/", checks.compare, name="policy-compare"),
    path("ports/<str:code>/bias/", checks.bias, name="bias"),
    path("ports/<str:code>/policies/<int:version>/shadow/", policies.shadow, name="shadow"),
    *inspection_pages,
    *alert_pages,
]

urlpatterns = [
    path("console/tables/", admin.site.urls),
    path("console/", include((app_pages, "console"))),
    path("api/v1/ports/<str:code>/events/", EventsView.as_view(), name="port-events"),
]
