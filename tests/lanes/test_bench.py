"""The measurement is fair: Cedar gives the same answers as our rules on the same trucks."""

import cedarpy
import pytest

from lanes import queries
from lanes.benchmarks import cedar
from lanes.benchmarks.decide import cedar_codes, our_codes
from lanes.benchmarks.growth import growth
from lanes.benchmarks.trucks import FLAWS, POLICY, flawed, mixed, trusted
from lanes.models import Arrival, Assignment
from lanes.rules import RULES, decide
from tests.cast import PORT, Cast
from tests.lanes.conftest import Gate
from trustedtruck.carriers.models import Truck
from trustedtruck.core.bench import EFFORT, Effort


def test_cedar_has_every_rule() -> None:
    assert set(cedar.FORBIDS) == {rule.code for rule in RULES}


@pytest.mark.parametrize("flaw", [{}, *FLAWS], ids=str)
def test_cedar_finds_each_flaw_as_we_do(flaw: dict[str, object]) -> None:
    facts = flawed(trusted(), flaw)
    result = cedarpy.is_authorized(cedar.request(facts, POLICY, 0.5), cedar.policies(), [])
    assert cedar_codes(result) == our_codes(decide(facts, POLICY, 0.5).reasons)
    assert not result.diagnostics.errors
    assert result.allowed == (decide(facts, POLICY, 0.5).route == "fast")


def test_the_mixed_trucks_meet_every_rule_and_some_are_fast() -> None:
    decisions = [decide(facts, POLICY, draw) for facts, draw in mixed(2_000)]
    met = {code for decision in decisions for code in decision.reasons}
    assert {rule.code for rule in RULES} | {"drawn_at_random", "trusted"} == met


def test_growth_is_measured_and_leaves_nothing(cast: Cast, gate: Gate) -> None:
    """At a small scale; the rows that PostgreSQL reads for a batch are no more than before."""
    for _ in range(3):
        gate.arrive(cast.arrival(), "respond-async")
    arrivals = queries.claim(PORT, limit=64, lease_ms=60_000)
    before = Truck.objects.count(), Arrival.objects.count(), Assignment.objects.count()
    token = EFFORT.set(Effort(scale=0.002))
    try:
        results = {result.name: result for result in growth(arrivals, PORT)}
    finally:
        EFFORT.reset(token)
    assert results["growth of the rows read"].met
    for size in ("1,000 trucks, 10,000 arrivals", "2,000 trucks, 20,000 arrivals"):
        assert 0 < results[f"rows read for 64, {size}"].value < 1_000
    assert before == (Truck.objects.count(), Arrival.objects.count(), Assignment.objects.count())
