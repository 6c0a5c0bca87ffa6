"""Facts for many arrivals cost no more queries than facts for one."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from lanes import queries
from tests.cast import PORT, Cast
from tests.lanes.conftest import Gate


def test_the_number_of_queries_does_not_grow(cast: Cast, gate: Gate) -> None:
    """Two trucks and three drivers, each with papers of their own: nothing is asked for each."""
    for driver in ("rosa", "luis", "ana"):
        for truck in (cast.truck, cast.other_truck):
            kind = "truck" if truck == cast.truck else "other_truck"
            body = cast.arrival(
                tag_epc=truck.tag_epc,
                qr=cast.credentials[kind].qr,
                driver_card=cast.credentials[driver].qr,
            )
            assert gate.arrive(body, "respond-async").status_code == 202
    arrivals = queries.claim(PORT, limit=64, lease_ms=60_000)
    assert len(arrivals) == 6
    queries.gather_facts(arrivals)  # what is kept between batches is read now
    counts = []
    for batch in (arrivals[:1], arrivals):
        with CaptureQueriesContext(connection) as captured:
            found = queries.gather_facts(batch)
        assert all(facts.driver and facts.truck for facts in found.values())
        counts.append(len(captured))
    assert counts[0] == counts[1]
