"""Fleet, papers and insurance by their forms: every refusal beside its field."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests.cast import TESTER, good_vin, tag
from tests.people import log_in, make_officer
from tests.portal.conftest import People
from tests.portal.files import image_bomb, locked_pdf, pdf_with_script, picture, plain_pdf
from trustedtruck.accounts.roles import Role
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Document, Driver, Insurance, Truck
from trustedtruck.carriers.services import (
    NewDriver,
    NewTruck,
    add_drivers,
    add_trucks,
    deadlines,
    documents,
)
from trustedtruck.credentials.models import Credential
from trustedtruck.credentials.services import (
    issue_credentials,
    reinstate,
    sanction_carrier,
    suspend,
)

pytestmark = pytest.mark.django_db
ADD = "/portal/fleet/trucks/add/"
TRUCK = {
    "number": "T-1",
    "vin": "1M8GDM9AXKP042788",
    "plate_number": "ABC1234",
    "plate_jurisdiction": "TX",
    "tag_epc": "",
}


def truck_of(people: People, serial: int = 1) -> Truck:
    (truck,) = add_trucks(
        carrier=people.norte,
        trucks=[NewTruck(f"N{serial}", good_vin(serial), f"NPL8{serial}", "TX", tag(serial))],
        by=TESTER,
        at=timezone.now(),
    )
    return truck


def test_a_truck_is_added_in_normal_form(people: People) -> None:
    typed = TRUCK | {"vin": "1m8g dm9a xkp0 42788", "plate_number": "abc-1234"}
    people.browser("flor").post(ADD, typed)
    truck = Truck.objects.get()
    assert (truck.vin, truck.plate_number) == ("1M8GDM9AXKP042788", "ABC1234")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vin", "1M8GDM9A1KP042788"),  # a wrong digit of a North American maker
        ("vin", "1M8GDM9AXKP04278"),
        ("vin", "1M8GDM9AXKP0427O8"),
        ("plate_number", "¿?"),
        ("plate_jurisdiction", "T"),
        ("tag_epc", "34"),
        ("number", ""),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    people: People, field: str, value: str
) -> None:
    shown = people.browser("flor").post(ADD, TRUCK | {field: value}).content.decode()
    assert f'href="#field-{field}"' in shown
    for name, kept in TRUCK.items():
        if kept and name != field:
            assert f'value="{kept}"' in shown
    assert not Truck.objects.exists()


def test_a_wrong_digit_of_another_maker_only_warns(people: People) -> None:
    typed = TRUCK | {"vin": "KNEJC524585810962"}
    shown = people.browser("flor").post(ADD, typed, follow=True).content.decode()
    assert Truck.objects.get().vin == "KNEJC524585810962"
    assert "usa-alert--warning" in shown


@pytest.mark.parametrize("field", ["number", "vin", "plate_number", "tag_epc"])
def test_a_duplicate_is_named_beside_its_field(people: People, field: str) -> None:
    known = truck_of(people)
    typed = TRUCK | {field: getattr(known, field)}
    shown = people.browser("flor").post(ADD, typed).content.decode()
    assert f'href="#field-{field}"' in shown
    assert "in use already" in shown
    assert Truck.objects.count() == 1


def test_a_duplicate_of_another_carrier_is_refused_without_naming_it(people: People) -> None:
    known = truck_of(people)
    typed = TRUCK | {"vin": known.vin}
    shown = people.browser("sonia").post(ADD, typed).content.decode()
    assert "in use already" in shown
    assert "Norte" not in shown


def test_a_truck_that_left_frees_its_numbers_and_stays_as_it_was(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    page = f"/portal/fleet/trucks/{truck.public_id}/"
    client.post(page + "retire/")
    values = TRUCK | {"number": "other"}
    shown = client.post(page, values, follow=True).content.decode()
    assert "can no longer be changed" in shown
    assert client.post(ADD, TRUCK | {"vin": truck.vin}).status_code == 302
    again = client.post(page + "retire/", follow=True).content.decode()
    assert "can no longer be changed" in again


def test_what_leaves_the_fleet_takes_its_credential_with_it(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    (row,) = issue_credentials([truck], by=TESTER, at=timezone.now())
    client.post(f"/portal/fleet/trucks/{truck.public_id}/retire/")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("revoked", "no_longer_owned")


def as_it_is(truck: Truck) -> dict[str, str]:
    return {
        "number": truck.number,
        "plate_number": truck.plate_number,
        "plate_jurisdiction": truck.plate_jurisdiction,
        "tag_epc": truck.tag_epc or "",
    }


def test_a_new_plate_brings_a_new_credential(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    (old,) = issue_credentials([truck], by=TESTER, at=timezone.now())
    page = f"/portal/fleet/trucks/{truck.public_id}/"
    client.post(page, as_it_is(truck))
    old.refresh_from_db()
    assert old.state == "active"
    shown = client.post(page, as_it_is(truck) | {"plate_number": "NEW1"}, follow=True)
    assert "was issued anew with it" in shown.content.decode()
    old.refresh_from_db()
    new = Credential.objects.get(truck=truck, state="active")
    assert (old.state, new.reason, new.replaces_id) == ("superseded", "data_changed", old.pk)


def test_neither_plate_nor_tag_is_a_way_out_of_a_suspension(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    (row,) = issue_credentials([truck], by=TESTER, at=timezone.now())
    suspend(credential=row, by=TESTER, at=timezone.now(), reason="under_investigation")
    page = f"/portal/fleet/trucks/{truck.public_id}/"
    client.post(page, as_it_is(truck) | {"plate_number": "NEW1"})
    page = f"/portal/trucks/{truck.public_id}/tag/"
    answer = client.post(page, {"reason": "lost", "tag_epc": tag(77)}, follow=True)
    assert "The new tag is on record" in answer.content.decode()
    assert Credential.objects.get().state == "suspended"


def test_nor_is_leaving_the_fleet_and_coming_back(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    (row,) = issue_credentials([truck], by=TESTER, at=timezone.now())
    suspend(credential=row, by=TESTER, at=timezone.now(), reason="under_investigation")
    page = f"/portal/fleet/trucks/{truck.public_id}/retire/"
    shown = client.post(page, follow=True).content.decode()
    assert "It can leave your fleet once that is cleared up." in shown
    truck.refresh_from_db()
    assert truck.retired_at is None
    # What only its carrier's sanction took may leave: nothing new is issued as long as it lasts.
    reinstate(credential=row, by=TESTER, at=timezone.now())
    sanction_carrier(carrier=people.norte, by=TESTER, at=timezone.now(), reason="fraud")
    client.post(page)
    row.refresh_from_db()
    assert row.state == "revoked"


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_for_who_brings_the_same_while_another_removes_it(people: People) -> None:
    """The second row is not committed yet when the first is gone."""
    truck, ends = truck_of(people), (timezone.now() + timedelta(days=9)).date()
    given: dict[str, Any] = {"kind": "registration", "expires_date": ends, "by": TESTER}
    given |= {"owner": truck, "at": timezone.now(), "file": ("r.pdf", plain_pdf())}
    first = documents.add_document(number="R-1", **given)

    def remove() -> None:
        documents.remove_document(document=first, by=TESTER, at=timezone.now())
        connection.close()

    remover = threading.Thread(target=remove)
    with transaction.atomic():
        second = documents.add_document(number="R-2", **given)
        remover.start()
        remover.join(timeout=1)
    remover.join()
    assert Document.objects.get() == second
    assert documents.path_of(second).exists()


def test_nobody_is_warned_of_the_papers_of_what_left(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    ends = (timezone.now() + timedelta(days=9)).date().isoformat()
    paper = {"kind": "registration", "number": "R-1", "expires_date": ends}
    client.post(f"/portal/fleet/trucks/{truck.public_id}/documents/", paper)
    assert "R-1" in client.get("/portal/documents/").content.decode()
    client.post(f"/portal/fleet/trucks/{truck.public_id}/retire/")
    late = client.post(f"/portal/fleet/trucks/{truck.public_id}/documents/", paper)
    assert "can no longer be changed" in late.content.decode()
    assert Document.objects.count() == 1
    assert deadlines.watch(by=TESTER, at=timezone.now())["documents"] == 0
    for page in ("/portal/", "/portal/documents/"):
        assert "R-1" not in client.get(page).content.decode()


def test_a_truck_is_changed_but_not_its_vin(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    client.post(f"/portal/fleet/trucks/{truck.public_id}/", TRUCK | {"plate_number": "NEW1"})
    truck.refresh_from_db()
    assert (truck.plate_number, truck.vin) == ("NEW1", good_vin(1))


def test_a_driver_is_born_already(people: People) -> None:
    tomorrow = timezone.now().date() + timedelta(days=1)
    typed = {
        "given_names": "Ana",
        "family_names": "Paz",
        "birth_date": tomorrow.isoformat(),
        "citizenship": "MX",
    }
    shown = people.browser("flor").post("/portal/fleet/drivers/add/", typed).content.decode()
    assert 'href="#field-birth_date"' in shown
    assert not Driver.objects.exists()


def test_a_fast_card_needs_its_end(people: People) -> None:
    typed = {
        "given_names": "Ana",
        "family_names": "Paz",
        "birth_date": "1980-05-17",
        "citizenship": "MX",
        "fast_card": "41000000000009",
        "fast_card_expires_date": "",
    }
    shown = people.browser("flor").post("/portal/fleet/drivers/add/", typed).content.decode()
    assert 'href="#field-fast_card_expires_date"' in shown
    assert not Driver.objects.exists()


def test_an_unknown_kind_of_fleet(people: People) -> None:
    assert people.browser("flor").get("/portal/fleet/ships/").status_code == 404


def document(**changes: Any) -> dict[str, str]:
    ends = timezone.now().date() + timedelta(days=100)
    return {"kind": "registration", "number": "R-1", "expires_date": ends.isoformat()} | changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_date": "2020-01-01"}, "expires_date"),
        ({"expires_date": "yesterday"}, "expires_date"),
        ({"kind": "licence"}, "kind"),
        ({"number": " "}, "number"),
    ],
)
def test_a_wrong_document_is_refused(people: People, changes: dict[str, str], field: str) -> None:
    page = f"/portal/fleet/trucks/{truck_of(people).public_id}/documents/"
    shown = people.browser("flor").post(page, document(**changes)).content.decode()
    assert f'href="#field-{field}"' in shown
    assert not Document.objects.exists()


def test_a_document_that_ends_soon_is_told_once(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    soon = timezone.now().date() + timedelta(days=20)
    page = f"/portal/fleet/trucks/{truck.public_id}/documents/"
    assert client.post(page, document(expires_date=soon.isoformat())).status_code == 302
    assert "ends soon" in client.get("/portal/documents/").content.decode()
    assert deadlines.watch(by=TESTER, at=timezone.now())["documents"] == 1
    assert deadlines.watch(by=TESTER, at=timezone.now())["documents"] == 0


def uploaded(content: bytes, name: str = "reg.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_document_has_a_file_for_its_carrier_and_officers_alone(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    page = f"/portal/fleet/trucks/{truck.public_id}/"
    sent = {**document(), "file": uploaded(plain_pdf(), "../reg<1>.pdf")}
    assert client.post(page + "documents/", sent).status_code == 302
    paper = Document.objects.get()
    assert (paper.file_name, paper.file_type) == ("reg_1_.pdf", "application/pdf")
    address = f"/portal/documents/{paper.public_id}/file/"
    for listed in (page, "/portal/documents/"):
        assert address in client.get(listed).content.decode()
    got = people.browser("vera").get(address)
    assert b"".join(got) == plain_pdf()
    assert got["Content-Disposition"].startswith("attachment;")
    assert people.browser("sonia").get(address).status_code == 404
    assert Client().get(address).status_code == 302
    officers = f"/console/documents/{paper.public_id}/"
    assert b"".join(people.browser("olga").get(officers)) == plain_pdf()
    assert people.browser("flor").get(officers).status_code == 403


def test_a_drivers_document_is_only_for_who_may_see_persons_and_on_record(people: People) -> None:
    (driver,) = add_drivers(
        carrier=people.norte,
        drivers=[NewDriver("Noel", "Paz", date(1985, 3, 2), "MX")],
        by=TESTER,
        at=timezone.now(),
    )
    page = f"/portal/fleet/drivers/{driver.public_id}/documents/"
    sent = {**document(kind="passport"), "file": uploaded(picture("JPEG"), "pass.jpg")}
    assert people.browser("flor").post(page, sent).status_code == 302
    paper = Document.objects.get()
    officers = f"/console/documents/{paper.public_id}/"
    auditor = log_in(make_officer("Aldo", Role.AUDITOR))
    assert auditor.get(officers).status_code == 403
    assert not Event.objects.filter(action="personal_data.viewed").exists()
    assert people.browser("olga").get(officers).status_code == 200
    seen = Event.objects.get(action="personal_data.viewed")
    assert seen.subject_id == str(driver.pk)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pdf_with_script(), "holds a script"),
        (b"MZ\x90 no paper at all", "Only PDF, PNG and JPEG"),
        (image_bomb(), "million pixels"),
        (b"", "The file is empty"),
        (locked_pdf(), "protected by a password"),
    ],
)
def test_a_bad_file_is_refused_beside_its_field_and_nothing_typed_is_lost(
    people: People, content: bytes, said: str
) -> None:
    page = f"/portal/fleet/trucks/{truck_of(people).public_id}/documents/"
    sent = {**document(number="R-77"), "file": uploaded(content)}
    shown = people.browser("flor").post(page, sent).content.decode()
    assert 'href="#field-file"' in shown
    assert said in shown
    assert 'value="R-77"' in shown
    assert not Document.objects.exists()


def test_a_file_goes_with_the_last_document_that_names_it(
    people: People, django_capture_on_commit_callbacks: Any
) -> None:
    truck, client = truck_of(people), people.browser("flor")
    page = f"/portal/fleet/trucks/{truck.public_id}/documents/"
    for number in ("R-1", "R-2"):
        client.post(page, {**document(number=number), "file": uploaded(picture(), "r.png")})
    first, second = Document.objects.order_by("pk")
    path = documents.path_of(first)
    assert path == documents.path_of(second)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/portal/documents/{first.public_id}/remove/")
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/portal/documents/{second.public_id}/remove/")
    assert not path.exists()


POLICY = {
    "insurer": "Seguros",
    "policy_number": "P-1",
    "liability_usd": "1000000",
    "starts_date": "2026-01-01",
    "expires_date": "2099-01-01",
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_date": "2025-12-31"}, "expires_date"),
        ({"starts_date": "2019-01-01", "expires_date": "2020-01-01"}, "expires_date"),
        ({"liability_usd": "-5"}, "liability_usd"),
        ({"insurer": ""}, "insurer"),
    ],
)
def test_a_wrong_insurance_is_refused(people: People, changes: dict[str, str], field: str) -> None:
    shown = people.browser("flor").post("/portal/insurance/", POLICY | changes).content.decode()
    assert f'href="#field-{field}"' in shown
    assert not Insurance.objects.exists()


def test_the_same_insurance_twice(people: People) -> None:
    client = people.browser("flor")
    assert client.post("/portal/insurance/", POLICY).status_code == 302
    assert "in use already" in client.post("/portal/insurance/", POLICY).content.decode()


def test_a_lost_tag_is_replaced_with_its_credential(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    (old,) = issue_credentials([truck], by=TESTER, at=timezone.now())
    page = f"/portal/trucks/{truck.public_id}/tag/"
    assert client.post(page, {"reason": "lost", "tag_epc": tag(77)}).status_code == 302
    old.refresh_from_db()
    new = Credential.objects.get(truck=truck, state="active")
    assert (old.state, new.tag_epc, new.replaces_id) == ("superseded", tag(77), old.pk)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": "lost", "tag_epc": "12"}, "tag_epc"),
        ({"reason": "bored", "tag_epc": tag(77)}, "reason"),
        ({"reason": "lost", "tag_epc": tag(2)}, "tag_epc"),
    ],
)
def test_a_wrong_new_tag_is_refused(people: People, values: dict[str, str], field: str) -> None:
    truck = truck_of(people)
    truck_of(people, 2)
    page = f"/portal/trucks/{truck.public_id}/tag/"
    shown = people.browser("flor").post(page, values).content.decode()
    assert f'href="#field-{field}"' in shown
    truck.refresh_from_db()
    assert truck.tag_epc == tag(1)


def test_credentials_are_only_for_the_certified(people: People) -> None:
    truck_of(people)
    people.norte.state = "suspended"
    people.norte.save()
    shown = people.browser("flor").post("/portal/credentials/issue/", follow=True)
    assert "Only a certified carrier" in shown.content.decode()


def test_with_nothing_to_issue_no_job_begins(people: People) -> None:
    shown = people.browser("flor").post("/portal/credentials/issue/", follow=True)
    assert "has its credential" in shown.content.decode()


def test_a_credential_that_is_not_valid_shows_no_qr(people: People) -> None:
    truck, client = truck_of(people), people.browser("flor")
    (row,) = issue_credentials([truck], by=TESTER, at=timezone.now())
    Credential.objects.filter(pk=row.pk).update(state="revoked")
    shown = client.get(f"/portal/credentials/{row.public_id}/").content.decode()
    assert "is not valid" in shown
    assert client.get(f"/portal/credentials/{row.public_id}/qr.png").status_code == 404
