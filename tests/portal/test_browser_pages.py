"""Every page of carriers, enrolment officers and accounts in a real browser, in both languages."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import Judge
from tests.people import PASSWORD, log_in, make_user
from tests.portal.conftest import PROFILE, Newcomer, People
from tests.portal.test_matrix import READS, Scene, scene  # noqa: F401
from tests.portal.test_review import submitted  # noqa: F401
from tests.portal.test_wallet_offers import credential  # noqa: F401
from trustedtruck.carriers.models import Application, Carrier, SiteVisit
from trustedtruck.carriers.services import enrolment
from trustedtruck.credentials.models import Credential

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]
FILES = {"import-template", "export", "credential-file", "cards", "trip-cover"}
ACCOUNT = [
    "email/",
    "password/change/",
    "2fa/",
    "2fa/recovery-codes/",
    "2fa/recovery-codes/generate/",
    "2fa/totp/deactivate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "sessions/",
    "reauthenticate/",
    "logout/",
]
OUTSIDE = ["login/", "signup/", "password/reset/"]
LANGUAGES = ["en", "es"]


def take_over(page: Page, live_server: LiveServer, client: Client, language: str) -> None:
    """Give the browser a test client's session and a language."""
    cookies: list[Any] = [
        {"name": "django_language", "value": language, "url": live_server.url},
        {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url},
    ]
    page.context.add_cookies(cookies)


def judge_all(page: Page, paths: list[str], language: str, faults: Judge) -> None:
    found = {}
    for path in paths:
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        expect(page.locator("html")).to_have_attribute("lang", language)
        wrong = faults()
        page.set_viewport_size({"width": 390, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wrong.append("wider than a phone")
        if wrong:
            found[path] = wrong
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_a_member(
    page: Page,
    live_server: LiveServer,
    scene: Scene,  # noqa: F811
    language: str,
    accessibility_faults: Judge,
    complaints: list[str],
) -> None:
    take_over(page, live_server, scene.people.browser("marta"), language)
    paths = [scene.path(path) for name, (path, _who) in READS.items() if name not in FILES]
    paths += [scene.path(p) for p in ("fleet/drivers/", "fleet/drivers/add/", "import/drivers/")]
    judge_all(page, [live_server.url + p for p in paths], language, accessibility_faults)
    take_over(page, live_server, scene.people.browser("vera"), language)
    paths = [
        scene.path(path)
        for name, (path, who) in READS.items()
        if name not in FILES and "vera" in who
    ]
    judge_all(page, [live_server.url + p for p in paths], language, accessibility_faults)
    assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_an_applicant_and_of_the_officers(
    page: Page,
    live_server: LiveServer,
    newcomer: Newcomer,
    submitted: Application,  # noqa: F811
    scene: Scene,  # noqa: F811
    language: str,
    accessibility_faults: Judge,
    complaints: list[str],
) -> None:
    url = live_server.url
    take_over(page, live_server, newcomer.client, language)
    pages = ["", "application/", "application/1/", "company/", "company/identity/"]
    judge_all(page, [f"{url}/portal/{p}" for p in pages], language, accessibility_faults)
    SiteVisit.objects.create(
        carrier=scene.people.norte, kind="validation", due_date=timezone.now().date()
    )
    take_over(page, live_server, scene.people.browser("olga"), language)
    review = [
        "",
        "?all",
        "carriers/",
        f"carriers/{scene.people.norte.public_id}/",
        f"applications/{submitted.public_id}/",
    ]
    judge_all(
        page, [f"{url}/console/enrolment/{p}" for p in review], language, accessibility_faults
    )
    assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offer_to_a_drivers_telephone(
    page: Page,
    live_server: LiveServer,
    people: People,
    credential: Credential,  # noqa: F811
    language: str,
    accessibility_faults: Judge,
    complaints: list[str],
) -> None:
    take_over(page, live_server, people.browser("flor"), language)
    page.goto(f"{live_server.url}/portal/credentials/{credential.public_id}/")
    page.locator("form[action$='/wallet/'] button").click()
    expect(page.get_by_text(re.compile(r"^\d{6}$"))).to_be_visible()
    assert accessibility_faults() == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_an_account(
    page: Page,
    live_server: LiveServer,
    language: str,
    accessibility_faults: Judge,
    complaints: list[str],
) -> None:
    page.context.add_cookies(
        [{"name": "django_language", "value": language, "url": live_server.url}]
    )
    judge_all(
        page, [f"{live_server.url}/accounts/{p}" for p in OUTSIDE], language, accessibility_faults
    )
    take_over(page, live_server, log_in(make_user("Nadia")), language)
    judge_all(
        page, [f"{live_server.url}/accounts/{p}" for p in ACCOUNT], language, accessibility_faults
    )
    page.goto(f"{live_server.url}/portal/begin/")
    assert accessibility_faults() == []
    assert complaints == []


def test_what_is_essential_works_without_javascript(
    browser: Browser, live_server: LiveServer, newcomer: Newcomer
) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    take_over(page, live_server, newcomer.client, "en")
    page.goto(f"{live_server.url}/portal/company/")
    for name, value in PROFILE.items():
        field = page.locator(f"main [name='{name}']")
        if name.endswith("country"):
            field.select_option(value)
        elif name != "version":
            field.fill(value)
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".usa-alert--success")).to_be_visible()
    page.goto(f"{live_server.url}/portal/application/1/")
    page.locator("[id='id_status_US-1.2_0'] + label").click()
    page.locator("[name='text_US-1.2']").fill("Nadia, and Noel for her.")
    page.locator("button[name=next]").click()
    expect(page).to_have_url(f"{live_server.url}/portal/application/2/")
    context.close()


def test_an_answer_is_saved_as_one_goes(
    page: Page, live_server: LiveServer, newcomer: Newcomer
) -> None:
    take_over(page, live_server, newcomer.client, "en")
    page.goto(f"{live_server.url}/portal/application/1/")
    for number in (1, 2):
        page.locator(f"[id='id_status_US-1.{number}_0'] + label").click()
        expect(page.locator("#progress")).to_contain_text(f"{number} of 48")
    page.locator("[name='text_US-1.1']").fill("Signed each year.")
    page.locator("[name='text_US-1.2']").focus()
    expect(page.locator("#versions input").first).to_have_value("2")
    answer = newcomer.application.answers.get(criterion="US-1.1")
    assert (answer.text, answer.version) == ("Signed each year.", 2)


def test_a_passkey_signs_in_alone(page: Page, live_server: LiveServer) -> None:
    """With a virtual authenticator in the browser: added once, then no password is asked."""
    user = make_user("Nadia")
    enrolment.begin_enrolment(
        user=user,
        legal_name="Nueva",
        country="US",
        kind=Carrier.Kind.US_HIGHWAY,
        identifiers={"scac": "NUEV"},
        by=user.actor,
        at=timezone.now(),
    )
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("[name=login]").fill("nadia")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/accounts/2fa/")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    page.locator("main [name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/webauthn/add/")
    page.locator("[name=passwordless] + label").click()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    page.goto(f"{live_server.url}/portal/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nueva")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url("**/portal/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nueva")
