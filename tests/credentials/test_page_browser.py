"""The public verifier in a real browser: by text, by picture, and by a camera that films a code."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import (  # noqa: F401
    ARGUMENTS,
    CHROMIUM,
    Judge,
    accessibility_faults,
    allow_async,
    base_url,
    browser_type_launch_args,
    complaints,
)
from tests.cast import Cast, make_cast
from tests.credentials import forge
from tests.credentials.forge import truck
from trustedtruck.credentials.formats import images

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_a_pasted_credential_gets_a_plain_answer(
    page: Page,
    live_server: LiveServer,
    cast: Cast,
    accessibility_faults: Judge,  # noqa: F811
    complaints: list[str],  # noqa: F811
) -> None:
    page.goto(f"{live_server.url}/verify/")
    assert accessibility_faults() == []
    page.get_by_label("Credential").fill(truck(cast).vc_jwt)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("This credential is valid")).to_be_visible()
    assert accessibility_faults() == []
    page.get_by_label("Credential").fill(forge.qr(truck(cast), by=forge.STRANGER))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("This is no credential of the programme")).to_be_visible()
    assert accessibility_faults() == []
    assert complaints == []


def test_a_picture_is_read(page: Page, live_server: LiveServer, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "qr.png"
    path.write_bytes(images.png(truck(cast).qr))
    page.goto(f"{live_server.url}/verify/")
    page.get_by_label("Picture of a QR code").set_input_files(path)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("This credential is valid")).to_be_visible()


def film(path: Path, text: str) -> None:
    """A film of a QR code, as Chromium's pretended camera shows it (YUV4MPEG2)."""
    width, height = 640, 480
    code = Image.open(io.BytesIO(images.png(text, scale=6))).convert("L")
    frame = Image.new("L", (width, height), 255)
    frame.paste(code, ((width - code.width) // 2, (height - code.height) // 2))
    grey = b"\x80" * (width * height // 4)
    one = b"FRAME\n" + frame.tobytes() + grey + grey
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + one * 10)


def test_the_camera_reads_a_code(
    playwright: Playwright, live_server: LiveServer, cast: Cast, tmp_path: Path
) -> None:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: the camera is not tested")
    film(tmp_path / "film.y4m", truck(cast).qr)
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'film.y4m'}",
    ]
    browser: Any = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *camera])
    try:
        page = browser.new_context(permissions=["camera"]).new_page()
        page.goto(f"{live_server.url}/verify/")
        stop = page.get_by_role("button", name="Stop the camera")
        expect(stop).to_be_hidden()
        page.get_by_role("button", name="Start the camera").click()
        expect(page.get_by_text("This credential is valid")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
        expect(stop).to_be_hidden()
    finally:
        browser.close()


def test_without_a_camera_the_page_says_so(page: Page, live_server: LiveServer, cast: Cast) -> None:
    page.goto(f"{live_server.url}/verify/")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("The camera cannot be used.")).to_be_visible()
