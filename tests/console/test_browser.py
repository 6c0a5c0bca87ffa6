"""The console in a real browser: two officers at two, a broken connection, the keyboard."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from lanes.models import Alarm, Arrival, Lane, Override
from tests.alerts.scene import set_scene
from tests.browser import faults_in_both_schemes
from tests.cast import PORT, PORTS_CLOCK
from tests.console.conftest import Staff
from tests.people import log_in
from trustedtruck.accounts.models import User
from trustedtruck.console.live.hub import hub
from trustedtruck.credentials.models import Hold

pytestmark = pytest.mark.browser


class Desk:
    """One officer at one browser."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def go(self, path: str) -> "Desk":
        self.page.goto(self.base + path)
        return self

    def lane(self, code: str) -> Any:
        return self.page.locator(f'[data-lane="{code}"]')


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, staff: Staff) -> Iterator[Any]:
    opened: list[BrowserContext] = []

    def sit(user: User, *, language: str = "en", **options: Any) -> Desk:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        opened.append(context)
        session = log_in(user).cookies[django_settings.SESSION_COOKIE_NAME].value
        cookies = {"sessionid": session, "django_language": language}
        context.add_cookies(
            [{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()]
        )
        return Desk(context.new_page(), live_server.url)

    yield sit
    for context in opened:
        context.close()


BOARD = f"/console/ports/{PORT}/"


def test_two_officers_see_the_same_lanes_at_once(desk: Any, staff: Staff) -> None:
    """What one does, and what arrives, the other sees without touching anything."""
    gus, petra = desk(staff.gus).go(BOARD), desk(staff.petra).go(BOARD)
    for one in (gus, petra):
        expect(one.page.locator("#live")).to_have_attribute("data-state", "live")
    fast = staff.truck()
    for one in (gus, petra):
        row = one.page.locator(f'#arrivals [data-arrival-id="{fast}"]')
        expect(row).to_contain_text("fast lane")
        expect(one.lane("01").locator(".tt-truck")).to_have_count(1)
        expect(one.lane("01").locator(".tt-lane__queue")).to_have_text("1")
    staff.truck(radiation_alarm=True)
    expect(petra.page.locator("#arrivals li").first).to_contain_text("radiation portal")
    expect(petra.lane("01").get_by_role("button", name="Close")).to_have_count(0)
    gus.lane("02").get_by_role("button", name="Close").click()
    expect(gus.page.get_by_text("Lane 02 is closed.")).to_be_visible()
    expect(petra.lane("02")).to_have_attribute("data-state", "closed")
    expect(petra.lane("02").get_by_text("closed")).to_be_visible()
    assert Lane.objects.get(code="02").state == "closed"


def test_two_officers_let_a_truck_into_the_fast_lane(desk: Any, staff: Staff) -> None:
    truck = staff.truck(radiation_alarm=True)
    ines, simon = desk(staff.ines), desk(staff.simon).go(BOARD)
    expect(simon.page.locator("#live")).to_have_attribute("data-state", "live")
    ines.go(f"{BOARD}arrivals/{truck}/")
    ines.page.locator("#ask_reason").fill("Measured again: nothing.")
    ines.page.get_by_role("button", name="Ask for the fast lane").click()
    expect(ines.page.get_by_text("waits for a second officer")).to_be_visible()
    expect(ines.page.get_by_role("button", name="Approve the fast lane")).to_have_count(0)
    simon.page.locator("#requests a").click()
    simon.page.get_by_role("button", name="Approve the fast lane").click()
    expect(simon.page.get_by_text("The truck may go to the fast lane.")).to_be_visible()
    expect(simon.page.locator(".tt-sign--fast")).to_be_visible()
    assert Override.objects.get().approved_by == str(staff.simon.actor)


def test_a_lost_connection_is_seen_and_nothing_is_missed(
    desk: Any, staff: Staff, settings: Any
) -> None:
    """The streams break off, and for a while the server takes no new ones."""
    gus = desk(staff.gus).go(BOARD)
    live = gus.page.locator("#live")
    expect(live).to_have_attribute("data-state", "live")
    first = staff.truck()
    expect(gus.page.locator(f'#arrivals [data-arrival-id="{first}"]')).to_be_visible()
    settings.EVENT_STREAMS = 0
    hub.end_all()
    expect(live).to_have_attribute("data-state", "stale", timeout=20_000)
    expect(gus.page.get_by_text("NOT CURRENT")).to_be_visible()
    missed = [staff.truck() for _ in range(3)]
    settings.EVENT_STREAMS = 10
    expect(live).to_have_attribute("data-state", "live", timeout=20_000)
    for truck in missed:
        expect(gus.page.locator(f'#arrivals [data-arrival-id="{truck}"]')).to_be_visible()


def test_an_alarm_appears_and_goes_on_every_board(desk: Any, staff: Staff) -> None:
    gus, petra = desk(staff.gus).go(BOARD), desk(staff.petra).go(BOARD)
    expect(gus.page.locator("#live")).to_have_attribute("data-state", "live")
    truck = staff.truck(radiation_alarm=True)
    body = {"event_id": "p1", "point": "lane", "lane": "01", "at": _now()}
    staff.gate.post(f"/api/v1/arrivals/{truck}/passages/", body)
    alarm = gus.page.locator(".tt-alarm")
    expect(alarm).to_contain_text("fast lane without a decision")
    petra.page.get_by_role("link", name=re.compile("without a decision")).click()
    petra.page.get_by_label("What you found").fill("Waved through by hand.")
    petra.page.get_by_role("button", name="Close the alarm").click()
    expect(petra.page.get_by_text("The alarm is closed.")).to_be_visible()
    expect(alarm).to_have_count(0)
    assert Alarm.objects.get().note == "Waved through by hand."


def test_the_board_goes_by_the_ports_clock_wherever_its_screen_stands(
    desk: Any, staff: Staff
) -> None:
    gus = desk(staff.gus, timezone_id="Asia/Tokyo").go(BOARD)
    expect(gus.page.locator("#live")).to_have_attribute("data-state", "live")
    received = Arrival.objects.get(pk=staff.truck()).received_at.astimezone(PORTS_CLOCK)
    expect(gus.page.locator("#arrivals time")).to_have_text(f"{received:%H:%M:%S}")


def _now() -> str:
    return timezone.now().isoformat()


def test_the_board_is_worked_by_the_keyboard(desk: Any, staff: Staff) -> None:
    staff.truck()
    gus = desk(staff.gus).go(BOARD)
    gus.lane("01").focus()
    gus.page.keyboard.press("ArrowRight")
    expect(gus.lane("02")).to_be_focused()
    gus.page.keyboard.press("End")
    expect(gus.lane("04")).to_be_focused()
    gus.page.keyboard.press("Home")
    gus.page.keyboard.press("ArrowDown")
    gus.page.keyboard.press("Tab")
    expect(gus.lane("02").get_by_role("button", name="Close")).to_be_focused()
    gus.page.keyboard.press("Enter")
    expect(gus.page.get_by_text("Lane 02 is closed.")).to_be_visible()


def test_a_truck_is_held_without_a_mouse(desk: Any, staff: Staff) -> None:
    """From the board: to the truck, H, the reason, Enter."""
    staff.truck()
    simon = desk(staff.simon).go(BOARD)
    expect(simon.page.locator("#live")).to_have_attribute("data-state", "live")
    simon.lane("01").focus()
    simon.page.keyboard.press("Tab")
    expect(simon.lane("01").locator(".tt-truck a")).to_be_focused()
    simon.page.keyboard.press("h")
    expect(simon.page.locator("#hold_note")).to_be_focused()
    simon.page.keyboard.type("The driver does not know his load.")
    simon.page.keyboard.press("Enter")
    expect(simon.page.get_by_text("The hold is placed")).to_be_visible()
    assert Hold.objects.get().note == "The driver does not know his load."


def test_letters_do_nothing_where_no_truck_is_in_focus(desk: Any, staff: Staff) -> None:
    staff.truck()
    simon = desk(staff.simon).go(BOARD)
    expect(simon.page.locator("#live")).to_have_attribute("data-state", "live")
    simon.lane("02").focus()
    for key in "rfh":
        simon.page.keyboard.press(key)
    simon.page.wait_for_timeout(300)
    assert simon.page.url.endswith(BOARD)


def test_the_hand_over_prints_without_the_console_around_it(desk: Any, staff: Staff) -> None:
    """Numbers, lanes and what was done are on paper; menu, search and choices are not."""
    staff.truck(radiation_alarm=True)
    simon = desk(staff.simon).go(f"{BOARD}shift/")
    simon.page.emulate_media(media="print")
    expect(simon.page.get_by_role("heading", level=1)).to_be_visible()
    expect(simon.page.locator("#numbers")).to_be_visible()
    expect(simon.page.locator("table").first).to_be_visible()
    for away in ("header nav", ".tt-tabs", ".tt-find", ".tt-noprint"):
        for part in simon.page.locator(away).all():
            expect(part).to_be_hidden()
    assert simon.page.pdf(format="Letter").startswith(b"%PDF")


def test_a_lane_can_be_read_from_three_metres(desk: Any, staff: Staff) -> None:
    """The number and the queue of a lane are at least 40 pixels high, the wait 28."""
    gus = desk(staff.gus).go(BOARD)
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    lane = gus.lane("01")
    assert lane.locator(".tt-lane__code").evaluate(size) >= 48
    assert lane.locator(".tt-lane__queue").evaluate(size) >= 40
    assert lane.locator(".tt-lane__wait").evaluate(size) >= 28


DAY = "?start=2026-01-01+00:00&end=2026-01-02+00:00"
PAGES = {
    "simon": [
        "/console/",
        BOARD,
        f"{BOARD}alarms/",
        f"{BOARD}lanes/01/",
        f"{BOARD}shift/",
        f"{BOARD}planning/",
        "/console/alerts/",
        "/console/alerts/{alert}/",
        "/console/alerts/{expired}/",
        "/console/alerts/{alert}/change/",
        "/console/alerts/issue/",
        "/console/alerts/hits/",
        "/console/alerts/patterns/",
        "/console/alerts/quarantine/",
        "/console/partners/",
        "/console/partners/MX-ANAM/",
    ],
    "petra": [f"{BOARD}arrivals/{{truck}}/", "/console/search/?q=NPL8", "/console/roles/"],
    "aurelia": [
        "/console/audit/",
        f"{BOARD}policies/",
        f"{BOARD}policies/1/",
        f"{BOARD}policies/1/compare/{DAY}",
        f"{BOARD}bias/{DAY}",
        "/console/devices/",
    ],
    "adrian": ["/console/devices/add/", "/console/officers/", "/console/officers/add/"],
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_has_a_fault_of_accessibility_or_policy(
    desk: Any, staff: Staff, language: str
) -> None:
    """As each role sees it, in light and dark."""
    truck = staff.truck(radiation_alarm=True)
    body = {"event_id": "p1", "point": "lane", "lane": "01", "at": _now()}
    staff.gate.post(f"/api/v1/arrivals/{truck}/passages/", body)
    staff.truck()
    named = {"truck": truck} | set_scene()
    for name, paths in PAGES.items():
        one = desk(getattr(staff, name), language=language)
        complaints: list[str] = []
        one.page.on("console", lambda m, c=complaints: c.append(m.text) if m.type == "error" else 0)
        for path in paths:
            one.go(path.format_map(named))
            assert faults_in_both_schemes(one.page) == [], path
            assert complaints == [], path
