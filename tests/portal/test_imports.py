"""Import and export: errors row by row, all or nothing, ten thousand rows, and back again."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests.cast import TESTER, good_vin, tag
from tests.portal.conftest import People
from trustedtruck.carriers.models import Driver, ImportJob, Trailer, Truck
from trustedtruck.carriers.services import NewTruck, add_trucks, imports
from trustedtruck.carriers.tasks import resume_imports

pytestmark = pytest.mark.django_db
HEAD = "number,vin,plate_number,plate_jurisdiction,tag_epc"


def line(n: int) -> str:
    return f"T-{n},{good_vin(n)},TRK{n},TX,{tag(n)}"


def lines(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        assert book.active is not None
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(people: People, content: bytes, kind: str = "trucks", name: str = "fleet.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return people.browser("flor").post(f"/portal/import/{kind}/", {"file": file})


def run(people: People) -> ImportJob:
    """What the worker does, here and now."""
    job = ImportJob.objects.select_related("carrier").get(carrier=people.norte)
    return imports.run(job=job, by=TESTER, at=timezone.now())


def shown(people: People, job: ImportJob) -> str:
    return people.browser("flor").get(f"/portal/imports/{job.public_id}/").content.decode()


def confirm(people: People, job: ImportJob) -> None:
    people.browser("flor").post(f"/portal/imports/{job.public_id}/confirm/")


def test_nothing_is_imported_before_it_is_confirmed(people: People) -> None:
    assert upload(people, lines(line(1), line(2))).status_code == 302
    job = run(people)
    assert job.state == "ready"
    assert not Truck.objects.exists()
    assert good_vin(1) in shown(people, job)
    confirm(people, job)
    assert run(people).state == "done"
    assert Truck.objects.filter(carrier=people.norte).count() == 2


def test_a_workbook_reads_like_a_csv(people: People) -> None:
    rows: list[list[Any]] = [
        ["Unidad", "NIV", "Placas", "Estado", "Etiqueta"],
        [1, good_vin(1), "TRK1", "TX", None],
        [2.0, good_vin(2), "TRK2", "NLE", tag(2)],
    ]
    upload(people, workbook(rows), name="flota.xlsx")
    confirm(people, run(people))
    run(people)
    assert list(Truck.objects.order_by("number").values_list("number", "tag_epc")) == [
        ("1", None),
        ("2", tag(2)),
    ]


def test_semicolons_and_latin_1_are_read(people: People) -> None:
    text = "número;placa;estado\nR-ñ;TRL1;TX\n"
    upload(people, text.encode("cp1252"), kind="trailers")
    confirm(people, run(people))
    run(people)
    assert Trailer.objects.get().number == "R-ñ"


def test_drivers_with_dates(people: People) -> None:
    text = (
        "given names,family names,birth date,citizenship,fast card,fast card expires\n"
        "Rosa,Luna,1980-05-17,MX,41000000000001,2030-01-01\nLuis,Paz,1981-01-01,US,,\n"
    )
    upload(people, text.encode(), kind="drivers")
    confirm(people, run(people))
    run(people)
    assert Driver.objects.count() == 2


def test_a_driver_of_a_file_is_born_already(people: People) -> None:
    """Told by row when it is checked: at the import it would look like a number in use."""
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    text = f"nombres,apellidos,fecha de nacimiento,nacionalidad\nEva,Rey,{tomorrow},MX\n"
    upload(people, text.encode(), kind="drivers")
    job = run(people)
    assert (job.state, job.errors[0]["row"], job.errors[0]["field"]) == (
        "faulty",
        "2",
        "birth_date",
    )
    assert "still to come" in shown(people, job)


def test_a_file_that_cannot_be_worked_on_keeps_no_other_waiting(people: People) -> None:
    upload(people, lines(line(1)))
    broken = ImportJob.objects.get()
    upload(people, lines(line(2)))
    ImportJob.objects.filter(pk=broken.pk).update(rows=[{}])
    ImportJob.objects.update(uploaded_at=timezone.now() - timedelta(minutes=2))
    resume_imports()
    states = list(ImportJob.objects.order_by("pk").values_list("state", flat=True))
    assert states[1] == "ready"


def test_a_row_far_below_is_read_like_the_others(people: People) -> None:
    rows: list[list[Any]] = [["Unidad", "Placas", "Estado"], ["R-1", "TRL1", "TX"]]
    book = load_workbook(io.BytesIO(workbook(rows)))
    sheet = book.active
    assert sheet is not None
    for column, value in enumerate(["R-2", "TRL2", "TX"], 1):
        sheet.cell(30_000, column, value)
    out = io.BytesIO()
    book.save(out)
    upload(people, out.getvalue(), kind="trailers", name="flota.xlsx")
    assert [row["row"] for row in run(people).rows] == ["2", "30000"]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (f"T-1,{good_vin(1)[:-1]},A1,TX,", "vin", "17"),
        (f",{good_vin(1)},A1,TX,", "number", "This field is required"),
        (f"{'N' * 18},{good_vin(1)},A1,TX,", "number", "Longer than 17"),
        (f"T-1,{good_vin(1)},A1,7,", "plate_jurisdiction", "letters"),
        (f"T-1,{good_vin(1)},A1,TX,zz", "tag_epc", "24 "),
        (f"T-9,{good_vin(1)},A1,TX,", "number", "in row 2 already"),
        (f"T-1,{good_vin(9)},A1,TX,", "vin", "in row 2 already"),
        (f"T-1,{good_vin(1)},TRK9,TX,", "plate_number", "in row 2 already"),
        (f"K-1,{good_vin(1)},A1,TX,", "number", "in use already"),
        (f"T-1,{good_vin(50)},A1,TX,", "vin", "in use already"),
        (f"T-1,{good_vin(1)},KNOWN,TX,", "plate_number", "in use already"),
        (f"T-1,{good_vin(1)},A1,TX,{tag(50)}", "tag_epc", "in use already"),
    ],
)
def test_an_error_is_told_by_row_and_column_and_nothing_is_imported(
    people: People, row: str, column: str, sentence: str
) -> None:
    known = NewTruck("K-1", good_vin(50), "KNOWN", "TX", tag(50))
    add_trucks(carrier=people.norte, trucks=[known], by=TESTER, at=timezone.now())
    upload(people, lines(line(9), row))
    job = run(people)
    assert job.state == "faulty"
    assert {(e["row"], e["field"]) for e in job.errors} == {("3", column)}
    assert sentence in shown(people, job)
    assert Truck.objects.count() == 1


def test_the_columns_are_named_in_the_readers_language(people: People) -> None:
    upload(people, lines(line(9), "T-1,123,A1,TX,"))
    job = run(people)
    client = people.browser("flor")
    client.cookies["django_language"] = "es"
    assert "NIV (VIN)" in client.get(f"/portal/imports/{job.public_id}/").content.decode()
    assert "Número económico (<code>number" in client.get("/portal/import/trucks/").content.decode()


def test_every_error_of_a_file_is_told_at_once(people: People) -> None:
    upload(people, lines(",,,,", "T-1,x,¿,1,2", line(3)))
    job = run(people)
    assert {(e["row"], e["field"]) for e in job.errors} >= {
        ("3", "vin"),
        ("3", "plate_number"),
        ("3", "plate_jurisdiction"),
        ("3", "tag_epc"),
    }


def with_macro() -> bytes:
    out = io.BytesIO(workbook([["number"]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return out.getvalue()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (61 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: b"", "The file is empty"),
        (lambda: HEAD.encode(), "holds no rows"),
        (
            lambda: b"number,vin\n1,2\n",
            "Plate (plate_number), State of the plate (plate_jurisdiction)",
        ),
        (lambda: b"PK\x03\x04 not a workbook", "damaged"),
        (lambda: b"\x00\x01\x02", "CSV and XLSX"),
        (with_macro, "holds macros"),
        (zip_bomb, "unpacks to more than 60 MB"),
        (lambda: b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (lambda: lines(*["a,b,c,d,e"] * 10_001), "more than 10,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    people: People, make: Callable[[], bytes], sentence: str
) -> None:
    assert sentence in upload(people, make()).content.decode()
    assert not ImportJob.objects.exists()


def test_what_comes_into_use_between_check_and_import_stops_all_of_it(people: People) -> None:
    upload(people, lines(line(1), line(2)))
    job = run(people)
    taken = NewTruck("X", good_vin(2), "OTHER", "TX", "")
    add_trucks(carrier=people.sur, trucks=[taken], by=TESTER, at=timezone.now())
    confirm(people, job)
    assert run(people).state == "faulty"
    assert not Truck.objects.filter(carrier=people.norte).exists()


def test_it_cannot_be_confirmed_twice(people: People) -> None:
    upload(people, lines(line(1)))
    job = run(people)
    confirm(people, job)
    run(people)
    again = people.browser("flor").post(f"/portal/imports/{job.public_id}/confirm/", follow=True)
    assert "is not possible from there" in again.content.decode()
    assert Truck.objects.count() == 1


def test_it_can_be_discarded(people: People) -> None:
    upload(people, lines(line(1)))
    job = run(people)
    people.browser("flor").post(f"/portal/imports/{job.public_id}/drop/")
    job.refresh_from_db()
    assert (job.state, job.rows) == ("dropped", [])


@pytest.mark.slow
def test_ten_thousand_rows(people: People) -> None:
    upload(people, lines(*[line(n) for n in range(10_000)]))
    job = run(people)
    assert (job.state, job.total) == ("ready", 10_000)
    assert ImportJob.objects.get().done == 10_000
    confirm(people, job)
    assert run(people).state == "done"
    assert Truck.objects.filter(carrier=people.norte).count() == 10_000


def exported(people: People) -> bytes:
    answer = people.browser("vera").get("/portal/export/")
    assert answer["Content-Disposition"] == 'attachment; filename="NRTE-export.zip"'
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_the_export_can_be_imported_again(people: People) -> None:
    upload(people, lines(line(1), line(2)))
    confirm(people, run(people))
    run(people)
    with zipfile.ZipFile(io.BytesIO(exported(people))) as archive:
        trucks = archive.read("trucks.csv")
        assert {"company.csv", "profile.csv", "drivers.csv", "insurance.csv"} <= set(
            archive.namelist()
        )
    Truck.objects.update(retired_at=timezone.now())
    ImportJob.objects.all().delete()
    upload(people, trucks)
    assert run(people).state == "ready"


def test_a_spreadsheet_takes_nothing_exported_for_a_formula(people: People) -> None:
    new = NewTruck("=1+1", good_vin(1), "A1", "TX", "")
    add_trucks(carrier=people.norte, trucks=[new], by=TESTER, at=timezone.now())
    with zipfile.ZipFile(io.BytesIO(exported(people))) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("trucks.csv").decode("utf-8-sig"))))
    assert rows[1][0] == "'=1+1"
