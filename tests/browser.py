"""Fixtures for tests in a real browser; a conftest imports the ones it needs.

Tests carry the mark `browser`; where Chromium is not installed they are skipped with a clear line.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import ConsoleMessage, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PICTURES = Path(settings.BASE_DIR) / "docs" / "screenshots"

# What a page's colours decide; all else that axe asks is the same in light and dark.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Colours change with the next frames, not with the call.
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

Judge = Callable[..., list[str]]
Shoot = Callable[[Page, str], None]


def faults(page: Page, *exclude: str) -> list[str]:
    """What axe finds wrong on the page as it stands; `exclude` names parts that are not ours."""
    context = {"exclude": [[selector] for selector in exclude]} if exclude else None
    return _told(Axe().run(page, context=context).response)


def faults_in_both_schemes(page: Page) -> list[str]:
    """The same, and in dark again what hangs on colours; the page is loaded once, and in light."""
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(PAINTED)
    # Axe is in the page since its first run.
    dark = _told(page.evaluate("options => axe.run(options)", OF_COLOURS))
    page.emulate_media(color_scheme="light")
    return found + [f"dark: {fault}" for fault in dark]


def _told(response: dict[str, Any]) -> list[str]:
    return [
        f"{fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in response["violations"]
        for node in fault["nodes"]
    ]


@pytest.fixture(scope="session")
def base_url() -> None:
    """In place of the plugin's, which pytest 9 warns about; our tests give whole addresses."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of the machine: Playwright's own would have to be downloaded."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: the pages are not tested in a browser")
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(autouse=True, scope="session")
def allow_async() -> Iterator[None]:
    """Playwright runs a loop in this thread, where Django would refuse to touch its database.

    For the session: the database is emptied after the fixtures of a test are gone.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser writes to its console as an error, broken policies for content included."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(message.text)

    page.on("console", listen)
    yield found
    page.remove_listener("console", listen)


@pytest.fixture
def accessibility_faults(page: Page) -> Judge:
    """`faults` of the test's own page."""
    return partial(faults, page)


@pytest.fixture
def pictures() -> Shoot:
    """Keeps a picture of the page for the docs, where SCREENSHOTS=1 asks for it."""

    def shoot(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    return shoot
