"""Inspections in a real browser: a tablet in the yard, a lost connection, the viewer of scans."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from lanes.inspections.models import Exam, Inspection, JointInspection, Photo
from lanes.inspections.sheet import POINTS
from tests.browser import faults_in_both_schemes
from tests.cast import PORT
from tests.inspections.conftest import Yard
from tests.inspections.pictures import picture
from tests.inspections.test_exams import CARGO, NARCOTICS, opened, sign
from tests.inspections.test_scans import MARK, body, post, put, scanned
from tests.people import log_in

pytestmark = pytest.mark.browser
TABLET = {"width": 820, "height": 1180}
BASE = f"/console/ports/{PORT}/"


@pytest.fixture(autouse=True)
def _pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def tablet(browser: Browser, live_server: LiveServer, yard: Yard) -> Iterator[Any]:
    """Somebody's tablet; `go` opens a page."""
    contexts: list[BrowserContext] = []
    expect.set_options(timeout=30_000)  # machines are shared: slow is not wrong

    def take(name: str, *, language: str = "en", **options: Any) -> Page:
        options = {"viewport": TABLET, "has_touch": True, "base_url": live_server.url, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        session = log_in(yard.user(name)).cookies[django_settings.SESSION_COOKIE_NAME].value
        cookies = {"sessionid": session, "django_language": language}
        context.add_cookies(
            [{"name": k, "value": v, "url": live_server.url} for k, v in cookies.items()]
        )
        return context.new_page()

    yield take
    expect.set_options(timeout=5_000)
    for context in contexts:
        context.close()


def fill_in(page: Page, points: Iterable[str] = POINTS) -> None:
    for point in points:
        page.locator(f'label[for="pass_{point}"]').click()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_whole_inspection_from_referral_to_release_with_a_joint_verdict(
    tablet: Any, yard: Yard
) -> None:
    """Ines and the neighbour's Paula at their tablets, each with a part of the exam; Ada reads."""
    inspection = yard.referred()
    ines, ada, paula = tablet("ines"), tablet("ada"), tablet("paula")
    ines.goto(f"{BASE}inspections/")
    ines.get_by_role("link", name="NPL81").click()
    expect(ines.get_by_text("Measure again with a handheld")).to_be_visible()
    ines.get_by_label("Station").select_option("nii-1")
    ines.get_by_role("button", name="Order to the station").click()
    expect(ines.get_by_text("The truck is ordered to the station.")).to_be_visible()
    content = picture()
    answer = post(yard, inspection, body(content))
    assert put(yard, answer.json()["images"][0]["url"], content).status_code == 201

    ada.goto("/console/")
    ada.get_by_text("scan to read").click()
    ada.get_by_role("link", name="NPL81").click()
    ada.locator("section[aria-labelledby=scans] a").click()
    ada.get_by_text("to an exam", exact=True).click()
    ada.get_by_label("What you see").fill("A dark block behind the front wall.")
    ada.get_by_role("button", name="Give the verdict").click()
    expect(ada.get_by_text("Your verdict is final.")).to_be_visible()

    ines.reload()
    ines.get_by_role("button", name="Inspect together with Aduanas").click()
    ines.get_by_role("button", name="Open: 17-point exam of the truck").click()
    fill_in(ines, list(POINTS)[:9])
    expect(ines.locator("#exam-status")).to_have_attribute("data-state", "kept")

    paula.goto("/console/")
    paula.get_by_text("joint inspection without your agency’s verdict").click()
    paula.get_by_role("link", name="NPL81").click()
    paula.get_by_role("link", name="17-point exam of the truck").click()
    expect(paula.locator("#pass_bumper")).to_be_checked()
    fill_in(paula, list(POINTS)[9:])
    expect(ines.locator("#pass_exhaust")).to_be_checked()
    expect(ines.locator('[data-by="result_exhaust"]')).to_have_text("Entered by Aduanas")
    ines.get_by_role("button", name="Sign the exam").click()
    expect(ines.get_by_text("The exam is signed.")).to_be_visible()

    paula.reload()
    paula.get_by_role("button", name="Approve the exam").click()
    expect(paula.get_by_text("The exam is approved.")).to_be_visible()
    for page in (ines, paula):
        page.goto(f"{BASE}inspections/{inspection.pk}/")
        page.locator('label[for="joint_word_0"]').click()
        page.locator("#joint_reason").fill("Nothing was found.")
        page.get_by_role("button", name="Give the verdict of your agency").click()
    expect(paula.get_by_text("both agencies agree", exact=True)).to_be_visible()

    ines.reload()
    ines.locator("summary", has_text="Release").click()
    ines.get_by_role("button", name="Release the truck").click()
    expect(ines.get_by_text("The truck is released.")).to_be_visible()
    with ines.expect_download() as download:
        ines.get_by_role("button", name="Release document (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    inspection.refresh_from_db()
    assert (inspection.state, inspection.result) == ("released", "compliant")
    assert JointInspection.objects.get().state == "agreed"


def test_a_lost_connection_loses_nothing_that_was_typed(tablet: Any, yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    ines = tablet("ines")
    ines.goto(f"{BASE}exams/{exam.pk}/")
    status = ines.locator("#exam-status")
    ines.locator('label[for="pass_bumper"]').click()
    expect(status).to_have_attribute("data-state", "kept")
    ines.context.set_offline(True)
    fill_in(ines)
    ines.locator("#note_roof").fill("A new plate, riveted.")
    expect(status).to_have_attribute("data-state", "offline", timeout=10_000)
    ines.get_by_role("button", name="Sign the exam").click()
    expect(status).to_have_attribute("data-state", "offline")
    assert "/exams/" in ines.url, "the page is not given up"
    exam.refresh_from_db()
    assert set(exam.draft) == {"result_bumper"}
    ines.context.set_offline(False)
    expect(status).to_have_attribute("data-state", "kept", timeout=15_000)
    exam.refresh_from_db()
    assert exam.draft["note_roof"] == "A new plate, riveted."
    ines.get_by_role("button", name="Sign the exam").click()
    expect(ines.get_by_text("The exam is signed.")).to_be_visible()


def test_a_tablet_that_was_closed_offline_gives_its_words_back(tablet: Any, yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    ines = tablet("ines")
    ines.goto(f"{BASE}exams/{exam.pk}/")
    ines.context.set_offline(True)
    ines.locator("#note_tyres").fill("Worn on the inside.")
    expect(ines.locator("#exam-status")).to_have_attribute("data-state", "offline", timeout=10_000)
    page = ines.context.new_page()
    ines.close()
    page.context.set_offline(False)
    page.goto(f"{BASE}exams/{exam.pk}/")
    expect(page.locator("#note_tyres")).to_have_value("Worn on the inside.")
    expect(page.locator("#exam-status")).to_have_attribute("data-state", "kept")
    exam.refresh_from_db()
    assert exam.draft == {"note_tyres": "Worn on the inside."}


def test_a_photo_taken_without_connection_survives_a_closed_page(tablet: Any, yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    ines = tablet("ines")
    ines.goto(f"{BASE}exams/{exam.pk}/")
    ines.locator('label[for="fail_tyres"]').click()
    expect(ines.locator("#exam-status")).to_have_attribute("data-state", "kept")
    ines.context.set_offline(True)
    taken = {"name": "tyre.png", "mimeType": "image/png", "buffer": picture()}
    ines.locator("#photo_tyres").set_input_files(taken)
    shown = '[data-photos-of="tyres"]'
    expect(ines.locator(shown)).to_contain_text("kept on this device")
    ines.locator("#note_tyres").fill("Cut.")
    assert not Photo.objects.exists()
    page = ines.context.new_page()
    ines.close()
    page.context.set_offline(False)
    page.goto(f"{BASE}exams/{exam.pk}/")
    expect(page.locator(f"{shown} a")).to_have_count(1)
    expect(page.locator("#note_tyres")).to_have_value("Cut.")
    assert Photo.objects.get().point == "tyres"
    fill_in(page, [point for point in POINTS if point != "tyres"])
    page.get_by_role("button", name="Sign the exam").click()
    expect(page.get_by_text("The exam is signed.")).to_be_visible()
    exam.refresh_from_db()
    assert (exam.state, exam.passed, Photo.objects.count()) == ("submitted", False, 1)


def test_a_photo_that_is_refused_is_said_beside_its_point(tablet: Any, yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    ines = tablet("ines")
    ines.goto(f"{BASE}exams/{exam.pk}/")
    bad = {"name": "tyre.png", "mimeType": "image/png", "buffer": b"MZ not a picture"}
    ines.locator("#photo_tyres").set_input_files(bad)
    expect(ines.locator('[data-photos-of="tyres"] .usa-error-message')).to_be_visible()
    ines.reload()
    expect(ines.locator('[data-photos-of="tyres"] li')).to_have_count(0)
    assert not Photo.objects.exists()


def test_a_second_tablet_is_told_and_overwrites_nothing(tablet: Any, yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    ines, ivan = tablet("ines"), tablet("ivan")
    for page in (ines, ivan):
        page.goto(f"{BASE}exams/{exam.pk}/")
    ines.locator("#note_roof").fill("First.")
    expect(ines.locator("#exam-status")).to_have_attribute("data-state", "kept")
    ivan.locator("#note_roof").fill("Second.")
    expect(ivan.locator("#exam-status")).to_have_attribute("data-state", "changed")
    exam.refresh_from_db()
    assert exam.draft["note_roof"] == "First."


def test_a_scan_is_enlarged_moved_and_inverted(tablet: Any, yard: Yard) -> None:
    scan = scanned(yard, marks=MARK)
    ada = tablet("ada")
    ada.goto(f"{BASE}scans/{scan.pk}/")
    viewer = ada.locator("[data-viewer]")
    image = viewer.locator("img")
    assert image.evaluate("image => image.naturalWidth") == 640
    viewer.get_by_role("button", name="Larger").click()
    expect(viewer).to_have_attribute("data-scale", "1.25")
    viewer.get_by_role("button", name="Invert").click()
    expect(viewer.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    viewer.get_by_label("Contrast").fill("250")
    assert "invert(1) contrast(250%)" in image.evaluate("image => image.style.filter")
    window = viewer.locator(".tt-viewer__window")
    window.focus()
    before = viewer.locator(".tt-viewer__picture").evaluate("e => e.style.transform")
    ada.keyboard.press("ArrowRight")
    assert viewer.locator(".tt-viewer__picture").evaluate("e => e.style.transform") != before
    viewer.get_by_role("button", name="Marks").click()
    expect(viewer.locator("svg.tt-viewer__marks")).to_be_hidden()
    viewer.get_by_role("button", name="As it was").click()
    expect(viewer).to_have_attribute("data-scale", "1.00")
    ada.keyboard.press("Escape")


def test_without_scripts_a_scan_is_read_and_an_exam_signed(tablet: Any, yard: Yard) -> None:
    scan = scanned(yard)
    ada = tablet("ada", java_script_enabled=False)
    ada.goto(f"{BASE}scans/{scan.pk}/")
    expect(ada.locator("[data-viewer] img")).to_be_visible()
    ada.get_by_text("clear", exact=True).click()
    ada.get_by_label("What you see").fill("Boxes.")
    ada.get_by_role("button", name="Give the verdict").click()
    expect(ada.get_by_text("Your verdict is final.")).to_be_visible()
    exam = opened(yard, scan.inspection)
    ines = tablet("ines", java_script_enabled=False)
    ines.goto(f"{BASE}exams/{exam.pk}/")
    fill_in(ines)
    ines.get_by_role("button", name="Sign the exam").click()
    expect(ines.get_by_text("The exam is signed.")).to_be_visible()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_has_a_fault_of_accessibility_or_policy(
    tablet: Any, yard: Yard, language: str
) -> None:
    scan = scanned(yard, marks=MARK)
    inspection = Inspection.objects.get(pk=scan.inspection_id)
    yard.act("ines", inspection, "joint", partner="MX-ANAM")
    sheet = opened(yard, inspection)
    cargo = opened(yard, inspection, "cargo")
    sign(yard, cargo, CARGO | NARCOTICS)
    assert Exam.objects.count() == 2
    pages = {
        "simon": [
            *(f"{BASE}{name}/" for name in ("inspections", "stations", "figures")),
            f"{BASE}inspections/{inspection.pk}/",
            f"{BASE}exams/{sheet.pk}/",
            f"{BASE}exams/{cargo.pk}/",
            f"{BASE}scans/{scan.pk}/",
        ],
        "olga": ["/console/proposals/"],
        "paula": [f"{BASE}inspections/{inspection.pk}/", "/releases/none/"],
    }
    for name, paths in pages.items():
        page = tablet(name, language=language)
        complaints: list[str] = []
        page.on("console", lambda m, c=complaints: c.append(m.text) if m.type == "error" else 0)
        for path in paths:
            page.goto(path)
            assert faults_in_both_schemes(page) == [], path
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= TABLET["width"], path
            if not path.startswith("/releases/"):
                assert complaints == [], path
