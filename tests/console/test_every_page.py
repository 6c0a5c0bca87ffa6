"""Every page of the console in a browser, found by its address: no fault of accessibility, nothing
wider than a phone, nothing that the policy for content forbids; in both languages, light and dark.
"""

import os
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page
from playwright.sync_api import Error as PlaywrightError

from lanes.inspections.models import Inspection
from lanes.services.policies import draft_policy
from tests.browser import Shoot, faults_in_both_schemes
from tests.cast import PORT, TRIP
from tests.console.conftest import Staff
from tests.console.test_browser import Desk, desk  # noqa: F401
from tests.console.test_checks import BIAS, COMPARE, today
from tests.console.test_matrix import PAGES
from tests.people import make_officer
from trustedtruck.accounts.models import User
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.models import Event

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 390, "height": 844}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Addresses that give a file, and what only takes a POST: no pages.
NO_PAGES = {"audit-export", "person-export", "evidence", "scan-image"}


def _values(staff: Staff, arrival: str) -> dict[str, str]:
    inspection = Inspection.objects.order_by("pk").first()
    return {
        "<str:code>": PORT,
        "<str:lane>": "01",
        "<uuid:arrival_id>": arrival,
        "<int:version>": "2",
        "<int:device_id>": str(staff.cast.device.pk),
        "<int:user_id>": str(staff.gus.pk),
        "<int:event_id>": str(Event.objects.order_by("pk").values_list("pk", flat=True)[0]),
        "<str:number>": TRIP,
        "<uuid:inspection_id>": str(inspection.pk if inspection else ""),
    }


def pages(staff: Staff, arrival: str) -> list[str]:
    """The address of everything that can be looked at and of which there is one."""
    found = []
    for path, page in PAGES:
        if page.name in NO_PAGES:
            continue
        for name, value in _values(staff, arrival).items():
            path = path.replace(name, value)
        for before, one in (
            ("trucks/", staff.cast.truck),
            ("drivers/", staff.cast.rosa),
            ("carriers/", staff.cast.norte),
        ):
            path = path.replace(f"{before}<uuid:public_id>", f"{before}{one.public_id}")
        if "<" not in path:
            found.append("/" + path)
    period = f"?{urlencode(today())}"
    asked = [f"{BIAS}{period}", f"{COMPARE}{period}"]
    return [*found, *asked, "/console/search/?q=NPL8", "/console/search/?q=Rosa"]


def everybody() -> User:
    return make_officer("Everybody", Role.SUPERVISOR, ports=[PORT])


@pytest.fixture
def busy(staff: Staff) -> tuple[str, User]:
    """A port where something has happened; the arrival of a truck, and who may see everything."""
    officer = everybody()
    User.objects.filter(pk=officer.pk).update(roles=list(Role.values))
    arrival = staff.truck(radiation_alarm=True)
    at = timezone.now().isoformat()
    body = {"event_id": "p1", "point": "lane", "lane": "01", "at": at}
    staff.gate.post(f"/api/v1/arrivals/{arrival}/passages/", body)
    staff.truck()
    draft_policy(port=staff.cast.port, body={}, by=staff.simon.actor, at=timezone.now())
    return arrival, User.objects.get(pk=officer.pk)


def _opens(page: Page, address: str) -> bool:
    """Whether there is a page; none where nothing is, or where only a POST is taken."""
    try:
        answer = page.goto(address)
        status = answer.status if answer else 0
    except PlaywrightError:  # an empty answer is no page for a browser
        status = page.request.get(address).status
    assert status in (200, 404, 405), (address, status)
    return status == 200


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page(
    desk: Any,  # noqa: F811
    staff: Staff,
    busy: tuple[str, User],
    language: str,
) -> None:
    arrival, officer = busy
    one = desk(officer, language=language, viewport=PHONE)
    complaints: list[tuple[str, str]] = []

    def complain(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and not address.startswith("chrome-error:"):  # an empty answer
            complaints.append((address, message.text))

    one.page.on("console", complain)
    seen, closed, wrong = set(), set(), []
    for path in pages(staff, arrival):
        if not _opens(one.page, one.base + path):
            closed.add(one.base + path)  # of which the browser complains, at times later
            continue
        seen.add(urlsplit(path).path)
        wrong += [f"{path}: {fault}" for fault in faults_in_both_schemes(one.page)]
        if (wider := one.page.evaluate(WIDER)) > 0:
            wrong.append(f"{path}: {wider} pixels wider than a phone")
    assert wrong + [complaint for complaint in complaints if complaint[0] not in closed] == []
    assert len(seen) >= 25, sorted(seen)


SHOTS = {
    "tablero": (f"/console/ports/{PORT}/", {"width": 1920, "height": 1080}),
    "tablero-telefono": (f"/console/ports/{PORT}/", PHONE),
    "consola": ("/console/", {"width": 1280, "height": 800}),
    "camion": (f"/console/ports/{PORT}/arrivals/{{arrival}}/", {"width": 1280, "height": 900}),
    "avisos": ("/console/notices/", {"width": 820, "height": 900}),
    "auditoria": ("/console/audit/", {"width": 1280, "height": 900}),
    "politica": (f"/console/ports/{PORT}/policies/2/", {"width": 1280, "height": 900}),
    "entrega-de-turno": (f"/console/ports/{PORT}/shift/", {"width": 820, "height": 1000}),
    "roles": ("/console/roles/", {"width": 1280, "height": 900}),
}


@pytest.mark.skipif(not os.environ.get("SCREENSHOTS"), reason="pictures: where SCREENSHOTS=1 asks")
def test_the_pictures_of_the_docs(
    desk: Any,  # noqa: F811
    staff: Staff,
    busy: tuple[str, User],
    pictures: Shoot,
) -> None:
    """The console as the docs show it, in Spanish; its pages are tested above."""
    arrival, officer = busy
    for name, (path, size) in SHOTS.items():
        one: Desk = desk(officer, language="es", viewport=size)
        one.go(path.format(arrival=arrival))
        one.page.wait_for_timeout(500)
        assert one.page.locator("h1").is_visible()
        pictures(one.page, f"funcionario-{name}")
