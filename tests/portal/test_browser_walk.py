"""One company's whole way, in Spanish, in a real browser: from sign-up to its first crossing.

With SCREENSHOTS=1 it renews the pictures in docs/screenshots.
"""

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import Judge
from tests.cast import good_vin, make_device, make_port, tag
from tests.people import log_in, make_officer
from tests.portal.files import plain_pdf
from trustedtruck.carriers.criteria import newest
from trustedtruck.celery import app
from trustedtruck.credentials.models import Credential

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(420),
]
TRUCKS = 200
PICTURES = Path(settings.BASE_DIR) / "docs" / "screenshots"
LONG = 60_000


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A Celery worker on the test's broker and database, in a thread of this process."""
    app.control.purge()
    with start_worker(
        app, queues=["lanes", "programme"], perform_ping_check=False, pool="solo", loglevel="INFO"
    ):
        yield
    connections.close_all()


def picture(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def code_from_mail(address: str) -> str:
    """The code of the newest mail to an address; the worker sends it a moment later."""
    ends = timezone.now() + timedelta(seconds=20)
    while timezone.now() < ends:
        for message in reversed(mail.outbox):
            if address in message.to:
                found = re.search(r"^\s*([0-9A-Z]{4}-[0-9A-Z]{4})\s*$", str(message.body), re.M)
                if found:
                    return found[1]
    raise AssertionError([m.body for m in mail.outbox])


def totp(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def signed_in(browser: Browser, live_server: LiveServer, client: Client) -> BrowserContext:
    """A browser with the session of a test client, in Spanish."""
    context = browser.new_context(accept_downloads=True)
    context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": client.cookies["sessionid"].value,
                "url": live_server.url,
            },
            {"name": "django_language", "value": "es", "url": live_server.url},
        ]
    )
    return context


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        field = page.locator(f"main [name='{name}']").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "radio":
            page.locator(f"main [name='{name}'][value='{value}'] + label").click()
        else:
            field.fill(value)


def wait_for_the_checks(desk: Page) -> None:
    """A worker runs them; the page says so until they are done, and is loaded again."""
    ends = timezone.now() + timedelta(milliseconds=LONG)
    unfinished = desk.get_by_text("Las verificaciones todavía no terminan")
    while unfinished.count():
        assert timezone.now() < ends, "the checks do not finish"
        desk.wait_for_timeout(500)
        desk.reload()
    expect(desk.locator("main")).to_contain_text("Historial en el programa")


def trucks_csv() -> bytes:
    rows = [f"T-{n},{good_vin(n)},TRK{n:04d},NLE,{tag(n)}" for n in range(1000, 1000 + TRUCKS)]
    return "\n".join(["número,NIV,placa,estado,etiqueta", *rows]).encode()


