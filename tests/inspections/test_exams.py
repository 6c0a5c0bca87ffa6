"""Exams: nothing blank, a fail with note and photo, two people; drafts that are not lost."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from lanes.inspections.models import Exam, Finding, Inspection, Photo, Proposal
from lanes.inspections.sheet import POINTS
from lanes.models import Assignment, CarrierRecord
from tests.cast import PORT
from tests.inspections.conftest import Yard
from tests.inspections.pictures import picture
from tests.lanes.conftest import in_threads
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Carrier, Measure
from trustedtruck.enrolment.services.standing import impose

PASSED = {f"result_{point}": "pass" for point in POINTS}
CARGO = {"note": "All pallets unloaded, opened and counted."}
NARCOTICS = {
    "finding_1_category": "narcotics",
    "finding_1_description": "Packets behind the front wall",
    "finding_1_quantity": "12,5",
    "finding_1_unit": "kg",
    "finding_1_seized": "yes",
}


@pytest.fixture(autouse=True)
def _pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def opened(yard: Yard, inspection: Inspection, kind: str = "conveyance") -> Exam:
    path = f"/console/ports/{PORT}/inspections/{inspection.pk}/exams/{kind}/"
    yard.browser("ines").post(path)
    return Exam.objects.get(inspection=inspection, kind=kind, state="draft")


def page(exam: Exam, more: str = "") -> str:
    return f"/console/ports/{PORT}/exams/{exam.pk}/{more}"


def sign(yard: Yard, exam: Exam, sheet: dict[str, Any], *, who: str = "ines") -> Any:
    exam.refresh_from_db()
    sent = sheet | {"do": "sign", "version": str(exam.version)}
    return yard.browser(who).post(page(exam), sent, follow=True)


def approve(yard: Yard, exam: Exam, *, who: str = "ivan", **more: str) -> Any:
    return yard.browser(who).post(page(exam, "approve/"), {"do": "approve", **more}, follow=True)


def photo(name: str = "tyre.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(), "image/png")


def examined(
    yard: Yard, inspection: Inspection, kind: str, sheet: dict[str, Any], *, approver: str = "ivan"
) -> Exam:
    exam = opened(yard, inspection, kind)
    sign(yard, exam, sheet)
    approve(yard, exam, who=approver)
    exam.refresh_from_db()
    assert exam.state == "approved"
    return exam


def test_a_truck_passes_the_sheet_and_is_released(yard: Yard) -> None:
    inspection = yard.at_station()
    exam = opened(yard, inspection)
    answer = yard.act("ines", inspection, "release", note="")
    assert "An exam is not finished and approved yet." in answer.content.decode()
    sign(yard, exam, PASSED)
    approve(yard, exam)
    yard.act("ines", inspection, "release", note="")
    inspection.refresh_from_db()
    assert (inspection.state, inspection.result) == ("released", "compliant")
    record = CarrierRecord.objects.get()
    assert (record.exams, record.findings) == (1, 0)
    assert Assignment.objects.latest("decided_at").facts["carrier"]["exams"] == 0
    yard.staff.truck()
    assert Assignment.objects.latest("decided_at").facts["carrier"]["exams"] == 1


def test_nothing_may_stay_blank(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    sheet = {k: v for k, v in PASSED.items() if k not in ("result_roof", "result_pests")}
    answer = sign(yard, exam, sheet)
    assert answer.status_code == 400
    wrong = {error.field for error in answer.context["refused"].errors}
    assert wrong == {"result_roof", "result_pests"}
    assert answer.context["faults"] == [
        (
            "Nothing may stay blank: pass or fail?",
            [("point-roof", "Ceiling and roof"), ("point-pests", "Pests")],
        )
    ]
    exam.refresh_from_db()
    assert exam.state == "draft"
    assert exam.draft == sheet, "what was typed is kept all the same"


def test_a_fail_needs_a_note_and_a_photo(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    failed = PASSED | {"result_tyres": "fail"}
    answer = sign(yard, exam, failed)
    wrong = {error.field for error in answer.context["refused"].errors}
    assert wrong == {"note_tyres", "photo_tyres"}
    answer = sign(yard, exam, failed | {"note_tyres": "A patch.", "photo_tyres": photo()})
    exam.refresh_from_db()
    assert (exam.state, exam.passed) == ("submitted", False)
    row = exam.points.get(point="tyres")
    assert row.photo is not None
    shown = yard.browser("ivan").get(f"/console/ports/{PORT}/photos/{row.photo.pk}/")
    assert shown["Content-Type"] == "image/png"
    assert (
        yard.browser("otto").get(f"/console/ports/{PORT}/photos/{row.photo.pk}/").status_code == 403
    )


def test_a_photo_that_is_none_is_refused_and_the_words_are_kept(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    sheet = PASSED | {"note_tyres": "Odd."}
    bad = SimpleUploadedFile("x.png", b"MZ not a picture", "image/png")
    answer = sign(yard, exam, sheet | {"photo_tyres": bad})
    assert answer.status_code == 400
    exam.refresh_from_db()
    assert exam.draft["note_tyres"] == "Odd."
    assert not Photo.objects.exists()


def test_whoever_signed_does_not_approve(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    sign(yard, exam, PASSED)
    answer = approve(yard, exam, who="ines")
    assert answer.status_code == 400
    assert "Whoever signed an exam cannot approve it." in answer.content.decode()
    exam.refresh_from_db()
    assert exam.state == "submitted"
    with pytest.raises(IntegrityError), transaction.atomic():
        Exam.objects.filter(pk=exam.pk).update(
            state="approved", approved_by=exam.submitted_by, approved_at=timezone.now()
        )


def test_the_database_refuses_half_a_sheet(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    with pytest.raises(IntegrityError), transaction.atomic():
        Exam.objects.filter(pk=exam.pk).update(
            state="submitted", submitted_by="user:1", submitted_at=timezone.now(), passed=True
        )


def test_two_officers_approve_at_once_and_one_is_told(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    sign(yard, exam, PASSED)
    statuses = in_threads(2, lambda n: approve(yard, exam, who=["ivan", "simon"][n]).status_code)
    assert sorted(statuses) == [200, 400]
    assert Event.objects.filter(action="exam.approved").count() == 1


def test_two_officers_sign_at_once_and_one_is_told(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    statuses = in_threads(
        2, lambda n: sign(yard, exam, PASSED, who=["ines", "ivan"][n]).status_code
    )
    assert sorted(statuses) == [200, 400]
    assert Event.objects.filter(action="exam.submitted").count() == 1


def test_an_exam_that_is_sent_back_keeps_its_words(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    sign(yard, exam, PASSED | {"note": "In the rain."})
    yard.browser("ivan").post(page(exam, "approve/"), {"do": "back", "note": "Look at the roof."})
    exam.refresh_from_db()
    assert (exam.state, exam.draft["note"]) == ("draft", "In the rain.")
    sign(yard, exam, PASSED)
    approve(yard, exam)
    exam.refresh_from_db()
    assert exam.state == "approved"


def test_a_draft_saves_itself_and_a_second_tablet_is_told(yard: Yard) -> None:
    exam = opened(yard, yard.at_station())
    first, second = yard.browser("ines"), yard.browser("ivan")
    sent = {"version": "1", "result_tyres": "pass", "note_tyres": "New."}
    answer = first.post(page(exam, "draft/"), sent)
    assert (answer.status_code, answer.json()) == (200, {"version": 2, "others": {}})
    late = second.post(page(exam, "draft/"), sent | {"note_tyres": "Old."})
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    exam.refresh_from_db()
    assert exam.draft["note_tyres"] == "New."
    for version in ("x", "9" * 5000, "²"):
        assert first.post(page(exam, "draft/"), {"version": version}).status_code < 500
    junk = first.post(page(exam, "draft/"), {"version": "x", "note_tyres": "y" * 9000})
    assert junk.status_code == 409


def test_every_wrong_field_of_a_cargo_exam_is_named(yard: Yard) -> None:
    exam = opened(yard, yard.at_station(), "cargo")
    answer = sign(
        yard,
        exam,
        {
            "finding_1_quantity": "-3",
            "finding_2_category": "sugar",
            "finding_2_quantity": "NaN",
            "seal_1_old": "CAST001",
            "seal_1_new": "CAST001",
        },
    )
    wrong = {error.field for error in answer.context["refused"].errors}
    assert {"note", "finding_1_category", "finding_1_quantity", "finding_1_unit"} <= wrong
    assert {"finding_2_category", "finding_2_quantity", "seal_1_new"} <= wrong


SEAL = {"seal_1_old": "CAST001", "seal_1_new": "NEW77", "seal_1_grade": "H"}


def test_a_replaced_seal_is_the_one_that_the_next_gate_compares_with(yard: Yard) -> None:
    inspection = yard.at_station()
    exam = opened(yard, inspection, "cargo")
    sign(yard, exam, CARGO | SEAL)
    arrived = Assignment.objects.get(pk=uuid.UUID(yard.staff.truck(seals=["NEW77"])))
    assert "seals_disagree" in arrived.reasons, "nothing counts before it is approved"
    approve(yard, exam)
    change = exam.seals.get()
    assert (change.old_number, change.new_number, change.new_grade) == ("CAST001", "NEW77", "H")
    yard.act("ines", inspection, "release", note="")
    again = Assignment.objects.get(pk=uuid.UUID(yard.staff.truck(seals=["NEW77"])))
    assert (again.route, again.reasons) == ("fast", ["trusted"])
    old = Assignment.objects.get(pk=uuid.UUID(yard.staff.truck(seals=["CAST001"])))
    assert old.reasons == ["seals_disagree"]
    replaced = Event.objects.get(action="trip.seals_replaced")
    assert (replaced.actor_id, replaced.data["seals"]) == (
        *(str(yard.user("ivan").pk), "CAST001 → NEW77"),
    )


def test_a_new_seal_of_unknown_grade_is_not_good_for_the_fast_lane(yard: Yard) -> None:
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO | SEAL | {"seal_1_grade": ""})
    yard.act("ines", inspection, "release", note="")
    again = Assignment.objects.get(pk=uuid.UUID(yard.staff.truck(seals=["NEW77"])))
    assert again.reasons == ["seal_not_high_security"]


def test_wrong_seals_are_named(yard: Yard) -> None:
    exam = opened(yard, yard.at_station(), "cargo")
    twice = {"seal_2_old": "OTHER1", "seal_2_new": "NEW77", "seal_2_grade": "Q"}
    known = {"seal_3_old": "OTHER2", "seal_3_new": "CAST001"}
    answer = sign(yard, exam, CARGO | SEAL | twice | known)
    wrong = {error.field for error in answer.context["refused"].errors}
    assert wrong == {"seal_2_new", "seal_2_grade", "seal_3_new"}


def test_a_seizure_takes_the_fast_lane_from_the_carriers_next_truck(yard: Yard) -> None:
    """In the transaction that seizes: the very next decision inspects, whichever truck it is."""
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    answer = yard.act("ines", inspection, "release", note="")
    assert "An exam seized something" in answer.content.decode()
    began = timezone.now()
    yard.act("ines", inspection, "seize", note="Handed to the investigators.")
    cast = yard.staff.cast
    other = yard.staff.truck(
        tag_epc=cast.other_truck.tag_epc,
        qr=cast.credentials["other_truck"].qr,
        plate={"number": cast.other_truck.plate_number, "jurisdiction": "TX"},
    )
    decided = Assignment.objects.get(pk=uuid.UUID(other))
    assert (decided.route, "carrier_not_certified" in decided.reasons) == ("inspection", True)
    assert (Carrier.objects.get(pk=cast.norte.pk).state) == "suspended"
    measure = Measure.objects.get()
    assert (measure.grade, measure.state) == ("privileges", "in_force")
    assert "12.5 kg" in measure.reasons
    seized = Event.objects.get(action="inspection.seized")
    imposed = Event.objects.get(action="carrier.suspended")
    assert (imposed.at - seized.at).total_seconds() < 1
    assert began < seized.at
    inspection.refresh_from_db()
    assert (inspection.state, inspection.result) == ("seized", "finding")


def test_a_harder_sanction_stays_after_a_seizure(yard: Yard) -> None:
    inspection = yard.at_station()
    impose(
        carrier=yard.staff.cast.norte,
        grade=Measure.Grade.SUSPENSION,
        reasons="Before.",
        ends_date=None,
        by=yard.user("olga").actor,
        at=timezone.now(),
    )
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    yard.act("ines", inspection, "seize", note="Again.")
    assert [m.grade for m in Measure.objects.filter(state="in_force")] == ["suspension"]


def test_a_seizure_shortens_no_loss_of_privileges(yard: Yard) -> None:
    inspection = yard.at_station()
    ends = timezone.now().date() + timedelta(days=300)
    impose(
        carrier=yard.staff.cast.norte,
        grade=Measure.Grade.PRIVILEGES,
        reasons="Before.",
        ends_date=ends,
        by=yard.user("olga").actor,
        at=timezone.now(),
    )
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    yard.act("ines", inspection, "seize", note="Again.")
    assert Measure.objects.get(state="in_force").ends_date == ends


def test_findings_propose_and_an_officer_confirms(yard: Yard) -> None:
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    yard.act("ines", inspection, "seize", note="Seized.")
    kinds = set(Proposal.objects.values_list("kind", flat=True))
    assert kinds == {"tier_down", "sample_more"}
    assert Finding.objects.get().quantity.normalize() == 12.5
