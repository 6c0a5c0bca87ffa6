"""The guided tour of docs/tour.md, walked in a browser on an installation as `make run` starts it.

With SCREENSHOTS=1 it renews the pictures of the tour.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import base_url, browser_type_launch_args  # noqa: F401
from tests.running import Running
from tests.system.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.installation, pytest.mark.timeout(420)]
PICTURES = Path(settings.BASE_DIR) / "docs" / "screenshots"
TOUR = Path(settings.BASE_DIR) / "docs" / "tour.md"
PORT = "2304"

Visitor = Callable[[str], Page]


@pytest.fixture(scope="module")
def installation(
    browser: Browser, first_run: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Only where there is a browser: a demonstration whose trucks come every second."""
    home = shutil.copytree(first_run.home, tmp_path_factory.mktemp("tour") / "home")
    running = Installation(home, DEMO_TRAFFIC_S="1")
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def visitor(browser: Browser, installation: Installation) -> Iterator[Visitor]:
    """A page on which the person of a role has signed in; each in a browser of their own."""
    contexts: dict[str, BrowserContext] = {}

    def page_of(role: str) -> Page:
        if role not in contexts:
            contexts[role] = browser.new_context(
                viewport={"width": 1280, "height": 900}, locale="en-US"
            )
            page = contexts[role].new_page()
            if role:
                login = installation.demo["logins"][role]
                page.goto(f"{installation.base_url}/accounts/login/")
                page.locator("input[name=login]").fill(login["username"])
                page.locator("input[name=password]").fill(login["password"])
                page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
                page.wait_for_url(re.compile("/(console|portal)/"))
            return page
        return contexts[role].pages[0]

    yield page_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def go(installation: Installation, visitor: Visitor) -> Callable[[str, str], Page]:
    def to(role: str, path: str) -> Page:
        page = visitor(role)
        answer = page.goto(installation.base_url + path)
        assert answer is not None
        assert answer.ok, (role, path, answer.status)
        return page

    return to


def picture(page: Page, step: int) -> None:
    """The tour shows it beside its text."""
    name = f"tour-{step:02d}.png"
    assert f"screenshots/{name}" in TOUR.read_text()
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=PICTURES / name)


Go = Callable[[str, str], Page]


def test_01_the_first_page_says_what_this_is_and_who_may_sign_in(go: Go) -> None:
    page = go("", "/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Known trucks cross in seconds")
    for role in ("Primary officer", "Inspector", "Auditor", "Carrier: administrator"):
        expect(page.get_by_role("rowheader", name=role, exact=True).first).to_be_visible()
    picture(page, 1)


def test_02_trucks_move_on_the_board_within_a_minute(go: Go) -> None:
    page = go("supervisor", f"/console/ports/{PORT}/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    expect(page.locator("#arrivals li").nth(5)).to_be_visible(timeout=60_000)
    picture(page, 2)


@pytest.fixture(scope="module")
def fast(installation: Installation) -> dict[str, Any]:
    """A truck of the carrier whose people have log-ins."""
    truck = installation.arrive(installation.demo["samples"]["fast_arrival"])
    assert truck["route"] == "fast", truck
    return truck


@pytest.fixture(scope="module")
def inspected(installation: Installation) -> dict[str, Any]:
    return installation.arrive(installation.demo["samples"]["inspection_arrival"])


def test_03_a_gate_asks_and_has_its_lane(go: Go, fast: dict[str, Any]) -> None:
    assert fast["seconds"] < 2
    page = go("supervisor", f"/console/ports/{PORT}/arrivals/{fast['id']}/")
    expect(page.locator(".tt-sign").first).to_contain_text(fast["lane"]["code"])
    picture(page, 3)


def test_04_whoever_cannot_be_trusted_is_inspected_for_named_reasons(
    go: Go, inspected: dict[str, Any]
) -> None:
    assert inspected["route"] == "inspection"
    page = go("primary_officer", f"/console/ports/{PORT}/arrivals/{inspected['id']}/")
    for reason in inspected["reasons"]:
        expect(page.get_by_role("main")).to_contain_text(reason["text"])
    picture(page, 4)


def test_05_the_inspector_finds_the_truck_waiting(go: Go, inspected: dict[str, Any]) -> None:
    page = go("inspector", f"/console/ports/{PORT}/inspections/")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    picture(page, 5)


def test_06_the_carrier_reads_why(go: Go, fast: dict[str, Any]) -> None:
    page = go("carrier", f"/portal/crossings/{fast['id']}/")
    expect(page.get_by_role("main")).to_contain_text(fast["reasons"][0]["text"])
    picture(page, 6)


def test_07_the_carrier_shows_its_credentials(go: Go) -> None:
    page = go("carrier", "/portal/credentials/")
    page.get_by_role("main").locator('a[href*="/portal/credentials/"]:not([href*="zip"])').filter(
        has_text=re.compile(r"\w")
    ).first.click()
    expect(page.locator("img.tt-qr")).to_be_visible()
    picture(page, 7)


def test_08_anybody_verifies_one(go: Go, installation: Installation) -> None:
    page = go("", "/verify/")
    shown = installation.demo["samples"]["fast_arrival"]["qr"]
    page.get_by_role("textbox").first.fill(shown)
    page.get_by_role("main").get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("valid|holds", re.I))
    picture(page, 8)


def test_09_the_policy_is_numbers_that_two_people_set(go: Go) -> None:
    page = go("policy_officer", f"/console/ports/{PORT}/policies/")
    expect(page.get_by_role("main")).to_contain_text("1")
    picture(page, 9)


def test_10_everything_is_in_the_audit(go: Go, fast: dict[str, Any]) -> None:
    page = go("auditor", "/console/audit/")
    expect(page.get_by_role("main")).to_contain_text(
        re.compile("sent the truck to|reported a truck")
    )
    picture(page, 10)


def test_the_tour_has_ten_steps_each_with_its_picture() -> None:
    text = TOUR.read_text()
    assert len(re.findall(r"^## \d+\. ", text, re.M)) == 10
    assert len(set(re.findall(r"screenshots/tour-\d\d\.png", text))) == 10
