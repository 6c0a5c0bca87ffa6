"""`manage.py bench search` asks what it says, of rows that are there, and finds them."""

import pytest

from trustedtruck.carriers.models import Driver, Truck
from trustedtruck.console.benchmarks import search


@pytest.mark.django_db
def test_the_search_is_asked_for_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "QUESTIONS", 4)
    search.fill(trucks=1_000, drivers=100)
    assert (Truck.objects.count(), Driver.objects.count()) == (1_000, 100)
    results = {result.name: result for result in search.measured()}
    assert len([name for name in results if name.endswith(", p95")]) == 14
    assert results["found although a letter is wrong"].value > 0.8
    assert results["the index is faster by"].target == search.FASTER
