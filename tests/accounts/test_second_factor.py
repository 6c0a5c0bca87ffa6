"""Signing in: passwords, second factors, who needs one, sessions, mail."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.cast import make_carrier
from tests.people import (
    PASSWORD,
    SECRET,
    give_second_factor,
    log_in,
    make_member,
    make_officer,
    make_user,
)
from trustedtruck.accounts.models import User
from trustedtruck.accounts.tasks import send_mail
from trustedtruck.audit.models import Event
from trustedtruck.core import work

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(name: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(LOGIN, {"login": name, "password": password})
    return client


def code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize("name", ["nadia", "nadia@example.org"])
def test_name_or_address_and_password(name: str) -> None:
    make_user("Nadia")
    answer = Client().post(LOGIN, {"login": name, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")


def test_a_wrong_password_and_an_unknown_name_look_alike() -> None:
    make_user("Nadia")
    texts = []
    for name in ("nadia", "nobody"):
        shown = Client().post(LOGIN, {"login": name, "password": "wrong"}).content.decode()
        texts.append(re.findall(r"usa-error-message|tt-errors", shown))
    assert texts[0] == texts[1] != []


def test_guessing_is_slowed_down() -> None:
    make_user("Nadia")
    for _n in range(12):
        last = Client().post(LOGIN, {"login": "nadia", "password": "wrong"})
    assert "_auth_user_id" not in sign_in("nadia").session
    assert "Too many failed" in last.content.decode() or last.status_code == 429


def test_an_address_that_is_not_confirmed_does_not_get_in() -> None:
    User.objects.create_user("pedro", "pedro@example.org", PASSWORD)
    assert "_auth_user_id" not in sign_in("pedro").session
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_with_a_second_factor_the_password_is_not_enough() -> None:
    user = make_user("Nadia")
    give_second_factor(user)
    client = sign_in("nadia")
    assert "_auth_user_id" not in client.session
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_secret_of_a_second_factor_is_sealed() -> None:
    user = make_user("Nadia")
    give_second_factor(user)
    kept = Authenticator.objects.filter(user=user).values_list("data", flat=True)
    assert len(kept) == 2
    assert SECRET not in str(list(kept))


def test_an_officer_without_a_second_factor_is_sent_to_set_one_up() -> None:
    make_officer("Olga")
    client = sign_in("olga")
    answer = client.get("/console/enrolment/")
    assert answer["Location"] == "/accounts/2fa/"
    assert "needs a second factor" in client.get("/accounts/2fa/").content.decode()


def test_an_administrator_of_a_carrier_needs_one_too_and_others_do_not() -> None:
    norte = make_carrier("NRTE", "Norte")
    for name, role, status in (
        ("Marta", "administrator", 302),
        ("Flor", "fleet", 200),
        ("Vera", "viewer", 200),
    ):
        make_member(name, norte, role)
        assert sign_in(name.lower()).get("/portal/").status_code == status


def test_a_demonstration_lets_its_log_ins_walk_in_and_says_so(settings: Settings) -> None:
    settings.DEMO_WITHOUT_MFA = True
    make_officer("Olga")
    assert sign_in("olga").get("/console/enrolment/").status_code == 200
    assert "DEMO_WITHOUT_MFA" in Client().get(LOGIN).content.decode()


def test_elsewhere_the_page_says_nothing_of_it(settings: Settings) -> None:
    assert settings.DEMO_WITHOUT_MFA is False
    assert "DEMO_WITHOUT_MFA" not in Client().get(LOGIN).content.decode()


def test_an_officer_goes_on_to_the_officers_pages() -> None:
    user = make_officer("Olga")
    give_second_factor(user)
    client = sign_in("olga")
    answer = client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert not answer["Location"].startswith("/portal/")


def test_a_weak_password_is_refused() -> None:
    values = {
        "first_name": "Nadia",
        "last_name": "Soto",
        "email": "nadia@example.org",
        "password1": "12345678",
        "password2": "12345678",
    }
    shown = Client().post("/accounts/signup/", values).content.decode()
    assert 'href="#field-password1"' in shown
    assert 'value="nadia@example.org"' in shown
    assert not User.objects.exists()


def test_the_longest_names_can_sign_up_and_are_on_record_as_far_as_they_fit() -> None:
    values = {
        "first_name": "N" * 150,
        "last_name": "S" * 150,
        "email": "nadia@example.org",
        "password1": "tres tristes tigres 42",
        "password2": "tres tristes tigres 42",
    }
    assert Client().post("/accounts/signup/", values).status_code == 302
    user = User.objects.get()
    EmailAddress.objects.filter(user=user).update(verified=True)
    assert "_auth_user_id" in sign_in("nadia@example.org", values["password1"]).session
    begun = Event.objects.get(action="session.begun")
    assert begun.actor_label == "N" * 150 + " " + "S" * 49


def test_signing_up_with_a_known_address_tells_nobody(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    make_user("Nadia")
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(work, "_publish", lambda _task, given: sent.append(given))
    values = {
        "first_name": "Nadia",
        "last_name": "Soto",
        "email": "nadia@example.org",
        "password1": "tres tristes tigres 42",
        "password2": "tres tristes tigres 42",
    }
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = Client().post("/accounts/signup/", values)
    assert answer["Location"].startswith("/accounts/confirm-email/")
    assert User.objects.count() == 1
    send_mail(**sent[0])  # type: ignore[arg-type]
    assert mail.outbox[0].subject.startswith("TrustedTruck:")


def test_other_sessions_are_listed_and_ended() -> None:
    user = make_user("Nadia")
    first, second = log_in(user), log_in(user)
    first.get("/accounts/sessions/")
    second.get("/accounts/sessions/")
    assert first.get("/accounts/sessions/").content.decode().count('<th scope="row">') == 2
    first.post("/accounts/sessions/")
    assert second.get("/portal/")["Location"].startswith(LOGIN)
    assert not first.get("/portal/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize(
    "page", ["email/", "password/change/", "2fa/", "sessions/", "2fa/webauthn/"]
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pages_of_the_account_are_there_in_both_languages(page: str, language: str) -> None:
    client = log_in(make_user("Nadia"))
    client.cookies["django_language"] = language
    answer = client.get(f"/accounts/{page}", follow=True)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()
