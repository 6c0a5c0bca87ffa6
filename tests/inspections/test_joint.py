"""Two countries inspect together: one exam, one result, one document."""

import io
import re
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation
from PIL import Image
from pypdf import PdfReader

from lanes.inspections.hours import open_at
from lanes.inspections.models import (
    Exam,
    Finding,
    Inspection,
    JointHours,
    JointInspection,
    JointVerdict,
)
from lanes.inspections.release import address
from lanes.inspections.sheet import POINTS
from lanes.models import Alarm
from tests.cast import PORT
from tests.inspections.conftest import Yard
from tests.inspections.test_exams import (
    CARGO,
    NARCOTICS,
    PASSED,
    approve,
    examined,
    opened,
    page,
    sign,
)
from tests.inspections.test_scans import scanned
from tests.lanes.conftest import in_threads
from trustedtruck.accounts.models import Agency
from trustedtruck.credentials.formats import images


@pytest.fixture(autouse=True)
def _pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def begun(yard: Yard, **changes: Any) -> Inspection:
    inspection = yard.at_station(**changes)
    yard.act("ines", inspection, "joint", partner="MX-ANAM")
    assert JointInspection.objects.filter(inspection=inspection).exists()
    return inspection


def word(yard: Yard, name: str, inspection: Inspection, what: str) -> Any:
    return yard.act(name, inspection, "joint/verdict", word=what, reason=f"{name} says so.")


def released(yard: Yard) -> Inspection:
    inspection = begun(yard)
    examined(yard, inspection, "conveyance", PASSED, approver="paula")
    word(yard, "ines", inspection, "release")
    word(yard, "paula", inspection, "release")
    yard.act("ines", inspection, "release", note="")
    inspection.refresh_from_db()
    assert inspection.state == "released"
    return inspection


def test_one_exam_one_result_and_no_second_inspection(yard: Yard) -> None:
    inspection = begun(yard)
    examined(yard, inspection, "conveyance", PASSED, approver="paula")
    answer = yard.act("ines", inspection, "release", note="")
    assert "The joint inspection has no result yet." in answer.content.decode()
    word(yard, "ines", inspection, "release")
    word(yard, "paula", inspection, "release")
    joint = JointInspection.objects.get()
    assert (joint.state, joint.result, joint.facility) == ("agreed", "release", "truck_lanes")
    yard.act("ines", inspection, "release", note="")
    inspection.refresh_from_db()
    assert inspection.state == "released"


def test_the_exam_of_one_country_is_approved_by_the_other(yard: Yard) -> None:
    inspection = begun(yard)
    exam = opened(yard, inspection)
    sign(yard, exam, PASSED)
    approve(yard, exam, who="paula")
    exam.refresh_from_db()
    assert exam.approved_by == str(yard.user("paula").actor)
    assert (exam.submitted_for_id, exam.accepted_for_id) == ("US-CBP", "MX-ANAM")


def test_in_a_joint_inspection_the_own_agency_does_not_accept_its_exam(yard: Yard) -> None:
    inspection = begun(yard)
    exam = opened(yard, inspection)
    sign(yard, exam, PASSED)
    answer = approve(yard, exam, who="ivan")
    assert "an officer of the other agency approves the exam" in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Exam.objects.filter(pk=exam.pk).update(
            state="approved",
            approved_by="user:0",
            approved_at=timezone.now(),
            accepted_for="US-CBP",
        )
    word(yard, "ines", inspection, "hold")
    word(yard, "paula", inspection, "hold")
    approve(yard, exam, who="ivan")
    exam.refresh_from_db()
    assert exam.state == "approved", "once both have spoken, nobody can keep the exam open"


def enter(yard: Yard, name: str, exam: Exam, version: int, **fields: str) -> Any:
    """A tablet saves the fields that were touched on it."""
    sent = {"version": str(version), "touched": list(fields), **fields}
    return yard.browser(name).post(page(exam, "draft/"), sent)


