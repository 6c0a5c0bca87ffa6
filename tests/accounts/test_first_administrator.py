"""A new installation gets its first administrator by a command, once."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.people import PASSWORD
from trustedtruck.accounts.models import User
from trustedtruck.audit.models import Event

pytestmark = pytest.mark.django_db
WHO = {
    "email": "maria@cbp.example",
    "first_name": "Maria",
    "last_name": "Lopez",
    "agency": "US-CBP",
    "agency_name": "Customs and Border Protection",
    "country": "US",
}


def appoint(username: str = "maria", **other: str) -> str:
    out = io.StringIO()
    call_command("first_administrator", username, **(WHO | other), stdout=out)
    return out.getvalue()


def test_the_link_sets_a_password_that_signs_in() -> None:
    found = re.search(r"http://[^/]+(/\S+)", appoint())
    assert found
    client = Client()
    page = client.get(found[1], follow=True)
    form_at = page.redirect_chain[-1][0]
    client.post(form_at, {"password1": PASSWORD, "password2": PASSWORD})
    answer = Client().post("/accounts/login/", {"login": "maria", "password": PASSWORD})
    assert answer.status_code == 302
    assert User.objects.get().roles == ["system_administrator"]


def test_it_is_on_record() -> None:
    appoint()
    event = Event.objects.get(action="officer.added")
    assert (event.actor_id, event.data["username"]) == ("manage", "maria")


def test_a_second_one_is_refused() -> None:
    appoint()
    with pytest.raises(CommandError, match="There is an administrator already"):
        appoint("nora", email="nora@cbp.example")


def test_every_wrong_field_is_named_and_nothing_is_kept() -> None:
    with pytest.raises(CommandError, match=r"country: .*\n?"):
        appoint(country="USA")
    with pytest.raises(CommandError, match=r"(?s)username: .*email: "):
        appoint("maria lopez", email="nowhere")
    assert not User.objects.exists()
