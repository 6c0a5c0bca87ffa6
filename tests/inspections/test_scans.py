"""Scanners post scans, people read them."""

import io
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from lanes.inspections.models import Inspection, Scan, ScanImage, Verdict
from lanes.models import Refusal
from tests.cast import PORT, TESTER, make_device, make_port
from tests.inspections.conftest import Yard
from tests.inspections.pictures import bomb, deep_picture, picture, sha256
from tests.inspections.test_exams import CARGO, examined
from tests.lanes.conftest import Gate, in_threads
from trustedtruck.accounts.roles import Scope
from trustedtruck.accounts.services import issue_key


@pytest.fixture(autouse=True)
def _pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def body(*contents: bytes, **changes: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "event_id": str(uuid.uuid4()),
        "station": "nii-1",
        "started_at": (now - timedelta(seconds=30)).isoformat(),
        "ended_at": now.isoformat(),
        "radiation_alarm": False,
        "images": [{"sha256": sha256(content), "view": "side"} for content in contents],
        **changes,
    }


def post(yard: Yard, inspection: Inspection, sent: Any) -> Any:
    return yard.scanner.post(f"/api/v1/arrivals/{inspection.assignment_id}/scans/", sent)


def put(yard: Yard, url: str, content: bytes, kind: str = "image/png") -> Any:
    return yard.scanner.client.put(
        url, content, content_type=kind, headers={"Authorization": f"Bearer {yard.scanner.key}"}
    )


def scanned(yard: Yard, *, content: bytes | None = None, **changes: Any) -> Scan:
    """A truck at the portal, with its picture in place."""
    content = content or picture()
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    answer = post(yard, inspection, body(content, **changes))
    assert answer.status_code == 201, answer.content
    assert put(yard, answer.json()["images"][0]["url"], content).status_code == 201
    return Scan.objects.get(pk=answer.json()["id"])


def read(
    yard: Yard, name: str, scan: Scan, word: str, *, look: int = 1, reason: str = "Seen."
) -> Any:
    path = f"/console/ports/{PORT}/scans/{scan.pk}/"
    given = {"word": word, "reason": reason, "look": look}
    return yard.browser(name).post(path, given, follow=True)


# --- Posting --------------------------------------------------------------------------------------
def test_a_scan_is_an_appearance_and_waits_for_its_picture(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="nii-1")
    content = picture()
    answer = post(yard, inspection, body(content))
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"/api/v1/scans/{answer.json()['id']}/"
    inspection.refresh_from_db()
    assert inspection.state == "at_station"
    url = answer.json()["images"][0]["url"]
    assert put(yard, url, content).status_code == 201
    assert put(yard, url, content).status_code == 200
    image = ScanImage.objects.get()
    assert (image.media_type, image.width, image.height) == ("image/png", 640, 200)
    assert yard.scanner.get(f"/api/v1/scans/{image.scan_id}/").json()["verdict"] is None


def test_a_scan_on_the_way_to_another_station_is_no_appearance(yard: Yard) -> None:
    inspection = yard.referred()
    yard.act("ines", inspection, "order", station="dock-1")
    assert post(yard, inspection, body(picture())).status_code == 201
    inspection.refresh_from_db()
    assert (inspection.state, inspection.appeared_at) == ("ordered", None)
    assert yard.watch(minutes=21)["no_shows"] == 1