def test_both_agencies_fill_in_one_exam(yard: Yard) -> None:
    """Each examines some points; the sheet says who, and the other agency accepts the whole."""
    exam = opened(yard, begun(yard))
    half = list(POINTS)[:9]
    mine = {f"result_{point}": "pass" for point in half}
    theirs = {f"result_{point}": "pass" for point in POINTS if point not in half}
    assert enter(yard, "ines", exam, 1, **mine).json()["version"] == 2
    answer = enter(yard, "paula", exam, 1, **theirs).json()
    assert answer["version"] == 3
    assert answer["others"]["result_bumper"] == {
        "value": "pass",
        "by": "Customs and Border Protection",
    }
    assert "result_exhaust" not in answer["others"]
    sign(yard, exam, PASSED, who="paula")
    approve(yard, exam, who="ines")
    exam.refresh_from_db()
    assert (exam.state, exam.submitted_for_id, exam.accepted_for_id) == (
        *("approved", "MX-ANAM", "US-CBP"),
    )
    by = dict(exam.points.values_list("point", "agency"))
    assert (by["bumper"], by["exhaust"]) == ("US-CBP", "MX-ANAM")
    assert exam.points.get(point="exhaust").examined_by == str(yard.user("paula").actor)
    shown = yard.browser("ines").get(page(exam)).content.decode()
    assert shown.count(">Aduanas</td>") == len(theirs)


def test_the_same_point_entered_by_both_is_shown_and_overwritten_by_nobody(yard: Yard) -> None:
    exam = opened(yard, begun(yard))
    enter(yard, "ines", exam, 1, result_roof="pass", note_floor="Wet.")
    late = enter(yard, "paula", exam, 1, result_roof="fail", note_tyres="Worn.")
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    exam.refresh_from_db()
    assert exam.draft == {"result_roof": "pass", "note_floor": "Wet."}
    same = enter(yard, "paula", exam, 1, result_roof="pass", note_tyres="Worn.")
    assert same.status_code == 200, "both saw the same"


def test_a_partner_opens_an_exam_and_finds_something(yard: Yard) -> None:
    inspection = begun(yard)
    path = f"/console/ports/{PORT}/inspections/{inspection.pk}/exams/cargo/"
    assert yard.browser("paula").post(path).status_code == 302
    exam = Exam.objects.get(kind="cargo")
    sign(yard, exam, CARGO | NARCOTICS, who="paula")
    approve(yard, exam, who="ines")
    found = Finding.objects.get()
    assert (found.agency_id, found.found_by) == ("MX-ANAM", str(yard.user("paula").actor))
    answer = yard.act("paula", inspection, "seize", note="Ours.")
    assert answer.status_code == 403, "the port's own officers end the inspection"


def test_a_partner_sees_what_is_joint_and_nothing_else(yard: Yard) -> None:
    own = scanned(yard)
    exam = opened(yard, own.inspection)
    paula = yard.browser("paula")
    base = f"/console/ports/{PORT}/"
    closed = [
        f"{base}inspections/{own.inspection_id}/",
        f"{base}scans/{own.pk}/",
        f"{base}scans/{own.pk}/images/1/",
        page(exam),
    ]
    assert [paula.get(path).status_code for path in closed] == [404] * 4
    assert paula.post(page(exam, "draft/"), {"version": "1"}).status_code == 404
    assert paula.post(f"{closed[0]}exams/cargo/").status_code == 404
    answer = word(yard, "paula", own.inspection, "release")
    assert answer.status_code == 404
    listed = paula.get(f"{base}inspections/").content.decode()
    assert str(own.inspection_id) not in listed
    assert "Portal 1" not in listed
    dossier = paula.get(f"{base}arrivals/{own.inspection.assignment_id}/").content.decode()
    assert str(own.inspection_id) not in dossier
    yard.act("ines", own.inspection, "hold", note="For our own reasons.")
    yard.act("ines", own.inspection, "joint", partner="MX-ANAM")
    assert [paula.get(path).status_code for path in closed] == [200] * 4
    assert str(own.inspection_id) in paula.get(f"{base}inspections/").content.decode()
    shown = paula.get(closed[0]).content.decode()
    assert "opened a joint inspection" in shown
    assert "was ordered to" not in shown, "what was done before is the port's own"
    assert "joint inspection without your agency" in paula.get("/console/").content.decode()


