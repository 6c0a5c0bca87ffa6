"""The demonstration: what demo.json shows works as it stands, also after a start or a loss."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from lanes.demonstration.samples import all_arrivals
from lanes.inspections.models import Exam, Inspection, JointInspection, Scan, Verdict
from lanes.inspections.queries.scans import unread_by
from tests.cast import TESTER, good_vin, make_carrier, tag
from trustedtruck.carriers.models import Carrier, Driver, Truck
from trustedtruck.carriers.services import NewDriver, NewTruck, add_drivers, add_trucks, upkeep
from trustedtruck.manifests.models import Trip

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.DEMO_WITHOUT_MFA = True
    return tmp_path


def load(home: Path) -> dict[str, Any]:
    call_command("demo", verbosity=0)
    found: dict[str, Any] = json.loads((home / "demo.json").read_text())
    return found


def test_the_demonstration_stands_through_starts_and_losses(home: Path) -> None:
    """One test: loading forty carriers takes a while."""
    demo = load(home)
    samples = demo["samples"]
    assert len({body["tag_epc"] for body in samples["fast_arrivals"]}) >= 100
    assert len({body["tag_epc"] for body in samples["inspection_arrivals"]}) >= 20
    assert samples["manifest"]["trip_number"]
    # A truck that waits for its tag is nobody that a gate could report.
    for _truck, body in all_arrivals(observed_at=timezone.now()):
        assert None not in body.values()

    # The yard has something to look at for everybody.
    assert Scan.objects.count() == 2
    assert unread_by(["2304"], "nobody").count() == 1
    assert Verdict.objects.get().word == "refer"
    assert [exam.state for exam in Exam.objects.all()] == ["draft", "draft"]
    assert JointInspection.objects.get().state == "open"

    # A start like any other: keys and log-ins stay, and trucks in the yard.
    again = load(home)
    assert Inspection.objects.count() == 5
    assert again["samples"]["scan"] == samples["scan"]
    assert again["logins"] == demo["logins"]
    assert again["devices"] == demo["devices"]
    assert trips(again) == trips(demo)

    # What visitors did is in nobody's way: a company of their own, a fleet that grew and shrank.
    visitors_come()
    after = load(home)
    assert len(after["samples"]["fast_arrivals"]) == len(samples["fast_arrivals"])
    assert trips(after) == trips(demo)

    # A scan as a newcomer posts it.
    scan = samples["scan"]
    key = {"Authorization": f"Bearer {demo['devices']['scanner-1']['key']}"}
    path = f"/api/v1/arrivals/{scan['arrival']}/scans/"
    answer = Client().post(path, scan["body"], content_type="application/json", headers=key)
    assert answer.status_code == 201, answer.content
    image = answer.json()["images"][0]["url"]
    picture = Path(scan["picture"]).read_bytes()
    sent = Client().put(image, picture, content_type="image/png", headers=key)
    assert sent.status_code == 201, sent.content
    assert load(home)["samples"]["scan"]["arrival"] != scan["arrival"], "the next truck waits"

    # A truck that has left the port has a new manifest at the next start; the others keep theirs.
    gone = samples["fast_arrivals"][0]["trip_number"]
    Trip.objects.filter(trip_number=gone).update(state="arrived", arrived_at=timezone.now())
    new = trips(load(home))
    assert set(new) - set(trips(demo)) == {new[0]}
    assert gone not in new

    # demo.json is lost: every log-in and every key it then shows works.
    (home / "demo.json").unlink()
    fresh = load(home)
    for role, login in fresh["logins"].items():
        entered = Client().login(**login)
        assert entered, role
    gate = fresh["devices"]["gate-1"]["key"]
    lanes = Client().get("/api/v1/ports/2304/lanes/", headers={"Authorization": f"Bearer {gate}"})
    assert lanes.status_code == 200


def trips(demo: dict[str, Any]) -> list[str]:
    return [body["trip_number"] for body in demo["samples"]["fast_arrivals"]]


def visitors_come() -> None:
    at = timezone.now()
    own = make_carrier("GRCE", "Grace Freight")
    first = Carrier.objects.order_by("pk")[0]
    for carrier, serial in ((own, 7001), (first, 7002)):
        new = NewTruck(f"V{serial}", good_vin(serial), f"VIS{serial}", "TX", tag(serial))
        add_trucks(carrier=carrier, trucks=[new], by=TESTER, at=at)
    born = NewDriver("Ana", "Paz", date(1980, 5, 17), "MX")
    add_drivers(carrier=first, drivers=[born], by=TESTER, at=at)
    beginner = Carrier.objects.filter(state="certified", tier=1).order_by("pk")[0]
    for model in (Truck, Driver):
        upkeep.retire(owner=model.objects.filter(carrier=beginner)[3], by=TESTER, at=at)


@pytest.mark.parametrize(("command", "option"), [("drive", "--trucks"), ("traffic", "--every")])
def test_trucks_that_cannot_come_are_refused_with_words(command: str, option: str) -> None:
    with pytest.raises(CommandError, match=f"^{option} must be"):
        call_command(command, option, "0")
