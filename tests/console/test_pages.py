"""What officers do on the console's pages, by HTTP and with their own sessions."""

import json
import re
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.utils import timezone

from lanes.models import Alarm, Arrival, Assignment, Lane, Override, Policy
from tests.cast import PORT, TESTER, make_port
from tests.console.conftest import Staff
from tests.people import log_in, make_officer
from trustedtruck.accounts.models import Agency, Device, MachineKey, User
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.models import Event
from trustedtruck.credentials.keyset import b64url
from trustedtruck.credentials.models import Hold
from trustedtruck.credentials.services import reissue
from trustedtruck.credentials.states import Reason

BOARD = f"/console/ports/{PORT}/"


def last(action: str) -> Event:
    found = Event.objects.filter(action=action).order_by("-id").first()
    assert found is not None, action
    return found


def streamed(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def alarm_of(staff: Staff) -> Alarm:
    """A truck that was sent to inspection drives through a fast lane."""
    arrival = staff.truck(radiation_alarm=True)
    body = {
        "event_id": str(uuid.uuid4()),
        "point": "lane",
        "lane": "01",
        "at": timezone.now().isoformat(),
    }
    answer = staff.gate.post(f"/api/v1/arrivals/{arrival}/passages/", body)
    assert answer.status_code == 201, answer.content
    return Alarm.objects.get()


# --- The board and its lanes --------------------------------------------------------------------
def test_the_board_begins_with_the_present_state(staff: Staff) -> None:
    arrival = staff.truck()
    page = staff.browser("gus").get(BOARD)
    state = json.loads(page.context["state"]["arrivals"] and json.dumps(page.context["state"]))
    assert state["arrivals"][0]["id"] == arrival
    assert state["arrivals"][0]["route"] == "fast"
    assert int(state["place"].partition("~")[0]) > 0
    assert 'data-lane="01"' in page.content.decode()


def test_a_gate_operator_closes_and_opens_a_lane(staff: Staff) -> None:
    client = staff.browser("gus")
    client.post(f"{BOARD}lanes/01/turn/", {"to": "closed"})
    assert Lane.objects.get(code="01").state == "closed"
    event = last("lane.state_changed")
    assert (event.actor_label, event.ip, event.port_code) == ("Gus", "127.0.0.1", PORT)
    assert (event.data["before"], event.data["after"]) == ("open", "closed")
    again = client.post(f"{BOARD}lanes/01/turn/", {"to": "closed"}, follow=True)
    assert "Somebody was faster" in again.content.decode()
    client.post(f"{BOARD}lanes/01/turn/", {"to": "open"})
    assert Lane.objects.get(code="01").state == "open"


LANE = {
    "name": "Express",
    "route": "inspection",
    "directions": ["northbound"],
    "load": "empty",
    "group": "",
    "service_seconds": "40",
    "reason": "Maintenance of the portal",
}


def test_a_lane_changes_its_kind_with_before_and_after(staff: Staff) -> None:
    staff.browser("simon").post(f"{BOARD}lanes/01/", LANE)
    lane = Lane.objects.get(code="01")
    assert (lane.route, lane.load, lane.directions) == ("inspection", "empty", ["northbound"])
    data = last("lane.changed").data
    assert (data["before"]["route"], data["after"]["route"]) == ("fast", "inspection")
    assert data["reason"] == LANE["reason"]


def test_a_closed_lane_gets_no_truck(staff: Staff) -> None:
    client = staff.browser("gus")
    for code in ("01", "02"):
        client.post(f"{BOARD}lanes/{code}/turn/", {"to": "closed"})
    arrival = Arrival.objects.get(pk=staff.truck())
    assert arrival.assignment.route == "inspection"
    assert arrival.assignment.reasons == ["no_fast_lane_open"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("route", "air"), ("directions", []), ("load", "half"), ("service_seconds", "0")],
)
def test_a_wrong_lane_is_refused(staff: Staff, field: str, value: Any) -> None:
    answer = staff.browser("simon").post(f"{BOARD}lanes/01/", LANE | {field: value})
    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert Lane.objects.get(code="01").route == "fast"