def test_a_disagreement_holds_the_truck_and_others_look_again(yard: Yard) -> None:
    inspection = begun(yard)
    word(yard, "ines", inspection, "release")
    word(yard, "paula", inspection, "seize")
    inspection.refresh_from_db()
    joint = JointInspection.objects.get()
    assert (joint.state, inspection.state) == ("disagreed", "held")
    one = yard.browser("pedro").get(f"/console/ports/{PORT}/inspections/{inspection.pk}/")
    assert one.content.decode().count("Two agencies disagree.") == 2, "as its state, and as told"
    with translation.override("es"):
        assert str(inspection.hold_text) == "Dos dependencias no coinciden."
    assert "Give the verdict of your agency" in one.content.decode()
    own = yard.browser("ines").get(f"/console/ports/{PORT}/inspections/{inspection.pk}/")
    assert "Give the verdict of your agency" not in own.content.decode()
    assert "You have given your verdict. Another officer decides." in own.content.decode()
    same = word(yard, "ines", inspection, "seize")
    assert "Another officer decides." in same.content.decode()
    word(yard, "ivan", inspection, "hold")
    word(yard, "pedro", inspection, "release")
    joint.refresh_from_db()
    assert (joint.state, joint.result) == ("stricter", "hold")
    answer = yard.act("ivan", inspection, "release", note="")
    assert "did not end with a release" in answer.content.decode()


def test_a_second_round_can_agree(yard: Yard) -> None:
    inspection = begun(yard)
    word(yard, "ines", inspection, "hold")
    word(yard, "paula", inspection, "release")
    word(yard, "ivan", inspection, "release")
    word(yard, "pedro", inspection, "release")
    assert JointInspection.objects.get().state == "agreed"


def test_an_agency_speaks_once_a_round_and_nobody_twice(yard: Yard) -> None:
    inspection = begun(yard)
    word(yard, "ines", inspection, "release")
    late = word(yard, "ivan", inspection, "hold").content.decode()
    assert "has given its verdict already" in late
    assert "You have given your verdict" in word(yard, "ines", inspection, "hold").content.decode()
    assert JointVerdict.objects.count() == 1


def test_both_agencies_speak_at_once(yard: Yard) -> None:
    inspection = begun(yard)
    in_threads(
        4, lambda n: word(yard, ["ines", "ivan", "paula", "pedro"][n], inspection, "release")
    )
    assert JointInspection.objects.get().state == "agreed"
    assert JointVerdict.objects.count() == 2


def test_two_agencies_of_one_country_are_no_joint_inspection(yard: Yard) -> None:
    Agency.objects.create(code="US-USDA", name="Agriculture", country="US")
    inspection = yard.at_station()
    yard.act("ines", inspection, "joint", partner="US-USDA")
    assert not JointInspection.objects.exists()
    joint = JointInspection.objects.get(inspection=begun(yard, code="air-1"))
    with pytest.raises(IntegrityError), transaction.atomic():
        JointInspection.objects.filter(pk=joint.pk).update(country_b="US")


def test_a_third_agency_has_no_word_and_sees_nothing(yard: Yard) -> None:
    inspection = begun(yard)
    paula, ines = yard.user("paula"), yard.user("ines")
    paula.agency = Agency.objects.create(code="CA-CBSA", name="Border Services", country="CA")
    ines.agency = Agency.objects.create(code="US-USDA", name="Agriculture", country="US")
    paula.save()
    ines.save()
    assert word(yard, "paula", inspection, "release").status_code == 404
    answer = word(yard, "ines", inspection, "release")
    assert "Your agency takes no part" in answer.content.decode()
    assert not JointVerdict.objects.exists()


def test_joint_inspections_keep_hours_by_direction_and_facility(yard: Yard) -> None:
    JointHours.objects.filter(direction="southbound", facility="air_cargo").delete()
    inspection = yard.at_station("air-1", direction="southbound")
    answer = yard.act("ines", inspection, "joint", partner="MX-ANAM")
    assert "no joint inspections here at this hour" in answer.content.decode()
    north = yard.at_station("air-1")
    yard.act("ines", north, "joint", partner="MX-ANAM")
    joint = JointInspection.objects.get()
    assert (joint.facility, joint.inspection.direction) == ("air_cargo", "northbound")


