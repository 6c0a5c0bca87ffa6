"""Webhooks and keys: signed, retried, replayed, and never into a private network."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from lanes.models import Assignment, Lane, Redirection
from lanes.services.overrides import override_to_inspection
from tests.portal.conftest import People
from tests.portal.crossings import cross
from trustedtruck.accounts.models import MachineKey
from trustedtruck.carriers.models import WebhookDelivery, WebhookEndpoint
from trustedtruck.carriers.services import webhooks
from trustedtruck.carriers.services.notify import tell
from trustedtruck.core.posting import Posted
from trustedtruck.core.webhooks import DELAYS
from trustedtruck.enrolment.services import crossings
from trustedtruck.enrolment.tasks import announce_crossings

pytestmark = pytest.mark.django_db


class Receiver:
    """The carrier's own system, on this machine: keeps what it gets, answers what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answer = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.answer)
                if receiver.answer == 302:
                    self.send_header("Location", receiver.url + "elsewhere")
                self.end_headers()

            def log_message(self, *_given: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def secret(people: People, receiver: Receiver) -> str:
    answer = people.browser("marta").post(
        "/portal/integration/webhooks/", {"url": receiver.url, "topics": ["standing"]}
    )
    shown = answer.content.decode()
    return "whsec_" + shown.partition("whsec_")[2].partition("<")[0]


def send(after: timedelta = timedelta()) -> int:
    return webhooks.send_due(at=timezone.now() + after)


def test_a_message_can_be_verified_with_the_secret_that_was_shown(
    people: People, receiver: Receiver, secret: str
) -> None:
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    assert send() == 1
    ((headers, body),) = receiver.got
    message = Webhook(secret).verify(body, headers)
    assert message["type"] == "standing.visit_due"
    assert message["data"] == {"due": "2027-01-01"}
    assert WebhookDelivery.objects.get().state == "delivered"
    assert send() == 0


def test_the_secret_is_not_in_the_database_as_it_is(secret: str) -> None:
    assert secret[6:] not in WebhookEndpoint.objects.get().sealed_secret


def test_only_the_topics_that_were_chosen(people: People, receiver: Receiver, secret: str) -> None:
    tell("import_done", carrier=people.norte, at=timezone.now(), count=1, file="f")
    tell("visit_due", carrier=people.sur, at=timezone.now(), due="2027-01-01")
    assert send() == 0


def test_a_failure_is_tried_again_and_given_up_at_last(
    people: People, receiver: Receiver, secret: str
) -> None:
    receiver.answer = 500
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    assert send() == 1
    assert send() == 0
    at = timezone.now()
    for delay in DELAYS:
        at += delay + timedelta(seconds=1)
        webhooks.send_due(at=at)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", len(DELAYS))
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    page = people.browser("marta").get("/portal/integration/").content.decode()
    assert "given up" in page


def test_a_replay_keeps_its_id(people: People, receiver: Receiver, secret: str) -> None:
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    send()
    delivery = WebhookDelivery.objects.get()
    people.browser("marta").post(f"/portal/integration/deliveries/{delivery.pk}/replay/")
    assert send() == 1
    ids = [headers["webhook-id"] for headers, _body in receiver.got]
    assert ids == [delivery.message_id] * 2
    stranger = people.browser("sonia").post(f"/portal/integration/deliveries/{delivery.pk}/replay/")
    assert stranger.status_code == 404


def test_a_redirect_is_not_followed(people: People, receiver: Receiver, secret: str) -> None:
    receiver.answer = 302
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    send()
    assert len(receiver.got) == 1
    assert WebhookDelivery.objects.get().state == "waiting"


def test_410_ends_it(people: People, receiver: Receiver, secret: str) -> None:
    receiver.answer = 410
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    send()
    assert WebhookDelivery.objects.get().state == "failed"


def test_nobody_there_is_a_failure_like_others(
    people: People, receiver: Receiver, secret: str
) -> None:
    WebhookEndpoint.objects.update(url="http://127.0.0.1:9/hook")
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    send()
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == "waiting"
    assert "refused" in delivery.last_error.lower()


def test_a_removed_webhook_gets_nothing_more(
    people: People, receiver: Receiver, secret: str
) -> None:
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    endpoint = WebhookEndpoint.objects.get()
    people.browser("marta").post(f"/portal/integration/webhooks/{endpoint.public_id}/end/")
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    assert send() == 0


def test_a_message_is_signed_for_when_it_is_sent(
    people: People, receiver: Receiver, secret: str
) -> None:
    """Behind slow receivers its turn comes late, and a receiver takes nothing old."""
    begun = timezone.now() - timedelta(minutes=6)
    tell("visit_due", carrier=people.norte, at=begun, due="2027-01-01")
    assert webhooks.send_due(at=begun) == 1
    ((headers, body),) = receiver.got
    assert Webhook(secret).verify(body, headers)


def test_an_address_that_is_ended_while_it_is_called_is_not_called_again(
    people: People, receiver: Receiver, secret: str
) -> None:
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    under_way = webhooks._claim(timezone.now())
    assert under_way is not None
    endpoint = WebhookEndpoint.objects.get()
    people.browser("marta").post(f"/portal/integration/webhooks/{endpoint.public_id}/end/")
    webhooks._settle(under_way, Posted(500, ""))
    assert WebhookDelivery.objects.get().state == "failed"
    assert send(after=timedelta(days=9)) == 0


def test_a_test_message_reaches_every_address(
    people: People, receiver: Receiver, secret: str
) -> None:
    """This one listens to another topic."""
    people.browser("marta").post("/portal/integration/webhooks/test/")
    assert send() == 1
    assert json.loads(receiver.got[0][1])["type"] == "crossings.webhook_test"


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.215.14/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://10.0.0.7/hook",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[fd00::1]/hook",
        "https://0/hook",
        "https://2130706433/hook",
        "https://user:secret@93.184.215.14/",
        "https://",
        "https://[broken",
        "https://norte..example/hook",
        f"https://{'a' * 64}.example/hook",
        "ftp://93.184.215.14/",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_leads_inwards_is_refused(people: People, url: str) -> None:
    values = {"url": url, "topics": ["standing"]}
    shown = people.browser("marta").post("/portal/integration/webhooks/", values).content.decode()
    assert 'href="#field-url"' in shown
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_turned_inwards_since_is_not_called(
    people: People, receiver: Receiver, secret: str, settings: Settings
) -> None:
    tell("visit_due", carrier=people.norte, at=timezone.now(), due="2027-01-01")
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    send()
    assert receiver.got == []
    assert "private network" in WebhookDelivery.objects.get().last_error


def test_a_webhook_needs_a_topic(people: People, receiver: Receiver) -> None:
    shown = people.browser("marta").post("/portal/integration/webhooks/", {"url": receiver.url})
    assert 'href="#field-topics"' in shown.content.decode()


def test_what_an_address_listens_to_is_said_in_words(
    people: People, receiver: Receiver, secret: str
) -> None:
    marta = people.browser("marta")
    marta.cookies["django_language"] = "es"
    shown = marta.get("/portal/integration/").content.decode()
    assert '<span class="tt-muted">Nivel, sanciones' in shown


def test_the_same_address_twice(people: People, receiver: Receiver, secret: str) -> None:
    values = {"url": receiver.url, "topics": ["standing"]}
    shown = people.browser("marta").post("/portal/integration/webhooks/", values).content.decode()
    assert "in use already" in shown


def test_a_key_is_shown_once_works_and_is_revoked(people: People) -> None:
    client = people.browser("marta")
    shown = client.post("/portal/integration/keys/", {"scopes": ["manifests:write"]})
    key = "tt_" + shown.content.decode().partition('id="secret">tt_')[2].partition("<")[0]
    assert key not in client.get("/portal/integration/").content.decode()
    made = MachineKey.objects.get(carrier_id=people.norte.pk)
    assert made.scopes == ["manifests:write"]
    headers = {"Authorization": f"Bearer {key}"}
    machine = Client()
    assert machine.get("/api/v1/manifests/NRTE0001/", headers=headers).status_code == 404
    client.post(f"/portal/integration/keys/{made.prefix}/end/")
    assert machine.get("/api/v1/manifests/NRTE0001/", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "scopes"),
        ({"scopes": ["arrivals:write"]}, "scopes"),
        ({"scopes": ["manifests:write"], "expires_date": "2020-01-01"}, "expires_date"),
    ],
)
def test_a_wrong_key_is_refused(people: People, values: dict[str, Any], field: str) -> None:
    shown = people.browser("marta").post("/portal/integration/keys/", values).content.decode()
    assert f'href="#field-{field}"' in shown
    assert not MachineKey.objects.filter(carrier_id=people.norte.pk).exists()


