"""A port's events as a stream: complete, in order, resumed, bounded, and only for who may watch."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from tests.cast import PORT, make_device
from tests.console.conftest import Staff
from tests.people import give_second_factor, log_in
from trustedtruck.accounts.models import MachineKey, User
from trustedtruck.accounts.services import revoke_key
from trustedtruck.audit import services as audit
from trustedtruck.audit.actors import system
from trustedtruck.console.live import hub as hubs
from trustedtruck.console.live import views
from trustedtruck.console.live.hub import hub

PATH = f"/api/v1/ports/{PORT}/events/"


@dataclass
class Message:
    event: str
    id: str
    data: Any


class Stream:
    """A client of server-sent events: reads messages one by one."""

    def __init__(self, server: LiveServer, path: str = PATH, **headers: str) -> None:
        host = server.url.removeprefix("http://")
        self.connection = http.client.HTTPConnection(host, timeout=10)
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def __iter__(self) -> Iterator[Message]:
        event, place, data = "", "", ""
        for raw in self.response:
            line = raw.decode().rstrip("\n")
            name, _colon, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "id":
                place = value
            elif name == "data":
                data = value
            elif not line and event:
                yield Message(event, place, json.loads(data))
                event, place, data = "", "", ""

    def until(self, kind: str, count: int = 1) -> list[Message]:
        """The messages of this kind, as soon as there are so many."""
        found = []
        for message in self:
            if message.event == kind:
                found.append(message)
                if len(found) == count:
                    return found
        return found

    def close(self) -> None:
        self.response.close()
        self.connection.close()


@pytest.fixture
def watch(live_server: LiveServer, staff: Staff) -> Iterator[Any]:
    opened: list[Stream] = []

    def start(path: str = PATH, **headers: str) -> Stream:
        headers = headers or {"Authorization": f"Bearer {staff.cast.key}"}
        opened.append(Stream(live_server, path, **headers))
        return opened[-1]

    yield start
    for stream in opened:
        stream.close()
    deadline = time.monotonic() + 5
    while hub.open and time.monotonic() < deadline:
        time.sleep(0.05)


def _key(staff: Staff, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {staff.cast.key}", **more}


def test_an_arrival_is_told_with_its_lane_and_reasons(watch: Any, staff: Staff) -> None:
    stream = watch()
    assert stream.status == 200
    assert stream.response.headers["Content-Type"] == "text/event-stream"
    assert stream.until("hello")[0].id
    arrival = staff.truck(radiation_alarm=True)
    (received,) = stream.until("arrival.received")
    assert received.data["arrival"]["id"] == arrival
    (assigned,) = stream.until("arrival.assigned")
    told = assigned.data["arrival"]
    assert (told["route"], told["plate"]) == ("inspection", "NPL81 TX")
    assert told["lane"] in ("03", "04")
    assert "radiation_alarm" in [reason["code"] for reason in told["reasons"]]
    assert "inspection" in assigned.data["text"]


def test_a_stream_goes_on_where_it_broke_off(watch: Any, staff: Staff) -> None:
    stream, other = watch(), watch()
    stream.until("hello")
    first = staff.truck()
    last = stream.until("arrival.assigned")[0]
    stream.close()
    missed = [staff.truck() for _ in range(3)]
    other.until("arrival.assigned", 1 + len(missed))  # these are past for whoever comes now
    again = watch(**_key(staff, **{"Last-Event-ID": last.id}))
    found = again.until("arrival.assigned", 3)
    assert [m.data["subject"]["id"] for m in found] == missed
    assert first not in missed
    later = staff.truck()
    assert again.until("arrival.assigned")[0].data["subject"]["id"] == later


def test_the_place_in_the_address_works_too(watch: Any, staff: Staff) -> None:
    place = hubs.place_now()
    arrival = staff.truck()
    stream = watch(PATH + "?after=" + place)
    assert stream.until("arrival.assigned")[0].data["subject"]["id"] == arrival


def test_what_commits_late_is_told_once(watch: Any, staff: Staff) -> None:
    """An event whose id is older than one that was told already, over a broken connection too."""
    stream = watch()
    stream.until("hello")
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_event"
                " (action, actor_kind, actor_id, subject_kind, subject_id, port_code)"
                " VALUES ('lane.changed', 'system', 'late', 'lane', 'late', %s)",
                [PORT],
            )
        staff.truck()
        before = stream.until("arrival.assigned")[0]
        stream.close()
        other.commit()
    finally:
        other.close()
    again = watch(**_key(staff, **{"Last-Event-ID": before.id}))
    assert again.until("lane.changed")[0].data["subject"]["id"] == "late"


def test_nothing_is_missed_and_nothing_told_twice_under_load(watch: Any, staff: Staff) -> None:
    """Four writers, some of whose transactions are undone, and a reader that breaks off often."""
    stream = watch()
    place = stream.until("hello")[0].id
    per_writer, writers = 40, 4

    def write(n: int) -> None:
        try:
            for k in range(per_writer):
                try:
                    with transaction.atomic():
                        audit.record(
                            "lane.changed",
                            by=system("test"),
                            subject_kind="lane",
                            subject_id=f"{n}-{k}",
                            port_code=PORT,
                        )
                        time.sleep(0.002 * ((n + k) % 4))
                        if k % 9 == 8:
                            raise RuntimeError("undone")
                except RuntimeError:
                    continue
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[n]) for n in range(writers)]
    for thread in threads:
        thread.start()
    expected = {f"{n}-{k}" for n in range(writers) for k in range(per_writer) if k % 9 != 8}
    told: list[str] = []
    deadline = time.monotonic() + 20
    while len(set(told)) < len(expected) and time.monotonic() < deadline:
        for count, message in enumerate(stream):
            if message.id:
                place = message.id
            if message.event == "lane.changed":
                told.append(message.data["subject"]["id"])
            if count > 20 or len(told) >= len(expected):
                break
        stream.close()
        stream = watch(**_key(staff, **{"Last-Event-ID": place}))
    for thread in threads:
        thread.join()
    assert set(told) == expected
    assert len(told) == len(expected)


def test_what_is_not_the_boards_business_is_not_told(watch: Any, staff: Staff) -> None:
    """Neither to a display nor to an officer: what an alert met, who looked at whom, keys."""
    live, place = watch(**_cookie(staff.gus)), hubs.place_now()
    live.until("hello")
    for action in ("alert_hit.noted", "alert_hit.dismissed", "personal_data.viewed", "key.issued"):
        with transaction.atomic():
            audit.record(
                action,
                by=system("test"),
                subject_kind="alert_hit",
                subject_id="1",
                port_code=PORT,
                data={"owner": "US-DEA", "note": "secret"},
            )
    staff.truck()
    missed = watch(PATH + "?after=" + place)
    for stream in (live, missed):
        seen = []
        for message in stream:
            seen.append(message.event)
            if message.event == "arrival.assigned":
                break
        assert not {kind.partition(".")[0] for kind in seen} & {"alert_hit", "personal_data", "key"}


def test_who_signs_out_goes_dark(watch: Any, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(views, "ASK_AGAIN_SECONDS", 0.2)
    browser = log_in(staff.gus)
    stream = watch(Cookie=f"sessionid={browser.cookies['sessionid'].value}")
    stream.until("heartbeat", 5)
    browser.logout()
    assert {message.event for message in stream} <= {"heartbeat", "lanes"}


def test_queues_and_signs_of_life_come_by_themselves(
    watch: Any, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "HEARTBEAT_SECONDS", 0.2)
    stream = watch()
    (lanes,) = stream.until("lanes")
    assert [lane["code"] for lane in lanes.data] == ["01", "02", "03", "04"]
    assert not lanes.id
    assert stream.until("heartbeat")[0].data["at"]


def test_another_port_hears_nothing_of_it(watch: Any, staff: Staff) -> None:
    assert watch("/api/v1/ports/2506/events/").status == 404
    with transaction.atomic():
        audit.record(
            "lane.changed",
            by=system("test"),
            subject_kind="lane",
            subject_id="elsewhere",
            port_code="2506",
        )
    place = "0"
    staff.truck()
    stream = watch(**_key(staff, **{"Last-Event-ID": place}))
    seen = []
    for message in stream:
        seen.append(message)
        if message.event == "arrival.assigned":
            break
    assert all(m.data.get("port", PORT) == PORT for m in seen if isinstance(m.data, dict))


def _cookie(user: User) -> dict[str, str]:
    return {"Cookie": f"sessionid={log_in(user).cookies['sessionid'].value}"}


def test_an_officer_watches_with_the_session(watch: Any, staff: Staff) -> None:
    stream = watch(**_cookie(staff.gus), **{"Accept": "text/event-stream", "Accept-Language": "es"})
    assert stream.status == 200
    staff.truck(radiation_alarm=True)
    assert "inspección" in stream.until("arrival.assigned")[0].data["text"]


def test_who_may_not_watch(watch: Any, staff: Staff, settings: Any) -> None:
    assert watch(**{"X-Nobody": "1"}).status == 401
    assert watch(**_cookie(staff.otto)).status == 404
    assert watch(**_cookie(staff.adrian)).status == 403
    device, _key_of = make_device(code="blind")
    settings.DEMO_WITHOUT_MFA = False
    bare = log_in(staff.petra)
    staff.petra.authenticator_set.all().delete()  # type: ignore[attr-defined]
    cookie = {"Cookie": f"sessionid={bare.cookies['sessionid'].value}"}
    assert watch(**cookie).status == 401
    give_second_factor(staff.petra)
    assert watch(**cookie).status == 200
    assert device.port_code == PORT


def test_a_revoked_key_goes_dark(watch: Any, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(views, "ASK_AGAIN_SECONDS", 0.2)
    stream = watch()
    stream.until("hello")
    key = MachineKey.objects.get(device=staff.cast.device)
    revoke_key(key=key, by=system("test"), at=timezone.now())
    kinds = {message.event for message in stream}
    assert kinds <= {"heartbeat", "lanes"}
    assert watch().status == 401


def test_too_many_streams_are_told_to_come_back(watch: Any, staff: Staff, settings: Any) -> None:
    settings.EVENT_STREAMS = 1
    first = watch()
    first.until("hello")
    second = watch()
    assert second.status == 503
    assert second.response.headers["Retry-After"]
    assert json.load(second.response)["code"] == "too_many_streams"


def test_a_broken_place_begins_anew(watch: Any, staff: Staff) -> None:
    stream = watch(**_key(staff, **{"Last-Event-ID": "x'; DROP"}))
    assert stream.status == 200
    assert stream.until("hello")[0].id.partition("~")[0].isdigit()


def test_a_reader_that_was_away_for_long_reads_anew(
    watch: Any, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "FAR_AWAY", 1)
    for _ in range(3):
        staff.truck()
    stream = watch(**_key(staff, **{"Last-Event-ID": "1"}))
    (reset,) = stream.until("reset")
    assert int(reset.id.partition("~")[0]) > 3


def test_streams_hold_no_connection_of_the_pool(watch: Any, staff: Staff) -> None:
    """Twelve streams, and the pool of twelve still serves requests."""
    streams = [watch() for _ in range(12)]
    for stream in streams:
        stream.until("hello")
    assert hub.open == 12
    arrival = staff.truck()
    for stream in streams:
        assert stream.until("arrival.assigned")[0].data["subject"]["id"] == arrival
