"""The measurement measures what it says, and leaves nothing behind."""

import pytest

from trustedtruck.alerts import bench
from trustedtruck.alerts.models import Alert, Release


@pytest.mark.django_db
def test_the_bench_reads_all_that_it_made_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench, "LOOKS", 20)
    results = {one.name: one.value for one in bench.measure(alerts=2_000, releases=500)}
    assert results["alerts of a feed read"] > 0
    assert len(results) == 7
    assert not Alert.objects.exists()
    assert not Release.objects.exists()
