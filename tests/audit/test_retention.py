"""Personal data goes when its time has passed; what is counted stays."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, InternalError, connection
from django.utils import timezone

from lanes.models import Arrival, Assignment
from lanes.services import assign
from tests.cast import PORT, TESTER, TRIP, Cast, make_cast
from tests.lanes.conftest import Gate
from tests.people import make_officer
from trustedtruck.accounts.models import OfficerNotice
from trustedtruck.audit import retention
from trustedtruck.audit.models import Event
from trustedtruck.carriers.models import Driver
from trustedtruck.carriers.names import called
from trustedtruck.carriers.services import NewDriver, add_drivers, imports, upkeep
from trustedtruck.manifests.models import CrewMember, Submission, Trip, Version
from trustedtruck.manifests.services.arrivals import mark_arrived


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def _in(days: int) -> dict[str, int]:
    return retention.purge(by=TESTER, at=timezone.now() + timedelta(days=days))


def test_every_kind_has_its_days_and_its_words(settings: Any) -> None:
    found = {kind.code: kind for kind in retention.kinds()}
    assert set(found) == set(settings.RETENTION_DAYS)
    assert all(kind.days > 0 and str(kind.text).endswith(".") for kind in found.values())


def test_nothing_goes_before_its_time(cast: Cast) -> None:
    assert not any(_in(days=1).values())


def test_a_crossing_keeps_what_is_counted_and_forgets_who_drove(cast: Cast) -> None:
    gate = Gate(cast.key)
    gate.arrive(cast.arrival(), prefer="respond-async")
    assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
    before = Assignment.objects.values("port", "route", "lane", "reasons", "decided_at").get()
    assert Assignment.objects.get().driver == cast.rosa
    assert _in(days=5 * 365 + 1)["crossings"] == 1
    kept = Assignment.objects.get()
    assert Assignment.objects.values(*before).get() == before
    assert (kept.facts, kept.driver, kept.driver_credential) == ({}, None, None)
    assert (Arrival.objects.get().driver_card, Arrival.objects.get().qr) == ("", "")
    assert Arrival.objects.get().plate_number == cast.truck.plate_number
    assert _in(days=5 * 365 + 1)["crossings"] == 0


def test_a_crossing_that_nobody_decided_forgets_what_was_read(cast: Cast) -> None:
    """It has no facts that would have to go; what the readers read has."""
    gate = Gate(cast.key)
    gate.arrive(cast.arrival(), prefer="respond-async")
    assign.close([Arrival.objects.get().pk], by="deadline", reason="deadline_passed")
    assert Arrival.objects.get().driver_card
    assert _in(days=5 * 365 + 1)["crossings"] == 1
    assert (Arrival.objects.get().driver_card, Arrival.objects.get().qr) == ("", "")
    assert _in(days=5 * 365 + 1)["crossings"] == 0


def test_a_replay_leaves_out_what_was_purged(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = Gate(cast.key)
    gate.arrive(cast.arrival(), prefer="respond-async")
    assign.assign_waiting(port_code=PORT, limit=64, lease_ms=400)
    _in(days=5 * 365 + 1)
    day = timezone.now().date()
    call_command("replay", f"--from={day}", f"--to={day + timedelta(days=1)}", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["decisions"] == 0


def test_a_driver_who_left_is_forgotten_but_counted(cast: Cast) -> None:
    upkeep.retire(owner=cast.rosa, by=TESTER, at=timezone.now())
    assert _in(days=3 * 365 + 1)["drivers"] == 1
    rosa = Driver.objects.get(pk=cast.rosa.pk)
    assert (rosa.given_names, rosa.family_names, rosa.fast_card) == ("", "", None)
    assert not Driver.objects.filter(called("Rosa")).exists()
    assert Driver.objects.filter(called("Luis")).exists()


def test_a_driver_of_another_script_is_found_and_forgotten(cast: Cast) -> None:
    new = NewDriver("伟", "王", date(1980, 5, 17), "CN")
    (wei,) = add_drivers(carrier=cast.norte, drivers=[new], by=TESTER, at=timezone.now())
    assert Driver.objects.get(called("伟 王")) == wei
    upkeep.retire(owner=wei, by=TESTER, at=timezone.now())
    assert _in(days=3 * 365 + 1)["drivers"] == 1
    wei.refresh_from_db()
    assert (wei.given_names, wei.family_names) == ("", "")
    assert _in(days=3 * 365 + 1)["drivers"] == 0


def test_a_file_that_nobody_confirmed_goes(cast: Cast) -> None:
    """What it said of drivers with it; that it was sent stays."""
    content = b"Nombres,Apellidos,Fecha de nacimiento,Nacionalidad\nEva,Rey,1990-01-01,MX\n"
    job = imports.upload(
        carrier=cast.norte,
        kind="drivers",
        file_name="drivers.csv",
        content=content,
        by=TESTER,
        at=timezone.now(),
    )
    assert _in(days=29)["imports"] == 0
    assert _in(days=31)["imports"] == 1
    job.refresh_from_db()
    assert (job.state, job.rows, job.file_name) == ("dropped", [], "drivers.csv")


def test_who_was_aboard_goes_and_the_trip_stays(cast: Cast) -> None:
    mark_arrived(trip_number=TRIP, by=TESTER, at=timezone.now())
    digest = bytes(Version.objects.get().document_sha256)
    done = _in(days=5 * 365 + 1)
    assert (done["aboard"], done["filings"]) == (1, 1)
    assert not CrewMember.objects.exists()
    assert Trip.objects.get().shipments.exists()
    assert Version.objects.get().document is None
    assert bytes(Version.objects.get().document_sha256) == digest


def test_a_version_is_changed_by_nothing_but_the_purge(cast: Cast) -> None:
    with pytest.raises((IntegrityError, InternalError), match="never changed"):
        Version.objects.update(document=None)
    with connection.cursor() as cursor:
        cursor.execute("SET trustedtruck.tending_sealed = 'on'")
        with pytest.raises((IntegrityError, InternalError), match="never changed"):
            cursor.execute("UPDATE manifests_version SET filed_by = 'somebody'")
        cursor.execute("RESET trustedtruck.tending_sealed")


def test_messages_go(cast: Cast) -> None:
    assert Submission.objects.count() == _in(days=366)["messages"]


def test_notices_to_officers_go(cast: Cast) -> None:
    OfficerNotice.objects.create(
        officer=make_officer("Olga"), code="alarm_raised", at=timezone.now()
    )
    assert _in(days=181)["notices"] == 1


def test_a_purge_is_on_record(cast: Cast) -> None:
    upkeep.retire(owner=cast.rosa, by=TESTER, at=timezone.now())
    _in(days=3 * 365 + 1)
    event = Event.objects.get(action="personal_data.purged", subject_id="drivers")
    assert event.data["count"] == 1


def test_the_command_lists_kinds_and_purges(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("purge", "--kinds")
    assert "crossings" in capsys.readouterr().out
    call_command("purge", "--json")
    rows = json.loads(capsys.readouterr().out)["kinds"]
    assert {row["purged"] for row in rows} == {0}
