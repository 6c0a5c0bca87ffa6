"""The first page, in both languages, with and without a demonstration."""

import html
import json
import re
import shlex
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

PAGES = ["home", "problems", "api-docs"]


def text_of(client: Client, **headers: str) -> str:
    response = client.get("/", headers=headers)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def test_says_in_english_what_this_is(client: Client) -> None:
    page = text_of(client)
    assert '<html lang="en">' in page
    assert "Known trucks cross in seconds." in page


def test_says_in_spanish_what_this_is(client: Client) -> None:
    page = text_of(client, accept_language="es-MX,es;q=0.9,en;q=0.1")
    assert '<html lang="es">' in page
    assert "Los camiones conocidos cruzan en segundos." in page
    assert "Known trucks" not in page
    assert "English</button>" in page


def test_a_chosen_language_stays(client: Client) -> None:
    response = client.post(reverse("set_language"), {"language": "es", "next": "/"})
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert '<html lang="es">' in text_of(client, accept_language="en")


def test_links_to_documentation_and_state(client: Client) -> None:
    page = text_of(client)
    for address in (reverse("api-docs"), reverse("problems"), "/healthz", "/readyz", "/metrics"):
        assert f'href="{address}"' in page


def test_shows_no_log_in_outside_of_a_demonstration(
    client: Client, demo: dict[str, Any], settings: Settings
) -> None:
    settings.DEMO = False
    page = text_of(client)
    assert "first-secret" not in page
    assert "tt_here" not in page


def test_shows_the_log_ins_of_a_demonstration_by_role(client: Client, demo: dict[str, Any]) -> None:
    page = text_of(client)
    assert re.search(r"Gate operator</th>.*gate-operator</td>.*first-secret</td>", page)
    assert re.search(r"Supervisor</th>.*supervisor-2</td>.*second-secret</td>", page)


def test_the_first_curl_can_be_pasted_as_it_stands(client: Client, demo: dict[str, Any]) -> None:
    match = re.search(r"<pre[^>]*><code>(.*?)</code>", text_of(client), re.S)
    assert match is not None
    words = shlex.split(match[1])
    assert words[:3] == ["curl", "-sS", "http://127.0.0.1:8000/api/v1/arrivals/"]
    assert "Authorization: Bearer tt_here" in words
    assert json.loads(words[-1]) == demo["samples"]["fast_arrival"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"logins": {"a": 1}}'])
def test_a_broken_demo_file_is_no_demonstration(
    client: Client, demo: dict[str, Any], content: str
) -> None:
    (django_settings.HOME / "demo.json").write_text(content, encoding="utf-8")
    assert "This is a demonstration" not in text_of(client)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_inline_and_nothing_from_elsewhere(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert not re.search(r"<style|<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"(src|href)=\"https?:", page)


def test_the_mail_of_a_demonstration_is_on_a_page_of_its_own(
    client: Client, demo: dict[str, Any], settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = django_settings.HOME / "mail"
    assert "There is none yet" in client.get(reverse("mailbox")).content.decode()
    for code in ("AAAA-1111", "BBBB-2222"):
        mail.send_mail(
            f"Código {code}", f"Su código {code}\n\nhttp://here/ <b>", None, ["n@example.org"]
        )
    page = client.get(reverse("mailbox")).content.decode()
    assert page.index("Código BBBB-2222") < page.index("Código AAAA-1111")
    assert '<a href="http://here/" rel="nofollow">' in page
    assert "Su código AAAA-1111" in page
    assert "&lt;b&gt;" in page
    assert reverse("mailbox") in text_of(client)
    assert reverse("mailbox") in client.get("/accounts/signup/").content.decode()


def test_there_is_no_mailbox_outside_of_a_demonstration(
    client: Client, demo: dict[str, Any], settings: Settings
) -> None:
    settings.DEMO = False
    assert client.get(reverse("mailbox")).status_code == 404
    assert reverse("mailbox") not in client.get("/accounts/signup/").content.decode()