@pytest.mark.parametrize(
    ("at", "opens", "closes", "is_open"),
    [
        ("2026-03-01T14:00:00+00:00", time(8), time(17), True),  # 08:00 in Laredo
        ("2026-03-01T13:59:59+00:00", time(8), time(17), False),
        ("2026-03-01T23:00:00+00:00", time(8), time(17), False),  # 17:00: the end is exclusive
        ("2026-03-02T07:00:00+00:00", time(22), time(6), True),  # 01:00, past midnight
        ("2026-07-01T13:00:00+00:00", time(8), time(17), True),  # in summer an hour earlier
    ],
)
def test_hours_are_the_ports_own(at: str, opens: time, closes: time, is_open: bool) -> None:
    instant = datetime.fromisoformat(at)
    assert open_at(opens, closes, at=instant, timezone="America/Chicago") is is_open


# --- The document ---------------------------------------------------------------------------------
def document(yard: Yard, inspection: Inspection, name: str = "paula") -> Any:
    path = f"/console/ports/{PORT}/inspections/{inspection.pk}/joint/document/"
    return yard.browser(name).post(path)


def test_the_document_is_verified_by_its_qr_code(yard: Yard) -> None:
    inspection = released(yard)
    answer = document(yard, inspection)
    assert answer["Content-Type"] == "application/pdf"
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "NPL81 TX" in text
    assert "Liberaci" in text
    token = JointInspection.objects.get().document
    code = Image.open(io.BytesIO(images.png(address(token))))
    assert zxingcpp.read_barcodes(code)[0].text == address(token)
    path = re.sub(r"^https?://[^/]+", "", address(token))
    shown = Client().get(path)
    assert shown.status_code == 200
    assert "US-CBP, MX-ANAM" in shown.content.decode()
    assert document(yard, inspection, "ines").content == answer.content, "one and the same"


def test_the_document_names_the_seals_that_the_truck_leaves_with(yard: Yard) -> None:
    """One exam cuts the seal that another has put on."""
    inspection = begun(yard)
    for old, new in (("CAST001", "NEW77"), ("NEW77", "NEW88")):
        seal = {"seal_1_old": old, "seal_1_new": new, "seal_1_grade": "H"}
        examined(yard, inspection, "cargo", CARGO | seal, approver="paula")
    word(yard, "ines", inspection, "release")
    word(yard, "paula", inspection, "release")
    yard.act("ines", inspection, "release", note="")
    text = PdfReader(io.BytesIO(document(yard, inspection).content)).pages[0].extract_text()
    assert "NEW88" in text
    assert "NEW77" not in text


def test_an_altered_or_foreign_document_is_not_genuine(yard: Yard) -> None:
    inspection = released(yard)
    document(yard, inspection)
    token = JointInspection.objects.get().document
    head, payload, signature = token.split(".")
    swapped = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
    credential = yard.staff.cast.credentials["truck"].vc_jwt
    for bad in (f"{head}.{swapped}.{signature}", token[:-4], "nonsense", credential, "a" * 5000):
        shown = Client().get(f"/releases/{bad}/")
        assert shown.status_code == 422, bad[:40]
        assert "did not issue this document" in shown.content.decode()


def test_only_a_jointly_released_truck_has_the_document(yard: Yard) -> None:
    inspection = begun(yard)
    answer = document(yard, inspection)
    assert answer.status_code == 302
    assert not JointInspection.objects.get().document


def test_a_long_stop_after_a_joint_release_is_an_alarm(yard: Yard) -> None:
    inspection = released(yard)
    assert yard.watch(minutes=4)["long_stops"] == 0
    assert yard.watch(minutes=6)["long_stops"] == 1
    assert yard.watch(minutes=7)["long_stops"] == 0
    assert Alarm.objects.get(kind="long_stop").arrival_id == inspection.assignment_id


def test_a_truck_that_reaches_the_second_point_in_time_is_none(yard: Yard) -> None:
    inspection = released(yard)
    body = {"event_id": "x", "point": "exit", "at": datetime.now().astimezone().isoformat()}
    path = f"/api/v1/arrivals/{inspection.assignment_id}/passages/"
    assert yard.scanner.post(path, body).status_code == 201
    assert yard.watch(minutes=6)["long_stops"] == 0