def test_another_carriers_key_cannot_be_revoked(people: People) -> None:
    people.browser("marta").post("/portal/integration/keys/", {"scopes": ["manifests:write"]})
    prefix = MachineKey.objects.get(carrier_id=people.norte.pk).prefix
    answer = people.browser("sonia").post(f"/portal/integration/keys/{prefix}/end/")
    assert answer.status_code == 404


def test_each_decision_is_told_once_to_who_listens(
    people: People, receiver: Receiver, secret: str
) -> None:
    WebhookEndpoint.objects.update(topics=["crossings"])
    cross([people.norte, people.norte, people.sur])
    assert announce_crossings() == 2
    assert announce_crossings() == 0
    assert send() == 2
    message = json.loads(receiver.got[0][1])
    assert message["type"] == "crossings.decided"
    assert message["data"]["reasons"] == [
        {"code": "deadline_passed", "text": "No decision was made in time."}
    ]
    shown = people.browser("vera").get("/portal/crossings/").content.decode()
    assert shown.count("No decision was made in time.") == 2


def test_what_was_told_and_purged_since_is_not_told_again(
    people: People, receiver: Receiver, secret: str
) -> None:
    WebhookEndpoint.objects.update(topics=["crossings"])
    cross([people.norte])
    now = timezone.now()
    assert crossings.announce(at=now) == 1
    WebhookDelivery.objects.all().delete()
    kept = timedelta(days=configured.RETENTION_DAYS["deliveries"])
    assert crossings.announce(at=now + kept + timedelta(hours=1)) == 0


