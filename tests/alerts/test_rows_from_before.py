"""What was in the open before names were sealed is sealed by the migration, and still found."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.alerts.test_sealing import everything
from tests.alerts.writing import agency
from trustedtruck.alerts.kinds import Value
from trustedtruck.alerts.models import Alert, Hit, Term
from trustedtruck.alerts.queries.matching import Known, filings, look

OPEN = ("alerts", "0002_copies_and_inboxes")


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The tables as they were, and their models."""
    executor = MigrationExecutor(connection)
    executor.migrate([OPEN])
    yield executor.loader.project_state([OPEN]).apps
    sealed()


def sealed() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_rows_from_before_are_sealed_and_found(before: Any) -> None:
    now, owner = timezone.now(), agency()
    alert = before.get_model("alerts", "Alert").objects.create(
        owner_id=owner.pk,
        category="narcotics",
        severity="high",
        mark="amber",
        state="active",
        reason="Seen, says Juan Perez.",
        instruction="Scan.",
        valid_from=now,
        review_date=now.date(),
        issued_by="user:1",
        issued_at=now,
        changed_at=now,
    )
    alert.criteria.create(clause=0, kind="driver_name", value="Rosa Prueva")
    alert.criteria.create(clause=1, kind="plate", value="NPL81")
    alert.terms.create(
        clause=0,
        kind="driver_name",
        value="Rosa Prueva",
        key="driver_name=PRUEVA ROSA",
        close=False,
        active=True,
        valid_from=now,
    )
    values = [["driver_name", "Rosa Prueba"], ["plate", "TX NPL81"]]
    before.get_model("alerts", "Filing").objects.create(
        ref="NRTE1", scac="NRTE", values=values, keys=[], open=True, screened_at=now
    )
    alert.hits.create(
        subject_kind="trip",
        ref="NRTE1",
        signature="0" * 64,
        matched=values,
        close=True,
        state="possible",
    )
    sealed()
    text = everything()
    for secret in ("Rosa", "ROSA", "Prueba", "Prueva", "PRUEVA", "Juan Perez", "0" * 64):
        assert secret not in text, secret
    assert Alert.objects.get().reason == "Seen, says Juan Perez."
    assert Hit.objects.get().matched == values
    assert Term.objects.filter(clause=0).count() == 3
    known = filings(["NRTE1"])["NRTE1"]
    (match,) = look({0: known})[0].matches
    assert not match.close
    by_name = Known(frozenset({Value("driver_name", "Rosa Prueba")}))
    (match,) = look({0: by_name})[0].matches
    assert match.close