def test_the_same_event_again_gives_the_same_scan(yard: Yard) -> None:
    inspection = yard.referred()
    sent = body(picture())
    first, again = post(yard, inspection, sent), post(yard, inspection, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = post(yard, inspection, sent | {"radiation_alarm": True})
    assert (other.status_code, other.json()["code"]) == (409, "event_id_reused")
    assert Scan.objects.count() == 1


def test_one_event_from_many_at_once_is_one_scan(yard: Yard) -> None:
    inspection = yard.referred()
    sent = body(picture())
    codes = in_threads(6, lambda _n: post(yard, inspection, sent).status_code)
    assert sorted(codes) == [200] * 5 + [201]
    assert Scan.objects.count() == 1


def test_a_scan_of_an_unknown_truck_is_refused_and_kept(yard: Yard) -> None:
    sent = body(picture())
    answer = yard.scanner.post(f"/api/v1/arrivals/{uuid.uuid4()}/scans/", sent)
    assert (answer.status_code, answer.json()["code"]) == (404, "arrival_unknown")
    kept = Refusal.objects.get()
    assert (kept.code, kept.body["scan"]) == ("arrival_unknown", json.loads(json.dumps(sent)))


def test_a_scan_of_a_fast_or_a_released_truck_is_refused_and_kept(yard: Yard) -> None:
    arrival = yard.staff.truck()
    answer = yard.scanner.post(f"/api/v1/arrivals/{arrival}/scans/", body(picture()))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_referred")
    inspection = yard.referred()
    yard.act("ines", inspection, "release", note="The portal stood still.")
    answer = post(yard, inspection, body(picture()))
    assert (answer.status_code, answer.json()["code"]) == (409, "inspection_closed")
    assert Refusal.objects.count() == 2


def test_every_wrong_field_of_a_scan_is_named_at_once(yard: Yard) -> None:
    inspection = yard.referred()
    sent = {
        "event_id": "",
        "started_at": "yesterday",
        "ended_at": (timezone.now() + timedelta(hours=2)).isoformat(),
        "images": [{"sha256": "xyz"}],
        "marks": [{"box": [1, 2, 3], "score": 3}],
        "colour": "red",
    }
    answer = post(yard, inspection, sent)
    assert answer.status_code == 400
    wrong = {error["field"] for error in answer.json()["errors"]}
    assert {"event_id", "station", "started_at", "ended_at", "colour"} <= wrong
    assert {"images.0.sha256", "marks.0.box", "marks.0.score"} <= wrong


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"ended_at": "2020-01-01T00:00:00Z"}, "ended_at", "out_of_order"),
        (
            {"started_at": "2020-01-01T00:00:00Z", "ended_at": "2020-01-01T00:01:00Z"},
            "started_at",
            "before_arrival",
        ),
        ({"station": "dock-1"}, "station", "unknown_station"),
        (
            {"marks": [{"image": 4, "box": [0, 0, 1, 1], "score": 0.5}]},
            "marks.0.image",
            "unknown_image",
        ),
    ],
)
def test_a_scan_that_cannot_be(yard: Yard, changes: Any, field: str, code: str) -> None:
    answer = post(yard, yard.referred(), body(picture(), **changes))
    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    assert not Scan.objects.exists()


def test_another_ports_scanner_finds_nothing(yard: Yard) -> None:
    make_port("2506")
    device, _key = make_device("2506", "scanner-9")
    inspection = yard.referred()
    assert post(yard, inspection, body(picture())).status_code == 201
    scan = Scan.objects.get()
    key = issue_key(scopes=[Scope.SCANS_WRITE], by=TESTER, at=timezone.now(), device=device)
    stranger = Gate(key)
    assert stranger.get(f"/api/v1/scans/{scan.pk}/").status_code == 404
    path = f"/api/v1/arrivals/{inspection.assignment_id}/scans/"
    assert stranger.post(path, body(picture())).status_code == 404


# --- Pictures -------------------------------------------------------------------------------------
@pytest.mark.parametrize("content", [b"\0", b"%PDF-1.7 not a picture", picture()[:200], bomb()])
def test_what_is_no_picture_is_refused_and_the_scan_waits(
    yard: Yard, content: bytes, tmp_path: Path
) -> None:
    inspection = yard.referred()
    url = post(yard, inspection, body(content)).json()["images"][0]["url"]
    answer = put(yard, url, content)
    assert answer.status_code == 400, answer.content
    code = answer.json()["errors"][0]["code"]
    assert code == ("image_too_many_pixels" if content == bomb() else "not_an_image")
    assert ScanImage.objects.get().received_at is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_picture_of_another_hash_is_refused(yard: Yard) -> None:
    url = post(yard, yard.referred(), body(picture())).json()["images"][0]["url"]
    answer = put(yard, url, picture(shade=91))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "hash_mismatch")


def test_a_picture_that_is_too_large_is_cut_off(yard: Yard, settings: Any, tmp_path: Path) -> None:
    settings.SCAN_MAX_BYTES = 1000
    content = picture("TIFF")
    url = post(yard, yard.referred(), body(content)).json()["images"][0]["url"]
    answer = put(yard, url, content, "image/tiff")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert put(yard, url, content, "text/plain").status_code == 415


def test_a_disk_that_does_not_take_a_picture_asks_for_it_again(yard: Yard, tmp_path: Path) -> None:
    content = picture()
    url = post(yard, yard.referred(), body(content)).json()["images"][0]["url"]
    in_the_way = tmp_path / "scans" / sha256(content)[:2]
    in_the_way.parent.mkdir()
    in_the_way.touch()
    answer = put(yard, url, content)
    assert (answer.status_code, answer.json()["code"]) == (503, "picture_not_stored")
    assert list((tmp_path / "scans" / "incoming").iterdir()) == []
    in_the_way.unlink()
    assert put(yard, url, content).status_code == 201


def test_tiff_of_sixteen_bits_is_shown_with_its_full_contrast(yard: Yard) -> None:
    content = deep_picture()
    inspection = yard.referred()
    answer = post(yard, inspection, body(content))
    assert put(yard, answer.json()["images"][0]["url"], content, "image/tiff").status_code == 201
    path = f"/console/ports/{PORT}/scans/{answer.json()['id']}/images/1/"
    shown: Any = yard.browser("ada").get(path)
    assert shown["Content-Type"] == "image/jpeg"
    extrema: Any = Image.open(io.BytesIO(b"".join(shown.streaming_content))).getextrema()
    low, high = extrema
    assert low < 10
    assert high > 245
    original: Any = yard.browser("ada").get(path + "?original")
    assert b"".join(original.streaming_content) == content
    assert original["Content-Disposition"].startswith("attachment")


