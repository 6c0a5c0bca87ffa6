"""The pages in a real browser: accessible, within their policy, usable without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import Judge

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = [390, 820, 1280]


def choose_spanish(page: Page) -> None:
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.parametrize(
    "address", ["/", "/api/docs/problems/", "/nowhere/", "/demonstration/mail/"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_language(
    page: Page,
    live_server: LiveServer,
    demo: dict[str, Any],
    accessibility_faults: Judge,
    address: str,
    scheme: Any,
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}{address}")
    assert accessibility_faults() == []
    page.goto(live_server.url)
    choose_spanish(page)
    page.goto(f"{live_server.url}{address}")
    assert accessibility_faults() == []


def test_the_content_policy_refuses_nothing_that_a_page_needs(
    page: Page, live_server: LiveServer, demo: dict[str, Any], complaints: list[str]
) -> None:
    for address in ("/", "/api/docs/problems/"):
        page.goto(f"{live_server.url}{address}", wait_until="networkidle")
    assert complaints == []


def test_the_api_documentation_loads_under_the_content_policy(
    page: Page, live_server: LiveServer, complaints: list[str], accessibility_faults: Judge
) -> None:
    page.goto(f"{live_server.url}/api/docs/", wait_until="networkidle")
    expect(page.get_by_text("/api/v1/arrivals/").first).to_be_visible()
    assert complaints == []
    assert accessibility_faults("#swagger-ui") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_screen(
    page: Page, live_server: LiveServer, demo: dict[str, Any], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/", "/api/docs/problems/", "/nowhere/"):
        page.goto(f"{live_server.url}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_first_key_leads_past_the_navigation(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_the_language_changes_without_javascript(browser: Browser, live_server: LiveServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url)
        choose_spanish(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("camiones conocidos")
