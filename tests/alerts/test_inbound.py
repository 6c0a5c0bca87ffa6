"""What partners send: quarantined, taken in by rule or by an officer, refused with a code."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from lanes.services import assign
from tests.alerts.sharing import MEXICO, Mexico, feedback, make_partner, seizure, warning
from tests.alerts.writing import agency, issue
from tests.cast import PORT, TESTER, Cast
from tests.lanes.conftest import Gate
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key
from trustedtruck.alerts.models import Alert, Feedback, Inbound, Partner, Seizure
from trustedtruck.alerts.services.inbound import accept, reject
from trustedtruck.core.errors import Refused

ACCEPTS: dict[str, Any] = {"accepts": ["narcotics"]}
RECALL = {"kind": "recall", "id": "anam-2026-17", "version": 1, "owner": MEXICO, "mark": "clear"}


def codes(answer: Any) -> set[str]:
    body = answer.json()
    assert answer.status_code < 500, body
    return {error["code"] for error in body.get("errors", [])} | {body["code"]}


def test_a_warning_waits_in_quarantine_and_matches_nothing(mexico: Mexico) -> None:
    (answer,) = mexico.send(warning()).json()["received"]
    assert (answer["state"], answer["repeated"]) == ("quarantined", False)
    assert not Alert.objects.exists()


def test_an_officer_accepts_or_rejects(mexico: Mexico) -> None:
    mexico.send(warning())
    mexico.send(warning(id="anam-2"))
    first, second = Inbound.objects.order_by("pk")
    accept(inbound=first, by=TESTER, at=timezone.now())
    reject(inbound=second, note="No such truck.", by=TESTER, at=timezone.now())
    alert = Alert.objects.get()
    assert (alert.owner_id, alert.origin_ref) == (MEXICO, "anam-2026-17")
    with pytest.raises(Refused):
        accept(inbound=second, by=TESTER, at=timezone.now())


def test_by_rule_it_is_in_force_at_once(
    mexico: Mexico, cast: Cast, gate: Gate, decide_now: Callable[[], int]
) -> None:
    mexico.agree(**ACCEPTS)
    assert mexico.send(warning()).json()["received"][0]["state"] == "accepted"
    answer = gate.arrive(cast.arrival(), "respond-async")
    decide_now()
    found = gate.get(answer["Location"]).json()
    assert [reason["code"] for reason in found["reasons"]] == ["alert_matches"]


def test_a_rule_takes_only_its_categories(mexico: Mexico) -> None:
    mexico.agree(**ACCEPTS)
    answer = mexico.send(warning(category="consumer_safety"))
    assert answer.json()["received"][0]["state"] == "quarantined"


def test_the_same_again_is_the_same_once(mexico: Mexico) -> None:
    mexico.agree(**ACCEPTS)
    body = warning()
    first = mexico.send(body).json()["received"][0]
    again = mexico.send(body).json()["received"][0]
    assert (again["message"], again["repeated"]) == (first["message"], True)
    assert Alert.objects.count() == 1


def test_a_newer_version_changes_the_alert_and_an_older_is_refused(mexico: Mexico) -> None:
    mexico.agree(**ACCEPTS)
    mexico.send(warning())
    mexico.send(warning(version=3, criteria=[[{"kind": "plate", "value": "TX NEW1"}]]))
    alert = Alert.objects.get()
    assert alert.version == 3
    assert alert.criteria.get().value == "TX NEW1"
    assert codes(mexico.send(warning(version=2))) == {"outdated_version"}


def test_the_same_version_with_other_words_is_a_conflict_for_an_officer(mexico: Mexico) -> None:
    mexico.agree(**ACCEPTS)
    body, headers = mexico.sign(warning())
    assert mexico.post_signed(body, headers).status_code == 200
    other = warning(severity="low")
    body, headers = mexico.sign(other)
    assert mexico.post_signed(body, headers).json()["received"][0]["state"] == "conflicting"
    assert Alert.objects.get().severity == "high"


def test_feedback_and_seizure_are_linked(mexico: Mexico) -> None:
    mexico.agree()
    alert = issue(("plate", "TX NPL81"))
    assert mexico.send(feedback(warning=str(alert.public_id))).status_code == 200
    assert mexico.send(seizure()).status_code == 200
    kept = Seizure.objects.get()
    assert kept.feedback.alert == alert
    assert kept.feedback.result == "found"
    assert kept.agency_id == MEXICO


def test_an_answer_to_what_was_never_released_to_them_is_not_taken_by_rule(
    mexico: Mexico,
) -> None:
    mexico.agree()
    secret = issue(("plate", "TX NPL81"), mark="red")
    answer = mexico.send(feedback(warning=str(secret.public_id)))
    assert answer.json()["received"][0]["state"] == "quarantined"
    unknown = mexico.send(feedback(id="anam-f-2", warning="nothing"))
    assert unknown.json()["received"][0]["state"] == "quarantined"
    with pytest.raises(Refused, match="answers_nothing"):
        accept(inbound=Inbound.objects.get(ref="anam-f-2"), by=TESTER, at=timezone.now())
    assert not Feedback.objects.exists()


def test_a_partner_recalls_its_own(mexico: Mexico) -> None:
    mexico.agree(**ACCEPTS)
    mexico.send(warning())
    assert mexico.send(RECALL).json()["received"][0]["state"] == "accepted"
    assert Alert.objects.get().state == "recalled"


def test_what_was_recalled_meanwhile_is_not_put_in_force(mexico: Mexico) -> None:
    mexico.send(warning())
    mexico.send({**RECALL, "version": 2})
    first, recall = Inbound.objects.order_by("pk")
    with pytest.raises(Refused, match="recalled_since"):
        accept(inbound=first, by=TESTER, at=timezone.now())
    reject(inbound=recall, note="Nothing to end.", by=TESTER, at=timezone.now())
    with pytest.raises(Refused, match="recalled_since"):
        accept(inbound=first, by=TESTER, at=timezone.now())
    assert not Alert.objects.exists()


def test_an_older_version_is_not_accepted_after_a_newer(mexico: Mexico) -> None:
    for version, place in ((1, "TX OLD1"), (2, "TX NEW2")):
        criteria = [[{"kind": "plate", "value": place}]]
        mexico.send(warning(version=version, criteria=criteria))
    older, newer = Inbound.objects.order_by("pk")
    accept(inbound=newer, by=TESTER, at=timezone.now())
    with pytest.raises(Refused, match="outdated_version"):
        accept(inbound=older, by=TESTER, at=timezone.now())
    assert Alert.objects.get().criteria.get().value == "TX NEW2"


@pytest.mark.parametrize("version", [1, 2])
def test_what_was_recalled_and_is_sent_again_waits_for_an_officer(
    mexico: Mexico, version: int
) -> None:
    """An agreement that ended and was signed again, or an alert that was renewed over there."""
    mexico.agree(**ACCEPTS)
    first, again = warning(), warning(version=version)
    again["valid_from"] = first["valid_from"]
    again["valid_until"] = first["valid_until"]
    for data in (first, RECALL, again):
        answer = mexico.post_signed(*mexico.sign(data))
        assert answer.status_code == 200, answer.content
    assert Alert.objects.get().state == "recalled"
    waiting = Inbound.objects.latest("pk")
    assert (waiting.kind, waiting.state) == ("warning", "quarantined")

    accept(inbound=waiting, by=TESTER, at=timezone.now())

    alert = Alert.objects.get()
    assert (alert.state, alert.version) == ("active", version)


def test_versions_of_a_thing_with_a_long_id_are_told_apart(mexico: Mexico) -> None:
    name = "anam-" + "x" * 95
    assert mexico.send(warning(id=name)).status_code == 200
    assert mexico.send(warning(id=name, version=2)).status_code == 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"owner": "US-CBP"}, "not_its_own"),
    ({"mark": "white"}, "invalid_choice"),
    ({"mark": None}, "required"),
    ({"criteria": []}, "min_length"),
    ({"criteria": [[{"kind": "vin", "value": "1M8GDM9AXKP042789"}]]}, "vin_check_digit"),
    ({"criteria": [[{"kind": "colour", "value": "red"}]]}, "invalid_choice"),
    ({"valid_until": "2020-01-01T00:00:00Z"}, "ends_before"),
    ({"valid_from": "yesterday"}, "not_an_instant"),
    ({"version": "1"}, "not_a_number"),
    ({"version": 0}, "min_value"),
    ({"surprise": True}, "unknown_field"),
    ({"id": "a b"}, "invalid"),
    ({"kind": "rumour"}, "invalid_choice"),
    ({"kind": ["warning"]}, "invalid_choice"),
]


@pytest.mark.parametrize(("change", "code"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_field_is_named(mexico: Mexico, change: dict[str, Any], code: str) -> None:
    answer = mexico.send(warning(**change))
    assert answer.status_code == 400
    assert code in codes(answer)
    assert not Inbound.objects.exists()


def test_one_wrong_message_keeps_all_of_them_out(mexico: Mexico) -> None:
    answer = mexico.send({"messages": [warning(), warning(id="anam-2", mark="pink")]})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["messages.1.mark"]
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"7", b'"x"', b"{", b'{"messages": 7}', b'{"messages": []}', b"\xff"],
)
def test_what_is_no_message_is_refused(mexico: Mexico, body: bytes) -> None:
    assert mexico.send(body).status_code == 400


def test_a_message_cannot_answer_itself(mexico: Mexico) -> None:
    answer = mexico.send(feedback(warning="anam-f-1"))
    assert "reference_cycle" in codes(answer)


def test_an_id_belongs_to_one_kind(mexico: Mexico) -> None:
    mexico.send(warning())
    answer = mexico.send(feedback(id="anam-2026-17", warning="else"))
    assert codes(answer) == {"ref_in_use"}


def test_an_oversized_body_is_refused(mexico: Mexico) -> None:
    answer = mexico.send(b'{"x": "' + b"a" * (8 * 1024 * 1024) + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_too_many_at_once_are_refused(mexico: Mexico) -> None:
    many = [warning(id=f"anam-{n}") for n in range(501)]
    answer = mexico.send({"messages": many})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_messages")


def test_a_forged_an_old_and_a_missing_signature_look_alike(mexico: Mexico) -> None:
    forged = mexico.sign(warning(), secret="whsec_" + "QUJD" * 8)
    old = mexico.sign(warning(), age=3600)
    body, good = mexico.sign(warning())
    changed = (body.replace("high", "low"), good)
    for text, headers in (forged, old, (body, {}), changed):
        answer = mexico.post_signed(text, headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert not Inbound.objects.exists()
    assert mexico.post_signed(body, good).status_code == 200


def test_a_replay_changes_nothing(mexico: Mexico) -> None:
    body, headers = mexico.sign(warning())
    first = mexico.post_signed(body, headers).json()["received"][0]
    again = mexico.post_signed(body, headers).json()["received"][0]
    assert (again["message"], again["repeated"]) == (first["message"], True)
    body, headers = mexico.sign(warning(id="anam-9"), message_id=headers["webhook-id"])
    assert mexico.post_signed(body, headers).json()["code"] == "message_id_reused"


def test_our_own_message_sent_back_is_refused(mexico: Mexico) -> None:
    mexico.agree()
    issue(("plate", "TX NPL81"))
    body, headers = mexico.sign(mexico.feed()[0])
    assert "not_its_own" in codes(mexico.post_signed(body, headers))


def test_a_flood_is_limited_and_the_lanes_do_not_notice(
    mexico: Mexico, cast: Cast, gate: Gate
) -> None:
    mexico.agree(**ACCEPTS)
    Partner.objects.update(messages_per_minute=20)
    stop = threading.Event()
    statuses: list[int] = []

    def flood() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            criteria = [[{"kind": "plate", "value": f"TX FLD{n}"}]]
            statuses.append(mexico.send(warning(id=f"flood-{n}", criteria=criteria)).status_code)

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        routes = []
        for _truck in range(8):
            answer = gate.arrive(cast.arrival(), "respond-async")
            assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
            routes.append(gate.get(answer["Location"]).json()["route"])
    finally:
        stop.set()
        flooding.join()
    assert routes == ["fast"] * 8
    while len(statuses) < 25:
        statuses.append(mexico.send(warning(id=f"more-{len(statuses)}")).status_code)
    assert statuses.count(200) == 20
    assert set(statuses) == {200, 429}


def test_the_limit_says_when_to_come_back(mexico: Mexico) -> None:
    Partner.objects.update(messages_per_minute=1)
    mexico.send(warning())
    answer = mexico.send(warning(id="anam-2"))
    assert (answer.status_code, answer.json()["code"]) == (429, "partner_floods")
    assert int(answer["Retry-After"]) > 0


def test_keys_without_the_scope_or_of_nobody(mexico: Mexico, gate: Gate) -> None:
    reading = issue_key(
        scopes=[Scope.ALERTS_READ], by=TESTER, at=timezone.now(), agency=agency(MEXICO)
    )
    mexico.key = reading
    assert mexico.feed() == []
    assert mexico.send(warning()).json()["code"] == "scope_missing"
    mexico.key = issue_key(
        scopes=[Scope.ALERTS_READ], by=TESTER, at=timezone.now(), agency=agency()
    )
    assert mexico.get("/api/v1/alerts/feed/").json()["code"] == "not_a_partner"
    assert gate.get("/api/v1/alerts/feed/").status_code == 403


@pytest.mark.parametrize(
    "query", [{"after": "-1"}, {"after": "x"}, {"limit": "0"}, {"limit": "9999"}, {"after": "९"}]
)
def test_a_wrong_cursor_is_named(mexico: Mexico, query: dict[str, str]) -> None:
    answer = mexico.get("/api/v1/alerts/feed/", **query)
    assert answer.status_code == 400
    assert {e["field"] for e in answer.json()["errors"]} <= {"after", "limit"}


def test_the_feed_goes_on_from_its_cursor(mexico: Mexico) -> None:
    mexico.agree()
    for n in range(5):
        issue(("plate", f"TX F{n}"))
    seen, after = [], 0
    while True:
        page = mexico.get("/api/v1/alerts/feed/", after=after, limit=2).json()
        seen += page["items"]
        after = page["next"]
        if not page["more"]:
            break
    assert [c["criteria"][0][0]["value"] for c in seen] == [f"TX F{n}" for n in range(5)]
    assert mexico.feed(after=after) == []


def test_the_feed_as_a_table(mexico: Mexico) -> None:
    mexico.agree()
    issue([("plate", "TX F1"), ("origin", "MX")], instruction="=cmd|'/c calc'!A1")
    text = mexico.get("/api/v1/alerts/feed.csv").content.decode()
    head, row = text.splitlines()
    assert head.startswith("seq,kind,id")
    assert "plate=TX F1 & origin=MX" in row
    assert ",'=cmd" in row


def test_other_partners_read_nothing_of_it(mexico: Mexico) -> None:
    mexico.agree()
    issue(("plate", "TX F1"))
    assert make_partner("CA-CBSA", "CA").feed() == []


def test_json_is_json(mexico: Mexico) -> None:
    assert json.loads(mexico.get("/api/v1/alerts/feed/").content)["more"] is False