def test_only_officers_of_the_port_see_a_picture(yard: Yard) -> None:
    scan = scanned(yard)
    path = f"/console/ports/{PORT}/scans/{scan.pk}/images/1/"
    assert yard.browser("gus").get(path).status_code == 403
    assert yard.browser("otto").get(path).status_code == 403
    assert yard.scanner.client.get(path).status_code == 302
    assert yard.browser("ada").get(path).status_code == 200


# --- Reading --------------------------------------------------------------------------------------
def test_a_clear_verdict_lets_the_truck_be_released(yard: Yard) -> None:
    scan = scanned(yard)
    assert "A scan has no final verdict yet." in (
        yard.act("ines", scan.inspection, "release", note="").content.decode()
    )
    read(yard, "ada", scan, "clear")
    yard.act("ines", scan.inspection, "release", note="")
    scan.inspection.refresh_from_db()
    assert (scan.inspection.state, scan.inspection.result) == ("released", "compliant")
    page = yard.browser("ines").get(f"/console/ports/{PORT}/inspections/{scan.inspection_id}/")
    steps = [str(step.name) for step in page.context["times"]]
    assert "image of the scan" in steps
    assert "verdict on the scan" in steps


MARK = [{"box": [10, 10, 40, 40], "score": 0.93, "label": "density"}]


def test_a_strong_mark_is_cleared_by_two_people(yard: Yard) -> None:
    scan = scanned(yard, marks=MARK)
    read(yard, "ada", scan, "clear")
    assert not Verdict.objects.filter(final=True).exists()
    again = read(yard, "ada", scan, "clear", look=2)
    assert "Another person takes the second look" in again.content.decode()
    read(yard, "beto", scan, "clear", look=2)
    assert Verdict.objects.filter(final=True).count() == 1


def test_whoever_was_slower_is_told(yard: Yard) -> None:
    """Two had the same page open: the second one's first look does not count as a second look."""
    scan = scanned(yard, marks=MARK)
    read(yard, "ada", scan, "clear")
    late = read(yard, "beto", scan, "clear", look=1)
    assert "Somebody else has read this scan meanwhile." in late.content.decode()
    assert Verdict.objects.count() == 1


def test_many_first_looks_at_once_are_one(yard: Yard) -> None:
    scan = scanned(yard)
    in_threads(2, lambda n: read(yard, ["ada", "beto"][n], scan, "clear").status_code)
    assert Verdict.objects.count() == 1


def test_a_hold_holds_the_truck_and_a_doubt_asks_for_an_exam(yard: Yard) -> None:
    scan = scanned(yard)
    read(yard, "ada", scan, "hold", reason="A void in the floor.")
    scan.inspection.refresh_from_db()
    assert (scan.inspection.state, scan.inspection.hold_reason) == ("held", "A void in the floor.")
    answer = yard.act("ines", scan.inspection, "release", note="")
    assert "The verdict on a scan asks for an exam first." in answer.content.decode()


def test_an_exam_of_before_the_doubt_says_nothing_about_it(yard: Yard) -> None:
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO)
    content = picture()
    answer = post(yard, inspection, body(content)).json()
    put(yard, answer["images"][0]["url"], content)
    read(yard, "ada", Scan.objects.get(pk=answer["id"]), "refer", reason="A void in the floor.")
    refused = yard.act("ines", inspection, "release", note="")
    assert "The verdict on a scan asks for an exam first." in refused.content.decode()
    examined(yard, inspection, "cargo", CARGO)
    yard.act("ines", inspection, "release", note="")
    inspection.refresh_from_db()
    assert inspection.state == "released"


def test_nobody_reads_a_scan_without_its_picture(yard: Yard) -> None:
    inspection = yard.referred()
    scan = Scan.objects.get(pk=post(yard, inspection, body(picture())).json()["id"])
    answer = read(yard, "ada", scan, "clear")
    assert "A picture of this scan has not arrived yet." in answer.content.decode()


def test_earlier_scans_of_the_same_trailer_stand_beside_it(yard: Yard) -> None:
    first = scanned(yard)
    read(yard, "ada", first, "clear")
    yard.act("ines", first.inspection, "release", note="")
    second = scanned(yard, content=picture(shade=70))
    assert first.trailers
    page = yard.browser("ada").get(f"/console/ports/{PORT}/scans/{second.pk}/")
    assert list(page.context["earlier"]) == [first]
    assert "CAST001" in page.content.decode(), "the manifest stands beside the picture"