# --- The truck's page ---------------------------------------------------------------------------
def test_the_trucks_page_shows_everything(staff: Staff) -> None:
    first = staff.truck()
    arrival = staff.truck(radiation_alarm=True)
    page = staff.browser("petra").get(f"{BOARD}arrivals/{arrival}/")
    text = page.content.decode()
    known = page.context["dossier"]
    assert known.recomputed.possible
    assert not known.recomputed.differs
    against = [rule.code for rule in known.recomputed.rules if rule.against]
    assert against == known.assignment.reasons
    assert len(known.recomputed.rules) > 20
    earlier = {section.name: section for section in page.context["sections"]}["earlier"]
    assert [str(row.arrival_id) for row, _why in earlier.context["crossings"]] == [first]
    for shown in ("NPL81", "Rosa Prueba", "The radiation portal raised an alarm.", "Norte"):
        assert shown in text
    make_port("2506")
    Assignment.objects.filter(arrival__id=first).update(port="2506")
    elsewhere = staff.browser("petra").get(f"{BOARD}arrivals/{arrival}/").context["sections"]
    (crossings,) = (s.context["crossings"] for s in elsewhere if s.name == "earlier")
    assert not crossings
    assert any("sent the truck to inspection" in sentence for _at, sentence in known.timeline)


def test_looking_at_a_person_is_on_record(staff: Staff) -> None:
    arrival = staff.truck()
    staff.browser("petra").get(f"{BOARD}arrivals/{arrival}/")
    event = last("personal_data.viewed")
    assert (event.actor_label, event.subject_id) == ("Petra", str(staff.cast.rosa.pk))


def test_who_may_not_see_people_sees_none(staff: Staff) -> None:
    arrival = staff.truck()
    text = staff.browser("aurelia").get(f"{BOARD}arrivals/{arrival}/").content.decode()
    assert "Rosa" not in text
    assert not Event.objects.filter(action="personal_data.viewed").exists()


