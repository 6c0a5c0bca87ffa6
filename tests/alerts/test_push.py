"""What a partner's inbox will not take is told to the agency whose alert it is."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.utils import timezone

from tests.alerts.conftest import Officers
from tests.alerts.sharing import MEXICO, Mexico
from tests.alerts.writing import issue
from tests.cast import TESTER
from tests.people import log_in
from trustedtruck.alerts.models import Agreement, Partner, Release
from trustedtruck.alerts.services.agreements import change_partner
from trustedtruck.alerts.services.alerts import end_alert
from trustedtruck.alerts.services.push import push_due
from trustedtruck.audit.models import Event


class Inbox(HTTPServer):
    """Answers with `status` and `answer`, and keeps what came."""

    status, answer = 200, b""
    before_answer: Callable[[], None] | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.came: list[dict[str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        inbox = self.server
        assert isinstance(inbox, Inbox)
        inbox.came.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        if inbox.before_answer is not None:
            inbox.before_answer()
        self.send_response(inbox.status)
        self.send_header("content-length", str(len(inbox.answer)))
        self.end_headers()
        self.wfile.write(inbox.answer)

    def log_message(self, *_given: Any) -> None:
        """Nothing."""


@pytest.fixture
def inbox(mexico: Mexico, settings: Any) -> Iterator[Inbox]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    server = Inbox()
    Thread(target=server.serve_forever, daemon=True).start()
    change_partner(
        partner=mexico.partner,
        inbox_url=f"http://127.0.0.1:{server.server_port}/",
        secret=mexico.secret,
        messages_per_minute=600,
        by=TESTER,
        at=timezone.now(),
    )
    mexico.agree()
    yield server
    server.shutdown()
    server.server_close()


def test_what_is_refused_for_good_is_shown_and_holds_up_nothing(
    officers: Officers, inbox: Inbox
) -> None:
    problem = {"code": "message_id_reused", "detail": "Used before.", "status": 409}
    inbox.status, inbox.answer = 409, json.dumps(problem).encode()
    alert, later = issue(("plate", "NPL81")), issue(("plate", "NPL82"))
    push_due(at=timezone.now())
    assert len(inbox.came) == 2
    refused = Release.objects.get(alert=alert)
    assert refused.refused_at is not None
    assert refused.refused_why == "409 message_id_reused Used before."
    event = Event.objects.filter(action="release.refused").order_by("id").first()
    assert event is not None
    assert event.data["partner"] == MEXICO
    for one in (alert, later):
        page = log_in(officers.ines).get(f"/console/alerts/{one.public_id}/").content.decode()
        assert "refused by its system: 409 message_id_reused Used before." in page
    inbox.status, inbox.answer = 200, b""
    third = issue(("plate", "NPL83"))
    assert push_due(at=timezone.now()) == 1
    assert Release.objects.get(alert=third).refused_at is None


def test_what_its_agreement_no_longer_gives_is_not_sent(inbox: Inbox) -> None:
    """Its end may lie between two rounds of the beat that ends it."""
    issue(("plate", "NPL81"))
    Agreement.objects.update(valid_until=timezone.now())
    assert push_due(at=timezone.now() + timedelta(seconds=1)) == 0
    assert inbox.came == []


def test_what_is_recalled_while_others_are_sent_is_not_sent_any_more(inbox: Inbox) -> None:
    first, second = issue(("plate", "NPL81")), issue(("plate", "NPL82"))

    def withdraw() -> None:
        end_alert(alert=second, change="withdraw", note="Cleared.", by=TESTER, at=timezone.now())

    inbox.before_answer = withdraw
    push_due(at=timezone.now())
    told = [(one["type"], one["data"]["id"]) for one in inbox.came]
    assert told == [("alerts.warning", str(first.public_id))]
    inbox.before_answer = None
    push_due(at=timezone.now())
    assert inbox.came[-1]["type"] == "alerts.recall"


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"code": 7}', b"\xff\xfe"])
def test_a_refusal_without_words_is_its_status(inbox: Inbox, answer: bytes) -> None:
    inbox.status, inbox.answer = 422, answer
    alert = issue(("plate", "NPL81"))
    push_due(at=timezone.now())
    assert Release.objects.get(alert=alert).refused_why == "422"


def test_an_inbox_in_trouble_is_asked_again_and_has_refused_nothing(inbox: Inbox) -> None:
    inbox.status = 503
    alert = issue(("plate", "NPL81"))
    assert push_due(at=timezone.now()) == 0
    assert Release.objects.get(alert=alert).refused_at is None
    assert Partner.objects.get().push_failures == 1
