"""How long a session lasts, what is on record of it, and by which address a caller is known."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from tests.people import PASSWORD, log_in, make_officer, make_user
from tests.running import PROJECT, operator_environment
from trustedtruck.audit.models import Event

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.mark.parametrize("bad", ["TrustedTruck-2026!", "aduana-laredo-77", "Camión.Trusted1"])
def test_a_password_of_the_programmes_words_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError, match="words of the programme"):
        validate_password(bad)


def test_a_long_sentence_may_hold_such_a_word() -> None:
    validate_password("mi camion azul cruza de noche")


def on_record(action: str) -> list[Any]:
    return list(Event.objects.filter(action=action).values_list("subject_id", "data", "ip"))


def test_signing_in_and_out_is_on_record() -> None:
    nadia = make_user("Nadia")
    client = Client()
    client.post(LOGIN, {"login": "nadia", "password": PASSWORD})
    assert on_record("session.begun") == [(str(nadia.pk), {}, "127.0.0.1")]
    client.post("/accounts/logout/")
    assert on_record("session.ended") == [(str(nadia.pk), {"why": "signed_out"}, "127.0.0.1")]


def test_a_refused_sign_in_is_on_record_without_what_was_typed() -> None:
    nadia = make_user("Nadia")
    Client().post(LOGIN, {"login": "Nadia@example.org", "password": "wrong-secret"})
    Client().post(LOGIN, {"login": "nobody", "password": "wrong-secret"})
    assert on_record("session.refused") == [(str(nadia.pk), {}, "127.0.0.1")]
    assert "secret" not in str(list(Event.objects.values()))


@pytest.mark.parametrize(("passed", "why"), [("seen_at", "idle"), ("began_at", "old")])
def test_a_session_ends_when_idle_and_when_old(settings: Settings, passed: str, why: str) -> None:
    settings.SESSION_HOURS, settings.SESSION_IDLE_MINUTES = 12, 60
    olga = make_officer("Olga")
    client = log_in(olga)
    assert client.get("/console/").status_code == 200
    session = client.session
    limit = {"idle": 3600, "old": 12 * 3600}[why]
    session[passed] = time.time() - limit + 30
    session.save()
    assert client.get("/console/").status_code == 200
    session = client.session
    session[passed] = time.time() - limit - 1
    session.save()
    answer = client.get("/console/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/console/")
    assert on_record("session.ended") == [(str(olga.pk), {"why": why}, "127.0.0.1")]


def test_a_busy_session_does_not_idle() -> None:
    client = log_in(make_officer("Olga"))
    client.get("/console/")
    session = client.session
    session["seen_at"] = before = time.time() - 1800
    session.save()
    client.get("/console/")
    assert client.session["seen_at"] > before + 1700


def test_pages_of_a_session_stay_in_no_cache() -> None:
    client = log_in(make_officer("Olga"))
    for path in ("/console/", "/console/search/", "/"):
        assert "no-store" in client.get(path)["Cache-Control"], path
    assert "no-store" not in Client().get("/").headers.get("Cache-Control", "")


def test_cookies_are_of_this_host_alone_where_there_is_tls(tmp_path: Path) -> None:
    asked = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_DOMAIN, s.SECURE_HSTS_SECONDS)"
    )
    environment = operator_environment(tmp_path, 8000, BASE_URL="https://port.example")
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=PROJECT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "trustedtruck.settings"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [
        *("__Host-sessionid", "__Host-csrftoken", "True", "True", "None", "31536000")
    ]


def _tries(**headers: str) -> int:
    """How many of many public requests were let through."""
    body = '{"verifiableCredential": {}}'
    answers = [
        Client().post("/credentials/verify", body, content_type="application/json", headers=headers)
        for _n in range(6)
    ]
    return sum(answer.status_code != 429 for answer in answers)


def test_a_forged_address_does_not_escape_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from trustedtruck.credentials.api.throttle import PublicThrottle

    monkeypatch.setattr(PublicThrottle, "rate", "3/min")
    assert _tries() == 3
    assert _tries(**{"X-Forwarded-For": "198.51.100.7"}) == 0


def test_behind_our_proxy_the_address_is_the_one_that_it_saw(settings: Settings) -> None:
    settings.PROXIES = 1
    make_user("Nadia")
    forged = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    Client(headers=forged).post(LOGIN, {"login": "nadia", "password": PASSWORD})
    assert on_record("session.begun")[0][2] == "198.51.100.7"


def test_a_proxy_that_does_not_know_the_address_is_no_error(settings: Settings) -> None:
    settings.PROXIES = 1
    make_user("Nadia")
    client = Client(headers={"X-Forwarded-For": "unknown"})
    client.post(LOGIN, {"login": "nadia", "password": PASSWORD})
    assert client.get("/accounts/sessions/").status_code == 200
    assert on_record("session.begun")[0][2] == "127.0.0.1"