@pytest.mark.parametrize("role", [Role.PARTNER_OFFICER, Role.AUDITOR, Role.PRIMARY_OFFICER])
def test_the_trucks_page_leads_only_where_its_reader_may_go(staff: Staff, role: Role) -> None:
    reader = log_in(make_officer("Rita", role, ports=[PORT]))
    text = reader.get(f"{BOARD}arrivals/{staff.truck()}/").content.decode()
    links = set(re.findall(r'href="(/console/(?:trucks|trips|drivers)/[^"]+)"', text))
    assert {link: reader.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_truck_that_waits_has_a_page_too(staff: Staff) -> None:
    answer = staff.gate.arrive(staff.cast.arrival(), prefer="respond-async")
    page = staff.browser("petra").get(f"{BOARD}arrivals/{answer.json()['id']}/")
    assert page.status_code == 200
    assert "is being decided" in page.content.decode()


def test_an_arrival_of_another_port_is_not_there(staff: Staff) -> None:
    lea = log_in(make_officer("Lea", Role.SUPERVISOR, ports=[PORT, "2506"]))
    assert lea.get(f"/console/ports/2506/arrivals/{staff.truck()}/").status_code == 404


def test_an_officer_sends_a_fast_truck_to_inspection(staff: Staff) -> None:
    arrival = staff.truck()
    client = staff.browser("petra")
    path = f"{BOARD}arrivals/{arrival}/"
    assert client.post(f"{path}refer/", {"reason": ""}).status_code == 400
    client.post(f"{path}refer/", {"reason": "The driver is nervous."})
    override = Override.objects.get()
    assert (str(override.arrival_id), override.route) == (arrival, "inspection")
    text = client.get(path).content.decode()
    assert "An officer put this above the decision" in text
    board = json.dumps(staff.browser("gus").get(BOARD).context["state"])
    assert '"route": "inspection"' in board
    assert "The driver is nervous." in board


def test_the_fast_lane_needs_two_officers(staff: Staff) -> None:
    arrival = staff.truck(radiation_alarm=True)
    path = f"{BOARD}arrivals/{arrival}/"
    simon = staff.browser("simon")
    simon.post(f"{path}ask/", {"reason": "Medical isotopes, with papers."})
    override = Override.objects.get()
    own = simon.post(f"{BOARD}requests/{override.pk}/", follow=True)
    assert "cannot approve it" in own.content.decode()
    assert staff.browser("petra").post(f"{BOARD}requests/{override.pk}/").status_code == 403
    sara = log_in(make_officer("Sara", Role.SUPERVISOR, ports=[PORT]))
    assert "Approve the fast lane" in sara.get(path).content.decode()
    sara.post(f"{BOARD}requests/{override.pk}/")
    override.refresh_from_db()
    assert override.effective_at is not None
    assert last("arrival.overridden").actor_label == "Sara"


def test_a_second_officer_refuses_the_fast_lane_with_a_reason(staff: Staff) -> None:
    arrival = staff.truck(radiation_alarm=True)
    path = f"{BOARD}arrivals/{arrival}/"
    simon = staff.browser("simon")
    simon.post(f"{path}ask/", {"reason": "Medical isotopes, with papers."})
    assert "Ask for the fast lane" not in simon.get(path).content.decode(), "one at a time"
    sara = log_in(make_officer("Sara", Role.SUPERVISOR, ports=[PORT]))
    assert "Refuse: it stays in inspection" in sara.get(path).content.decode()
    assert sara.post(f"{path}refer/", {"reason": ""}).status_code == 400
    sara.post(f"{path}refer/", {"reason": "The papers are of another load."})
    shown = sara.get(path).content.decode()
    assert "The papers are of another load." in shown
    assert "over, not approved" in shown
    assert "Approve the fast lane" not in shown
    assert "Ask for the fast lane" in shown


def test_the_fast_lane_is_not_offered_where_it_would_be_refused(staff: Staff) -> None:
    shown = staff.browser("simon").get(f"{BOARD}arrivals/{staff.truck(radiation_alarm=True)}/")
    assert "Ask for the fast lane" in shown.content.decode()
    unknown = staff.truck(tag_epc=None, qr=None)
    shown = staff.browser("simon").get(f"{BOARD}arrivals/{unknown}/")
    assert "Ask for the fast lane" not in shown.content.decode()
    assert "Without good credentials no truck" in shown.content.decode()


def test_a_hold_is_placed_and_lifted(staff: Staff) -> None:
    arrival = staff.truck()
    client = staff.browser("ines")
    path = f"{BOARD}arrivals/{arrival}/"
    assert client.post(f"{path}hold/", {"note": ""}).status_code == 400
    client.post(f"{path}hold/", {"note": "Seal to be checked"})
    hold = Hold.objects.get()
    assert "Seal to be checked" in client.get(path).content.decode()
    # It is on the truck: another credential shows it as well, and the page of this crossing still.
    new = reissue(
        credential=staff.cast.credentials["truck"],
        by=TESTER,
        at=timezone.now(),
        reason=Reason.DAMAGED,
    )
    staff.cast.credentials["truck"] = new
    for page in (path, f"{BOARD}arrivals/{staff.truck()}/"):
        assert "Seal to be checked" in client.get(page).content.decode()
    lifted = client.post(f"{BOARD}holds/{hold.pk}/lift/")
    assert "/arrivals/" in lifted["Location"]
    hold.refresh_from_db()
    assert hold.lifted_at is not None
    assert last("hold.lifted").actor_label == "Ines"


# --- Alarms, shift ------------------------------------------------------------------------------
def test_an_alarm_is_closed_with_a_note_once(staff: Staff) -> None:
    alarm = alarm_of(staff)
    petra, ines = staff.browser("petra"), staff.browser("ines")
    assert "1<span" in petra.get("/console/").content.decode()
    path = f"{BOARD}alarms/{alarm.pk}/close/"
    assert petra.post(path, {"note": ""}).status_code == 400
    assert petra.post(path, {"note": "The officer waved it through."}).status_code == 302
    late = ines.post(path, {"note": "Me too"})
    assert "Another officer has closed this alarm." in late.content.decode()
    alarm.refresh_from_db()
    assert (alarm.closed_by, alarm.note) == (
        str(staff.petra.actor),
        "The officer waved it through.",
    )
    assert last("alarm.closed").data["note"] == alarm.note


def test_the_hand_over_tells_the_shift(staff: Staff) -> None:
    alarm_of(staff)
    staff.truck()
    staff.browser("gus").post(f"{BOARD}lanes/04/turn/", {"to": "closed"})
    page = staff.browser("simon").get(f"{BOARD}shift/?hours=4")
    numbers = page.context["numbers"]
    assert (numbers.arrivals, numbers.fast, numbers.inspection) == (2, 1, 1)
    assert numbers.alarms_raised == 1
    assert any("Gus set lane 04" in text for _at, _arrival, _plate, text in page.context["done"])
    assert staff.browser("simon").get(f"{BOARD}shift/?hours=99").context["hours"] == 8


def test_the_hand_over_says_which_truck(staff: Staff) -> None:
    arrival = staff.truck()
    staff.browser("petra").post(f"{BOARD}arrivals/{arrival}/refer/", {"reason": "A smell."})
    done = staff.browser("simon").get(f"{BOARD}shift/").context["done"]
    assert [(one, plate) for _at, one, plate, text in done if "A smell." in text] == [
        (arrival, "NPL81")
    ]


# --- Search -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "kind", "exact"),
    [
        ("NPL81", "truck", True),
        ("npl-81", "truck", True),
        ("NPL8l", "truck", False),
        ("NRTE", "carrier", True),
        ("norte", "carrier", True),
        ("Nortee", "carrier", False),
        ("Rosa Prueba", "driver", True),
        ("rosa pruba", "driver", False),
        ("41000000000001", "driver", True),
    ],
)
def test_search_finds_exactly_and_nearly(staff: Staff, query: str, kind: str, exact: bool) -> None:
    page = staff.browser("petra").get("/console/search/", {"q": query})
    best = page.context["results"][0][0]
    assert (best.kind, best.exact) == (kind, exact)


