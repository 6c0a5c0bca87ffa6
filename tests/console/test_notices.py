"""Officers are told what concerns them: in the console, and by e-mail what is urgent."""

import time
from collections.abc import Mapping
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from lanes.services.policies import draft_policy
from tests.cast import PORT, make_carrier
from tests.console.conftest import Staff
from tests.people import make_officer
from trustedtruck.accounts import notify
from trustedtruck.accounts.models import OfficerNotice, User
from trustedtruck.accounts.notices import WORDS
from trustedtruck.accounts.roles import Permission, Role
from trustedtruck.carriers.services.standing import file_appeal


def _told(user: User) -> list[str]:
    return list(OfficerNotice.objects.filter(officer=user).values_list("code", flat=True))


def _wave_through(staff: Staff) -> None:
    """A truck that must be inspected goes through a fast lane: an alarm."""
    truck = staff.truck(radiation_alarm=True)
    at = timezone.now().isoformat()
    body = {"event_id": "p1", "point": "lane", "lane": "01", "at": at}
    assert staff.gate.post(f"/api/v1/arrivals/{truck}/passages/", body).status_code == 201


def _ask(staff: Staff, name: str) -> str:
    truck = staff.truck(radiation_alarm=True)
    page = f"/console/ports/{PORT}/arrivals/{truck}/"
    answer = staff.browser(name).post(f"{page}ask/", {"reason": "Measured again: nothing."})
    assert answer.status_code == 302
    return page


def test_an_alarm_is_told_to_those_who_close_alarms_at_its_port(staff: Staff) -> None:
    _wave_through(staff)
    for user in (staff.petra, staff.ines, staff.simon):
        assert _told(user) == ["alarm_raised"]
    for user in (staff.gus, staff.aurelia, staff.adrian, staff.otto):
        assert _told(user) == []


def test_a_request_is_told_to_those_who_may_approve_it_but_not_to_its_author(staff: Staff) -> None:
    page = _ask(staff, "simon")
    assert _told(staff.simon) == []
    sara = make_officer("Sara", Role.SUPERVISOR, ports=[PORT])
    _ask(staff, "ines")
    assert _told(sara) == ["fast_requested"]
    notice = OfficerNotice.objects.get(officer=sara)
    assert notice.path != page
    assert notice.path.startswith(f"/console/ports/{PORT}/arrivals/")
    assert notice.body == "Measured again: nothing."


def test_a_draft_of_a_policy_is_told_to_those_who_may_approve_it(staff: Staff) -> None:
    pia = make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT])
    staff_before = set(_told(staff.simon))
    draft_policy(port=staff.cast.port, body={}, by=pia.actor, at=timezone.now())
    assert set(_told(staff.simon)) - staff_before == {"policy_drafted"}
    assert _told(pia) == []


def test_whoever_is_blocked_is_told_nothing(staff: Staff) -> None:
    User.objects.filter(pk=staff.petra.pk).update(is_active=False)
    _wave_through(staff)
    assert _told(staff.petra) == []


def test_the_menu_counts_what_is_not_read_and_one_click_reads_it(staff: Staff) -> None:
    _wave_through(staff)
    petra = staff.browser("petra")
    page = petra.get("/console/notices/").content.decode()
    assert "Alarm: a truck went through a fast lane without a decision for it" in page
    assert 'class="tt-count">1' in page
    assert f'href="/console/ports/{PORT}/alarms/"' in page
    newest = OfficerNotice.objects.filter(officer=staff.petra).latest("pk").pk
    _wave_through(staff)
    petra.post("/console/notices/seen/", {"up_to": newest})
    assert 'class="tt-count">1' in petra.get("/console/").content.decode()
    assert OfficerNotice.objects.filter(officer=staff.ines, read_at__isnull=True).count() == 2


def test_a_notice_is_in_the_readers_language(staff: Staff) -> None:
    _wave_through(staff)
    petra = staff.browser("petra")
    petra.cookies["django_language"] = "es"
    assert "Alarma:" in petra.get("/console/notices/").content.decode()


def test_what_is_urgent_is_mailed_once_in_each_officers_language(staff: Staff) -> None:
    User.objects.filter(pk=staff.ines.pk).update(language="es")
    _wave_through(staff)
    assert notify.mail_due(at=timezone.now()) == 3
    assert notify.mail_due(at=timezone.now()) == 0
    sent: Mapping[str, Any] = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {"petra@example.org", "ines@example.org", "simon@example.org"}
    assert "Alarm: a truck went through" in sent["petra@example.org"].subject
    assert sent["ines@example.org"].subject.startswith("TrustedTruck: Alarma:")
    assert f"/console/ports/{PORT}/alarms/" in sent["petra@example.org"].body


def test_an_officer_chooses_what_is_mailed(staff: Staff) -> None:
    petra = staff.browser("petra")
    assert petra.post("/console/notices/mail/", {"notices_by_mail": "none"}).status_code == 302
    _wave_through(staff)
    notify.mail_due(at=timezone.now())
    assert "petra@example.org" not in {message.to[0] for message in mail.outbox}
    assert _told(staff.petra) == ["alarm_raised"]
    refused = petra.post("/console/notices/mail/", {"notices_by_mail": "pigeon"})
    assert refused.status_code == 400
    assert "pigeon" in refused.content.decode()


def test_mail_that_fails_stays_due(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    _wave_through(staff)

    def down(*_self: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", down)
        with pytest.raises(ConnectionRefusedError):
            notify.mail_due(at=timezone.now())
    assert notify.mail_due(at=timezone.now()) == 3


def test_a_slow_mail_server_gets_each_mail_once(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes, the database waits for what was sent to be written down."""
    _wave_through(staff)
    send = mail.EmailMessage.send

    def slow(message: mail.EmailMessage) -> int:
        time.sleep(0.4)
        return send(message)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", slow)
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 200")
    try:
        assert notify.mail_due(at=timezone.now()) == 3
        assert len(mail.outbox) == 3
    finally:
        connection.close()


def test_a_refused_address_does_not_stop_the_others(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    _wave_through(staff)
    send = mail.EmailMessage.send

    def picky(message: mail.EmailMessage) -> int:
        if message.to == ["petra@example.org"]:
            raise SMTPRecipientsRefused({})
        return send(message)

    monkeypatch.setattr("django.core.mail.EmailMessage.send", picky)
    assert notify.mail_due(at=timezone.now()) == 3
    assert len(mail.outbox) == 2


def test_every_code_that_is_told_has_words() -> None:
    with pytest.raises(KeyError):
        notify.tell_officers("no_such_code", permission=Permission.SEARCH, at=timezone.now())
    assert all(words.title and words.body for words in WORDS.values())


def test_enrolment_officers_hear_of_an_appeal(staff: Staff) -> None:
    olga = make_officer("Olga")
    carrier = make_carrier("ESTE", "Este")
    file_appeal(
        carrier=carrier,
        against="rejection",
        subject_id="1",
        contested_by="user:0",
        text="We disagree.",
        by=olga.actor,
        at=timezone.now(),
    )
    assert _told(olga) == ["appeal_filed"]
    waiting = staff.browser("simon").get("/console/").content.decode()
    assert "appeals to decide" not in waiting
