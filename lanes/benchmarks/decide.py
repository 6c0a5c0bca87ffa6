"""`manage.py bench decide`: pure decisions against Cedar, and gathering facts from the database."""

import json
from collections.abc import Iterator

from django.core.management.base import CommandError

from lanes.benchmarks import cedar
from lanes.benchmarks.ground import ground
from lanes.benchmarks.trucks import POLICY, mixed
from lanes.rules import decide
from lanes.rules.decision import NO_FAST_LANE, TRUSTED
from trustedtruck.core.bench import EFFORT, Result, compared
from trustedtruck.core.embedded.stack import manage

TRUCKS, BATCH = 2_000, 64


def measure() -> Iterator[Result]:
    yield from _pure()
    yield from _gathering()


def _pure() -> Iterator[Result]:
    """Ours includes the choice among 14 lanes; Cedar's requests are parsed to JSON beforehand."""
    try:
        import cedarpy
    except ImportError:
        raise CommandError("bench decide needs requirements-dev.txt (cedarpy)") from None

    trucks = list(mixed(TRUCKS))
    requests = [cedar.request(facts, POLICY, draw) for facts, draw in trucks]
    policies = cedarpy.PolicySet.from_str(cedar.policies())
    entities = cedarpy.Entities.from_json_str("[]")
    batches = [requests[n : n + BATCH] for n in range(0, TRUCKS, BATCH)]

    def theirs() -> list[object]:
        found: list[object] = []
        for batch in batches:
            found += cedarpy.is_authorized_batch(batch, policies, entities)
        return found

    def ours() -> list[object]:
        return [decide(facts, POLICY, draw) for facts, draw in trucks]

    disagree = sum(
        cedar_codes(theirs_one) != our_codes(reasons)
        for theirs_one, reasons in zip(
            theirs(), (decide(f, POLICY, d).reasons for f, d in trucks), strict=True
        )
    )
    yield Result("trucks that Cedar decides otherwise", disagree, "of 2,000", 0, False)
    our_time, their_time = (t / TRUCKS for t in compared(ours, theirs, times=1, rounds=7))
    yield Result("pure decisions", 1 / our_time, "per second and core", 20_000)
    yield Result("Cedar on the same facts", 1 / their_time, "per second and core")
    yield Result("pure decisions against Cedar", their_time / our_time, "times", 3)


def our_codes(reasons: tuple[str, ...]) -> frozenset[str]:
    return frozenset(reasons) - {NO_FAST_LANE, TRUSTED}


def cedar_codes(result: object) -> frozenset[str]:
    """The codes of a Cedar answer; a draw is a reason only where no rule is one."""
    found = frozenset(result.diagnostics.id_annotations_by_reason.values())  # type: ignore[attr-defined]
    found -= {TRUSTED}
    return found if found <= {"drawn_at_random"} else found - {"drawn_at_random"}


def _gathering() -> Iterator[Result]:
    """In a database of its own, by a process whose keys are that database's."""
    effort = EFFORT.get()
    with ground(durable=False) as own:
        found = own.home.root / "gathering.json"
        script = "from lanes.benchmarks import gathering; gathering.write_results"
        script += f"({str(found)!r}, scale={effort.scale!r})"
        own.once("gathering", manage("shell", "--no-imports", "-c", script))
        yield from (Result(**row) for row in json.loads(found.read_text()))