def test_search_by_vin_and_tag(staff: Staff) -> None:
    client = staff.browser("petra")
    truck = staff.cast.truck
    wrong = truck.vin[:-1] + ("7" if truck.vin[-1] != "7" else "8")
    for query, exact in ((truck.vin, True), (wrong, False), (truck.tag_epc or "", True)):
        found = client.get("/console/search/", {"q": query}).context["results"]
        assert found[0][0].exact == exact
        assert str(truck.public_id) in [one.key for one, _kind, _address in found]
    assert client.get(f"/console/trucks/{truck.public_id}/").status_code == 200


def test_who_may_not_see_people_does_not_find_them(staff: Staff) -> None:
    found = staff.browser("aurelia").get("/console/search/", {"q": "Rosa Prueba"})
    assert not found.context["results"]
    staff.browser("petra").get("/console/search/", {"q": "Rosa Prueba"})
    event = last("personal_data.searched")
    assert "Rosa" not in json.dumps(event.data) + event.subject_id


@pytest.mark.parametrize("query", ["", "x", "%", "';--", "\0", "a" * 300, "_____", "\\"])
def test_search_takes_anything(staff: Staff, query: str) -> None:
    assert staff.browser("petra").get("/console/search/", {"q": query}).status_code in (200, 400)


# --- Audit --------------------------------------------------------------------------------------
def test_the_audit_is_filtered_and_read(staff: Staff) -> None:
    arrival = staff.truck()
    client = staff.browser("aurelia")
    page = client.get("/console/audit/", {"subject": f"arrival:{arrival}"})
    assert [event.action for event, _text, _who in page.context["rows"]] == [
        "arrival.assigned",
        "arrival.received",
    ]
    event = page.context["rows"][0][0]
    assert "not yet sealed" in client.get(f"/console/audit/{event.pk}/").content.decode()
    none = client.get("/console/audit/", {"action": "lane.changed"})
    assert not none.context["rows"]
    assert client.get("/console/audit/", {"since": "no day"}).status_code == 400
    for days in ({"since": "0001-01-01"}, {"until": "9999-12-31"}):
        assert client.get("/console/audit/", days).status_code == 200
    some = client.get("/console/audit/", {"actor": "gate-1", "port": PORT})
    assert {found.actor_label for found, _text, _who in some.context["rows"]} == {"2304/gate-1"}


def test_the_audit_is_exported_and_that_is_on_record(staff: Staff) -> None:
    staff.truck()
    client = staff.browser("aurelia")
    table = streamed(client.get("/console/audit/export/"))
    assert "arrival.assigned" in table
    lines = streamed(client.get("/console/audit/export/", {"format": "jsonl"}))
    assert {json.loads(line)["action"] for line in lines.splitlines()} >= {"arrival.received"}
    assert last("audit.exported").actor_label == "Aurelia"


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "sent the truck to inspection"), ("es", "envió el camión a inspección")],
)
def test_the_audit_is_read_filtered_and_exported_in_both_languages(
    staff: Staff, language: str, told: str
) -> None:
    arrival = staff.truck(radiation_alarm=True)
    client = staff.browser("aurelia")
    client.cookies["django_language"] = language
    chosen = {"subject": f"arrival:{arrival}", "action": "arrival.assigned"}
    assert told in client.get("/console/audit/", chosen).content.decode()
    for form in ("csv", "jsonl"):
        answer = client.get("/console/audit/export/", chosen | {"format": form})
        lines = streamed(answer).splitlines()
        assert told in lines[-1]
        assert len([line for line in lines if arrival in line]) == 1