def test_what_officers_put_above_a_decision_is_told_as_such(
    people: People, receiver: Receiver, secret: str
) -> None:
    WebhookEndpoint.objects.update(topics=["crossings"])
    cross([people.norte, people.sur])
    lanes, now = Lane.objects.order_by("code"), timezone.now()
    for carrier in (people.norte, people.sur):
        decision = Assignment.objects.get(carrier=carrier)
        override_to_inspection(
            arrival_id=decision.pk,
            port_code=decision.port_id,
            reason="An alert names it.",
            by=people.olga.actor,
            at=now,
        )
        Redirection.objects.create(
            arrival_id=decision.pk,
            port_id=decision.port_id,
            route="inspection",
            from_lane=lanes[2],
            lane=lanes[3],
            why="lane_closed",
            redirected_by=str(people.olga.actor),
            redirected_at=now,
        )
    assert announce_crossings() == 3
    assert announce_crossings() == 0
    assert send() == 3
    told = {message["type"]: message["data"] for _head, body in receiver.got
            if (message := json.loads(body))}  # fmt: skip
    assert told.keys() == {f"crossings.{k}" for k in ("decided", "overridden", "redirected")}
    overridden, redirected = told["crossings.overridden"], told["crossings.redirected"]
    assert overridden["reasons"] == [
        {"code": "overridden_to_inspection", "text": "An officer sent the truck to inspection."}
    ]
    assert overridden["override"]["decided_reasons"][0]["code"] == "deadline_passed"
    assert overridden["override"]["reason"] is None
    assert "alert" not in json.dumps(told)
    assert (redirected["lane"], redirected["redirection"]["from_lane"]) == ("04", "03")
    assert redirected["redirection"]["why"]["text"] == "the lane was closed"


def test_the_page_shows_the_lane_in_force_and_what_led_to_it(people: People) -> None:
    cross([people.norte])
    decision, lanes = Assignment.objects.get(), Lane.objects.order_by("code")
    Assignment.objects.update(lane=lanes[2])
    page = f"/portal/crossings/{decision.pk}/"
    vera = people.browser("vera")
    before = vera.get(page).content.decode()
    assert "<strong>03</strong>" in before
    assert "What was ordered since" not in before
    Redirection.objects.create(
        arrival_id=decision.pk,
        port_id=decision.port_id,
        route="inspection",
        from_lane=lanes[2],
        lane=lanes[3],
        why="lane_closed",
        redirected_by=str(people.olga.actor),
        redirected_at=timezone.now(),
    )
    shown = vera.get(page).content.decode()
    assert "<strong>04</strong>" in shown
    assert "<strong>03</strong>" not in shown
    assert "The truck was sent from lane 03 to lane 04: the lane was closed." in shown
    override_to_inspection(
        arrival_id=decision.pk,
        port_code=decision.port_id,
        reason="An alert names it.",
        by=people.olga.actor,
        at=timezone.now(),
    )
    shown = vera.get(page).content.decode()
    assert "<strong>03</strong>" in shown
    assert "An officer sent the truck to inspection. Lane 03." in " ".join(shown.split())
    assert "alert" not in shown


def test_a_decision_is_appealed_against_by_an_administrator_and_once(people: People) -> None:
    cross([people.norte])
    page = f"/portal/crossings/{Assignment.objects.get().pk}/"
    assert people.browser("sonia").get(page).status_code == 404
    assert people.browser("vera").post(page, {"text": "Why?"}).status_code == 403
    marta = people.browser("marta")
    assert 'href="#field-text"' in marta.post(page, {"text": ""}).content.decode()
    assert marta.post(page, {"text": "The seals were whole."}).status_code == 302
    assert "already" in marta.post(page, {"text": "Again."}).content.decode()
