"""How fast manifests and certificates are read: ratios to the least that any reader must do.

    python -m trustedtruck.manifests.bench

No database: reading and validating only, on one core.
"""

import datetime as dt
import json
import resource
import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from trustedtruck.manifests import checks
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.ephyto import reader
from trustedtruck.manifests.samples import sample_certificate
from trustedtruck.manifests.x12 import customs_309, message, writer

SHIPMENTS = 20
MANIFESTS = 50
CERTIFICATE_BYTES = 5_000_000
AT = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)


def run() -> dict[str, Any]:
    """The numbers: X12 in manifests a second, and as a ratio to a bare split of the same bytes."""
    return {"x12": x12(), "ephyto": ephyto()}


def x12(manifests: int = MANIFESTS) -> dict[str, Any]:
    """309s of 20 shipments each, read from bytes and validated in full."""
    bodies = [_message(n) for n in range(manifests)]

    def bare() -> None:
        for body in bodies:
            for piece in body.decode().split("~"):
                piece.split("*")

    def whole() -> None:
        for body in bodies:
            for group in message.read(body).groups:
                for item in group.sets:
                    result = checks.check(item.filing, at=AT)
                    if result.errors or not item.judged.accepted:
                        raise AssertionError(result.errors or item.judged)

    floor, taken = best(bare), best(whole)
    return {
        "manifests": manifests,
        "shipments_each": SHIPMENTS,
        "bytes_each": sum(map(len, bodies)) // manifests,
        "manifests_per_second": round(manifests / taken),
        "bare_split_manifests_per_second": round(manifests / floor),
        "ratio_to_bare_split": round(taken / floor, 1),
        "aim_manifests_per_second": 1000,
    }


def ephyto(size: int = CERTIFICATE_BYTES) -> dict[str, Any]:
    """A certificate of some megabytes, all of it trade lines."""
    body = certificate(size)
    taken = best(lambda: reader.read(body), times=3)
    tracemalloc.start()
    parsed = reader.read(body)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "bytes": len(body),
        "lines": len(parsed.lines),
        "seconds": round(taken, 3),
        "peak_mb_of_reading": round(peak / 1e6, 1),
        "process_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "aim_seconds": 1.0,
        "aim_mb": 100,
    }


def certificate(size: int) -> bytes:
    """A certificate of about `size` bytes, by repeating its trade line."""
    one = sample_certificate(number="BENCH-1", seal="S1", issued_at=AT)
    begin = one.index(b"<ram:IncludedSPSTradeLineItem>")
    end = one.index(b"</ram:IncludedSPSConsignmentItem>")
    line = one[begin:end]
    return one[:begin] + line * max(1, (size - len(one)) // len(line)) + one[end:]


def best(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    fastest = float("inf")
    for _run in range(times):
        begin = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - begin)
    return fastest


def _message(n: int) -> bytes:
    shipments = tuple(
        doc.Shipment(
            control_number=f"NRTE{n:04d}{i:06d}",
            equipment=f"R{n:05d}",
            parties=(
                doc.Party("shipper", "Electrónica del Bravo, S.A. de C.V.", "Blvd. Aeropuerto 1200",
                          "Nuevo Laredo", "TAM", "88000", "MX"),
                doc.Party("consignee", "Lone Star Components, Inc.", "4800 Mines Road",
                          "Laredo", "TX", "78045", "US"),
            ),
            commodities=(
                doc.Commodity("ELECTRICAL CONTROL PANELS", 240, "CTN", Decimal("815.5"),
                              "853710", "MX", 96_000),
            ),
        )
        for i in range(SHIPMENTS)
    )  # fmt: skip
    filing = doc.Filing("complete", "NRTE", f"NRTE{n:06d}", port="2304", shipments=shipments)
    head = writer.Head("NRTE", "TRUSTEDTRUCK", AT, n + 1, "AQ")
    return writer.write(head, [customs_309.write(filing, version="004060")]).encode()


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