def test_no_formula_is_exported(staff: Staff) -> None:
    """A name that a spreadsheet would run as a formula comes out as text."""
    bad = make_officer("Mal", Role.GATE_OPERATOR, ports=[PORT], last_name="x")
    User.objects.filter(pk=bad.pk).update(first_name="=HYPERLINK(1)")
    bad.refresh_from_db()
    log_in(bad).post(f"{BOARD}lanes/01/turn/", {"to": "closed"})
    table = streamed(staff.browser("aurelia").get("/console/audit/export/"))
    assert "'=HYPERLINK" in table


# --- Devices, officers, policies ----------------------------------------------------------------
def test_a_device_and_its_key(staff: Staff) -> None:
    client = staff.browser("adrian")
    made = client.post(
        "/console/devices/add/", {"port_code": PORT, "code": "gate-9", "name": "Gate 9"}
    )
    device = Device.objects.get(code="gate-9")
    assert made["Location"] == f"/console/devices/{device.pk}/"
    shown = client.post(
        f"/console/devices/{device.pk}/keys/", {"scopes": ["lanes:read"], "days": "30"}
    )
    key = shown.context["new_key"]
    assert shown["Cache-Control"].startswith("max-age=0")
    assert key not in client.get(f"/console/devices/{device.pk}/").content.decode()
    bearer = {"Authorization": f"Bearer {key}"}
    lanes = f"/api/v1/ports/{PORT}/lanes/"
    assert client.get(lanes, headers=bearer).status_code == 200
    prefix = key.split("_")[1]
    client.post(f"/console/keys/{prefix}/revoke/")
    assert client.get(lanes, headers=bearer).status_code == 401
    client.post(f"/console/devices/{device.pk}/revoke/")
    assert last("device.revoked").actor_label == "Adrian"
    assert MachineKey.objects.get(prefix=prefix).revoked_at is not None
    twice = client.post(
        "/console/devices/add/", {"port_code": PORT, "code": "gate-9", "name": "Again"}
    )
    assert twice.context["form"].errors["code"]


def test_a_devices_public_key_is_registered(staff: Staff) -> None:
    client, device = staff.browser("adrian"), staff.cast.device
    public = Ed25519PrivateKey.generate().public_key()
    raw = public.public_bytes_raw()
    page = f"/console/devices/{device.pk}/public-keys/"

    def register(text: str) -> Any:
        values = {"public_key": text, "scopes": ["arrivals:write"], "days": "30"}
        return client.post(page, {f"signing-{name}": value for name, value in values.items()})

    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert register(pem)["Location"] == f"/console/devices/{device.pk}/"
    key = MachineKey.objects.get(public_key=raw)
    assert last("key.registered").data["public_key"] == raw.hex()
    shown = client.get(f"/console/devices/{device.pk}/").content.decode()
    assert key.prefix in shown
    assert "signs requests" in shown
    jwk = json.dumps({"kty": "OKP", "crv": "Ed25519", "x": b64url(raw)})
    for text in (raw.hex(), b64url(raw), jwk):
        assert "registered already" in str(register(text).context["public_form"].errors)
    private = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    assert "never leave the device" in str(register(private.decode()).context["public_form"].errors)
    for wrong in ("", "abc", "{", '{"kty": "EC"}', "-----BEGIN PUBLIC KEY-----", "ñ" * 43):
        assert register(wrong).context["public_form"].errors["public_key"], wrong


def test_an_administrator_adds_changes_and_blocks_officers(staff: Staff) -> None:
    client = staff.browser("adrian")
    agency = Agency.objects.get(code="US-CBP")
    duties = {"agency": agency.pk, "roles": ["inspector"], "ports": [PORT]}
    person = {
        "username": "nora",
        "email": "nora@example.org",
        "first_name": "Nora",
        "last_name": "N",
    }
    assert client.post("/console/officers/add/", duties | person).status_code == 302
    nora = User.objects.get(username="nora")
    assert not nora.has_usable_password()
    for name in ("nora", "Nora"):  # of the two, neither could sign in
        taken = client.post("/console/officers/add/", duties | person | {"username": name})
        assert taken.context["form"].errors["username"]
    path = f"/console/officers/{nora.pk}/"
    client.post(path, duties | {"roles": ["supervisor", "inspector"]})
    event = last("officer.changed")
    assert event.data["before"]["roles"] == ["inspector"]
    assert event.data["after"]["roles"] == ["inspector", "supervisor"]
    client.post(f"{path}block/", {"reason": "Left the agency"})
    nora.refresh_from_db()
    assert not nora.is_active
    own = client.post(f"/console/officers/{staff.adrian.pk}/", duties)
    assert "Another administrator" in own.content.decode()


