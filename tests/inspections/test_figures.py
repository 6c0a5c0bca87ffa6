"""The page of figures says what one finds by counting in the tables oneself."""

import statistics
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from lanes.inspections.models import Inspection
from lanes.inspections.queries import figures as queries
from lanes.inspections.queries.figures import Before
from lanes.inspections.queries.record import wilson
from lanes.models import Arrival, Passage
from tests.cast import PORT
from tests.inspections.conftest import Yard
from tests.inspections.test_exams import CARGO, NARCOTICS, PASSED, examined
from tests.inspections.test_joint import released
from tests.inspections.test_scans import read, scanned

PAGE = f"/console/ports/{PORT}/figures/?days=1"


@pytest.fixture(autouse=True)
def _settings(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.INSPECTIONS_BASELINE_WAIT_MIN = {PORT: 45.0}
    settings.INVENTORY_COST_RATE_PER_HOUR = 0.001


def passed(yard: Yard, arrival: str, minutes: float) -> None:
    """The booth sees the truck so many minutes after its arrival."""
    Passage.objects.create(
        arrival_id=arrival,
        port_id=PORT,
        device=yard.staff.cast.device,
        event_id=f"p{minutes}",
        point="primary",
        at=timezone.now(),
        received_at=Arrival.objects.get(pk=arrival).received_at + timedelta(minutes=minutes),
    )


def sql(text: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return cursor.fetchone()


def test_the_page_agrees_with_numbers_counted_in_sql(yard: Yard) -> None:
    for minutes in (2.0, 4.0, 9.0):
        passed(yard, yard.staff.truck(), minutes)
    scan = scanned(yard)
    passed(yard, str(scan.inspection.assignment_id), 31.0)
    read(yard, "ada", scan, "clear")
    yard.act("ines", scan.inspection, "release", note="")
    released(yard)
    drawn = yard.at_station("air-1")
    Inspection.objects.filter(pk=drawn.pk).update(basis="random")
    examined(yard, drawn, "conveyance", PASSED)
    yard.act("ines", drawn, "release", note="")
    found = yard.browser("simon").get(PAGE).context["figures"]

    arrivals = sql("SELECT count(*) FROM lanes_arrival WHERE port_id = %s", PORT)[0]
    assert found.arrivals == arrivals == 6
    assert (
        found.scanned == sql("SELECT count(DISTINCT inspection_id) FROM inspections_scan")[0] == 1
    )
    assert (found.wait_fast.n, found.wait_fast.mean) == (
        3,
        pytest.approx(statistics.mean((2, 4, 9))),
    )
    p95 = statistics.quantiles((2, 4, 9), n=100, method="inclusive")[94]
    assert found.wait_fast.p95 == pytest.approx(p95)
    assert found.wait_others.mean == pytest.approx(31.0)
    verdict = sql(
        "SELECT extract(epoch FROM v.given_at - a.received_at) / 60 FROM inspections_verdict v"
        " JOIN inspections_scan c ON c.id = v.scan_id"
        " JOIN inspections_inspection i ON i.id = c.inspection_id"
        " JOIN lanes_arrival a ON a.id = i.assignment_id"
    )[0]
    assert found.to_verdict.mean == pytest.approx(float(verdict))
    assert found.to_image.mean < found.to_verdict.mean
    exams = sql(
        "SELECT count(*), avg(extract(epoch FROM submitted_at - opened_at)) / 60"
        " FROM inspections_exam"
    )
    assert (found.exam.n, found.exam.mean) == (exams[0], pytest.approx(float(exams[1])))
    random = found.compliance["participants", "random"]
    assert (random.compliant, random.n, random.interval) == (1, 1, wilson(1, 1))
    targeted = sql(
        "SELECT count(*) FILTER (WHERE result = 'compliant'), count(*)"
        " FROM inspections_inspection WHERE result <> '' AND basis = 'targeted'"
    )
    shown = found.compliance["participants", "targeted"]
    assert (shown.compliant, shown.n) == targeted
    assert found.avoided == 1
    hours = sum(45 - minutes for minutes in (2, 4, 9)) / 60
    assert found.hours_saved == pytest.approx(hours)
    value = sql("SELECT sum(value_usd) FROM manifests_commodity")[0]
    assert value
    assert found.cost_saved_usd == pytest.approx(hours * float(value) * 0.001)


def test_every_chart_has_its_table(yard: Yard) -> None:
    inspection = yard.at_station()
    examined(yard, inspection, "cargo", CARGO | NARCOTICS)
    yard.act("ines", inspection, "seize", note="Seized.")
    page = yard.browser("simon").get(PAGE).content.decode()
    assert page.count('<svg class="tt-chart"') == page.count("<table") == 4
    assert "0.0 % – 79.3 %" in page, "one of one: the interval says how little that is"


def test_the_wait_before_the_programme_is_measured_where_it_can_be(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MEASURED_FROM", 3)
    for minutes in (20.0, 30.0):
        passed(yard, yard.staff.truck(radiation_alarm=True), minutes)
    page = yard.browser("simon").get(PAGE)
    assert page.context["figures"].before == Before(45.0)
    assert "is a setting" in page.content.decode()
    passed(yard, yard.staff.truck(radiation_alarm=True), 40.0)
    long_ago = Arrival.objects.get(pk=yard.staff.truck(radiation_alarm=True))
    passed(yard, str(long_ago.pk), 500.0)
    Arrival.objects.filter(pk=long_ago.pk).update(received_at=timezone.now() - timedelta(days=91))
    passed(yard, yard.staff.truck(), 3.0)
    passed(yard, yard.staff.truck(radiation_alarm=True), 600.0)
    page = yard.browser("simon").get(PAGE)
    before = page.context["figures"].before
    counted = sql(
        "SELECT count(*), avg(extract(epoch FROM p.received_at - a.received_at)) / 60"
        " FROM lanes_arrival a JOIN lanes_passage p ON p.arrival_id = a.id"
        " WHERE a.received_at > now() - interval '90 days' AND a.received_at <"
        " (SELECT min(f.received_at) FROM lanes_arrival f JOIN lanes_assignment s"
        " ON s.arrival_id = f.id WHERE s.route = 'fast')"
    )
    assert (before.n, before.minutes) == (counted[0], pytest.approx(float(counted[1])))
    assert before.minutes == pytest.approx(30.0, abs=0.1)
    assert page.context["figures"].hours_saved == pytest.approx((30 - 3) / 60, abs=0.01)
    assert "was measured here: 3 trucks" in page.content.decode()


def test_a_port_without_trucks_has_a_page_too(yard: Yard) -> None:
    page = yard.browser("simon").get(PAGE)
    assert page.status_code == 200
    assert page.context["figures"].wait_fast.mean is None
    assert yard.browser("petra").get(PAGE).status_code == 403


def test_a_wait_that_would_read_nothing_is_told_in_seconds(yard: Yard) -> None:
    passed(yard, yard.staff.truck(), 0.03)
    shown = yard.browser("simon").get(PAGE).content.decode()
    assert "2 s" in shown
    assert "0.0 min" not in shown
