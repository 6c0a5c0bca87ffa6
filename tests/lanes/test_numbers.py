"""What /metrics says, and that every alert rule asks for something it says."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from django.conf import settings as configured
from django.db import transaction
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from structlog.stdlib import ProcessorFormatter

from lanes.models import Alarm, Arrival, HeldBundle, JournalEntry
from tests.cast import PORT, TESTER, Cast
from tests.lanes.conftest import Gate
from trustedtruck.audit import services as audit
from trustedtruck.audit.sealer import Sealer
from trustedtruck.credentials.services.bundle import build_bundle

RULES = Path(configured.BASE_DIR) / "deploy" / "alerts.yml"
RUNBOOK = Path(configured.BASE_DIR) / "docs" / "runbook.md"
METRICS = Path(configured.BASE_DIR) / "docs" / "reference" / "metrics.md"


def numbers() -> dict[str, float]:
    """Every sample of /metrics, its labels in its name."""
    text = Client().get("/metrics").content.decode()
    return {
        sample.name + "".join(f" {value}" for _name, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.django_db
def test_a_quiet_installation_has_quiet_numbers() -> None:
    found = numbers()
    assert found["trustedtruck_database_up"] == found["trustedtruck_broker_up"] == 1
    assert found["trustedtruck_oldest_waiting_seconds"] == 0
    assert found["trustedtruck_audit_unsealed_seconds"] == 0
    # How many there are says no test: a worker in a thread of an earlier one may still be seen.
    assert {"trustedtruck_processes worker", "trustedtruck_processes sweep"} <= found.keys()
    assert found["trustedtruck_open_alarms fast_without_decision"] == 0
    assert found["trustedtruck_home_free_bytes"] > 1_000_000
    assert not [name for name in found if name.startswith("trustedtruck_bundle")]


def test_a_truck_that_waits_is_seen(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), prefer="respond-async")
    assert 0 < numbers()["trustedtruck_oldest_waiting_seconds"] < 30


def test_what_is_not_sealed_is_seen_until_it_is(
    transactional_db: None, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    with transaction.atomic():
        audit.record("device.registered", by=TESTER, subject_kind="device", subject_id=1)
    assert 0 < numbers()["trustedtruck_audit_unsealed_seconds"] < 30
    Sealer().round(at=timezone.now())
    assert numbers()["trustedtruck_audit_unsealed_seconds"] == 0


def test_the_age_of_both_bundles_is_seen(cast: Cast) -> None:
    now = timezone.now()
    build_bundle(at=now - timedelta(seconds=40))
    HeldBundle.objects.create(
        port_code=PORT,
        issuer="https://headquarters.example",
        seq=7,
        made_at=now - timedelta(minutes=20),
        expires_at=now - timedelta(minutes=10),
        applied_at=now,
        parts={},
    )
    found = numbers()
    assert 40 <= found["trustedtruck_bundle_age_seconds lanes"] < 70
    assert found["trustedtruck_bundle_remaining_seconds lanes"] > 0
    assert 1200 <= found["trustedtruck_bundle_age_seconds port"] < 1230
    assert -630 < found["trustedtruck_bundle_remaining_seconds port"] <= -600


def test_open_alarms_and_a_refused_journal_are_seen(cast: Cast, gate: Gate) -> None:
    gate.arrive(cast.arrival(), prefer="respond-async")
    arrival = Arrival.objects.get()
    Alarm.objects.create(port=cast.port, kind="fast_without_decision", arrival=arrival)
    JournalEntry.objects.create(arrival=arrival, refused="device_unknown")
    found = numbers()
    assert found["trustedtruck_open_alarms fast_without_decision"] == 1
    assert found["trustedtruck_journal_entries refused"] == 1
    assert found["trustedtruck_journal_entries waiting"] == 0


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.django_db
def test_every_rule_asks_for_a_number_that_there_is(cast: Cast) -> None:
    build_bundle(at=timezone.now())
    known = {sample.split(" ")[0] for sample in numbers()}
    for family in REGISTRY.collect():
        endings = {"histogram": ["_bucket", "_sum", "_count"], "counter": ["_total"]}
        known |= {family.name + ending for ending in endings.get(family.type, [])}
    for rule in _rules():
        asked = re.findall(r"trustedtruck_\w+", rule["expr"])
        assert asked, rule["alert"]
        assert set(asked) <= known, rule["alert"]


def _asked(expr: Any) -> Iterator[promql_parser.VectorSelector]:
    """Wherever in an expression series are asked for."""
    if isinstance(expr, promql_parser.VectorSelector):
        yield expr
        return
    parts = [getattr(expr, name, None) for name in ("lhs", "rhs", "expr", "vector_selector")]
    for part in [*parts, *getattr(expr, "args", [])]:
        if part is not None:
            yield from _asked(part)


def _labels() -> dict[str, set[str]]:
    """Of each series in the reference, which `make check` compares with the code."""
    found: dict[str, set[str]] = {}
    for line in METRICS.read_text().splitlines():
        if line.startswith("| `"):
            name, kind, labels = (cell.strip(" `") for cell in line.split("|")[1:4])
            own = set(labels.split(", ")) - {""}
            found[name] = own
            if kind == "histogram":
                found[f"{name}_bucket"] = own | {"le"}
    return found


@pytest.mark.parametrize("rule", _rules(), ids=lambda rule: rule["alert"])
def test_a_rule_is_promql_and_its_labels_are_those_of_its_series(rule: dict[str, Any]) -> None:
    """A wrong label is no error for Prometheus: the alert would only never fire."""
    known = _labels()
    asked = [(series.name or "", series) for series in _asked(promql_parser.parse(rule["expr"]))]
    assert asked
    for name, series in asked:
        assert {matcher.name for matcher in series.matchers.matchers} <= known[name]
    grouped = {name for names in re.findall(r"by \(([^)]*)\)", rule["expr"])
               for name in names.split(", ")}  # fmt: skip
    said = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert said <= grouped <= {"le"}.union(*(known[name] for name, _series in asked))


@pytest.mark.parametrize("wrong", ["rate(a)", "sum(a", "a{b=}", "histogram_quantile(a)"])
def test_what_is_no_promql_is_noticed(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        promql_parser.parse(wrong)


def test_every_rule_has_its_entry_in_the_runbook() -> None:
    headings = re.findall(r"^## (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    names = [rule["alert"] for rule in _rules()]
    assert len(names) == len(set(names)) >= 12
    for rule in _rules():
        page, anchor = rule["annotations"]["runbook"].split("#")
        assert page == "docs/runbook.md"
        assert anchor in anchors, rule["alert"]
        # The alert's name is the entry's heading.
        assert anchor.replace("-", "") == rule["alert"].lower()
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_one_id_leads_from_the_gate_to_the_lane(
    cast: Cast, gate: Gate, decide_now: Callable[[], int]
) -> None:
    root, written = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        next(h.formatter for h in root.handlers if isinstance(h.formatter, ProcessorFormatter))
    )
    root.addHandler(handler)
    try:
        body, named = cast.arrival(), {"X-Request-ID": "gate-0001"}
        sent = gate.post("/api/v1/arrivals/", body, "respond-async", **named)
        arrival = sent.json()["id"]
        decide_now()
        lane = gate.get(f"/api/v1/arrivals/{arrival}/").json()["lane"]["code"]
        passed = {
            "event_id": "passed-1",
            "point": "lane",
            "lane": lane,
            "at": body["observed_at"],
        }
        assert gate.post(f"/api/v1/arrivals/{arrival}/passages/", passed).status_code == 201
    finally:
        root.removeHandler(handler)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    ours = [line for line in lines if line.get("arrival") == arrival]
    assert [line["event"] for line in ours] == [
        "arrival_answered",
        "arrival_assigned",
        "passage_reported",
    ]
    answered, assigned, _passed = ours
    assert answered["request_id"] == "gate-0001"
    assert answered["event_id"] == body["event_id"]
    assert (assigned["route"], assigned["decided_by"]) == ("fast", "worker")
    assert assigned["reasons"] == ["trusted"]
