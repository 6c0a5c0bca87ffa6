"""How fast manifests and certificates are read: ratios to the least that any reader must do.

No database: reading and validating only, on one core.
"""

import datetime as dt
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

from trustedtruck.core.bench import Result, busy_seconds, compared
from trustedtruck.manifests import checks
from trustedtruck.manifests import document as doc
from trustedtruck.manifests.ephyto import reader
from trustedtruck.manifests.samples import sample_certificate
from trustedtruck.manifests.x12 import customs_309, message, writer

SHIPMENTS = 20
MANIFESTS = 50
CERTIFICATE_BYTES = 5_000_000
AT = dt.datetime(2026, 11, 24, 15, 30, tzinfo=dt.UTC)


def measure() -> Iterator[Result]:
    """What `manage.py bench manifests` prints."""
    yield from _x12()
    yield from _ephyto()


def _x12() -> Iterator[Result]:
    """309s of 20 shipments each, read from bytes and validated in full."""
    bodies = [_message(n) for n in range(MANIFESTS)]

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

    taken, floor = compared(whole, bare, times=1, rounds=7)
    yield Result("manifests of 20 shipments", MANIFESTS / taken, "per second and core", 1_000)
    yield Result("a bare split of the same bytes", MANIFESTS / floor, "per second and core")
    yield Result("reading against a bare split", taken / floor, "times")


def _ephyto() -> Iterator[Result]:
    """A certificate of some megabytes, all of it trade lines."""
    body = certificate(CERTIFICATE_BYTES)
    taken = min(busy_seconds(lambda: reader.read(body), 1) for _ in range(3))
    tracemalloc.start()
    parsed = reader.read(body)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Result("lines of a certificate of 5 MB", len(parsed.lines), "lines")
    yield Result("reading it", taken, "s", 1.0, False)
    yield Result("memory at most", peak / 1e6, "MB", 100, False)


def certificate(size: int) -> bytes:
    """A certificate of about `size` bytes, by repeating its trade line."""
    one = sample_certificate(number="BENCH-1", seal="S1", issued_at=AT)
    begin = one.index(b"<ram:IncludedSPSTradeLineItem>")
    end = one.index(b"</ram:IncludedSPSConsignmentItem>")
    line = one[begin:end]
    return one[:begin] + line * max(1, (size - len(one)) // len(line)) + one[end:]


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
