"""The console's menus: an entry is seen by whoever holds its permission.

A new page for officers adds one line here, in `GENERAL` or, where it belongs to a port, in
`AT_A_PORT`. `pages` are the names of the views under which the entry is marked as the present one.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lanes.models import Port
from trustedtruck.accounts.can import user_can
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """`permission` is None for what every officer has."""

    label: str | Promise
    page: str
    permission: Permission | None = None
    pages: frozenset[str] = frozenset()

    def holds(self, view: str) -> bool:
        return view == self.page or view in self.pages


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as a page shows it; `current` is a value of `aria-current`, or empty."""

    label: str | Promise
    address: str
    current: str


def _pages(app: str, *names: str) -> frozenset[str]:
    return frozenset(f"{app}:{name}" for name in names)


OVERVIEW = Entry(_("Overview"), "console:home")
GENERAL = (
    Entry(
        _("Enrolment"),
        "enrolment:applications",
        Permission.ENROLMENT_READ,
        _pages("enrolment", "application", "carriers", "carrier"),
    ),
    Entry(_("Records"), "console:proposals", Permission.ENROLMENT_READ),
    Entry(
        _("Alerts"),
        "console:alerts",
        Permission.ALERT_READ,
        _pages("console", "alert", "alert-issue", "alert-amend", "hits", "patterns", "quarantine")
        | _pages("console", "partners", "partner"),
    ),
    Entry(
        _("Ports"),
        "console:ports",
        Permission.PORT_WRITE,
        _pages("console", "port-add", "lane-add"),
    ),
    Entry(
        _("Devices"),
        "console:devices",
        Permission.DEVICE_READ,
        _pages("console", "device", "device-add", "key-issue"),
    ),
    Entry(
        _("Officers"),
        "console:officers",
        Permission.OFFICER_READ,
        _pages("console", "officer", "officer-add"),
    ),
    Entry(_("Audit"), "console:audit", Permission.AUDIT_READ, _pages("console", "audit-event")),
    Entry(_("Tables"), "admin:index", Permission.ADMIN_READ),
    Entry(_("Roles"), "console:roles"),
)
AT_A_PORT = (
    Entry(_("Lanes"), "console:board", Permission.BOARD_READ, _pages("console", "lane", "arrival")),
    Entry(_("Alarms"), "console:alarms", Permission.BOARD_READ, _pages("console", "alarm-close")),
    Entry(
        _("Inspections"),
        "console:inspections",
        Permission.JOINT_READ,
        _pages("console", "inspection", "inspection-act", "scan", "exam"),
    ),
    Entry(_("Stations"), "console:stations", Permission.INSPECTION_READ),
    Entry(
        _("Policy"),
        "console:policies",
        Permission.POLICY_READ,
        _pages("console", "policy", "policy-draft", "policy-approve", "policy-compare"),
    ),
    Entry(
        _("What if"),
        "console:planning",
        Permission.PLAN,
        _pages("console", "simulation", "simulation-save", "simulation-compare"),
    ),
    Entry(_("Figures"), "console:figures", Permission.FIGURES_READ),
    Entry(_("Fair chance"), "console:bias", Permission.AUDIT_READ),
    Entry(_("Hand-over"), "console:shift", Permission.SHIFT_READ),
)


def menu(request: HttpRequest, officer: User, ports: list[Port], port: Port | None) -> list[Link]:
    """The first row: the overview, the officer's ports, then what belongs to no single port."""
    view = _view(request)
    found = [_link(OVERVIEW, view)]
    for one in ports:
        entries = [entry for entry in AT_A_PORT if _may(officer, entry)]
        if entries:
            address = reverse(entries[0].page, args=[one.code])
            here = port is not None and port.code == one.code
            found.append(Link(one.name, address, "true" if here else ""))
    found += [_link(entry, view) for entry in GENERAL if _may(officer, entry)]
    return found


def port_menu(request: HttpRequest, officer: User, port: Port | None) -> list[Link]:
    """The second row, on the pages of a port."""
    if port is None:
        return []
    view = _view(request)
    return [_link(entry, view, port.code) for entry in AT_A_PORT if _may(officer, entry)]


def is_here(request: HttpRequest, page: str) -> bool:
    return _view(request) == page


def _view(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _may(officer: User, entry: Entry) -> bool:
    return entry.permission is None or user_can(officer, entry.permission)


def _link(entry: Entry, view: str, *place: str) -> Link:
    current = "page" if view == entry.page else "true" if entry.holds(view) else ""
    return Link(entry.label, reverse(entry.page, args=place), current)