def test_a_company_goes_the_whole_way(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    worker: None,
    accessibility_faults: Judge,
    complaints: list[str],
) -> None:
    url = live_server.url
    make_port()
    _device, key = make_device()

    def judged(name: str) -> None:
        expect(page.locator("html")).to_have_attribute("lang", "es")
        assert accessibility_faults() == [], name
        picture(page, name)

    # Sign-up and confirmation.
    page.goto(url)
    page.get_by_role("button", name="Español").click()
    page.goto(f"{url}/accounts/signup/")
    judged("registro")
    fill(
        page,
        first_name="Nadia",
        last_name="Soto",
        email="nadia@example.com",
        password1="tres tristes tigres 42",
        password2="tres tristes tigres 42",
    )
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/confirm-email/**")
    fill(page, code=code_from_mail("nadia@example.com"))
    judged("confirmar")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/portal/begin/")

    # The company begins; from now on its administrator needs a second factor.
    judged("empezar")
    fill(
        page,
        legal_name="Fletes del Bravo SA de CV",
        country="MX",
        kind="mx_long_haul",
        scac="FBRV",
        rfc="FBR990101AB1",
        caat="3ABC",
    )
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/accounts/2fa/")
    judged("segundo-factor")
    page.locator("main a[href$='/totp/activate/']").click()
    page.wait_for_url("**/reauthenticate/**")
    judged("contrasena-otra-vez")
    fill(page, password="tres tristes tigres 42")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/totp/activate/**")
    judged("activar-totp")
    fill(page, code=totp(page.locator("#authenticator_secret").input_value()))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/recovery-codes/**")
    judged("codigos")
    page.goto(f"{url}/portal/")
    judged("resumen-al-empezar")

    # The company profile.
    page.goto(f"{url}/portal/company/")
    judged("empresa")
    fill(
        page,
        tax_country="MX",
        tax_id="FBR990101AB1",
        street="Carretera 85 km 12",
        city="Nuevo Laredo",
        region="Tamaulipas",
        postal_code="88000",
        address_country="MX",
        phone="+52 867 555 0100",
        contact_name="Nadia Soto",
        contact_email="nadia@example.com",
        contact_phone="+52 867 555 0101",
        emergency_phone="+52 867 555 0102",
    )
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("perfil de la empresa")

    # The security profile, with evidence.
    for category in newest("mx_long_haul").categories:
        page.goto(f"{url}/portal/application/{category.number}/")
        if category.number == 1:
            judged("categoria")
        for criterion in category.criteria:
            page.locator(f"[id='id_status_{criterion.id}_0'] + label").click()
            page.locator(f"[name='text_{criterion.id}']").fill("Todos los días, con una lista.")
            if criterion.evidence_required:
                page.locator(f"[name='file_{criterion.id}']").set_input_files(
                    {"name": "lista.pdf", "mimeType": "application/pdf", "buffer": plain_pdf()}
                )
        page.locator("button[name=next]").click()
        page.wait_for_load_state()
        expect(page.locator("main .tt-errors")).to_have_count(0)

    # Two hundred trucks from a file, a driver, an insurance.
    page.goto(f"{url}/portal/import/trucks/")
    judged("importar")
    page.locator("[name=file]").set_input_files(
        {"name": "camiones.csv", "mimeType": "text/csv", "buffer": trucks_csv()}
    )
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/portal/imports/**")
    confirm = page.locator("form[action$='/confirm/'] button")
    confirm.wait_for(timeout=LONG)
    judged("vista-previa")
    confirm.click()
    page.locator("a[href='/portal/fleet/trucks/']", has_text="flota").wait_for(timeout=LONG)
    page.goto(f"{url}/portal/fleet/trucks/")
    judged("camiones")
    expect(page.locator(".tt-pages")).to_contain_text("200")
    page.goto(f"{url}/portal/fleet/drivers/add/")
    fill(page, given_names="Noel", family_names="Paz", birth_date="1985-03-02", citizenship="MX")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile("/portal/fleet/drivers/[0-9a-f-]+/$"))
    judged("conductor")
    today = timezone.now().date()
    page.goto(f"{url}/portal/insurance/")
    fill(
        page,
        insurer="Seguros del Norte",
        policy_number="SN-1",
        liability_usd="1000000",
        starts_date=today.isoformat(),
        expires_date=(today + timedelta(days=365)).isoformat(),
    )
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text("Seguros del Norte")

    # Submission; the worker runs the checks.
    page.goto(f"{url}/portal/application/")
    judged("solicitud")
    page.locator("form[action$='/submit/'] button").click()
    expect(page.locator("main .usa-alert--success")).to_be_visible()

    # One officer advises, another approves.
    for officer, step in ((make_officer("Olga"), "advise"), (make_officer("Omar"), "decide")):
        with signed_in(browser, live_server, log_in(officer)) as context:
            desk = context.new_page()
            desk.goto(f"{url}/console/enrolment/")
            desk.get_by_role("link", name=re.compile("FBRV")).click()
            wait_for_the_checks(desk)
            picture(desk, f"funcionario-{step}")
            form = desk.locator(f"form[action$='/{step}/']")
            form.locator("[name=reasons]").fill("Todo en orden.")
            if step == "advise":
                form.locator("input[value=approve] + label").click()
                form.locator("button[type=submit]").click()
            else:
                form.locator("button[value=approve]").click()
            expect(desk.locator("main .usa-alert--success")).to_be_visible()

    # Credentials for the fleet; one truck's is shown and its QR code downloaded.
    page.goto(f"{url}/portal/credentials/")
    judged("credenciales")
    page.locator("form[action$='/issue/'] button").click()
    expect(page.locator("#job progress")).to_have_count(0, timeout=LONG)
    page.goto(f"{url}/portal/credentials/?kind=truck")
    page.get_by_role("link", name=re.compile("^T-1")).first.click()
    expect(page.locator("img.tt-qr")).to_be_visible()
    page.wait_for_function("() => document.querySelector('img.tt-qr').naturalWidth > 0")
    judged("credencial")
    with page.expect_download() as download:
        page.locator("a[href$='qr.png']").click()
    assert Path(download.value.path()).read_bytes()[:4] == b"\x89PNG"

    # The first crossing, explained.
    credential = Credential.objects.filter(kind="truck").select_related("truck").first()
    assert credential is not None
    assert credential.truck is not None
    arrive(url, key, credential)
    page.goto(f"{url}/portal/crossings/")
    judged("cruces")
    page.locator("main table tbody a").first.click()
    expect(page.locator(".tt-sign")).to_be_visible()
    judged("cruce")
    assert page.locator("main ul li").count() > 0
    assert complaints == []


def arrive(url: str, key: str, credential: Credential) -> None:
    assert credential.truck is not None
    body: dict[str, Any] = {
        "event_id": "walk-0001-first",
        "port": "2304",
        "observed_at": timezone.now().isoformat(),
        "direction": "northbound",
        "tag_epc": credential.tag_epc,
        "qr": credential.qr,
        "plate": {
            "number": credential.truck.plate_number,
            "jurisdiction": credential.truck.plate_jurisdiction,
        },
    }
    request = urllib.request.Request(
        f"{url}/api/v1/arrivals/",
        json.dumps(body).encode(),
        {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Prefer": "wait=5",
        },
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["state"] == "assigned"