def test_a_policy_takes_two_officers(staff: Staff) -> None:
    pia = log_in(make_officer("Pia", Role.POLICY_OFFICER, ports=[PORT]))
    form = pia.get(f"{BOARD}policies/draft/").context["form"]
    values = {
        name: json.dumps(field.initial) if isinstance(field.initial, dict | list) else field.initial
        for name, field in form.fields.items()
        if field.initial is not None and field.initial is not False
    }
    wrong = pia.post(
        f"{BOARD}policies/draft/",
        values | {"note": "x", "sampling_by_tier": "1: 700 %", "certificates_required": "8"},
    )
    assert set(wrong.context["form"].errors) == {"sampling_by_tier", "certificates_required"}
    pia.post(
        f"{BOARD}policies/draft/",
        values
        | {
            "note": "More of tier 1, and wood",
            "sampling_by_tier": "1: 50 %\n2: 0\n\n3: 0.0005",
            "certificates_required": "0804, 4407",
        },
    )
    draft = Policy.objects.get(port=PORT, version=2)
    assert draft.body["certificates_required"] == ["0804", "4407"]
    assert draft.body["sampling_by_tier"] == {"1": 0.5, "2": 0.0, "3": 0.0005}
    path = f"{BOARD}policies/2/"
    assert "Another officer must approve it" in pia.get(path).content.decode()
    refused = pia.post(f"{path}approve/", {"effective_from": ""})
    assert refused.status_code == 400
    pia.post(f"{path}shadow/")
    assert draft.shadow_runs.filter(stopped_at=None).exists()
    simon = staff.browser("simon")
    page = simon.get(path).content.decode()
    assert "50 %" in page
    assert "Goods of HS 4407 need a plant-health certificate." in page
    assert "0804, 4407" in page
    simon.post(f"{path}approve/", {"effective_from": ""})
    draft.refresh_from_db()
    assert draft.approved_by == str(staff.simon.actor)
    assert last("policy.approved").actor_label == "Simon"
    listed = pia.get(f"{BOARD}policies/").content.decode()
    assert "<td>Pia</td><td>Simon</td>" in listed


# --- A person's data ----------------------------------------------------------------------------
def test_a_policy_is_told_in_the_order_and_the_words_of_its_form(staff: Staff) -> None:
    page = staff.browser("aurelia").get(f"{BOARD}policies/1/")
    labels = [label for label, _value in page.context["values"]]
    filed = labels.index("Manifest complete before arrival (minutes)")
    assert labels[filed + 1] == "The same for the fast lane (minutes)"
    text = page.content.decode()
    assert "for fast trucks only" in text
    assert "dedicated" not in text
    assert "<td>24</td>" in text  # hours around the expected arrival, and no 24.0


def test_a_persons_data_is_exported_for_that_person(staff: Staff) -> None:
    staff.truck()
    rosa = staff.cast.rosa
    olga = log_in(make_officer("Olga", Role.ENROLMENT_OFFICER))
    assert "Rosa" in olga.get(f"/console/drivers/{rosa.public_id}/").content.decode()
    answer = olga.post(f"/console/drivers/{rosa.public_id}/export/")
    body = json.loads(answer.content)
    assert body["driver"]["given_names"] == "Rosa"
    assert body["crossings"][0]["route"] == "fast"
    assert [row["kind"] for row in body["credentials"]] == ["driver"]
    assert last("personal_data.exported").subject_id == str(rosa.pk)
    petra = staff.browser("petra")
    assert petra.post(f"/console/drivers/{rosa.public_id}/export/").status_code == 403


# --- A truck whose lane closed ------------------------------------------------------------------
def test_the_trucks_page_shows_the_lane_in_force(staff: Staff) -> None:
    truck = staff.truck()
    path = f"{BOARD}arrivals/{truck}/"
    simon = staff.browser("simon")
    assert "<strong>01</strong>" in simon.get(path).content.decode()
    staff.browser("gus").post(f"{BOARD}lanes/01/turn/", {"to": "closed"})
    shown = simon.get(path).content.decode()
    assert "<strong>02</strong>" in shown
    assert "Decided was lane 01." in shown
